//! A certificate that anyone can check by replay.
//!
//! Its text holds a name and, for each lesson, what the learner did in the challenge and answered
//! in the quiz. Whoever has the lessons runs the challenge again, on a seed that comes from the name,
//! and grades the answers again. Nothing in it claims a result: a result is what comes of it.
//!
//! It proves that these actions and answers pass, under this name's seeds. It does not prove who
//! gave them.
//!
//! - A [`Certificate`] is what is proven; [`Certificate::to_text`] writes it, [`Sealed::from_text`]
//!   reads it as far as that goes without the lessons, [`verify`] and [`Verification`] judge it.
//! - What has to hold is in [`rules`], by version.
//! - [`rename`] says what of a certificate holds under another name as well.
//! - [`Issued`] has the words for a printed one.

mod answer;
mod bits;
mod digits;
mod issued;
mod lack;
mod linkedin;
mod name;
mod order;
mod outline;
mod proof;
mod reference;
mod rename;
mod report;
mod rules;
mod run;
mod sealed;
mod seed;
mod slug;
mod trial;
mod value;
mod verify;

use core::fmt;
use std::rc::Rc;

pub use answer::posed;
pub use issued::{Issued, STATEMENT};
pub use lack::Lack;
pub use linkedin::linkedin;
pub use name::{MOST as MOST_NAME, NameError, tidy};
pub use outline::outline;
pub use proof::LessonProof;
pub use reference::reference;
pub use rename::{Renamed, rename};
pub use report::{GoalReport, LabReport, LessonReport, QuestionReport, Report, Seeded};
pub use rules::{CURRENT, Rules, rules};
pub use run::{LabRun, Taken};
pub use sealed::{Part, Refusal, Sealed};
pub use seed::{question_seed, seed_for};
pub use slug::number;
pub use verify::{Verification, verify};

use crate::lesson::Lesson;
use run::Unwritable;

/// Where lessons come from, by their slug.
pub type Lessons<'a> = dyn Fn(&str) -> Option<Rc<Lesson>> + 'a;

/// What is proven, and of whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// The version of the rules that it is judged by.
    pub rules: u8,
    /// The name, as it was typed or tidied.
    pub name: String,
    /// Lessons in any order.
    pub lessons: Vec<LessonProof>,
}

/// Why a certificate cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unfit {
    /// The name cannot stand on one.
    Name(NameError),
    /// The version of the rules is unknown.
    Rules(u8),
    /// A lesson is not to be had, or is in it twice.
    Lesson(String),
    /// What was done in a lab cannot be written down.
    Run {
        /// The lesson's slug.
        lesson: String,
        /// The lab.
        lab: String,
        /// What is wrong and what to do.
        why: &'static str,
    },
    /// There are more lessons, or longer proofs, than a certificate may hold.
    Long,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(why) => why.fmt(f),
            Self::Rules(version) => write!(f, "Version {version} of the rules is not known here. Use version {}.", CURRENT.version),
            Self::Lesson(lesson) => write!(f, "The lesson \"{lesson}\" is not to be had, or is in the certificate twice."),
            Self::Run { lesson, lab, why } => {
                write!(f, "What was done in the lab \"{lab}\" of \"{lesson}\" cannot be written down: {why}.")
            }
            Self::Long => f.write_str("This is more than one certificate can hold. Make one for fewer lessons."),
        }
    }
}

impl std::error::Error for Unfit {}

impl Certificate {
    /// A certificate by the current rules, without lessons yet.
    ///
    /// # Errors
    /// [`NameError`] when the name cannot stand on one.
    pub fn new(name: &str) -> Result<Self, NameError> {
        Ok(Self { rules: CURRENT.version, name: tidy(name)?, lessons: Vec::new() })
    }

    /// The one text of this certificate.
    ///
    /// # Errors
    /// [`Unfit`] when something in it cannot be written, or a lesson is not to be had.
    pub fn to_text(&self, lessons: &Lessons<'_>) -> Result<String, Unfit> {
        let text = self.seal(lessons)?.to_text();
        // What is written is read again by whoever gets it, and not refused.
        if Sealed::from_text(&text).is_ok() { Ok(text) } else { Err(Unfit::Long) }
    }

    /// Writes the proofs by what the lessons leave to choose.
    ///
    /// # Errors
    /// As [`Certificate::to_text`].
    pub fn seal(&self, lessons: &Lessons<'_>) -> Result<Sealed, Unfit> {
        let rules = rules(self.rules).ok_or(Unfit::Rules(self.rules))?;
        let name = tidy(&self.name).map_err(Unfit::Name)?;
        let mut sealed = Sealed { rules: rules.version, name, parts: Vec::new() };
        for proof in &self.lessons {
            let unfit = || Unfit::Lesson(proof.lesson.clone());
            let lesson = lessons(&proof.lesson).filter(|lesson| lesson.slug == proof.lesson && slug::is_slug(&lesson.slug));
            let lesson = lesson.ok_or_else(unfit)?;
            let bytes = proof.write(rules, &sealed.name, &lesson);
            let bytes = bytes.map_err(|(lab, why)| Unfit::Run { lesson: lesson.slug.clone(), lab, why: said(why) })?;
            if !sealed.insert(Part { lesson: lesson.slug.clone(), outline: outline(&lesson), proof: bytes }) {
                return Err(unfit());
            }
        }
        Ok(sealed)
    }
}

const fn said(why: Unwritable) -> &'static str {
    match why {
        Unwritable::Many => "there are too many changes; play it again with fewer",
        Unwritable::Late => "its changes are not in order, or come after the end of the run",
        Unwritable::Unknown => "the lab has no such knob, fault or setting",
    }
}
