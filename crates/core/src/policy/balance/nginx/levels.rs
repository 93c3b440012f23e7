//! The rounds of nginx's weighted turn without visiting every server.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::policy::balance::{Peer, Standing, Table};

/// From so many members on this is quicker than looking at each of them.
const MANY: usize = 48;

/// Servers of one level play rounds with each other and with nobody else: all of an `upstream`
/// block for the weighted turn, those that have equally many connections for their weight for
/// `least_conn`.
///
/// In a round every server of a level gains its weight, so of two with the same weight the one
/// that is ahead stays ahead until it is picked. What a server has is therefore kept as what it
/// would have had before the level's first round, and servers of one weight in that order. A round
/// compares the first of each weight: O(k log n) for k different weights.
///
/// Only for servers that no failure has cost anything: those gain other than their weight.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    /// By what the level is called; none is empty.
    levels: BTreeMap<u64, Level>,
    seats: Vec<Seat>,
    level_of: fn(&Peer) -> u64,
}

#[derive(Clone, Debug, Default)]
struct Level {
    rounds: i64,
    /// The sum of the weights.
    total: i64,
    count: usize,
    /// The servers of each weight, the one that is ahead first; of equals the first listed.
    weights: BTreeMap<u32, BTreeSet<(Reverse<i64>, u32)>>,
}

/// Where a server is.
#[derive(Clone, Copy, Debug, Default)]
struct Seat {
    /// Its level and weight there, if it can be picked.
    at: Option<(u64, u32)>,
    /// What it had before the level's first round; what it has while it cannot be picked.
    base: i64,
}

impl Level {
    /// A round; the server picked, with what it had before and what it paid.
    fn round(&mut self) -> Option<(u32, u32, i64)> {
        self.rounds += 1;
        let ahead = |(&weight, set): (&u32, &BTreeSet<(Reverse<i64>, u32)>)| {
            let &(Reverse(base), server) = set.first()?;
            Some((base + i64::from(weight) * self.rounds, Reverse(server), weight, base))
        };
        let (_, Reverse(server), weight, base) = self.weights.iter().filter_map(ahead).max()?;
        Some((server, weight, base))
    }

    fn put(&mut self, weight: u32, base: i64, server: u32) {
        self.weights.entry(weight).or_default().insert((Reverse(base), server));
    }

    fn take(&mut self, weight: u32, base: i64, server: u32) {
        if let Some(set) = self.weights.get_mut(&weight) {
            set.remove(&(Reverse(base), server));
            if set.is_empty() {
                self.weights.remove(&weight);
            }
        }
    }
}

impl Levels {
    /// Whether these members are many and nothing special.
    pub(super) fn suit(table: &Table) -> bool {
        table.len() >= MANY && !table.has_backups() && !table.has_fails()
    }

    /// For these members, who have so much now.
    pub(super) fn new(table: &Table, level_of: fn(&Peer) -> u64, currents: impl Iterator<Item = i64>) -> Self {
        let seats = currents.map(|base| Seat { at: None, base }).collect();
        let mut levels = Self { levels: BTreeMap::new(), seats, level_of };
        (0..table.len()).for_each(|i| levels.sit(table, i));
        levels
    }

    /// Something about a member has changed.
    pub(super) fn told(&mut self, table: &Table, index: usize) {
        self.seats.resize(table.len(), Seat::default());
        let peer = &table.peers()[index];
        let at = able(table, index).then(|| ((self.level_of)(peer), peer.weight));
        if self.seats[index].at != at {
            self.stand(index);
            self.sit(table, index);
        }
    }

    /// What a member has now.
    pub(super) fn current(&self, index: usize) -> i64 {
        let Seat { at, base } = self.seats[index];
        base + at.and_then(|(level, weight)| Some(i64::from(weight) * self.levels.get(&level)?.rounds)).unwrap_or(0)
    }

    /// A round of the lowest level, without those that were tried in vain: the one picked, the
    /// sum that it paid, and whether there were others. One that is alone plays no round.
    pub(super) fn pick(&mut self, table: &Table, tried: &[u16]) -> Option<(usize, i64, bool)> {
        tried.iter().for_each(|&i| self.stand(usize::from(i)));
        let picked = self.lowest();
        tried.iter().for_each(|&i| self.sit(table, usize::from(i)));
        picked
    }

    fn lowest(&mut self) -> Option<(usize, i64, bool)> {
        let mut lowest = self.levels.first_entry()?;
        let level = lowest.get_mut();
        let (total, tied) = (level.total, level.count > 1);
        let (server, weight, base) = level.round()?;
        if !tied {
            level.rounds -= 1;
            return Some((server as usize, total, false));
        }
        level.take(weight, base, server);
        level.put(weight, base - total, server);
        self.seats[server as usize].base = base - total;
        Some((server as usize, total, true))
    }

    /// A member leaves its level, if it has one.
    fn stand(&mut self, index: usize) {
        let current = if index < self.seats.len() { self.current(index) } else { return };
        let Seat { at, base } = core::mem::replace(&mut self.seats[index], Seat { at: None, base: current });
        let Some((name, weight)) = at else { return };
        let Some(level) = self.levels.get_mut(&name) else { return };
        level.take(weight, base, index as u32);
        level.total -= i64::from(weight);
        level.count -= 1;
        if level.count == 0 {
            self.levels.remove(&name);
        }
    }

    /// A member that can be picked joins the level that it belongs to.
    fn sit(&mut self, table: &Table, index: usize) {
        if index >= table.len() || !able(table, index) || self.seats[index].at.is_some() {
            return;
        }
        let peer = &table.peers()[index];
        let name = (self.level_of)(peer);
        let level = self.levels.entry(name).or_default();
        let base = self.seats[index].base - i64::from(peer.weight) * level.rounds;
        level.total += i64::from(peer.weight);
        level.count += 1;
        level.put(peer.weight, base, index as u32);
        self.seats[index] = Seat { at: Some((name, peer.weight)), base };
    }
}

fn able(table: &Table, index: usize) -> bool {
    table.standing(index, &[]) == Standing::Eligible
}
