//! How connections end: closed by either end, idle for too long, or cut.

use slotmap::Key as _;

use super::conn::{ConnState, Slot};
use super::event::Event;
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::queue::{MessageKind, Wake};
use super::state::Node;
use super::{NO_ROOT, World};
use crate::scenario::{Field, Spec, Target};
use crate::time::Instant;

impl World {
    /// Whether a server of the scenario closes connections of its own accord, or a knob may make it.
    pub(crate) fn has_closers(spec: &Spec) -> bool {
        let scenario = &spec.scenario;
        let mut listeners = scenario.proxies.iter().map(|p| &p.listener).chain(scenario.backends.iter().map(|b| &b.listener));
        let by_knob = |t: &Target| matches!(t.field, Field::ListenerIdle | Field::ListenerRequests);
        listeners.any(|l| !l.idle.is_zero() || l.requests > 0) || spec.targets.iter().flatten().any(by_knob)
    }

    /// The opener closes a connection.
    pub(crate) fn close(&mut self, key: ConnKey, log: &mut Log) {
        let freed = self.hang_up(key, log);
        self.call_next(freed, log);
    }

    /// The opener closes a connection; the pool's place that it leaves.
    fn hang_up(&mut self, key: ConnKey, log: &mut Log) -> Option<(NodeId, Slot)> {
        let conn = self.conns.get(key).filter(|c| c.state != ConnState::Closing)?;
        let (serial, node) = (conn.serial, conn.opener());
        let freed = self.shut(key);
        self.note(log, NO_ROOT, Event::Closed { conn: serial, node });
        self.send(MessageKind::Fin, key, FlightKey::null(), 0, log);
        freed
    }

    /// The opener counts a connection no more; the pool's place that it leaves.
    fn shut(&mut self, key: ConnKey) -> Option<(NodeId, Slot)> {
        let conn = self.conns.get_mut(key).filter(|c| c.state != ConnState::Closing)?;
        (conn.state, conn.since) = (ConnState::Closing, self.now);
        let (node, slot, target) = (conn.opener(), conn.slot, conn.nodes[1]);
        if conn.is_reliable() {
            self.metrics.on_shut(node);
        }
        let Node::Proxy(proxy) = &mut self.nodes[node.index()] else { return None };
        match slot {
            Some((pool, _)) => proxy.pools[usize::from(pool)].store.closed(key),
            None => proxy.idle.to(target).retain(|&c| c != key),
        }
        slot.map(|slot| (node, slot))
    }

    /// The far end closes a connection: nothing that comes from now on is taken.
    pub(crate) fn close_at_far_end(&mut self, key: ConnKey, log: &mut Log) {
        let Some(conn) = self.conns.get_mut(key).filter(|c| !c.far.closed) else { return };
        conn.far.closed = true;
        let hop = conn.len - 2;
        self.send(MessageKind::FinBack, key, FlightKey::null(), hop, log);
    }

    /// A server has sent an answer: it may have been the connection's last one, or it begins to wait
    /// for the next request.
    pub(crate) fn after_response(&mut self, node: NodeId, key: ConnKey, log: &mut Log) {
        let Some((idle, requests)) = self.listener(node).map(|l| (l.set.idle, l.set.requests)) else { return };
        let Some(conn) = self.conns.get_mut(key).filter(|c| c.is_reliable() && !c.far.closed) else { return };
        let seen = conn.far.heard;
        conn.far.parting |= requests > 0 && seen >= requests;
        if seen != conn.far.answered {
            return;
        }
        if conn.far.parting {
            let serial = conn.serial;
            self.note(log, NO_ROOT, Event::Closed { conn: serial, node });
            self.close_at_far_end(key, log);
        } else if !idle.is_zero() {
            self.queue.plan(idle, Wake::Idle { conn: key, seen: Some(seen) });
        }
    }

    /// Whether a connection has had nothing to carry for too long: at its far end since so many
    /// requests were `seen`, else in the pool of the one who opened it.
    pub(crate) fn is_idle_out(&self, key: ConnKey, seen: Option<u32>, at: Instant) -> bool {
        let Some(conn) = self.conns.get(key) else { return false };
        match (seen, conn.slot, &self.nodes[conn.opener().index()]) {
            (Some(seen), ..) => {
                let unused = conn.far.heard == seen && conn.far.answered == seen;
                unused && !conn.far.closed && !conn.cut && self.is_awake(conn.far_end())
            }
            (None, Some((pool, _)), Node::Proxy(proxy)) => proxy.pools[usize::from(pool)].store.is_idle_out(key, at),
            _ => false,
        }
    }

    /// A connection has been idle for too long at one of its ends.
    pub(crate) fn idle_out(&mut self, key: ConnKey, seen: Option<u32>, log: &mut Log) {
        if !self.is_idle_out(key, seen, self.now) {
            return;
        }
        let conn = &self.conns[key];
        let (serial, node) = (conn.serial, if seen.is_some() { conn.far_end() } else { conn.opener() });
        self.note(log, NO_ROOT, Event::IdledOut { conn: serial, node });
        if seen.is_some() { self.close_at_far_end(key, log) } else { self.close(key, log) }
    }

    /// A message meets a connection that its far end has closed: a reset is all that it gets
    /// (RFC 9293 section 3.10.7.1).
    pub(crate) fn meet_closed(&mut self, node: NodeId, kind: MessageKind, key: ConnKey, flight: FlightKey, log: &mut Log) {
        self.hear(node, kind, key, flight, log);
        let conn = &mut self.conns[key];
        conn.cut = true;
        let hop = conn.len - 2;
        self.send(MessageKind::Rst, key, FlightKey::null(), hop, log);
        self.lose(flight);
    }

    /// A message about a request is gone, and with it the request if nobody else has it.
    pub(crate) fn lose(&mut self, flight: FlightKey) {
        // A user who has sent it again may have it answered on another connection.
        if self.flights.get(flight).is_some_and(|f| f.attempt == 0 || f.parent.is_some()) {
            self.forget(flight);
        }
    }

    /// The opener hears that the far end has closed a connection: what it had sent there meanwhile
    /// will not be answered.
    pub(crate) fn closed_by_far_end(&mut self, node: NodeId, key: ConnKey, log: &mut Log) {
        let waiting = if self.conns[key].streams > 0 { self.sent_on(key).first().copied() } else { None };
        self.hear(node, MessageKind::FinBack, key, waiting.unwrap_or_default(), log);
        let freed = self.hang_up(key, log);
        let conn = &self.conns[key];
        match (conn.backward, conn.user) {
            (Some(down), _) => self.close_at_far_end(down, log),
            (None, user) if matches!(self.nodes[node.index()], Node::Clients(_)) => self.user_cut_off(node, user, key, log),
            _ => self.proxy_cut_off(key, log),
        }
        self.call_next(freed, log);
    }

    /// A connection is no more; what a layer 4 proxy joined to it is closed too.
    pub(crate) fn remove(&mut self, key: ConnKey, log: &mut Log) {
        let freed = self.shut(key);
        let Some(conn) = self.conns.remove(key) else { return };
        for flight in conn.pending {
            self.forget(flight);
        }
        if let Some((node, member)) = conn.picked {
            self.release(node, member);
        }
        if let Some(onward) = conn.onward {
            if let Some(up) = self.conns.get_mut(onward) {
                up.backward = None;
            }
            self.close(onward, log);
        }
        self.call_next(freed, log);
    }

    /// The opener has learned that its connection is gone.
    pub(crate) fn cut_off(&mut self, node: NodeId, key: ConnKey, log: &mut Log) {
        let (user, backward) = (self.conns[key].user, self.conns[key].backward);
        if let Some(down) = backward {
            // A layer 4 proxy has nothing to say but to cut the other half as well.
            self.remove(key, log);
            if self.conns.contains_key(down) {
                self.conns[down].onward = None;
                self.refuse_conn(down, log);
            }
            return;
        }
        let freed = self.shut(key);
        match self.nodes[node.index()] {
            Node::Clients(_) => self.user_cut_off(node, user, key, log),
            _ => self.proxy_cut_off(key, log),
        }
        self.remove(key, log);
        self.call_next(freed, log);
    }

    /// A layer 4 proxy that finds nobody has nothing to say but a reset.
    pub(crate) fn refuse_conn(&mut self, key: ConnKey, log: &mut Log) {
        let freed = self.shut(key);
        let conn = &mut self.conns[key];
        conn.cut = true;
        let hop = conn.len - 2;
        self.send(MessageKind::Rst, key, FlightKey::null(), hop, log);
        self.call_next(freed, log);
    }
}
