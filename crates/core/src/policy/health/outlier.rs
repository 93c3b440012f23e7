//! Envoy's outlier detection for one member.

use super::Outlier;
use crate::time::{Duration, Instant};

/// How many times longer than the first an ejection can be (Envoy's `max_ejection_time` is ten times
/// its `base_ejection_time` by default).
const MOST_TIMES: u64 = 10;

/// What is known of a member by its answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ejection {
    /// Requests that went wrong in a row.
    pub(super) errors: u32,
    /// When it is let back, while it is out.
    pub(super) until: Option<Instant>,
    /// How many times as long as the first the last one was.
    times: u64,
    /// When it was let back last.
    back: Instant,
}

impl Ejection {
    /// Counts an answer. Whether it would be ejected now.
    pub(super) const fn count(&mut self, error: bool, rules: &Outlier) -> bool {
        self.errors = if error { self.errors + 1 } else { 0 };
        let over = rules.errors > 0 && self.errors >= rules.errors && self.until.is_none();
        if over {
            self.errors = 0;
        }
        over
    }

    /// It is out from now on; for how long.
    pub(super) fn eject(&mut self, rules: &Outlier, now: Instant) -> Duration {
        // Each time it was looked and all was well, the next ejection became shorter again.
        let every = if rules.window.is_zero() { rules.eject } else { rules.window };
        let calm = now.since(self.back).as_micros().checked_div(every.as_micros()).unwrap_or(0);
        self.times = (self.times.saturating_sub(calm) + 1).min(MOST_TIMES);
        let over = now + Duration(rules.eject.as_micros().saturating_mul(self.times));
        // It is let back when it is looked for the first time after that.
        let late = rules.window.as_micros();
        let until = match over.as_micros().checked_rem(late) {
            None | Some(0) => over,
            Some(rest) => over + Duration(late - rest),
        };
        self.until = Some(until);
        until.since(now)
    }

    /// Lets it back if its time is over.
    pub(super) fn let_back(&mut self, now: Instant) -> bool {
        let over = self.until.is_some_and(|until| until <= now);
        if over {
            (self.until, self.back, self.errors) = (None, now, 0);
        }
        over
    }
}
