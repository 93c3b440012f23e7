//! Layer 4: one choice per connection or flow, and bytes that nobody reads.

use super::World;
use super::conn::PATH;
use super::event::Event;
use super::flight::Phase;
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::pool::PoolState;
use super::queue::MessageKind;
use super::state::Node;
use crate::policy::balance::{Ask, Done, Key};
use crate::policy::decision::Occasion;
use crate::rng::Purpose;
use crate::scenario::{Protocol, ReturnPath};

impl World {
    pub(crate) fn pool_mut(&mut self, node: NodeId, pool: usize) -> Option<&mut PoolState> {
        match &mut self.nodes[node.index()] {
            Node::Proxy(proxy) => proxy.pools.get_mut(pool),
            Node::Forwarder(forwarder) => Some(&mut forwarder.pool),
            _ => None,
        }
    }

    /// Picks for a connection that has reached a layer 4 balancer; its member and node.
    fn pick_for_conn(&mut self, node: NodeId, key: ConnKey, flight: FlightKey, log: &mut Log) -> Option<(u16, NodeId)> {
        let conn = self.conns.get(key)?;
        let client = conn.source;
        let root = match self.flights.get(flight) {
            Some(f) => f.root,
            None => self.root_of_conn(key),
        };
        let draw = self.draw(Purpose::Balance, u64::from(conn.serial), 0);
        let occasion = Occasion { at: self.now, ordinal: self.ordinal, root, node, pool: 0 };
        let pool = self.pool_mut(node, 0)?;
        let ask = Ask { client, key: Key::Client, draw, tried: &[] };
        let target = pool.pick(&ask, None, &occasion, &mut log.decisions);
        if log.is_on() {
            let serial = self.flights.get(flight).map_or(u32::MAX, |f| f.serial);
            let decision = log.decisions.len() as u32 - 1;
            self.note(log, root, Event::Decided { flight: serial, node, decision });
        }
        target
    }

    /// A packet forwarder gives a new connection the rest of its path. `false` when nobody can be picked.
    pub(crate) fn pick_beyond(&mut self, key: ConnKey, flight: FlightKey, log: &mut Log) -> bool {
        let node = self.conns[key].far_end();
        let Some((member, target)) = self.pick_for_conn(node, key, flight, log) else { return false };
        let link = self.link_between(node, target);
        let opener = self.conns[key].opener();
        let direct = match &self.nodes[node.index()] {
            Node::Forwarder(f) if f.returns == ReturnPath::Direct => Some(self.link_between(opener, target)),
            _ => None,
        };
        let conn = &mut self.conns[key];
        let len = usize::from(conn.len);
        if len == PATH {
            // Three packet forwarders in a row: the path has no room, as if the packet's TTL had run out.
            self.release(node, member);
            return false;
        }
        conn.nodes[len] = target;
        conn.links[len - 1] = link;
        conn.len += 1;
        conn.direct = direct;
        conn.picked = Some((node, member));
        true
    }

    /// A layer 4 proxy opens its own connection for one that it has accepted.
    pub(crate) fn join_onward(&mut self, key: ConnKey, flight: FlightKey, warm: bool, log: &mut Log) {
        let node = self.conns[key].far_end();
        let Some((member, target)) = self.pick_for_conn(node, key, flight, log) else { return };
        let (proto, user, source, draw) = {
            let conn = &self.conns[key];
            (conn.proto, conn.user, conn.source, conn.draw.nth(77))
        };
        let tells = matches!(&self.nodes[node.index()], Node::Proxy(proxy) if proxy.proxy_protocol);
        let shown = if tells { source } else { self.spec.node(node).address };
        // The bytes are the client's; TCP itself knows nothing of HTTP versions.
        let root = self.root_of_conn(key);
        let up = self.dial(node, target, proto, user, shown, draw, warm, root, log);
        self.conns[up].tls = self.conns[key].tls;
        self.conns[up].picked = Some((node, member));
        self.conns[up].backward = Some(key);
        self.conns[key].onward = Some(up);
    }

    /// A layer 4 proxy copies a request onto its other connection.
    pub(crate) fn relay(&mut self, up: ConnKey, flight: FlightKey, log: &mut Log) {
        let Some(conn) = self.conns.get_mut(up) else { return };
        if conn.is_opening() {
            conn.pending.push_back(flight);
            return;
        }
        conn.streams += 1;
        conn.carried += 1;
        if let Some(f) = self.flights.get_mut(flight) {
            f.phase = Phase::Going;
        }
        self.send(MessageKind::Request, up, flight, 0, log);
    }

    /// A layer 4 proxy copies an answer back.
    pub(crate) fn relay_back(&mut self, node: NodeId, up: ConnKey, down: ConnKey, flight: FlightKey, log: &mut Log) {
        let parting = self.carried(up);
        if let Some(held) = self.conns.get_mut(down) {
            held.far.parting |= parting;
        }
        self.pass(node, flight, true, log);
        match self.conns.get(down) {
            Some(held) => {
                let hop = held.len - 2;
                self.send(MessageKind::Response, down, flight, hop, log);
            }
            None => self.forget(flight),
        }
    }

    /// A layer 4 balancer counts one connection less on a member.
    pub(crate) fn release(&mut self, node: NodeId, member: u16) {
        let now = self.now;
        if let Some(pool) = self.pool_mut(node, 0) {
            pool.end(member, Done::default(), now);
        }
    }

    /// Connections of a layer 7 proxy that are open before the run begins.
    pub(crate) fn warm_pools(&mut self, node: NodeId, log: &mut Log) {
        let index = match self.spec.node(node).kind {
            crate::scenario::NodeKind::Proxy(index) => index,
            _ => return,
        };
        if matches!(&self.nodes[node.index()], Node::Proxy(proxy) if proxy.layer == crate::scenario::Layer::L4) {
            return;
        }
        let spec = self.spec.clone();
        let address = spec.node(node).address;
        for (place, pool) in spec.scenario.proxies[index].pools.iter().enumerate() {
            for (m, member) in pool.members.iter().enumerate() {
                let Some(target) = spec.id(&member.node) else { continue };
                for n in 0..pool.warm {
                    let draw = self.draw(Purpose::Loss, u64::from(n) << 16 | target.index() as u64, 2 << 16);
                    let conn = self.dial(node, target, Protocol::Http1, 0, address, draw, true, super::NO_ROOT, log);
                    self.warm_up(node, conn, (place as u16, m as u16));
                }
            }
        }
    }
}
