//! How checks are counted: those in a row, or those among the last.

use super::{Checks, Reason};

/// What the checks of one member have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Whether they say that it can be used.
    pub up: bool,
    /// While it is up, those that failed in a row; while it is down, the good ones in a row. Among
    /// the last checks, the good ones.
    pub streak: u32,
    /// Whether it has been found well before.
    known: bool,
    /// The last checks, one bit each, the latest lowest.
    last: u64,
}

impl Tally {
    /// Before the first check.
    pub(super) fn new(checks: &Checks) -> Self {
        if checks.window > 0 {
            // cache_backend_probe.c: by default one less than the threshold, and never more than it.
            let initial = checks.initial.unwrap_or(checks.threshold.saturating_sub(1)).min(checks.threshold).min(64);
            let last = u64::MAX.checked_shr(64 - initial).unwrap_or(0);
            return Self { up: initial >= checks.threshold, streak: initial, known: true, last };
        }
        // check.c: it begins with as much health as is just enough.
        Self { up: true, streak: checks.fall.saturating_sub(1), known: false, last: 0 }
    }

    /// Counts a check; why it turned, if it did.
    pub(super) fn count(&mut self, good: bool, checks: &Checks) -> Option<Reason> {
        if checks.window > 0 { self.count_last(good, checks) } else { self.count_row(good, checks) }
    }

    fn count_row(&mut self, good: bool, checks: &Checks) -> Option<Reason> {
        if good == self.up {
            self.streak = 0;
            self.known |= good;
            return None;
        }
        self.streak += 1;
        let needed = if good { checks.rise } else { checks.fall };
        if self.streak < needed.max(1) {
            return None;
        }
        (self.up, self.streak) = (good, 0);
        let known = core::mem::replace(&mut self.known, true);
        Some(match good {
            true => Reason::ChecksPassed(needed.max(1)),
            false if known => Reason::ChecksFailed(needed.max(1)),
            false => Reason::FirstCheckFailed,
        })
    }

    fn count_last(&mut self, good: bool, checks: &Checks) -> Option<Reason> {
        let window = checks.window.min(64);
        self.last = self.last << 1 | u64::from(good);
        self.streak = (self.last & (u64::MAX >> (64 - window))).count_ones();
        let up = self.streak >= checks.threshold;
        if up == core::mem::replace(&mut self.up, up) {
            return None;
        }
        Some(if up { Reason::EnoughGood(self.streak, window) } else { Reason::TooFewGood(self.streak, window) })
    }

    /// So many checks are taken to have failed that so many more are enough (HAProxy `on-error`).
    pub(super) fn bring_down_to(&mut self, more: u32, checks: &Checks) {
        if self.up && checks.window == 0 {
            self.streak = self.streak.max(checks.fall.saturating_sub(more));
        }
    }

    /// Whether it is neither well nor down for good: the checks come faster (HAProxy `fastinter`).
    pub(super) const fn is_turning(&self) -> bool {
        self.streak > 0
    }
}
