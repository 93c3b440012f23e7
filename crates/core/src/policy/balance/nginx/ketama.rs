//! A key's hash on a ring.

use super::{Servers, TRIES};
use crate::policy::balance::hash::Crc32;
use crate::policy::balance::picture::Kept;
use crate::policy::balance::ring::Ring;
use crate::policy::balance::{Change, Note, Picture, Policy, Reason, RingPicture, Standing, Table};
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

    /// The ring of these members.
    pub(in crate::policy::balance) fn ring(&self, table: &Table) -> Ring {
        ketama_ring(&self.crc, table)
    }

    /// What there is to draw.
    pub(in crate::policy::balance) fn kept(&self) -> Kept<'_> {
        Kept { ring: &self.ring, last: self.last, stale: self.stale }
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
            self.ring = self.ring(note.table);
        }
        self.last = None;
        if note.table.len() < 2 || note.key.is_empty() {
            return self.servers.fall_back(note, Reason::NoKey);
        }
        let place = u64::from(self.crc.of(note.key)) << 32;
        let first = self.ring.find(place);
        let found = self.ring.walk(first, TRIES as usize, &|i| self.servers.plays(note, i, false));
        let Some(owner) = found else { return self.servers.fall_back(note, Reason::HashGaveUp) };
        self.servers.picked(note, owner);
        self.last = Some((place, owner));
        let servers = &self.servers;
        self.ring.decide(note, first, found, Reason::NextPoint, &|note, i| servers.standing(note, i, false))
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
        self.stale |= change.moves_shares();
    }

    fn picture(&self, table: &Table) -> Option<Picture> {
        Some(Picture::Ring(RingPicture::of(&self.kept(), &|| self.ring(table), Ring::find)))
    }
}
