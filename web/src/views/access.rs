//! Access logs, as each product writes them.
use hopscope_core::lesson::Lab;
use hopscope_core::world::{Log, World};

/// The last `limit` lines of every access log up to a position; empty when nobody keeps one.
pub fn lines(_log: &Log, _world: &World, _lab: &Lab, _position: u32, _limit: usize) -> String {
    String::new()
}
