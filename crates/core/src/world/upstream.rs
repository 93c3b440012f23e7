//! A layer 7 proxy's connections to those it asks: kept, shared, limited, and waited for.

use slotmap::Key as _;

use super::World;
use super::conn::Slot;
use super::event::{Event, Outcome, Why};
use super::flight::{FlightKind, Phase};
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::pool::PoolState;
use super::queue::Wake;
use super::state::{Node, ProxyState};
use crate::policy::affinity::Next;
use crate::rng::Purpose;
use crate::scenario::{Protocol, Reuse};
use crate::time::Duration;

/// Idle connections that a proxy keeps to a service outside its pools.
const SERVICE_KEEPALIVE: u32 = 16;

/// How a request gets its connection.
enum Claim {
    /// An idle one is used again.
    Reuse(ConnKey),
    /// Another is opened.
    Open,
    /// It waits, behind so many.
    Wait(usize),
    /// Too many wait already.
    Refuse,
}

impl World {
    pub(crate) fn proxy(&mut self, node: NodeId) -> Option<&mut ProxyState> {
        match &mut self.nodes[node.index()] {
            Node::Proxy(proxy) => Some(proxy),
            _ => None,
        }
    }

    fn pool_of(&mut self, node: NodeId, slot: Slot) -> Option<&mut PoolState> {
        self.proxy(node)?.pools.get_mut(usize::from(slot.0))
    }

    /// Sends on an idle connection, opens another, or lets the request wait for one.
    pub(crate) fn send_up(&mut self, child: FlightKey, node: NodeId, target: NodeId, log: &mut Log) {
        let slot = self.flights.get(child).and_then(|f| Some((f.pool, f.member?)));
        match self.claim(node, slot, target) {
            Claim::Wait(ahead) => self.park(child, node, slot, ahead, log),
            Claim::Refuse => self.turn_away(child, Outcome::Rejected, Why::QueueFull, log),
            Claim::Reuse(conn) => {
                self.leave(child, node, slot);
                self.note_reused(child, conn, node, log);
                self.send_request(conn, child, log);
            }
            Claim::Open => {
                self.leave(child, node, slot);
                self.dial_up(child, node, slot, target, log);
            }
        }
    }

    fn claim(&mut self, node: NodeId, slot: Option<Slot>, target: NodeId) -> Claim {
        let Some(proxy) = self.proxy(node) else { return Claim::Open };
        let Some((pool, member)) = slot else {
            return proxy.idle.to(target).pop_back().map_or(Claim::Open, Claim::Reuse);
        };
        let links = &mut proxy.pools[usize::from(pool)].links;
        let of_member = &mut links.members[usize::from(member)];
        let idle = if links.reuse == Reuse::Lifo { of_member.idle.pop_back() } else { of_member.idle.pop_front() };
        match idle {
            Some(conn) => Claim::Reuse(conn),
            None if links.max_connections == 0 || of_member.open < links.max_connections => Claim::Open,
            None if of_member.waiting.len() < links.max_waiting as usize => Claim::Wait(of_member.waiting.len()),
            None => Claim::Refuse,
        }
    }

    /// A request leaves for its member: from now on its answer is waited for.
    fn leave(&mut self, child: FlightKey, node: NodeId, slot: Option<Slot>) {
        if let Some(pool) = slot.and_then(|slot| self.pool_of(node, slot)) {
            let timeout = pool.timeout;
            self.plan_timeout(child, timeout);
        }
    }

    /// Tells of a request that needs no new connection, where messages are kept.
    pub(crate) fn note_reused(&self, flight: FlightKey, conn: ConnKey, node: NodeId, log: &mut Log) {
        if self.messages
            && let Some(conn) = self.conns.get(conn).filter(|c| !c.is_opening()).map(|c| c.serial)
        {
            self.note_flight(log, flight, |flight| Event::Reused { flight, conn, node });
        }
    }

    fn dial_up(&mut self, child: FlightKey, node: NodeId, slot: Option<Slot>, target: NodeId, log: &mut Log) {
        let address = self.spec.node(node).address;
        let (serial, root) = self.flights.get(child).map_or((0, super::NO_ROOT), |f| (u64::from(f.serial), f.root));
        let draw = self.draw(Purpose::Loss, serial, 3 << 16);
        let conn = self.dial(node, target, Protocol::Http1, 0, address, draw, false, root, log);
        self.put_in_slot(node, conn, slot);
        if let Some(held) = self.conns.get_mut(conn) {
            held.pending.push_back(child);
        }
        if let Some(flight) = self.flights.get_mut(child) {
            flight.sent_on = conn;
        }
    }

    /// A new connection belongs to a pool's member.
    pub(crate) fn put_in_slot(&mut self, node: NodeId, conn: ConnKey, slot: Option<Slot>) {
        let Some((pool, member)) = slot else { return };
        let Node::Proxy(proxy) = &mut self.nodes[node.index()] else { return };
        let links = &mut proxy.pools[usize::from(pool)].links;
        links.members[usize::from(member)].open += 1;
        if let Some(held) = self.conns.get_mut(conn) {
            (held.slot, held.tls) = (slot, links.tls);
        }
    }

    /// A connection is free again: somebody waits for it, it is kept for the next request, or closed
    /// when enough are.
    pub(crate) fn put_back(&mut self, node: NodeId, conn: ConnKey, log: &mut Log) {
        let Some(held) = self.conns.get(conn).filter(|c| c.is_idle()) else { return };
        let (slot, target, carried, parting) = (held.slot, held.nodes[1], held.carried, held.far.parting);
        let Some(proxy) = self.proxy(node) else { return };
        let links = slot.and_then(|(pool, _)| proxy.pools.get(usize::from(pool))).map(|pool| &pool.links);
        let (keep, used_up) = match links {
            Some(links) => (links.keepalive, links.is_used_up(slot, carried)),
            None => (SERVICE_KEEPALIVE, false),
        };
        if parting || used_up {
            return self.close(conn, log);
        }
        if let Some(next) = slot.and_then(|slot| self.next_waiting(node, slot)) {
            self.leave(next, node, slot);
            self.note_reused(next, conn, node, log);
            return self.send_request(conn, next, log);
        }
        let Some(proxy) = self.proxy(node) else { return };
        if proxy.idle_of(slot, target).len() < keep as usize {
            self.rest(node, conn);
        } else {
            self.close(conn, log);
        }
    }

    /// Keeps an idle connection, for as long as the pool says.
    pub(crate) fn rest(&mut self, node: NodeId, conn: ConnKey) {
        let Some((slot, target, seen)) = self.conns.get(conn).map(|c| (c.slot, c.nodes[1], c.carried)) else { return };
        let Some(proxy) = self.proxy(node) else { return };
        proxy.idle_of(slot, target).push_back(conn);
        let after = slot.map_or_else(Default::default, |(pool, _)| proxy.pools[usize::from(pool)].links.idle_timeout);
        if !after.is_zero() {
            self.queue.plan(after, Wake::Idle { conn, far: false, seen });
        }
    }

    /// A request waits for a connection to its member.
    fn park(&mut self, child: FlightKey, node: NodeId, slot: Option<Slot>, ahead: usize, log: &mut Log) {
        let Some((slot, pool)) = slot.and_then(|slot| Some((slot, self.pool_of(node, slot)?))) else { return };
        pool.links.members[usize::from(slot.1)].waiting.push_back(child);
        let most = pool.links.wait_timeout;
        self.metrics.on_park(node);
        self.note_flight(log, child, |flight| Event::Parked { flight, node, ahead: ahead as u16 });
        if !most.is_zero() {
            self.queue.plan(most, Wake::Waited { flight: child });
        }
    }

    /// The request that has waited longest for a connection to a member waits no more.
    fn next_waiting(&mut self, node: NodeId, (pool, member): Slot) -> Option<FlightKey> {
        let links = &mut self.pool_of(node, (pool, member))?.links;
        let child = links.members[usize::from(member)].waiting.pop_front()?;
        self.note_waited(node, child);
        Some(child)
    }

    fn note_waited(&mut self, node: NodeId, child: FlightKey) {
        if let Some(flight) = self.flights.get(child) {
            self.metrics.on_unpark(node, self.now - flight.began);
        }
    }

    /// Those who wait for a connection open one as far as there is room.
    pub(crate) fn call_next(&mut self, freed: Option<(NodeId, Slot)>, log: &mut Log) {
        let Some((node, slot)) = freed else { return };
        while self.pool_of(node, slot).is_some_and(|pool| pool.links.has_room(slot)) {
            let Some(child) = self.next_waiting(node, slot) else { return };
            let Some(target) = self.pool_of(node, slot).map(|pool| pool.node_of(slot.1)) else { return };
            self.leave(child, node, Some(slot));
            self.dial_up(child, node, Some(slot), target, log);
        }
    }

    /// Whether a request still waits for a connection to its member.
    pub(crate) fn is_parked(&self, child: FlightKey) -> bool {
        self.flights.get(child).is_some_and(|f| !f.ended && f.phase == Phase::Held && f.sent_on.is_null())
    }

    /// A request has waited long enough for a connection.
    pub(crate) fn waited(&mut self, child: FlightKey, log: &mut Log) {
        if self.is_parked(child) {
            self.unpark(child);
            self.turn_away(child, Outcome::Failed, Why::TimedOut, log);
        }
    }

    /// Takes a request out of the queue for a connection, if it is in one.
    pub(crate) fn unpark(&mut self, child: FlightKey) {
        let Some((node, slot)) = self.flights.get(child).and_then(|f| Some((f.from, (f.pool, f.member?)))) else { return };
        let Some(pool) = self.pool_of(node, slot) else { return };
        pool.links.members[usize::from(slot.1)].waiting.retain(|&f| f != child);
        self.note_waited(node, child);
    }

    /// There is no connection for a request: the proxy answers 503, as HAProxy does.
    fn turn_away(&mut self, child: FlightKey, outcome: Outcome, why: Why, log: &mut Log) {
        let Some((node, parent)) = self.flights.get(child).map(|f| (f.from, f.parent)) else { return };
        self.finish(child, outcome, why, log);
        if let Some(flight) = parent.and_then(|p| self.flights.get_mut(p)) {
            flight.verdict = Some((outcome, why));
        }
        if let Some(parent) = parent {
            self.respond(node, parent, 503, log);
        }
    }

    /// A connection to an upstream is gone, and with it the request on it.
    pub(crate) fn proxy_cut_off(&mut self, node: NodeId, conn: ConnKey, log: &mut Log) {
        let (slot, target, closed) = {
            let held = &self.conns[conn];
            (held.slot, held.nodes[1], held.far.closed)
        };
        if let Some(proxy) = self.proxy(node) {
            proxy.idle_of(slot, target).retain(|&c| c != conn);
        }
        for child in self.sent_on(conn) {
            let unsent = self.flights[child].phase == Phase::Held;
            self.attempt_failed(child, Why::Reset, 502, unsent, closed, log);
        }
    }

    /// A try has failed: another is made where that is allowed, else the proxy answers.
    ///
    /// A kept connection that its far end `closed` says nothing about the member's health, and tries
    /// on those are not counted (nginx `ngx_http_upstream_next`: a cached peer gives its try back).
    fn attempt_failed(&mut self, child: FlightKey, why: Why, status: u16, unsent: bool, closed: bool, log: &mut Log) {
        let Some(flight) = self.flights.get(child) else { return };
        let (node, kind, parent, member, class) = (flight.from, flight.kind, flight.parent, flight.member, flight.class);
        self.end_flight(child, Outcome::Failed, why, log);
        if unsent || why == Why::Reset {
            self.forget(child);
        }
        let Some(parent) = parent.filter(|&p| kind != FlightKind::Mirror && self.flights.contains_key(p)) else { return };
        // nginx proxy_next_upstream: a request that may have been acted on is not repeated
        // unless repeating it changes nothing.
        let harmless = unsent || self.method(class).is_idempotent();
        let pool = usize::from(self.flights[parent].pool);
        let retries = self.pool_mut(node, pool).map_or(0, |p| p.retries);
        let flight = &self.flights[parent];
        let again = u32::from(flight.attempt - flight.spared);
        let counted = kind == FlightKind::Attempt && again < retries;
        let pinned = match member.filter(|_| kind == FlightKind::Attempt && !closed) {
            Some(member) => self.next_for_pinned(node, parent, member, again, why),
            None => None,
        };
        if !(harmless && (closed || counted)) {
            // Who sticks to a server that cannot be reached is answered as HAProxy does.
            let status = if pinned.is_some() && unsent { 503 } else { status };
            return self.refuse(parent, node, status, if kind == FlightKind::Call { Why::Upstream } else { why }, log);
        }
        let (same, pause) = match pinned {
            Some(Next::Same(pause)) => (true, pause),
            Some(Next::Other(pause)) => (false, pause),
            Some(Next::Over) | None => (false, Duration::ZERO),
        };
        let flight = &mut self.flights[parent];
        flight.attempt = flight.attempt.saturating_add(1);
        if closed {
            flight.spared = flight.spared.saturating_add(1);
        } else if !same {
            flight.tried.extend(member);
        }
        let attempt = flight.attempt;
        self.note_flight(log, parent, |flight| Event::Retried { flight, node, attempt });
        if kind == FlightKind::Call {
            self.flights[parent].stage = self.flights[parent].stage.saturating_sub(1);
            self.run_stages(parent, log);
        } else {
            self.try_again(parent, pause, log);
        }
    }

    /// A try took too long. Its connection may still bring an answer, so it cannot be used again.
    pub(crate) fn attempt_timed_out(&mut self, child: FlightKey, log: &mut Log) {
        let conn = self.flights[child].sent_on;
        let unsent = self.flights[child].phase == Phase::Held;
        if let Some(held) = self.conns.get_mut(conn) {
            held.pending.retain(|&f| f != child);
        }
        self.attempt_failed(child, Why::TimedOut, 504, unsent, false, log);
        self.close(conn, log);
    }
}
