//! The better of two drawn.

use super::TRIES;
use super::hash::Range;
use super::least_conn::compare;
use crate::policy::balance::{Change, Note, Policy, Reason, Score, Table};
use crate::time::Instant;

/// nginx `random two least_conn`: two different servers are drawn by weight, and the one with
/// fewer active connections for its weight is picked, the second one of equals
/// (`ngx_http_upstream_get_random2_peer`). The power of two choices (Mitzenmacher, 1996): O(log n)
/// and nearly as even as looking at everybody.
#[derive(Clone, Debug)]
pub struct RandomTwo {
    range: Range,
}

impl RandomTwo {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { range: Range::new(table) }
    }

    /// Two different ones that can be picked, in the order in which they were drawn.
    fn draw(&self, note: &Note<'_>) -> Option<(usize, usize)> {
        let Range { servers, shares } = &self.range;
        let mut first = None;
        let mut misses = 0;
        let mut n = 0;
        while misses <= TRIES && note.table.len() > 1 {
            let place = note.ask.draw.nth(n).below(shares.total());
            n += 1;
            match (first, shares.owner(place).filter(|&i| Some(i) != first && servers.plays(note, i, false))) {
                (Some(first), Some(second)) => return Some((first, second)),
                (None, Some(drawn)) => first = Some(drawn),
                _ => misses += 1,
            }
        }
        None
    }
}

impl Policy for RandomTwo {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.range.refresh(note.table);
        let Some((first, second)) = self.draw(note) else { return self.range.servers.fall_back(note, Reason::DrawGaveUp) };
        let peers = note.table.peers();
        let better = compare(&peers[first], &peers[second]).is_lt();
        let chosen = if better { first } else { second };
        let servers = &mut self.range.servers;
        servers.picked(note, chosen);
        let score = |i: usize| Score::DrawnAs(if i == first { 1 } else { 2 * u8::from(i == second) });
        note.decide_by(Some(chosen), Reason::BetterOfTwo, &|note, i| servers.standing(note, i, false), &score)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.range.told(table, index, change, at);
    }
}
