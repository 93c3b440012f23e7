//! Smooth weighted round robin.

use super::rounds::Rounds;
use crate::policy::balance::{Change, Note, Picture, Policy, Reason, Score, Table};
use crate::time::Instant;

/// nginx's weighted round robin: in each round every server that may be picked gains its weight;
/// the one with the highest current weight is picked and pays the total. Weights 5, 1, 1 give
/// `a a b a c a a` and not `a a a a a b c`. Every round changes every server, so that nginx looks
/// at all of them each time; many are kept in [`super::levels`] here.
#[derive(Clone, Debug)]
pub struct Smooth {
    rounds: Rounds,
}

impl Smooth {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { rounds: Rounds::new(table, |_| 0) }
    }

    /// The counters as the last round left them, for a picture.
    pub(in crate::policy::balance) fn counters(&self, members: usize) -> Vec<i64> {
        (0..members).map(|i| self.rounds.current(i)).collect()
    }
}

impl Policy for Smooth {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let Some(picked) = self.rounds.lowest(note) else {
            return self.rounds.servers.fall_back(note, Reason::HighestCurrentWeight);
        };
        let (chosen, total) = (picked.map(|(i, ..)| i), picked.map_or(0, |(_, total, _)| total));
        let rounds = &self.rounds;
        let reached = |i: usize| rounds.current(i) + if Some(i) == chosen { total } else { 0 };
        let standing = |note: &Note<'_>, i: usize| rounds.standing(note, i, false);
        note.decide_by(chosen, Reason::HighestCurrentWeight, &standing, &|i| Score::CurrentWeight(reached(i)))
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.rounds.told(table, index, change, at);
    }

    fn picture(&self, table: &Table) -> Option<Picture> {
        Some(Picture::Counters(self.counters(table.len())))
    }
}
