//! Questions made from a seed: whatever the seed, they can be answered, and one answer is right.

use std::collections::BTreeSet;

use hopscope_core::assess::{Answer, Body, Family, Level, Question, Recipe, flaws, generate, grade, key};
use hopscope_core::decimal::Decimal;
use hopscope_tests::Run;
use proptest::prelude::*;
use proptest::sample::select;

use crate::config;

/// Every family in every form, and without one, on both levels.
fn recipes() -> Vec<Recipe> {
    let mut all = Vec::new();
    for family in Family::ALL {
        for form in std::iter::once(None).chain((0..family.forms().len()).map(|form| Some(form as u8))) {
            all.extend([Level::Plain, Level::Tricky].map(|level| Recipe { family, form, level }));
        }
    }
    all
}

/// A number as the reasons write it, with commas between thousands.
fn written(value: f64) -> String {
    let digits = Decimal(value).to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Every reason says something of its own, and shows the numbers that it speaks of.
fn check_reasons(question: &Question) -> Result<(), TestCaseError> {
    match &question.body {
        Body::Single(choices) => {
            for choice in choices {
                prop_assert!(choice.correct || choice.why.starts_with("That "), "a misconception is named first: {}", choice.why);
                let silent = !choice.why.contains(|c: char| c.is_ascii_digit()) && !choice.why.contains("<code>");
                prop_assert!(!silent, "nothing of the case is in: {}", choice.why);
            }
        }
        Body::Numeric(numeric) => {
            prop_assert!(numeric.why.contains(&written(numeric.answer)), "{} in {}", numeric.answer, numeric.why);
            for (value, _, why) in &numeric.wrong {
                prop_assert!(why.contains(&written(*value)), "{value} in {why}");
                prop_assert!(why.starts_with("That "), "{why}");
            }
        }
        _ => {}
    }
    Ok(())
}

/// Every `<` opens a tag that is known, and every tag that opens closes.
fn check_markup(html: &str) -> Result<(), TestCaseError> {
    let mut open = Vec::new();
    for piece in html.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap_or((piece, ""));
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        prop_assert!(["table", "thead", "tbody", "tr", "th", "td", "p", "code", "em"].contains(&name), "{name} in {html}");
        if tag.starts_with('/') {
            prop_assert_eq!(open.pop(), Some(name), "{}", html);
        } else {
            open.push(name);
        }
    }
    prop_assert!(open.is_empty(), "{open:?} stay open in {html}");
    prop_assert!(!html.contains(['{', '}']), "a hole was not filled in {html}");
    Ok(())
}

fn texts(question: &Question) -> Vec<&str> {
    let mut all: Vec<&str> = vec![&question.ask, &question.given, &question.keep];
    match &question.body {
        Body::Single(choices) => all.extend(choices.iter().flat_map(|c| [c.text.as_str(), &c.why])),
        Body::Order(items) => all.extend(items.iter().flat_map(|i| [i.text.as_str(), &i.why])),
        Body::Numeric(n) => all.extend(n.wrong.iter().map(|(.., why)| why.as_str()).chain([n.why.as_str(), &n.otherwise])),
        other => panic!("families make choices, orders and numbers, and not {other:?}"),
    }
    all
}

proptest! {
    #![proptest_config(config(4_096))]

    #[test]
    fn a_generated_question_has_one_right_answer(recipe in select(recipes()), seed in any::<u64>()) {
        let question = generate(recipe, seed);
        prop_assert_eq!(flaws(&question), Vec::<String>::new(), "{:?} {}", recipe, seed);
        prop_assert_eq!(&generate(recipe, seed), &question);
        check_reasons(&question)?;
        for text in texts(&question) {
            check_markup(text)?;
        }
    }

    #[test]
    fn posing_keeps_what_the_lesson_says(recipe in select(recipes()), seed in any::<u64>(), keep in "[a-z]{0,3}") {
        let made = generate(recipe, seed);
        let stored = Question {
            id: "q".into(), objective: "o".into(), ask: String::new(), given: String::new(), keep: keep.clone(), body: Body::Generated { recipe, words: recipe.family.words() },
        };
        let Some(posed) = stored.posed(seed) else { panic!("a generated question can be posed") };
        prop_assert_eq!((posed.id.as_str(), posed.objective.as_str()), ("q", "o"));
        prop_assert_eq!(&posed.keep, if keep.is_empty() { &made.keep } else { &keep });
        prop_assert_eq!((&posed.ask, &posed.given, &posed.body), (&made.ask, &made.given, &made.body));
        prop_assert_eq!(posed.posed(seed ^ 1), None, "what is made stays as it is");
        let answer = key(&posed);
        prop_assert!(answer.is_some_and(|answer| grade(&posed, &answer, None).correct && !grade(&stored, &answer, None).correct));
    }
}

#[test]
fn seeds_give_many_questions_and_every_place_is_right_at_times() {
    for recipe in recipes() {
        let questions: Vec<Question> = (0..300).map(|seed| generate(recipe, seed)).collect();
        let different: BTreeSet<String> = questions.iter().map(|q| format!("{}{}{:?}", q.ask, q.given, q.body)).collect();
        assert!(different.len() > 100, "{recipe:?} has {} questions only", different.len());
        let first = |question: &&Question| matches!(key(question), Some(Answer::Chosen(ids)) if ids == ["a"]);
        let firsts = questions.iter().filter(first).count();
        assert!(firsts < 150, "{recipe:?}: the first option is right {firsts} times of 300");
    }
}

/// One user's two requests through a proxy that has no connection yet.
const EXCHANGE: &str = r#"
horizon = "1s"

[link]
latency = "1ms"

[[clients]]
name = "client"
target = "proxy"
arrivals = { at = { times = ["10ms", "200ms"] } }
requests = [{ name = "page", service = { constant = { value = "5ms" } } }]

[[proxies]]
name = "proxy"
pools = [{ name = "app", members = [{ node = "backend" }] }]

[[backends]]
name = "backend"
"#;

/// What the engine's log says when a step happens, and for the which time; TLS and pools leave no record of their own.
const RECORDS: [(&str, &str, usize); 9] = [
    ("outer", "client is connected", 0),
    ("ask", "proxy receives", 0),
    ("pick", "proxy picks backend", 0),
    ("inner", "proxy is connected", 0),
    ("forward", "backend receives", 0),
    ("answer", "proxy has 200", 0),
    ("relay", "client has 200", 0),
    ("ask2", "proxy receives", 1),
    ("pick2", "proxy picks backend", 1),
];

#[test]
fn the_steps_through_a_proxy_are_in_the_order_of_the_engine() {
    let run = Run::of_text(EXCHANGE).unwrap_or_else(|why| panic!("{why}")).to_the_end();
    let lines = run.lines();
    let place = |id: &str| {
        let (_, words, nth) = RECORDS.iter().find(|(step, ..)| *step == id)?;
        let mut records = lines.iter().enumerate().filter(|(_, line)| line.split_once(' ').is_some_and(|(_, said)| said == *words));
        Some(records.nth(*nth).unwrap_or_else(|| panic!("no record `{words}` in {lines:#?}")).0)
    };
    let form = Family::MessageOrder.forms().iter().position(|form| *form == "proxy").map(|form| form as u8);
    let mut seen = BTreeSet::new();
    for seed in 0..500 {
        let question = generate(Recipe { family: Family::MessageOrder, form, level: Level::Tricky }, seed);
        let Body::Order(items) = &question.body else { panic!("{:?}", question.body) };
        let places: Vec<(usize, &str)> = items.iter().filter_map(|item| Some((place(&item.id)?, item.id.as_str()))).collect();
        assert!(places.is_sorted(), "{places:?}");
        seen.extend(places.iter().map(|&(_, id)| id.to_owned()));
    }
    assert_eq!(seen.len(), RECORDS.len(), "every step that leaves a record was asked about: {seen:?}");
}
