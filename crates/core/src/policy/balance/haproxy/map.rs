//! A table with a slot for every unit of weight (`lb_map.c`): `balance static-rr` walks it,
//! `hash-type map-based` looks hashes up in it.

use super::pool::{InUse, Pool, ServerLine};

/// The table, and where the round robin is in it. A pick is O(1); a change of a server's state
/// builds the table anew, slots times servers.
#[derive(Clone, Debug)]
pub(crate) struct Map {
    slots: Vec<u32>,
    turn: usize,
}

impl Map {
    pub(crate) fn new(pool: &Pool) -> Self {
        let mut map = Self { slots: Vec::new(), turn: 0 };
        map.rebuild(pool);
        map
    }

    /// What all weights have in common, so that the table gets no longer than it must.
    pub(crate) fn divisor(lines: &[ServerLine]) -> u32 {
        lines.iter().map(|line| line.weight).fold(0, common_divisor).max(1)
    }

    /// Slot by slot, every score grows by its server's weight, and the first of those that have
    /// the most whole totals in their score gets the slot and pays one total.
    pub(crate) fn rebuild(&mut self, pool: &Pool) {
        let total = pool.used().weight;
        let backup = pool.in_use() != InUse::Active;
        let candidate = |&i: &u32| pool.server(i).usable && pool.server(i).backup == backup;
        let candidates: Vec<u32> = pool.indices().filter(candidate).collect();
        self.slots.clear();
        if total == 1 {
            // The one slot goes to the first, whatever the sums would say.
            self.slots.extend(candidates.first());
            return;
        }
        let mut scores = vec![0i64; candidates.len()];
        for _ in 0..total {
            let mut best: Option<(usize, i64)> = None;
            for (n, &index) in candidates.iter().enumerate() {
                scores[n] += i64::from(pool.server(index).eweight);
                let wholes = (scores[n] + i64::from(total)) / i64::from(total);
                if best.is_none_or(|(_, most)| wholes > most) {
                    best = Some((n, wholes));
                }
            }
            if let Some((n, _)) = best {
                scores[n] -= i64::from(total);
                self.slots.push(candidates[n]);
            }
        }
    }

    /// The server of the slot that a hash falls into.
    pub(crate) fn of_hash(&self, hash: u32) -> Option<u32> {
        self.slots.get(self.slot(hash) as usize).copied()
    }

    /// The server of the next slot that has room, rather not `avoid`.
    pub(crate) fn in_turn(&mut self, pool: &Pool, avoid: Option<u32>) -> Option<u32> {
        let len = self.slots.len();
        if self.turn >= len && len > 0 {
            self.turn = 0;
        }
        let mut avoided = None;
        for at in (self.turn..len).chain(0..self.turn.min(len)) {
            let index = self.slots[at];
            if pool.has_room(index) {
                avoided = Some((index, at));
                if avoid != Some(index) {
                    break;
                }
            }
        }
        let (index, at) = avoided?;
        self.turn = at + 1;
        Some(index)
    }

    /// The slot that a hash falls into.
    pub(crate) fn slot(&self, hash: u32) -> u32 {
        hash.checked_rem(self.slots.len() as u32).unwrap_or(0)
    }

    /// The first slot from there on that is a server's own.
    pub(crate) fn next_slot(&self, from: u32, server: u32) -> Option<u32> {
        let len = self.slots.len() as u32;
        (from..len).chain(0..from.min(len)).find(|&slot| self.slots[slot as usize] == server)
    }
}

const fn common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
