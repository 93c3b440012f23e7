//! Names: users ask a resolver where to go, keep what it says, and go there by themselves.
//!
//! What makes failing over by DNS slow is all here: nobody asks again before the answer has run out
//! (RFC 1035 section 3.2.1), and who keeps it for longer goes on asking the dead.

use super::World;
use super::event::{Event, Outcome, Why};
use super::flight::{FlightKind, Phase};
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::queue::MessageKind;
use super::state::{Node, User};
use crate::policy::balance::{Ask, Done, Key};
use crate::policy::decision::Occasion;
use crate::rng::Purpose;
use crate::scenario::Protocol;
use crate::time::Duration;

/// How long a resolver is waited for before it is asked again (`resolv.conf`, option `timeout`).
const PATIENCE: Duration = Duration(5_000_000);

impl World {
    fn asker(&mut self, node: NodeId, user: u16) -> Option<&mut User> {
        self.state(node)?.users.get_mut(usize::from(user))
    }

    /// Whether a user can open a connection: they have an address that still holds, or need none.
    pub(crate) fn knows_where(&self, node: NodeId, user: u16) -> bool {
        let Node::Clients(clients) = &self.nodes[node.index()] else { return true };
        let named = clients.users.get(usize::from(user)).and_then(|user| user.named);
        !clients.resolves || named.is_some_and(|(_, until)| self.now < until)
    }

    /// A request waits until its user knows where to go. One question is enough for all of them.
    pub(crate) fn ask_name(&mut self, node: NodeId, user: u16, flight: FlightKey, log: &mut Log) {
        let Some(asker) = self.asker(node, user) else { return };
        asker.waiting.push_back(flight);
        let asking = core::mem::replace(&mut asker.asking, true);
        self.note_flight(log, flight, |flight| Event::Held { flight, node });
        if !asking {
            self.look_up(node, user, flight, log);
        }
    }

    fn look_up(&mut self, node: NodeId, user: u16, parent: FlightKey, log: &mut Log) {
        let Some(to) = self.state(node).map(|clients| clients.target) else { return };
        let key = self.begin_child(parent, node, FlightKind::Dns);
        let Some((root, serial)) = self.flights.get(key).map(|flight| (flight.root, flight.serial)) else { return };
        let source = self.user_address(node, user);
        let draw = self.draw(Purpose::Loss, u64::from(serial), 5 << 16);
        let conn = self.dial(node, to, Protocol::Udp, user, source, draw, false, root, log);
        self.note_flight(log, key, |flight| Event::Asked { flight, node, to });
        self.plan_timeout(key, PATIENCE);
        self.send_request(conn, key, log);
    }

    /// A question has reached a resolver, which picks an answer. One that is no resolver says nothing.
    pub(crate) fn name_asked(&mut self, node: NodeId, conn: ConnKey, key: FlightKey, log: &mut Log) {
        let (now, source) = (self.now, self.conns[conn].source);
        self.metrics.on_receive(node, now);
        self.note_flight(log, key, |flight| Event::Received { flight, node });
        let Some(flight) = self.flights.get_mut(key) else { return };
        (flight.at, flight.reached, flight.conn, flight.peer, flight.phase) = (node, now, conn, source, Phase::Returning);
        let (root, draw_id) = (flight.root, flight.draw_id);
        let draw = self.draw(Purpose::Balance, draw_id, 600);
        let occasion = Occasion { at: now, ordinal: self.ordinal, root, node, pool: 0 };
        let Node::Proxy(proxy) = &mut self.nodes[node.index()] else { return };
        let (Some(_), Some(pool)) = (proxy.names, proxy.pools.first_mut()) else { return };
        let ask = Ask { client: source, key: Key::Client, draw, tried: &[] };
        let picked = pool.pick(&ask, None, &occasion, &mut log.decisions);
        if let Some((member, target)) = picked {
            // Nothing more comes of it here: who is asked next does not depend on how long this one is used.
            pool.end(member, Done { failed: false, took: Duration::ZERO, bytes: 0 }, now);
            self.flights[key].upstream = Some(target);
        }
        if log.is_on() {
            let decision = log.decisions.len() as u32 - 1;
            self.note_flight(log, key, |flight| Event::Decided { flight, node, decision });
        }
        self.send(MessageKind::Response, conn, key, 0, log);
    }

    /// A user learns where to go, or that nobody is there.
    pub(crate) fn told_where(&mut self, node: NodeId, key: FlightKey, conn: ConnKey, log: &mut Log) {
        self.remove(conn, log);
        let Some(flight) = self.flights.get(key) else { return };
        let (user, to, resolver, ended) = (flight.user, flight.upstream, flight.at, flight.ended);
        if ended {
            return self.forget(key);
        }
        let ttl = match &self.nodes[resolver.index()] {
            Node::Proxy(proxy) => proxy.names.map_or(Duration::ZERO, |names| names.ttl),
            _ => Duration::ZERO,
        };
        let now = self.now;
        let Some(clients) = self.state(node) else { return };
        let kept = ttl.max(clients.hold);
        let Some(asker) = clients.users.get_mut(usize::from(user)) else { return };
        asker.asking = false;
        // Whoever asked may use it once, even one that may not be kept.
        asker.named = to.map(|to| (to, now + kept.max(Duration(1))));
        let waiting = asker.waiting.len();
        if let Some(to) = to {
            self.note_flight(log, key, |flight| Event::Named { flight, node, to, ttl: kept });
            self.finish(key, Outcome::Served, Why::Answered, log);
        } else {
            self.finish(key, Outcome::Failed, Why::UnknownHost, log);
        }
        for _ in 0..waiting {
            match to {
                Some(_) => self.serve_waiting(node, user, log),
                None => self.give_up_waiting(node, user, log),
            }
        }
    }

    /// Without an address there is nothing to do for a request.
    fn give_up_waiting(&mut self, node: NodeId, user: u16, log: &mut Log) {
        if let Some(flight) = self.asker(node, user).and_then(|asker| asker.waiting.pop_front()) {
            self.finish(flight, Outcome::Failed, Why::UnknownHost, log);
        }
    }

    /// A resolver has not answered in time. It is asked again as long as somebody waits for it.
    pub(crate) fn unnamed(&mut self, key: FlightKey, log: &mut Log) {
        let (node, user, conn) = (self.flights[key].from, self.flights[key].user, self.flights[key].sent_on);
        self.end_flight(key, Outcome::Failed, Why::TimedOut, log);
        self.remove(conn, log);
        self.forget(key);
        let flights = &self.flights;
        let Node::Clients(clients) = &mut self.nodes[node.index()] else { return };
        let Some(asker) = clients.users.get_mut(usize::from(user)) else { return };
        let next = asker.waiting.iter().copied().find(|&flight| flights.get(flight).is_some_and(|f| !f.ended));
        asker.asking = next.is_some();
        if let Some(parent) = next {
            self.look_up(node, user, parent, log);
        }
    }

    /// Where a user goes now, and until when, if a resolver said so.
    pub fn named_for(&self, node: NodeId, user: u16) -> Option<(NodeId, crate::time::Instant)> {
        let Node::Clients(clients) = &self.nodes[node.index()] else { return None };
        clients.users.get(usize::from(user))?.named
    }
}
