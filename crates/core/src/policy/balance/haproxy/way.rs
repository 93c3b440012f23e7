//! HAProxy's ways to find a server as policies of a pool.

use super::explain;
use super::hash::Hashing;
use super::lookup::{Ask, Lookup, Method};
use super::pool::{Change as Moved, HIGHEST_WEIGHT, InUse, Pool, ServerLine, effective};
use crate::policy::balance::{Change, Key, Note, Options, Peer, Policy, Standing, Table};
use crate::time::Instant;

/// One of HAProxy's ways to find a server. Where HAProxy would let a request wait for a slot, it
/// picks nobody: also when a hash or a draw leads to a full server while others have room.
#[derive(Debug)]
pub struct Way(Box<State>);

impl Clone for Way {
    /// Once in the program: what is derived would be compiled wherever a way is copied.
    #[inline(never)]
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) method: Method,
    hashing: Hashing,
    factor: u32,
    pub(super) pool: Pool,
    pub(super) lookup: Lookup,
}

impl Way {
    /// That way for these members, with a fresh start.
    pub fn new(method: Method, options: &Options, table: &Table) -> Self {
        // Without a function named, the consistent hash type mixes once more.
        let unnamed = Hashing { avalanche: method == Method::HashRing, ..Hashing::default() };
        let hashing = options.hashing.unwrap_or(unnamed);
        let (pool, lookup) = start(method, options.factor, table);
        Self(Box::new(State { method, hashing, factor: options.factor, pool, lookup }))
    }
}

/// A pool and a state machine for these members, whatever they have to do already.
fn start(method: Method, factor: u32, table: &Table) -> (Pool, Lookup) {
    let lines: Vec<ServerLine> = table.peers().iter().map(line).collect();
    let (scale, divisor) = method.weighing(&lines);
    let mut pool = Pool::new(&lines, false, scale, divisor);
    for (server, peer) in pool.servers.iter_mut().zip(table.peers()) {
        server.served = peer.active;
        pool.served += peer.active;
    }
    let lookup = Lookup::new(method, &pool, &lines, factor);
    (pool, lookup)
}

fn line(peer: &Peer) -> ServerLine {
    ServerLine {
        backup: peer.backup,
        disabled: peer.standing != Standing::Eligible,
        maxconn: peer.most_active,
        ..ServerLine::new(peer.id, peer.weight.min(HIGHEST_WEIGHT))
    }
}

impl State {
    /// Brings weights and standings to the algorithm: those of one member, or those of all where
    /// the divisor of all weights may have changed.
    fn weigh(&mut self, table: &Table, index: usize) {
        if self.method.is_dynamic() {
            let line = line(&table.peers()[index]);
            let eweight = effective(line.weight, self.method.weighing(&[]).0, 1);
            let moved = self.pool.change(index as u32, eweight, !line.disabled);
            self.lookup.change(&self.pool, index as u32, moved);
            return;
        }
        let lines: Vec<ServerLine> = table.peers().iter().map(line).collect();
        let (scale, divisor) = self.method.weighing(&lines);
        for (index, line) in (0..).zip(&lines) {
            self.pool.change(index, effective(line.weight, scale, divisor), !line.disabled);
        }
        self.lookup.change(&self.pool, index as u32, Moved::Weight);
    }

    fn load(&mut self, index: usize, began: bool) {
        let change = if began { 1 } else { -1 };
        let server = &mut self.pool.servers[index];
        server.served = server.served.saturating_add_signed(change);
        self.pool.served = self.pool.served.saturating_add_signed(change);
        self.lookup.reposition(&self.pool, index as u32);
    }

    /// How a member stood when the chosen one was chosen. HAProxy keeps a request away only from
    /// the server that it was with last, and only if there is another.
    pub(super) fn standing(&self, note: &Note<'_>, index: usize, chosen: Option<u32>) -> Standing {
        let member = index as u32;
        let server = self.pool.server(member);
        let spare = match self.pool.in_use() {
            InUse::Active => server.backup,
            InUse::OneBackup(first) => first != member,
            InUse::Backups | InUse::Nobody => false,
        };
        match chosen {
            Some(chosen) if chosen == member => Standing::Eligible,
            _ if !server.usable => note.table.standing(index, &[]),
            _ if spare => Standing::Spare,
            _ if !self.pool.has_room(member) || !self.lookup.is_within_bound(&self.pool, member) => Standing::Full,
            _ if avoided(note) == Some(member) => Standing::Tried,
            None => Standing::NotAsked,
            Some(_) => Standing::Eligible,
        }
    }
}

fn avoided(note: &Note<'_>) -> Option<u32> {
    note.ask.tried.last().map(|&index| u32::from(index))
}

impl Policy for Way {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let hash = match note.ask.key {
            _ if !self.0.method.hashes() => None,
            Key::Nothing => None,
            Key::Client => Some(self.0.hashing.address(note.ask.client)),
            Key::Text(text) => Some(self.0.hashing.bytes(text)),
        };
        let ask = Ask { hash, avoid: avoided(note), draw: note.ask.draw };
        let written = note.is_written();
        let turns = if written && explain::is_turn(self.0.method, &ask) { explain::turns(&mut self.clone().0, &ask) } else { Vec::new() };
        let state = &mut *self.0;
        // A hash leads to a full server too, and there the request would wait.
        let chosen = state.lookup.pick(&state.pool, &ask).filter(|&index| state.pool.has_room(index));
        if written { explain::tell(state, note, &ask, chosen, &turns) } else { chosen.map(|index| index as usize) }
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, _at: Instant) {
        let state = &mut *self.0;
        match change {
            Change::Began | Change::Ended(_) => state.load(index, change == Change::Began),
            Change::Weight(_) | Change::Standing(_) => state.weigh(table, index),
            // As after a reload: it begins afresh.
            Change::Listed => (state.pool, state.lookup) = start(state.method, state.factor, table),
        }
    }
}
