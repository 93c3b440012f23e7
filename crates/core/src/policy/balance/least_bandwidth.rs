//! The one that moved least.

use super::ranks::Ranks;
use super::{Change, Note, Policy, Reason, Score, Table};
use crate::time::Instant;

/// Seconds that count.
const WINDOW: usize = 14;

/// NetScaler's least bandwidth: the member whose answers of the last 14 seconds were the fewest
/// bytes, whatever the weights; equals take turns. O(log n), and O(n) once a second.
#[derive(Clone, Debug)]
pub struct LeastBandwidth {
    ranks: Ranks,
    /// Bytes of each second, by the second's place in the window.
    seconds: Vec<[u64; WINDOW]>,
    now: u64,
    next: usize,
}

impl LeastBandwidth {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { ranks: Ranks::new(table, &|_, _| 0), seconds: vec![[0; WINDOW]; table.len()], now: 0, next: 0 }
    }

    /// Forgets what has left the window.
    fn advance(&mut self, table: &Table, at: Instant) {
        let second = at.as_micros() / 1_000_000;
        let passed = second.saturating_sub(self.now).min(WINDOW as u64);
        if passed > 0 {
            self.now = second;
            for member in &mut self.seconds {
                (0..passed).for_each(|back| member[(second - back) as usize % WINDOW] = 0);
            }
            let seconds = &self.seconds;
            self.ranks = Ranks::new(table, &|i, _| seconds[i].iter().sum());
        }
    }
}

impl Policy for LeastBandwidth {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.advance(note.table, note.at());
        let chosen = self.ranks.turn(note, &mut self.next);
        let seconds = &self.seconds;
        note.decide(chosen, Reason::LeastBandwidth, &|i| Score::Bytes(seconds[i].iter().sum()))
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.seconds.resize(table.len(), [0; WINDOW]);
        self.advance(table, at);
        if let Change::Ended(done) = change {
            let second = &mut self.seconds[index][self.now as usize % WINDOW];
            *second = second.saturating_add(done.bytes);
        }
        let seconds = &self.seconds;
        self.ranks.told(table, index, change, &|i, _| seconds[i].iter().sum());
    }
}
