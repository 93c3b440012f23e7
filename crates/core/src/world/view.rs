//! What a picture of the world needs: nodes, pools and messages under way.

use std::net::IpAddr;
use std::rc::Rc;

use super::conn::Conn;
use super::flight::Flight;
use super::id::NodeId;
use super::queue::MessageKind;
use super::state::{Health, Node};
use super::{ClassState, World};
use crate::http::Headers;
use crate::order;
use crate::policy::balance::{Balancer, Layout, Peer, PolicyKind};
use crate::scenario::{Layer, NodeKind, Protocol, ReturnPath};
use crate::time::{Duration, Instant};

/// A node as it is right now.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeView {
    /// A group of users.
    Clients {
        /// How they talk.
        protocol: Protocol,
        /// How many users there are.
        users: u32,
        /// Requests per second in an open loop.
        rate: f64,
        /// Connections that they hold.
        connections: u32,
        /// Requests that wait for a connection.
        waiting: u32,
    },
    /// A proxy.
    Proxy {
        /// Its layer.
        layer: Layer,
        /// Requests that it has.
        in_flight: u32,
    },
    /// A packet forwarder.
    Forwarder {
        /// How answers return.
        returns: ReturnPath,
    },
    /// A server.
    Backend {
        /// Whether it is well.
        health: Health,
        /// Whether it has joined.
        present: bool,
        /// How many times slower than normal a fault makes it.
        slow: f64,
        /// Workers that are busy.
        busy: u32,
        /// Workers that it has.
        workers: u32,
        /// Requests that wait.
        waiting: u32,
        /// How many may wait.
        queue: u32,
    },
    /// A copier of datagrams.
    Switch,
}

/// A member of a pool as it is right now.
pub type PeerView = Peer;

/// A message under way between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MessageView {
    /// What it is.
    pub kind: MessageKind,
    /// Where it left.
    pub from: NodeId,
    /// Where it goes.
    pub to: NodeId,
    /// When it left.
    pub sent: Instant,
    /// When it arrives.
    pub arrives: Instant,
    /// The number of the user's request that it belongs to.
    pub root: Option<u32>,
    /// The status that an answer carries; 0 for other messages.
    pub status: u16,
}

impl World {
    /// A node as it is right now.
    pub fn node_view(&self, id: NodeId) -> NodeView {
        match &self.nodes[id.index()] {
            Node::Clients(c) => NodeView::Clients {
                protocol: c.protocol,
                users: c.shares.len() as u32,
                rate: c.rate,
                connections: c.users.iter().map(|u| u.conns.len() as u32).sum(),
                waiting: c.users.iter().map(|u| u.waiting.len() as u32).sum(),
            },
            Node::Proxy(p) => NodeView::Proxy {
                layer: p.layer,
                in_flight: self.flights.values().filter(|f| f.at == id && !f.ended && f.phase == super::Phase::AtProxy).count() as u32,
            },
            Node::Forwarder(f) => NodeView::Forwarder { returns: f.returns },
            Node::Backend(b) => NodeView::Backend {
                health: b.health,
                present: b.present,
                slow: b.slow,
                busy: b.busy,
                workers: b.workers,
                waiting: b.waiting.len() as u32,
                queue: b.queue,
            },
            Node::Switch(_) => NodeView::Switch,
        }
    }

    /// The policy and the members of each pool of a balancer, in order.
    pub fn pools_view(&self, id: NodeId) -> Vec<(PolicyKind, Vec<PeerView>)> {
        let view = |balancer: &Balancer| (balancer.kind(), balancer.table().peers().to_vec());
        match &self.nodes[id.index()] {
            Node::Proxy(p) => p.pools.iter().map(|pool| view(&pool.balancer)).collect(),
            Node::Forwarder(f) => vec![view(&f.pool.balancer)],
            _ => Vec::new(),
        }
    }

    /// What the policy of a balancer's pool has laid out to hash into, to be drawn.
    pub fn layout_view(&self, id: NodeId, pool: usize) -> Layout {
        let pool = match &self.nodes[id.index()] {
            Node::Proxy(proxy) => proxy.pools.get(pool),
            Node::Forwarder(forwarder) => Some(&forwarder.pool),
            _ => None,
        };
        pool.map_or(Layout::Nothing, |pool| pool.balancer.layout())
    }

    /// Whether each stage of a proxy is on, in the order in which requests meet them: (index, on).
    pub fn stages_view(&self, id: NodeId) -> Vec<(usize, bool)> {
        match &self.nodes[id.index()] {
            Node::Proxy(p) => p.order.iter().map(|&i| (usize::from(i), p.stages[usize::from(i)].on)).collect(),
            _ => Vec::new(),
        }
    }

    /// The connections that are open, in order of serial.
    pub fn connections(&self) -> Vec<&Conn> {
        let conns: Vec<_> = self.conns.values().collect();
        order::sorted(&conns, |c| [c.serial.into(), 0, 0, 0])
    }

    /// The messages under way, in a fixed order.
    pub fn messages(&self) -> Vec<MessageView> {
        let view = |(arrives, m): (Instant, &super::Message)| {
            let conn = self.conns.get(m.conn)?;
            let hop = usize::from(m.hop);
            let straight = conn.direct.is_some() && !m.kind.is_forward();
            let (from, to) = if m.kind.is_forward() {
                (conn.nodes[hop], conn.nodes[hop + 1])
            } else if straight {
                (conn.far_end(), conn.nodes[0])
            } else {
                (conn.nodes[hop + 1], conn.nodes[hop])
            };
            let flight = self.flights.get(m.flight);
            let sent = Instant(arrives.as_micros().saturating_sub(u64::from(m.transit)));
            let status = flight.filter(|_| m.kind == MessageKind::Response).map_or(0, |f| f.status);
            Some((conn.serial, MessageView { kind: m.kind, from, to, sent, arrives, root: flight.map(|f| f.root), status }))
        };
        let messages: Vec<_> = self.queue.messages().filter_map(view).collect();
        let key = |(conn, m): &(u32, MessageView)| {
            let root = m.root.map_or(0, |root| u64::from(root) + 1);
            [m.arrives.as_micros(), m.sent.as_micros(), u64::from(*conn), root << 16 | m.from.index() as u64]
        };
        order::sorted(&messages, key).into_iter().map(|(_, m)| m).collect()
    }

    /// How long a message between two nodes takes without loss and queueing.
    pub fn latency_between(&self, a: NodeId, b: NodeId) -> Duration {
        match self.link_index.get(&(a.min(b), a.max(b))) {
            Some(&link) => self.links[usize::from(link)].latency,
            None => self.spec.link(a, b).latency,
        }
    }

    fn class(&self, class: u16) -> &ClassState {
        &self.classes[usize::from(class)]
    }

    /// The path that a class of requests asks for now.
    pub fn class_path(&self, class: u16) -> &str {
        &self.class(class).path
    }

    /// The header fields that a class of requests is sent with now.
    pub fn class_headers(&self, class: u16) -> &Rc<Headers> {
        &self.class(class).headers
    }

    /// The size of a class's answers, in bytes.
    pub fn class_response_size(&self, class: u16) -> u32 {
        self.class(class).response_size
    }

    /// The method of a class of requests.
    pub fn class_method(&self, class: u16) -> crate::http::Method {
        self.method(class)
    }

    /// An unfinished flight by its serial.
    pub fn flight(&self, serial: u32) -> Option<&Flight> {
        self.flights.values().find(|f| f.serial == serial)
    }

    /// The address of a user of a group.
    pub fn address_of(&self, clients: NodeId, user: u16) -> Option<IpAddr> {
        matches!(self.spec.node(clients).kind, NodeKind::Clients(_)).then(|| self.user_address(clients, user))
    }
}
