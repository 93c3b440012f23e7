//! How a backend stands, for pictures and words alike.

use hopscope_core::policy::decision::Standing;
use hopscope_core::world::{Health, NodeId, NodeView, PeerView, World};

/// How a backend stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// It works and is in the pool.
    Fine,
    /// Its queue is full.
    Full,
    /// It is so many times slower than normal.
    Slow(f64),
    /// It takes everything and answers nothing.
    Hung,
    /// The process is gone.
    Killed,
    /// It finishes what it has and gets nothing new.
    Leaving,
    /// It is in no pool.
    Absent,
}

impl Condition {
    /// Reads a backend's condition off the world.
    pub fn of(world: &World, id: NodeId) -> Self {
        let NodeView::Backend { health, present, slow, waiting, queue, .. } = world.node_view(id) else { return Self::Fine };
        match (health, standing(world, id)) {
            (Health::Killed, _) => Self::Killed,
            (Health::Hung, _) => Self::Hung,
            (_, Some(Standing::Draining)) => Self::Leaving,
            (_, Some(Standing::Absent)) => Self::Absent,
            _ if !present => Self::Absent,
            _ if waiting >= queue && queue > 0 => Self::Full,
            _ if slow > 1.0 => Self::Slow(slow),
            _ => Self::Fine,
        }
    }

    /// Whether a balancer that knew would still send to it.
    pub const fn takes_traffic(self) -> bool {
        matches!(self, Self::Fine | Self::Full | Self::Slow(_))
    }

    /// The condition in a word or two; empty when all is well.
    pub fn words(self) -> String {
        match self {
            Self::Fine => String::new(),
            Self::Full => "queue full".into(),
            Self::Slow(factor) => format!("{}× slower", times(factor)),
            Self::Hung => "hangs".into(),
            Self::Killed => "killed".into(),
            Self::Leaving => "leaving".into(),
            Self::Absent => "not in pool".into(),
        }
    }

    /// The hue of its marks.
    pub const fn hue(self) -> &'static str {
        match self {
            Self::Fine | Self::Leaving | Self::Absent => "backend",
            Self::Full | Self::Slow(_) => "cache",
            Self::Hung | Self::Killed => "error",
        }
    }
}

fn times(factor: f64) -> String {
    let tenths = (factor * 10.0 + 0.5) as u32;
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// How the pools that list a node see it; the best, when several do.
fn standing(world: &World, id: NodeId) -> Option<Standing> {
    let peers = peers(world);
    let seen = peers.iter().filter(|p| p.node == id);
    seen.map(|p| p.standing).min_by_key(|s| *s != Standing::Eligible)
}

/// The members of every pool.
pub fn peers(world: &World) -> Vec<PeerView> {
    let mut peers = Vec::new();
    for index in 0..world.spec().nodes.len() {
        for (_, members) in world.pools_view(NodeId::new(index)) {
            peers.extend(members);
        }
    }
    peers
}
