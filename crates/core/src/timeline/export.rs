//! A run as a few bytes: which lab, its digest, the seed, the actions, the position.

use core::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Timeline;
use crate::scenario::{Action, Spec};
use crate::wire;

/// The version of the format; grows when old bytes would mean something else.
const VERSION: u8 = 1;

/// Everything that is needed to stand at the same event again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The lab's id.
    pub lab: String,
    /// The digest of the lab's scenario when it was saved.
    pub digest: String,
    /// The seed.
    pub seed: u64,
    /// The actions.
    pub actions: Vec<Action>,
    /// The position.
    pub position: u32,
}

/// Why saved state cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SavedError {
    /// It is mangled.
    Mangled,
    /// It is of a version that this build does not know.
    Version(u8),
    /// It is another lab's.
    OtherLab(String),
    /// The lab has changed since.
    Changed,
    /// An action in it cannot be taken.
    Action(String),
}

impl fmt::Display for SavedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mangled => f.write_str("This link is cut short or damaged, so the lab opens at its start. Ask for the link again."),
            Self::Version(v) => write!(
                f,
                "This link is of version {v}, which this page does not know, so the lab opens at its start. Reload the page, or ask for a new link."
            ),
            Self::OtherLab(lab) => write!(f, "This link belongs to the lab \"{lab}\", which is not on this page."),
            Self::Changed => f.write_str("This lab has changed since the link was made, so what it shows may differ from what was meant."),
            Self::Action(why) => write!(f, "A change in this link cannot be made here: {why}. The changes before it hold."),
        }
    }
}

impl std::error::Error for SavedError {}

/// All bits of a check count, though two bytes of it are kept.
pub(super) const fn fold(check: u64) -> u16 {
    let check = check ^ check >> 32;
    (check ^ check >> 16) as u16
}

impl Saved {
    /// As text for a URL fragment.
    pub fn to_text(&self) -> String {
        let mut bytes = vec![VERSION];
        // Serialising owned plain data into a growing vector has no way to fail.
        bytes.extend(postcard::to_allocvec(self).unwrap_or_default());
        let check = fold(wire::check(&bytes));
        bytes.extend(check.to_le_bytes());
        wire::to_letters(&bytes)
    }

    /// Reads what [`Saved::to_text`] wrote.
    ///
    /// # Errors
    /// [`SavedError::Mangled`] or [`SavedError::Version`].
    pub fn from_text(text: &str) -> Result<Self, SavedError> {
        let bytes = wire::from_letters(text.trim()).ok_or(SavedError::Mangled)?;
        let (body, check) = bytes.split_last_chunk::<2>().ok_or(SavedError::Mangled)?;
        if fold(wire::check(body)) != u16::from_le_bytes(*check) {
            return Err(SavedError::Mangled);
        }
        match body.split_first() {
            Some((&VERSION, rest)) => wire::read(rest).ok_or(SavedError::Mangled),
            Some((&version, _)) => Err(SavedError::Version(version)),
            None => Err(SavedError::Mangled),
        }
    }
}

impl Timeline {
    /// The run as it stands.
    pub fn save(&self, lab: &str, digest: &str) -> Saved {
        Saved {
            lab: lab.to_owned(),
            digest: digest.to_owned(),
            seed: self.seed,
            actions: self.actions[..self.taken()].to_vec(),
            position: self.position(),
        }
    }

    /// The run that was saved, with its actions but standing at the start, and the position to
    /// seek to: that may take a while, so it is left to [`Timeline::work`].
    ///
    /// Something is always given: what could be restored, and what could not, in words.
    pub fn restore(spec: &Rc<Spec>, digest: &str, saved: &Saved) -> (Self, u32, Option<SavedError>) {
        let mut timeline = Self::new(Rc::clone(spec), saved.seed);
        let mut trouble = (saved.digest != digest).then_some(SavedError::Changed);
        let mut last = 0;
        for action in &saved.actions {
            if action.at < last {
                trouble = Some(SavedError::Mangled);
                break;
            }
            if let Err(why) = spec.settings(&action.kind) {
                trouble = Some(SavedError::Action(why));
                break;
            }
            last = action.at;
            timeline.actions.push(action.clone());
        }
        timeline.rerun_to(0);
        (timeline, saved.position, trouble)
    }
}
