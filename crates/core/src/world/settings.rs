//! Turning knobs and switching faults in a running world.

use std::rc::Rc;

use super::World;
use super::health::{DocumentState, Moment};
use super::id::NodeId;
use super::log::Log;
use super::pool::PoolState;
use super::state::{BackendState, ClientsState, ForwarderState, Health, ListenerState, Node, ProxyState, StageDoing, SwitchState};
use crate::policy::decision::Standing;
use crate::scenario::{ActionKind, Delivery, Effect, Field, MOST_WEIGHT, MemberState, Names, NodeKind, Setting, Spec, Target};
use crate::time::{Duration, Instant};

impl World {
    pub(super) fn nodes_of(spec: &Spec) -> Vec<Node> {
        let scenario = &spec.scenario;
        let id = |name: &str| spec.id(name).unwrap_or_default();
        let node = |node: &crate::scenario::NodeSpec| match node.kind {
            NodeKind::Clients(i) => {
                let clients = &scenario.clients[i];
                let first: usize = scenario.clients[..i].iter().map(|c| c.requests.len()).sum();
                let target = id(&clients.target);
                let resolves = spec.node(target).names().is_some();
                Node::Clients(Box::new(ClientsState::new(clients, first as u16, target, resolves)))
            }
            NodeKind::Proxy(i) => Node::Proxy(Box::new(ProxyState::new(&scenario.proxies[i], spec))),
            NodeKind::Forwarder(i) => {
                let forwarder = &scenario.forwarders[i];
                Node::Forwarder(Box::new(ForwarderState { returns: forwarder.returns, pool: PoolState::new(&forwarder.pool, spec) }))
            }
            NodeKind::Backend(i) => {
                let b = &scenario.backends[i];
                Node::Backend(Box::new(BackendState {
                    health: Health::Up,
                    present: !b.absent,
                    workers: b.workers,
                    queue: b.queue,
                    speed: b.speed,
                    slow: 1.0,
                    busy: 0,
                    waiting: Default::default(),
                    frozen: Vec::new(),
                    epoch: 0,
                    cold: b.cold,
                    stateless: false,
                    listener: ListenerState::new(&b.listener),
                    document: Box::new(DocumentState::new(&b.health, b.health.deep.iter().map(|name| id(name)).collect())),
                }))
            }
            NodeKind::Switch(i) => {
                let switch = &scenario.switches[i];
                let names = if switch.delivery == Delivery::Broadcast { &switch.attached } else { &switch.group };
                Node::Switch(Box::new(SwitchState { receivers: names.iter().map(|n| id(n)).collect(), flows: Default::default() }))
            }
        };
        spec.nodes.iter().map(node).collect()
    }

    /// Sets every knob's default and takes absent servers out of their pools.
    pub(super) fn set_defaults(&mut self) {
        let spec = Rc::clone(&self.spec);
        for (index, knob) in spec.scenario.knobs.iter().enumerate() {
            // Defaults were checked when the scenario was compiled.
            for (target, setting) in spec.knob_settings(index, &knob.kind.default_value()).unwrap_or_default() {
                self.set(&target, &setting, &mut Log::default());
            }
        }
        for backend in spec.scenario.backends.iter().filter(|b| b.absent) {
            if let Some(node) = spec.id(&backend.name) {
                self.set_standing(node, Standing::Absent);
            }
        }
    }

    pub(super) fn act_as(&mut self, kind: &ActionKind, scripted: bool, log: &mut Log) {
        log.push_action(self.now, self.ordinal, kind, scripted);
        match kind {
            ActionKind::Set { .. } => {
                for (target, setting) in self.spec.settings(kind).unwrap_or_default() {
                    self.set(&target, &setting, log);
                }
            }
            ActionKind::Fault { id, on } => {
                let spec = Rc::clone(&self.spec);
                let Some(index) = spec.scenario.faults.iter().position(|f| f.id == *id) else { return };
                if self.faults[index] != *on {
                    self.faults[index] = *on;
                    self.take_effect(&spec.scenario.faults[index].effect, *on, log);
                }
            }
        }
    }

    /// Whether a fault is on.
    pub fn fault_is_on(&self, id: &str) -> bool {
        let index = self.spec.scenario.faults.iter().position(|f| f.id == id);
        index.is_some_and(|i| self.faults[i])
    }

    fn take_effect(&mut self, effect: &Effect, on: bool, log: &mut Log) {
        let id = |world: &Self, name: &str| world.spec.id(name).unwrap_or_default();
        match effect {
            Effect::Kill { node } => {
                let node = id(self, node);
                if on {
                    self.kill(node, log);
                } else if let Some(b) = self.backend(node) {
                    b.health = Health::Up;
                    self.started(node);
                }
                self.set_wrong(node, on);
            }
            Effect::Hang { node } => {
                let node = id(self, node);
                if !on {
                    self.thaw(node, log);
                } else if let Some(b) = self.backend(node).filter(|b| b.health != Health::Killed) {
                    b.health = Health::Hung;
                }
                self.set_wrong(node, on);
            }
            Effect::Slow { node, factor } => {
                let node = id(self, node);
                if let Some(b) = self.backend(node) {
                    b.slow = if on { factor.max(0.001) } else { 1.0 };
                }
                self.set_wrong(node, on);
            }
            Effect::Fail { node, percent } => {
                let node = id(self, node);
                if let Some(b) = self.backend(node) {
                    b.document.fails = if on { *percent } else { 0.0 };
                }
                self.set_wrong(node, on);
            }
            Effect::Lossy { from, to, percent } => {
                let link = self.link_between(id(self, from), id(self, to));
                self.links[usize::from(link)].fault_loss = if on { percent / 100.0 } else { 0.0 };
            }
            // One that joined is taken off the list again: hashes are counted without it. One that
            // leaves stays on the list, as with nginx `down` and HAProxy `drain`.
            Effect::Join { node } => self.set_present(id(self, node), on, Standing::Absent),
            Effect::Leave { node } => self.set_present(id(self, node), !on, Standing::Draining),
        }
    }

    fn set_present(&mut self, node: NodeId, present: bool, otherwise: Standing) {
        let joins = self.backend(node).is_some_and(|b| present && !b.present);
        if joins {
            self.started(node);
        }
        if let Some(b) = self.backend(node) {
            // One that leaves finishes what it has; only a server that never joined refuses.
            b.present = b.present || present;
        }
        self.set_standing(node, if present { Standing::Eligible } else { otherwise });
    }

    fn set_standing(&mut self, member: NodeId, standing: Standing) {
        let pools = self.nodes.iter_mut().flat_map(|node| match node {
            Node::Proxy(proxy) => proxy.pools.iter_mut().collect(),
            Node::Forwarder(forwarder) => vec![&mut forwarder.pool],
            _ => Vec::new(),
        });
        let now = self.now;
        for pool in pools {
            pool.balancer.set_standing_of(member, standing, now);
        }
        self.watched(Moment::Moved { member, joined: standing == Standing::Eligible }, &mut Log::default());
    }

    fn set(&mut self, target: &Target, setting: &Setting, log: &mut Log) {
        let node = target.node;
        match (&target.field, setting) {
            (Field::Header { class, name }, Setting::Text(text)) => {
                let index = self.class_index(node, *class);
                let headers = Rc::make_mut(&mut self.classes[index].headers);
                if text.is_empty() { headers.remove(name) } else { headers.set(name, text.clone()) }
            }
            (Field::Path { class }, Setting::Text(text)) => {
                let index = self.class_index(node, *class);
                self.classes[index].path = text.as_str().into();
            }
            (Field::LinkLatency { other }, Setting::Number(ms)) => {
                self.link_mut(node, *other).latency = Duration::from_micros_f64(ms * 1_000.0);
            }
            (Field::LinkLoss { other }, Setting::Number(percent)) => self.link_mut(node, *other).loss = percent / 100.0,
            (Field::LinkRate { other }, Setting::Number(mbit)) => self.link_mut(node, *other).set_rate(*mbit),
            (&Field::Health { pool, of }, &Setting::Number(to)) => {
                self.watched(Moment::Turned { node, pool: pool as u16, of, to }, log);
            }
            _ => self.set_node(node, &target.field, setting, log),
        }
    }

    fn set_node(&mut self, node: NodeId, field: &Field, setting: &Setting, log: &mut Log) {
        let weights = match self.spec.node(node).kind {
            NodeKind::Clients(i) => self.spec.scenario.clients[i].weights.clone(),
            _ => Vec::new(),
        };
        let now = self.now;
        match &mut self.nodes[node.index()] {
            Node::Clients(clients) => {
                set_clients(clients, field, setting, &weights);
                if matches!(field, Field::Users) && self.begun {
                    self.wake_users(node);
                }
                if matches!(field, Field::Rate) && self.begun {
                    // What was planned at the old rate no longer holds.
                    self.replan(node);
                }
            }
            Node::Proxy(proxy) => {
                set_proxy(proxy, field, setting, now);
                if let Field::MemberState { pool, .. } = *field {
                    self.watched(Moment::Stated { node, pool: pool as u16 }, log);
                    return;
                }
                if let Field::PoolNumber { pool, .. } = *field {
                    self.settle(node, pool as u16, log);
                }
            }
            Node::Forwarder(forwarder) => match (field, setting) {
                (Field::Returns, Setting::Returns(returns)) => forwarder.returns = *returns,
                _ => set_pool(&mut forwarder.pool, field, setting, now),
            },
            Node::Backend(backend) => {
                set_backend(backend, field, setting);
                self.start_waiting(node, log);
            }
            Node::Switch(_) => {}
        }
    }

    fn replan(&mut self, node: NodeId) {
        if let Node::Clients(clients) = &mut self.nodes[node.index()] {
            clients.turn += 1;
        }
        self.plan_arrival(node, Duration::ZERO);
    }

    fn class_index(&self, clients: NodeId, class: usize) -> usize {
        self.spec.classes.iter().position(|c| c.clients == clients).unwrap_or(0) + class
    }

    fn link_mut(&mut self, a: NodeId, b: NodeId) -> &mut super::link::Link {
        let link = self.link_between(a, b);
        &mut self.links[usize::from(link)]
    }
}

fn set_clients(clients: &mut ClientsState, field: &Field, setting: &Setting, weights: &[u32]) {
    match (field, setting) {
        (Field::Rate, Setting::Number(rate)) => clients.rate = *rate,
        (Field::Users, Setting::Number(n)) => clients.set_users(*n as u32, weights),
        (Field::Connections, Setting::Number(n)) => clients.connections = (*n as u32).max(1),
        (Field::RequestsPerConnection, Setting::Number(n)) => clients.per_connection = *n as u32,
        (Field::ClientTimeout, Setting::Number(ms)) => clients.timeout = Duration::from_micros_f64(ms * 1_000.0),
        (Field::Protocol, Setting::Protocol(protocol)) => clients.protocol = *protocol,
        (Field::ClientTls, Setting::Tls(tls)) => clients.tls = *tls,
        (Field::AddressHold, Setting::Number(ms)) => clients.hold = Duration::from_micros_f64(ms * 1_000.0),
        _ => {}
    }
}

fn set_proxy(proxy: &mut ProxyState, field: &Field, setting: &Setting, now: Instant) {
    match (field, setting) {
        (Field::Layer, Setting::Layer(layer)) => proxy.layer = *layer,
        (Field::ProxyProtocol, Setting::Flag(on)) => proxy.proxy_protocol = *on,
        (Field::NameTtl, Setting::Number(ms)) => proxy.names = Some(Names { ttl: Duration::from_micros_f64(ms * 1_000.0) }),
        (Field::StageOrder, Setting::Order(order)) => proxy.order = order.iter().map(|&i| i as u8).collect(),
        (
            Field::Policy { pool }
            | Field::Retries { pool }
            | Field::PoolTimeout { pool }
            | Field::Reports { pool }
            | Field::PoolNumber { pool, .. }
            | Field::PoolTls { pool }
            | Field::Reuse { pool }
            | Field::MemberState { pool, .. }
            | Field::Sticky { pool, .. }
            | Field::Weight { pool, .. },
            _,
        ) => {
            set_pool(&mut proxy.pools[*pool], field, setting, now);
        }
        (Field::StageOn { stage }, Setting::Flag(on)) => proxy.stages[*stage].on = *on,
        (Field::ListenerIdle | Field::ListenerRequests, _) => set_listener(&mut proxy.listener, field, setting),
        _ => set_stage(proxy, field, setting),
    }
}

fn set_pool(pool: &mut PoolState, field: &Field, setting: &Setting, now: Instant) {
    match (field, setting) {
        (Field::Policy { .. }, Setting::Policy(kind)) if pool.balancer.kind() != *kind => {
            pool.balancer.follow(*kind);
        }
        (Field::Retries { .. }, Setting::Number(n)) => pool.retries = *n as u32,
        (Field::PoolTimeout { .. }, Setting::Number(ms)) => pool.timeout = Duration::from_micros_f64(ms * 1_000.0),
        (Field::Reports { .. }, Setting::Number(ms)) => pool.report_every(Duration::from_micros_f64(ms * 1_000.0), now),
        (Field::PoolNumber { of, .. }, Setting::Number(n)) => pool.set_number(*of, *n),
        (Field::PoolTls { .. }, Setting::Tls(tls)) => pool.tls = *tls,
        (Field::Reuse { .. }, Setting::Reuse(reuse)) => pool.set_reuse(*reuse),
        (Field::MemberState { member, .. }, Setting::State(state)) => {
            let standing = match state {
                MemberState::Ready => Standing::Eligible,
                MemberState::Drain => Standing::Draining,
                MemberState::Maint => Standing::Maintenance,
            };
            // Who has not joined is in no state.
            if pool.balancer.table().peers()[*member].standing != Standing::Absent {
                pool.balancer.set_standing(*member, standing, now);
            }
        }
        (Field::Sticky { of, .. }, _) => {
            let Some(kept) = pool.balancer.persistence_mut() else { return };
            match setting {
                Setting::Stick(way) => kept.set_method(*way),
                Setting::Flag(on) => kept.set(*of, f64::from(*on)),
                Setting::Number(n) => kept.set(*of, *n),
                _ => {}
            }
        }
        (Field::Weight { member, .. }, Setting::Number(n)) => pool.balancer.set_weight(*member, (*n as u32).min(MOST_WEIGHT), now),
        _ => {}
    }
}

fn set_stage(proxy: &mut ProxyState, field: &Field, setting: &Setting) {
    let index = match field {
        Field::Rules { stage }
        | Field::Mode { stage }
        | Field::Trusted { stage }
        | Field::LimitRate { stage }
        | Field::Burst { stage }
        | Field::Key { stage }
        | Field::Status { stage }
        | Field::Hold { stage }
        | Field::Percent { stage } => *stage,
        _ => return,
    };
    match (&mut proxy.stages[index].kind, field, setting) {
        (StageDoing::Route { rules }, Field::Rules { .. }, Setting::Rules(new)) => rules.clone_from(new),
        (StageDoing::Forwarded { mode }, Field::Mode { .. }, Setting::Mode(new)) => *mode = *new,
        (StageDoing::RealIp { trusted }, Field::Trusted { .. }, Setting::Number(n)) => *trusted = *n as u32,
        (StageDoing::Limit { rate, .. }, Field::LimitRate { .. }, Setting::Number(n)) => *rate = *n,
        (StageDoing::Limit { burst, .. }, Field::Burst { .. }, Setting::Number(n)) => *burst = *n as u32,
        (StageDoing::Limit { key, .. }, Field::Key { .. }, Setting::Key(new)) => *key = *new,
        (StageDoing::Deny { status, .. }, Field::Status { .. }, Setting::Number(n)) => *status = *n as u16,
        (StageDoing::Wait { hold }, Field::Hold { .. }, Setting::Number(ms)) => *hold = Duration::from_micros_f64(ms * 1_000.0),
        (StageDoing::Mirror { percent, .. }, Field::Percent { .. }, Setting::Number(n)) => *percent = *n,
        _ => {}
    }
}

fn set_listener(listener: &mut ListenerState, field: &Field, setting: &Setting) {
    match (field, setting) {
        (Field::ListenerIdle, Setting::Number(ms)) => listener.set.idle = Duration::from_micros_f64(ms * 1_000.0),
        (Field::ListenerRequests, Setting::Number(n)) => listener.set.requests = *n as u32,
        _ => {}
    }
}

fn set_backend(backend: &mut BackendState, field: &Field, setting: &Setting) {
    match (field, setting) {
        (Field::Workers, Setting::Number(n)) => backend.workers = (*n as u32).max(1),
        (Field::Speed, Setting::Number(n)) => backend.speed = n.max(0.001),
        (Field::Queue, Setting::Number(n)) => backend.queue = *n as u32,
        (Field::ReadyAfter, Setting::Number(ms)) => backend.document.ready_after = Duration::from_micros_f64(ms * 1_000.0),
        (Field::Deep, Setting::Flag(on)) => backend.document.deep = *on,
        (Field::Lies, Setting::Flag(on)) => backend.document.lies = *on,
        (Field::Stateless, Setting::Flag(on)) => backend.stateless = *on,
        _ => set_listener(&mut backend.listener, field, setting),
    }
}
