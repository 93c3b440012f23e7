//! A proxy's pools as slots: one for each connection to a member.

use super::World;
use super::conn::{Conn, ConnState};
use super::id::NodeId;
use super::state::Node;
use crate::time::Instant;

/// The connections of a pool to one of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolView {
    /// The member's node.
    pub node: NodeId,
    /// The pool's index.
    pub pool: u16,
    /// The member's index in it.
    pub member: u16,
    /// The connections in the order in which they were opened.
    pub slots: Vec<SlotView>,
    /// Requests that wait for one.
    pub waiting: u32,
    /// How many there may be; 0 for any number.
    pub limit: u32,
}

/// One connection of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotView {
    /// Its number.
    pub conn: u32,
    /// What it does.
    pub state: SlotState,
    /// Requests that it has carried, the one on it included.
    pub carried: u32,
    /// Since when it does that.
    pub since: Instant,
}

/// What a connection of a pool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// It is being opened.
    Dialing,
    /// It is being secured.
    Securing,
    /// It waits for a request.
    Idle,
    /// A request is on it.
    Busy,
    /// It has been closed, and its far end has not heard of it yet.
    Closing,
}

impl SlotState {
    fn of(conn: &Conn) -> Self {
        match conn.state {
            ConnState::Dialing => Self::Dialing,
            ConnState::Securing => Self::Securing,
            ConnState::Open if conn.streams == 0 => Self::Idle,
            ConnState::Open => Self::Busy,
            ConnState::Closing => Self::Closing,
        }
    }
}

impl World {
    /// The connections of a layer 7 proxy's pools, member by member; none for other nodes.
    pub fn slots(&self, node: NodeId) -> Vec<PoolView> {
        let Node::Proxy(proxy) = &self.nodes[node.index()] else { return Vec::new() };
        let conns = self.connections();
        let mut views = Vec::new();
        for (pool, state) in proxy.pools.iter().enumerate() {
            for member in 0..state.balancer.table().peers().len() {
                let (pool, member) = (pool as u16, member as u16);
                let mine = conns.iter().filter(|c| c.opener() == node && c.slot == Some((pool, member)));
                let slot = |c: &&Conn| SlotView { conn: c.serial, state: SlotState::of(c), carried: c.carried, since: c.since };
                views.push(PoolView {
                    node: state.node_of(member),
                    pool,
                    member,
                    slots: mine.map(slot).collect(),
                    waiting: state.store.waiting(member.into()),
                    limit: state.store.rules().max_connections,
                });
            }
        }
        views
    }
}
