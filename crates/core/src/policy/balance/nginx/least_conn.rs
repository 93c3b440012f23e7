//! The fewest active for their weight.

use super::Servers;
use crate::policy::balance::{Change, Note, Peer, Policy, Reason, Score, Standing, Table};
use crate::time::Instant;

/// nginx `least_conn`: the server with the fewest active connections divided by its weight. Only
/// the tied play a round of smooth weighted round robin, and only their weights move
/// (`ngx_http_upstream_get_least_conn_peer`).
#[derive(Clone, Debug, Default)]
pub struct LeastConn {
    servers: Servers,
}

impl LeastConn {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { servers: Servers::new(table) }
    }

    /// The one picked among the primary or the backup servers, and whether it was tied.
    fn least(&mut self, note: &Note<'_>, help: bool) -> Option<(usize, bool)> {
        let peers = note.table.peers();
        let (mut best, mut tied): (Option<usize>, bool) = (None, false);
        for (i, peer) in peers.iter().enumerate() {
            if peer.backup != help || self.servers.standing(note, i, help) != Standing::Eligible {
                continue;
            }
            let order = best.map(|b| compare(peer, &peers[b]));
            match order {
                Some(core::cmp::Ordering::Greater) => {}
                Some(core::cmp::Ordering::Equal) => tied = true,
                Some(core::cmp::Ordering::Less) | None => (best, tied) = (Some(i), false),
            }
        }
        let best = best?;
        if !tied {
            self.servers.picked(note, best);
            return Some((best, false));
        }
        let equal = |i: usize| compare(&peers[i], &peers[best]).is_eq();
        self.servers.round(note, help, &equal).map(|(best, _)| (best, true))
    }
}

/// Who has fewer active for its weight, without dividing.
pub(super) fn compare(a: &Peer, b: &Peer) -> core::cmp::Ordering {
    (u64::from(a.active) * u64::from(b.weight)).cmp(&(u64::from(b.active) * u64::from(a.weight)))
}

impl Policy for LeastConn {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let first = self.least(note, false);
        let help = first.is_none();
        let chosen = if help && note.table.has_backups() { self.least(note, true) } else { first };
        let reason = if chosen.is_some_and(|(_, tied)| tied) { Reason::FewestActiveTie } else { Reason::FewestActive };
        let servers = &self.servers;
        let peers = note.table.peers();
        let score = |i: usize| Score::ActivePerWeight(u64::from(peers[i].active) * 1_000 / u64::from(peers[i].weight.max(1)));
        note.decide_by(chosen.map(|(i, _)| i), reason, &|note, i| servers.standing(note, i, help), &score)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
    }
}
