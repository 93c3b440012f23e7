//! The generic cell rate algorithm (ITU-T I.371, virtual scheduling): a bucket in one timestamp.

use super::decision::{Decision, Reason, Seen};
use crate::time::{Duration, Instant};

/// The algorithm; its state is the theoretical arrival time alone.
///
/// It decides as a token bucket does as long as the interval is a whole number of microseconds.
/// Where it is not, `interval` is rounded and the two part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gcra {
    /// From one request to the next at the rate that is allowed.
    pub interval: Duration,
    /// How many may come at once.
    pub burst: u32,
}

impl Gcra {
    /// For a rate in thousandths of a request per second; the interval to the nearest microsecond.
    pub const fn at_rate(rate: u64, burst: u32) -> Self {
        let interval = match rate {
            0 => u64::MAX,
            rate => (1_000_000_000 + rate / 2) / rate,
        };
        Self { interval: Duration::from_micros(interval), burst }
    }

    fn span(self, requests: u32) -> u64 {
        self.interval.as_micros().saturating_mul(u64::from(requests))
    }

    /// What it says to a request of that cost.
    pub fn look(self, arrival: Instant, now: Instant, cost: u32) -> Decision {
        let (ahead, most) = (arrival.since(now).as_micros(), self.span(self.burst));
        let after = ahead.saturating_add(self.span(cost));
        let seen = Seen::Arrival(arrival);
        if cost > self.burst {
            return Decision::reject(now, Reason::NeverFits, seen, None);
        }
        if after <= most {
            return Decision::accept(now, seen);
        }
        Decision::reject(now, Reason::TooEarly, seen, Some(Duration::from_micros(after - most)))
    }

    /// How many more would conform now.
    pub fn left(self, arrival: Instant, now: Instant) -> u32 {
        (self.span(self.burst).saturating_sub(arrival.since(now).as_micros()) / self.interval.as_micros().max(1)) as u32
    }

    /// Counts a request of that cost, whether or not it conforms.
    pub fn take(self, arrival: &mut Instant, now: Instant, cost: u32) {
        *arrival = (*arrival).max(now) + Duration::from_micros(self.span(cost));
    }
}
