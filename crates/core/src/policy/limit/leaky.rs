//! Leaky buckets: as a meter, which says yes or no, and as a queue, which makes requests wait.
//!
//! A token bucket is the meter seen from above: its tokens are the room that is left.

use super::decision::{Decision, Reason, Seen, Verdict};
use crate::time::{Duration, Instant};

/// Billionths of a request: thousandths per second times microseconds, so that nothing is ever cut off.
const REQUEST: u64 = 1_000_000_000;

/// How full a bucket is, in billionths of a request, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// What is in it. More than it holds is a debt, which has to run out first.
    pub full: u64,
    /// When that was so.
    pub at: Instant,
}

/// A bucket with a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// What runs out, in thousandths of a request per second.
    pub rate: u64,
    /// How many requests it holds.
    pub burst: u32,
}

impl Meter {
    fn room(self) -> u64 {
        u64::from(self.burst) * REQUEST
    }

    /// What is in the bucket now.
    pub fn level(self, state: &Level, now: Instant) -> u64 {
        // What is too much for 64 bits is more than any bucket holds.
        state.full.saturating_sub(self.rate.saturating_mul(now.since(state.at).as_micros()))
    }

    /// What it says to a request of that cost. `tokens`: show the room and not the level.
    pub fn look(self, state: &Level, now: Instant, cost: u32, tokens: bool) -> Decision {
        let (level, room, wanted) = (self.level(state, now), self.room(), u64::from(cost) * REQUEST);
        let seen = if tokens { Seen::Tokens(room.saturating_sub(level), room) } else { Seen::Level(level, room) };
        if level.saturating_add(wanted) <= room {
            return Decision::accept(now, seen);
        }
        let reason = match () {
            () if wanted > room => Reason::NeverFits,
            () if tokens => Reason::NoTokens,
            () => Reason::BucketFull,
        };
        Decision::reject(now, reason, seen, self.retry(state, now, wanted))
    }

    /// How many more would fit in now.
    pub fn left(self, state: &Level, now: Instant) -> u32 {
        (self.room().saturating_sub(self.level(state, now)) / REQUEST) as u32
    }

    /// From `now` until so much fits in.
    fn retry(self, state: &Level, now: Instant, wanted: u64) -> Option<Duration> {
        let over = state.full.saturating_add(wanted).saturating_sub(self.room());
        if wanted > self.room() || self.rate == 0 {
            return None;
        }
        let until = Duration::from_micros(over.div_ceil(self.rate));
        Some((state.at + until).since(now))
    }

    /// Puts a request of that cost in, whether or not it fits. One that is told of late counts now.
    pub fn take(self, state: &mut Level, now: Instant, cost: u32) {
        let at = now.max(state.at);
        *state = Level { full: self.level(state, at).saturating_add(u64::from(cost) * REQUEST), at };
    }
}

/// A queue that requests leave one after the other, evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// From one to the next.
    pub interval: Duration,
    /// How many may wait.
    pub room: u32,
}

impl Queue {
    /// How many wait when the next may leave at `free`.
    fn waiting(self, free: Instant, now: Instant) -> u32 {
        // The one who leaves at `free` has yet to come; those before it leave an interval apart.
        let places = free.since(now).as_micros().div_ceil(self.interval.as_micros().max(1));
        places.saturating_sub(1).min(u64::from(u32::MAX)) as u32
    }

    /// How many more would be let in now.
    pub fn left(self, free: Instant, now: Instant) -> u32 {
        // Whoever finds nobody before it does not wait.
        self.room.saturating_sub(self.waiting(free, now)) + u32::from(free <= now)
    }

    /// What it says, when `free` is the moment at which the next may leave.
    pub fn look(self, free: Instant, now: Instant, cost: u32) -> Decision {
        let (wait, interval) = (free.since(now).as_micros(), self.interval.as_micros().max(1));
        let waiting = self.waiting(free, now);
        let seen = Seen::Queue(waiting, self.room, free);
        if wait == 0 {
            return Decision::accept(now, seen);
        }
        if waiting.saturating_add(cost) <= self.room {
            return Decision { at: now, verdict: Verdict::Delay(Duration::from_micros(wait)), reason: Reason::Queued, seen };
        }
        // Until so few wait that it is one more; who is more than may wait has to come to an empty queue.
        let places = u64::from((self.room + 1).saturating_sub(cost));
        let retry = Duration::from_micros(wait.saturating_sub(places.saturating_mul(interval)));
        Decision::reject(now, Reason::QueueFull, seen, Some(retry))
    }

    /// Puts a request of that cost at the end.
    pub fn take(self, free: &mut Instant, now: Instant, cost: u32) {
        *free = (*free).max(now) + Duration::from_micros(self.interval.as_micros().saturating_mul(u64::from(cost)));
    }
}
