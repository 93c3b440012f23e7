//! The highest hash.

use crate::policy::balance::hash::{FNV, fnv1a};
use crate::policy::balance::{Note, Policy, Reason, Score};

/// `lb_policy ip_hash`, `uri_hash` and `header`: rendezvous hashing (Thaler and Ravishankar,
/// 1996). Each upstream's score is the FNV-1a of the key and its address; the highest wins, and
/// only a lost upstream's own keys move. FNV-1a of texts that end alike is skewed, so the shares
/// are uneven. Without a key one is drawn. O(n) by nature: every upstream is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rendezvous;

impl Policy for Rendezvous {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if note.key.is_empty() {
            return draw(note);
        }
        let start = fnv1a(FNV, note.key);
        let table = note.table;
        let hash = |i: usize| fnv1a(start, table.label(i).address.as_bytes());
        let (mut chosen, mut most) = (None, 0);
        for i in (0..table.len()).filter(|&i| note.eligible(i)) {
            let hash = hash(i);
            if chosen.is_none() || hash > most {
                (chosen, most) = (Some(i), hash);
            }
        }
        note.decide(chosen, Reason::HighestHash, &|i| Score::Hash(u64::from(hash(i))))
    }
}

/// Draws among those that can be picked, whatever their weights.
pub(super) fn draw(note: &mut Note<'_>) -> Option<usize> {
    let eligible: Vec<usize> = (0..note.table.len()).filter(|&i| note.eligible(i)).collect();
    let drawn = note.ask.draw.below(eligible.len() as u64);
    let chosen = eligible.get(drawn as usize).copied();
    note.decide(chosen, Reason::Drawn, &|_| Score::Drawn(drawn))
}
