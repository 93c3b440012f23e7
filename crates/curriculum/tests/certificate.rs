//! Every lesson that is written can be certified, and its number in links is its own.

use std::path::Path;
use std::rc::Rc;

use hopscope_core::certificate::{CURRENT, Certificate, number, reference, verify};
use hopscope_core::lesson::Lesson;
use hopscope_curriculum::load::Curriculum;
use hopscope_curriculum::{compile, load};

const NAMES: [&str; 5] = ["Ada Lovelace", "Зоя", "山田太郎", "O'Brien", "X"];

fn curriculum() -> Curriculum {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
    load::load(&lessons).unwrap_or_else(|problems| panic!("{problems}"))
}

fn written() -> Vec<Rc<Lesson>> {
    curriculum().lessons.iter().map(|lesson| Rc::new(compile::lesson(lesson))).collect()
}

#[test]
fn every_lesson_of_the_course_has_a_number_of_its_own() {
    let mut seen = Vec::new();
    for lesson in &curriculum().course.value.lesson {
        let number = number(&lesson.slug);
        assert!(number > 0, "{} has no number: add it at the end of NUMBERED in crates/core/src/certificate/slug.rs", lesson.slug.as_str());
        assert!(!seen.contains(&number));
        seen.push(number);
    }
}

#[test]
fn every_lesson_can_be_passed_under_any_name() {
    let lessons = written();
    let find = |slug: &str| lessons.iter().find(|lesson| lesson.slug == slug).cloned();
    for name in NAMES {
        let mut certificate = Certificate::new(name).unwrap_or_else(|why| panic!("{name}: {why}"));
        certificate.lessons = lessons.iter().map(|lesson| reference(name, lesson).unwrap_or_else(|why| panic!("{why}"))).collect();
        let text = certificate.to_text(&find).unwrap_or_else(|why| panic!("{why}"));
        let report = verify(&text, &find).unwrap_or_else(|why| panic!("{why}"));
        assert!(report.holds(), "{report}");
        for lesson in &report.lessons {
            let (right, of) = lesson.right();
            assert_eq!(right, of, "{}: the lesson's own answers are right, under every name", lesson.lesson);
        }
    }
}

#[test]
fn no_lesson_is_passed_by_doing_nothing() {
    for lesson in written().iter().filter(|lesson| CURRENT.needed(lesson.questions.len()) > 0) {
        let mut certificate = Certificate::new("Ada Lovelace").unwrap_or_else(|why| panic!("{why}"));
        let mut proof = reference("Ada Lovelace", lesson).unwrap_or_else(|why| panic!("{why}"));
        proof.runs.iter_mut().for_each(|run| run.taken.clear());
        proof.answers.clear();
        certificate.lessons = vec![proof];
        let find = |_: &str| Some(Rc::clone(lesson));
        let text = certificate.to_text(&find).unwrap_or_else(|why| panic!("{why}"));
        let report = verify(&text, &find).unwrap_or_else(|why| panic!("{why}"));
        assert!(!report.holds() && report.lessons[0].labs.iter().all(|lab| !lab.won), "{report}");
    }
}
