//! `balance first` (`lb_fas.c`).

use super::pool::{InUse, Pool};

/// The server with the lowest number that has room: the others can sleep. Weights do not count.
/// A pick looks at every full server before the one that it takes, as in HAProxy.
#[derive(Clone, Debug)]
pub(crate) struct First {
    /// The servers in the order of their numbers.
    order: Vec<u32>,
}

impl First {
    pub(crate) fn new(pool: &Pool) -> Self {
        let indices: Vec<u32> = pool.indices().collect();
        Self { order: crate::order::sorted(&indices, |&i| [u64::from(pool.server(i).id), 0, 0, 0]) }
    }

    /// The first with room, rather not `avoid`.
    pub(crate) fn pick(&self, pool: &Pool, avoid: Option<u32>) -> Option<u32> {
        let backup = match pool.in_use() {
            InUse::Active => false,
            InUse::Backups => true,
            InUse::OneBackup(index) => return Some(index),
            InUse::Nobody => return None,
        };
        let open = |&i: &u32| pool.server(i).usable && pool.server(i).backup == backup && pool.has_room(i);
        let mut with_room = self.order.iter().copied().filter(open);
        let first = with_room.next()?;
        if avoid == Some(first) { with_room.next().or(Some(first)) } else { Some(first) }
    }

    /// How many servers come before one.
    pub(crate) fn rank(&self, index: u32) -> u32 {
        self.order.iter().position(|&other| other == index).unwrap_or(self.order.len()) as u32
    }
}
