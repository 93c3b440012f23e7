//! From a learner's progress to the proof of a lesson.

use std::rc::Rc;

use hopscope_core::assess::{Answer, Body};
use hopscope_core::certificate::{LabRun, LessonProof};
use hopscope_core::lesson::{Lab, Lesson};
use hopscope_core::scenario::Parts;
use hopscope_core::timeline::{Saved, Timeline};

use super::own;
use crate::progress::{self, LabKey};

/// What was done in a lesson, for this name where it was done for the name, otherwise as it was
/// done in the lesson itself. `None` when nothing was.
pub(super) fn proof(lesson: &Lesson, name: &str) -> Option<LessonProof> {
    let own = own::slug(&lesson.slug, name);
    let challenges = lesson.labs.iter().filter(|lab| lab.scenario.challenge.is_some());
    let runs: Vec<LabRun> = challenges.filter_map(|lab| won(lab, &own).or_else(|| won(lab, &lesson.slug))).collect();
    let answers: Vec<(String, Answer)> = lesson
        .questions
        .iter()
        .filter_map(|question| {
            let of = |slug: &str| progress::answer(slug, &question.id);
            // A generated question is another one for every name: an answer to the lesson's is none to it.
            let general = if matches!(question.body, Body::Generated { .. }) { None } else { of(&lesson.slug) };
            of(&own).filter(|record| record.correct).or(general).map(|record| (question.id.clone(), record.answer))
        })
        .collect();
    let is_begun = !(runs.is_empty() && answers.is_empty());
    is_begun.then(|| LessonProof { lesson: lesson.slug.clone(), runs, answers })
}

/// The best run with which a challenge was won.
fn won(lab: &Lab, slug: &str) -> Option<LabRun> {
    let text = progress::challenge_run(LabKey { lesson: slug, lab: &lab.id })?;
    let saved = Saved::from_text(&text).ok().filter(|saved| saved.digest == lab.digest)?;
    let spec = Rc::new(lab.spec(Parts::every()).ok()?);
    let (mut timeline, position, _) = Timeline::restore(&spec, &lab.digest, &saved);
    timeline.seek(position);
    Some(LabRun::of(&lab.id, &timeline))
}
