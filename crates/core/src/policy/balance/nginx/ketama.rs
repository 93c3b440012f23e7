//! A key's hash on a ring.

use super::{Servers, TRIES};
use crate::policy::balance::hash::Crc32;
use crate::policy::balance::ring::Ring;
use crate::policy::balance::{Change, Note, Policy, Reason, RingPicture, Score, Standing, Table};
use crate::time::Instant;

/// Points on the ring for each unit of weight.
const POINTS: u64 = 160;
/// More points than this are never made; absurd weights get fewer for each unit instead.
const MOST_POINTS: u64 = 1 << 22;

/// nginx `hash key consistent`: ketama as in Cache::Memcached::Fast. Each server has 160 points
/// per unit of weight; a key belongs to the first point at or after its CRC-32. A server that is
/// down keeps its points: its keys go on to the next point, up to 20 of them
/// (`ngx_http_upstream_get_chash_peer`). When a server goes, only its own keys move.
#[derive(Clone, Debug)]
pub struct Ketama {
    servers: Servers,
    crc: Crc32,
    ring: Ring,
    stale: bool,
    /// The last key: its place and whom it led to. For a picture.
    last: Option<(u64, usize)>,
}

impl Ketama {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { servers: Servers::new(table), crc: Crc32::new(), ring: Ring::default(), stale: true, last: None }
    }

    /// The key's first point and the one whose owner can be picked.
    fn walk(&self, note: &Note<'_>, key: &[u8]) -> Option<(usize, usize)> {
        let first = self.ring.find(u64::from(self.crc.of(key)) << 32)?;
        let usable = |point: &usize| self.servers.usable(note, self.ring.owner(*point));
        (first..=first + TRIES as usize).find(usable).map(|point| (first, point))
    }

    /// The ring and the last key's way on it.
    pub(in crate::policy::balance) fn picture(&self) -> RingPicture {
        RingPicture::of(&self.ring, self.last.filter(|_| !self.stale), Ring::find)
    }
}

/// The points of each member in the configuration: the CRC-32 of host, a zero byte, port and the
/// point before.
pub(in crate::policy::balance) fn ketama_ring(crc: &Crc32, table: &Table) -> Ring {
    let listed = |i: &usize| table.peers()[*i].standing != Standing::Absent;
    let members = || (0..table.len()).filter(listed);
    let total: u64 = members().map(|i| u64::from(table.peers()[i].weight)).sum();
    let each = POINTS.min(MOST_POINTS / total.max(1)).max(1);
    let mut points = Vec::with_capacity((each * total) as usize);
    for i in members() {
        let (host, port) = host_and_port(&table.label(i).address);
        let base = [host, "\0", port].iter().fold(Crc32::START, |stand, part| crc.update(stand, part.as_bytes()));
        let mut hash = 0u32;
        for _ in 0..u64::from(table.peers()[i].weight) * each {
            hash = !crc.update(base, &hash.to_le_bytes());
            points.push((u64::from(hash) << 32, i as u32));
        }
    }
    Ring::new(points, true)
}

/// `10.0.0.1` and `80` of `10.0.0.1:80`; all of an address without a port.
fn host_and_port(address: &str) -> (&str, &str) {
    match address.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
        _ => (address, ""),
    }
}

impl Policy for Ketama {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            self.ring = ketama_ring(&self.crc, note.table);
        }
        self.last = None;
        let key = note.ask.key_bytes();
        if note.table.len() < 2 || key.is_empty() {
            return self.servers.fall_back(note, Reason::NoKey);
        }
        let Some((first, point)) = self.walk(note, &key) else { return self.servers.fall_back(note, Reason::HashGaveUp) };
        let owner = self.ring.owner(point);
        self.servers.picked(note, owner);
        self.last = Some((u64::from(self.crc.of(&key)) << 32, owner));
        let (servers, ring) = (&self.servers, &self.ring);
        let score = |i: usize| Score::Points(ring.steps(first, i));
        note.decide_by(Some(owner), Reason::NextPoint, &|note, i| servers.standing(note, i, false), &score)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
        self.stale |= change.moves_shares();
    }
}
