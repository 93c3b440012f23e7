//! What can be wrong with a scenario, in sentences.

use core::fmt;

/// Why a scenario cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScenarioError {
    /// A name is used for two things.
    Twice {
        /// What kind of thing.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name refers to nothing.
    Unknown {
        /// What kind of thing was looked for.
        what: &'static str,
        /// The name.
        name: String,
        /// Where it stands, such as `proxies.lb.pools`.
        at: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A value makes no sense.
    Invalid {
        /// Where it stands.
        at: String,
        /// What is wrong and what to do.
        why: String,
    },
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice { what, name } => write!(f, "There are two {what}s called \"{name}\". Give one of them another name."),
            Self::Unknown { what, name, at, known } if known.is_empty() => {
                write!(f, "{at} names the {what} \"{name}\", but the scenario has none.")
            }
            Self::Unknown { what, name, at, known } => {
                write!(f, "{at} names the {what} \"{name}\", which does not exist. Known: {}.", known.join(", "))
            }
            Self::Invalid { at, why } => write!(f, "{at}: {why}."),
        }
    }
}

impl std::error::Error for ScenarioError {}
