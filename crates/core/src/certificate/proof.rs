//! What is proven of one lesson, and its bits.

use super::answer;
use super::bits::{Reader, Writer};
use super::outline::challenges;
use super::rules::Rules;
use super::run::{self, LabRun, Unwritable};
use super::seed::{question_seed, veil};
use crate::assess::Answer;
use crate::lesson::Lesson;

/// What a learner did and answered in a lesson.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LessonProof {
    /// The lesson's slug.
    pub lesson: String,
    /// The challenges that were played.
    pub runs: Vec<LabRun>,
    /// The questions of the quiz that were answered, by id. What a lab asks on the way is not among
    /// them: it is for learning, and nobody passes or fails by it.
    pub answers: Vec<(String, Answer)>,
}

/// Why a proof cannot be written, and of which lab.
pub(super) type Trouble = (String, Unwritable);

impl LessonProof {
    /// What was done in a lab, if it was played.
    pub fn run(&self, lab: &str) -> Option<&LabRun> {
        self.runs.iter().find(|run| run.lab == lab)
    }

    /// What was answered to a question.
    pub fn answer(&self, question: &str) -> Option<&Answer> {
        self.answers.iter().find(|(id, _)| id == question).map(|(_, answer)| answer)
    }

    /// The proof in the bits that this lesson leaves to choose, veiled by the name.
    pub(super) fn write(&self, rules: &Rules, name: &str, lesson: &Lesson) -> Result<Vec<u8>, Trouble> {
        let mut w = Writer::default();
        for lab in challenges(lesson) {
            let run = self.run(&lab.id);
            w.flag(run.is_some());
            if let Some(run) = run {
                run::write(&mut w, &lab.scenario, &run.taken, rules.actions).map_err(|why| (lab.id.clone(), why))?;
            }
        }
        for question in &lesson.questions {
            let posed = answer::posed(question, question_seed(name, &lesson.slug, &question.id));
            answer::write(&mut w, &posed, lesson, self.answer(&question.id));
        }
        let mut bytes = w.into_bytes();
        veil(&mut bytes, name, &self.lesson);
        Ok(bytes)
    }

    /// Reads what [`LessonProof::write`] wrote for a lesson of the same outline; `None` for anything else.
    pub(super) fn read(rules: &Rules, name: &str, lesson: &Lesson, bytes: &[u8]) -> Option<Self> {
        let mut plain = bytes.to_vec();
        veil(&mut plain, name, &lesson.slug);
        let mut r = Reader::new(&plain);
        let mut proof = Self { lesson: lesson.slug.clone(), ..Self::default() };
        for lab in challenges(lesson) {
            if r.flag() {
                let taken = run::read(&mut r, &lab.scenario, rules.actions);
                proof.runs.push(LabRun { lab: lab.id.clone(), taken });
            }
        }
        for question in &lesson.questions {
            let posed = answer::posed(question, question_seed(name, &lesson.slug, &question.id));
            let answer = answer::read(&mut r, &posed, lesson);
            proof.answers.extend(answer.map(|answer| (question.id.clone(), answer)));
        }
        let is_whole = !r.failed() && proof.write(rules, name, lesson).is_ok_and(|again| again == bytes);
        is_whole.then_some(proof)
    }
}
