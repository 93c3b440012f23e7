//! A range cut into shares.

use super::{Change, Note, Score, Table};

/// A range in which every member has a share as wide as its weight, in the order of the table.
/// Finding an owner is O(log n); the sums are made anew when something has changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Shares {
    /// Where each member's share ends.
    ends: Vec<u64>,
    /// For every 2^[`Shares::shift`] places, the owner of the first of them: from there the owner of
    /// a place is not far.
    marks: Vec<u32>,
    shift: u32,
    stale: bool,
}

impl Shares {
    /// With nothing in it until [`Shares::refresh`].
    pub(super) const fn new() -> Self {
        Self { ends: Vec::new(), marks: Vec::new(), shift: 0, stale: true }
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
            self.mark(end);
        }
    }

    /// About one mark for each member.
    fn mark(&mut self, total: u64) {
        self.shift = (total / (self.ends.len() as u64).max(1)).max(1).ilog2();
        self.marks.clear();
        for (i, end) in self.ends.iter().enumerate() {
            while (self.marks.len() as u64) << self.shift < *end {
                self.marks.push(i as u32);
            }
        }
    }

    /// Cuts the range among those who can be picked for this request. Their shares last until
    /// something changes, unless this request has tried some in vain or members can be full.
    pub(super) fn refresh_eligible(&mut self, note: &Note<'_>) {
        let lasting = note.ask.tried.is_empty() && !note.table.has_limits();
        self.stale |= !lasting;
        self.refresh(note.table, &|i| if note.eligible(i) { note.table.peers()[i].weight } else { 0 });
        self.stale = !lasting;
    }

    /// How wide the range is.
    pub(super) fn total(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Whose share holds a place of the range.
    pub(super) fn owner(&self, place: u64) -> Option<usize> {
        let mark = (place >> self.shift) as usize;
        let from = *self.marks.get(mark)? as usize;
        let to = self.marks.get(mark + 1).map_or(self.ends.len(), |&next| next as usize + 1);
        let index = from + self.ends[from..to].partition_point(|&end| end <= place);
        (index < self.ends.len()).then_some(index)
    }

    /// Where a member's share begins and ends.
    pub(super) fn of(&self, index: usize) -> (u64, u64) {
        (if index == 0 { 0 } else { self.ends[index - 1] }, self.ends[index])
    }

    /// A member's share as a score.
    pub(super) fn slots(&self, index: usize) -> Score {
        let (begin, end) = self.of(index);
        Score::Slots(begin as u32, end as u32)
    }
}
