//! Where a world tells whoever watches the health of members what has happened.

use super::super::World;
use super::super::event::Why;
use super::super::id::{ConnKey, FlightKey, NodeId};
use super::super::log::Log;
use crate::policy::health::Finding;
use crate::scenario::HealthNumber;

/// What has happened that concerns the health of members.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the fields are the nodes, pools and members that each sentence names")]
pub enum Moment {
    /// A world is made.
    Prepared,
    /// A run begins at a node.
    Began(NodeId),
    /// A member is to be checked.
    Check { node: NodeId, pool: u16, member: u16, turn: u16 },
    /// The connection of a check is open.
    Opened { conn: ConnKey, flight: FlightKey },
    /// A check is over.
    Checked { flight: FlightKey, why: Why },
    /// A try at a member came to this.
    Answered { node: NodeId, pool: u16, member: u16, finding: Finding, root: u32 },
    /// An ejection is over.
    LetBack { node: NodeId, pool: u16 },
    /// A server has come to its pools or left them.
    Moved { member: NodeId, joined: bool },
    /// An operator has put a member into another state.
    Stated { node: NodeId, pool: u16 },
    /// A number is another now.
    Turned { node: NodeId, pool: u16, of: HealthNumber, to: f64 },
}

/// Who takes care of health in a world; says whether they did.
///
/// Few labs check anything, so pages fetch [`watch`] only for those: whatever names it carries all of it.
pub type Watcher = fn(&mut World, Moment, &mut Log) -> bool;

/// Takes care of nothing.
pub fn nobody(_: &mut World, _: Moment, _: &mut Log) -> bool {
    false
}

/// Checks members, looks at answers, and decides who is used.
pub fn watch(world: &mut World, moment: Moment, log: &mut Log) -> bool {
    match moment {
        Moment::Prepared => world.prepare_checks(),
        Moment::Began(node) => world.begin_checks(node),
        Moment::Check { node, pool, member, turn } => world.check(node, pool, member, turn, log),
        Moment::Opened { conn, flight } if world.only_knocks(flight) => world.knocked(conn, flight, log),
        Moment::Opened { .. } => return false,
        Moment::Checked { flight, why } => world.checked(flight, why, log),
        Moment::Answered { node, pool, member, finding, root } => world.answered(node, pool, member, finding, root, log),
        Moment::LetBack { node, pool } => world.let_back(node, pool, log),
        Moment::Moved { member, joined } => {
            world.apply_all_health();
            if joined && world.begun {
                world.check_joined(member);
            }
        }
        Moment::Stated { node, pool } => world.apply_health(node, pool),
        Moment::Turned { node, pool, of, to } => {
            if let Some(watch) = world.watch_mut(node, pool) {
                watch.set(of, to);
            }
            world.replan_checks(node, pool, log);
        }
    }
    true
}
