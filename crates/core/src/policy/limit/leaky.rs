//! Leaky buckets: as a meter, which says yes or no, and as a queue, which makes requests wait.
//!
//! A token bucket is the meter seen from above: its tokens are the room that is left.

use super::decision::{Decision, Reason, Seen, Verdict};
use crate::time::{Duration, Instant};

/// Millionths of a request.
const REQUEST: u64 = 1_000_000;

/// How full a bucket is, in millionths of a request, and since when.
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
        // Thousandths per second times microseconds, by a thousand: millionths. What does not fit is
        // more than any bucket holds.
        let gone = self.rate.saturating_mul(now.since(state.at).as_micros()) / 1_000;
        state.full.saturating_sub(gone)
    }

    /// What it says to a request of that cost. `tokens`: show the room and not the level.
    pub fn look(self, state: &Level, now: Instant, cost: u32, tokens: bool) -> Decision {
        let (level, room, wanted) = (self.level(state, now), self.room(), u64::from(cost) * REQUEST);
        let seen = if tokens { Seen::Tokens(room.saturating_sub(level), room) } else { Seen::Level(level, room) };
        let left = (room.saturating_sub(level + wanted) / REQUEST) as u32;
        if level + wanted <= room {
            return Decision::accept(now, seen, left);
        }
        let left = (room.saturating_sub(level) / REQUEST) as u32;
        let reason = match () {
            () if wanted > room => Reason::NeverFits,
            () if tokens => Reason::NoTokens,
            () => Reason::BucketFull,
        };
        Decision::reject(now, reason, seen, self.retry(state, now, wanted), left)
    }

    /// From `now` until so much fits in.
    fn retry(self, state: &Level, now: Instant, wanted: u64) -> Option<Duration> {
        let over = (state.full + wanted).saturating_sub(self.room());
        if wanted > self.room() || self.rate == 0 {
            return None;
        }
        let until = Duration::from_micros(over.saturating_mul(1_000).div_ceil(self.rate));
        Some((state.at + until).since(now))
    }

    /// Puts a request of that cost in, whether or not it fits. One that is told of late counts now.
    pub fn take(self, state: &mut Level, now: Instant, cost: u32) {
        let at = now.max(state.at);
        *state = Level { full: self.level(state, at) + u64::from(cost) * REQUEST, at };
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
    /// What it says, when `free` is the moment at which the next may leave.
    pub fn look(self, free: Instant, now: Instant, cost: u32) -> Decision {
        let (wait, interval) = (free.since(now).as_micros(), self.interval.as_micros().max(1));
        // The one who leaves at `free` is this one; those before it leave an interval apart.
        let waiting = wait.div_ceil(interval).saturating_sub(1).min(u64::from(u32::MAX)) as u32;
        let seen = Seen::Queue(waiting, self.room, free);
        let left = self.room.saturating_sub(waiting.saturating_add(if wait == 0 { cost - cost.min(1) } else { cost }));
        if wait == 0 {
            return Decision::accept(now, seen, left);
        }
        if waiting.saturating_add(cost) <= self.room {
            return Decision { at: now, verdict: Verdict::Delay(Duration::from_micros(wait)), reason: Reason::Queued, seen, left };
        }
        // Until so few wait that it is one more; who is more than may wait has to come to an empty queue.
        let places = u64::from((self.room + 1).saturating_sub(cost));
        let retry = Duration::from_micros(wait.saturating_sub(places.saturating_mul(interval)));
        Decision::reject(now, Reason::QueueFull, seen, Some(retry), left)
    }

    /// Puts a request of that cost at the end.
    pub fn take(self, free: &mut Instant, now: Instant, cost: u32) {
        *free = (*free).max(now) + Duration::from_micros(self.interval.as_micros().saturating_mul(u64::from(cost)));
    }
}
