//! The event timeline.
use hopscope_core::lesson::Lab;
use hopscope_core::timeline::Timeline;

/// Its height.
pub const HEIGHT: i32 = 104;

/// The track.
pub fn track(_timeline: &Timeline, _lab: &Lab) -> String {
    String::new()
}
