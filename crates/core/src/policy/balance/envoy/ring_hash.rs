//! Envoy's ring.

use xxhash_rust::xxh64::xxh64;

use crate::policy::balance::picture::Kept;
use crate::policy::balance::ring::Ring;
use crate::policy::balance::{Change, Note, Options, Picture, Policy, Reason, RingPicture, Standing, Table};
use crate::time::Instant;

/// Points of the ring at least and at most, unless said otherwise (`minimum_ring_size`,
/// `maximum_ring_size`).
const LEAST: u32 = 1_024;
const MOST: f64 = 8_388_608.0;

/// Envoy `ring_hash` (`ring_hash_lb.cc`): ketama with xxHash64. The lightest host gets a whole
/// number of points and the others in proportion; a key belongs to the first point at or after
/// its hash. The ring keeps its size when a host goes, so that the others get more points and a
/// few of their keys move as well.
#[derive(Clone, Debug)]
pub struct RingHash {
    least: u32,
    ring: Ring,
    stale: bool,
    /// The last key: its place and whom it led to. For a picture.
    last: Option<(u64, usize)>,
}

impl RingHash {
    /// For any members; [`Options::size`] points at least.
    pub fn new(options: &Options) -> Self {
        Self { least: if options.size == 0 { LEAST } else { options.size }, ring: Ring::default(), stale: true, last: None }
    }

    /// The ring of those members that are healthy.
    pub(in crate::policy::balance) fn ring(&self, table: &Table) -> Ring {
        let least = self.least;
        let peers = || table.peers().iter().enumerate().filter(|(_, p)| p.standing == Standing::Eligible && p.weight > 0);
        let sum: f64 = peers().map(|(_, peer)| f64::from(peer.weight)).sum();
        let lightest = peers().map(|(_, peer)| f64::from(peer.weight) / sum).fold(1.0, f64::min);
        let scale = ((lightest * f64::from(least)).ceil() / lightest).min(MOST);
        let (mut made, mut target) = (0.0, 0.0);
        let mut points = Vec::new();
        for (i, peer) in peers() {
            target += scale * (f64::from(peer.weight) / sum);
            let mut text = format!("{}_", table.label(i).address);
            let stem = text.len();
            let mut n = 0u32;
            while made < target {
                text.truncate(stem);
                text += &n.to_string();
                points.push((xxh64(text.as_bytes(), 0), i as u32));
                n += 1;
                made += 1.0;
            }
        }
        Ring::new(points, false)
    }

    /// What there is to draw.
    pub(in crate::policy::balance) fn kept(&self) -> Kept<'_> {
        Kept { ring: &self.ring, last: self.last, stale: self.stale }
    }
}

impl Policy for RingHash {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            self.ring = self.ring(note.table);
        }
        let place = xxh64(note.key, 0);
        let first = self.ring.find(place);
        let chosen = self.ring.walk(first, self.ring.len(), &|i| note.eligible(i));
        self.last = chosen.map(|chosen| (place, chosen));
        self.ring.decide(note, first, chosen, Reason::NextPoint, &|note, i| note.standing(i))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.stale |= change.moves_shares();
    }

    fn picture(&self, table: &Table) -> Option<Picture> {
        Some(Picture::Ring(RingPicture::of(&self.kept(), &|| self.ring(table), Ring::find)))
    }
}
