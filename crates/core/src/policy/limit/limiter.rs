//! A rule with the states of all its keys.

use super::decision::{Decision, Reason, Seen, Verdict};
use super::key::Key;
use super::rule::{Rule, State};
use super::table::Table;
use crate::time::Instant;

/// A limiter: one rule, and a state for each key that has asked.
///
/// A decision takes the same time whatever the number of keys, and a key the same room, but with a
/// sliding log. A limiter that may know only so many keys lets go of one that was not used of late;
/// that key begins anew. Who counts what is open lets go of nobody and turns new keys away.
#[derive(Clone, Debug)]
pub struct Limiter {
    rule: Rule,
    states: Table<State>,
}

impl Limiter {
    /// A limiter that knows at most so many keys.
    pub fn new(rule: Rule, most: u32) -> Self {
        Self { rule, states: Table::new(most) }
    }

    /// Its rule.
    pub const fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Another rule, as when a knob is turned. Keys keep what was counted where that means the same.
    pub fn set_rule(&mut self, rule: Rule) {
        self.rule = rule;
    }

    /// How many keys it knows.
    pub fn keys(&self) -> u32 {
        self.states.len()
    }

    /// What it keeps for a key.
    pub fn state(&self, key: Key) -> Option<&State> {
        self.states.get(key)
    }

    fn entry(&mut self, key: Key, now: Instant) -> Option<&mut State> {
        let (rule, evict) = (&self.rule, !matches!(self.rule, Rule::Concurrency(_)));
        self.states.entry(key, evict, || rule.fresh(now))
    }

    /// Decides about a request of that cost that counts for that key, or for nobody.
    pub fn decide(&mut self, key: Option<Key>, now: Instant, cost: u32) -> Decision {
        let Some(key) = key else {
            return Decision { at: now, verdict: Verdict::Accept, reason: Reason::NoKey, seen: Seen::Nothing };
        };
        let rule = self.rule;
        match self.entry(key, now) {
            Some(state) => rule.decide(state, now, cost),
            None => Decision::reject(now, Reason::NoMemory, Seen::Nothing, None),
        }
    }

    /// What it would say, without counting anything.
    pub fn look(&self, key: Key, now: Instant, cost: u32) -> Decision {
        match self.state(key) {
            Some(state) => self.rule.look(state, now, cost),
            None => self.rule.look(&self.rule.fresh(now), now, cost),
        }
    }

    /// Counts what somebody else let through.
    pub fn charge(&mut self, key: Key, now: Instant, cost: u32) {
        let rule = self.rule;
        if let Some(state) = self.entry(key, now) {
            rule.charge(state, now, cost);
        }
    }

    /// A request that was let through has ended.
    pub fn release(&mut self, key: Key, cost: u32) {
        if self.states.get_mut(key).is_some_and(|state| self.rule.release(state, cost)) {
            self.states.remove(key);
        }
    }

    /// How many more requests of cost 1 would be let through now.
    pub fn left(&self, key: Key, now: Instant) -> u32 {
        match self.state(key) {
            Some(state) => self.rule.left(state, now),
            None => self.rule.left(&self.rule.fresh(now), now),
        }
    }
}
