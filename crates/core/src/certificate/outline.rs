//! What the bits of a proof go by: which labs and questions a lesson has, and what there is to
//! choose in them.
//!
//! A link carries two bytes of it. They tell a proof that does not hold because the lesson has
//! changed since from one that never held. They prove nothing, and nothing passes or fails by them:
//! a proof of an older lesson that holds for today's still holds.

use crate::assess::{Blank, Body, Question};
use crate::lesson::{Lab, Lesson};
use crate::wire;

/// The labs of a lesson that are challenges, in order.
pub(super) fn challenges(lesson: &Lesson) -> impl Iterator<Item = &Lab> {
    lesson.labs.iter().filter(|lab| lab.scenario.challenge.is_some())
}

/// The ids of the predictions of a lab that the quiz asks for.
pub(super) fn asked<'l>(lesson: &'l Lesson, of: &'l str) -> impl Iterator<Item = &'l str> {
    lesson.questions.iter().filter_map(move |question| match &question.body {
        Body::Predict { lab, prediction } if lab == of => Some(prediction.as_str()),
        _ => None,
    })
}

/// Sixteen bits that change when a lesson's challenges or questions do. Words do not count, and
/// neither do labs in which there is nothing to prove.
pub fn outline(lesson: &Lesson) -> u16 {
    let mut text = String::new();
    for lab in &lesson.labs {
        if lab.scenario.challenge.is_some() || asked(lesson, &lab.id).next().is_some() {
            note(&mut text, 'l', [&lab.id, &lab.digest]);
        }
    }
    lesson.questions.iter().for_each(|question| note_question(&mut text, question));
    let check = wire::check(text.as_bytes());
    let check = check ^ check >> 32;
    (check ^ check >> 16) as u16
}

fn note<'a>(text: &mut String, kind: char, parts: impl IntoIterator<Item = &'a String>) {
    text.push(kind);
    for part in parts {
        text.push_str(part);
        text.push('\0');
    }
}

fn note_question(text: &mut String, question: &Question) {
    note(text, 'q', [&question.id]);
    match &question.body {
        Body::Single(choices) | Body::Multiple(choices) => {
            text.push(if matches!(question.body, Body::Single(_)) { 's' } else { 'm' });
            for choice in choices {
                note(text, if choice.correct { '+' } else { '-' }, [&choice.id]);
            }
        }
        Body::Order(items) => note(text, 'o', items.iter().map(|item| &item.id)),
        Body::Match(pairs) => note(text, 'p', pairs.iter().map(|pair| &pair.id)),
        Body::Fill { blanks, .. } => blanks.iter().for_each(|blank| note_blank(text, blank)),
        Body::Numeric(numeric) => {
            let bits = [numeric.answer, numeric.tolerance].map(|value| value.to_bits().to_string());
            note(text, 'n', &bits);
        }
        Body::Predict { lab, prediction } => note(text, 'r', [lab, prediction]),
        Body::Generated { recipe, .. } => note(
            text,
            'g',
            &[recipe.family.name().to_owned(), format!("{} {}", recipe.level as u8, recipe.form.map_or(0, |form| form + 1))],
        ),
    }
}

fn note_blank(text: &mut String, blank: &Blank) {
    note(text, 'b', &blank.accept);
    blank.wrong.iter().for_each(|(accept, _)| note(text, 'w', accept));
}

/// A question without words.
#[cfg(test)]
pub(super) fn question(id: &str, body: Body) -> Question {
    let text = "id = ''\nobjective = ''\nask = ''\ngiven = ''\nkeep = ''\nbody = { Order = [] }";
    let mut question: Question = toml::from_str(text).unwrap_or_else(|why| panic!("{why}"));
    (question.id, question.body) = (id.to_owned(), body);
    question
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::Choice;

    fn lesson() -> Lesson {
        let choice = |id: &str, correct| Choice { id: id.into(), text: id.into(), why: String::new(), correct };
        Lesson {
            slug: "x".into(),
            labs: vec![Lab { id: "lab".into(), digest: "1".into(), ..Lab::default() }],
            questions: vec![
                question("a", Body::Single(vec![choice("yes", true), choice("no", false)])),
                question("b", Body::Predict { lab: "lab".into(), prediction: "p".into() }),
            ],
            ..Lesson::default()
        }
    }

    #[test]
    fn words_do_not_count_and_choices_do() {
        let check = |same: bool, change: fn(&mut Lesson)| {
            let mut changed = lesson();
            change(&mut changed);
            assert_eq!(outline(&changed) == outline(&lesson()), same);
        };
        check(true, |l| l.title = "Other".into());
        check(true, |l| l.questions[0].ask = "Other?".into());
        check(true, |l| l.labs.push(Lab { id: "idle".into(), ..Lab::default() }));
        check(false, |l| l.labs[0].digest = "2".into());
        check(false, |l| l.questions.truncate(1));
        check(false, |l| l.questions.reverse());
        check(false, |l| {
            let Body::Single(choices) = &mut l.questions[0].body else { return };
            choices.reverse();
        });
        check(false, |l| {
            let Body::Single(choices) = &mut l.questions[0].body else { return };
            choices[1].correct = true;
        });
    }
}
