//! A hash, modulo the sum of the weights.

use super::{Servers, TRIES};
use crate::policy::balance::hash::Crc32;
use crate::policy::balance::shares::Shares;
use crate::policy::balance::{Change, Note, Policy, Reason, Standing, Table};
use crate::time::Instant;

/// Servers that share a range by their weights.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) servers: Servers,
    pub(super) shares: Shares,
}

impl Range {
    pub(super) fn new(table: &Table) -> Self {
        Self { servers: Servers::new(table), shares: Shares::new() }
    }

    /// Cuts the range by the weights of all servers in the configuration. One that is down keeps
    /// its part.
    pub(super) fn refresh(&mut self, table: &Table) {
        let part = |i: usize| {
            let peer = &table.peers()[i];
            if peer.backup || peer.standing == Standing::Absent { 0 } else { peer.weight }
        };
        self.shares.refresh(table, &part);
    }

    /// The owner of the first hash, of 21, that falls on one who can be picked; otherwise the turn
    /// decides.
    pub(super) fn pick(&mut self, note: &mut Note<'_>, reason: fn(u32) -> Reason, hash: &mut dyn FnMut(u32) -> u32) -> Option<usize> {
        let total = u32::try_from(self.shares.total()).unwrap_or(u32::MAX);
        let tries = if total == 0 || note.table.len() < 2 { 0 } else { TRIES + 1 };
        for n in 0..tries {
            let place = hash(n) % total;
            let Some(owner) = self.shares.owner(u64::from(place)).filter(|&i| self.servers.plays(note, i, false)) else { continue };
            self.servers.picked(note, owner);
            let (servers, shares) = (&self.servers, &self.shares);
            let standing = |note: &Note<'_>, i: usize| servers.standing(note, i, false);
            return note.decide_by(Some(owner), reason(place), &standing, &|i| shares.slots(i));
        }
        self.servers.fall_back(note, Reason::HashGaveUp)
    }

    pub(super) fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
        self.shares.told(change);
    }
}

/// nginx `hash key`: the CRC-32 of the key, modulo the sum of all weights. A key that falls on a
/// server that is down is hashed again, with the number of the try in front, up to 20 times
/// (`ngx_http_upstream_get_hash_peer`). When a server comes or goes, nearly every key moves.
#[derive(Clone, Debug)]
pub struct Modulo {
    range: Range,
    crc: Crc32,
}

impl Modulo {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { range: Range::new(table), crc: Crc32::new() }
    }
}

impl Policy for Modulo {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let key = note.key;
        if key.is_empty() {
            return self.range.servers.fall_back(note, Reason::NoKey);
        }
        self.range.refresh(note.table);
        let (crc, mut sum) = (&self.crc, 0u32);
        self.range.pick(note, Reason::KeyHash, &mut |n| {
            let start = if n == 0 { Crc32::START } else { crc.update(Crc32::START, n.to_string().as_bytes()) };
            sum = sum.wrapping_add((!crc.update(start, key) >> 16) & 0x7fff);
            sum
        })
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.range.told(table, index, change, at);
    }
}
