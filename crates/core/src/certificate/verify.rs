//! Judging a certificate: every run is run again, every answer graded again.

use std::rc::Rc;

use super::answer::posed;
use super::outline::{asked, outline};
use super::proof::LessonProof;
use super::report::{LabReport, LessonReport, QuestionReport, Report};
use super::rules::{CURRENT, Rules, rules};
use super::sealed::{Part, Refusal, Sealed};
use super::seed::question_seed;
use super::trial::Trial;
use super::{Certificate, Lessons};
use crate::assess::{Body, Question, grade};
use crate::lesson::{Lab, Lesson};
use crate::timeline::Progress;

/// A certificate that is being judged, a slice at a time.
#[derive(Debug)]
pub struct Verification {
    rules: &'static Rules,
    name: String,
    /// Lessons that are still to be judged, the last first; some were judged at first sight.
    left: Vec<Result<Case, Box<LessonReport>>>,
    count: usize,
    report: Report,
}

/// A lesson and what is proven of it.
#[derive(Debug)]
struct Case {
    lesson: Rc<Lesson>,
    proof: LessonProof,
    has_changed: bool,
    /// Labs that are still to be tried, the last first.
    trials: Vec<Trial>,
    labs: Vec<LabReport>,
}

impl Verification {
    /// Takes a certificate in hand.
    ///
    /// # Errors
    /// [`Refusal`] when the text is no certificate. A lesson that does not hold is no refusal; the
    /// report says what does not.
    pub fn new(text: &str, lessons: &Lessons<'_>) -> Result<Self, Refusal> {
        Ok(Self::of(&Sealed::from_text(text)?, &Report::code_of(text), lessons))
    }

    fn of(sealed: &Sealed, code: &str, lessons: &Lessons<'_>) -> Self {
        // Every sealed one has rules that are known.
        let rules = rules(sealed.rules).unwrap_or(CURRENT);
        let report = Report { rules, name: sealed.name.clone(), code: code.to_owned(), lessons: Vec::new() };
        let mut verification = Self { rules, name: sealed.name.clone(), left: Vec::new(), count: sealed.parts.len(), report };
        verification.left = sealed.parts.iter().rev().map(|part| verification.case(part, lessons)).collect();
        verification
    }

    fn case(&self, part: &Part, lessons: &Lessons<'_>) -> Result<Case, Box<LessonReport>> {
        let lesson = lessons(&part.lesson).filter(|lesson| lesson.slug == part.lesson);
        let lesson = lesson.ok_or_else(|| Box::new(LessonReport::missing(&part.lesson)))?;
        let has_changed = outline(&lesson) != part.outline;
        let garbled = || Box::new(LessonReport::garbled(&lesson, has_changed));
        let proof = LessonProof::read(self.rules, &self.name, &lesson, &part.proof).ok_or_else(garbled)?;
        let mut trials = Vec::new();
        for lab in labs(&lesson) {
            let asked: Vec<&str> = asked(&lesson, &lab.id).collect();
            let taken = proof.run(&lab.id).map(|run| run.taken.clone());
            trials.push(Trial::new(self.rules, (&self.name, &lesson.slug), lab, &asked, taken).ok_or_else(garbled)?);
        }
        trials.reverse();
        Ok(Case { proof, has_changed, trials, labs: Vec::new(), lesson })
    }

    /// Judges some way further: about as many events as `budget`, of which a browser handles some
    /// hundred thousand in a second.
    pub fn work(&mut self, budget: u32) -> Progress {
        let mut left = budget.max(1);
        while let Some(mut next) = self.left.pop() {
            if let Ok(case) = &mut next
                && !case.work(&mut left)
            {
                self.left.push(next);
                return Progress::More;
            }
            self.report.lessons.push(next.map_or_else(|judged| *judged, |case| case.report(self.rules, &self.name)));
        }
        Progress::Done
    }

    /// Judges all that is left.
    pub fn finish(&mut self) -> &Report {
        while self.work(u32::MAX) == Progress::More {}
        &self.report
    }

    /// Lessons judged so far, and how many there are.
    pub const fn progress(&self) -> (usize, usize) {
        (self.count - self.left.len(), self.count)
    }

    /// What came of it: everything once [`Verification::work`] is done, before that the lessons
    /// judged so far.
    pub const fn report(&self) -> &Report {
        &self.report
    }
}

/// The labs in which there is something to prove.
fn labs(lesson: &Lesson) -> impl Iterator<Item = &Lab> {
    let is_asked = |lab: &&Lab| lab.scenario.challenge.is_some() || asked(lesson, &lab.id).next().is_some();
    lesson.labs.iter().filter(is_asked)
}

impl Case {
    /// Tries labs; `true` when all are.
    fn work(&mut self, left: &mut u32) -> bool {
        while let Some(trial) = self.trials.last_mut() {
            if !trial.work(left) {
                return false;
            }
            self.labs.extend(self.trials.pop().map(Trial::into_report));
        }
        true
    }

    fn report(self, rules: &Rules, name: &str) -> LessonReport {
        let questions = self.lesson.questions.iter().map(|question| self.grade(name, question)).collect();
        LessonReport::judged(rules, &self.lesson, self.has_changed, self.labs, questions)
    }

    fn grade(&self, name: &str, question: &Question) -> QuestionReport {
        let seed = question_seed(name, &self.lesson.slug, &question.id);
        let posed = posed(question, seed);
        let answer = self.proof.answer(&question.id);
        let (seed, truth) = match &posed.body {
            Body::Predict { lab, prediction } => {
                let lab = self.labs.iter().find(|report| report.lab == *lab);
                let truth = lab.and_then(|lab| lab.truth(prediction));
                (lab.and_then(|lab| lab.seed), truth)
            }
            // A question that was made from its seed is another under another name.
            _ => (matches!(posed, std::borrow::Cow::Owned(_)).then_some(seed), None),
        };
        let right = answer.is_some_and(|answer| grade(&posed, answer, truth).correct);
        QuestionReport { question: question.id.clone(), answered: answer.is_some(), right, seed }
    }
}

/// Judges a certificate at once.
///
/// # Errors
/// [`Refusal`] when the text is no certificate.
pub fn verify(text: &str, lessons: &Lessons<'_>) -> Result<Report, Refusal> {
    let mut verification = Verification::new(text, lessons)?;
    verification.finish();
    Ok(verification.report)
}

impl Certificate {
    /// Reads a certificate's text back, for a rename or for more lessons.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::Spelling`] also when the proof of a lesson cannot be read, because the
    /// lesson is not to be had, has changed, or the proof is another name's.
    pub fn from_text(text: &str, lessons: &Lessons<'_>) -> Result<Self, Refusal> {
        let sealed = Sealed::from_text(text)?;
        let rules = rules(sealed.rules).ok_or(Refusal::Rules(sealed.rules))?;
        let read = |part: &Part| LessonProof::read(rules, &sealed.name, &*lessons(&part.lesson)?, &part.proof);
        let proofs: Option<Vec<LessonProof>> = sealed.parts.iter().map(read).collect();
        Ok(Self { rules: rules.version, name: sealed.name.clone(), lessons: proofs.ok_or(Refusal::Spelling)? })
    }
}
