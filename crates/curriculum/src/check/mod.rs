//! Says whether `lessons/` is sound, and what it holds.

mod course;
mod feedback;
pub mod generated;
pub mod load_bearing;
mod names;
mod parts;
pub mod predictions;
mod quiz;
mod report;
mod scenario;
mod theory;
mod words;

use std::path::Path;

use crate::load::{self, Curriculum, Lesson};
use crate::problem::Problems;

pub use generated::Instances;
pub use load_bearing::{Outcome, Trial, Way};
pub use predictions::Answers;
pub use report::{LessonReport, Report};

/// Checks everything, the load-bearing runs of challenges included.
///
/// # Errors
/// Everything that is wrong, see [`examine`].
pub fn check(lessons: &Path) -> Result<Report, Problems> {
    let (report, problems) = examine(lessons);
    problems.or(report)
}

/// What the lessons hold, and everything that is wrong with them.
pub fn examine(lessons: &Path) -> (Report, Problems) {
    match load::load_what_can_be_read(lessons) {
        Ok((curriculum, problems)) => examine_all(&curriculum, problems),
        Err(problems) => (Report::default(), problems),
    }
}

fn examine_all(curriculum: &Curriculum, mut problems: Problems) -> (Report, Problems) {
    note_references(curriculum, &mut problems);
    let mut report = Report::default();
    for lesson in &curriculum.lessons {
        note_completeness(lesson, &mut problems);
        let outcomes = load_bearing::run(lesson, &mut problems);
        let answers = predictions::run(lesson, &mut problems);
        let instances = generated::run(lesson, &mut problems);
        report.lessons.push(LessonReport::of(lesson, outcomes, answers, instances));
    }
    (report, problems.sorted())
}

/// Checks that everything refers to something: what a page needs so as not to be broken.
pub fn references(curriculum: &Curriculum) -> Problems {
    let mut problems = Problems::new();
    note_references(curriculum, &mut problems);
    problems
}

fn note_references(curriculum: &Curriculum, problems: &mut Problems) {
    course::note(&curriculum.course, problems);
    for lesson in &curriculum.lessons {
        scenario::note(lesson, problems);
        words::note(lesson, problems);
        theory::note(lesson, problems);
        quiz::note(lesson, problems);
        parts::note(lesson, problems);
    }
}

/// Checks that a lesson has all that a lesson has; a draft may still lack some of it.
fn note_completeness(lesson: &Lesson, problems: &mut Problems) {
    parts::note_completeness(lesson, problems);
    theory::note_completeness(lesson, problems);
    quiz::note_completeness(lesson, problems);
}
