//! The fewest active for their weight.

use std::cmp::Ordering;

use super::{Note, Policy, Reason, Score, Smooth};

/// nginx `least_conn`: the member with the fewest active connections divided by its weight;
/// among equals, smooth weighted round robin (`ngx_http_upstream_get_least_conn_peer`).
#[derive(Clone, Debug, Default)]
pub struct LeastConn {
    turns: Smooth,
}

impl Policy for LeastConn {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let (best, tied) = Self::fewest(note);
        let Some(best) = best else { return note.decide(None, Reason::NobodyEligible, &|_| Score::ActivePerWeight(0)) };
        let (chosen, reason) = if tied {
            let (active, weight) = (note.table.peers()[best].active, note.table.peers()[best].weight);
            let equal = |i: usize| {
                u64::from(note.table.peers()[i].active) * u64::from(weight) == u64::from(active) * u64::from(note.table.peers()[i].weight)
            };
            (self.turns.round(note, equal).0, Reason::FewestActiveTie)
        } else {
            (Some(best), Reason::FewestActive)
        };
        let peers = note.table.peers();
        note.decide(chosen, reason, &|i| Score::ActivePerWeight(u64::from(peers[i].active) * 1_000 / u64::from(peers[i].weight.max(1))))
    }
}

impl LeastConn {
    /// The first of those with the fewest, and whether there are others like it.
    fn fewest(note: &Note<'_>) -> (Option<usize>, bool) {
        let mut best: Option<usize> = None;
        let mut tied = false;
        let mut least = (0, 0);
        for (i, peer) in note.table.peers().iter().enumerate() {
            if !note.eligible(i) {
                continue;
            }
            let (active, weight) = (u64::from(peer.active), u64::from(peer.weight));
            let order = if best.is_none() { Ordering::Less } else { (active * least.1).cmp(&(least.0 * weight)) };
            match order {
                Ordering::Less => (best, tied, least) = (Some(i), false, (active, weight)),
                Ordering::Equal => tied = true,
                Ordering::Greater => {}
            }
        }
        (best, tied)
    }
}
