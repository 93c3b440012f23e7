//! Slow start: how many round trips a long answer takes on a connection that has not sent much yet.

use crate::time::{Duration, Instant};

use super::link::RETRANSMIT;

/// Ten segments of 1,460 bytes (RFC 6928 section 2).
const INITIAL: u32 = 14_600;
/// A window past which doubling makes no difference to a lab.
const MOST: u32 = 1 << 30;

/// The congestion window of a connection's far end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// The bytes that may be under way at once.
    size: u32,
    /// How many have been sent since `round`.
    used: u32,
    /// When the round began in which it sends; it ends a round trip later.
    round: Instant,
}

impl Default for Window {
    fn default() -> Self {
        Self { size: INITIAL, used: 0, round: Instant::START }
    }
}

impl Window {
    /// Sends `bytes` now: how long the last of them waits for the window to grow. It doubles with
    /// each round trip that fills it (RFC 5681 section 3.1), and is back at its start after an idle
    /// time of one retransmission timeout (section 4.1).
    pub(crate) fn send(&mut self, bytes: u32, round_trip: Duration, now: Instant) -> Duration {
        let passed = now.since(self.round);
        if passed >= round_trip {
            if passed >= round_trip + RETRANSMIT {
                self.size = INITIAL;
            }
            (self.used, self.round) = (0, now);
        }
        let mut left = bytes;
        let mut waits = Duration::ZERO;
        while left > self.size - self.used {
            left -= self.size - self.used;
            waits = waits + round_trip;
            (self.size, self.used) = ((self.size * 2).min(MOST), 0);
        }
        self.used += left;
        self.round += waits;
        waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(100);

    fn check(answers: &[(u64, u32)], expect: &[u64]) {
        let mut window = Window::default();
        let rounds = answers
            .iter()
            .map(|&(ms, bytes)| window.send(bytes, RTT, Instant::START + Duration::from_millis(ms)).as_micros() / RTT.as_micros());
        assert_eq!(rounds.collect::<Vec<_>>(), expect, "{answers:?}");
    }

    #[test]
    fn the_window_doubles_each_round_trip() {
        for (bytes, rounds) in [(0, 0), (14_600, 0), (14_601, 1), (43_800, 1), (43_801, 2), (102_200, 2), (102_201, 3), (1_000_000, 6)] {
            check(&[(0, bytes)], &[rounds]);
        }
    }

    #[test]
    fn what_was_sent_counts_until_it_is_acknowledged() {
        check(&[(0, 14_600), (50, 1), (250, 29_200)], &[0, 1, 0]);
        check(&[(0, 10_000), (100, 14_600)], &[0, 0]);
    }

    #[test]
    fn an_idle_connection_starts_anew() {
        check(&[(0, 43_800), (350, 29_200)], &[1, 0]);
        check(&[(0, 43_800), (1_000, 29_200)], &[1, 1]);
    }
}
