//! nginx's weighted round robin.

use super::{Note, Policy, Reason, Score};

/// Smooth weighted round robin (nginx `ngx_http_upstream_get_peer`): in each round every
/// eligible member's current weight grows by its weight; the highest is picked and pays the
/// total. Weights 5, 1, 1 give `a a b a c a a` and not `a a a a a b c`. O(n) by nature.
#[derive(Clone, Debug, Default)]
pub struct Smooth {
    current: Vec<i64>,
}

impl Policy for Smooth {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let all = |_: usize| true;
        let (chosen, _) = self.round(note, all);
        let total = self.total(note, all);
        let reached = |current: &[i64], i: usize| current[i] + if Some(i) == chosen { total } else { 0 };
        note.decide(chosen, Reason::HighestCurrentWeight, &|i| Score::CurrentWeight(reached(&self.current, i)))
    }
}

impl Smooth {
    /// One round among the eligible members that `among` lets in.
    pub(super) fn round(&mut self, note: &Note<'_>, among: impl Fn(usize) -> bool) -> (Option<usize>, i64) {
        self.current.resize(note.table.len(), 0);
        let (mut best, mut total) = (None, 0);
        let mut most = i64::MIN;
        for (i, (peer, current)) in note.table.peers().iter().zip(&mut self.current).enumerate() {
            if !among(i) || !note.eligible(i) {
                continue;
            }
            let weight = i64::from(peer.weight);
            *current += weight;
            total += weight;
            if *current > most {
                (best, most) = (Some(i), *current);
            }
        }
        if let Some(b) = best {
            self.current[b] -= total;
        }
        (best, total)
    }

    fn total(&self, note: &Note<'_>, among: impl Fn(usize) -> bool) -> i64 {
        (0..note.table.len()).filter(|&i| among(i) && note.eligible(i)).map(|i| i64::from(note.table.peers()[i].weight)).sum()
    }
}
