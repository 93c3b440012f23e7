//! The quickest.

use super::ranks::Ranks;
use super::{Change, Note, Peer, Policy, Reason, Score, Table};
use crate::time::Instant;

/// NetScaler's least response time (`LRTM`): requests under way times the average response time,
/// for the weight; the least wins, and equals take turns. An idle member has 0 and is tried first
/// whatever it was like, which is how a recovered one is found out. The average is a moving one
/// of the whole answer in which the newest counts an eighth, as in TCP's round-trip time
/// (RFC 6298); NetScaler measures to the first byte. nginx Plus has `least_time` and does not say
/// by which formula. O(log n).
#[derive(Clone, Debug)]
pub struct LeastTime {
    ranks: Ranks,
    /// Average response times in microseconds; 0 for unknown.
    averages: Vec<u64>,
    next: usize,
}

/// In microseconds for a weight of 1.
fn cost(average: u64, peer: &Peer) -> u64 {
    u64::from(peer.active).saturating_mul(average.max(1)) / u64::from(peer.weight.max(1))
}

impl LeastTime {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { ranks: Ranks::new(table, &|_, peer| cost(0, peer)), averages: vec![0; table.len()], next: 0 }
    }
}

impl Policy for LeastTime {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let chosen = self.ranks.turn(note, &mut self.next);
        let (peers, averages) = (note.table.peers(), &self.averages);
        note.decide(chosen, Reason::LeastTime, &|i| Score::Time(cost(averages[i], &peers[i])))
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, _at: Instant) {
        self.averages.resize(table.len(), 0);
        if let Change::Ended(done) = change {
            let (average, took) = (&mut self.averages[index], done.took.as_micros());
            *average = if *average == 0 { took } else { (*average * 7 + took) / 8 };
        }
        let averages = &self.averages;
        self.ranks.told(table, index, change, &|i, peer| cost(averages[i], peer));
    }
}
