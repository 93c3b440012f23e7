//! What is remembered about a learner, and how two memories become one.
//!
//! Two tabs write to the same store. Every record therefore has a [`join`](Progress::join) that
//! gives the same result in any order and any number of times, and drops nothing that was earned.
//! Where one of two has to win, a logical clock decides: each change takes the next number.

use hopscope_core::assess::Answer;
use serde::{Deserialize, Serialize};

use super::named::Named;
use super::study::Study;

/// Everything remembered on this device. What a later version adds stands after what was there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The highest number that a change has taken.
    pub(crate) clock: u64,
    /// Lessons by slug.
    pub(crate) lessons: Named<LessonRecord>,
    /// What was studied, by the lesson's slug. Since version 2.
    pub(crate) study: Named<Study>,
    /// How often everything was deleted. Since version 2.
    pub(crate) resets: u64,
}

/// What is remembered about a lesson.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LessonRecord {
    /// The clock of the last thing done in it; zero when nothing was.
    pub(crate) touched: u64,
    /// What the lesson consists of, as last seen: the home page has no other way to know.
    pub(crate) outline: Outline,
    /// Labs by id.
    pub(crate) labs: Named<LabRecord>,
    /// Questions by id.
    pub(crate) answers: Named<AnswerRecord>,
}

/// The ids of a lesson's parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Outline {
    /// The clock when it was noted. First, because the comparison looks at it first.
    pub(crate) stamp: u64,
    /// Questions of the quiz.
    pub(crate) questions: Vec<String>,
    /// Labs.
    pub(crate) labs: Vec<String>,
    /// Those labs that are challenges.
    pub(crate) challenges: Vec<String>,
}

/// What is remembered about a lab.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LabRecord {
    /// Whether the learner has worked in it.
    pub(crate) seen: bool,
    /// The fewest actions with which the challenge was met.
    pub(crate) best: Option<u32>,
    /// Where the run stood.
    pub(crate) saved: SavedRun,
    /// Predictions by id, as version 1 kept them: without the seed of the run and the time. What is
    /// predicted now is a [`Commitment`](super::study::Commitment).
    pub(crate) predictions: Named<PredictionRecord>,
}

/// Where a run stood, as the timeline writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct SavedRun {
    /// The clock when it was saved. First, because the comparison looks at it first.
    pub(crate) stamp: u64,
    /// The timeline's text; empty when nothing was saved.
    pub(crate) text: String,
}

/// How sure a learner was of a prediction.
#[allow(clippy::enum_variant_names, reason = "the learner's own words: guess, think so, sure")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Sure {
    /// A guess.
    Guess,
    /// Fairly sure.
    Think,
    /// Certain.
    Sure,
}

/// A prediction as it was first made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct PredictionRecord {
    /// The clock when it was made. First, because the comparison looks at it first.
    pub(crate) stamp: u64,
    /// The id of the option.
    pub(crate) option: String,
    /// How sure the learner was.
    pub(crate) sure: Sure,
    /// Whether the run agreed.
    pub(crate) right: bool,
}

/// The answers to a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AnswerRecord {
    /// The clock of the last answer.
    pub(crate) stamp: u64,
    /// The last answer.
    pub(crate) answer: Answer,
    /// Whether the last answer was right.
    pub(crate) correct: bool,
    /// Whether any answer was right.
    pub(crate) ever_right: bool,
    /// How often it was answered.
    pub(crate) tries: u32,
}

/// How far a learner has come in a lesson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LessonProgress {
    /// The share that is done, 0 to 100.
    pub(crate) share: u8,
    /// Whether anything was done at all.
    pub(crate) begun: bool,
    /// Questions that were answered rightly at least once.
    pub(crate) right: u32,
    /// Questions that were answered.
    pub(crate) answered: u32,
    /// Labs that were worked in.
    pub(crate) labs_seen: u32,
    /// Whether every challenge was met; `false` when there is none.
    pub(crate) challenge_done: bool,
}

impl Progress {
    /// The number for the next change.
    pub(crate) const fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// The record of a lesson in which something is being done now.
    pub(crate) fn touch(&mut self, lesson: &str) -> &mut LessonRecord {
        let now = self.tick();
        let record = self.lessons.or_default(lesson);
        record.touched = now;
        record
    }

    /// Takes in what another memory has. One that was deleted more often knows of a wish that the
    /// other has not heard of yet, so it takes the other's place.
    pub(crate) fn join(&mut self, other: Self) {
        if other.resets != self.resets {
            if other.resets > self.resets {
                *self = other;
            }
            return;
        }
        self.clock = self.clock.max(other.clock);
        for (slug, lesson) in other.lessons {
            join_entry(&mut self.lessons, slug, lesson, LessonRecord::join);
        }
        for (slug, study) in other.study {
            join_entry(&mut self.study, slug, study, Study::join);
        }
    }

    /// What is left when the learner has everything deleted.
    pub(crate) fn emptied(&self) -> Self {
        Self { clock: self.clock, resets: self.resets + 1, ..Self::default() }
    }

    /// How far a lesson has come.
    pub(crate) fn of(&self, lesson: &str) -> LessonProgress {
        self.lessons.get(lesson).map(LessonRecord::progress).unwrap_or_default()
    }
}

impl LessonRecord {
    fn join(&mut self, other: Self) {
        self.touched = self.touched.max(other.touched);
        if other.outline > self.outline {
            self.outline = other.outline;
        }
        for (id, lab) in other.labs {
            join_entry(&mut self.labs, id, lab, LabRecord::join);
        }
        for (id, answer) in other.answers {
            join_entry(&mut self.answers, id, answer, AnswerRecord::join);
        }
    }

    /// Counts what the outline names; what a lesson no longer has does not count.
    fn progress(&self) -> LessonProgress {
        let Outline { questions, labs, challenges, .. } = &self.outline;
        let seen = count(labs, &|id| self.labs.get(id).is_some_and(|lab| lab.seen));
        let met = count(challenges, &|id| self.labs.get(id).is_some_and(|lab| lab.best.is_some()));
        let right = count(questions, &|id| self.answers.get(id).is_some_and(|answer| answer.ever_right));
        let parts = questions.len() + labs.len() + challenges.len();
        // A lesson whose parts are not known yet has begun, but no share of it can be told.
        let share = ((seen + met + right) * 100).checked_div(parts).unwrap_or(0);
        LessonProgress {
            share: u8::try_from(share).unwrap_or(100),
            begun: self.touched > 0,
            right: right as u32,
            answered: count(questions, &|id| self.answers.get(id).is_some()) as u32,
            labs_seen: seen as u32,
            challenge_done: met > 0 && met == challenges.len(),
        }
    }
}

fn count(ids: &[String], is_done: &dyn Fn(&str) -> bool) -> usize {
    ids.iter().filter(|id| is_done(id)).count()
}

impl LabRecord {
    fn join(&mut self, other: Self) {
        self.seen |= other.seen;
        self.best = match (self.best, other.best) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if other.saved > self.saved {
            self.saved = other.saved;
        }
        for (id, prediction) in other.predictions {
            // The first answer counts, in whichever tab it was given.
            join_entry(&mut self.predictions, id, prediction, |mine, theirs| {
                if theirs < *mine {
                    *mine = theirs;
                }
            });
        }
    }
}

impl AnswerRecord {
    fn join(&mut self, other: Self) {
        let ever_right = self.ever_right || other.ever_right;
        let tries = self.tries.max(other.tries);
        if other.rank() > self.rank() {
            *self = other;
        }
        self.ever_right = ever_right;
        self.tries = tries;
    }

    /// The later answer wins; two of the same moment are told apart by what they say.
    fn rank(&self) -> (u64, bool, Vec<u8>) {
        (self.stamp, self.correct, postcard::to_allocvec(&self.answer).unwrap_or_default())
    }
}

fn join_entry<T>(map: &mut Named<T>, id: String, theirs: T, join: impl FnOnce(&mut T, T)) {
    match map.get_mut(&id) {
        Some(mine) => join(mine, theirs),
        None => map.insert(id, theirs),
    }
}
