//! What a client does when it is turned away: when it asks again, and whether.

use crate::rng::Draw;
use crate::time::Duration;

/// When a client asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backoff {
    /// At once.
    Impatient,
    /// After the same time each time.
    Fixed(Duration),
    /// After a time that doubles with each try.
    Exponential(Growth),
    /// After a drawn share of a time that doubles with each try (Brooker, Exponential Backoff and
    /// Jitter, 2015: "full jitter").
    FullJitter(Growth),
    /// When the answer says (`Retry-After`), and where it says nothing after a time that doubles.
    RetryAfter {
        /// What is added, drawn, so that not all who were told the same come at the same moment. Zero for
        /// nothing.
        jitter: Duration,
        /// Where the answer says nothing.
        otherwise: Growth,
    },
}

/// A time that doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// After the first try.
    pub base: Duration,
    /// At most.
    pub cap: Duration,
}

impl Growth {
    /// The time after so many tries that failed, from 1.
    pub fn after(self, tries: u32) -> Duration {
        let factor = 1u64.checked_shl(tries.saturating_sub(1)).unwrap_or(u64::MAX);
        Duration::from_micros(self.base.as_micros().saturating_mul(factor).min(self.cap.as_micros()))
    }
}

/// A span from zero to that one, both included.
fn share(span: Duration, draw: Draw) -> Duration {
    Duration::from_micros(draw.below(span.as_micros().saturating_add(1)))
}

impl Backoff {
    /// How long it waits after so many tries that were turned away, from 1. `told` is what the last
    /// answer asked for.
    pub fn pause(self, tries: u32, told: Option<Duration>, draw: Draw) -> Duration {
        match self {
            Self::Impatient => Duration::ZERO,
            Self::Fixed(span) => span,
            Self::Exponential(growth) => growth.after(tries),
            Self::FullJitter(growth) => share(growth.after(tries), draw),
            Self::RetryAfter { jitter, otherwise } => {
                told.map_or_else(|| share(otherwise.after(tries), draw), |told| told + share(jitter, draw))
            }
        }
    }
}

/// How much of all that a client asks may be asked again: each first try puts a share of a token in,
/// each retry takes a whole one out (Finagle `RetryBudget`; SRE book, chapter 21: one in ten).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryBudget {
    /// Thousandths of a retry.
    tokens: u64,
    share: u32,
    most: u64,
}

impl RetryBudget {
    /// `share`: thousandths of a retry for each first try. `reserve`: retries that may be saved up, and
    /// that there are at the beginning.
    pub const fn new(share: u32, reserve: u32) -> Self {
        let most = reserve as u64 * 1_000;
        Self { tokens: most, share, most }
    }

    /// A first try is made.
    pub fn deposit(&mut self) {
        self.tokens = self.tokens.saturating_add(u64::from(self.share)).min(self.most);
    }

    /// Whether a retry may be made; then it is taken out.
    pub fn withdraw(&mut self) -> bool {
        let left = self.tokens.checked_sub(1_000);
        self.tokens = left.unwrap_or(self.tokens);
        left.is_some()
    }

    /// Whole retries left.
    pub const fn retries(&self) -> u64 {
        self.tokens / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Purpose;

    const GROWTH: Growth = Growth { base: Duration::from_millis(100), cap: Duration::from_millis(1_000) };

    fn check(backoff: Backoff, told: Option<u64>, expect: [u64; 5]) {
        let draw = Draw::new(1, Purpose::Generate, 1, 1);
        let pauses = [1, 2, 3, 4, 5].map(|tries| backoff.pause(tries, told.map(Duration::from_millis), draw).as_micros() / 1_000);
        assert_eq!(pauses, expect, "{backoff:?}");
    }

    #[test]
    fn each_waits_in_its_own_way() {
        check(Backoff::Impatient, Some(7), [0; 5]);
        check(Backoff::Fixed(Duration::from_millis(30)), Some(7), [30; 5]);
        check(Backoff::Exponential(GROWTH), Some(7), [100, 200, 400, 800, 1_000]);
        let obeys = Backoff::RetryAfter { jitter: Duration::ZERO, otherwise: GROWTH };
        check(obeys, Some(700), [700; 5]);
        assert_eq!(GROWTH.after(200), GROWTH.cap);
    }

    #[test]
    fn jitter_spreads_over_the_whole_time() {
        let draws =
            |backoff: Backoff, told| (0..400).map(move |i| backoff.pause(3, told, Draw::new(5, Purpose::Generate, i, 0)).as_micros());
        let full: Vec<u64> = draws(Backoff::FullJitter(GROWTH), None).collect();
        assert!(full.iter().all(|&us| us <= 400_000));
        assert!(full.iter().any(|&us| us < 40_000) && full.iter().any(|&us| us > 360_000));
        let obeys = Backoff::RetryAfter { jitter: Duration::from_millis(500), otherwise: GROWTH };
        let told: Vec<u64> = draws(obeys, Some(Duration::from_secs(2))).collect();
        assert!(told.iter().all(|us| (2_000_000..=2_500_000).contains(us)), "never before the time");
        assert!(told.iter().any(|&us| us > 2_400_000));
    }

    #[test]
    fn a_tenth_may_be_asked_again() {
        let mut budget = RetryBudget::new(100, 2);
        assert_eq!((budget.withdraw(), budget.withdraw(), budget.withdraw()), (true, true, false));
        let retried = (0..1_000).filter(|_| {
            budget.deposit();
            budget.withdraw()
        });
        assert_eq!(retried.count(), 100);
        assert_eq!(budget.retries(), 0);
    }
}
