//! `balance leastconn` (`lb_fwlc.c`).

use super::pool::{Change, HIGHEST_WEIGHT, InUse, Pool, SCALE};
use super::ranks::Ranks;

/// Servers in order of `(requests + 1) / weight`, where requests are those that the server has
/// and those that wait for it. A server without any has key 0 whatever its weight, and one whose
/// key changes goes behind all that have the same key: idle servers are taken in turn, and the
/// weights count only once every server has something to do. Each pick is O(log n), and one more
/// for each full server that is passed over.
#[derive(Clone, Debug)]
pub(crate) struct LeastConn {
    active: Ranks,
    backup: Ranks,
}

impl LeastConn {
    pub(crate) fn new(pool: &Pool) -> Self {
        let mut made = Self { active: Ranks::default(), backup: Ranks::default() };
        for index in pool.indices().filter(|&i| pool.server(i).usable) {
            made.change(pool, index, Change::Up);
        }
        made
    }

    /// The key of a server as its requests and weight are now.
    pub(crate) fn key(pool: &Pool, index: u32) -> u64 {
        let server = pool.server(index);
        let requests = server.served + server.queued;
        if requests == 0 {
            return 0;
        }
        u64::from((requests + 1).wrapping_mul(HIGHEST_WEIGHT * SCALE) / server.eweight.max(1))
    }

    fn of(&mut self, backup: bool) -> &mut Ranks {
        if backup { &mut self.backup } else { &mut self.active }
    }

    /// Follows a change of a server's weight or state.
    pub(crate) fn change(&mut self, pool: &Pool, index: u32, change: Change) {
        let ranks = self.of(pool.server(index).backup);
        match change {
            Change::Nothing => {}
            Change::Down => _ = ranks.take(index),
            Change::Up | Change::Weight => ranks.put(index, Self::key(pool, index)),
        }
    }

    /// Follows a server that has been given a request or has finished one.
    pub(crate) fn reposition(&mut self, pool: &Pool, index: u32) {
        let key = Self::key(pool, index);
        let ranks = self.of(pool.server(index).backup);
        if ranks.key(index).is_some_and(|old| old != key) {
            ranks.put(index, key);
        }
    }

    /// The first that has room in itself or its queue, rather not `avoid`.
    pub(crate) fn pick(&mut self, pool: &Pool, avoid: Option<u32>) -> Option<u32> {
        let ranks = match pool.in_use() {
            InUse::Active => &mut self.active,
            InUse::Backups => &mut self.backup,
            InUse::OneBackup(index) => return Some(index),
            InUse::Nobody => return None,
        };
        let mut passed = Vec::new();
        let mut avoided = None;
        let mut chosen = None;
        while let Some(index) = ranks.first() {
            if has_room(pool, index) {
                if avoid != Some(index) {
                    chosen = Some(index);
                    break;
                }
                avoided = Some(index);
            }
            passed.extend(ranks.take_first());
        }
        passed.into_iter().for_each(|rank| ranks.put_back(rank));
        chosen.or(avoided)
    }
}

/// Other than the round robins it also counts the places of the server's own queue.
fn has_room(pool: &Pool, index: u32) -> bool {
    let server = pool.server(index);
    server.maxconn == 0 || server.served + server.queued < pool.limit(index) + server.maxqueue
}
