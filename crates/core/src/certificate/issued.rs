//! The words of a certificate that is printed or shown.

use super::report::{LessonReport, Report};

/// What a certificate proves and what it does not. It stands on every one.
pub const STATEMENT: &str =
    "It proves that these actions and answers pass: anyone can replay them at the address below. It does not prove who gave them.";

/// A certificate in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// What it is called where certificates are listed.
    pub title: String,
    /// Whom it is made out to.
    pub name: String,
    /// What for, in lines of about fifty characters.
    pub lines: Vec<String>,
    /// The titles of the lessons that are passed.
    pub lessons: Vec<String>,
    /// What was counted: a label and a value.
    pub facts: Vec<(&'static str, String)>,
    /// The digest of its text.
    pub code: String,
}

impl Issued {
    /// The words for what is passed; `None` when nothing is. `course` has the slugs of all lessons.
    pub fn of(report: &Report, course: &[&str]) -> Option<Self> {
        let passed: Vec<&LessonReport> = report.lessons.iter().filter(|lesson| lesson.is_passed()).collect();
        let first = passed.first()?;
        let what = if !course.is_empty() && report.covers(course) {
            "the whole course".to_owned()
        } else if let [lesson] = passed.as_slice() {
            format!("the lesson \"{}\"", lesson.title)
        } else {
            format!("{} lessons", passed.len())
        };
        let title = match passed.len() {
            1 => format!("Hopscope: {}", first.title),
            _ => "Hopscope: production traffic, hop by hop".to_owned(),
        };
        Some(Self {
            title,
            name: report.name.clone(),
            lines: vec![
                format!("for finishing {what}"),
                "on how production traffic flows:".to_owned(),
                "predicting, breaking and repairing the path".to_owned(),
                "from a browser to a backend.".to_owned(),
            ],
            lessons: passed.iter().map(|lesson| lesson.title.clone()).collect(),
            facts: facts(report, &passed),
            code: report.code.clone(),
        })
    }
}

fn facts(report: &Report, passed: &[&LessonReport]) -> Vec<(&'static str, String)> {
    let (right, of) = passed.iter().map(|lesson| lesson.right()).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let won = passed.iter().flat_map(|lesson| &lesson.labs).filter(|lab| lab.won).count();
    let rules = if report.rules.provisional { " (provisional)" } else { "" };
    vec![
        ("Challenges won", won.to_string()),
        ("Questions right", format!("{right} of {of}")),
        ("Rules", format!("{}{rules}", report.rules.version)),
        ("Check code", report.code.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{CURRENT, Lack, QuestionReport};

    fn lesson(slug: &str, lacks: Vec<Lack>) -> LessonReport {
        let question = |right| QuestionReport { question: "q".into(), answered: true, right, seed: None };
        LessonReport {
            lesson: slug.into(),
            title: format!("About {slug}"),
            has_changed: false,
            labs: Vec::new(),
            questions: vec![question(true), question(true), question(false)],
            lacks,
        }
    }

    fn issued(lessons: Vec<LessonReport>) -> Option<Issued> {
        Issued::of(&Report { rules: CURRENT, name: "Ada".into(), code: "7F3A-41C0".into(), lessons }, &["a", "b"])
    }

    #[test]
    fn only_what_is_passed_is_certified() {
        assert_eq!(issued(Vec::new()), None);
        assert_eq!(issued(vec![lesson("a", vec![Lack::Garbled])]), None);
        let one = issued(vec![lesson("a", Vec::new()), lesson("b", vec![Lack::Missing])]).expect("one is passed");
        assert_eq!((one.title.as_str(), one.lines[0].as_str()), ("Hopscope: About a", "for finishing the lesson \"About a\""));
        assert_eq!(one.lessons, ["About a"]);
        assert_eq!(one.facts[1], ("Questions right", "2 of 3".into()));
    }

    #[test]
    fn the_whole_course_is_called_that() {
        let what = |slugs: &[&str]| {
            let issued = issued(slugs.iter().map(|slug| lesson(slug, Vec::new())).collect()).expect("all are passed");
            issued.lines[0].clone()
        };
        assert_eq!(what(&["a", "b"]), "for finishing the whole course");
        assert_eq!(what(&["a", "c"]), "for finishing 2 lessons");
    }
}
