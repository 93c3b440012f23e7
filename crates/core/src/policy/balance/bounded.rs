//! A ring whose members are never much fuller than the others.

use super::hash::Crc32;
use super::nginx::ketama_ring;
use super::ring::Ring;
use super::{Change, Note, Options, Policy, Reason, RingPicture, Score, Standing, Table};
use crate::time::Instant;

/// How full a member may be, in percent of the average, unless said otherwise.
const FACTOR: u32 = 125;

/// Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2018) on nginx's
/// ketama ring: a key goes on round the ring past every member that has its share of the requests
/// under way times the factor, so that one hot key cannot drown one member.
#[derive(Clone, Debug)]
pub struct Bounded {
    factor: u32,
    crc: Crc32,
    ring: Ring,
    /// Weights of those who can take requests at all.
    weights: u64,
    stale: bool,
    /// The last key: its place and whom it led to. For a picture.
    last: Option<(u64, usize)>,
}

impl Bounded {
    /// For any members; [`Options::factor`] percent.
    pub fn new(options: &Options) -> Self {
        let factor = if options.factor == 0 { FACTOR } else { options.factor };
        Self { factor: factor.max(101), crc: Crc32::new(), ring: Ring::default(), weights: 0, stale: true, last: None }
    }

    /// How many requests a member may have, the new one counted.
    fn bound(&self, table: &Table, index: usize) -> u64 {
        let all = u64::from(self.factor) * (table.active() + 1) * u64::from(table.peers()[index].weight);
        all.div_ceil(100 * self.weights.max(1))
    }

    fn standing(&self, note: &Note<'_>, index: usize) -> Standing {
        match note.standing(index) {
            Standing::Eligible if u64::from(note.table.peers()[index].active) + 1 > self.bound(note.table, index) => Standing::Full,
            other => other,
        }
    }

    /// The ring and the last key's way on it.
    pub(super) fn picture(&self) -> RingPicture {
        RingPicture::of(&self.ring, self.last.filter(|_| !self.stale), Ring::find)
    }
}

impl Policy for Bounded {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            self.ring = ketama_ring(&self.crc, note.table);
            let able = note.table.peers().iter().filter(|peer| peer.standing == Standing::Eligible);
            self.weights = able.map(|peer| u64::from(peer.weight)).sum();
        }
        let place = u64::from(self.crc.of(&note.ask.key_bytes())) << 32;
        let first = self.ring.find(place);
        let walk = |from: usize| (from..from + self.ring.len()).map(|point| self.ring.owner(point));
        let free = |from: usize| walk(from).find(|&i| self.standing(note, i) == Standing::Eligible);
        // Those tried in vain can leave nobody with room; then the bound is of no use.
        let chosen = first.and_then(|from| free(from).or_else(|| walk(from).find(|&i| note.eligible(i))));
        let bound = chosen.is_none_or(|i| self.standing(note, i) == Standing::Eligible);
        self.last = chosen.map(|chosen| (place, chosen));
        let (ring, first) = (&self.ring, first.unwrap_or(0));
        let standing = |note: &Note<'_>, i: usize| if bound { self.standing(note, i) } else { note.standing(i) };
        note.decide_by(chosen, Reason::NextPointWithRoom, &standing, &|i| Score::Points(ring.steps(first, i)))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.stale |= change.moves_shares();
    }
}
