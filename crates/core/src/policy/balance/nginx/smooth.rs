//! Smooth weighted round robin.

use super::Servers;
use crate::policy::balance::{Change, Note, Policy, Reason, Table};
use crate::time::Instant;

/// nginx's weighted round robin: in each round every server that may be picked gains its weight;
/// the one with the highest current weight is picked and pays the total. Weights 5, 1, 1 give
/// `a a b a c a a` and not `a a a a a b c`. O(n) by nature: every round changes every server.
#[derive(Clone, Debug, Default)]
pub struct Smooth {
    servers: Servers,
}

impl Smooth {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { servers: Servers::new(table) }
    }

    /// The counters as the last round left them, for a picture.
    pub(in crate::policy::balance) fn counters(&self) -> Vec<i64> {
        self.servers.0.iter().map(|server| server.current).collect()
    }
}

impl Policy for Smooth {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.servers.fall_back(note, Reason::HighestCurrentWeight)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
    }
}
