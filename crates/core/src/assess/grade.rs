//! Judging an answer, part by part.

use super::{Answer, Blank, Body, Choice, Numeric, Question};
use crate::decimal;

/// What is said about one part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    /// The id of the option, item, blank or pair; `number` for a numeric answer.
    pub part: String,
    /// Whether that part was answered rightly.
    pub right: bool,
    /// Whether the learner's answer had this part in it (chose the option).
    pub chosen: bool,
    /// The reason, inline HTML.
    pub why: String,
}

/// The verdict on an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Grade {
    /// Whether everything was right.
    pub correct: bool,
    /// Something to say about every part, in the question's order.
    pub parts: Vec<Feedback>,
}

/// Judges an answer. An answer of the wrong kind or with unknown ids is wrong, not an error; so is
/// any answer to a generated question that was not [`Question::posed`] first.
///
/// `truth` is the id of the right option of a [`Body::Predict`], read from a run by
/// [`super::truth`]; other kinds do not look at it. Feedback texts of a prediction are the
/// lab's words, which the caller has.
pub fn grade(question: &Question, answer: &Answer, truth: Option<&str>) -> Grade {
    let parts = match (&question.body, answer) {
        (Body::Single(choices) | Body::Multiple(choices), Answer::Chosen(ids)) => grade_choices(choices, ids),
        (Body::Order(items), Answer::Ordered(ids)) => {
            let placed = items.iter().enumerate();
            placed.map(|(i, item)| part(&item.id, ids.get(i) == Some(&item.id), &item.why)).collect()
        }
        (Body::Fill { blanks, .. }, Answer::Filled(texts)) => {
            let filled = blanks.iter().enumerate();
            filled.map(|(i, blank)| grade_blank(blank, texts.get(i).map_or("", String::as_str))).collect()
        }
        (Body::Match(pairs), Answer::Matched(ids)) => {
            let joined = pairs.iter().enumerate();
            joined.map(|(i, pair)| part(&pair.id, ids.get(i) == Some(&pair.id), &pair.why)).collect()
        }
        (Body::Numeric(numeric), Answer::Number(text)) => vec![grade_number(numeric, text)],
        (Body::Predict { .. }, Answer::Chosen(ids)) => {
            let right = truth.is_some() && ids.len() == 1 && ids.first().map(String::as_str) == truth;
            ids.iter().map(|id| Feedback { part: id.clone(), right, chosen: true, why: String::new() }).collect()
        }
        _ => Vec::new(),
    };
    Grade { correct: !parts.is_empty() && parts.iter().all(|p| p.right), parts }
}

fn part(id: &str, right: bool, why: &str) -> Feedback {
    Feedback { part: id.to_owned(), right, chosen: true, why: why.to_owned() }
}

fn grade_choices(choices: &[Choice], ids: &[String]) -> Vec<Feedback> {
    let judge = |choice: &Choice| {
        let chosen = ids.contains(&choice.id);
        Feedback { part: choice.id.clone(), right: chosen == choice.correct, chosen, why: choice.why.clone() }
    };
    choices.iter().map(judge).collect()
}

fn grade_blank(blank: &Blank, text: &str) -> Feedback {
    let same = |accepted: &String| accepted.trim().eq_ignore_ascii_case(text.trim());
    if blank.accept.iter().any(same) {
        return part(&blank.id, true, &blank.why);
    }
    let known = blank.wrong.iter().find(|(accept, _)| accept.iter().any(same));
    part(&blank.id, false, known.map_or(&blank.otherwise, |(_, why)| why))
}

fn grade_number(numeric: &Numeric, text: &str) -> Feedback {
    let near = |value: f64, answer: f64, tolerance: f64| (value - answer).abs() <= tolerance + 1e-9;
    // A comma is a decimal mark to many.
    let Some(value) = decimal::parse(&text.trim().replace(',', ".")) else {
        return part("number", false, &numeric.otherwise);
    };
    if near(value, numeric.answer, numeric.tolerance) {
        return part("number", true, &numeric.why);
    }
    let known = numeric.wrong.iter().find(|(wrong, tolerance, _)| near(value, *wrong, *tolerance));
    part("number", false, known.map_or(&numeric.otherwise, |(_, _, why)| why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::{Item, Pair};

    fn question(body: Body) -> Question {
        Question { id: "q".into(), objective: "o".into(), ask: "?".into(), given: String::new(), keep: String::new(), body }
    }

    fn choice(id: &str, correct: bool) -> Choice {
        Choice { id: id.into(), text: id.into(), why: format!("because {id}"), correct }
    }

    fn check(body: Body, answer: &Answer, correct: bool, whys: &[&str]) {
        let grade = grade(&question(body), answer, Some("yes"));
        assert_eq!(grade.correct, correct, "{answer:?}");
        let said: Vec<_> = grade.parts.iter().map(|p| p.why.as_str()).collect();
        assert_eq!(said, whys, "{answer:?}");
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    #[test]
    fn choices_have_feedback_for_every_option() {
        let options = || vec![choice("a", false), choice("b", true), choice("c", true)];
        let whys = ["because a", "because b", "because c"];
        check(Body::Multiple(options()), &Answer::Chosen(ids(&["b", "c"])), true, &whys);
        check(Body::Multiple(options()), &Answer::Chosen(ids(&["b"])), false, &whys);
        check(Body::Multiple(options()), &Answer::Chosen(ids(&["a", "b", "c"])), false, &whys);
        check(Body::Single(options()[..2].to_vec()), &Answer::Chosen(ids(&["b"])), true, &whys[..2]);
        check(Body::Single(options()), &Answer::Number("3".into()), false, &[]);
    }

    #[test]
    fn order_and_match_are_judged_place_by_place() {
        let items = ["a", "b"].map(|id| Item { id: id.into(), text: id.into(), why: id.into() }).to_vec();
        check(Body::Order(items.clone()), &Answer::Ordered(ids(&["a", "b"])), true, &["a", "b"]);
        check(Body::Order(items), &Answer::Ordered(ids(&["b"])), false, &["a", "b"]);
        let pairs = ["a", "b"].map(|id| Pair { id: id.into(), left: id.into(), right: id.into(), why: id.into() }).to_vec();
        check(Body::Match(pairs.clone()), &Answer::Matched(ids(&["a", "b"])), true, &["a", "b"]);
        check(Body::Match(pairs), &Answer::Matched(ids(&["b", "a"])), false, &["a", "b"]);
    }

    #[test]
    fn known_wrong_answers_get_their_own_reason() {
        let blank = Blank {
            id: "x".into(),
            accept: ids(&["3", "three"]),
            why: "right".into(),
            wrong: vec![(ids(&["1"]), "one is".into())],
            otherwise: "no".into(),
        };
        let fill = || Body::Fill { pieces: ids(&["", ""]), blanks: vec![blank.clone()] };
        check(fill(), &Answer::Filled(ids(&[" Three "])), true, &["right"]);
        check(fill(), &Answer::Filled(ids(&["1"])), false, &["one is"]);
        check(fill(), &Answer::Filled(vec![]), false, &["no"]);
        let numeric = || {
            Body::Numeric(Numeric {
                answer: 2.5,
                tolerance: 0.1,
                unit: "ms".into(),
                why: "right".into(),
                wrong: vec![(5.0, 0.1, "twice".into())],
                otherwise: "no".into(),
            })
        };
        check(numeric(), &Answer::Number("2,55".into()), true, &["right"]);
        check(numeric(), &Answer::Number("5".into()), false, &["twice"]);
        check(numeric(), &Answer::Number("abc".into()), false, &["no"]);
        check(numeric(), &Answer::Number("NaN".into()), false, &["no"]);
    }

    #[test]
    fn a_prediction_is_judged_by_the_run() {
        let predict = || Body::Predict { lab: "l".into(), prediction: "p".into() };
        check(predict(), &Answer::Chosen(ids(&["yes"])), true, &[""]);
        check(predict(), &Answer::Chosen(ids(&["no"])), false, &[""]);
        check(predict(), &Answer::Chosen(vec![]), false, &[]);
    }
}
