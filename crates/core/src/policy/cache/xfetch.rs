//! Refreshing an object before it runs out, at a moment that is drawn (XFetch).
//!
//! When a popular object runs out, everybody who asks meets the same miss. With XFetch each
//! request draws how much sooner it takes the object to have run out, so that most likely exactly
//! one of them refreshes it while the others still get the copy. No lock and no message is needed.
//! Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015.

use crate::rng::Draw;
use crate::time::Duration;

/// Whether this request refreshes an object that lasts for `remaining` more: it does when
/// `recompute_cost × beta × an exponential draw` reaches that far.
///
/// `recompute_cost` is how long making the object anew took. With a `beta` of 1 the paper's optimum
/// is had; more refreshes sooner, 0 or less (or no number) never before the object has run out.
pub fn early(remaining: Duration, recompute_cost: Duration, beta: f64, draw: Draw) -> bool {
    let ahead = recompute_cost.as_micros() as f64 * beta * draw.exponential();
    remaining.is_zero() || ahead >= remaining.as_micros() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Purpose;

    const N: u64 = 100_000;

    /// Of so many requests, the part that refreshes.
    fn part(remaining_ms: u64, cost_ms: u64, beta: f64) -> f64 {
        let (remaining, cost) = (Duration::from_millis(remaining_ms), Duration::from_millis(cost_ms));
        let draws = (0..N).map(|id| Draw::new(5, Purpose::Generate, id, 0));
        draws.filter(|&draw| early(remaining, cost, beta, draw)).count() as f64 / N as f64
    }

    #[test]
    fn the_nearer_the_end_the_likelier() {
        // P(cost × beta × E >= remaining) = exp(-remaining / (cost × beta)).
        for (remaining, cost, beta) in [(100, 100, 1.0), (200, 100, 1.0), (500, 100, 1.0), (200, 100, 2.0), (50, 200, 0.5)] {
            let expect = libm::exp(-(remaining as f64) / (cost as f64 * beta));
            let got = part(remaining, cost, beta);
            assert!((got - expect).abs() < 0.005, "{remaining} {cost} {beta}: {got} and not {expect}");
        }
    }

    #[test]
    fn what_has_run_out_is_always_refreshed_and_nothing_else_without_beta_or_cost() {
        assert_eq!(part(0, 100, 1.0), 1.0);
        assert_eq!(part(0, 0, 0.0), 1.0);
        assert_eq!(part(1, 0, 1.0), 0.0);
        for beta in [0.0, -1.0, f64::NAN] {
            assert_eq!(part(1, 1_000, beta), 0.0, "{beta}");
        }
        assert_eq!(part(1_000_000, 1, f64::INFINITY), 1.0);
    }
}
