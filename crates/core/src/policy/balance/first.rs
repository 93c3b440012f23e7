//! The first that can be picked.

use super::ranks::Ranks;
use super::{Change, Note, Options, Policy, Reason, Score, Table};
use crate::time::Instant;

/// The first member in the order of the table that can be picked: Caddy `first`, Varnish's
/// `fallback` director. The others only help out. With [`Options::sticky`] it stays where it went
/// for as long as it can (`new d = directors.fallback(sticky=true)`).
#[derive(Clone, Debug)]
pub struct First {
    ranks: Ranks,
    sticky: bool,
    /// How far a sticky one has gone.
    at: usize,
}

impl First {
    /// For these members.
    pub fn new(options: &Options, table: &Table) -> Self {
        Self { ranks: Ranks::new(table, &|_, _| 0), sticky: options.sticky, at: 0 }
    }
}

impl Policy for First {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let from = self.at;
        let chosen = if from < note.table.len() && note.eligible(from) {
            Some(from)
        } else {
            // Past the end it begins at the front again.
            let further = (from..note.table.len()).find(|&i| self.sticky && note.eligible(i));
            further.or_else(|| self.ranks.first(note).map(|(i, _)| i))
        };
        if self.sticky {
            self.at = chosen.unwrap_or(from);
        }
        let n = note.table.len();
        let from = if self.sticky { from } else { 0 };
        note.decide(chosen, Reason::FirstInOrder, &|i| Score::Turns(((i + n - from) % n) as u32))
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, _at: Instant) {
        self.ranks.told(table, index, change, &|_, _| 0);
    }
}
