//! The better of two drawn.

use super::hash::part;
use super::least_conn::compare;
use super::{Servers, TRIES};
use crate::policy::balance::shares::Shares;
use crate::policy::balance::{Change, Note, Policy, Reason, Score, Table};
use crate::time::Instant;

/// nginx `random two least_conn`: two different servers are drawn by weight, and the one with
/// fewer active connections for its weight is picked, the second one of equals
/// (`ngx_http_upstream_get_random2_peer`). The power of two choices (Mitzenmacher, 1996): O(log n)
/// and nearly as even as looking at everybody.
#[derive(Clone, Debug)]
pub struct RandomTwo {
    servers: Servers,
    shares: Shares,
}

impl RandomTwo {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { servers: Servers::new(table), shares: Shares::new() }
    }

    /// Two different ones that can be picked, in the order in which they were drawn.
    fn draw(&self, note: &Note<'_>) -> Option<(usize, usize)> {
        let mut first = None;
        let mut misses = 0;
        for n in 0.. {
            let place = note.ask.draw.nth(n).below(self.shares.total());
            let drawn = self.shares.owner(place).filter(|&i| Some(i) != first && self.servers.usable(note, i));
            match (first, drawn) {
                (Some(first), Some(second)) => return Some((first, second)),
                (None, Some(_)) => first = drawn,
                _ if misses == TRIES => break,
                _ => misses += 1,
            }
        }
        None
    }
}

impl Policy for RandomTwo {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.shares.refresh(note.table, &|i| part(note.table, i));
        let drawn = if note.table.len() < 2 { None } else { self.draw(note) };
        let Some((first, second)) = drawn else { return self.servers.fall_back(note, Reason::DrawGaveUp) };
        let peers = note.table.peers();
        let better = compare(&peers[first], &peers[second]).is_lt();
        let chosen = if better { first } else { second };
        self.servers.picked(note, chosen);
        let servers = &self.servers;
        let score = |i: usize| Score::DrawnAs(if i == first { 1 } else { 2 * u8::from(i == second) });
        note.decide_by(Some(chosen), Reason::BetterOfTwo, &|note, i| servers.standing(note, i, false), &score)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
        self.shares.told(change);
    }
}
