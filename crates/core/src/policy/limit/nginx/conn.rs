//! `limit_conn` with its zones (`ngx_http_limit_conn_module.c`): requests that are open, from the
//! moment their header was read.

use super::super::decision::{Decision, Reason, Seen, Verdict};
use super::super::table::Table;
use super::Text;
use super::slab::{Chunk, Slab};
use crate::time::Instant;

/// What a node takes besides the bytes of its key.
const NODE: usize = 36;

/// `limit_conn_zone`: the keys of requests that are open, and its memory. Nobody is pushed out: who
/// finds no room is turned away.
#[derive(Clone, Debug)]
pub struct ConnZone {
    nodes: Table<(u32, Chunk)>,
    slab: Slab,
}

/// `limit_conn`: which zone, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnLimit {
    /// Which zone, by its place.
    pub zone: usize,
    /// How many of a key may be open at once.
    pub most: u32,
}

impl ConnZone {
    /// A zone of so many bytes whose name has so many letters.
    pub fn new(bytes: usize, name: usize) -> Self {
        Self { nodes: Table::new(u32::MAX), slab: Slab::new(bytes, &[64, name + 23]) }
    }

    /// How many of a key are open.
    pub fn count(&self, text: Text) -> u32 {
        self.nodes.get(text.key).map_or(0, |(count, _)| *count)
    }

    fn add(&mut self, text: Text) -> bool {
        if let Some((count, _)) = self.nodes.get_mut(text.key) {
            *count += 1;
            return true;
        }
        let Some(chunk) = self.slab.alloc(NODE + text.len) else { return false };
        self.nodes.entry(text.key, false, || (1, chunk)).is_some()
    }

    fn drop_one(&mut self, text: Text) {
        let Some((count, chunk)) = self.nodes.get_mut(text.key) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            let chunk = *chunk;
            self.nodes.remove(text.key);
            self.slab.free(chunk);
        }
    }
}

/// A request whose header was read: `texts` are the values of the zones' keys, in the order of
/// `limits`. It is counted in all zones or in none.
pub fn open(zones: &mut [ConnZone], limits: &[ConnLimit], texts: &[Option<Text>], now: Instant) -> Decision {
    let (mut seen, mut least) = (Seen::Nothing, u32::MAX);
    for (place, (limit, text)) in limits.iter().zip(texts).enumerate() {
        let (Some(zone), Some(text)) = (zones.get_mut(limit.zone), *text) else { continue };
        let count = zone.count(text);
        // The first of a key is not held against the limit.
        let over = count > 0 && count >= limit.most;
        if over || !zone.add(text) {
            close(zones, &limits[..place], texts);
            let reason = if over { Reason::TooManyOpen } else { Reason::NoMemory };
            return Decision::reject(now, reason, Seen::Open(count), None);
        }
        // What is shown is of the zone with the least room.
        if limit.most.saturating_sub(count) < least {
            (seen, least) = (Seen::Open(count), limit.most.saturating_sub(count));
        }
    }
    let reason = if seen == Seen::Nothing { Reason::NoKey } else { Reason::Room };
    Decision { at: now, verdict: Verdict::Accept, reason, seen }
}

/// A request that was let through has ended.
pub fn close(zones: &mut [ConnZone], limits: &[ConnLimit], texts: &[Option<Text>]) {
    for (limit, text) in limits.iter().zip(texts) {
        if let (Some(zone), Some(text)) = (zones.get_mut(limit.zone), *text) {
            zone.drop_one(text);
        }
    }
}
