//! A small sound lesson, and what is said when one thing in it breaks.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use hopscope_core::assess::{Body, flaws};
use hopscope_core::lesson::Lesson;
use hopscope_curriculum::check::Way;
use hopscope_curriculum::{Assets, Problems, check, compile, load, site};

/// A copy of the fixture that a test may break; it goes away with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("hopscope-lessons-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture"), &folder);
        Scratch(folder)
    }

    fn lessons(&self) -> PathBuf {
        self.0.join("lessons")
    }

    fn out(&self) -> PathBuf {
        self.0.join("out")
    }

    /// Replaces a text that stands in a file exactly once.
    fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.lessons().join(file);
        let text = fs::read_to_string(&path).expect("the fixture has the file");
        assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in {file}");
        fs::write(&path, text.replace(from, to)).expect("the copy can be written");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a scratch folder can be made");
    for entry in fs::read_dir(from).expect("the fixture can be read").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("the fixture can be copied");
        }
    }
}

fn problems(scratch: &Scratch) -> Problems {
    match load::load(&scratch.lessons()) {
        Ok(curriculum) => check::references(&curriculum),
        Err(problems) => problems,
    }
}

/// Breaks one thing in the fixture and expects exactly these problems.
fn check_break(file: &str, from: &str, to: &str, expect: &[&str]) {
    let scratch = Scratch::new();
    scratch.replace(file, from, to);
    let found: Vec<String> = problems(&scratch).iter().map(ToString::to_string).collect();
    assert_eq!(found, expect);
}

#[test]
fn the_fixture_is_sound() {
    assert_eq!(problems(&Scratch::new()).to_string(), "");
}

#[test]
fn unknown_names_are_found_with_their_line() {
    check_break(
        "small/en/labs.toml",
        "[look.knobs.workers]",
        "[look.knobs.wrokers]",
        &[
            "lessons/small/en/labs.toml:6: There is no knob `wrokers` in the scenario of `look`. Fix: Did you mean `workers`?",
            "lessons/small/en/labs.toml:1: The knob `workers` of the scenario of `look` has no words. Fix: Add `[look.knobs.workers]`.",
        ],
    );
    check_break(
        "small/en/theory.md",
        "::lab win",
        "::lab wim",
        &["lessons/small/en/theory.md:13: There is no lab `wim` in this lesson. Fix: Did you mean `win`?"],
    );
    check_break(
        "small/en/theory.md",
        "**backend**",
        "**backnd**",
        &["lessons/small/en/theory.md:3: The bold term \"backnd\" is not in the glossary. \
           Fix: Did you mean `backend`? Otherwise add a `[[term]]` to lessons/small/en/glossary.toml."],
    );
    check_break(
        "course.toml",
        "needs = [\"small\"]",
        "needs = [\"smal\"]",
        &["lessons/course.toml:23: The lesson `later` needs `smal`, which is not in the course. Fix: Did you mean `small`?"],
    );
    check_break(
        "small/lesson.toml",
        "\"l4-vs-l7\"",
        "\"l4-v-l7\"",
        &["lessons/small/lesson.toml:3: There is no pictogram `l4-v-l7`. Fix: Did you mean `l4-vs-l7`?"],
    );
}

#[test]
fn quiz_mistakes_are_found_with_their_line() {
    check_break(
        "small/en/quiz.toml",
        ", why = \"It is not.\"",
        "",
        &["lessons/small/en/quiz.toml:7: The option `a` of the question `single` has no `why`. \
           Fix: Name the misconception behind it and what that would predict, or why it is right."],
    );
    check_break(
        "small/en/quiz.toml",
        ", correct = true",
        "",
        &["lessons/small/en/quiz.toml:2: The question `single` has 0 right options. Fix: Mark exactly one option with `correct = true`."],
    );
    check_break(
        "small/en/quiz.toml",
        "is {sum}.",
        "is {some}.",
        &[
            "lessons/small/en/quiz.toml:12: The question `fill` has a mark `{some}` without a blank. Fix: Add `[[question.blank]]` with `id = \"some\"`.",
            "lessons/small/en/quiz.toml:19: The blank `sum` does not stand in the text. Fix: Write `{sum}` where it belongs.",
        ],
    );
    check_break(
        "small/en/quiz.toml",
        "prediction = \"wait\"",
        "prediction = \"await\"",
        &["lessons/small/en/quiz.toml:29: The lab `look` has no prediction `await`. Fix: Did you mean `wait`?"],
    );
    check_break(
        "small/en/quiz.toml",
        "kind = \"single\"",
        "kind = \"singel\"",
        &["lessons/small/en/quiz.toml:4: `singel` is not a value this field knows. Fix: Did you mean `single`?"],
    );
}

#[test]
fn mistakes_in_generated_questions_are_found_with_their_line() {
    check_break(
        "small/en/quiz.toml",
        "family = \"next_backend\"",
        "family = \"next_backnd\"",
        &["lessons/small/en/quiz.toml:35: `next_backnd` is not a value this field knows. Fix: Did you mean `next_backend`?"],
    );
    check_break(
        "small/en/quiz.toml",
        "form = \"least_conn\"",
        "form = \"leastconn\"",
        &["lessons/small/en/quiz.toml:36: The family `next_backend` has no form `leastconn`. Fix: Did you mean `least_conn`?"],
    );
    check_break(
        "small/en/quiz.toml",
        "family = \"next_backend\"\nform = \"least_conn\"",
        "family = \"limiter\"\nform = \"least_conn\"",
        &["lessons/small/en/quiz.toml:36: The family `limiter` has no form `least_conn`. \
           Fix: Remove it; nothing of the kind exists here."],
    );
    check_break(
        "small/en/quiz.toml",
        "family = \"next_backend\"\nform = \"least_conn\"\n",
        "ask = \"Which?\"\n",
        &[
            "lessons/small/en/quiz.toml:32: The question `generated` has `ask`, which a `generated` question does not use. \
             Fix: Remove `ask`, or change `kind`.",
            "lessons/small/en/quiz.toml:32: The question `generated` is of kind `generated` and has no `family`. Fix: Add `family`.",
        ],
    );
}

#[test]
fn silence_is_a_mistake() {
    check_break(
        "small/en/quiz.toml",
        "otherwise = \"Count again.\"",
        "otherwise = \" \"\nwrong = [{ accept = [\"1\"], why = \"\" }]",
        &[
            "lessons/small/en/quiz.toml:19: The blank `sum` has nothing to say about other answers. Fix: Add `otherwise = \"…\"`.",
            "lessons/small/en/quiz.toml:19: The blank `sum` says nothing to `1`. \
             Fix: Name the misconception behind it and what that would predict, or why it is right.",
        ],
    );
}

#[test]
fn what_the_engine_refuses_is_found_with_its_line() {
    check_break(
        "small/labs/look.toml",
        "members = [{ node = \"b1\" }]",
        "members = [{ node = \"b2\" }]",
        &[
            "lessons/small/labs/look.toml:25: `lb.pool.members` names the node `b2`, which does not exist. Fix: Use one of `b1`, `lb`, `web`.",
        ],
    );
}

#[test]
fn a_missing_file_is_said() {
    let scratch = Scratch::new();
    fs::remove_file(scratch.lessons().join("small/en/recall.toml")).expect("it was there");
    assert_eq!(
        problems(&scratch).to_string(),
        "lessons/small/en/recall.toml:1: This file cannot be read (it does not exist). \
         Fix: Create it, or correct the name that leads here.",
    );
}

#[test]
fn a_draft_is_told_what_it_lacks() {
    let found = check::check(&Scratch::new().lessons()).expect_err("the fixture is far too short");
    let text = found.to_string();
    for part in [
        "A theory has 900 to 1800 words",
        "A quiz has at least 8 written questions",
        "at least 4 kinds",
        "at least 2 families; this one has 1",
        "Recall has three to five",
        "The model card of the lab `look` has nothing under `real`.",
        "The model card of the lab `win` has nothing under `held_against`.",
    ] {
        assert!(text.contains(part), "{part} is missing from:\n{text}");
    }
    assert!(!text.contains("challenge"), "the challenge is sound:\n{text}");
}

#[test]
fn a_challenge_that_anything_wins_is_refused() {
    let scratch = Scratch::new();
    scratch.replace("small/labs/win.toml", "at_most = 150", "at_most = 150000");
    let found = check::check(&scratch.lessons()).expect_err("everything wins now").to_string();
    assert!(found.contains("lessons/small/labs/win.toml:52: `win` can be won by doing nothing, on 20 of 20 seeds."), "{found}");
}

#[test]
fn a_prediction_with_a_gap_is_refused() {
    let scratch = Scratch::new();
    scratch.replace("small/labs/look.toml", "at_least = 100", "at_least = 100000000");
    let found = check::check(&scratch.lessons()).expect_err("no option fits now").to_string();
    assert!(found.contains("The prediction `wait` has no right option on 20 of 20 seeds."), "{found}");
}

#[test]
fn a_compiled_lesson_survives_the_wire() {
    let curriculum = load::load(&Scratch::new().lessons()).expect("sound");
    let lesson = compile::lesson(&curriculum.lessons[0]);
    assert_eq!(Lesson::from_bytes(&lesson.to_bytes()).as_ref(), Ok(&lesson));
    assert_eq!(lesson.labs.len(), 2);
    assert_eq!(lesson.labs[0].lead, "Press <em>play</em>.");
    assert_eq!(lesson.questions[2].ask, "How long will they wait?");
    assert_eq!(lesson.questions[3].ask, "", "what is asked comes with the seed");
    let posed = lesson.questions[3].posed(5).expect("it is generated");
    assert_eq!((posed.id.as_str(), posed.objective.as_str(), flaws(&posed)), ("generated", "choose", Vec::new()));
    assert!(posed.ask.starts_with("Least connections"), "{}", posed.ask);
    let Body::Fill { pieces, blanks } = &lesson.questions[1].body else { panic!("a fill question") };
    assert_eq!((pieces.as_slice(), blanks.len()), (["One and one is ".to_owned(), ".".to_owned()].as_slice(), 1));
}

fn written(scratch: &Scratch) -> site::Written {
    let assets = Assets { styles: vec!["a-1.css".into()], boot: "boot-2.js".into(), theme: "theme-3.js".into(), ..Assets::default() };
    site::write(&scratch.lessons(), &scratch.out(), &assets).expect("sound")
}

fn page(scratch: &Scratch, path: &str) -> String {
    fs::read_to_string(scratch.out().join(path)).expect("written")
}

#[test]
fn every_page_is_written_and_links_relatively() {
    let scratch = Scratch::new();
    let written = written(&scratch);
    let pages: Vec<String> = written.pages.iter().map(|path| path.display().to_string()).collect();
    assert_eq!(
        pages,
        [
            "index.html",
            "glossary/index.html",
            "cheatsheets/index.html",
            "progress/index.html",
            "certificate/index.html",
            "verify/index.html",
            "lessons/small/index.html",
            "lessons/small/cheatsheet/index.html",
            "embed/small/look/index.html",
            "embed/small/win/index.html",
        ]
    );
    assert_eq!(written.data, [PathBuf::from("lessons/small/lesson.bin")]);
    for path in &pages {
        let text = page(&scratch, path);
        let root = if path == "index.html" { "./".to_owned() } else { "../".repeat(path.matches('/').count()) };
        assert!(text.contains(&format!("<body data-root=\"{root}\"")), "{path}");
        assert!(text.contains(&format!("src=\"{root}boot-2.js\"")), "{path}");
        assert!(text.contains(&format!("href=\"{root}a-1.css\"")), "{path}");
        for forbidden in ["style=\"", "href=\"/", "src=\"/", "<script>"] {
            assert!(!text.contains(forbidden), "{path} contains {forbidden}");
        }
    }
}

#[test]
fn a_lesson_page_has_its_mounts_and_reads_without_them() {
    let scratch = Scratch::new();
    written(&scratch);
    let text = page(&scratch, "lessons/small/index.html");
    for part in [
        "<body data-root=\"../../\" data-page=\"lesson\" data-slug=\"small\">",
        "class=\"lab\" id=\"lab-look\" data-lab=\"look\" data-lesson=\"lesson.bin\"",
        "data-quiz data-lesson=\"lesson.bin\"",
        "What happens in look?",
        "This lab needs JavaScript and WebAssembly",
        "Lesson 1 of 2 · about 5 min · junior",
        "popovertarget=\"term-backend\">backend</button></dfn>",
        "id=\"term-backend\" popover",
        "href=\"../../glossary/#backend\"",
        "data-recall-card=\"why\"",
        "aria-label=\"Table: Why a queue grows\"",
        "Not written yet",
    ] {
        assert!(text.contains(part), "the page lacks {part}");
    }
    let embed = page(&scratch, "embed/small/look/index.html");
    assert!(embed.contains("data-lesson=\"../../../lessons/small/lesson.bin\""), "{embed}");
}

#[test]
fn the_course_map_links_only_what_is_written() {
    let scratch = Scratch::new();
    written(&scratch);
    let home = page(&scratch, "index.html");
    assert!(home.contains("href=\"lessons/small/\""));
    assert!(!home.contains("lessons/later/"), "an unwritten lesson is no link");
    assert!(home.contains("data-progress-of=\"small\""));
}

#[test]
fn the_bundled_home_page_is_filled_in_place() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.out()).expect("can be made");
    let bundled = "<html lang=\"en\"><head><link rel=\"stylesheet\" href=\"./x.css\"><!-- hopscope:head --></head><body><!-- hopscope:home --></body></html>";
    fs::write(scratch.out().join("index.html"), bundled).expect("can be written");
    written(&scratch);
    let home = page(&scratch, "index.html");
    assert!(home.starts_with("<html lang=\"en\"><head><link rel=\"stylesheet\" href=\"./x.css\"><title>"), "{home}");
    assert!(home.contains("<main id=\"main\""));
    assert!(!home.contains("hopscope:"), "both marks are used up");
}

#[test]
fn the_report_says_what_a_lesson_holds_even_when_something_is_wrong() {
    let (report, problems) = check::examine(&Scratch::new().lessons());
    assert!(!problems.is_empty(), "the fixture is far too short");
    let lesson = &report.lessons[0];
    assert_eq!(
        lesson.questions.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", "),
        "1 fill, 1 generated, 1 predict, 1 single"
    );
    let [generated] = lesson.generated.as_slice() else { panic!("{:?}", lesson.generated) };
    assert_eq!((generated.family, generated.form, generated.seeds, generated.flawed), ("next_backend", Some("least_conn"), 200, 0));
    assert!(generated.different > 40, "{generated:?}");
    let [challenge] = lesson.challenges.as_slice() else { panic!("{:?}", lesson.challenges) };
    assert!(challenge.load_bearing, "{challenge}");
    assert!(matches!(challenge.decoys[0].way, Way::Nothing));
    assert!(lesson.unexplained_options.is_empty() && lesson.untested_objectives.is_empty(), "{lesson:?}");
    let words = report.to_string();
    for part in
        ["20/20  win", "doing nothing", "every one has a question", "every option has some", "generated: next_backend, least_conn, tricky"]
    {
        assert!(words.contains(part), "{part} is missing from:\n{words}");
    }
}

#[test]
fn the_progress_page_stands_whole_without_the_script() {
    let scratch = Scratch::new();
    written(&scratch);
    let text = page(&scratch, "progress/index.html");
    for part in [
        "data-lesson-card=\"small\" data-title=\"Small\" data-questions=\"single fill predict generated\" data-recall=\"why\" data-progress-of=\"small\"",
        "data-question=\"fill\" href=\"../lessons/small/#question-fill\"",
        "data-challenge=\"win\"",
        "shortly before you would forget it",
        "A script reads it, and the script did not start.",
        "1 of 2 lessons are written",
        "aria-current=\"page\">Progress",
    ] {
        assert!(text.contains(part), "the page lacks {part}:\n{text}");
    }
}

#[test]
fn the_book_has_every_sheet_once() {
    let scratch = Scratch::new();
    written(&scratch);
    let text = page(&scratch, "cheatsheets/index.html");
    assert_eq!(text.matches("class=\"book-sheet\"").count(), 1);
    assert!(text.contains("href=\"#small\"") && text.contains("id=\"small\""), "{text}");
}

#[test]
fn stylesheets_of_some_pages_are_linked_by_those_alone() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.out()).expect("can be made");
    let styles = ["base-1.css", "progress-2.css", "review-3.css", "cheatsheets-4.css", "connections-5.css"];
    let links: String = styles.map(|style| format!("<link rel=\"stylesheet\" href=\"./{style}\"/>")).concat();
    let bundled = format!("<html lang=\"en\"><head>{links}<!-- hopscope:head --></head><body><!-- hopscope:home --></body></html>");
    fs::write(scratch.out().join("index.html"), bundled).expect("can be written");
    let assets = Assets { styles: styles.map(str::to_owned).into(), boot: "b.js".into(), theme: "t.js".into(), ..Assets::default() };
    site::write(&scratch.lessons(), &scratch.out(), &assets).expect("sound");
    for (path, expect) in [
        ("index.html", vec!["base-1.css"]),
        ("glossary/index.html", vec!["base-1.css"]),
        ("progress/index.html", vec!["base-1.css", "progress-2.css", "review-3.css"]),
        ("lessons/small/index.html", vec!["base-1.css", "review-3.css"]),
        ("cheatsheets/index.html", vec!["base-1.css", "cheatsheets-4.css"]),
    ] {
        let text = page(&scratch, path);
        let linked: Vec<&str> = styles.into_iter().filter(|style| text.contains(style)).collect();
        assert_eq!(linked, expect, "{path}");
        assert_eq!(text.matches("rel=\"stylesheet\"").count(), expect.len(), "{path}");
    }
}

#[test]
fn the_stylesheet_of_connections_is_linked_where_a_lab_shows_some() {
    let scratch = Scratch::new();
    scratch.replace("small/labs/look.toml", "seed = 1\n", "seed = 1\npanels = [\"connections\", \"slots\"]\n");
    let assets = Assets { styles: vec!["connections-5.css".into()], boot: "b.js".into(), theme: "t.js".into(), ..Assets::default() };
    site::write(&scratch.lessons(), &scratch.out(), &assets).expect("sound");
    for (path, expect) in [
        ("index.html", false),
        ("lessons/small/index.html", true),
        ("lessons/small/cheatsheet/index.html", false),
        ("embed/small/look/index.html", true),
        ("embed/small/win/index.html", false),
    ] {
        assert_eq!(page(&scratch, path).contains("connections-5.css"), expect, "{path}");
    }
}

#[test]
fn the_stylesheet_of_sessions_is_linked_where_a_lab_draws_them() {
    let scratch = Scratch::new();
    scratch.replace("small/labs/look.toml", "seed = 1\n", "seed = 1\npanels = [\"sessions\"]\n");
    scratch.replace("small/labs/win.toml", "seed = 1\n", "seed = 1\npanels = [\"slots\"]\n");
    let assets = Assets { styles: vec!["sessions-6.css".into()], boot: "b.js".into(), theme: "t.js".into(), ..Assets::default() };
    site::write(&scratch.lessons(), &scratch.out(), &assets).expect("sound");
    for (path, expect) in [
        ("index.html", false),
        ("lessons/small/index.html", true),
        ("embed/small/look/index.html", true),
        ("embed/small/win/index.html", false),
    ] {
        assert_eq!(page(&scratch, path).contains("sessions-6.css"), expect, "{path}");
    }
}
