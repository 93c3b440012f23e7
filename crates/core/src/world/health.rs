//! Health in a world: checks are flights of their own, answers are looked at, and what comes of it
//! decides who of a pool is used.

use std::rc::Rc;

use super::event::{Event, Outcome, Why};
use super::flight::{Flight, FlightKind, Phase};
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::Log;
use super::queue::Wake;
use super::state::{BackendState, Health, Node};
use super::{ClassState, NO_ROOT, World};
use crate::http::Headers;
use crate::policy::decision::Standing;
use crate::policy::health::{CheckKind, Checks, Finding, Monitor, Reason, Rules, Turn};
use crate::rng::Purpose;
use crate::scenario::{HealthDocument, HealthNumber, Pool, Protocol};
use crate::time::{Duration, Instant};

/// What has happened that concerns the health of members.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the fields are the nodes, pools and members that each sentence names")]
pub enum Moment {
    /// A world is made.
    Prepared,
    /// A run begins at a node.
    Began(NodeId),
    /// A member is to be checked.
    Check { node: NodeId, pool: u16, member: u16, turn: u16 },
    /// The connection of a check is open.
    Opened { conn: ConnKey, flight: FlightKey },
    /// A check is over.
    Checked { flight: FlightKey, why: Why },
    /// A try at a member came to this.
    Answered { node: NodeId, pool: u16, member: u16, finding: Finding, root: u32 },
    /// An ejection is over.
    LetBack { node: NodeId, pool: u16 },
    /// A server has come to its pools or left them.
    Moved { member: NodeId, joined: bool },
    /// An operator has put a member into another state.
    Stated { node: NodeId, pool: u16 },
    /// A number is another now.
    Turned { node: NodeId, pool: u16, of: HealthNumber, to: f64 },
}

/// Who takes care of health in a world; says whether they did.
///
/// Few labs check anything, so pages fetch [`watch`] only for those: whatever names it carries all of it.
pub type Watcher = fn(&mut World, Moment, &mut Log) -> bool;

/// Takes care of nothing.
pub fn nobody(_: &mut World, _: Moment, _: &mut Log) -> bool {
    false
}

/// Checks members, looks at answers, and decides who is used.
pub fn watch(world: &mut World, moment: Moment, log: &mut Log) -> bool {
    match moment {
        Moment::Prepared => world.prepare_checks(),
        Moment::Began(node) => world.begin_checks(node),
        Moment::Check { node, pool, member, turn } => world.check(node, pool, member, turn, log),
        Moment::Opened { conn, flight } if world.only_knocks(flight) => world.knocked(conn, flight, log),
        Moment::Opened { .. } => return false,
        Moment::Checked { flight, why } => world.checked(flight, why, log),
        Moment::Answered { node, pool, member, finding, root } => world.answered(node, pool, member, finding, root, log),
        Moment::LetBack { node, pool } => world.let_back(node, pool, log),
        Moment::Moved { member, joined } => {
            world.apply_all_health();
            if joined && world.begun {
                world.check_joined(member);
            }
        }
        Moment::Stated { node, pool } => world.apply_health(node, pool),
        Moment::Turned { node, pool, of, to } => {
            if let Some(watch) = world.watch_mut(node, pool) {
                watch.set(of, to);
            }
            world.replan_checks(node, pool, log);
        }
    }
    true
}

/// The size of a check and of its answer, in bytes.
const CHECK_BYTES: u32 = 200;

/// The members of a pool as their balancer watches them.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    monitor: Monitor,
    /// What a check is among the classes of requests.
    class: u16,
    lanes: Vec<Lane>,
}

/// The checks of one member.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// Grows when what was planned no longer holds.
    turn: u16,
    /// Checks begun so far.
    begun: u32,
    /// When the next begins, unless one is under way.
    next: Option<Instant>,
    under_way: bool,
}

impl Watch {
    /// What watches a pool, if anything shall.
    fn of(pool: &Pool) -> Option<Box<Self>> {
        let Pool { checks, observe, outlier, panic_percent, .. } = pool;
        if checks.is_none() && outlier.is_none() {
            return None;
        }
        let rules = Rules { checks: checks.clone(), observe: observe.clone(), outlier: outlier.clone(), panic_percent: *panic_percent };
        let members = pool.members.len();
        Some(Box::new(Self { monitor: Monitor::new(rules, members), class: 0, lanes: vec![Lane::default(); members] }))
    }

    fn checks(&self) -> Option<&Checks> {
        self.monitor.rules().checks.as_ref().filter(|checks| !checks.interval.is_zero())
    }

    /// Sets a number; spans are in milliseconds.
    fn set(&mut self, which: HealthNumber, n: f64) {
        let (span, count) = (Duration::from_micros_f64(n * 1_000.0), n as u32);
        let rules = self.monitor.rules_mut();
        if let Some(checks) = &mut rules.checks {
            match which {
                HealthNumber::Interval => checks.interval = span,
                HealthNumber::Timeout => checks.timeout = span,
                HealthNumber::Fall => checks.fall = count.max(1),
                HealthNumber::Rise => checks.rise = count.max(1),
                HealthNumber::Jitter => checks.jitter_percent = count.min(100),
                HealthNumber::FastInterval => checks.fast_interval = span,
                HealthNumber::DownInterval => checks.down_interval = span,
                HealthNumber::Threshold => checks.threshold = count.clamp(1, checks.window.max(1)),
                _ => {}
            }
        }
        match (which, &mut rules.observe, &mut rules.outlier) {
            (HealthNumber::ObserveErrors, Some(observe), _) => observe.errors = count,
            (HealthNumber::OutlierErrors, _, Some(outlier)) => outlier.errors = count,
            (HealthNumber::OutlierEject, _, Some(outlier)) => outlier.eject = Duration(span.as_micros().max(1)),
            (HealthNumber::OutlierMost, _, Some(outlier)) => outlier.max_percent = count.min(100),
            (HealthNumber::Panic, ..) => rules.panic_percent = count.min(100),
            _ => {}
        }
        if self.checks().is_none() {
            self.monitor.forget_checks();
        }
    }
}

/// What a server says of its health, as it stands now.
#[derive(Clone, Debug)]
pub(crate) struct DocumentState {
    pub(crate) ready_after: Duration,
    /// On whom it depends.
    pub(crate) on: Vec<NodeId>,
    pub(crate) deep: bool,
    pub(crate) lies: bool,
    /// When it is ready.
    pub(crate) ready_at: Instant,
    /// The share of its answers that are errors, in percent.
    pub(crate) fails: f64,
    /// Since when something is wrong with it that nobody has noticed yet.
    pub(crate) wrong_since: Option<Instant>,
}

impl DocumentState {
    pub(crate) fn new(document: &HealthDocument, on: Vec<NodeId>) -> Self {
        Self {
            ready_after: document.ready_after,
            deep: !on.is_empty(),
            on,
            lies: document.lies,
            ready_at: Instant::START,
            fails: 0.0,
            wrong_since: None,
        }
    }
}

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
        let Some(state) = self.pool_mut(node, usize::from(pool)) else { return };
        let target = state.node_of(member);
        let Some(watch) = state.watch.as_deref_mut() else { return };
        let Some(patience) = watch.checks().map(Checks::patience) else { return };
        let (class, lane) = (watch.class, &mut watch.lanes[usize::from(member)]);
        (lane.under_way, lane.next) = (true, None);
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
        self.insert(Flight {
            serial,
            root: serial,
            kind: FlightKind::Probe,
            parent: None,
            from: node,
            at: node,
            phase: Phase::Held,
            class,
            user: 0,
            attempt: 0,
            status: 0,
            began: self.now,
            reached: self.now,
            peer: address,
            client: address,
            headers: Rc::clone(&self.classes[usize::from(class)].headers),
            reply: Vec::new(),
            work: 0,
            draw_id,
            conn: ConnKey::default(),
            sent_on: ConnKey::default(),
            ended: false,
            stage: 0,
            pool,
            picked_in: pool,
            spared: 0,
            member: Some(member),
            tried: Vec::new(),
            verdict: None,
            upstream: None,
            by_host: false,
            depth: 0,
        })
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

    /// A server is broken on purpose, or mended: from then on it counts how long nobody notices.
    pub(super) fn set_wrong(&mut self, node: NodeId, wrong: bool) {
        let now = self.now;
        if let Some(backend) = self.backend(node) {
            backend.document.wrong_since = wrong.then_some(now);
        }
    }

    /// A server's process has been started: it is alive, and ready a little later.
    pub(super) fn started(&mut self, node: NodeId) {
        let now = self.now;
        if let Some(backend) = self.backend(node) {
            backend.document.ready_at = now + backend.document.ready_after;
        }
    }

    /// What a server answers before anybody works on it: a lie, or that it is not ready.
    pub(super) fn at_once(&self, backend: &BackendState, key: FlightKey) -> Option<u16> {
        let document = &backend.document;
        if document.lies && self.flights.get(key).is_some_and(|f| f.kind == FlightKind::Probe) {
            return Some(200);
        }
        (backend.health == Health::Up && self.now < document.ready_at).then_some(503)
    }

    /// The status of a request that a server has worked on.
    pub(super) fn status_of(&self, node: NodeId, key: FlightKey) -> u16 {
        let (Node::Backend(backend), Some(flight)) = (&self.nodes[node.index()], self.flights.get(key)) else { return 200 };
        let document = &backend.document;
        if flight.kind == FlightKind::Probe {
            let works = |&on: &NodeId| matches!(&self.nodes[on.index()], Node::Backend(b) if b.health == Health::Up && b.present);
            return if !document.deep || document.on.iter().all(works) { 200 } else { 503 };
        }
        let drawn = || self.draw(Purpose::Probe, flight.draw_id, u32::from(flight.attempt)).unit() * 100.0;
        if document.fails > 0.0 && drawn() < document.fails { 500 } else { 200 }
    }

    /// How a balancer sees the members of its pools; none for a pool that is not watched.
    pub fn health(&self, node: NodeId) -> Vec<HealthView> {
        let mut views = Vec::new();
        for (pool, (_, peers)) in self.pools_view(node).into_iter().enumerate() {
            let Some(watch) = self.watch(node, pool as u16) else { continue };
            for (member, (peer, lane)) in peers.iter().zip(&watch.lanes).enumerate() {
                let (monitor, tally) = (&watch.monitor, watch.monitor.tally(member));
                let of = watch.checks().map_or(0, |checks| match tally.up {
                    _ if checks.window > 0 => checks.window,
                    true => checks.fall,
                    false => checks.rise,
                });
                views.push(HealthView {
                    node: peer.node,
                    pool: pool as u16,
                    member: member as u16,
                    up: monitor.is_up(member),
                    standing: peer.standing,
                    streak: tally.streak,
                    of,
                    errors: monitor.errors(member),
                    ejected: monitor.ejected(member),
                    since: monitor.since(member),
                    last: monitor.last(member),
                    next: lane.next,
                    under_way: lane.under_way,
                    checks: lane.begun,
                });
            }
        }
        views
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

/// A member of a pool as its balancer sees its health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthView {
    /// The member's node.
    pub node: NodeId,
    /// The pool's index.
    pub pool: u16,
    /// The member's index in it.
    pub member: u16,
    /// Whether it can be used, as far as checks and answers say.
    pub up: bool,
    /// How the policy treats it: in panic one that is down is used all the same.
    pub standing: Standing,
    /// Checks in a row against what it is now; of a window, the good ones.
    pub streak: u32,
    /// How many of those make it turn; of a window, how many checks it has. 0 without checks.
    pub of: u32,
    /// Requests in a row that went wrong.
    pub errors: u32,
    /// Until when it is left out for its errors.
    pub ejected: Option<Instant>,
    /// Since when it is up or down.
    pub since: Instant,
    /// When the last check was over, and what it found.
    pub last: Option<(Instant, Finding)>,
    /// When the next check begins.
    pub next: Option<Instant>,
    /// Whether a check is under way.
    pub under_way: bool,
    /// Checks that were begun.
    pub checks: u32,
}
