//! Members in the order of a number that each policy has its own idea of.

use super::fewest::Fewest;
use super::{Change, Note, Peer, Standing, Table};

/// Backups come after everybody else, whatever their number.
const BACKUP: u64 = 1 << 63;

/// Members by rank, kept up to date by what a policy is told; the least can be picked.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranks {
    fewest: Fewest,
}

impl Ranks {
    /// All members by the rank that `rank` gives them; what reaches 2^63 is the last.
    pub(super) fn new(table: &Table, rank: impl Fn(usize, &Peer) -> u64) -> Self {
        Self { fewest: Fewest::new((0..table.len()).map(|i| key(table, i, &rank))) }
    }

    /// Something about a member has changed.
    pub(super) fn told(&mut self, table: &Table, index: usize, change: Change, rank: impl Fn(usize, &Peer) -> u64) {
        if change == Change::Listed {
            *self = Self::new(table, rank);
        } else {
            self.fewest.set(index, key(table, index, &rank));
        }
    }

    /// Asks something about those who are left without the ones that were tried in vain.
    pub(super) fn without<T>(&mut self, tried: &[u16], ask: impl FnOnce(&Fewest) -> T) -> T {
        if tried.is_empty() {
            return ask(&self.fewest);
        }
        let keys: Vec<u64> = tried.iter().map(|&i| self.fewest.set(usize::from(i), Fewest::OUT)).collect();
        let answer = ask(&self.fewest);
        for (&index, key) in tried.iter().zip(keys).rev() {
            self.fewest.set(usize::from(index), key);
        }
        answer
    }

    /// The first of those with the least rank, and whether it is the only one.
    pub(super) fn first(&mut self, note: &Note<'_>) -> Option<(usize, bool)> {
        self.without(note.ask.tried, |fewest| Some((fewest.nth(0)?, fewest.least()?.1 == 1)))
    }

    /// The next in turn of those with the least rank; `next` is whose turn it would be.
    pub(super) fn turn(&mut self, note: &Note<'_>, next: &mut usize) -> Option<usize> {
        let from = if *next < note.table.len() { *next } else { 0 };
        let chosen = self.without(note.ask.tried, |fewest| fewest.nth(fewest.before(from)).or_else(|| fewest.nth(0)))?;
        *next = chosen + 1;
        Some(chosen)
    }

    /// Any one of those with the least rank, and whether it is the only one.
    pub(super) fn any(&mut self, note: &Note<'_>) -> Option<(usize, bool)> {
        self.without(note.ask.tried, |fewest| {
            let (_, count) = fewest.least()?;
            Some((fewest.nth(note.ask.draw.below(u64::from(count)) as u32)?, count == 1))
        })
    }
}

fn key(table: &Table, index: usize, rank: &impl Fn(usize, &Peer) -> u64) -> u64 {
    let peer = &table.peers()[index];
    match table.standing(index, &[]) {
        Standing::Eligible if peer.backup => rank(index, peer).min(BACKUP - 1) | BACKUP,
        Standing::Eligible => rank(index, peer).min(BACKUP - 1),
        _ => Fewest::OUT,
    }
}
