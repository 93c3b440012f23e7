//! The `shard` director.

#[cfg(feature = "every-policy")]
use crate::policy::balance::RingPicture;
use crate::policy::balance::hash::strands32;
use crate::policy::balance::ring::Ring;
use crate::policy::balance::{Change, Note, Options, Policy, Reason, Score, Standing, Table};
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

    fn ring(&self, table: &Table) -> Ring {
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

    /// The ring and the last key's way on it.
    #[cfg(feature = "every-policy")]
    pub(in crate::policy::balance) fn picture(&self) -> RingPicture {
        RingPicture::of(&self.ring, self.last.filter(|_| !self.stale), Ring::find_open)
    }

    /// The key's point and the next whose owner can be picked.
    fn walk(&self, note: &Note<'_>, place: u64) -> Option<(usize, usize)> {
        let first = self.ring.find_open(place)?;
        (first..first + self.ring.len()).find(|&point| note.eligible(self.ring.owner(point))).map(|point| (first, point))
    }
}

impl Policy for Shard {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            self.ring = self.ring(note.table);
        }
        let place = u64::from(strands32(&[&note.ask.key_bytes()])) << 32;
        let found = self.walk(note, place);
        let (chosen, first) = (found.map(|(_, point)| self.ring.owner(point)), found.map_or(0, |(first, _)| first));
        self.last = chosen.map(|chosen| (place, chosen));
        let ring = &self.ring;
        note.decide(chosen, Reason::NextPoint, &|i| Score::Points(ring.steps(first, i)))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.stale |= change.moves_shares();
    }
}
