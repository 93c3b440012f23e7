//! Health in a world: checks are flights of their own, answers are looked at, and what comes of it
//! decides who of a pool is used.

mod document;
mod moment;
mod view;
mod watch;

use std::rc::Rc;

use super::event::{Event, Outcome, Why};
use super::flight::{Flight, FlightKind, Phase};
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::queue::Wake;
use super::state::Node;
use super::{ClassState, NO_ROOT, World};
use crate::http::Headers;
use crate::policy::decision::Standing;
use crate::policy::health::{CheckKind, Checks, Finding, Reason, Turn};
use crate::rng::Purpose;
use crate::scenario::Protocol;
use crate::time::{Duration, Instant};

pub(crate) use document::DocumentState;
pub use moment::{Moment, Watcher, nobody, watch};
pub use view::HealthView;
pub(crate) use watch::Watch;

/// The size of a check and of its answer, in bytes.
const CHECK_BYTES: u32 = 200;

impl World {
    /// Tells whoever watches members that something has happened. Whether they took care of it.
    pub(super) fn watched(&mut self, moment: Moment, log: &mut Log) -> bool {
        (self.spec.parts.watcher)(self, moment, log)
    }

    /// Has each pool watched that says so, and gives it a class of requests for its checks.
    fn prepare_checks(&mut self) {
        let spec = Rc::clone(&self.spec);
        for (node, spec) in spec.nodes.iter().enumerate() {
            for (place, pool) in spec.pools().iter().enumerate() {
                let watch = match &mut self.nodes[node] {
                    Node::Proxy(proxy) => &mut proxy.pools[place].watch,
                    Node::Forwarder(forwarder) => &mut forwarder.pool.watch,
                    _ => continue,
                };
                *watch = Watch::of(pool);
                let (Some(watch), Some(checks)) = (watch, &pool.checks) else { continue };
                watch.class = self.classes.len() as u16;
                self.classes.push(ClassState {
                    path: checks.path.as_str().into(),
                    headers: Rc::new(Headers(vec![("Host".to_owned(), pool.name.clone())])),
                    size: CHECK_BYTES,
                    response_size: CHECK_BYTES,
                    answered: true,
                });
            }
        }
    }

    fn watch_mut(&mut self, node: NodeId, pool: u16) -> Option<&mut Watch> {
        self.pool_mut(node, usize::from(pool))?.watch.as_deref_mut()
    }

    fn watch(&self, node: NodeId, pool: u16) -> Option<&Watch> {
        let pool = match &self.nodes[node.index()] {
            Node::Proxy(proxy) => proxy.pools.get(usize::from(pool))?,
            Node::Forwarder(forwarder) => &forwarder.pool,
            _ => return None,
        };
        pool.watch.as_deref()
    }

    /// Plans the first check of every member of a node's pools.
    fn begin_checks(&mut self, node: NodeId) {
        for pool in 0..self.spec.node(node).pools().len() as u16 {
            let Some(watch) = self.watch_mut(node, pool) else { continue };
            let first: Vec<Duration> = (0..watch.lanes.len()).map(|member| watch.monitor.first(member)).collect();
            for (member, after) in first.into_iter().enumerate() {
                self.plan_check(node, pool, member as u16, after);
            }
            self.apply_health(node, pool);
        }
    }

    fn plan_check(&mut self, node: NodeId, pool: u16, member: u16, after: Duration) {
        let now = self.now;
        let Some(watch) = self.watch_mut(node, pool) else { return };
        let off = watch.checks().is_none();
        let lane = &mut watch.lanes[usize::from(member)];
        lane.turn = lane.turn.wrapping_add(1);
        lane.next = (!off).then_some(now + after);
        let turn = lane.turn;
        if !off {
            self.queue.plan(after, Wake::Check { node, pool, member, turn });
        }
    }

    /// Plans the next check of a member after its last one.
    fn plan_next(&mut self, node: NodeId, pool: u16, member: u16) {
        let Some(watch) = self.watch(node, pool) else { return };
        let begun = watch.lanes[usize::from(member)].begun;
        let draw = self.draw(Purpose::Probe, lane_id(node, pool, member), begun);
        let after = watch.monitor.pause(usize::from(member), draw);
        self.plan_check(node, pool, member, after);
    }

    /// What is planned no longer holds: the rules are others now.
    fn replan_checks(&mut self, node: NodeId, pool: u16, log: &mut Log) {
        let Some(watch) = self.watch(node, pool).filter(|_| self.begun) else { return };
        let idle: Vec<u16> = (0..watch.lanes.len() as u16).filter(|&m| !watch.lanes[usize::from(m)].under_way).collect();
        for member in idle {
            self.plan_next(node, pool, member);
        }
        self.let_back(node, pool, log);
        self.apply_health(node, pool);
    }

    /// A server is in the configuration from now on: whoever has it in a pool begins to check it.
    fn check_joined(&mut self, member: NodeId) {
        for node in (0..self.nodes.len()).map(NodeId::new) {
            for pool in 0..self.spec.node(node).pools().len() as u16 {
                let now = self.now;
                let Some(state) = self.pool_mut(node, usize::from(pool)).filter(|state| state.watch.is_some()) else { continue };
                let Some(place) = state.balancer.table().peers().iter().position(|peer| peer.node == member) else { continue };
                let lane = state.watch.as_ref().map(|watch| &watch.lanes[place]);
                if lane.is_some_and(|lane| !lane.under_way && lane.next.is_none_or(|next| next < now)) {
                    self.plan_check(node, pool, place as u16, Duration(1));
                }
            }
        }
    }

    /// Whether a planned check still is to come.
    pub(super) fn is_check_due(&self, node: NodeId, pool: u16, member: u16, turn: u16) -> bool {
        let lane = self.watch(node, pool).and_then(|watch| watch.lanes.get(usize::from(member)));
        // Who is not in the configuration is not asked.
        lane.is_some_and(|lane| lane.turn == turn && lane.next.is_some() && !lane.under_way) && !self.is_absent(node, pool, member)
    }

    fn is_absent(&self, node: NodeId, pool: u16, member: u16) -> bool {
        let state = match &self.nodes[node.index()] {
            Node::Proxy(proxy) => proxy.pools.get(usize::from(pool)),
            Node::Forwarder(forwarder) => Some(&forwarder.pool),
            _ => None,
        };
        let peer = state.and_then(|state| state.balancer.table().peers().get(usize::from(member)));
        peer.is_some_and(|peer| peer.standing == Standing::Absent)
    }

    /// A check begins.
    fn check(&mut self, node: NodeId, pool: u16, member: u16, turn: u16, log: &mut Log) {
        if !self.is_check_due(node, pool, member, turn) {
            return;
        }
        let now = self.now;
        let Some(state) = self.pool_mut(node, usize::from(pool)) else { return };
        let target = state.node_of(member);
        let Some(watch) = state.watch.as_deref_mut() else { return };
        let Some(patience) = watch.checks().map(Checks::patience) else { return };
        let (class, lane) = (watch.class, &mut watch.lanes[usize::from(member)]);
        (lane.under_way, lane.next, lane.asked) = (true, None, now);
        lane.begun += 1;
        let draw_id = 1 << 63 | lane_id(node, pool, member) << 24 | u64::from(lane.begun);
        let key = self.begin_check_flight(node, (pool, member), class, draw_id);
        if let Some(flight) = self.flights.get(key) {
            let work = self.own_service(target).sample(self.draw(Purpose::Service, flight.draw_id, 0));
            self.flights[key].work = work.as_micros();
        }
        self.plan_timeout(key, patience);
        self.knock(key, node, target, log);
    }

    fn begin_check_flight(&mut self, node: NodeId, (pool, member): (u16, u16), class: u16, draw_id: u64) -> FlightKey {
        let (serial, address) = (self.flights_begun, self.spec.node(node).address);
        let headers = Rc::clone(&self.classes[usize::from(class)].headers);
        let new = Flight::new(FlightKind::Probe, serial, node, address, self.now, headers);
        self.insert(Flight { class, draw_id, pool, picked_in: pool, member: Some(member), ..new })
    }

    /// Opens a connection of its own for a check.
    fn knock(&mut self, key: FlightKey, node: NodeId, target: NodeId, log: &mut Log) {
        let (address, root) = (self.spec.node(node).address, self.flights[key].root);
        let draw = self.draw(Purpose::Loss, u64::from(root), 3 << 16);
        let conn = self.dial(node, target, Protocol::Http1, 0, address, draw, false, root, log);
        if let Some(held) = self.conns.get_mut(conn) {
            held.pending.push_back(key);
        }
        self.flights[key].sent_on = conn;
    }

    /// Whether a check is over as soon as its connection is open.
    fn only_knocks(&self, key: FlightKey) -> bool {
        self.flights.get(key).filter(|f| f.kind == FlightKind::Probe).is_some_and(|f| {
            let checks = self.watch(f.from, f.picked_in).and_then(Watch::checks);
            checks.is_some_and(|checks| checks.kind == CheckKind::Tcp)
        })
    }

    /// The connection of a check that wants no more is open.
    fn knocked(&mut self, conn: ConnKey, key: FlightKey, log: &mut Log) {
        self.close(conn, log);
        self.finish(key, Outcome::Served, Why::Answered, log);
    }

    /// A check is over.
    fn checked(&mut self, key: FlightKey, why: Why, log: &mut Log) {
        let flight = &self.flights[key];
        let (node, pool, member, root, took) =
            (flight.from, flight.picked_in, flight.member.unwrap_or(0), flight.root, self.now - flight.began);
        let finding = match why {
            Why::TimedOut => Finding::TimedOut,
            Why::Reset | Why::Lost => broken(flight.phase == Phase::Held),
            _ if flight.status == 0 => Finding::Open,
            _ => Finding::Status(flight.status),
        };
        let now = self.now;
        let Some(state) = self.pool_mut(node, usize::from(pool)) else { return };
        let to = state.node_of(member);
        let Some(watch) = state.watch.as_deref_mut() else { return };
        watch.lanes[usize::from(member)].under_way = false;
        let on = watch.checks().is_some();
        let turn = if on { watch.monitor.checked(usize::from(member), finding, now) } else { None };
        self.note(log, root, Event::Probed { node, to, finding, took });
        self.turned(node, pool, turn, root, log);
        self.plan_next(node, pool, member);
    }

    /// A try at a member came to this.
    pub(super) fn seen(&mut self, node: NodeId, pool: u16, member: Option<u16>, finding: Finding, root: u32, log: &mut Log) {
        if let Some(member) = member {
            self.watched(Moment::Answered { node, pool, member, finding, root }, log);
        }
    }

    fn answered(&mut self, node: NodeId, pool: u16, member: u16, finding: Finding, root: u32, log: &mut Log) {
        let now = self.now;
        let Some(watch) = self.watch_mut(node, pool) else { return };
        let (sooner, turn) = watch.monitor.answered(usize::from(member), finding, now);
        let fast = watch.checks().map_or(Duration::ZERO, |checks| checks.fast_interval);
        let lane = &watch.lanes[usize::from(member)];
        let waits = lane.next.is_some_and(|next| now + fast < next);
        if sooner && !fast.is_zero() && waits {
            self.plan_check(node, pool, member, fast);
        }
        self.turned(node, pool, turn, root, log);
    }

    fn turned(&mut self, node: NodeId, pool: u16, turn: Option<Turn>, root: u32, log: &mut Log) {
        let Some(Turn { member, up, reason }) = turn else { return };
        let now = self.now;
        let Some(state) = self.pool_mut(node, usize::from(pool)) else { return };
        let to = state.node_of(member as u16);
        let out = state.watch.as_ref().and_then(|watch| watch.monitor.ejected(member));
        self.note(log, root, if up { Event::WentUp { node, to, reason } } else { Event::WentDown { node, to, reason } });
        if let (Reason::Ejected(..), Some(until)) = (reason, out) {
            self.queue.plan(until.since(now), Wake::LetBack { node, pool, until });
        }
        if !up && let Some(since) = self.backend(to).and_then(|b| b.document.wrong_since.take()) {
            self.metrics.on_detect(to, now - since);
        }
        self.apply_health(node, pool);
    }

    /// Whether somebody is still to be let back then.
    pub(super) fn is_back_due(&self, node: NodeId, pool: u16, until: Instant) -> bool {
        self.watch(node, pool).is_some_and(|watch| watch.monitor.is_back_at(until))
    }

    /// Lets those back whose ejection is over.
    fn let_back(&mut self, node: NodeId, pool: u16, log: &mut Log) {
        let now = self.now;
        while let Some(turn) = self.watch_mut(node, pool).and_then(|watch| watch.monitor.let_back(now)) {
            self.turned(node, pool, Some(turn), NO_ROOT, log);
        }
    }

    /// Tells the policy of a pool who can be used.
    fn apply_health(&mut self, node: NodeId, pool: u16) {
        let now = self.now;
        let Some(state) = self.pool_mut(node, usize::from(pool)) else { return };
        let Some(watch) = &state.watch else { return };
        let peers = state.balancer.table().peers();
        let counts = |i: usize| matches!(peers[i].standing, Standing::Eligible | Standing::Down | Standing::Failing);
        let panics = watch.monitor.panics(counts);
        let wanted = |i: usize| match watch.monitor.is_up(i) || panics {
            true => Standing::Eligible,
            false if watch.monitor.ejected(i).is_some() => Standing::Failing,
            false => Standing::Down,
        };
        let changes: Vec<(usize, Standing)> =
            (0..peers.len()).filter(|&i| counts(i)).map(|i| (i, wanted(i))).filter(|&(i, want)| peers[i].standing != want).collect();
        for (index, standing) in changes {
            state.balancer.set_standing(index, standing, now);
        }
    }

    /// The same for every pool.
    fn apply_all_health(&mut self) {
        for node in 0..self.nodes.len() {
            for pool in 0..self.spec.nodes[node].pools().len() as u16 {
                self.apply_health(NodeId::new(node), pool);
            }
        }
    }
}

/// What a connection that broke says: nobody took it, or somebody dropped it.
pub(super) const fn broken(unsent: bool) -> Finding {
    if unsent { Finding::Refused } else { Finding::Reset }
}

/// A number for the checks of one member.
const fn lane_id(node: NodeId, pool: u16, member: u16) -> u64 {
    (node.index() as u64) << 24 | (pool as u64) << 12 | member as u64
}
