//! Connections and flows: the paths on which messages travel.

use std::collections::VecDeque;
use std::net::IpAddr;

use super::id::{ConnKey, FlightKey, NodeId};
use super::link::LinkId;
use super::window::Window;
use crate::rng::Draw;
use crate::scenario::{Protocol, Tls};
use crate::time::Instant;

/// The most nodes on a connection's path: the two ends and two packet forwarders between.
pub(crate) const PATH: usize = 4;

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnState {
    /// The opening message is under way.
    Dialing,
    /// TCP is open; the TLS handshake is under way.
    Securing,
    /// Requests can be sent.
    Open,
    /// It is being closed.
    Closing,
}

/// The index of a pool and of a member in it.
pub(crate) type Slot = (u16, u16);

/// What the far end of a connection knows of it, which the other end learns a little later.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FarEnd {
    /// Requests that have reached it.
    pub(crate) heard: u32,
    /// Those of them that it has answered.
    pub(crate) answered: u32,
    /// Whether a handshake waits for its core.
    pub(crate) greeted: bool,
    /// Whether it has said with an answer that it will close the connection.
    pub(crate) parting: bool,
    /// Whether it has closed the connection: what still comes is answered with a reset.
    pub(crate) closed: bool,
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
    /// How it is secured.
    pub tls: Tls,
    /// Since when it is as it is: being opened, idle, in use, being closed.
    pub since: Instant,
    /// The pool and member to which a layer 7 proxy opened it.
    pub(crate) slot: Option<Slot>,
    /// What its far end knows of it.
    pub(crate) far: FarEnd,
    /// How much of an answer its far end may send before it hears back.
    pub(crate) window: Window,
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

    /// Whether its far end has closed it, which the other end may not have heard of yet.
    pub const fn is_closed_at_far_end(&self) -> bool {
        self.far.closed
    }

    /// Whether requests have to wait until it is open.
    pub(crate) fn is_opening(&self) -> bool {
        matches!(self.state, ConnState::Dialing | ConnState::Securing)
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
