//! Maglev.

use std::rc::Rc;

use xxhash_rust::xxh64::xxh64;

use crate::policy::balance::{Change, Note, Options, Picture, Policy, Reason, Score, Standing, Table};
use crate::time::Instant;

/// Slots of the table, unless said otherwise (`table_size`).
const SLOTS: u32 = 65_537;
/// A key whose slot belongs to somebody who cannot take it is hashed again, so many times.
const TRIES: u64 = 20;

/// Maglev (Eisenbud and others, 2016; Envoy `maglev_lb.cc`): the hosts fill a table of slots in
/// turn, each in an order of its own, as often as its weight says. A key belongs to the host in
/// the slot of its hash: O(1), and nearly even shares. When a host goes, its own keys move and
/// few others.
#[derive(Clone, Debug)]
pub struct Maglev {
    size: u32,
    /// Who is in each slot. Shared by the snapshots of a world.
    slots: Rc<Vec<u32>>,
    stale: bool,
}

impl Maglev {
    /// For any members; [`Options::size`] slots.
    pub fn new(options: &Options) -> Self {
        Self { size: if options.size == 0 { SLOTS } else { options.size.max(2) }, slots: Rc::default(), stale: true }
    }

    /// Who is in each slot as the next key will find it, for a picture.
    pub(in crate::policy::balance) fn slots(&self, table: &Table) -> Rc<Vec<u32>> {
        if self.stale { Rc::new(self.fill(table)) } else { Rc::clone(&self.slots) }
    }

    /// Who is in each slot, when these members have filled the table.
    fn fill(&self, table: &Table) -> Vec<u32> {
        let (mut hosts, mut places) = (Vec::new(), Vec::new());
        for (i, peer) in table.peers().iter().enumerate() {
            if peer.standing == Standing::Eligible && peer.weight > 0 {
                hosts.push((&*table.label(i).address, peer.weight));
                places.push(i as u32);
            }
        }
        let mut slots = maglev_table(&hosts, self.size);
        slots.iter_mut().for_each(|slot| *slot = places.get(*slot as usize).copied().unwrap_or(0));
        if hosts.is_empty() {
            slots.clear();
        }
        slots
    }

    /// The slot of a hash on its n-th try.
    fn slot(&self, hash: u64, attempt: u64) -> usize {
        let hash = if attempt == 0 { hash } else { hash ^ (u64::MAX - attempt + 1) };
        (hash % self.slots.len() as u64) as usize
    }

    /// The first slot whose host can be picked: by hashing again, and then one after the other.
    fn find(&self, note: &Note<'_>) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let hash = xxh64(note.key, 0);
        let mut slot = self.slot(hash, 0);
        let mut attempt = 0;
        while !note.eligible(self.slots[slot] as usize) {
            attempt += 1;
            if attempt > TRIES + self.slots.len() as u64 {
                return None;
            }
            slot = if attempt <= TRIES { self.slot(hash, attempt) } else { (slot + 1) % self.slots.len() };
        }
        Some(slot)
    }
}

/// Who is in each slot of a table that these hosts (address, weight) fill: an index into them.
/// The size should be a prime number, so that every host's order visits every slot.
pub fn maglev_table(hosts: &[(&str, u32)], size: u32) -> Vec<u32> {
    const FREE: u32 = u32::MAX;
    let sum: f64 = hosts.iter().map(|(_, weight)| f64::from(*weight)).sum();
    let mut rows: Vec<Row> = by_address(hosts).iter().map(|&i| Row::new(i, hosts[i as usize], sum, size)).collect();
    let most = rows.iter().fold(0.0, |most, row| if row.weight > most { row.weight } else { most });
    let mut slots = vec![FREE; size as usize];
    let (mut left, mut round) = (if rows.is_empty() { 0 } else { size }, 0.0);
    while left > 0 {
        round += 1.0;
        for row in &mut rows {
            // A host of half the greatest weight takes a slot every other round.
            if left == 0 || round * row.weight < row.target {
                continue;
            }
            row.target += most;
            let mut steps = 0;
            while slots[row.at as usize] != FREE {
                // An order that cannot reach every slot goes on one by one.
                row.at = (row.at + if steps < size { row.skip } else { 1 }) % size;
                steps += 1;
            }
            slots[row.at as usize] = row.host;
            left -= 1;
        }
    }
    slots
}

/// Envoy sorts hosts by what it hashes, so that the table does not depend on their order.
fn by_address(hosts: &[(&str, u32)]) -> Vec<u32> {
    let mut order: Vec<u32> = Vec::with_capacity(hosts.len());
    for (i, (address, _)) in hosts.iter().enumerate() {
        let place = order.partition_point(|&other| hosts[other as usize].0 <= *address);
        order.insert(place, i as u32);
    }
    order
}

/// A host as it fills the table.
struct Row {
    host: u32,
    weight: f64,
    target: f64,
    /// The slot that is its next, if it is free.
    at: u32,
    skip: u32,
}

impl Row {
    fn new(host: u32, (address, weight): (&str, u32), sum: f64, size: u32) -> Self {
        let hash = |seed, below: u32| (xxh64(address.as_bytes(), seed) % u64::from(below.max(1))) as u32;
        Self { host, weight: f64::from(weight) / sum, target: 0.0, at: hash(0, size), skip: hash(1, size - 1) + 1 }
    }
}

impl Policy for Maglev {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            self.slots = Rc::new(self.fill(note.table));
        }
        let slot = self.find(note);
        let slots = &self.slots;
        let chosen = slot.map(|slot| slots[slot] as usize);
        let owns = |i: usize| slots.iter().filter(|&&host| host as usize == i).count() as u32;
        note.decide(chosen, Reason::TableSlot(slot.unwrap_or(0) as u32), &|i| Score::Owns(owns(i)))
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.stale |= change.moves_shares();
    }

    fn picture(&self, table: &Table) -> Option<Picture> {
        Some(Picture::Table(self.slots(table)))
    }
}
