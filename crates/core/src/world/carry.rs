//! Carrying messages: dialling, sending hop by hop, delivering, closing.

use std::collections::VecDeque;
use std::net::IpAddr;

use slotmap::Key as _;

use super::World;
use super::conn::{Conn, ConnState, FarEnd, PATH};
use super::event::{Event, Outcome, Why};
use super::flight::{FlightKind, Phase};
use super::health::Moment;
use super::id::{ConnKey, FlightKey, NodeId};
use super::link::Crossing;
use super::log::{Log, Sent};
use super::queue::{Message, MessageKind, Wake};
use super::state::{Health, Node};
use super::window::Window;
use crate::rng::{Draw, Purpose};
use crate::scenario::{Layer, Protocol, Tls};
use crate::time::{Duration, Instant};

/// The size of a message that opens, confirms or closes a connection, in bytes.
const CONTROL_BYTES: u32 = 60;
/// The serial of no flight.
const NO_FLIGHT: u32 = u32::MAX;

impl World {
    /// Opens a connection or a flow. A warm one is open at once, as if it had been before the run.
    #[allow(clippy::too_many_arguments, reason = "a connection is all of these; a struct would only repeat Conn")]
    pub(crate) fn dial(
        &mut self,
        from: NodeId,
        to: NodeId,
        proto: Protocol,
        user: u16,
        source: IpAddr,
        draw: Draw,
        warm: bool,
        root: u32,
        log: &mut Log,
    ) -> ConnKey {
        let link = self.link_between(from, to);
        let serial = self.conns_begun;
        self.conns_begun += 1;
        let mut nodes = [NodeId::default(); PATH];
        (nodes[0], nodes[1]) = (from, to);
        let open = proto == Protocol::Udp || warm;
        let key = self.conns.insert(Conn {
            serial,
            root,
            proto,
            state: if open { ConnState::Open } else { ConnState::Dialing },
            user,
            source,
            streams: 0,
            carried: 0,
            tls: Tls::None,
            since: self.now,
            slot: None,
            far: FarEnd::default(),
            window: Window::default(),
            nodes,
            links: [link; PATH],
            len: 2,
            direct: None,
            cut: false,
            onward: None,
            backward: None,
            picked: None,
            pending: VecDeque::new(),
            last: [self.now; 2],
            draw,
        });
        if proto != Protocol::Udp {
            self.metrics.on_open(from, warm, self.now);
        }
        if warm {
            self.warm_path(key, log);
        } else if proto != Protocol::Udp {
            self.note(log, root, Event::Dialed { conn: serial, from, to });
            self.send(MessageKind::Syn, key, FlightKey::default(), 0, log);
        }
        key
    }

    /// Gives a warm connection its whole path without sending anything.
    fn warm_path(&mut self, key: ConnKey, log: &mut Log) {
        let Some(conn) = self.conns.get(key) else { return };
        let end = conn.far_end();
        match &self.nodes[end.index()] {
            Node::Forwarder(_) => {
                if self.pick_beyond(key, FlightKey::default(), log) {
                    self.warm_path(key, log);
                }
            }
            Node::Proxy(proxy) if proxy.layer == Layer::L4 => {
                self.metrics.on_connect(end);
                self.join_onward(key, FlightKey::default(), true, log);
            }
            _ => {
                self.metrics.on_connect(end);
                self.after_response(end, key, log);
            }
        }
    }

    /// Sends a message over one hop of a connection's path.
    pub(crate) fn send(&mut self, kind: MessageKind, key: ConnKey, flight: FlightKey, hop: u8, log: &mut Log) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let at = usize::from(hop);
        let straight = if kind.is_forward() { None } else { conn.direct.filter(|_| hop + 2 == conn.len) };
        let (from, to, link, hop) = match straight {
            Some(link) => (conn.far_end(), conn.nodes[0], link, 0),
            None if kind.is_forward() => (conn.nodes[at], conn.nodes[at + 1], conn.links[at], hop),
            None => (conn.nodes[at + 1], conn.nodes[at], conn.links[at], hop),
        };
        let (bytes, lane, found) = match self.flights.get(flight) {
            Some(f) if f.kind == FlightKind::Dns => (CONTROL_BYTES, 0, Some(f)),
            Some(f) if kind == MessageKind::Request => (self.classes[usize::from(f.class)].size, 0, Some(f)),
            Some(f) if kind == MessageKind::Response => (self.classes[usize::from(f.class)].response_size, 1_024, Some(f)),
            _ => (CONTROL_BYTES, 0, None),
        };
        let (reliable, seed) = (conn.is_reliable(), self.seed);
        // Only a link that loses messages needs luck.
        let draw = || match found {
            Some(f) => Draw::new(seed, Purpose::Loss, f.draw_id, lane + 16 * u32::from(f.attempt) + u32::from(hop)),
            None => conn.draw.nth(kind as u32 * 8 + u32::from(hop)),
        };
        let after = match self.links[usize::from(link)].cross(from, bytes, reliable, self.now, draw) {
            Crossing::Lost => return self.lost(flight, from, to, log),
            Crossing::Arrives { after, losses } => {
                if losses > 0 {
                    self.note_flight(log, flight, |flight| Event::Resent { flight, from, to });
                }
                after
            }
        };
        let after = if self.slow_start && kind == MessageKind::Response { after + self.grows(key, bytes, hop) } else { after };
        let Some(conn) = self.conns.get_mut(key) else { return };
        let last = &mut conn.last[usize::from(kind.is_forward())];
        // TCP hands bytes over in order: what follows a lost message waits for it.
        let arrives = if reliable { (self.now + after).max(*last) } else { self.now + after };
        if reliable && usize::from(hop) + 2 == usize::from(conn.len) {
            *last = arrives;
        }
        let transit = (arrives - self.now).as_micros().min(u64::from(u32::MAX)) as u32;
        if self.messages {
            self.keep_sent(kind, key, flight, (from, to), arrives, log);
        }
        self.queue.plan(Duration(u64::from(transit)), Wake::Deliver(Message { kind, hop, transit, flight, conn: key }));
    }

    /// Writes a message down.
    fn keep_sent(&self, kind: MessageKind, key: ConnKey, flight: FlightKey, way: (NodeId, NodeId), arrives: Instant, log: &mut Log) {
        if log.is_on() {
            let Some(conn) = self.conns.get(key) else { return };
            let (flight, root) = self.flights.get(flight).map_or((super::NO_ROOT, conn.root), |f| (f.serial, f.root));
            let ((from, to), conn) = (way, conn.serial);
            log.sent.push(Sent { at: self.now, arrives, ordinal: self.ordinal, kind, from, to, conn, flight, root });
        }
    }

    /// How long a long answer waits for the window of its connection to grow.
    fn grows(&mut self, key: ConnKey, bytes: u32, hop: u8) -> Duration {
        let Some(conn) = self.conns.get_mut(key).filter(|c| c.is_reliable() && hop + 2 == c.len) else { return Duration::ZERO };
        let one_way =
            conn.links[..usize::from(conn.len) - 1].iter().fold(Duration::ZERO, |sum, &link| sum + self.links[usize::from(link)].latency);
        conn.window.send(bytes, one_way + one_way, self.now)
    }

    /// A datagram is gone. Whoever waits for an answer learns nothing until their time is up.
    fn lost(&mut self, flight: FlightKey, from: NodeId, to: NodeId, log: &mut Log) {
        self.note_flight(log, flight, |flight| Event::Dropped { flight, from, to });
        let Some(found) = self.flights.get(flight) else { return };
        let asker_waits = match &self.nodes[found.from.index()] {
            Node::Clients(_) if found.kind == FlightKind::Dns => true,
            Node::Clients(clients) => !clients.timeout.is_zero() && self.classes[usize::from(found.class)].answered,
            _ => false,
        };
        if !asker_waits {
            self.finish(flight, Outcome::Failed, Why::Lost, log);
        }
    }

    /// A message has crossed a hop. One whose connection is gone is gone too.
    pub(crate) fn deliver(&mut self, message: Message, log: &mut Log) {
        let Message { kind, hop, flight, conn: key, .. } = message;
        let Some(conn) = self.conns.get(key).filter(|c| !(c.cut && kind.is_forward())) else {
            return self.lose(flight);
        };
        if kind.is_forward() {
            let node = conn.nodes[usize::from(hop) + 1];
            if hop + 2 < conn.len {
                self.pass(node, flight, false, log);
                self.send(kind, key, flight, hop + 1, log);
            } else if matches!(self.nodes[node.index()], Node::Forwarder(_)) {
                self.forward_packet(node, kind, key, flight, hop, log);
            } else {
                self.reached_far_end(node, kind, key, flight, log);
            }
        } else {
            let node = conn.nodes[usize::from(hop)];
            if hop > 0 {
                self.pass(node, flight, true, log);
                self.send(kind, key, flight, hop - 1, log);
            } else {
                self.reached_opener(node, kind, key, flight, log);
            }
        }
    }

    /// Notes that a node passed bytes on.
    pub(crate) fn pass(&mut self, node: NodeId, flight: FlightKey, back: bool, log: &mut Log) {
        if self.flights.contains_key(flight) {
            self.note_flight(log, flight, |flight| Event::Passed { flight, node, back });
        } else {
            self.note(log, super::NO_ROOT, Event::Passed { flight: NO_FLIGHT, node, back });
        }
    }

    fn forward_packet(&mut self, node: NodeId, kind: MessageKind, key: ConnKey, flight: FlightKey, hop: u8, log: &mut Log) {
        if self.pick_beyond(key, flight, log) {
            self.pass(node, flight, false, log);
            self.send(kind, key, flight, hop + 1, log);
        } else if kind == MessageKind::Syn {
            self.send(MessageKind::Rst, key, flight, hop, log);
        } else {
            self.finish(flight, Outcome::Failed, Why::NobodyEligible, log);
        }
    }

    fn reached_far_end(&mut self, node: NodeId, kind: MessageKind, key: ConnKey, flight: FlightKey, log: &mut Log) {
        let conn = &self.conns[key];
        let (serial, far) = (conn.serial, conn.far);
        match kind {
            MessageKind::Request if !far.closed && !far.greeted => self.reached_server(node, key, flight, log),
            MessageKind::Syn => {
                let root = self.root_of_conn(key);
                self.note(log, root, Event::Accepted { conn: serial, node });
                self.accept(node, key, log);
            }
            MessageKind::Fin => {
                self.note(log, super::NO_ROOT, Event::Closed { conn: serial, node });
                self.remove(key, log);
            }
            MessageKind::Ack => self.hear(node, kind, key, flight, log),
            _ if far.closed => self.meet_closed(node, kind, key, flight, log),
            MessageKind::ClientHello | MessageKind::ClientFinished => self.greeted(node, kind, key, log),
            _ => {
                // Early data waits until the handshake is computed.
                self.hear(node, kind, key, flight, log);
                self.conns[key].pending.push_back(flight);
            }
        }
    }

    fn accept(&mut self, node: NodeId, key: ConnKey, log: &mut Log) {
        let hop = self.conns[key].len - 2;
        match &self.nodes[node.index()] {
            Node::Backend(b) if b.health == Health::Killed || !b.present => {
                return self.send(MessageKind::Rst, key, FlightKey::default(), hop, log);
            }
            // A hung process still has a kernel that accepts connections for it.
            Node::Proxy(proxy) if proxy.layer == Layer::L4 => {
                self.join_onward(key, FlightKey::default(), false, log);
                if self.conns[key].onward.is_none() {
                    return self.refuse_conn(key, log);
                }
            }
            _ => {}
        }
        self.metrics.on_connect(node);
        self.send(MessageKind::SynAck, key, FlightKey::default(), hop, log);
    }

    fn reached_server(&mut self, node: NodeId, key: ConnKey, flight: FlightKey, log: &mut Log) {
        let conn = &mut self.conns[key];
        conn.far.heard += 1;
        let (onward, source, udp) = (conn.onward, conn.source, conn.proto == Protocol::Udp);
        let is_l4 = matches!(&self.nodes[node.index()], Node::Proxy(proxy) if proxy.layer == Layer::L4);
        if udp && is_l4 && onward.is_none() {
            self.join_onward(key, flight, false, log);
            if self.conns[key].onward.is_none() {
                return self.finish(flight, Outcome::Failed, Why::NobodyEligible, log);
            }
        }
        if self.flights.get(flight).is_some_and(|f| f.kind == FlightKind::Dns) {
            return self.name_asked(node, key, flight, log);
        }
        if udp && !is_l4 && matches!(self.nodes[node.index()], Node::Proxy(_)) {
            // A proxy that speaks HTTP has no use for a bare datagram.
            return self.lost(flight, node, node, log);
        }
        if let Some(onward) = self.conns[key].onward {
            self.pass(node, flight, false, log);
            return self.relay(onward, flight, log);
        }
        let now = self.now;
        if let Some(f) = self.flights.get_mut(flight) {
            (f.at, f.reached, f.conn) = (node, now, key);
            (f.peer, f.client, f.stage) = (source, source, 0);
        }
        match self.flights.get(flight) {
            Some(f) if f.kind == FlightKind::Probe => self.metrics.on_probe(node),
            _ => self.metrics.on_receive(node, now),
        }
        self.note_flight(log, flight, |flight| Event::Received { flight, node });
        match self.nodes[node.index()] {
            // A proxy that has just been turned to layer 4 keeps the connections that it reads.
            Node::Proxy(_) => self.enter_proxy(flight, log),
            Node::Backend(_) => self.enter_backend(node, flight, log),
            Node::Switch(_) => self.enter_switch(node, flight, log),
            _ => self.finish(flight, Outcome::Served, Why::Arrived, log),
        }
    }

    fn reached_opener(&mut self, node: NodeId, kind: MessageKind, key: ConnKey, flight: FlightKey, log: &mut Log) {
        let conn = &mut self.conns[key];
        let (serial, backward) = (conn.serial, conn.backward);
        match kind {
            MessageKind::SynAck => self.opened(node, key, log),
            MessageKind::ServerHello | MessageKind::ServerFinished => self.greeted_back(node, kind, key, log),
            MessageKind::FinBack => self.closed_by_far_end(node, key, log),
            MessageKind::Rst => {
                let root = self.root_of_conn(key);
                self.note(log, root, Event::Reset { conn: serial, node });
                self.cut_off(node, key, log);
            }
            _ => match backward {
                Some(down) => self.relay_back(node, key, down, flight, log),
                None if matches!(self.nodes[node.index()], Node::Clients(_)) => self.answered_to_user(node, flight, key, log),
                None => self.answered_to_proxy(node, flight, key, log),
            },
        }
    }

    /// Sends what waited for the connection to open.
    pub(crate) fn flush(&mut self, key: ConnKey, log: &mut Log) {
        while let Some(flight) = self.conns.get_mut(key).and_then(|c| c.pending.pop_front()) {
            if flight.is_null() {
                self.send(MessageKind::ClientHello, key, flight, 0, log);
            } else if self.flights.get(flight).is_none_or(|f| f.ended) {
                self.forget(flight);
            } else if self.conns[key].backward.is_some() {
                self.relay(key, flight, log);
            } else if self.flights[flight].kind == FlightKind::Probe && self.watched(Moment::Opened { conn: key, flight }, log) {
                // It wanted no more.
            } else {
                self.send_request(key, flight, log);
            }
        }
    }

    /// The answer leaves whoever has the flight, back on the connection by which it came.
    pub(crate) fn respond(&mut self, node: NodeId, flight: FlightKey, status: u16, log: &mut Log) {
        let Some(f) = self.flights.get_mut(flight) else { return };
        f.status = status;
        f.phase = Phase::Returning;
        let conn = f.conn;
        self.note_flight(log, flight, |flight| Event::Answered { flight, node, status });
        self.write_access_line(node, flight, log);
        match self.conns.get_mut(conn) {
            Some(held) => {
                held.far.answered += 1;
                let hop = held.len - 2;
                self.send(MessageKind::Response, conn, flight, hop, log);
                if self.closers {
                    self.after_response(node, conn, log);
                }
            }
            // Whoever asked has hung up.
            None => self.forget(flight),
        }
    }

    /// The request for whose sake a connection was opened, if it was for one.
    pub(crate) fn root_of_conn(&self, key: ConnKey) -> u32 {
        self.conns.get(key).map_or(super::NO_ROOT, |c| c.root)
    }
}
