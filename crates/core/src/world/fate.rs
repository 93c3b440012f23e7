//! How flights begin and end. Nothing else creates or removes one, so nothing is lost count of.

use std::rc::Rc;

use super::World;
use super::event::{Event, Outcome, Why};
use super::flight::{Flight, FlightKind, Phase};
use super::health::Moment;
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::state::Node;
use crate::order;
use crate::policy::balance::Done;
use crate::scenario::Protocol;
use crate::time::Instant;

impl World {
    /// A user's request, or a datagram of theirs.
    pub(crate) fn begin_request(&mut self, node: NodeId, user: u16, class: u16, work: u64, draw_id: u64, log: &mut Log) -> FlightKey {
        let Node::Clients(clients) = &self.nodes[node.index()] else { return FlightKey::default() };
        let (datagram, timeout) = (clients.protocol == Protocol::Udp, clients.timeout);
        let serial = self.flights_begun;
        let mut headers = self.classes[usize::from(class)].headers.clone();
        if let Some(user) = clients.users.get(usize::from(user)) {
            user.session.add_cookies(&mut headers);
        }
        let address = self.user_address(node, user);
        let kind = if datagram { FlightKind::Datagram } else { FlightKind::Client };
        let flight = Flight { class, user, work, draw_id, ..Flight::new(kind, serial, node, address, self.now, headers) };
        let key = self.insert(flight);
        self.metrics.on_user_start(node, self.now);
        self.note_flight(log, key, |flight| Event::Arrived { flight, node, user, class });
        self.plan_timeout(key, timeout);
        key
    }

    /// A flight that `node` starts on behalf of one that it has.
    pub(crate) fn begin_child(&mut self, parent: FlightKey, node: NodeId, kind: FlightKind) -> FlightKey {
        let Some(origin) = self.flights.get(parent) else { return FlightKey::default() };
        let address = self.spec.node(node).address;
        let flight = Flight {
            root: origin.root,
            parent: Some(parent),
            class: origin.class,
            user: origin.user,
            attempt: origin.attempt,
            client: origin.client,
            work: origin.work,
            draw_id: origin.draw_id,
            pool: origin.pool,
            picked_in: origin.pool,
            depth: origin.depth + 1,
            ..Flight::new(kind, self.flights_begun, node, address, self.now, Rc::clone(&origin.headers))
        };
        self.insert(flight)
    }

    pub(crate) fn insert(&mut self, flight: Flight) -> FlightKey {
        self.metrics.on_start(flight.kind);
        self.flights_begun += 1;
        self.flights.insert(flight)
    }

    /// A flight is over for the one who asked. It is removed once nobody works on it any more.
    pub(crate) fn end_flight(&mut self, key: FlightKey, outcome: Outcome, why: Why, log: &mut Log) {
        let Some(flight) = self.flights.get_mut(key) else { return };
        if flight.ended {
            return;
        }
        flight.ended = true;
        flight.verdict = Some((outcome, why));
        let (kind, from, status, began, parent, member) =
            (flight.kind, flight.from, flight.status, flight.began, flight.parent, flight.member);
        let (pool, user, class) = (usize::from(flight.picked_in), flight.user, usize::from(flight.class));
        self.metrics.on_end(kind, outcome);
        if parent.is_none() && kind != FlightKind::Probe {
            self.metrics.on_user_end(from, outcome, self.now - began, self.now);
            self.think(from, user);
        }
        if let (Some(member), Node::Proxy(proxy)) = (member.filter(|_| kind != FlightKind::Probe), &mut self.nodes[from.index()])
            && let Some(pool) = proxy.pools.get_mut(pool)
        {
            let done = Done {
                failed: matches!(why, Why::Reset | Why::TimedOut | Why::Lost),
                took: self.now - began,
                bytes: u64::from(self.classes[class].response_size),
            };
            pool.end(member, done, self.now);
        }
        self.note_flight(log, key, |flight| Event::Ended { flight, node: from, outcome, why, status });
        if kind == FlightKind::Probe {
            self.watched(Moment::Checked { flight: key, why }, log);
        }
    }

    /// Removes a flight that is over and that nobody works on.
    pub(crate) fn forget(&mut self, key: FlightKey) {
        if self.flights.get(key).is_some_and(|f| f.ended) {
            self.flights.remove(key);
        }
    }

    /// Ends a flight and removes it.
    pub(crate) fn finish(&mut self, key: FlightKey, outcome: Outcome, why: Why, log: &mut Log) {
        self.end_flight(key, outcome, why, log);
        self.forget(key);
    }

    /// How a flight that has its answer ended.
    pub(crate) fn verdict(flight: &Flight) -> (Outcome, Why) {
        match flight.verdict {
            Some(verdict) => verdict,
            None if flight.status >= 500 => (Outcome::Failed, Why::Upstream),
            None => (Outcome::Served, Why::Answered),
        }
    }

    /// A flight's time is up.
    pub(crate) fn time_out(&mut self, key: FlightKey, log: &mut Log) {
        let Some(flight) = self.flights.get(key).filter(|f| !f.ended) else { return };
        let (from, sent_on) = (flight.from, flight.sent_on);
        match self.nodes[from.index()] {
            Node::Clients(_) if flight.kind == FlightKind::Dns => self.unnamed(key, log),
            Node::Clients(_) => {
                let (user, waits) = (flight.user, flight.phase == Phase::Held);
                self.end_flight(key, Outcome::Failed, Why::TimedOut, log);
                self.give_up(from, user, key, sent_on, waits, log);
            }
            _ => self.attempt_timed_out(key, log),
        }
    }

    /// The keys of unfinished flights that were sent on a connection, in order of serial.
    pub(crate) fn sent_on(&self, conn: ConnKey) -> Vec<FlightKey> {
        let keys: Vec<_> = self.flights.iter().filter(|(_, f)| f.sent_on == conn && !f.ended).map(|(key, f)| (f.serial, key)).collect();
        order::sorted(&keys, |&(serial, _)| [serial.into(), 0, 0, 0]).into_iter().map(|(_, key)| key).collect()
    }

    /// The flights under way, in order of serial.
    pub fn flights(&self) -> Vec<&Flight> {
        let flights: Vec<_> = self.flights.values().filter(|f| !f.ended).collect();
        order::sorted(&flights, |f| [f.serial.into(), 0, 0, 0])
    }

    /// How many flights of a kind are under way, counted one by one.
    pub fn count_in_flight(&self, kind: FlightKind) -> u64 {
        self.flights.values().filter(|f| f.kind == kind && !f.ended).count() as u64
    }

    /// The moment at which the run ends.
    pub const fn horizon(&self) -> Instant {
        self.horizon
    }
}
