//! Counters of windows: the fixed window, and the sliding one that is made of two fixed ones.

use super::decision::{Decision, Reason, Seen};
use crate::time::{Duration, Instant};

/// When the window began, and what it and the one before it have let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// When it began.
    pub start: Instant,
    /// What it has let through.
    pub current: u32,
    /// What the one before it let through.
    pub previous: u32,
}

/// So many in a window of that length. Windows begin at whole multiples of it, for everybody alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub limit: u32,
    /// How long.
    pub window: Duration,
}

impl Window {
    fn length(self) -> u64 {
        self.window.as_micros().max(1)
    }

    /// Nothing counted so far.
    pub fn fresh(self, now: Instant) -> Counts {
        let now = now.as_micros();
        Counts { start: Instant(now - now % self.length()), current: 0, previous: 0 }
    }

    /// The counts as they are now.
    fn rolled(self, state: &Counts, now: Instant) -> Counts {
        let fresh = self.fresh(now);
        match fresh.start.since(state.start).as_micros() / self.length() {
            0 => *state,
            1 => Counts { previous: state.current, ..fresh },
            _ => fresh,
        }
    }

    /// Until the window ends.
    fn rest(self, counts: &Counts, now: Instant) -> u64 {
        (counts.start + Duration::from_micros(self.length())).since(now).as_micros()
    }

    /// What the fixed window says: at the edge between two of them, up to twice its limit.
    pub fn look_fixed(self, state: &Counts, now: Instant, cost: u32) -> Decision {
        let counts = self.rolled(state, now);
        let seen = Seen::Window(counts.start, counts.current);
        let left = self.limit.saturating_sub(counts.current);
        if cost <= left {
            return Decision::accept(now, seen);
        }
        let retry = (cost <= self.limit).then(|| Duration::from_micros(self.rest(&counts, now)));
        let reason = if retry.is_some() { Reason::WindowSpent } else { Reason::NeverFits };
        Decision::reject(now, reason, seen, retry)
    }

    /// What the sliding counter says. It takes the requests of the window before as if they had come
    /// evenly, and adds the share that a sliding window would still see (Cloudflare, 2017). Where they
    /// did not, up to just under twice the limit pass in one window.
    pub fn look_sliding(self, state: &Counts, now: Instant, cost: u32) -> Decision {
        let counts = self.rolled(state, now);
        let seen = Seen::Windows(counts.start, counts.current, counts.previous);
        if self.spent(&counts, now).saturating_add(self.whole(cost)) <= self.whole(self.limit) {
            return Decision::accept(now, seen);
        }
        let reason = if cost > self.limit { Reason::NeverFits } else { Reason::WindowSpent };
        Decision::reject(now, reason, seen, self.retry(&counts, now, cost))
    }

    /// So many requests times the length of the window.
    fn whole(self, requests: u32) -> u64 {
        u64::from(requests).saturating_mul(self.length())
    }

    /// What the sliding counter holds against who comes now, times the length of the window.
    fn spent(self, counts: &Counts, now: Instant) -> u64 {
        u64::from(counts.previous).saturating_mul(self.rest(counts, now)).saturating_add(self.whole(counts.current))
    }

    /// How many more the fixed window would let through now.
    pub fn left_fixed(self, state: &Counts, now: Instant) -> u32 {
        self.limit.saturating_sub(self.rolled(state, now).current)
    }

    /// How many more the sliding counter would let through now.
    pub fn left_sliding(self, state: &Counts, now: Instant) -> u32 {
        (self.whole(self.limit).saturating_sub(self.spent(&self.rolled(state, now), now)) / self.length()) as u32
    }

    /// Until the sliding counter would accept: later in this window, in the next or in the one after.
    fn retry(self, counts: &Counts, now: Instant, cost: u32) -> Option<Duration> {
        let free = self.limit.checked_sub(cost)?;
        let rest = self.rest(counts, now);
        // When so little of a window is left that what it still weighs is room enough.
        let until = |rest: u64, weighs: u32, room: u32| {
            let bearable = u64::from(room).saturating_mul(self.length()) / u64::from(weighs.max(1));
            rest.saturating_sub(bearable)
        };
        let wait = match free.checked_sub(counts.current) {
            Some(room) if counts.previous > 0 => until(rest, counts.previous, room).min(rest),
            Some(_) => 0,
            None => rest + until(self.length(), counts.current, free),
        };
        Some(Duration::from_micros(wait))
    }

    /// Counts a request of that cost in the window in which it came, as far as that is remembered.
    pub fn take(self, state: &mut Counts, now: Instant, cost: u32) {
        *state = self.rolled(state, now);
        if now >= state.start {
            state.current = state.current.saturating_add(cost);
        } else if state.start.since(now).as_micros() <= self.length() {
            state.previous = state.previous.saturating_add(cost);
        }
    }
}
