//! HAProxy 2.6: `http_req_rate(<period>)` and `conn_rate(<period>)` of a stick table (`freq_ctr.c`).

use super::decision::{Decision, Reason, Seen};
use crate::time::{Duration, Instant};

/// A frequency counter: this period's count and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// In which millisecond the period began. Even: the last bit is HAProxy's lock.
    pub tick: u64,
    /// Counted in this period.
    pub current: u32,
    /// Counted in the period before.
    pub previous: u32,
}

const fn millis(at: Instant) -> u64 {
    at.as_micros() / 1_000
}

impl Counter {
    /// A new row's: its first period begins with its first event.
    pub const fn fresh(now: Instant) -> Self {
        Self { tick: millis(now) & !1, current: 0, previous: 0 }
    }

    /// Counts so many events (`update_freq_ctr_period`). `period` is in milliseconds.
    pub fn update(&mut self, period: u64, now: Instant, events: u32) {
        let now = millis(now);
        if now.saturating_sub(self.tick) < period {
            self.current = self.current.saturating_add(events);
            return;
        }
        let next = self.tick + period;
        // Who missed a whole period begins anew.
        let missed = now - next >= period;
        self.previous = if missed { 0 } else { self.current };
        self.current = events;
        self.tick = if missed { now } else { next } & !1;
    }

    /// Events in a period as far as the two counters tell (`read_freq_ctr_period`): this period's, and
    /// of the one before the share that has not passed. A single old event counts whole until it is
    /// gone, so that low rates do not flap.
    pub fn rate(&self, period: u64, now: Instant) -> u32 {
        let (now, period) = (millis(now), period.max(1));
        let (mut end, mut current, mut past) = (self.tick + period, self.current, self.previous);
        if end < now {
            end += period;
            past = if end >= now { current } else { 0 };
            current = 0;
        }
        if current == 0 && past <= 1 {
            return past;
        }
        let rest = end.saturating_sub(now);
        current.saturating_add((u64::from(past) * rest / period) as u32)
    }
}

/// `track-sc0 …` and `deny if { sc0_http_req_rate gt <limit> }`: the event is counted first, so those
/// that are denied count as well, and who does not stop stays out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateAbove {
    /// The period of the table, in milliseconds.
    pub period: u64,
    /// The highest rate that is not denied.
    pub limit: u32,
}

impl RateAbove {
    /// Counts, and says what to do.
    pub fn decide(self, counter: &mut Counter, now: Instant, cost: u32) -> Decision {
        counter.update(self.period, now, cost);
        let rate = counter.rate(self.period, now);
        let seen = Seen::Estimate(rate, counter.current, counter.previous);
        if rate <= self.limit {
            return Decision::accept(now, seen);
        }
        let retry = self.retry(counter, now, cost);
        let reason = if retry.is_some() { Reason::RateAbove } else { Reason::NeverFits };
        Decision::reject(now, reason, seen, retry)
    }

    /// How many more would be let through now.
    pub fn left(self, counter: &Counter, now: Instant) -> u32 {
        // As it would be with one more, because a lone old event counts whole only while there is no other.
        let mut then = *counter;
        then.update(self.period, now, 1);
        (self.limit + 1).saturating_sub(then.rate(self.period, now))
    }

    /// Until the same would be let through, if all were quiet: the estimate only falls, so halving
    /// finds it.
    fn retry(self, counter: &Counter, now: Instant, cost: u32) -> Option<Duration> {
        let passes = |ms: u64| {
            let (mut then, at) = (*counter, Instant((millis(now) + ms) * 1_000));
            then.update(self.period, at, cost);
            then.rate(self.period, at) <= self.limit
        };
        // After two periods nothing is left; a row's tick is even, and may lag by one.
        let (mut no, mut yes) = (0, self.period * 2 + 2);
        if !passes(yes) {
            return None;
        }
        while yes - no > 1 {
            let middle = no + (yes - no) / 2;
            if passes(middle) { yes = middle } else { no = middle }
        }
        Some(Instant((millis(now) + yes) * 1_000).since(now))
    }
}
