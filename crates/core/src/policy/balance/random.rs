//! Any, by weight.

use super::{Note, Policy, Reason, Score};

/// A member drawn by weight, independently each time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

impl Policy for Random {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let total: u64 = (0..note.table.len()).filter(|&i| note.eligible(i)).map(|i| u64::from(note.table.peers()[i].weight)).sum();
        let drawn = note.ask.draw.below(total);
        let mut left = drawn;
        let mut chosen = None;
        for (i, peer) in note.table.peers().iter().enumerate() {
            if !note.eligible(i) {
                continue;
            }
            if left < u64::from(peer.weight) {
                chosen = Some(i);
                break;
            }
            left -= u64::from(peer.weight);
        }
        note.decide(chosen, Reason::Drawn, &|_| Score::Drawn(drawn))
    }
}
