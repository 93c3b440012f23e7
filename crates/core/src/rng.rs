//! Randomness as a function of what it is for.
//!
//! There is no stream that one draw could shift for the next: every draw is computed from
//! `(seed, purpose, id, attempt)`. Two policies run on the same seed therefore see the same
//! arrivals and the same work in each request (common random numbers).

use crate::time::Duration;

/// What a draw is for; part of its key, so that two purposes never share a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// The gap before the next arrival.
    Arrival = 1,
    /// Which user sends a request.
    User = 2,
    /// Which class of request it is.
    Class = 3,
    /// How much work the request brings.
    Service = 4,
    /// How long a user thinks before the next request.
    Think = 5,
    /// Whether a message is lost on a link.
    Loss = 6,
    /// A balancing policy's own choice.
    Balance = 7,
    /// The order in which a quiz shows its options.
    Shuffle = 8,
    /// Parameters of a generated scenario or question.
    Generate = 9,
    /// Health: how long after a check the next one comes, and which answers fail.
    Probe = 10,
}

/// A key from which any number of independent values can be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    key: u64,
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection in which every
/// input bit reaches every output bit.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Draw {
    /// The draw for one purpose: `id` names the request, message or user, `attempt` the try.
    pub const fn new(seed: u64, purpose: Purpose, id: u64, attempt: u32) -> Self {
        let a = mix(seed.wrapping_add(GOLDEN));
        let b = mix(a ^ id.wrapping_mul(GOLDEN));
        let c = ((purpose as u64) << 32) | attempt as u64;
        Self { key: mix(b.wrapping_add(mix(c.wrapping_add(GOLDEN)))) }
    }

    /// 64 uniform bits.
    pub const fn bits(self) -> u64 {
        self.key
    }

    /// The `n`-th further draw under the same key, independent of this one.
    pub const fn nth(self, n: u32) -> Self {
        Self { key: mix(self.key.wrapping_add(GOLDEN.wrapping_mul(n as u64 + 1))) }
    }

    /// A float in `[0, 1)` with 53 random bits.
    pub fn unit(self) -> f64 {
        (self.key >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// An integer in `0..bound`; zero when `bound` is zero.
    pub const fn below(self, bound: u64) -> u64 {
        // Lemire's multiply-shift; the bias is under 2^-32 for the bounds used here.
        ((self.key as u128 * bound as u128) >> 64) as u64
    }

    /// An exponential variate with mean one.
    pub fn exponential(self) -> f64 {
        -libm::log(1.0 - self.unit())
    }

    /// A standard normal variate by the polar method (Marsaglia and Bray, 1964), which needs no
    /// sine: its tables for great angles would be most of the code.
    pub fn normal(self) -> f64 {
        let mut n = 0;
        loop {
            let (x, y) = (2.0 * self.nth(n).unit() - 1.0, 2.0 * self.nth(n + 1).unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * libm::log(square) / square).sqrt();
            }
            n += 2;
        }
    }

    /// An exponential span with the given mean.
    pub fn exponential_span(self, mean: Duration) -> Duration {
        Duration::from_micros_f64(self.exponential() * mean.0 as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_ids_and_attempts_do_not_share_numbers() {
        let mut seen = std::collections::BTreeSet::new();
        for id in 0..200 {
            for attempt in 0..3 {
                for purpose in [Purpose::Arrival, Purpose::Service, Purpose::Loss] {
                    assert!(seen.insert(Draw::new(7, purpose, id, attempt).bits()));
                }
            }
        }
    }

    #[test]
    fn the_exponential_has_its_mean_and_variance() {
        let n = 200_000u32;
        let (mut sum, mut squares) = (0.0, 0.0);
        for id in 0..n {
            let x = Draw::new(1, Purpose::Service, u64::from(id), 0).exponential();
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        let variance = squares / f64::from(n) - mean * mean;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!((variance - 1.0).abs() < 0.03, "{variance}");
    }

    #[test]
    fn the_normal_has_its_moments_and_tails() {
        let n = 200_000u32;
        let draws: Vec<f64> = (0..n).map(|id| Draw::new(1, Purpose::Service, u64::from(id), 0).normal()).collect();
        let moment = |power: u32| draws.iter().map(|x| (0..power).fold(1.0, |product, _| product * x)).sum::<f64>() / f64::from(n);
        for (power, expect, within) in [(1, 0.0, 0.01), (2, 1.0, 0.02), (3, 0.0, 0.05), (4, 3.0, 0.1)] {
            assert!((moment(power) - expect).abs() < within, "{power}: {}", moment(power));
        }
        let beyond = draws.iter().filter(|x| x.abs() > 1.96).count() as f64 / f64::from(n);
        assert!((beyond - 0.05).abs() < 0.002, "{beyond}");
    }

    #[test]
    fn below_stays_below_and_reaches_everything() {
        let mut counts = [0u32; 5];
        for id in 0..5_000 {
            counts[Draw::new(3, Purpose::User, id, 0).below(5) as usize] += 1;
        }
        assert!(counts.iter().all(|&c| (900..1_100).contains(&c)), "{counts:?}");
        assert_eq!(Draw::new(3, Purpose::User, 1, 0).below(0), 0);
    }
}
