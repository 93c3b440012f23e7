//! Any, by weight.

use super::shares::Shares;
use super::{Change, Note, Policy, Reason, Score, Table};
use crate::time::Instant;

/// A member drawn by weight, independently each time (nginx `random`, Varnish's `random`
/// director).
#[derive(Clone, Debug)]
pub struct Random {
    shares: Shares,
}

impl Random {
    /// For any members.
    pub const fn new() -> Self {
        Self { shares: Shares::new() }
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy for Random {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.shares.refresh_eligible(note);
        let drawn = note.ask.draw.below(self.shares.total());
        let chosen = self.shares.owner(drawn);
        note.decide(chosen, Reason::Drawn, &|_| Score::Drawn(drawn))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.shares.told(change);
    }
}
