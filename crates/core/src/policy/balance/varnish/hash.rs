//! The `hash` director.

use crate::policy::balance::hash::strands32;
use crate::policy::balance::shares::Shares;
use crate::policy::balance::{Change, Note, Policy, Reason, Table};
use crate::time::Instant;

/// `directors.hash()`: 32 bits of the key's SHA-256 as a fraction of the sum of the healthy
/// backends' weights (`vmod_directors_hash.c`). Not consistent: when a backend falls ill, keys
/// move between all others.
#[derive(Clone, Debug)]
pub struct DirectorHash {
    shares: Shares,
}

impl DirectorHash {
    /// For any members.
    pub const fn new() -> Self {
        Self { shares: Shares::new() }
    }
}

impl Default for DirectorHash {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy for DirectorHash {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.shares.refresh_eligible(note);
        let hash = strands32(&[note.key]);
        let place = ((u128::from(hash) * u128::from(self.shares.total())) >> 32) as u64;
        let chosen = self.shares.owner(place);
        let shares = &self.shares;
        note.decide(chosen, Reason::KeyHash(place as u32), &|i| shares.slots(i))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.shares.told(change);
    }
}
