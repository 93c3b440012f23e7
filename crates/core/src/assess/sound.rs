//! Whether a question can be answered and judged: what its key is, and what is wrong with it.
//!
//! Tests and the checks of lessons use this; a page does not.

use std::collections::BTreeSet;

use super::{Answer, Body, Choice, Numeric, Question, grade};
use crate::decimal::Decimal;

/// The right answer, if the question holds one: a prediction's is read from a run, and a generated
/// question has to be posed first.
pub fn key(question: &Question) -> Option<Answer> {
    Some(match &question.body {
        Body::Single(choices) | Body::Multiple(choices) => {
            Answer::Chosen(choices.iter().filter(|choice| choice.correct).map(|choice| choice.id.clone()).collect())
        }
        Body::Order(items) => Answer::Ordered(items.iter().map(|item| item.id.clone()).collect()),
        Body::Fill { blanks, .. } => Answer::Filled(blanks.iter().map(|b| b.accept.first().cloned().unwrap_or_default()).collect()),
        Body::Match(pairs) => Answer::Matched(pairs.iter().map(|pair| pair.id.clone()).collect()),
        Body::Numeric(numeric) => Answer::Number(Decimal(numeric.answer).to_string()),
        Body::Predict { .. } | Body::Generated { .. } => return None,
    })
}

/// What is wrong with a question as it is asked, one sentence each: options that cannot be told
/// apart, a choice without exactly one right option, parts without a reason, an answer key that is
/// judged wrong, and a wrong answer that is judged right.
pub fn flaws(question: &Question) -> Vec<String> {
    let mut found = Vec::new();
    if question.ask.trim().is_empty() {
        found.push("It asks nothing.".to_owned());
    }
    match &question.body {
        Body::Single(choices) => {
            let right = choices.iter().filter(|choice| choice.correct).count();
            note(&mut found, right != 1, || format!("{right} options are right; there has to be one."));
            note_choices(choices, &mut found);
        }
        Body::Multiple(choices) => note_choices(choices, &mut found),
        Body::Order(items) => {
            note(&mut found, items.len() < 3, || "There are fewer than three things to put in order.".to_owned());
            note_same(items.iter().map(|item| item.id.as_str()), "ids", &mut found);
            note_same(items.iter().map(|item| item.text.as_str()), "texts", &mut found);
            note_empty(items.iter().map(|item| (item.id.as_str(), item.why.as_str())), &mut found);
        }
        Body::Match(pairs) => {
            note_same(pairs.iter().map(|pair| pair.right.as_str()), "right sides", &mut found);
            note_empty(pairs.iter().map(|pair| (pair.id.as_str(), pair.why.as_str())), &mut found);
        }
        Body::Numeric(numeric) => note_numeric(numeric, &mut found),
        Body::Fill { blanks, .. } => note_empty(blanks.iter().map(|blank| (blank.id.as_str(), blank.why.as_str())), &mut found),
        Body::Predict { .. } => {}
        Body::Generated { .. } => found.push("It was not made from a seed.".to_owned()),
    }
    note_verdicts(question, &mut found);
    found
}

fn note(found: &mut Vec<String>, is_so: bool, what: impl FnOnce() -> String) {
    if is_so {
        found.push(what());
    }
}

fn note_choices(choices: &[Choice], found: &mut Vec<String>) {
    note(found, choices.len() < 3, || "There are fewer than three options.".to_owned());
    note_same(choices.iter().map(|choice| choice.id.as_str()), "ids", found);
    note_same(choices.iter().map(|choice| choice.text.as_str()), "options", found);
    note_same(choices.iter().map(|choice| choice.why.as_str()), "reasons", found);
    note_empty(choices.iter().map(|choice| (choice.id.as_str(), choice.why.as_str())), found);
}

fn note_same<'a>(texts: impl Iterator<Item = &'a str>, what: &str, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for text in texts {
        note(found, !seen.insert(text), || format!("Two {what} are the same: {text}"));
    }
}

fn note_empty<'a>(parts: impl Iterator<Item = (&'a str, &'a str)>, found: &mut Vec<String>) {
    for (id, why) in parts {
        note(found, why.trim().is_empty(), || format!("Nothing is said to `{id}`."));
    }
}

fn note_numeric(numeric: &Numeric, found: &mut Vec<String>) {
    let mut values = vec![(numeric.answer, numeric.tolerance, numeric.why.as_str())];
    values.extend(numeric.wrong.iter().map(|(value, tolerance, why)| (*value, *tolerance, why.as_str())));
    for (place, (value, tolerance, why)) in values.iter().enumerate() {
        note(found, why.trim().is_empty(), || format!("Nothing is said to {}.", Decimal(*value)));
        for (other, slack, _) in &values[..place] {
            let overlap = (value - other).abs() <= tolerance + slack;
            note(found, overlap, || format!("{} and {} cannot be told apart.", Decimal(*other), Decimal(*value)));
        }
    }
    note(found, numeric.otherwise.trim().is_empty(), || "Nothing is said to other numbers.".to_owned());
}

fn note_verdicts(question: &Question, found: &mut Vec<String>) {
    let Some(key) = key(question) else { return };
    note(found, !grade(question, &key, None).correct, || format!("The key {key:?} is judged wrong."));
    for wrong in wrong_answers(question) {
        note(found, grade(question, &wrong, None).correct, || format!("{wrong:?} is judged right."));
    }
}

/// Answers that are wrong: every other option, every foreseen number, every swap of two neighbours.
fn wrong_answers(question: &Question) -> Vec<Answer> {
    match &question.body {
        Body::Single(choices) => {
            let wrong = choices.iter().filter(|choice| !choice.correct);
            wrong.map(|choice| Answer::Chosen(vec![choice.id.clone()])).chain([Answer::Chosen(Vec::new())]).collect()
        }
        Body::Order(items) => {
            let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
            let swapped = |place: usize| {
                let mut ids = ids.clone();
                ids.swap(place, place + 1);
                Answer::Ordered(ids)
            };
            (0..ids.len().saturating_sub(1)).map(swapped).collect()
        }
        Body::Numeric(numeric) => numeric.wrong.iter().map(|(value, ..)| Answer::Number(Decimal(*value).to_string())).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: Body, expect: &[&str]) {
        let question = Question { id: "q".into(), objective: "o".into(), ask: "?".into(), given: String::new(), keep: String::new(), body };
        assert_eq!(flaws(&question), expect);
    }

    fn choice(id: &str, text: &str, correct: bool) -> Choice {
        Choice { id: id.into(), text: text.into(), why: format!("because {id}"), correct }
    }

    #[test]
    fn a_flawed_choice_is_seen() {
        check(Body::Single(vec![choice("a", "1", true), choice("b", "2", false), choice("c", "3", false)]), &[]);
        check(
            Body::Single(vec![choice("a", "1", true), choice("b", "1", false), choice("c", "3", false)]),
            &["Two options are the same: 1"],
        );
        check(
            Body::Single(vec![choice("a", "1", false), choice("b", "2", false), choice("c", "3", false)]),
            &["0 options are right; there has to be one.", "Chosen([]) is judged right."],
        );
    }

    #[test]
    fn numbers_that_overlap_are_seen() {
        let numeric = |wrong: f64| {
            Body::Numeric(Numeric {
                answer: 10.0,
                tolerance: 1.0,
                unit: String::new(),
                why: "so".into(),
                wrong: vec![(wrong, 1.0, "not so".into())],
                otherwise: "no".into(),
            })
        };
        check(numeric(13.0), &[]);
        check(numeric(12.0), &["10 and 12 cannot be told apart."]);
        check(numeric(11.0), &["10 and 11 cannot be told apart.", "Number(\"11\") is judged right."]);
    }
}
