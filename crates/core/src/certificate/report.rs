//! What came of a certificate, lesson by lesson, and what does not hold in words.

use core::fmt;

use super::lack::Lack;
use super::rules::Rules;
use crate::lesson::{Lab, Lesson};
use crate::scenario::{Goal, Measure};
use crate::wire;

/// What came of a certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The rules that it was judged by.
    pub rules: &'static Rules,
    /// The name on it.
    pub name: String,
    /// A digest of its text for people to compare: four groups of four hex digits.
    pub code: String,
    /// Its lessons, as far as they are judged.
    pub lessons: Vec<LessonReport>,
}

/// What came of one lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonReport {
    /// The lesson's slug.
    pub lesson: String,
    /// Its title; the slug where the lesson is not to be had.
    pub title: String,
    /// Whether its challenges or questions have changed since the certificate was made.
    pub has_changed: bool,
    /// Challenges, and labs that a question asks about.
    pub labs: Vec<LabReport>,
    /// Questions in the quiz's order.
    pub questions: Vec<QuestionReport>,
    /// Everything that does not hold; nothing when the lesson is passed.
    pub lacks: Vec<Lack>,
}

/// What came of a lab.
#[derive(Clone, Debug, PartialEq)]
pub struct LabReport {
    /// The lab's id.
    pub lab: String,
    /// Its title.
    pub title: String,
    /// The seed that it ran on; `None` when no seed of the name serves.
    pub seed: Option<u64>,
    /// Whether it is a challenge.
    pub is_challenge: bool,
    /// Whether every goal of the challenge was met.
    pub won: bool,
    /// The goals and what was measured.
    pub goals: Vec<GoalReport>,
    /// The right options of the predictions that the quiz asks for: (prediction, option).
    pub truths: Vec<(String, String)>,
    /// Why the run came to nothing, as part of a sentence.
    pub trouble: Option<String>,
}

/// A goal and what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalReport {
    /// The goal's id.
    pub goal: String,
    /// What it says, in words.
    pub label: String,
    /// What is counted, with a space before it; empty for bare numbers.
    pub unit: &'static str,
    /// The most it may be.
    pub at_most: Option<f64>,
    /// The least it must be.
    pub at_least: Option<f64>,
    /// What was measured at the end of the run; `None` when there was no run.
    pub value: Option<f64>,
    /// Whether that meets the goal.
    pub met: bool,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionReport {
    /// The question's id.
    pub question: String,
    /// Whether it was answered at all.
    pub answered: bool,
    /// Whether the answer is right.
    pub right: bool,
    /// The seed on which the right answer depends, if it does.
    pub seed: Option<u64>,
}

/// A part of a certificate whose outcome depends on the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// The lesson's slug.
    pub lesson: String,
    /// The id of the challenge's lab, or of the question.
    pub part: String,
    /// Whether it is a challenge; otherwise it is a question.
    pub is_challenge: bool,
    /// The seed; `None` when no seed of the name serves.
    pub seed: Option<u64>,
    /// Whether it holds.
    pub holds: bool,
}

impl Report {
    /// Whether there is a lesson in it and every one is passed.
    pub fn holds(&self) -> bool {
        !self.lessons.is_empty() && self.lessons.iter().all(LessonReport::is_passed)
    }

    /// Whether every one of these lessons is passed.
    pub fn covers(&self, slugs: &[&str]) -> bool {
        let is_passed = |slug: &&str| self.lessons.iter().any(|lesson| lesson.lesson == *slug && lesson.is_passed());
        slugs.iter().all(is_passed)
    }

    /// Challenges and questions whose outcome depends on the name.
    pub fn seeded(&self) -> Vec<Seeded> {
        let mut all = Vec::new();
        self.lessons.iter().for_each(|lesson| lesson.add_seeded(&mut all));
        all
    }

    /// The digest of a text that people compare.
    pub(super) fn code_of(text: &str) -> String {
        let mut code = format!("{:016X}", wire::check(text.as_bytes()));
        [12, 8, 4].into_iter().for_each(|place| code.insert(place, '-'));
        code
    }
}

impl LessonReport {
    fn lacking(lesson: &str, title: &str, has_changed: bool, lack: Lack) -> Self {
        Self { lesson: lesson.to_owned(), title: title.to_owned(), has_changed, labs: Vec::new(), questions: Vec::new(), lacks: vec![lack] }
    }

    pub(super) fn missing(slug: &str) -> Self {
        Self::lacking(slug, slug, false, Lack::Missing)
    }

    pub(super) fn garbled(lesson: &Lesson, has_changed: bool) -> Self {
        let lack = if has_changed { Lack::Changed } else { Lack::Garbled };
        Self::lacking(&lesson.slug, &lesson.title, has_changed, lack)
    }

    /// A lesson whose labs were run and whose questions were graded.
    pub(super) fn judged(rules: &Rules, lesson: &Lesson, has_changed: bool, labs: Vec<LabReport>, questions: Vec<QuestionReport>) -> Self {
        let mut lacks: Vec<Lack> = labs.iter().filter(|lab| lab.is_challenge || lab.seed.is_none()).flat_map(LabReport::lacks).collect();
        let (right, of) = (questions.iter().filter(|q| q.right).count(), questions.len());
        let needed = rules.needed(of);
        if right < needed {
            lacks.push(Lack::Few { right, of, needed });
        }
        // The bits of another lesson mean something else here; what they seem to say is no help.
        if has_changed && !lacks.is_empty() {
            lacks = vec![Lack::Changed];
        }
        Self { lesson: lesson.slug.clone(), title: lesson.title.clone(), has_changed, labs, questions, lacks }
    }

    /// Whether nothing is lacking.
    pub const fn is_passed(&self) -> bool {
        self.lacks.is_empty()
    }

    /// Questions answered rightly, and how many there are.
    pub fn right(&self) -> (usize, usize) {
        (self.questions.iter().filter(|q| q.right).count(), self.questions.len())
    }

    /// Adds the parts of this lesson whose outcome depends on the name.
    fn add_seeded(&self, all: &mut Vec<Seeded>) {
        let mut add = |part: &str, is_challenge, seed, holds| {
            all.push(Seeded { lesson: self.lesson.clone(), part: part.to_owned(), is_challenge, seed, holds });
        };
        for lab in self.labs.iter().filter(|lab| lab.is_challenge) {
            add(&lab.lab, true, lab.seed, lab.won);
        }
        for question in self.questions.iter().filter(|question| question.seed.is_some()) {
            add(&question.question, false, question.seed, question.right);
        }
    }
}

impl LabReport {
    /// A lab that was not run yet.
    pub(super) fn of(lab: &Lab) -> Self {
        let is_challenge = lab.scenario.challenge.is_some();
        Self {
            lab: lab.id.clone(),
            title: lab.title.clone(),
            seed: None,
            is_challenge,
            won: false,
            goals: if is_challenge { lab.scenario.goals.iter().map(|goal| GoalReport::of(goal, lab)).collect() } else { Vec::new() },
            truths: Vec::new(),
            trouble: None,
        }
    }

    /// The right option of a prediction.
    pub fn truth(&self, prediction: &str) -> Option<&str> {
        self.truths.iter().find(|(id, _)| id == prediction).map(|(_, option)| option.as_str())
    }

    fn lacks(&self) -> Vec<Lack> {
        let title = || self.title.clone();
        let missed = |goal: &&GoalReport| !goal.met;
        match (&self.trouble, self.seed) {
            _ if self.won => Vec::new(),
            (_, None) => vec![Lack::Seedless(title())],
            (Some(why), _) => vec![Lack::Trouble(title(), why.clone())],
            _ if self.goals.iter().any(|goal| goal.value.is_some()) => {
                self.goals.iter().filter(missed).cloned().map(Lack::Missed).collect()
            }
            _ => vec![Lack::Unplayed(title())],
        }
    }
}

impl GoalReport {
    fn of(goal: &Goal, lab: &Lab) -> Self {
        let words = lab.goals.iter().find(|words| words.id == goal.id);
        Self {
            goal: goal.id.clone(),
            label: words.map_or(&goal.id, |words| &words.label).clone(),
            unit: match goal.measure {
                Measure::Latency { .. } => " ms",
                Measure::Share { .. } | Measure::AnsweredBy { .. } => " %",
                _ => "",
            },
            at_most: goal.at_most,
            at_least: goal.at_least,
            value: None,
            met: false,
        }
    }
}

impl fmt::Display for LessonReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_passed() {
            let (right, of) = self.right();
            write!(f, "Lesson {}: passed, {right} of {of} questions right", self.title)?;
            for lab in self.labs.iter().filter(|lab| lab.is_challenge) {
                write!(f, ", \"{}\" won", lab.title)?;
            }
            let note = if self.has_changed { ". The lesson has changed since; the proof holds for it as it is now.\n" } else { ".\n" };
            f.write_str(note)?;
        }
        self.lacks.iter().try_for_each(|lack| writeln!(f, "Lesson {}: {lack}.", self.title))
    }
}

impl fmt::Display for Report {
    /// A line for each thing to say, as a person reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.holds() { "holds" } else { "does not hold" };
        writeln!(f, "The certificate of {} {verdict}. Code {}.", self.name, self.code)?;
        self.lessons.iter().try_for_each(|lesson| lesson.fmt(f))
    }
}
