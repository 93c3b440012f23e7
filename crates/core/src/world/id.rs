//! Names of things inside a run. Outside it, things are called by their names.

use serde::{Deserialize, Serialize};
use slotmap::new_key_type;

/// The index of a node in [`crate::scenario::Spec::nodes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(u16);

impl NodeId {
    /// The id of the node at that index; a scenario has at most 65,535.
    pub const fn new(index: usize) -> Self {
        Self(index as u16)
    }

    /// The index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

new_key_type! {
    /// A flight that is still under way.
    pub struct FlightKey;
    /// A connection that is still open.
    pub struct ConnKey;
}
