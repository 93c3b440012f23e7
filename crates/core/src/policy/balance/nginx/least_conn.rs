//! The fewest active for their weight.

use super::rounds::Rounds;
use crate::policy::balance::{Change, Note, Peer, Policy, Reason, Score, Table};
use crate::time::Instant;

/// nginx `least_conn`: the server with the fewest active connections divided by its weight. Only
/// the tied play a round of smooth weighted round robin, and only their weights move
/// (`ngx_http_upstream_get_least_conn_peer`). nginx looks at all servers each time; many are kept
/// in [`super::levels`] here.
#[derive(Clone, Debug)]
pub struct LeastConn {
    rounds: Rounds,
}

/// Active connections for the weight, in 2^-33: two shares of weights up to 65,535 differ by more
/// than 2^-32, so that equal means equal.
fn share(peer: &Peer) -> u64 {
    (u64::from(peer.active) << 33) / u64::from(peer.weight.max(1))
}

impl LeastConn {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { rounds: Rounds::new(table, share) }
    }

    /// The one picked among the primary or the backup servers, and whether it was tied.
    fn least(&mut self, note: &Note<'_>, help: bool) -> Option<(usize, bool)> {
        if let Some(picked) = self.rounds.lowest(note) {
            return picked.map(|(i, _, tied)| (i, tied));
        }
        let peers = note.table.peers();
        let (mut best, mut tied): (Option<usize>, bool) = (None, false);
        for (i, peer) in peers.iter().enumerate() {
            if !self.rounds.servers.plays(note, i, help) {
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
            self.rounds.servers.picked(note, best);
            return Some((best, false));
        }
        let equal = |i: usize| compare(&peers[i], &peers[best]).is_eq();
        self.rounds.servers.round(note, help, &equal).map(|(best, _)| (best, true))
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
        let rounds = &self.rounds;
        let peers = note.table.peers();
        let score = |i: usize| Score::ActivePerWeight(u64::from(peers[i].active) * 1_000 / u64::from(peers[i].weight.max(1)));
        note.decide_by(chosen.map(|(i, _)| i), reason, &|note, i| rounds.standing(note, i, help), &score)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.rounds.told(table, index, change, at);
    }
}
