//! A range cut into shares.

use super::{Change, Score, Table};

/// A range in which every member has a share as wide as its weight, in the order of the table.
/// Finding an owner is O(log n); the sums are made anew when something has changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Shares {
    /// Where each member's share ends.
    ends: Vec<u64>,
    stale: bool,
}

impl Shares {
    /// With nothing in it until [`Shares::refresh`].
    pub(super) const fn new() -> Self {
        Self { ends: Vec::new(), stale: true }
    }

    /// Something about a member has changed.
    pub(super) fn told(&mut self, change: Change) {
        self.stale |= change.moves_shares();
    }

    /// Cuts the range anew if need be; `weight` says how wide a member's share is.
    pub(super) fn refresh(&mut self, table: &Table, weight: &dyn Fn(usize) -> u32) {
        if self.stale {
            self.stale = false;
            let mut end = 0;
            self.ends.clear();
            for i in 0..table.len() {
                end += u64::from(weight(i));
                self.ends.push(end);
            }
        }
    }

    /// How wide the range is.
    pub(super) fn total(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Whose share holds a place of the range.
    pub(super) fn owner(&self, place: u64) -> Option<usize> {
        let index = self.ends.partition_point(|&end| end <= place);
        (index < self.ends.len()).then_some(index)
    }

    /// A member's share as a score.
    pub(super) fn slots(&self, index: usize) -> Score {
        let begin = if index == 0 { 0 } else { self.ends[index - 1] };
        Score::Slots(begin as u32, self.ends[index] as u32)
    }
}
