use hopscope_core::assess::{Answer, Blank, Choice, Grade, Item, Numeric, Pair};
use hopscope_core::scenario::Parts;

use super::*;
use crate::quiz::sheet::judge;

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

fn question(body: Body) -> Question {
    Question { id: "q".into(), objective: "o".into(), ask: "What?".into(), given: String::new(), keep: "a rule".into(), body }
}

fn choices() -> Vec<Choice> {
    let choice = |id: &str, correct| Choice { id: id.into(), text: format!("text {id}"), why: format!("because {id}"), correct };
    vec![choice("a", false), choice("b", true), choice("c", true)]
}

fn render(question: &Question, sheet: &Sheet) -> String {
    let lesson = Lesson { slug: "l".into(), ..Lesson::default() };
    Card { lesson: &lesson, question, place: 1, sheet, more: true, alone: false }.html()
}

fn after(question: &Question, answer: Answer) -> Sheet {
    let judged = judge(&Lesson::default(), Parts::every(), question, answer);
    Sheet { tries: 1, judged: judged.ok(), before: None }
}

/// What is said about each row: its class and its word.
fn rows(html: &str) -> Vec<(String, String)> {
    let rows = html.split("<li class=\"option ").skip(1);
    let read = |row: &str| {
        let class = row.split('"').next().unwrap_or_default().to_owned();
        let row = row.split("</li>").next().unwrap_or_default();
        let word = row.split("class=\"word\">").nth(1).map(|word| word.rsplit("</svg>").next().unwrap_or_default()).unwrap_or_default();
        (class, word.split('<').next().unwrap_or_default().to_owned())
    };
    rows.map(read).collect()
}

fn said(html: &str, class: &str, word: &str) -> bool {
    rows(html).contains(&(class.to_owned(), word.to_owned()))
}

#[test]
fn every_option_gets_its_reason_once_answered() {
    let mut single = choices();
    single[2].correct = false;
    let question = question(Body::Single(single));
    let open = render(&question, &Sheet::default());
    assert!(!open.contains("because"), "nothing is given away before");
    assert_eq!(open.matches("type=\"radio\"").count(), 3);
    let html = render(&question, &after(&question, Answer::Chosen(ids(&["a"]))));
    for id in ["a", "b", "c"] {
        assert!(html.contains(&format!("because {id}")), "{html}");
    }
    assert!(said(&html, "right", "Correct") && said(&html, "wrong", "Your answer") && said(&html, "plain", ""), "{html}");
    assert!(html.contains("Worth keeping:") && html.contains("data-again") && html.contains("data-next"));
}

#[test]
fn of_several_each_is_judged_by_itself() {
    let question = question(Body::Multiple(choices()));
    let html = render(&question, &after(&question, Answer::Chosen(ids(&["a", "b"]))));
    assert!(said(&html, "wrong", "Does not hold") && said(&html, "right", "Correct") && said(&html, "wrong", "Missed, it holds"), "{html}");
    let html = render(&question, &after(&question, Answer::Chosen(ids(&["b", "c"]))));
    assert!(said(&html, "plain", "Rightly left"), "{html}");
    assert!(!html.contains("data-again"), "what is right needs no second try");
}

#[test]
fn order_is_shown_mixed_then_as_it_should_be() {
    let items = ["a", "b", "c"].map(|id| Item { id: id.into(), text: id.into(), why: format!("because {id}") }).to_vec();
    let question = question(Body::Order(items));
    let places = |html: &str| ids(&["a", "b", "c"]).iter().filter_map(|id| html.find(&format!("data-item=\"{id}\""))).collect::<Vec<_>>();
    let open = render(&question, &Sheet::default());
    assert_eq!(places(&open).len(), 3);
    assert!(!places(&open).is_sorted());
    let mut sheet = after(&question, Answer::Ordered(ids(&["a", "c", "b"])));
    let html = render(&question, &sheet);
    assert_eq!(
        rows(&html),
        [("right", "Right place"), ("wrong", "You had it at 3"), ("wrong", "You had it at 2")].map(|(c, w)| (c.to_owned(), w.to_owned()))
    );
    // Trying again begins where the learner was.
    sheet.reopen();
    let again = render(&question, &sheet);
    assert!(again.find("data-item=\"c\"") < again.find("data-item=\"b\""));
}

#[test]
fn right_blanks_stay_filled_when_trying_again() {
    let blank = |id: &str, right: &str| Blank {
        id: id.into(),
        accept: ids(&[right]),
        why: "yes".into(),
        wrong: vec![(ids(&["9"]), "nine is".into())],
        otherwise: "no".into(),
    };
    let question = question(Body::Fill { pieces: ids(&["One ", ", two ", "."]), blanks: vec![blank("x", "1"), blank("y", "2")] });
    let mut sheet = after(&question, Answer::Filled(ids(&["1", "<b>"])));
    let html = render(&question, &sheet);
    assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "what a learner writes is text: {html}");
    assert!(html.contains("Blank 2: 9") && html.contains("nine is"));
    sheet.reopen();
    let again = render(&question, &sheet);
    assert!(again.contains("value=\"1\" readonly") && !again.contains("&lt;b"), "{again}");
}

#[test]
fn right_pairs_stay_joined_when_trying_again() {
    let pairs = ["a", "b", "c"]
        .map(|id| Pair {
            id: id.into(),
            left: format!("left {id}"),
            right: format!("<code>right</code> {id}"),
            why: format!("because {id}"),
        })
        .to_vec();
    let question = question(Body::Match(pairs));
    let open = render(&question, &Sheet::default());
    assert!(open.contains(": right a</option>"), "options are plain text: {open}");
    let mut sheet = after(&question, Answer::Matched(ids(&["a", "c", "b"])));
    let html = render(&question, &sheet);
    assert!(said(&html, "right", "Correct") && said(&html, "wrong", "Not this one"));
    assert!(html.contains("You joined it to: <code>right</code> c"), "{html}");
    sheet.reopen();
    let again = render(&question, &sheet);
    assert_eq!((again.matches("disabled").count(), again.matches("selected").count()), (1, 1), "{again}");
}

#[test]
fn a_number_is_judged_with_its_unit_and_the_foreseen_slips() {
    let numeric = Numeric {
        answer: 57.1,
        tolerance: 1.0,
        unit: "%".into(),
        why: "yes".into(),
        wrong: vec![(33.3, 0.5, "a third".into()), (40.0, 0.5, "alone".into())],
        otherwise: "no".into(),
    };
    let question = question(Body::Numeric(numeric));
    let html = render(&question, &after(&question, Answer::Number("33,3".into())));
    assert!(html.contains("33,3 %") && html.contains("57.1 %") && html.contains("a third"));
    assert!(html.contains("<dt>40 %</dt>") && !html.contains("<dt>33.3 %</dt>"), "{html}");
}

#[test]
fn an_answer_of_another_kind_asks_for_a_new_one() {
    let question = question(Body::Order(vec![]));
    let grade = Grade { correct: false, parts: vec![] };
    let judged = Judged { answer: Answer::Number("1".into()), grade, truth: None };
    let html = render(&question, &Sheet { tries: 1, judged: Some(judged), before: None });
    assert!(html.contains("has changed since"));
}

#[test]
fn the_strip_says_what_is_left() {
    assert!(strip(&[Some(true), Some(false), None]).contains("1 right, 1 to revisit, 1 to go"));
    let done = strip(&[Some(true), Some(false), Some(false)]);
    assert!(done.contains("Try those 2 again") && done.contains("data-retry=\"wrong\""));
    assert!(strip(&[Some(true)]).contains("All 1 right"));
}
