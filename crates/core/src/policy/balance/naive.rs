//! Weights without smoothing.

use super::shares::Shares;
use super::{Change, Note, Policy, Reason, Score, Table};
use crate::time::Instant;

/// Weighted round robin as one would write it first: each member as often in a row as its weight
/// says. Weights 5, 1, 1 give `a a a a a b c`, so that the heaviest gets all its requests at
/// once. For contrast with [`super::nginx::Smooth`]. O(log n).
#[derive(Clone, Debug)]
pub struct Naive {
    shares: Shares,
    /// The place in the range of all weights that comes next.
    next: u64,
}

impl Naive {
    /// For any members.
    pub const fn new() -> Self {
        Self { shares: Shares::new(), next: 0 }
    }
}

impl Default for Naive {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy for Naive {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.shares.refresh_eligible(note);
        let total = self.shares.total();
        let place = self.next.checked_rem(total).unwrap_or(0);
        let chosen = self.shares.owner(place);
        self.next = place + 1;
        let shares = &self.shares;
        let turns = |i: usize| {
            let (begin, end) = shares.of(i);
            if (begin..end).contains(&place) { 0 } else { ((begin + total - place) % total.max(1)) as u32 }
        };
        note.decide(chosen, Reason::Turn, &|i| Score::Turns(turns(i)))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.shares.told(change);
    }
}
