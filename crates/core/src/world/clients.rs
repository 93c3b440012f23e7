//! Users: when they ask, on which of their connections, and what they do with the answer.

use std::net::{IpAddr, Ipv4Addr};

use super::conn::ConnState;
use super::event::{Event, Outcome, Why};
use super::flight::{FlightKind, Phase};
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::queue::{MessageKind, Wake};
use super::state::{ClientsState, Node};
use super::{NO_ROOT, World};
use crate::rng::{Draw, Purpose};
use crate::scenario::{Arrivals, Clients, Protocol};
use crate::time::Duration;

/// The shortest pause between two requests of one group or user.
const SHORTEST: Duration = Duration(1);

impl World {
    pub(crate) fn group(&self, node: NodeId) -> &Clients {
        // Clients come first among the nodes, so a group's index is its node's.
        &self.spec.scenario.clients[node.index()]
    }

    pub(crate) fn state(&mut self, node: NodeId) -> Option<&mut ClientsState> {
        match &mut self.nodes[node.index()] {
            Node::Clients(clients) => Some(clients),
            _ => None,
        }
    }

    /// A user's address: the group's own when behind NAT, else one after the other.
    pub(crate) fn user_address(&self, node: NodeId, user: u16) -> IpAddr {
        let (first, group) = (self.spec.node(node).address, self.group(node));
        let further = if group.nat { 0 } else { group.apart.wrapping_mul(u32::from(user)) };
        match first {
            IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from(u32::from(ip).wrapping_add(further))),
            IpAddr::V6(ip) => IpAddr::V6((u128::from(ip).wrapping_add(u128::from(further))).into()),
        }
    }

    pub(crate) fn begin_clients(&mut self, node: NodeId, log: &mut Log) {
        let group = self.group(node);
        let (warm, starts, closed) = (group.warm, group.starts, matches!(group.arrivals, Arrivals::Closed { .. }));
        let Some(state) = self.state(node) else { return };
        let each = if state.protocol == Protocol::Http1 { state.connections } else { 1 };
        let users = state.users.len() as u16;
        if warm && self.state(node).is_some_and(|s| !s.resolves && s.protocol != Protocol::Http1Close) {
            for user in 0..users {
                for n in 0..each {
                    let conn = self.dial_as_user(node, user, u64::from(user) << 8 | u64::from(n), true, NO_ROOT, log);
                    self.keep(node, user, conn);
                }
            }
        }
        if closed {
            for user in 0..users {
                self.set_thinking(node, user, true);
                let pause = self.think_time(node, user, 0);
                self.queue.plan(starts + pause, Wake::Think { node, user });
            }
        } else {
            self.plan_arrival(node, starts);
        }
    }

    fn keep(&mut self, node: NodeId, user: u16, conn: ConnKey) {
        if let Some(state) = self.state(node) {
            state.users[usize::from(user)].conns.push(conn);
        }
    }

    fn think_time(&self, node: NodeId, user: u16, asked: u64) -> Duration {
        match &self.group(node).arrivals {
            Arrivals::Closed { think } => think.sample(self.draw(Purpose::Think, Self::user_key(node, user, asked), 0)),
            _ => Duration::ZERO,
        }
    }

    /// The key of a user's n-th request in a closed loop: nobody else's speed can shift it.
    fn user_key(node: NodeId, user: u16, asked: u64) -> u64 {
        1 << 63 | (node.index() as u64) << 48 | u64::from(user) << 32 | asked
    }

    /// Plans the next request of an open loop, `after` from now at the soonest.
    pub(crate) fn plan_arrival(&mut self, node: NodeId, after: Duration) {
        let Some(state) = self.state(node) else { return };
        let (asked, rate, turn) = (state.asked, state.rate, state.turn);
        let gap = match &self.group(node).arrivals {
            Arrivals::Poisson { .. } if rate > 0.0 => {
                let key = (node.index() as u64) << 48 | asked;
                Duration::from_micros_f64(self.draw(Purpose::Arrival, key, 0).exponential() * 1e6 / rate).max(SHORTEST)
            }
            Arrivals::Even { .. } if rate > 0.0 => Duration::from_micros_f64(1e6 / rate).max(SHORTEST),
            Arrivals::At { times } => match times.get(asked as usize) {
                Some(&time) => Duration(time.as_micros().saturating_sub(self.now.as_micros())),
                None => return,
            },
            _ => return,
        };
        self.queue.plan(after + gap, Wake::Arrive { node, turn });
    }

    /// The next request of an open-loop group.
    pub(crate) fn arrive(&mut self, node: NodeId, turn: u32, log: &mut Log) {
        let seed = self.seed;
        let Some(state) = self.state(node).filter(|s| s.turn == turn) else { return };
        let asked = state.asked;
        state.asked += 1;
        let key = (node.index() as u64) << 48 | asked;
        let user = chosen(&state.shares, || Draw::new(seed, Purpose::User, key, 0)) as u16;
        self.plan_arrival(node, Duration::ZERO);
        self.ask(node, user, key, log);
    }

    /// A user of a closed loop has thought. One who is not of the group any more asks no more.
    pub(crate) fn ask_again(&mut self, node: NodeId, user: u16, log: &mut Log) {
        let Some(state) = self.state(node) else { return };
        if usize::from(user) >= state.shares.len() {
            return self.set_thinking(node, user, false);
        }
        let asked = &mut state.users[usize::from(user)].asked;
        let key = Self::user_key(node, user, *asked);
        *asked += 1;
        self.ask(node, user, key, log);
    }

    fn set_thinking(&mut self, node: NodeId, user: u16, thinking: bool) {
        if let Some(state) = self.state(node) {
            state.users[usize::from(user)].thinking = thinking;
        }
    }

    /// Users who have come to a closed loop while it runs begin to think.
    pub(crate) fn wake_users(&mut self, node: NodeId) {
        let Some(state) = self.state(node) else { return };
        let idle: Vec<u16> = (0..state.shares.len()).filter(|&u| !state.users[u].thinking).map(|u| u as u16).collect();
        for user in idle {
            self.think(node, user);
        }
    }

    fn ask(&mut self, node: NodeId, user: u16, key: u64, log: &mut Log) {
        let seed = self.seed;
        let Some(state) = self.state(node) else { return };
        let index = chosen(&state.mix, || Draw::new(seed, Purpose::Class, key, 0));
        let class = state.first_class + index as u16;
        let service = &self.group(node).requests[index].service;
        let work = service.sample(self.draw(Purpose::Service, key, 0)).as_micros();
        let flight = self.begin_request(node, user, class, work, key, log);
        self.launch(node, user, flight, log);
    }

    /// Sends a user's request on a connection of theirs, or lets it wait for one.
    fn launch(&mut self, node: NodeId, user: u16, flight: FlightKey, log: &mut Log) {
        let (key, root) = self.flights.get(flight).map_or((0, NO_ROOT), |f| (f.draw_id, f.root));
        let Some(state) = self.state(node) else { return };
        let (protocol, most) = (state.protocol, state.connections as usize);
        let shared = matches!(protocol, Protocol::Http2 | Protocol::Udp);
        let usable = |conn: &ConnKey| {
            self.conns.get(*conn).is_some_and(|c| if shared { c.state != ConnState::Closing && !c.far.parting } else { c.is_idle() })
        };
        let Node::Clients(state) = &self.nodes[node.index()] else { return };
        let conns = &state.users[usize::from(user)].conns;
        if let Some(&conn) = conns.iter().find(|conn| protocol != Protocol::Http1Close && usable(conn)) {
            if self.messages {
                self.note_reused(flight, conn, node, log);
            }
            return self.send_request(conn, flight, log);
        }
        if !self.knows_where(node, user) {
            return self.ask_name(node, user, flight, log);
        }
        let Node::Clients(state) = &self.nodes[node.index()] else { return };
        let conns = &state.users[usize::from(user)].conns;
        if conns.len() < most || (shared && conns.is_empty()) {
            let conn = self.dial_as_user(node, user, key, false, root, log);
            self.keep(node, user, conn);
            return self.send_request(conn, flight, log);
        }
        if let Some(state) = self.state(node) {
            state.users[usize::from(user)].waiting.push_back(flight);
        }
        self.note_flight(log, flight, |flight| Event::Held { flight, node });
    }

    fn dial_as_user(&mut self, node: NodeId, user: u16, key: u64, warm: bool, root: u32, log: &mut Log) -> ConnKey {
        let Some(state) = self.state(node) else { return ConnKey::default() };
        let target = state.users[usize::from(user)].named.map_or(state.target, |(named, _)| named);
        let (protocol, state_tls) = (state.protocol, state.tls);
        let source = self.user_address(node, user);
        let draw = self.draw(Purpose::Loss, key, 1 << 16);
        let tls = state_tls;
        let conn = self.dial(node, target, protocol, user, source, draw, warm, root, log);
        self.conns[conn].tls = tls;
        conn
    }

    /// An answer has reached the user who asked.
    pub(crate) fn answered_to_user(&mut self, node: NodeId, flight: FlightKey, conn: ConnKey, log: &mut Log) {
        self.carried(conn);
        let Some(found) = self.flights.get(flight) else { return };
        if found.kind == FlightKind::Dns {
            return self.told_where(node, flight, conn, log);
        }
        let (user, status, ended) = (found.user, found.status, found.ended);
        self.note_flight(log, flight, |flight| Event::Returned { flight, node, status });
        if ended {
            // It comes too late: the user has given up on it.
            self.forget(flight);
            return;
        }
        self.keep_cookies(flight);
        let (outcome, why) = Self::verdict(&self.flights[flight]);
        self.finish(flight, outcome, why, log);
        self.after_answer(node, user, conn, log);
    }

    /// What a user does with a connection that has become free.
    fn after_answer(&mut self, node: NodeId, user: u16, conn: ConnKey, log: &mut Log) {
        let Some(state) = self.state(node) else { return };
        let (protocol, limit) = (state.protocol, state.per_connection);
        let Some(held) = self.conns.get(conn) else { return };
        let used_up = limit > 0 && held.carried >= limit && held.streams == 0;
        let parting = held.far.parting && held.streams == 0;
        if used_up || parting || held.proto == Protocol::Http1Close || (held.proto != protocol && held.streams == 0) {
            self.leave_conn(node, user, conn, log);
        }
        self.serve_waiting(node, user, log);
    }

    fn leave_conn(&mut self, node: NodeId, user: u16, conn: ConnKey, log: &mut Log) {
        if let Some(state) = self.state(node) {
            state.users[usize::from(user)].conns.retain(|&c| c != conn);
        }
        self.close(conn, log);
    }

    pub(crate) fn serve_waiting(&mut self, node: NodeId, user: u16, log: &mut Log) {
        let next = self.state(node).and_then(|s| s.users[usize::from(user)].waiting.pop_front());
        if let Some(flight) = next {
            if self.flights.get(flight).is_some_and(|f| !f.ended) {
                self.launch(node, user, flight, log);
            } else {
                self.forget(flight);
                self.serve_waiting(node, user, log);
            }
        }
    }

    pub(crate) fn think(&mut self, node: NodeId, user: u16) {
        if !matches!(self.group(node).arrivals, Arrivals::Closed { .. }) {
            return;
        }
        self.set_thinking(node, user, true);
        let asked = self.state(node).map_or(0, |s| s.users[usize::from(user)].asked);
        let pause = self.think_time(node, user, asked).max(SHORTEST);
        self.queue.plan(pause, Wake::Think { node, user });
    }

    /// A user has waited long enough: HTTP/1.1 has no way to cancel but to close the connection.
    pub(crate) fn give_up(&mut self, node: NodeId, user: u16, flight: FlightKey, conn: ConnKey, waits: bool, log: &mut Log) {
        let proto = self.conns.get(conn).map(|c| c.proto);
        if waits {
            if let Some(held) = self.conns.get_mut(conn) {
                held.pending.retain(|&f| f != flight);
            }
            if let Some(state) = self.state(node) {
                state.users[usize::from(user)].waiting.retain(|&f| f != flight);
            }
            self.forget(flight);
        } else if matches!(proto, Some(Protocol::Http1 | Protocol::Http1Close)) {
            self.leave_conn(node, user, conn, log);
        }
        // On HTTP/2 the stream is counted until its late answer has come.
        self.serve_waiting(node, user, log);
    }

    /// A connection of a user's is gone, and with it everything that was sent on it.
    pub(crate) fn user_cut_off(&mut self, node: NodeId, user: u16, conn: ConnKey, log: &mut Log) {
        if let Some(state) = self.state(node) {
            state.users[usize::from(user)].conns.retain(|&c| c != conn);
        }
        let closed = self.conns[conn].far.closed;
        for flight in self.sent_on(conn) {
            let unsent = self.flights[flight].phase == Phase::Held;
            // RFC 9112 section 9.3.1: on a connection that was closed while it was idle, what does no
            // harm is sent again without asking.
            if closed && (unsent || self.method(self.flights[flight].class).is_idempotent()) {
                self.ask_once_more(node, user, flight, log);
                continue;
            }
            self.end_flight(flight, Outcome::Failed, Why::Reset, log);
            if unsent {
                self.forget(flight);
            }
        }
        self.serve_waiting(node, user, log);
    }

    fn ask_once_more(&mut self, node: NodeId, user: u16, flight: FlightKey, log: &mut Log) {
        let found = &mut self.flights[flight];
        found.attempt = found.attempt.saturating_add(1);
        (found.phase, found.sent_on) = (Phase::Held, ConnKey::default());
        let attempt = found.attempt;
        self.note_flight(log, flight, |flight| Event::Retried { flight, node, attempt });
        self.launch(node, user, flight, log);
    }

    /// A connection has brought an answer: one request less is on it. Whether it was the last.
    pub(crate) fn carried(&mut self, conn: ConnKey) -> bool {
        let Some(held) = self.conns.get_mut(conn) else { return false };
        held.streams = held.streams.saturating_sub(1);
        held.since = self.now;
        held.far.parting
    }

    /// Puts a request on a connection: at once when it is open, else as soon as it is.
    pub(crate) fn send_request(&mut self, conn: ConnKey, flight: FlightKey, log: &mut Log) {
        let Some(held) = self.conns.get_mut(conn) else { return };
        if let Some(f) = self.flights.get_mut(flight) {
            f.sent_on = conn;
        }
        if held.is_opening() {
            held.pending.push_back(flight);
            return;
        }
        held.streams += 1;
        held.carried += 1;
        held.since = self.now;
        if let Some(f) = self.flights.get_mut(flight) {
            f.phase = Phase::Going;
        }
        self.send(MessageKind::Request, conn, flight, 0, log);
    }
}

/// The index of the share that a draw falls into, among running sums.
fn chosen(sums: &[u64], drawn: impl FnOnce() -> Draw) -> usize {
    if sums.len() == 1 {
        return 0;
    }
    let share = drawn().below(sums.last().copied().unwrap_or(1));
    sums.partition_point(|&sum| sum <= share)
}
