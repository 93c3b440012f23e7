//! A ring whose members are never much fuller than the others.

use super::hash::Crc32;
use super::nginx::ketama_ring;
use super::picture::Kept;
use super::ring::Ring;
use super::{Change, Note, Options, Picture, Policy, Reason, RingPicture, Standing, Table};
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

    /// The ring of these members.
    pub(super) fn ring(&self, table: &Table) -> Ring {
        ketama_ring(&self.crc, table)
    }

    /// What there is to draw.
    pub(super) fn kept(&self) -> Kept<'_> {
        Kept { ring: &self.ring, last: self.last, stale: self.stale }
    }

    /// How many requests a member may have, the new one counted.
    fn bound(&self, table: &Table, index: usize) -> u64 {
        let all = u64::from(self.factor) * (table.active() + 1) * u64::from(table.peers()[index].weight);
        all.div_ceil(100 * self.weights.max(1))
    }

    fn standing(&self, note: &Note<'_>, index: usize, bound: bool) -> Standing {
        match note.standing(index) {
            Standing::Eligible if bound && u64::from(note.table.peers()[index].active) + 1 > self.bound(note.table, index) => {
                Standing::Full
            }
            other => other,
        }
    }
}

impl Policy for Bounded {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            self.ring = self.ring(note.table);
            let able = note.table.peers().iter().filter(|peer| peer.standing == Standing::Eligible);
            self.weights = able.map(|peer| u64::from(peer.weight)).sum();
        }
        let place = u64::from(self.crc.of(note.key)) << 32;
        let first = self.ring.find(place);
        // Those tried in vain can leave nobody with room; then the bound is of no use.
        let walk = |bound: bool| self.ring.walk(first, self.ring.len(), &|i| self.standing(note, i, bound) == Standing::Eligible);
        let with_room = walk(true);
        let chosen = with_room.or_else(|| walk(false));
        let bound = with_room.is_some();
        self.last = chosen.map(|chosen| (place, chosen));
        self.ring.decide(note, first, chosen, Reason::NextPointWithRoom, &|note, i| self.standing(note, i, bound))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.stale |= change.moves_shares();
    }

    fn picture(&self, table: &Table) -> Option<Picture> {
        Some(Picture::Ring(RingPicture::of(&self.kept(), &|| self.ring(table), Ring::find)))
    }
}
