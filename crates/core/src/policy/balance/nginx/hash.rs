//! A key's hash, modulo the sum of the weights.

use super::{Servers, TRIES};
use crate::policy::balance::hash::Crc32;
use crate::policy::balance::shares::Shares;
use crate::policy::balance::{Change, Note, Policy, Reason, Standing, Table};
use crate::time::Instant;

/// nginx `hash key`: the CRC-32 of the key, modulo the sum of all weights. Servers that are down
/// keep their part of it: a key that falls on one is hashed again, with the number of the try in
/// front, up to 20 times (`ngx_http_upstream_get_hash_peer`). When a server comes or goes, nearly
/// every key moves.
#[derive(Clone, Debug)]
pub struct Modulo {
    servers: Servers,
    shares: Shares,
    crc: Crc32,
}

impl Modulo {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { servers: Servers::new(table), shares: Shares::new(), crc: Crc32::new() }
    }

    /// The place in the range and its owner, if one that can be picked was found.
    fn hash(&self, note: &Note<'_>, key: &[u8]) -> Option<(u32, usize)> {
        let total = self.shares.total();
        let mut sum = 0u32;
        for rehash in 0..=TRIES {
            let start = if rehash == 0 { Crc32::START } else { self.crc.update(Crc32::START, rehash.to_string().as_bytes()) };
            sum = sum.wrapping_add(!self.crc.update(start, key) >> 16 & 0x7fff);
            let place = u64::from(sum).checked_rem(total)?;
            if let Some(owner) = self.shares.owner(place).filter(|&i| self.servers.usable(note, i)) {
                return Some((place as u32, owner));
            }
        }
        None
    }
}

/// A member's part of the range: as wide as its weight, nothing when it is not in the
/// configuration.
pub(super) fn part(table: &Table, index: usize) -> u32 {
    let peer = &table.peers()[index];
    if peer.backup || peer.standing == Standing::Absent { 0 } else { peer.weight }
}

impl Policy for Modulo {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.shares.refresh(note.table, &|i| part(note.table, i));
        let key = note.ask.key_bytes();
        if note.table.len() < 2 || key.is_empty() {
            return self.servers.fall_back(note, Reason::NoKey);
        }
        let Some((place, owner)) = self.hash(note, &key) else { return self.servers.fall_back(note, Reason::HashGaveUp) };
        self.servers.picked(note, owner);
        let (servers, shares) = (&self.servers, &self.shares);
        let score = |i: usize| shares.slots(i);
        note.decide_by(Some(owner), Reason::KeyHash(place), &|note, i| servers.standing(note, i, false), &score)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
        self.shares.told(change);
    }
}
