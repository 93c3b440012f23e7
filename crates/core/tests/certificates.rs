//! Links that were issued, and what each has to yield for ever: natively and in Node the same.
//!
//! `tests/certificates/*.txt` hold a comment, a link and what is said of it. A link in there is
//! never made anew; one that yields something else wants a new version of the rules. (While the
//! rules are provisional, a file may be removed and its link made anew, in a commit that says why.)
//! `made-up.table` has what comes of many certificates that nobody would make.
//! New links are written, and what is said is taken over, on purpose, by
//! `HOPSCOPE_BLESS=1 cargo test -p hopscope-core --test certificates`.

mod files;

use std::rc::Rc;

use hopscope_core::certificate::{Certificate, Lessons, Taken, reference, rename, verify};
use hopscope_core::lesson::Lesson;
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::scenario::{ActionKind, Value};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/certificates");

fn load(name: &str) -> Rc<Lesson> {
    let text = files::read(&format!("{FOLDER}/{name}.toml"));
    Rc::new(toml::from_str(&text).unwrap_or_else(|why| panic!("{name}.toml: {why}")))
}

/// The lesson as it was when the links were issued.
fn lesson() -> Rc<Lesson> {
    load("l4-vs-l7")
}

fn yields(link: &str, lessons: &Lessons<'_>) -> String {
    match verify(link, lessons) {
        Ok(report) => report.to_string(),
        Err(refusal) => format!("{refusal}\n"),
    }
}

#[test]
fn every_link_yields_what_it_did_when_it_was_issued() {
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("HOPSCOPE_BLESS").is_some() {
        issue::bless();
    }
    let lesson = lesson();
    let lessons = |slug: &str| (slug == lesson.slug).then(|| Rc::clone(&lesson));
    let mut count = 0;
    for file in files::list(FOLDER).into_iter().filter(|file| file.ends_with(".txt")) {
        let text = files::read(&format!("{FOLDER}/{file}"));
        let mut parts = text.splitn(3, "\n\n");
        let (_, link, expected) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        assert_eq!(yields(link, &lessons), expected, "{file}");
        count += 1;
    }
    assert!(count >= 12, "{count} links were found in {FOLDER}");
}

#[test]
fn what_is_issued_here_and_now_holds() {
    assert!(files::exists(FOLDER));
    let lesson = lesson();
    let lessons = |_: &str| Some(Rc::clone(&lesson));
    let mut certificate = Certificate::new("Grace Hopper").unwrap_or_else(|why| panic!("{why}"));
    certificate.lessons = vec![reference("Grace Hopper", &lesson).unwrap_or_else(|why| panic!("{why}"))];
    let text = certificate.to_text(&lessons).unwrap_or_else(|why| panic!("{why}"));
    let report = verify(&text, &lessons).unwrap_or_else(|why| panic!("{why}"));
    assert!(report.holds(), "{report}");
    assert_eq!(Certificate::from_text(&text, &lessons), Ok(certificate.clone()));

    let renamed = rename(&certificate, "Ada Lovelace", &lessons).unwrap_or_else(|why| panic!("{why}"));
    let names = |parts: Vec<hopscope_core::certificate::Seeded>| parts.into_iter().map(|part| part.part).collect::<Vec<_>>();
    assert_eq!(names(renamed.kept()), ["even-out", "least-conn"]);
    assert_eq!(names(renamed.again()), Vec::<String>::new());
}

/// What comes of certificates whose runs are made up, a line each: the link, the seed, whether it
/// is won and with what, the answers that are right.
fn made_up() -> String {
    let lesson = load("tiny");
    let lessons = |_: &str| Some(Rc::clone(&lesson));
    let mut table = String::new();
    for i in 0..60u64 {
        let name = format!("Nobody {i}");
        let mut certificate = Certificate::new(&name).unwrap_or_else(|why| panic!("{why}"));
        let mut proof = reference("Nobody", &lesson).unwrap_or_else(|why| panic!("{why}"));
        proof.runs[0].taken = doings(i);
        certificate.lessons = vec![proof];
        let text = certificate.to_text(&lessons).unwrap_or_else(|why| panic!("{why}"));
        let report = verify(&text, &lessons).unwrap_or_else(|why| panic!("{why}"));
        let (lab, right) = (&report.lessons[0].labs[0], report.lessons[0].right());
        let seed = lab.seed.unwrap_or_default();
        table.push_str(&format!("{text} {seed:016x} {} {:?} {} of {}\n", lab.won, lab.goals[0].value.unwrap_or(-1.0), right.0, right.1));
    }
    table
}

/// What somebody without a plan does in the tiny lesson's lab.
fn doings(of: u64) -> Vec<Taken> {
    let draw = |id: u64, bound: u64| Draw::new(of, Purpose::Generate, id, 0).below(bound);
    let set = |knob: &str, to: Value| ActionKind::Set { knob: knob.to_owned(), to };
    let mut at = 0;
    let doing = |i: u64| {
        at += draw(i, 500) as u32;
        let kind = match draw(100 + i, 4) {
            0 => set("rate", Value::Number(12.5 * draw(200 + i, 17) as f64)),
            1 => ActionKind::Fault { id: "kill-b1".to_owned(), on: draw(200 + i, 2) == 0 },
            _ => set("weight-b2", Value::Number(1.0 + draw(200 + i, 6) as f64)),
        };
        Taken { at, kind }
    };
    (0..draw(99, 5)).map(doing).collect()
}

#[test]
fn made_up_runs_come_to_the_same_everywhere() {
    let (path, found) = (format!("{FOLDER}/made-up.table"), made_up());
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("HOPSCOPE_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap_or_else(|why| panic!("{path}: {why}"));
    }
    let expected = files::read(&path);
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
    let won = found.lines().filter(|line| line.contains(" true ")).count();
    assert!((5..55).contains(&won), "{won} of 60 are won: the table shows both");
}

/// Making links, which is done once and on this machine.
#[cfg(not(target_arch = "wasm32"))]
mod issue {
    use hopscope_core::assess::Answer;
    use hopscope_core::certificate::LessonProof;
    use hopscope_core::wire;

    use super::*;

    const HEAD: &str = "# A link that was issued by version 0 of the rules, and what is said of it.";

    pub(super) fn bless() {
        let lesson = lesson();
        let lessons = |slug: &str| (slug == lesson.slug).then(|| Rc::clone(&lesson));
        for (name, about, link) in links(&lesson) {
            let path = format!("{FOLDER}/{name}.txt");
            let known = files::exists(&path).then(|| files::read(&path));
            let known = known.as_deref().and_then(|text| text.split("\n\n").nth(1));
            let link = known.unwrap_or(&link);
            let text = format!("{HEAD}\n# {about}\n\n{link}\n\n{}", yields(link, &lessons));
            std::fs::write(&path, text).unwrap_or_else(|why| panic!("{path}: {why}"));
        }
    }

    /// The lesson's own solution and answers under a name, after a change.
    fn link(lesson: &Rc<Lesson>, name: &str, change: impl FnOnce(&mut LessonProof)) -> String {
        let mut certificate = Certificate::new(name).unwrap_or_else(|why| panic!("{why}"));
        let mut proof = reference(name, lesson).unwrap_or_else(|why| panic!("{why}"));
        change(&mut proof);
        certificate.lessons = vec![proof];
        certificate.to_text(&|_| Some(Rc::clone(lesson))).unwrap_or_else(|why| panic!("{why}"))
    }

    /// The text of bytes that were changed, with a check that fits.
    fn mended(link: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut bytes = wire::from_letters(&link[3..]).unwrap_or_default();
        bytes.truncate(bytes.len() - 4);
        change(&mut bytes);
        let check = wire::check(&bytes);
        bytes.extend(((check ^ check >> 32) as u32).to_le_bytes());
        format!("v1.{}", wire::to_letters(&bytes))
    }

    fn set(at: u32, knob: &str, to: Value) -> Taken {
        Taken { at, kind: ActionKind::Set { knob: knob.into(), to } }
    }

    fn links(lesson: &Rc<Lesson>) -> Vec<(&'static str, &'static str, String)> {
        let ada = |change: fn(&mut LessonProof)| link(lesson, "Ada Lovelace", change);
        let good = ada(|_| {});
        let mut changed = Lesson::clone(lesson);
        changed.questions.truncate(8);
        let letter = |place: usize| if good.as_bytes()[place] == b'A' { "B" } else { "A" };
        vec![
            ("passed", "Lesson 02 by its own solution, with every answer right.", good.clone()),
            (
                "passed-otherwise",
                "Another way to win, found late, and two answers wrong: still enough.",
                link(lesson, "Зоя Ünal", |proof| {
                    proof.runs[0].taken = vec![
                        set(0, "timeout", Value::Number(5_000.0)),
                        set(0, "layer", Value::Choice("l7".into())),
                        set(150, "policy", Value::Choice("least_conn".into())),
                    ];
                    proof.answers[0].1 = Answer::Number("3".into());
                    proof.answers[9].1 = Answer::Chosen(vec!["lower".into()]);
                }),
            ),
            (
                "goal-missed",
                "The mechanism is left out of the solution.",
                ada(|proof| {
                    proof.runs[0].taken.truncate(1);
                }),
            ),
            (
                "few-right",
                "Three answers are wrong or missing.",
                ada(|proof| {
                    proof.answers[1].1 = Answer::Chosen(vec!["third".into()]);
                    proof.answers.truncate(10);
                }),
            ),
            ("not-played", "The challenge is not in it.", ada(|proof| proof.runs.clear())),
            (
                "turned-late",
                "A knob is turned that stands still while the lab runs.",
                ada(|proof| proof.runs[0].taken.push(set(9_000, "speed-b1", Value::Number(2.0)))),
            ),
            ("one-letter", "One letter was changed.", format!("{}{}{}", &good[..30], letter(30), &good[31..])),
            ("cut-short", "The end was cut off, as chat programs do.", good[..good.len() - 6].to_owned()),
            (
                "other-name",
                "Another name was put in, and the check mended.",
                mended(&good, |bytes| {
                    bytes.splice(1..14, [&[9][..], b"Eve Moore"].concat());
                }),
            ),
            ("lesson-changed", "The lesson had fewer questions when it was issued.", {
                let changed = Rc::new(changed);
                link(&changed, "Ada Lovelace", |_| {})
            }),
            ("lesson-missing", "It is about a lesson that is not to be had.", mended(&good, |bytes| bytes[14] = 3)),
            ("spelled-otherwise", "The length of the name takes two bytes where one is enough.", {
                mended(&good, |bytes| {
                    bytes.splice(1..2, [0x8c, 0]);
                })
            }),
            ("later-rules", "It was made by rules that are not known yet.", mended(&good, |bytes| bytes[0] = 200)),
            ("later-format", "It is of a format that is not known yet.", format!("v2.{}", &good[3..])),
            ("no-certificate", "It is a lab's link.", "at=AWxhYgRkaWdlc3Q".to_owned()),
        ]
    }
}
