//! Rounds among few servers or many.

#[cfg(not(target_arch = "wasm32"))]
use super::levels::Levels;
use super::{Servers, Standing};
use crate::policy::balance::{Change, Note, Peer, Table};
use crate::time::Instant;

/// Servers that play rounds. Few are looked at one by one. Many are kept in [`Levels`], which
/// pick the same ones; the browser, where no lab has many, does without.
#[derive(Clone, Debug)]
pub(super) struct Rounds {
    pub(super) servers: Servers,
    #[cfg(not(target_arch = "wasm32"))]
    levels: Option<Box<Levels>>,
    #[cfg(not(target_arch = "wasm32"))]
    level_of: fn(&Peer) -> u64,
}

#[cfg(not(target_arch = "wasm32"))]
impl Rounds {
    /// For these members; `level_of` says which of them play with each other.
    pub(super) fn new(table: &Table, level_of: fn(&Peer) -> u64) -> Self {
        let mut rounds = Self { servers: Servers::new(table), levels: None, level_of };
        rounds.fit(table);
        rounds
    }

    pub(super) fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
        if change == Change::Listed {
            self.fit(table);
        }
        if let Some(levels) = &mut self.levels {
            levels.told(table, index);
        }
    }

    /// Goes over to levels, or back.
    fn fit(&mut self, table: &Table) {
        match (&self.levels, Levels::suit(table)) {
            (None, true) => {
                let currents = self.servers.0.iter().map(|server| server.current);
                self.levels = Some(Box::new(Levels::new(table, self.level_of, currents)));
            }
            (Some(levels), false) => {
                self.servers.0.iter_mut().enumerate().for_each(|(i, server)| server.current = levels.current(i));
                self.levels = None;
            }
            _ => {}
        }
    }

    /// Who is picked on the lowest level, what it paid, and whether it shared the level; `None`
    /// where there are no levels.
    pub(super) fn lowest(&mut self, note: &Note<'_>) -> Option<Option<(usize, i64, bool)>> {
        Some(self.levels.as_mut()?.pick(note.table, note.ask.tried))
    }

    /// What a server has now.
    pub(super) fn current(&self, index: usize) -> i64 {
        self.levels.as_ref().map_or_else(|| self.servers.0[index].current, |levels| levels.current(index))
    }
}

#[cfg(target_arch = "wasm32")]
impl Rounds {
    pub(super) fn new(table: &Table, _: fn(&Peer) -> u64) -> Self {
        Self { servers: Servers::new(table) }
    }

    pub(super) fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
    }

    pub(super) fn lowest(&mut self, _: &Note<'_>) -> Option<Option<(usize, i64, bool)>> {
        None
    }

    pub(super) fn current(&self, index: usize) -> i64 {
        self.servers.0[index].current
    }
}

impl Rounds {
    /// Whether a server may be picked, backups only with `help`.
    pub(super) fn standing(&self, note: &Note<'_>, index: usize, help: bool) -> Standing {
        self.servers.standing(note, index, help)
    }
}
