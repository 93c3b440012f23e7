//! A layer 7 proxy's connections to those it asks: kept, shared, limited, and waited for.

use slotmap::Key as _;

use super::World;
use super::conn::Slot;
use super::event::{Event, Outcome, Why};
use super::flight::{FlightKind, Phase};
use super::health::broken;
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::pool::{PoolState, Store};
use super::queue::Wake;
use super::state::{Node, ProxyState};
use crate::policy::affinity::Next;
use crate::policy::health::Finding;
use crate::policy::pool::{Answer, Ask, Expired, Release};
use crate::rng::Purpose;
use crate::scenario::{Product, Protocol};
use crate::time::Duration;

/// Idle connections that a proxy keeps to a service outside its pools.
const SERVICE_KEEPALIVE: usize = 16;

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

    /// Sends to a node outside the pools on an idle connection, or opens another.
    pub(crate) fn send_up(&mut self, child: FlightKey, node: NodeId, target: NodeId, log: &mut Log) {
        match self.proxy(node).and_then(|proxy| proxy.idle.to(target).pop_back()) {
            Some(conn) => self.reuse(child, conn, node, log),
            None => self.dial_up(child, node, None, target, log),
        }
    }

    /// Sends on an idle connection to a pool's member, opens another, or lets the request wait for one.
    pub(crate) fn send_to_member(&mut self, child: FlightKey, node: NodeId, slot: Slot, target: NodeId, log: &mut Log) {
        let now = self.now;
        let Some(pool) = self.pool_of(node, slot) else { return };
        let timeout = pool.timeout;
        match pool.store.ask(&ask_for(child, slot), now).0 {
            Answer::Reuse(conn) => {
                self.plan_timeout(child, timeout);
                self.reuse(child, conn, node, log);
            }
            Answer::Open => {
                self.plan_timeout(child, timeout);
                self.dial_up(child, node, Some(slot), target, log);
            }
            Answer::Wait => self.park(child, node, slot, log),
            Answer::Refuse => self.turn_away(child, Outcome::Rejected, Why::QueueFull, log),
        }
    }

    fn reuse(&mut self, child: FlightKey, conn: ConnKey, node: NodeId, log: &mut Log) {
        if self.messages {
            self.note_reused(child, conn, node, log);
        }
        self.send_request(conn, child, log);
    }

    /// A request leaves for its member: from now on its answer is waited for.
    fn leave(&mut self, child: FlightKey, node: NodeId, slot: Slot) {
        if let Some(timeout) = self.pool_of(node, slot).map(|pool| pool.timeout) {
            self.plan_timeout(child, timeout);
        }
    }

    /// Tells of a request that needs no new connection, where messages are kept.
    pub(crate) fn note_reused(&self, flight: FlightKey, conn: ConnKey, node: NodeId, log: &mut Log) {
        if let Some(conn) = self.conns.get(conn).filter(|c| !c.is_opening()).map(|c| c.serial) {
            self.note_flight(log, flight, |flight| Event::Reused { flight, conn, node });
        }
    }

    fn dial_up(&mut self, child: FlightKey, node: NodeId, slot: Option<Slot>, target: NodeId, log: &mut Log) {
        let address = self.spec.node(node).address;
        let (serial, root) = self.flights.get(child).map_or((0, super::NO_ROOT), |f| (u64::from(f.serial), f.root));
        let draw = self.draw(Purpose::Loss, serial, 3 << 16);
        let conn = self.dial(node, target, Protocol::Http1, 0, address, draw, false, root, log);
        if let Some(slot) = slot {
            let now = self.now;
            self.put_in_slot(node, conn, slot, |store| store.opened(conn, &ask_for(child, slot), now));
        }
        if let Some(held) = self.conns.get_mut(conn) {
            held.pending.push_back(child);
        }
        if let Some(flight) = self.flights.get_mut(child) {
            flight.sent_on = conn;
        }
    }

    /// A new connection belongs to a pool's member.
    fn put_in_slot(&mut self, node: NodeId, conn: ConnKey, slot: Slot, put: impl FnOnce(&mut Store)) {
        let Some(pool) = self.pool_of(node, slot) else { return };
        put(&mut pool.store);
        let tls = pool.tls;
        if let Some(held) = self.conns.get_mut(conn) {
            (held.slot, held.tls) = (Some(slot), tls);
        }
    }

    /// A connection that was open before the run began is idle.
    pub(crate) fn warm_up(&mut self, node: NodeId, conn: ConnKey, slot: Slot) {
        let now = self.now;
        self.put_in_slot(node, conn, slot, |store| store.warm(conn, slot.1.into(), now));
        let after = self.pool_of(node, slot).map_or(Duration::ZERO, |pool| pool.store.rules().idle_timeout);
        self.rest(conn, after);
    }

    /// A connection is free again: somebody waits for it, it is kept for the next request, or closed
    /// when enough are.
    pub(crate) fn put_back(&mut self, node: NodeId, conn: ConnKey, log: &mut Log) {
        let Some(held) = self.conns.get(conn).filter(|c| c.is_idle()) else { return };
        let (slot, target, parting, now) = (held.slot, held.nodes[1], held.far.parting, self.now);
        let Some(proxy) = self.proxy(node) else { return };
        let Some(slot) = slot else {
            let idle = proxy.idle.to(target);
            if !parting && idle.len() < SERVICE_KEEPALIVE {
                return idle.push_back(conn);
            }
            return self.close(conn, log);
        };
        let store = &mut proxy.pools[usize::from(slot.0)].store;
        let after = store.rules().idle_timeout;
        match store.release(conn, !parting, now).0 {
            Release::Keep => self.rest(conn, after),
            Release::KeepAndClose(other) => {
                self.rest(conn, after);
                self.close(other, log);
            }
            Release::Pass(child) => self.hand_over(child, node, slot, conn, log),
            Release::Close => self.close(conn, log),
        }
    }

    /// An idle connection is kept for as long as the pool says.
    fn rest(&mut self, conn: ConnKey, after: Duration) {
        if !after.is_zero() {
            self.queue.plan(after, Wake::Idle { conn, seen: None });
        }
    }

    /// A request that has waited is sent on a connection that has become free.
    fn hand_over(&mut self, child: FlightKey, node: NodeId, slot: Slot, conn: ConnKey, log: &mut Log) {
        self.note_waited(node, child);
        self.leave(child, node, slot);
        if let Some(serial) = self.conns.get(conn).map(|c| c.serial) {
            self.note_flight(log, child, |flight| Event::Reused { flight, conn: serial, node });
        }
        self.send_request(conn, child, log);
    }

    /// A request waits for a connection to its member.
    fn park(&mut self, child: FlightKey, node: NodeId, slot: Slot, log: &mut Log) {
        let Some(store) = self.pool_of(node, slot).map(|pool| &pool.store) else { return };
        let (most, ahead) = (store.rules().wait_timeout, store.waiting(slot.1.into()).saturating_sub(1) as u16);
        self.metrics.on_park(node);
        self.note_flight(log, child, |flight| Event::Parked { flight, node, ahead });
        if !most.is_zero() {
            self.queue.plan(most, Wake::Waited { flight: child });
        }
    }

    fn note_waited(&mut self, node: NodeId, child: FlightKey) {
        if let Some(flight) = self.flights.get(child) {
            self.metrics.on_unpark(node, self.now - flight.began);
        }
    }

    /// Those who wait for a connection have one as far as there is room.
    pub(crate) fn call_next(&mut self, freed: Option<(NodeId, Slot)>, log: &mut Log) {
        let (Some((node, slot)), now) = (freed, self.now) else { return };
        loop {
            let Some(pool) = self.pool_of(node, slot) else { return };
            let Some((ask, answer, _)) = pool.store.next(slot.1.into(), now) else { return };
            let target = pool.node_of(slot.1);
            match answer {
                Answer::Reuse(conn) => self.hand_over(ask.request, node, slot, conn, log),
                _ => {
                    self.note_waited(node, ask.request);
                    self.leave(ask.request, node, slot);
                    self.dial_up(ask.request, node, Some(slot), target, log);
                }
            }
        }
    }

    /// A pool's limits have changed: what is above them goes, and those who wait may have room.
    pub(crate) fn settle(&mut self, node: NodeId, pool: u16, log: &mut Log) {
        let now = self.now;
        while let Some((expired, _)) = self.pool_of(node, (pool, 0)).and_then(|pool| pool.store.expire(now)) {
            match expired {
                Expired::Idle(conn) => self.close(conn, log),
                Expired::Waited(child) => {
                    self.note_waited(node, child);
                    self.turn_away(child, Outcome::Failed, Why::TimedOut, log);
                }
            }
        }
        let Some(state) = self.pool_of(node, (pool, 0)) else { return };
        let members = state.balancer.table().peers().len() as u16;
        let after = state.store.rules().idle_timeout;
        if !after.is_zero() {
            for held in state.store.idle().to_vec() {
                self.queue.plan((held.since + after).since(now), Wake::Idle { conn: held.conn, seen: None });
            }
        }
        for member in 0..members {
            self.call_next(Some((node, (pool, member))), log);
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
        pool.store.withdraw(child);
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
    pub(crate) fn proxy_cut_off(&mut self, conn: ConnKey, log: &mut Log) {
        let closed = self.conns[conn].far.closed;
        for child in self.sent_on(conn) {
            let unsent = self.flights[child].phase == Phase::Held;
            self.attempt_failed(child, Why::Reset, unsent, closed, log);
        }
    }

    /// A try has failed: another is made where that is allowed, else the proxy answers.
    ///
    /// A kept connection that its far end `closed` says nothing about the member's health, and tries
    /// on those are not counted (nginx `ngx_http_upstream_next`: a cached peer gives its try back).
    fn attempt_failed(&mut self, child: FlightKey, why: Why, unsent: bool, closed: bool, log: &mut Log) {
        let Some(flight) = self.flights.get(child) else { return };
        let (node, kind, parent, member, class) = (flight.from, flight.kind, flight.parent, flight.member, flight.class);
        let (of, root) = (flight.picked_in, flight.root);
        self.end_flight(child, Outcome::Failed, why, log);
        if kind == FlightKind::Attempt && !closed {
            let finding = if why == Why::TimedOut { Finding::TimedOut } else { broken(unsent) };
            self.seen(node, of, member, finding, root, log);
        }
        if unsent || why == Why::Reset {
            self.forget(child);
        }
        let Some(parent) = parent.filter(|&p| kind != FlightKind::Mirror && self.flights.contains_key(p)) else { return };
        // nginx proxy_next_upstream: a request that may have been acted on is not repeated
        // unless repeating it changes nothing.
        let harmless = unsent || self.method(class).is_idempotent();
        let pool = usize::from(self.flights[parent].pool);
        let (retries, product) = self.pool_mut(node, pool).map_or((0, Product::Plain), |p| (p.retries, p.product));
        let flight = &self.flights[parent];
        let again = u32::from(flight.attempt - flight.spared);
        let counted = kind == FlightKind::Attempt && again < retries;
        let pinned = match member.filter(|_| kind == FlightKind::Attempt && !closed) {
            Some(member) => self.next_for_pinned(node, parent, member, again, why),
            None => None,
        };
        if !(harmless && (closed || counted)) {
            // Who sticks to a server that cannot be reached is answered as HAProxy does.
            let status = if pinned.is_some() && unsent { 503 } else { product.status(why, unsent) };
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
            self.metrics.on_retry(node);
        }
        let flight = &mut self.flights[parent];
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
        self.attempt_failed(child, Why::TimedOut, unsent, false, log);
        self.close(conn, log);
    }
}

/// What a request asks the pool of its member for.
fn ask_for(child: FlightKey, (_, member): Slot) -> Ask<FlightKey> {
    Ask { request: child, member: member.into(), client: 0, first: false }
}
