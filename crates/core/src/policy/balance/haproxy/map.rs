//! A table with a slot for every unit of weight (`lb_map.c`): `balance static-rr` walks it,
//! `hash-type map-based` looks hashes up in it.

use super::pool::{InUse, Pool, ServerLine};
use super::ranks::Ranks;

/// The table, and where the round robin is in it. A pick is O(1); a change of a server's state
/// builds the table anew, O(slots * log servers).
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

    /// Slot by slot, every score grows by its server's weight; the first of those that have the
    /// most whole totals in their score gets the slot and pays one total.
    ///
    /// A server's wholes are those it had at first, plus those that its weight alone has brought
    /// it, less the slots that it got; so it is known when the next comes, and nothing else need
    /// be looked at. HAProxy goes through all servers for every slot.
    pub(crate) fn rebuild(&mut self, pool: &Pool) {
        let total = u64::from(pool.used().weight);
        let backup = pool.in_use() != InUse::Active;
        let candidates = || pool.indices().filter(|&i| pool.server(i).usable && pool.server(i).backup == backup);
        self.slots.clear();
        if total == 1 {
            // The one slot goes to the first, whatever the sums would say.
            self.slots.extend(candidates().next());
            return;
        }
        let comes = |index: u32, brought: u64| (brought * total).div_ceil(u64::from(pool.server(index).eweight));
        let mut brought = vec![1; pool.servers.len()];
        let mut wholes = vec![1u32; pool.servers.len()];
        let place = |wholes: u32, index: u32| u64::from(u32::MAX - wholes) << 32 | u64::from(index);
        let (mut most, mut next) = (Ranks::default(), Ranks::default());
        for index in candidates() {
            most.put(index, place(1, index));
            next.put(index, comes(index, 1));
        }
        for slot in 1..=total {
            while let (Some(index), true) = (next.first(), next.lowest().is_some_and(|at| at <= slot)) {
                let i = index as usize;
                (brought[i], wholes[i]) = (brought[i] + 1, wholes[i] + 1);
                most.put(index, place(wholes[i], index));
                next.put(index, comes(index, brought[i]));
            }
            let Some(index) = most.first() else { return };
            let wholes = &mut wholes[index as usize];
            *wholes = wholes.saturating_sub(1);
            most.put(index, place(*wholes, index));
            self.slots.push(index);
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

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::policy::balance::haproxy::pool::effective;

    /// As HAProxy writes it down (`recalc_server_map`): everyone is looked at for every slot.
    fn slot_by_slot(pool: &Pool, total: i64) -> Vec<u32> {
        let backup = pool.in_use() != InUse::Active;
        let candidates: Vec<u32> = pool.indices().filter(|&i| pool.server(i).usable && pool.server(i).backup == backup).collect();
        let mut scores = vec![0; candidates.len()];
        let mut slots = Vec::new();
        for _ in 0..total {
            let mut best = (0, 0);
            for (n, &index) in candidates.iter().enumerate() {
                scores[n] += i64::from(pool.server(index).eweight);
                let wholes = (scores[n] + total) / total;
                if n == 0 || wholes > best.1 {
                    best = (n, wholes);
                }
            }
            scores[best.0] -= total;
            slots.push(candidates[best.0]);
        }
        slots
    }

    proptest! {
        #[test]
        fn it_is_the_table_that_haproxy_makes(
            servers in vec((0u32..40, any::<bool>(), 0u8..5), 1..9),
            backups_only in any::<bool>(),
            all_backups in any::<bool>(),
        ) {
            let line = |((weight, backup, disabled), id): ((u32, bool, u8), u32)| ServerLine {
                backup: backup || backups_only,
                disabled: disabled == 0,
                ..ServerLine::new(id, weight)
            };
            let lines: Vec<ServerLine> = servers.into_iter().zip(1..).map(line).collect();
            let divisor = Map::divisor(&lines);
            prop_assert!(lines.iter().all(|line| effective(line.weight, 1, divisor) * divisor == line.weight));
            let pool = Pool::new(&lines, all_backups, 1, divisor);
            let total = pool.used().weight;
            if total > 1 {
                prop_assert_eq!(Map::new(&pool).slots, slot_by_slot(&pool, i64::from(total)));
            } else {
                prop_assert_eq!(Map::new(&pool).slots.len() as u32, total);
            }
        }
    }
}
