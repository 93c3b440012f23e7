//! The sliding log: exact, and as large as its limit for every key.

use std::collections::VecDeque;

use super::decision::{Decision, Reason, Seen};
use super::window::Window;
use crate::time::Instant;

/// When each of those came that were let through of late. Memory grows with the limit, and time with
/// its logarithm: the one limiter here that is not O(1).
pub type Log = VecDeque<Instant>;

impl Window {
    /// Where the log's part begins that the window ending now still sees.
    fn seen_from(self, log: &Log, now: Instant) -> usize {
        log.partition_point(|&came| now.since(came) >= self.window)
    }

    /// What a log says: never more than the limit in any window.
    pub fn look_log(self, log: &Log, now: Instant, cost: u32) -> Decision {
        let from = self.seen_from(log, now);
        let count = (log.len() - from).min(u32::MAX as usize) as u32;
        let seen = Seen::Log(count, log.get(from).copied().unwrap_or(now));
        let left = self.limit.saturating_sub(count);
        if cost <= left {
            return Decision::accept(now, seen);
        }
        // It fits when all but so many have left the window.
        let keep = self.limit.checked_sub(cost);
        let last = keep.and_then(|keep| log.get(log.len() - 1 - keep as usize));
        let retry = last.map(|&came| (came + self.window).since(now));
        let reason = if keep.is_some() { Reason::TooManyOfLate } else { Reason::NeverFits };
        Decision::reject(now, reason, seen, retry)
    }

    /// How many more a log would let through now.
    pub fn left_log(self, log: &Log, now: Instant) -> u32 {
        let count = (log.len() - self.seen_from(log, now)).min(u32::MAX as usize) as u32;
        self.limit.saturating_sub(count)
    }

    /// Writes a request of that cost down, once for each unit, and forgets what the window has left.
    pub fn take_log(self, log: &mut Log, now: Instant, cost: u32) {
        let gone = self.seen_from(log, now);
        log.drain(..gone);
        let at = log.partition_point(|&came| came <= now);
        (0..cost).for_each(|_| log.insert(at, now));
    }
}
