//! How fast the engine is, beside the floor: the same model done bare.
//!
//! `cargo bench -p hopscope-bench` prints both in one run.

pub mod engine;
pub mod floor;

use std::time::Duration;

/// What one run took and found.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Requests that were served.
    pub requests: u64,
    /// How long that took on this machine.
    pub took: Duration,
    /// The median latency in simulated milliseconds.
    pub p50_ms: f64,
    /// The latency that 99 % stayed under, in simulated milliseconds.
    pub p99_ms: f64,
}

impl Outcome {
    /// Requests per second of this machine's time.
    pub fn rps(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64()
    }
}

/// The middle one of several values, or zero without any.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
