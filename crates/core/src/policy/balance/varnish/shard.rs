//! The `shard` director.

use crate::policy::balance::hash::strands32;
use crate::policy::balance::picture::Kept;
use crate::policy::balance::ring::Ring;
use crate::policy::balance::{Change, Note, Options, Picture, Policy, Reason, RingPicture, Standing, Table};
use crate::time::Instant;

/// Points of each backend, unless said otherwise (`.reconfigure(replicas=67)`).
const REPLICAS: u32 = 67;

/// `directors.shard()`: consistent hashing with 67 points for each backend and unit of weight
/// (`vmod_directors_shard_cfg.c`). A key belongs to the first point at or after it, and past the
/// last point to that one: the circle is not closed there. An ill backend's keys go on to the
/// next backend on the circle.
#[derive(Clone, Debug)]
pub struct Shard {
    replicas: u32,
    ring: Ring,
    stale: bool,
    /// The last key: its place and whom it led to. For a picture.
    last: Option<(u64, usize)>,
}

impl Shard {
    /// For any members; [`Options::size`] replicas.
    pub fn new(options: &Options) -> Self {
        let replicas = if options.size == 0 { REPLICAS } else { options.size };
        Self { replicas, ring: Ring::default(), stale: true, last: None }
    }

    /// The circle of these members.
    pub(in crate::policy::balance) fn ring(&self, table: &Table) -> Ring {
        let mut points = Vec::new();
        for (i, peer) in table.peers().iter().enumerate().filter(|(_, peer)| peer.standing != Standing::Absent) {
            let name = table.label(i).name.as_bytes();
            for replica in 0..u64::from(self.replicas) * u64::from(peer.weight) {
                let point = strands32(&[name, replica.to_string().as_bytes()]);
                points.push((u64::from(point) << 32, i as u32));
            }
        }
        Ring::new(points, false)
    }

    /// What there is to draw.
    pub(in crate::policy::balance) fn kept(&self) -> Kept<'_> {
        Kept { ring: &self.ring, last: self.last, stale: self.stale }
    }
}

impl Policy for Shard {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            self.ring = self.ring(note.table);
        }
        let place = u64::from(strands32(&[note.key])) << 32;
        let first = self.ring.find_open(place);
        let chosen = self.ring.walk(first, self.ring.len(), &|i| note.eligible(i));
        self.last = chosen.map(|chosen| (place, chosen));
        self.ring.decide(note, first, chosen, Reason::NextPoint, &|note, i| note.standing(i))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.stale |= change.moves_shares();
    }

    fn picture(&self, table: &Table) -> Option<Picture> {
        Some(Picture::Ring(RingPicture::of(&self.kept(), &|| self.ring(table), Ring::find_open)))
    }
}
