//! The world: nodes, links, connections and flights, driven by one event queue.
//!
//! It wires policies together and contains no algorithm of its own. `step` handles one event;
//! nothing else moves time. Everything that could be looked up by name was resolved when the
//! scenario was compiled, so a running world cannot fail.

mod backend;
mod carry;
mod clients;
mod closing;
mod conn;
mod event;
mod fate;
mod flight;
mod health;
mod id;
mod inside;
mod layer4;
mod link;
mod log;
mod measure;
mod names;
mod pairs;
mod pool;
mod proxy;
mod queue;
mod secure;
mod session;
mod settings;
mod slots;
mod stage;
mod state;
mod switch;
mod upstream;
mod view;
mod window;

use std::rc::Rc;

use slotmap::SlotMap;

pub use conn::{Conn, ConnState};
pub use event::{Event, NO_ROOT, Outcome, Record, StageAnswer, Why};
pub use flight::{Flight, FlightKind, KINDS, Phase};
pub use health::{HealthView, Moment, Watcher, nobody, watch};
pub use id::{ConnKey, FlightKey, NodeId};
pub use inside::StageView;
pub use log::{AccessLine, Log, Mark, Sent};
pub use queue::{Message, MessageKind};
pub use session::{Cookie, Loss, SessionView, StickView};
pub use slots::{PoolView, SlotState, SlotView};
pub use state::Health;
pub use view::{MessageView, NodeView, PeerView};

use crate::http::Headers;
use crate::metrics::Metrics;
use crate::rng::{Draw, Purpose};
use crate::scenario::{ActionKind, Spec};
use crate::time::{Duration, Instant};
use link::{Link, LinkId};
use pairs::Pairs;
use queue::{Due, Queue, Wake};
use state::Node;

/// A request class as it stands now; knobs may change what the scenario says.
#[derive(Clone, Debug)]
pub(crate) struct ClassState {
    pub(crate) path: Rc<str>,
    pub(crate) headers: Rc<Headers>,
    pub(crate) size: u32,
    pub(crate) response_size: u32,
    pub(crate) answered: bool,
}

/// A running scenario. Cloning it gives a snapshot.
#[derive(Clone, Debug)]
pub struct World {
    spec: Rc<Spec>,
    seed: u64,
    now: Instant,
    horizon: Instant,
    ordinal: u32,
    begun: bool,
    queue: Queue,
    nodes: Vec<Node>,
    links: Vec<Link>,
    link_index: Pairs<(NodeId, NodeId), LinkId>,
    flights: SlotMap<FlightKey, Flight>,
    conns: SlotMap<ConnKey, Conn>,
    classes: Vec<ClassState>,
    flights_begun: u32,
    conns_begun: u32,
    /// Whether anybody closes connections that they have accepted, so that it must be looked at.
    closers: bool,
    /// Whether every message is kept, from the scenario.
    messages: bool,
    /// Whether long answers take their time, from the scenario.
    slow_start: bool,
    /// Which faults are on, in the scenario's order.
    faults: Vec<bool>,
    metrics: Metrics,
}

impl World {
    /// A world at the very start: nothing has happened, knobs stand at their defaults.
    pub fn new(spec: Rc<Spec>, seed: u64) -> Self {
        let mut world = Self {
            seed,
            now: Instant::START,
            horizon: Instant::START + spec.scenario.horizon,
            ordinal: 0,
            begun: false,
            queue: Queue::default(),
            nodes: Self::nodes_of(&spec),
            links: Vec::new(),
            link_index: Pairs::default(),
            flights: SlotMap::with_key(),
            conns: SlotMap::with_key(),
            classes: Self::classes_of(&spec),
            flights_begun: 0,
            conns_begun: 0,
            closers: Self::has_closers(&spec),
            messages: spec.scenario.messages,
            slow_start: spec.scenario.slow_start,
            faults: vec![false; spec.scenario.faults.len()],
            metrics: Metrics::new(&spec),
            spec,
        };
        world.watched(Moment::Prepared, &mut Log::default());
        world.set_defaults();
        world
    }

    fn classes_of(spec: &Spec) -> Vec<ClassState> {
        let classes = spec.scenario.clients.iter().flat_map(|c| &c.requests);
        let class = |(class, compiled): (&crate::scenario::RequestClass, &crate::scenario::ClassSpec)| ClassState {
            path: class.path.as_str().into(),
            headers: compiled.headers.clone(),
            size: class.size,
            response_size: class.response_size,
            answered: class.answered,
        };
        classes.zip(&spec.classes).map(class).collect()
    }

    /// The moment at which the world stands.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// How many events have happened.
    pub const fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// The seed that it runs on.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The scenario that it runs.
    pub fn spec(&self) -> &Rc<Spec> {
        &self.spec
    }

    /// Everything counted so far.
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// When the next event will happen, unless the run is over.
    pub fn next_at(&self) -> Option<Instant> {
        let next = if self.begun { self.queue.next_at() } else { Some(Instant::START) };
        next.filter(|&at| at <= self.horizon)
    }

    /// Handles the next event. `false` when the run is over.
    pub fn step(&mut self, log: &mut Log) -> bool {
        self.step_by(self.horizon, log)
    }

    /// Handles the next event unless it comes after a moment. `false` when it does, or the run is over.
    pub fn step_by(&mut self, moment: Instant, log: &mut Log) -> bool {
        self.ordinal += 1;
        if !self.begun {
            self.begin(log);
            return true;
        }
        if self.step_live(moment.min(self.horizon), log) {
            return true;
        }
        self.ordinal -= 1;
        false
    }

    /// Handles the next wake-up that still means something. Those before it that do not are
    /// cleared away with it; when there is none they stay, so that a world whose run is over is
    /// the same whether or not anyone has asked it for more.
    fn step_live(&mut self, until: Instant, log: &mut Log) -> bool {
        let mut stale: Vec<Due> = Vec::new();
        while let Some(due) = self.queue.pop(until) {
            if !self.is_live(&due.wake, due.at) {
                stale.push(due);
                continue;
            }
            if !stale.is_empty() {
                stale.into_iter().for_each(|old| self.handle(old.wake, log));
            }
            self.now = due.at;
            self.handle(due.wake, log);
            return true;
        }
        self.queue.put_back(stale, self.now);
        false
    }

    /// Whether a wake-up still means something: the timeout of a request that was answered does not.
    fn is_live(&self, wake: &Wake, at: Instant) -> bool {
        match *wake {
            Wake::Arrive { node, turn } => matches!(&self.nodes[node.index()], Node::Clients(c) if c.turn == turn),
            Wake::Think { node, user } => matches!(&self.nodes[node.index()], Node::Clients(c) if usize::from(user) < c.shares.len()),
            Wake::Deliver(message) => self.conns.get(message.conn).is_some_and(|c| !(c.cut && message.kind.is_forward())),
            Wake::Done { node, epoch, .. } => {
                matches!(&self.nodes[node.index()], Node::Backend(b) if b.epoch == epoch && b.health != Health::Hung)
            }
            Wake::Resume { flight } | Wake::Again { flight } => self.flights.get(flight).is_some_and(|f| f.phase == Phase::AtProxy),
            Wake::Timeout { flight } => self.flights.get(flight).is_some_and(|f| !f.ended),
            Wake::Computed { conn } => self.computes(conn),
            Wake::Idle { conn, seen } => self.is_idle_out(conn, seen, at),
            Wake::Waited { flight } => self.is_parked(flight),
            Wake::Check { node, pool, member, turn } => self.is_check_due(node, pool, member, turn),
            Wake::LetBack { node, pool, until } => self.is_back_due(node, pool, until),
            Wake::Script { .. } => true,
        }
    }

    /// Whether nothing more will happen before the end of the run.
    pub fn is_over(&self) -> bool {
        self.begun && !self.queue.wakes().any(|(at, wake)| at <= self.horizon && self.is_live(wake, at))
    }

    /// Runs to the end.
    pub fn run(&mut self, log: &mut Log) {
        while self.step(log) {}
    }

    fn begin(&mut self, log: &mut Log) {
        self.begun = true;
        self.note(log, NO_ROOT, Event::Began);
        for node in 0..self.nodes.len() {
            let id = NodeId::new(node);
            match self.nodes[node] {
                Node::Proxy(_) => self.warm_pools(id, log),
                Node::Clients(_) => self.begin_clients(id, log),
                _ => {}
            }
            self.watched(Moment::Began(id), log);
        }
        for (index, scripted) in self.spec.scenario.script.iter().enumerate() {
            self.queue.plan(scripted.at, Wake::Script { index: index as u16 });
        }
    }

    /// Handles a wake-up; one that no longer means anything does nothing.
    fn handle(&mut self, wake: Wake, log: &mut Log) {
        match wake {
            Wake::Arrive { node, turn } => self.arrive(node, turn, log),
            Wake::Think { node, user } => self.ask_again(node, user, log),
            Wake::Deliver(message) => self.deliver(message, log),
            Wake::Done { node, epoch, flight } => self.work_done(node, epoch, flight, log),
            Wake::Resume { flight } => self.resume(flight, log),
            Wake::Again { flight } => self.forward(flight, log),
            Wake::Timeout { flight } => self.time_out(flight, log),
            Wake::Computed { conn } => self.computed(conn, log),
            Wake::Idle { conn, seen } => self.idle_out(conn, seen, log),
            Wake::Waited { flight } => self.waited(flight, log),
            Wake::Check { node, pool, member, turn } => {
                self.watched(Moment::Check { node, pool, member, turn }, log);
            }
            Wake::LetBack { node, pool, .. } => {
                self.watched(Moment::LetBack { node, pool }, log);
            }
            Wake::Script { index } => {
                let kind = self.spec.scenario.script[usize::from(index)].kind.clone();
                self.act_as(&kind, true, log);
            }
        }
    }

    /// Takes an action now.
    ///
    /// # Errors
    /// A sentence that says why the action cannot be taken; nothing has changed then.
    pub fn act(&mut self, kind: &ActionKind, log: &mut Log) -> Result<(), String> {
        self.spec.settings(kind)?;
        self.act_as(kind, false, log);
        Ok(())
    }

    pub(crate) fn note(&self, log: &mut Log, root: u32, event: Event) {
        log.push(self.now, self.ordinal, root, event);
    }

    pub(crate) fn note_flight(&self, log: &mut Log, flight: FlightKey, event: impl FnOnce(u32) -> Event) {
        if log.is_on() {
            let Some(flight) = self.flights.get(flight) else { return };
            log.push(self.now, self.ordinal, flight.root, event(flight.serial));
        }
    }

    pub(crate) fn draw(&self, purpose: Purpose, id: u64, attempt: u32) -> Draw {
        Draw::new(self.seed, purpose, id, attempt)
    }

    /// The link between two nodes, made on first use.
    pub(crate) fn link_between(&mut self, a: NodeId, b: NodeId) -> LinkId {
        let ends = (a.min(b), a.max(b));
        if let Some(&id) = self.link_index.get(&ends) {
            return id;
        }
        let id = self.links.len() as LinkId;
        self.links.push(Link::new(ends.0, &self.spec.link(a, b)));
        self.link_index.get_or(ends, || id);
        id
    }

    pub(crate) fn plan_timeout(&mut self, flight: FlightKey, after: Duration) {
        if !after.is_zero() {
            self.queue.plan(after, Wake::Timeout { flight });
        }
    }
}
