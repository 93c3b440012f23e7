//! Checks `course.toml`: slugs, tracks, and that a lesson builds only on earlier ones.

use crate::check::names::{note_doubles, note_unplain};
use crate::load::Authored;
use crate::problem::Problems;
use crate::source::course::{Course, CourseLesson};
use crate::suggest;

pub(crate) fn note(course: &Authored<Course>, problems: &mut Problems) {
    let Authored { file, value } = course;
    note_doubles(file, "lesson", value.lesson.iter().map(|l| &l.slug), problems);
    note_doubles(file, "track", value.track.iter().map(|t| &t.id), problems);
    note_unplain(file, "lesson", value.lesson.iter().map(|l| &l.slug), problems);
    for (index, lesson) in value.lesson.iter().enumerate() {
        note_track(course, lesson, problems);
        note_needs(course, index, lesson, problems);
    }
}

fn note_track(course: &Authored<Course>, lesson: &CourseLesson, problems: &mut Problems) {
    let known: Vec<&str> = course.value.track.iter().map(|t| t.id.as_str()).collect();
    if !known.contains(&lesson.track.as_str()) {
        problems.push(course.file.problem(
            lesson.track.offset(),
            format!("The lesson `{}` stands in a track `{}` that does not exist.", *lesson.slug, *lesson.track),
            suggest::fix_unknown(&lesson.track, known),
        ));
    }
}

fn note_needs(course: &Authored<Course>, index: usize, lesson: &CourseLesson, problems: &mut Problems) {
    let slugs: Vec<&str> = course.value.lesson.iter().map(|l| l.slug.as_str()).collect();
    for need in &lesson.needs {
        match slugs.iter().position(|slug| *slug == need.as_str()) {
            None => problems.push(course.file.problem(
                need.offset(),
                format!("The lesson `{}` needs `{}`, which is not in the course.", *lesson.slug, **need),
                suggest::fix_unknown(need, slugs.iter().copied()),
            )),
            Some(place) if place >= index => problems.push(course.file.problem(
                need.offset(),
                format!("The lesson `{}` needs `{}`, which comes no earlier.", *lesson.slug, **need),
                "Move the needed lesson up, or drop the need.",
            )),
            Some(_) => {}
        }
    }
}
