//! Members in the order of a number that each policy has its own idea of.

use super::fewest::Fewest;
use super::{Change, Note, Peer, Standing, Table};

/// Backups come after everybody else, whatever their number.
const BACKUP: u64 = 1 << 63;

/// A member's number, by its place in the table.
pub(super) type Rank<'a> = dyn Fn(usize, &Peer) -> u64 + 'a;

/// Members by rank, kept up to date by what a policy is told; the least can be picked.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranks {
    fewest: Fewest,
}

impl Ranks {
    /// All members by the rank that `rank` gives them; what reaches 2^63 is the last.
    pub(super) fn new(table: &Table, rank: &Rank<'_>) -> Self {
        let mut fewest = Fewest::new(table.len());
        (0..table.len()).for_each(|i| _ = fewest.set(i, key(table, i, rank)));
        Self { fewest }
    }

    /// Something about a member has changed.
    pub(super) fn told(&mut self, table: &Table, index: usize, change: Change, rank: &Rank<'_>) {
        if change == Change::Listed {
            *self = Self::new(table, rank);
        } else {
            self.fewest.set(index, key(table, index, rank));
        }
    }

    /// Asks something about those who are left without the ones that were tried in vain.
    fn without(&mut self, tried: &[u16], ask: &dyn Fn(&Fewest) -> Option<(usize, bool)>) -> Option<(usize, bool)> {
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
        self.without(note.ask.tried, &|fewest| Some((fewest.nth(0)?, fewest.least()?.1 == 1)))
    }

    /// The next in turn of those with the least rank; `next` is whose turn it would be.
    pub(super) fn turn(&mut self, note: &Note<'_>, next: &mut usize) -> Option<usize> {
        let from = if *next < note.table.len() { *next } else { 0 };
        let turn = |fewest: &Fewest| Some((fewest.nth(fewest.before(from)).or_else(|| fewest.nth(0))?, true));
        let (chosen, _) = self.without(note.ask.tried, &turn)?;
        *next = chosen + 1;
        Some(chosen)
    }

    /// Any one of those with the least rank, and whether it is the only one.
    pub(super) fn any(&mut self, note: &Note<'_>) -> Option<(usize, bool)> {
        self.without(note.ask.tried, &|fewest| {
            let (_, count) = fewest.least()?;
            Some((fewest.nth(note.ask.draw.below(u64::from(count)) as u32)?, count == 1))
        })
    }
}

fn key(table: &Table, index: usize, rank: &Rank<'_>) -> u64 {
    let peer = &table.peers()[index];
    match table.standing(index, &[]) {
        Standing::Eligible if peer.backup => rank(index, peer).min(BACKUP - 1) | BACKUP,
        Standing::Eligible => rank(index, peer).min(BACKUP - 1),
        _ => Fewest::OUT,
    }
}
