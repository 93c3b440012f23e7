//! Connections and flows: the paths on which messages travel.

use std::collections::VecDeque;
use std::net::IpAddr;

use super::id::{ConnKey, FlightKey, NodeId};
use super::link::LinkId;
use crate::rng::Draw;
use crate::scenario::Protocol;
use crate::time::Instant;

/// The most nodes on a connection's path: the two ends and two packet forwarders between.
pub(crate) const PATH: usize = 4;

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnState {
    /// The opening message is under way.
    Dialing,
    /// Requests can be sent.
    Open,
    /// It is being closed.
    Closing,
}

/// A connection, or a flow of datagrams between the same two addresses and ports.
#[derive(Clone, Debug)]
pub struct Conn {
    /// Its number, by which events name it.
    pub serial: u32,
    /// How the ends talk.
    pub proto: Protocol,
    /// How far it is.
    pub state: ConnState,
    /// The user's request for whose sake it was opened, or [`super::NO_ROOT`].
    pub root: u32,
    /// The user who opened it, when clients did.
    pub user: u16,
    /// The address that the other end sees.
    pub source: IpAddr,
    /// Requests on it right now.
    pub streams: u32,
    /// Requests that it has carried.
    pub carried: u32,
    /// The nodes on its path, from the one who opened it.
    pub(crate) nodes: [NodeId; PATH],
    pub(crate) links: [LinkId; PATH],
    pub(crate) len: u8,
    /// The link on which answers go straight back, with direct server return.
    pub(crate) direct: Option<LinkId>,
    /// Whether its far end has sent a reset: what still comes that way is not looked at.
    pub(crate) cut: bool,
    /// Where a layer 4 proxy at the far end copies bytes to.
    pub(crate) onward: Option<ConnKey>,
    /// Where the layer 4 proxy that opened it copies answers to.
    pub(crate) backward: Option<ConnKey>,
    /// The pool's member that a layer 4 balancer picked, to be told when it closes.
    pub(crate) picked: Option<(NodeId, u16)>,
    /// Requests that wait for it to open.
    pub(crate) pending: VecDeque<FlightKey>,
    /// When the last message of each direction arrives: the next cannot overtake it.
    pub(crate) last: [Instant; 2],
    /// Randomness for its own messages.
    pub(crate) draw: Draw,
}

impl Conn {
    /// The nodes on its path, from the one who opened it.
    pub fn path(&self) -> &[NodeId] {
        &self.nodes[..usize::from(self.len)]
    }

    /// The node that opened it.
    pub fn opener(&self) -> NodeId {
        self.nodes[0]
    }

    /// The node at the far end, as far as is known.
    pub fn far_end(&self) -> NodeId {
        self.nodes[usize::from(self.len) - 1]
    }

    /// Whether a request can be sent on it now.
    pub(crate) fn is_idle(&self) -> bool {
        self.state == ConnState::Open && self.streams == 0 && self.pending.is_empty()
    }

    /// Whether messages come through in order, or not at all.
    pub(crate) fn is_reliable(&self) -> bool {
        self.proto != Protocol::Udp
    }
}
