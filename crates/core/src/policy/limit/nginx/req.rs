//! `limit_req` with its zones (`ngx_http_limit_req_module.c`).

use super::super::decision::{Decision, Reason, Seen, Verdict};
use super::super::key::Key;
use super::super::table::Table;
use super::Text;
use super::excess::{Excess, ReqRate, millis};
use super::slab::{Chunk, Slab};
use crate::time::{Duration, Instant};

/// What a node takes besides the bytes of its key.
const NODE: usize = 80;

/// A key that has not asked for so many milliseconds, and has no excess left, may go.
const IDLE: u64 = 60_000;

#[derive(Clone, Copy, Debug)]
struct Node {
    excess: Excess,
    chunk: Chunk,
    /// Who was used next after it, and who before it; itself where there is nobody.
    newer: Key,
    older: Key,
}

/// `limit_req_zone`: the keys that it knows, and its memory.
#[derive(Clone, Debug)]
pub struct ReqZone {
    rate: u64,
    nodes: Table<Node>,
    /// The keys used last, and not for longest.
    ends: Option<(Key, Key)>,
    slab: Slab,
}

/// `limit_req`: which zone, and what beyond its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReqLimit {
    /// Which zone, by its place.
    pub zone: usize,
    /// `burst=`.
    pub burst: u32,
    /// `delay=`; `None` with `nodelay`.
    pub delay: Option<u32>,
}

/// What one zone said on the way, with the excess that it saw, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Counted: the last zone, and it accepts (`NGX_OK`).
    Counted(u64),
    /// Accepted, and counted if all others accept (`NGX_AGAIN`).
    Accepted(u64),
    /// Over its burst (`NGX_BUSY`).
    Over(u64),
    /// There is no memory for another key (`NGX_ERROR`).
    NoMemory,
}

impl ReqZone {
    /// A zone of so many bytes whose name has so many letters. `rate` is in thousandths of a request
    /// per second.
    pub fn new(rate: u64, bytes: usize, name: usize) -> Self {
        // What it begins with: the tree's root, and what it writes into the log when it is full.
        let slab = Slab::new(bytes, &[80, name + 22]);
        Self { rate, nodes: Table::new(u32::MAX), ends: None, slab }
    }

    /// How many keys it knows.
    pub fn keys(&self) -> u32 {
        self.nodes.len()
    }

    fn rated(&self, limit: &ReqLimit) -> ReqRate {
        ReqRate { rate: self.rate, burst: limit.burst, delay: limit.delay }
    }

    /// What is known of a key.
    pub fn excess(&self, text: Text) -> Option<Excess> {
        Some(self.nodes.get(text.key)?.excess)
    }

    fn look_up(&mut self, limit: &ReqLimit, text: Text, last: bool, now: Instant) -> Lookup {
        let rated = self.rated(limit);
        self.touch(text.key);
        if let Some(node) = self.nodes.get_mut(text.key) {
            let excess = rated.excess(&node.excess, now, 1);
            if rated.is_over(excess) {
                return Lookup::Over(excess);
            }
            if last {
                rated.take(&mut node.excess, now, 1);
                return Lookup::Counted(excess);
            }
            return Lookup::Accepted(excess);
        }
        let Some(chunk) = self.make_room(text, now) else { return Lookup::NoMemory };
        let excess = if last { Excess::at(0, now) } else { Excess::default() };
        self.nodes.entry(text.key, false, || Node { excess, chunk, newer: text.key, older: text.key });
        self.link(text.key);
        if last { Lookup::Counted(0) } else { Lookup::Accepted(0) }
    }

    fn make_room(&mut self, text: Text, now: Instant) -> Option<Chunk> {
        self.expire(1, now);
        let size = NODE + text.len;
        self.slab.alloc(size).or_else(|| {
            self.expire(0, now);
            self.slab.alloc(size)
        })
    }

    /// Lets go of the two oldest keys as far as they are idle. From 0: the oldest whatever it is, and
    /// two more that are idle.
    fn expire(&mut self, from: u32, now: Instant) {
        for turn in from..3 {
            let Some((_, oldest)) = self.ends else { return };
            let Some(node) = self.nodes.get(oldest).copied() else { return };
            let idle = millis(now).saturating_sub(node.excess.last().unwrap_or(0));
            if turn > 0 && (idle < IDLE || node.excess.excess > self.rate.saturating_mul(idle) / 1_000) {
                return;
            }
            self.unlink(oldest);
            self.nodes.remove(oldest);
            self.slab.free(node.chunk);
        }
    }

    /// A key that is known is used now.
    fn touch(&mut self, key: Key) {
        if self.ends.is_some_and(|(newest, _)| newest != key) && self.nodes.get(key).is_some() {
            self.unlink(key);
            self.link(key);
        }
    }

    /// Puts a key before all others.
    fn link(&mut self, key: Key) {
        let Some((newest, oldest)) = self.ends else {
            self.ends = Some((key, key));
            return;
        };
        if let Some(node) = self.nodes.get_mut(key) {
            (node.newer, node.older) = (key, newest);
        }
        if let Some(before) = self.nodes.get_mut(newest) {
            before.newer = key;
        }
        self.ends = Some((key, oldest));
    }

    /// Takes a key out of the order of use.
    fn unlink(&mut self, key: Key) {
        let (Some(node), Some((newest, oldest))) = (self.nodes.get(key).copied(), self.ends) else { return };
        if newest == oldest {
            self.ends = None;
            return;
        }
        let (newest, oldest) = (if newest == key { node.older } else { newest }, if oldest == key { node.newer } else { oldest });
        if let Some(newer) = self.nodes.get_mut(node.newer) {
            newer.older = if node.older == key { node.newer } else { node.older };
        }
        if let Some(older) = self.nodes.get_mut(node.older) {
            older.newer = if node.newer == key { node.older } else { node.newer };
        }
        self.ends = Some((newest, oldest));
    }

    /// Counts a request that all zones accepted; the delay that this one asks for.
    fn account(&mut self, limit: &ReqLimit, text: Text, now: Instant) -> (u64, Duration) {
        let rated = self.rated(limit);
        let node = self.nodes.get_mut(text.key);
        let excess = node.map_or(0, |node| {
            rated.take(&mut node.excess, now, 1);
            node.excess.excess
        });
        (excess, rated.delay(excess))
    }
}

/// What nginx does with one request: `texts` are the values of the zones' keys, in the order of
/// `limits`. The first zone that is over its burst turns it away, and then none is charged; of the
/// delays that they ask for it waits the longest. `note` learns what each zone said, in order.
pub fn decide(
    zones: &mut [ReqZone],
    limits: &[ReqLimit],
    texts: &[Option<Text>],
    now: Instant,
    note: &mut dyn FnMut(usize, Lookup),
) -> Decision {
    let mut seen = Seen::Nothing;
    let mut counted = None;
    let mut asked = false;
    for (place, (limit, text)) in limits.iter().zip(texts).enumerate() {
        let (Some(zone), Some(text)) = (zones.get_mut(limit.zone), *text) else { continue };
        asked = true;
        let said = zone.look_up(limit, text, place + 1 == limits.len(), now);
        note(place, said);
        let burst = u64::from(limit.burst) * 1_000;
        match said {
            Lookup::Accepted(_) => {}
            Lookup::Counted(excess) => {
                seen = Seen::Excess(excess, burst);
                counted = Some((excess, zone.rated(limit).delay(excess)));
            }
            Lookup::Over(excess) => {
                let rated = zone.rated(limit);
                let retry = zone.excess(text).and_then(|known| rated.retry(&known, now, 1));
                return Decision::reject(now, Reason::BucketFull, Seen::Excess(excess, burst), retry);
            }
            Lookup::NoMemory => return Decision::reject(now, Reason::NoMemory, Seen::Nothing, None),
        }
    }
    if !asked {
        return Decision { at: now, verdict: Verdict::Accept, reason: Reason::NoKey, seen };
    }
    let mut delay = counted.map_or(Duration::ZERO, |(_, delay)| delay);
    // The last zone has counted it already, if it was asked.
    let others = limits.len() - usize::from(counted.is_some());
    for (limit, text) in limits.iter().zip(texts).take(others).rev() {
        let (Some(zone), Some(text)) = (zones.get_mut(limit.zone), *text) else { continue };
        let (excess, asks) = zone.account(limit, text, now);
        if asks > delay || seen == Seen::Nothing {
            (delay, seen) = (asks.max(delay), Seen::Excess(excess, u64::from(limit.burst) * 1_000));
        }
    }
    match delay {
        Duration::ZERO => Decision::accept(now, seen),
        span => Decision { at: now, verdict: Verdict::Delay(span), reason: Reason::BeyondDelay, seen },
    }
}
