//! What the log says of the selected request: who sent it and where it went.

use hopscope_core::world::{Event, NodeId, NodeView};

use super::Scene;
use super::strands::Strand;

/// The selected request so far.
#[derive(Clone, Debug)]
pub struct Selected {
    /// The group that sent it.
    pub clients: NodeId,
    /// The user who sent it.
    pub user: u16,
    /// The backend that it has reached.
    pub reached: Option<NodeId>,
    /// The decisions made for it: balancer and whom it picked.
    pub way: Vec<(NodeId, NodeId)>,
}

impl Selected {
    /// Reads the log backwards from where the world stands, no further than the request's arrival.
    pub fn of(scene: &Scene<'_>) -> Option<Self> {
        let root = scene.selected?;
        let (mut reached, mut way) = (None, Vec::new());
        for record in scene.log.around(root, scene.world.ordinal()).iter().rev().filter(|r| r.root == root) {
            match record.event {
                Event::Arrived { node, user, .. } => return Some(Self { clients: node, user, reached, way }),
                Event::Received { node, .. } if reached.is_none() && matches!(scene.world.node_view(node), NodeView::Backend { .. }) => {
                    reached = Some(node);
                }
                Event::Decided { node, decision, .. } => {
                    way.extend(scene.log.decisions.get(decision).and_then(|d| d.chosen).map(|to| (node, to)));
                }
                _ => {}
            }
        }
        None
    }

    /// Whether it went along a strand; before it has reached a backend, any of its user's may be it.
    pub fn went_along(&self, strand: &Strand) -> bool {
        let same_user = (strand.clients, strand.user) == (self.clients, self.user);
        same_user && (strand.path.len() < 3 || self.reached.is_none_or(|reached| strand.path.last() == Some(&reached)))
    }
}
