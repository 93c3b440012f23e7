//! What somebody hands in who knows it all: for checks that a lesson can be passed, and for tests.

use std::rc::Rc;

use super::answer::posed;
use super::digits::Digits;
use super::outline::challenges;
use super::report::LabReport;
use super::run::{LabRun, Taken};
use super::seed::question_seed;
use super::verify::Verification;
use super::{Certificate, LessonProof, Unfit, tidy};
use crate::assess::{Answer, Body, Question};
use crate::lesson::{Lab, Lesson};

/// The challenges' own solutions and every right answer, under a name.
///
/// # Errors
/// [`Unfit`] when the name cannot stand on a certificate, or the lesson's own solution cannot be
/// written down.
pub fn reference(name: &str, lesson: &Rc<Lesson>) -> Result<LessonProof, Unfit> {
    let solve = |lab: &Lab| {
        let solution = lab.scenario.challenge.iter().flat_map(|challenge| &challenge.solution);
        LabRun { lab: lab.id.clone(), taken: solution.map(|kind| Taken { at: 0, kind: kind.clone() }).collect() }
    };
    let truths = truths(name, lesson)?;
    let name = tidy(name).map_err(Unfit::Name)?;
    let answer = |question: &Question| {
        let posed = posed(question, question_seed(&name, &lesson.slug, &question.id));
        Some((question.id.clone(), right(&posed, &truths)?))
    };
    Ok(LessonProof {
        lesson: lesson.slug.clone(),
        runs: challenges(lesson).map(solve).collect(),
        answers: lesson.questions.iter().filter_map(answer).collect(),
    })
}

/// The right answer of a question.
fn right(question: &Question, truths: &[LabReport]) -> Option<Answer> {
    Some(match &question.body {
        Body::Single(choices) | Body::Multiple(choices) => {
            Answer::Chosen(choices.iter().filter(|choice| choice.correct).map(|choice| choice.id.clone()).collect())
        }
        Body::Order(items) => Answer::Ordered(items.iter().map(|item| item.id.clone()).collect()),
        Body::Match(pairs) => Answer::Matched(pairs.iter().map(|pair| pair.id.clone()).collect()),
        Body::Fill { blanks, .. } => Answer::Filled(blanks.iter().map(|blank| blank.accept.first().cloned().unwrap_or_default()).collect()),
        Body::Numeric(numeric) => Answer::Number(Digits::of(numeric.answer)?.to_string()),
        other => {
            let Body::Predict { lab, prediction } = other else { return None };
            let lab = truths.iter().find(|found| found.lab == *lab)?;
            Answer::Chosen(vec![lab.truth(prediction)?.to_owned()])
        }
    })
}

/// The labs under that name: only their runs know the right answers to predictions.
fn truths(name: &str, lesson: &Rc<Lesson>) -> Result<Vec<LabReport>, Unfit> {
    let blank = LessonProof { lesson: lesson.slug.clone(), ..LessonProof::default() };
    let certificate = Certificate { lessons: vec![blank], ..Certificate::new(name).map_err(Unfit::Name)? };
    let lessons = |_: &str| Some(Rc::clone(lesson));
    let mut verification = Verification::new(&certificate.to_text(&lessons)?, &lessons).map_err(|_| Unfit::Long)?;
    Ok(verification.finish().lessons.iter().flat_map(|lesson| lesson.labs.clone()).collect())
}
