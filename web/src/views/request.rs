//! The request that the inspector explains.
use hopscope_core::lesson::Lab;
use hopscope_core::timeline::Timeline;

/// Everything that is known of a request and is gone from the world once it is over.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The serial of its root flight.
    pub root: u32,
}

impl Trace {
    /// Reads a request off a run; `None` when it has not arrived yet.
    pub fn of(_timeline: &Timeline, root: u32) -> Option<Self> {
        Some(Self { root })
    }
}

/// The panel.
pub fn panel(_trace: &Trace, _timeline: &Timeline, _lab: &Lab) -> String {
    String::new()
}

/// Where it spends its time.
pub fn waterfall(_timeline: &Timeline, _lab: &Lab, _root: u32) -> String {
    String::new()
}
