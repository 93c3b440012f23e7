//! TLS as round trips and as work for the server: what goes to and fro before the first request.

use slotmap::Key as _;

use super::conn::ConnState;
use super::event::Event;
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::queue::{Message, MessageKind, Wake};
use super::state::{Health, ListenerState, Node};
use super::{NO_ROOT, World};
use crate::scenario::Tls;
use crate::time::{Duration, Instant};

impl ListenerState {
    /// How long a handshake takes from now: the core does one after the other.
    fn compute(&mut self, resumed: bool, now: Instant) -> Duration {
        let cost = if resumed { self.set.resumption } else { self.set.handshake };
        if cost.is_zero() {
            return cost;
        }
        self.free_at = self.free_at.max(now) + cost;
        self.free_at.since(now)
    }
}

impl World {
    /// How a node that takes connections treats them.
    pub(crate) fn listener(&mut self, node: NodeId) -> Option<&mut ListenerState> {
        match &mut self.nodes[node.index()] {
            Node::Backend(backend) => Some(&mut backend.listener),
            Node::Proxy(proxy) => Some(&mut proxy.listener),
            _ => None,
        }
    }

    /// Whether a node's process does anything: a server that hangs or is dead does not.
    pub(crate) fn is_awake(&self, node: NodeId) -> bool {
        !matches!(&self.nodes[node.index()], Node::Backend(backend) if backend.health != Health::Up)
    }

    /// A message about the connection has reached a node.
    pub(crate) fn hear(&self, node: NodeId, kind: MessageKind, key: ConnKey, flight: FlightKey, log: &mut Log) {
        let root = match self.flights.get(flight) {
            Some(found) => found.root,
            None if kind == MessageKind::FinBack => NO_ROOT,
            None => self.root_of_conn(key),
        };
        self.note(log, root, Event::Heard { conn: self.conns[key].serial, node, kind });
    }

    /// TCP is open for the one who opened it; what a layer 4 proxy opens, its client secures.
    pub(crate) fn opened(&mut self, node: NodeId, key: ConnKey, log: &mut Log) {
        let (now, root) = (self.now, self.root_of_conn(key));
        let conn = &mut self.conns[key];
        // One that was given up meanwhile stays closed.
        let wanted = conn.state == ConnState::Dialing;
        let secures = wanted && conn.tls != Tls::None && conn.backward.is_none();
        let open = wanted && (!secures || conn.tls == Tls::EarlyData);
        if wanted {
            (conn.state, conn.since) = (if open { ConnState::Open } else { ConnState::Securing }, now);
        }
        let (serial, to) = (conn.serial, conn.far_end());
        self.note(log, root, Event::Connected { conn: serial, node });
        if self.messages {
            self.send(MessageKind::Ack, key, FlightKey::null(), 0, log);
        }
        if secures {
            self.note(log, root, Event::Greeted { conn: serial, node, to });
            self.send(MessageKind::ClientHello, key, FlightKey::null(), 0, log);
        }
        if open {
            self.flush(key, log);
        }
    }

    /// A part of the handshake has reached the far end; a layer 4 proxy copies it.
    pub(crate) fn greeted(&mut self, node: NodeId, kind: MessageKind, key: ConnKey, log: &mut Log) {
        self.hear(node, kind, key, FlightKey::null(), log);
        let conn = &mut self.conns[key];
        if let Some(onward) = conn.onward {
            return self.relay_greeting(onward, kind, log);
        }
        let (hop, tls, now) = (conn.len - 2, conn.tls, self.now);
        if kind == MessageKind::ClientFinished {
            return self.send(MessageKind::ServerFinished, key, FlightKey::null(), hop, log);
        }
        conn.far.greeted = true;
        let awake = self.is_awake(node);
        let Some(listener) = self.listener(node) else { return };
        let takes = listener.compute(tls.is_resumed(), now);
        if takes.is_zero() && awake {
            self.answer_greeting(key, log);
        } else {
            self.queue.plan(takes, Wake::Computed { conn: key });
        }
    }

    /// One whose own connection is not open yet keeps the greeting as a request without a number.
    fn relay_greeting(&mut self, onward: ConnKey, kind: MessageKind, log: &mut Log) {
        let Some(up) = self.conns.get_mut(onward) else { return };
        if up.is_opening() {
            up.pending.push_front(FlightKey::null());
        } else {
            self.send(kind, onward, FlightKey::null(), 0, log);
        }
    }

    /// The server has computed its part.
    pub(crate) fn computed(&mut self, key: ConnKey, log: &mut Log) {
        if !self.computes(key) {
            return;
        }
        let conn = &self.conns[key];
        self.note(log, conn.root, Event::Computed { conn: conn.serial, node: conn.far_end() });
        self.answer_greeting(key, log);
    }

    /// Whether a handshake waits for a server that works.
    pub(crate) fn computes(&self, key: ConnKey) -> bool {
        self.conns.get(key).is_some_and(|c| c.far.greeted && self.is_awake(c.far_end()))
    }

    fn answer_greeting(&mut self, key: ConnKey, log: &mut Log) {
        let conn = &mut self.conns[key];
        conn.far.greeted = false;
        let hop = conn.len - 2;
        // What came along as early data has waited for this.
        let early = if conn.tls == Tls::EarlyData { core::mem::take(&mut conn.pending) } else { Default::default() };
        self.send(MessageKind::ServerHello, key, FlightKey::null(), hop, log);
        for flight in early {
            let message = Message { kind: MessageKind::Request, hop, transit: 0, flight, conn: key };
            self.queue.plan(Duration::ZERO, Wake::Deliver(message));
        }
    }

    /// The server's part of the handshake is back at the one who opened the connection.
    pub(crate) fn greeted_back(&mut self, node: NodeId, kind: MessageKind, key: ConnKey, log: &mut Log) {
        self.hear(node, kind, key, FlightKey::null(), log);
        let now = self.now;
        let conn = &mut self.conns[key];
        if let Some(down) = conn.backward {
            return self.relay_back_greeting(down, kind, log);
        }
        if kind == MessageKind::ServerHello && conn.tls == Tls::Tls12 {
            return self.send(MessageKind::ClientFinished, key, FlightKey::null(), 0, log);
        }
        let (serial, root) = (conn.serial, conn.root);
        if conn.state == ConnState::Securing {
            (conn.state, conn.since) = (ConnState::Open, now);
        }
        let open = conn.state == ConnState::Open && conn.tls != Tls::EarlyData;
        self.note(log, root, Event::Secured { conn: serial, node });
        if open {
            self.flush(key, log);
        }
    }

    fn relay_back_greeting(&mut self, down: ConnKey, kind: MessageKind, log: &mut Log) {
        if let Some(hop) = self.conns.get(down).map(|c| c.len - 2) {
            self.send(kind, down, FlightKey::null(), hop, log);
        }
    }

    /// A server that hung goes on with the handshakes that wait for it.
    pub(crate) fn compute_waiting(&mut self, node: NodeId) {
        let waiting: Vec<_> =
            self.conns.iter().filter(|(_, c)| c.far.greeted && c.far_end() == node).map(|(key, c)| (c.serial, key)).collect();
        for (_, conn) in crate::order::sorted(&waiting, |&(serial, _)| [serial.into(), 0, 0, 0]) {
            self.queue.plan(Duration::ZERO, Wake::Computed { conn });
        }
    }
}
