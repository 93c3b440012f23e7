//! Rates and latencies over time.
use hopscope_core::lesson::Lab;
use hopscope_core::timeline::Timeline;

/// Requests per second, stacked by backend.
pub fn requests(_timeline: &Timeline, _lab: &Lab) -> String {
    String::new()
}

/// The latency that 50, 95 and 99 of 100 answers stayed under.
pub fn latency(_timeline: &Timeline, _lab: &Lab) -> String {
    String::new()
}
