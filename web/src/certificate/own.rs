//! A lesson made out to a name: its challenges, and the labs that its quiz asks about, on the
//! seeds that come from the name, its generated questions posed by their own.
//!
//! It has a slug of its own, so what is done in it is kept beside the lesson's own progress and
//! neither changes the other.

use std::rc::Rc;

use hopscope_core::certificate::{LessonReport, posed, question_seed};
use hopscope_core::lesson::{Lab, Lesson};

/// What stands between a lesson's slug and the name that it is made out to.
const FOR: char = '@';

/// The slug under which the work for a name is kept.
pub(super) fn slug(lesson: &str, name: &str) -> String {
    format!("{lesson}{FOR}{name}")
}

/// The lesson as it is for a name, with what has to be done again: the challenges that were not
/// won, and the questions that depend on the name and were not answered rightly.
pub(super) fn again(lesson: &Lesson, name: &str, report: &LessonReport) -> Lesson {
    let seed = |lab: &Lab| report.labs.iter().find(|l| l.lab == lab.id).and_then(|l| l.seed);
    let on_seed = |lab: &Lab| seed(lab).map(|seed| on(lab, seed));
    let open = |id: &str| report.questions.iter().any(|q| q.question == id && q.seed.is_some() && !q.right);
    let questions = lesson.questions.iter().filter(|q| open(&q.id));
    Lesson {
        slug: slug(&lesson.slug, name),
        title: lesson.title.clone(),
        labs: lesson.labs.iter().filter_map(on_seed).collect(),
        questions: questions.map(|q| posed(q, question_seed(name, &lesson.slug, &q.id)).into_owned()).collect(),
    }
}

/// The challenges of a lesson that were not won for this name.
pub(super) fn open_challenges<'a>(lesson: &'a Lesson, report: &'a LessonReport) -> impl Iterator<Item = &'a Lab> {
    let is_open = |lab: &&Lab| report.labs.iter().any(|l| l.lab == lab.id && l.is_challenge && !l.won);
    lesson.labs.iter().filter(is_open)
}

fn on(lab: &Lab, seed: u64) -> Lab {
    let mut scenario = (*lab.scenario).clone();
    scenario.seed = seed;
    Lab { scenario: Rc::new(scenario), ..lab.clone() }
}
