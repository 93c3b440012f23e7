//! The x-axis that the track and all charts share: shares of the container's width, so that
//! a picture is as wide as its place and its text is never stretched.

use hopscope_core::time::{Duration, Instant};
use hopscope_core::timeline::Timeline;

/// A share of the x-axis in thousandths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

impl core::fmt::Display for Share {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{:03}%", self.0 / 1_000, self.0 % 1_000)
    }
}

/// Where a moment stands, from 0 to 100 %.
pub fn share(at: Instant, horizon: Instant) -> Share {
    let end = horizon.as_micros().max(1);
    Share((at.as_micros().min(end) * 100_000 / end) as u32)
}

/// The end of a timeline's run.
pub fn horizon(timeline: &Timeline) -> Instant {
    timeline.world().horizon()
}

/// Round moments at which the axis is labelled, at most nine.
pub fn ticks(horizon: Instant) -> Vec<(Instant, String)> {
    const STEPS: [u64; 15] = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 5_000, 10_000, 20_000, 30_000, 60_000, 600_000];
    let end = horizon.as_micros() / 1_000;
    let step = STEPS.into_iter().find(|step| end / step <= 8).unwrap_or(3_600_000);
    (0..=end / step)
        .map(|n| (Instant(n * step * 1_000), Duration::from_millis(n * step)))
        .map(|(at, span)| (at, if span.is_zero() { "0 s".to_owned() } else { span.to_string() }))
        .collect()
}
