//! Two runs on the same arrivals: where they first part.

use super::Timeline;
use crate::policy::decision::Decision;
use crate::time::Instant;

/// The first request that two runs treated differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// When the first of the two decided.
    pub at: Instant,
    /// The event in the first run.
    pub ordinal: u32,
    /// The event in the second run.
    pub other_ordinal: u32,
    /// How many decisions were alike before.
    pub alike: usize,
}

/// The first decision in which two runs chose differently, as far as both are known.
/// Runs of one scenario see the same arrivals, so decisions are compared in order.
pub fn first_divergence(a: &Timeline, b: &Timeline) -> Option<Divergence> {
    let differs = |(x, y): &(&Decision, &Decision)| x.chosen != y.chosen;
    let pairs = a.log().decisions.all().iter().zip(b.log().decisions.all());
    let (alike, (x, y)) = pairs.enumerate().find(|(_, pair)| differs(pair))?;
    Some(Divergence { at: x.at.min(y.at), ordinal: x.ordinal, other_ordinal: y.ordinal, alike })
}
