//! The run as it was before a fork, for the dashed line beside the new one.

use std::rc::Rc;

use super::Timeline;
use crate::metrics::Window;
use crate::time::Instant;

/// What is kept of a run that was left.
#[derive(Clone, Debug)]
pub struct Ghost {
    /// The position of the fork.
    pub forked_at: u32,
    /// The moment of the fork.
    pub forked_when: Instant,
    /// How far the left run was known.
    pub known: Instant,
    /// Its windows.
    pub windows: Vec<Rc<Window>>,
}

impl Ghost {
    pub(super) fn of(timeline: &Timeline) -> Self {
        Self {
            forked_at: timeline.position(),
            forked_when: timeline.now(),
            known: timeline.known().1,
            windows: timeline.front().metrics().windows().to_vec(),
        }
    }
}
