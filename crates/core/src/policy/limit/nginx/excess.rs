//! The arithmetic of `limit_req`, as nginx 1.22 has it.

use super::super::decision::{Decision, Reason, Seen, Verdict};
use crate::time::{Duration, Instant};

/// What nginx remembers of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excess {
    /// Requests beyond the rate, in thousandths of one.
    pub excess: u64,
    /// The millisecond after the one in which it was so; 0 before the first request that was accepted.
    after: u64,
}

impl Excess {
    /// So much at that moment.
    pub(super) const fn at(excess: u64, now: Instant) -> Self {
        Self { excess, after: millis(now) + 1 }
    }

    /// In which millisecond it was so; `None` before the first request that was accepted.
    pub const fn last(&self) -> Option<u64> {
        self.after.checked_sub(1)
    }
}

/// `limit_req zone=… burst=… delay=…` and the zone's `rate=…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReqRate {
    /// Thousandths of a request per second; `r/m` is divided by 60 and cut off, as nginx does.
    pub rate: u64,
    /// `burst=`.
    pub burst: u32,
    /// `delay=`: how many of the burst are not delayed; `None` with `nodelay`, which delays nobody.
    pub delay: Option<u32>,
}

/// nginx's clock.
pub(super) const fn millis(at: Instant) -> u64 {
    at.as_micros() / 1_000
}

impl ReqRate {
    const fn burst(self) -> u64 {
        self.burst as u64 * 1_000
    }

    /// The excess with a request of that cost counted in. The first of a key has none.
    pub fn excess(self, state: &Excess, now: Instant, cost: u32) -> u64 {
        match state.last() {
            None => u64::from(cost.saturating_sub(1)) * 1_000,
            Some(last) => {
                let gone = self.rate.saturating_mul(millis(now).saturating_sub(last)) / 1_000;
                (state.excess + u64::from(cost) * 1_000).saturating_sub(gone)
            }
        }
    }

    /// Whether that excess is more than the burst.
    pub const fn is_over(self, excess: u64) -> bool {
        excess > self.burst()
    }

    /// How long a request with that excess waits, in whole milliseconds.
    pub fn delay(self, excess: u64) -> Duration {
        let beyond = self.delay.map_or(0, |delay| excess.saturating_sub(u64::from(delay) * 1_000));
        Duration::from_millis((beyond * 1_000).checked_div(self.rate).unwrap_or(0))
    }

    /// What it says to a request of that cost; nginx knows only 1.
    pub fn look(self, state: &Excess, now: Instant, cost: u32) -> Decision {
        let excess = self.excess(state, now, cost);
        let seen = Seen::Excess(excess, self.burst());
        if self.is_over(excess) {
            let retry = self.retry(state, now, cost);
            let reason = if retry.is_some() { Reason::BucketFull } else { Reason::NeverFits };
            return Decision::reject(now, reason, seen, retry);
        }
        match self.delay(excess) {
            Duration::ZERO => Decision::accept(now, seen),
            span => Decision { at: now, verdict: Verdict::Delay(span), reason: Reason::BeyondDelay, seen },
        }
    }

    /// From `now` until the same request would be accepted.
    pub(super) fn retry(self, state: &Excess, now: Instant, cost: u32) -> Option<Duration> {
        let over = (state.excess + u64::from(cost) * 1_000).saturating_sub(self.burst());
        let ms = over.saturating_mul(1_000).div_ceil(self.rate.max(1));
        let at = Instant((state.last()? + ms).saturating_mul(1_000));
        (self.rate > 0).then(|| at.since(now))
    }

    /// How many more would be accepted now.
    pub fn left(self, state: &Excess, now: Instant) -> u32 {
        let next = self.excess(state, now, 1);
        match state.last() {
            // The first of a key has no excess.
            None => self.burst + 1,
            Some(_) if self.is_over(next) => 0,
            Some(_) => ((self.burst() - next) / 1_000) as u32 + 1,
        }
    }

    /// Counts a request that was accepted.
    pub fn take(self, state: &mut Excess, now: Instant, cost: u32) {
        let excess = self.excess(state, now, cost);
        *state = Excess { excess, after: state.after.max(millis(now) + 1) };
    }
}
