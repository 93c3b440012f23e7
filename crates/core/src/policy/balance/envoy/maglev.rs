//! Maglev.

use std::rc::Rc;

use xxhash_rust::xxh64::xxh64;

use crate::order;
use crate::policy::balance::{Change, Note, Options, Policy, Reason, Score, Standing, Table};
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
    slots: Rc<[u32]>,
    stale: bool,
}

impl Maglev {
    /// For any members; [`Options::size`] slots.
    pub fn new(options: &Options) -> Self {
        Self { size: if options.size == 0 { SLOTS } else { options.size }, slots: Rc::new([]), stale: true }
    }

    /// Who is in each slot, for a picture.
    pub(in crate::policy::balance) fn slots(&self) -> Rc<[u32]> {
        Rc::clone(&self.slots)
    }

    fn fill(&mut self, table: &Table) {
        let there = |i: &usize| table.peers()[*i].standing == Standing::Eligible && table.peers()[*i].weight > 0;
        let hosts: Vec<usize> = (0..table.len()).filter(there).collect();
        let host = |&i: &usize| (&*table.label(i).address, table.peers()[i].weight);
        let slots = maglev_table(&hosts.iter().map(host).collect::<Vec<_>>(), self.size);
        self.slots = slots.into_iter().map(|host| hosts[host as usize] as u32).collect();
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
        let hash = xxh64(&note.ask.key_bytes(), 0);
        let free = |slot: &usize| note.eligible(self.slots[*slot] as usize);
        let last = self.slot(hash, TRIES);
        let further = (0..self.slots.len()).map(|step| (last + step) % self.slots.len());
        (0..=TRIES).map(|attempt| self.slot(hash, attempt)).chain(further).find(free)
    }
}

/// Who is in each slot of a table that these hosts (address, weight) fill: an index into them.
/// The size should be a prime number, so that every host's order visits every slot.
pub fn maglev_table(hosts: &[(&str, u32)], size: u32) -> Vec<u32> {
    const FREE: u32 = u32::MAX;
    let sum: f64 = hosts.iter().map(|(_, weight)| f64::from(*weight)).sum();
    let most = hosts.iter().map(|(_, weight)| f64::from(*weight) / sum).fold(0.0, f64::max);
    let mut slots = vec![FREE; if hosts.is_empty() { 0 } else { size as usize }];
    let size = u64::from(size.max(2));
    let mut rows: Vec<Row> = by_address(hosts).into_iter().map(|i| Row::new(i, hosts[i], sum, size)).collect();
    let mut left = slots.len();
    let mut round = 0.0;
    while left > 0 {
        round += 1.0;
        for row in &mut rows {
            // A host of half the greatest weight takes a slot every other round.
            if left == 0 || round * row.weight < row.target {
                continue;
            }
            row.target += most;
            // An order that cannot reach every slot ends on a free one all the same.
            let tries = (0..size).map(|_| row.step(size)).find(|&slot| slots[slot] == FREE);
            let slot = tries.or_else(|| slots.iter().position(|&host| host == FREE));
            slot.into_iter().for_each(|slot| slots[slot] = row.host);
            left -= 1;
        }
    }
    slots
}

/// Envoy sorts hosts by what it hashes, so that the table does not depend on their order. Text is
/// sorted from its last 32 bytes to its first; equals keep the order that they have.
fn by_address(hosts: &[(&str, u32)]) -> Vec<usize> {
    let byte = |text: &str, at: usize| u64::from(text.as_bytes().get(at).copied().unwrap_or(0));
    let word = |text: &str, at: usize| (at..at + 8).fold(0, |sum, at| sum << 8 | byte(text, at));
    let longest = hosts.iter().map(|(text, _)| text.len()).max().unwrap_or(0);
    let pieces = (0..longest.div_ceil(32)).rev();
    pieces.fold((0..hosts.len()).collect(), |order, piece| {
        order::sorted(&order, |&i| [0, 8, 16, 24].map(|at| word(hosts[i].0, 32 * piece + at)))
    })
}

struct Row {
    host: u32,
    weight: f64,
    target: f64,
    at: u64,
    skip: u64,
}

impl Row {
    fn new(index: usize, (address, weight): (&str, u32), sum: f64, size: u64) -> Self {
        let hash = |seed| xxh64(address.as_bytes(), seed);
        Self { host: index as u32, weight: f64::from(weight) / sum, target: 0.0, at: hash(0) % size, skip: hash(1) % (size - 1) + 1 }
    }

    /// The next slot in its order.
    fn step(&mut self, size: u64) -> usize {
        let slot = self.at;
        self.at = (self.at + self.skip) % size;
        slot as usize
    }
}

impl Policy for Maglev {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            self.fill(note.table);
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
}
