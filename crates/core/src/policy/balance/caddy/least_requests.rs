//! The fewest requests under way.

use crate::policy::balance::ranks::Ranks;
use crate::policy::balance::{Change, Note, Peer, Policy, Reason, Score, Table};
use crate::time::Instant;

/// `lb_policy least_conn`: the upstream with the fewest requests under way, whatever its weight;
/// one of equals is drawn. O(log n).
#[derive(Clone, Debug)]
pub struct LeastRequests {
    ranks: Ranks,
}

fn rank(_: usize, peer: &Peer) -> u64 {
    u64::from(peer.active)
}

impl LeastRequests {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { ranks: Ranks::new(table, &rank) }
    }
}

impl Policy for LeastRequests {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let found = self.ranks.any(note);
        let alone = found.is_some_and(|(_, alone)| alone);
        let reason = if alone { Reason::FewestRequests } else { Reason::FewestRequestsDrawn };
        let peers = note.table.peers();
        note.decide(found.map(|(i, _)| i), reason, &|i| Score::Requests(peers[i].active))
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, _at: Instant) {
        self.ranks.told(table, index, change, &rank);
    }
}
