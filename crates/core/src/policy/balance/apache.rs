//! Apache httpd's `mod_proxy_balancer`. Its `byrequests` is nginx's smooth weighted round robin
//! ([`super::nginx::Smooth`]) with workers instead of servers.

use super::{Change, Note, Policy, Reason, Score, Table};
use crate::time::Instant;

/// `lbmethod=bybusyness` (`mod_lbmethod_bybusyness.c`): the worker with the fewest requests under
/// way, whatever its load factor; among equals the one with the highest status. In each round
/// every worker's status grows by its load factor, tied or not, and the one picked pays the sum.
/// O(n) by nature, as smooth weighted round robin is.
#[derive(Clone, Debug, Default)]
pub struct ByBusyness {
    status: Vec<i64>,
}

impl ByBusyness {
    /// The one picked among those that are backups or not, and the sum that it paid.
    fn round(&mut self, note: &Note<'_>) -> Option<(usize, i64)> {
        let peers = note.table.peers();
        self.status.resize(peers.len(), 0);
        let (mut best, mut total) = (None, 0);
        let mut least = (u32::MAX, i64::MAX);
        for (i, peer) in peers.iter().enumerate().filter(|(i, _)| note.eligible(*i)) {
            self.status[i] += i64::from(peer.weight);
            total += i64::from(peer.weight);
            let rank = (peer.active, -self.status[i]);
            if best.is_none() || rank < least {
                (best, least) = (Some(i), rank);
            }
        }
        let best = best?;
        self.status[best] -= total;
        Some((best, total))
    }
}

impl Policy for ByBusyness {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let picked = self.round(note);
        let (chosen, total) = (picked.map(|(i, _)| i), picked.map_or(0, |(_, total)| total));
        let peers = note.table.peers();
        let reached = |i: usize| self.status[i] + if Some(i) == chosen { total } else { 0 };
        note.decide(chosen, Reason::LeastBusy, &|i| Score::Busy(peers[i].active, reached(i)))
    }

    fn told(&mut self, _table: &Table, index: usize, change: Change, _at: Instant) {
        if let (Change::Weight(_), Some(status)) = (change, self.status.get_mut(index)) {
            *status = 0;
        }
    }
}
