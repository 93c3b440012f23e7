//! "Why b2?": a decision as a table of its candidates.
use hopscope_core::describe::Explanation;
use hopscope_core::lesson::Lab;
use hopscope_core::policy::decision::Decision;
use hopscope_core::timeline::Timeline;

/// The last decision up to the position: for a request, or at all.
pub fn latest(timeline: &Timeline, root: Option<u32>) -> Option<&Decision> {
    let all = timeline.log().decisions.all();
    let end = all.partition_point(|d| d.ordinal <= timeline.position());
    all[..end].iter().rev().find(|d| root.is_none_or(|root| d.root == root))
}

/// The panel.
pub fn panel(_timeline: &Timeline, _lab: &Lab, _root: Option<u32>) -> String {
    String::new()
}

/// The table of candidates and the reason.
pub fn table(_explanation: &Explanation, _lab: &Lab) -> String {
    String::new()
}
