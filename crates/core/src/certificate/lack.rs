//! What does not hold in a certificate, in words.

use core::fmt;

use super::report::GoalReport;
use crate::decimal::Decimal;

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Lack {
    /// The lesson is not to be had.
    Missing,
    /// The lesson has changed, and the proof does not hold for what it is now.
    Changed,
    /// The proof is none of this lesson under this name.
    Garbled,
    /// A challenge was not played: its title.
    Unplayed(String),
    /// No seed of this name serves the lab: its title.
    Seedless(String),
    /// A run came to nothing: the lab's title, and why.
    Trouble(String, String),
    /// A goal was missed.
    Missed(GoalReport),
    /// Too few questions are right.
    Few {
        /// How many are right.
        right: usize,
        /// Of how many.
        of: usize,
        /// How many have to be.
        needed: usize,
    },
}

impl fmt::Display for Lack {
    /// The end of a sentence that begins with the lesson.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is not to be had here, so its proof cannot be replayed. Verify on the site that it was made on"),
            Self::Changed => f.write_str(
                "it has changed since this certificate was made, and the proof does not hold for the lesson as it is now. That is no sign of a forgery; it says nothing either way",
            ),
            Self::Garbled => f.write_str("its proof cannot be read under this name. It was made for another name, or was changed"),
            Self::Unplayed(lab) => write!(f, "the challenge \"{lab}\" is not in it"),
            Self::Seedless(lab) => write!(f, "the lab \"{lab}\" serves no seed of this name, so there is nothing to replay. Write the name otherwise"),
            Self::Trouble(lab, why) => write!(f, "the challenge \"{lab}\" cannot be replayed: {why}"),
            Self::Missed(GoalReport { label, unit, value, at_most, at_least, .. }) => {
                write!(f, "the goal \"{label}\" was missed: {}{unit}", Decimal(value.unwrap_or(0.0)))?;
                for (words, limit) in [("at most", at_most), ("at least", at_least)] {
                    if let Some(limit) = limit {
                        write!(f, ", {words} {}{unit}", Decimal(*limit))?;
                    }
                }
                Ok(())
            }
            Self::Few { right, of, needed } => write!(f, "{right} of {of} questions are right, and {needed} have to be"),
        }
    }
}
