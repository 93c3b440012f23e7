//! The token bucket of the `limit` stage.

use crate::time::Instant;

/// Millionths of a token.
const TOKEN: u64 = 1_000_000;

/// A token bucket: tokens drip in at a rate, up to a burst; each request takes one.
///
/// In any interval of `t` seconds it admits at most `burst + rate * t` requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    level: u64,
    filled: Instant,
}

impl TokenBucket {
    /// A full bucket.
    pub const fn full(burst: u32, now: Instant) -> Self {
        Self { level: burst as u64 * TOKEN, filled: now }
    }

    /// Takes a token if there is one. `rate` is in thousandths of a token per second, `burst`
    /// in tokens; both may differ from call to call, as when a knob is turned.
    pub fn admit(&mut self, rate: u64, burst: u32, now: Instant) -> bool {
        let passed = now.since(self.filled).as_micros();
        // thousandths per second times microseconds = billionths; a thousandth of that is millionths.
        // What does not fit is far more than any bucket holds.
        let dripped = rate.saturating_mul(passed) / 1_000;
        self.level = self.level.saturating_add(dripped).min(u64::from(burst) * TOKEN);
        self.filled = now;
        let admitted = self.level >= TOKEN;
        if admitted {
            self.level -= TOKEN;
        }
        admitted
    }

    /// Whole tokens left.
    pub const fn tokens(&self) -> u64 {
        self.level / TOKEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_passes_and_then_the_rate() {
        let mut bucket = TokenBucket::full(3, Instant::START);
        let admitted = |bucket: &mut TokenBucket, ms: u64| bucket.admit(2_000, 3, Instant(ms * 1_000));
        assert_eq!([0, 0, 0, 0].map(|ms| admitted(&mut bucket, ms)), [true, true, true, false]);
        assert!(!admitted(&mut bucket, 499), "half a second brings one token at two a second");
        assert!(admitted(&mut bucket, 500));
        assert!(!admitted(&mut bucket, 501));
    }
}
