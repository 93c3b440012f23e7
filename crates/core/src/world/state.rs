//! What each node is doing right now.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::rc::Rc;

use super::id::{ConnKey, FlightKey, NodeId};
use super::pairs::Pairs;
use crate::policy::balance::{Ask, Balancer, Done, Label, Peer};
use crate::policy::decision::{Decisions, Occasion};
use crate::policy::limit::TokenBucket;
use crate::scenario::{
    Arrivals, Clients, ForwardedMode, HashedBy, Layer, LimitKey, Pool, Protocol, Proxy, ReturnPath, Spec, StageKind, When,
};
use crate::time::{Duration, Instant};

/// A node's state, by kind.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Clients(Box<ClientsState>),
    Proxy(Box<ProxyState>),
    Forwarder(Box<ForwarderState>),
    Backend(Box<BackendState>),
    Switch(Box<SwitchState>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct User {
    pub(crate) conns: Vec<ConnKey>,
    pub(crate) waiting: VecDeque<FlightKey>,
    pub(crate) asked: u64,
    /// Whether a closed loop has its next request planned or under way.
    pub(crate) thinking: bool,
    /// The server that served them last and knows them, with its epoch.
    pub(crate) known_at: Option<(NodeId, u16)>,
}

#[derive(Clone, Debug)]
pub(crate) struct ClientsState {
    pub(crate) users: Vec<User>,
    /// Running sums of the users' weights.
    pub(crate) shares: Vec<u64>,
    /// Running sums of the classes' weights.
    pub(crate) mix: Vec<u64>,
    pub(crate) first_class: u16,
    /// Requests per second over all users; for open loops.
    pub(crate) rate: f64,
    pub(crate) protocol: Protocol,
    pub(crate) connections: u32,
    pub(crate) per_connection: u32,
    pub(crate) timeout: Duration,
    pub(crate) target: NodeId,
    /// Arrivals so far.
    pub(crate) asked: u64,
    /// Grows when what was planned no longer holds.
    pub(crate) turn: u32,
}

fn running_sums(weights: impl Iterator<Item = u32>) -> Vec<u64> {
    weights
        .scan(0u64, |sum, weight| {
            *sum += u64::from(weight);
            Some(*sum)
        })
        .collect()
}

impl ClientsState {
    pub(crate) fn new(clients: &Clients, first_class: u16, target: NodeId) -> Self {
        let rate = match clients.arrivals {
            Arrivals::Poisson { rate } | Arrivals::Even { rate } => rate,
            Arrivals::Closed { .. } | Arrivals::At { .. } => 0.0,
        };
        let mut state = Self {
            users: Vec::new(),
            shares: Vec::new(),
            mix: running_sums(clients.requests.iter().map(|c| c.weight)),
            first_class,
            rate,
            protocol: clients.protocol,
            connections: clients.connections,
            per_connection: clients.requests_per_connection,
            timeout: clients.timeout,
            target,
            asked: 0,
            turn: 0,
        };
        state.set_users(clients.users, &clients.weights);
        state
    }

    /// Users past the new number keep what they have under way, but ask no more.
    pub(crate) fn set_users(&mut self, users: u32, weights: &[u32]) {
        let users = users.clamp(1, 60_000) as usize;
        if self.users.len() < users {
            self.users.resize_with(users, User::default);
        }
        self.shares = running_sums((0..users).map(|i| weights.get(i).copied().unwrap_or(1)));
    }
}

#[derive(Clone, Debug)]
pub(crate) struct PoolState {
    pub(crate) balancer: Balancer,
    pub(crate) by: Rc<HashedBy>,
    pub(crate) keepalive: usize,
    pub(crate) retries: u32,
    pub(crate) timeout: Duration,
    reports: Duration,
    /// When the policy learns what it does not know yet.
    report_at: Instant,
    /// What members have begun (`None`) and ended since the last report.
    unreported: Vec<(u16, Option<Done>)>,
}

impl PoolState {
    pub(crate) fn new(pool: &Pool, spec: &Spec) -> Self {
        let member = |m: &crate::scenario::Member| {
            // The compiler has checked that every member exists.
            let node = spec.id(&m.node).unwrap_or_default();
            let label = Label { name: m.node.as_str().into(), address: format!("{}:80", spec.node(node).address).into() };
            let (backup, most_active) = (m.backup, m.max_active);
            let peer = Peer { backup, most_active, max_fails: m.max_fails, fail_timeout: m.fail_timeout, ..Peer::new(node, m.weight) };
            (peer, label)
        };
        Self {
            balancer: Balancer::made_by(spec.policies, pool.policy, pool.options.clone(), pool.members.iter().map(member)),
            by: Rc::new(pool.by.clone()),
            keepalive: pool.keepalive as usize,
            retries: pool.retries,
            timeout: pool.timeout,
            reports: pool.reports,
            report_at: Instant::START,
            unreported: Vec::new(),
        }
    }

    /// Sets how often the policy learns what its members have in hand.
    pub(crate) fn report_every(&mut self, reports: Duration, now: Instant) {
        (self.reports, self.report_at) = (reports, now);
        self.report(now);
    }

    /// Picks a member, by index and node, which has the request or connection from now on.
    pub(crate) fn pick(&mut self, ask: &Ask<'_>, occasion: &Occasion, decisions: &mut Decisions) -> Option<(u16, NodeId)> {
        self.report(occasion.at);
        let index = self.balancer.pick(ask, occasion, decisions)?;
        self.note(index as u16, None, occasion.at);
        Some((index as u16, self.balancer.table().peers()[index].node))
    }

    /// A member is done with a request or connection.
    pub(crate) fn end(&mut self, member: u16, done: Done, now: Instant) {
        self.note(member, Some(done), now);
    }

    fn note(&mut self, member: u16, ended: Option<Done>, now: Instant) {
        if self.reports.is_zero() {
            self.tell(member, ended, now);
        } else {
            self.unreported.push((member, ended));
        }
    }

    /// Once in each span the policy learns everything that has happened since the last time.
    fn report(&mut self, now: Instant) {
        if now < self.report_at {
            return;
        }
        if let Some(rest) = now.as_micros().checked_rem(self.reports.as_micros()) {
            self.report_at = Instant(now.as_micros() - rest) + self.reports;
        }
        for (member, ended) in core::mem::take(&mut self.unreported) {
            self.tell(member, ended, now);
        }
    }

    fn tell(&mut self, member: u16, ended: Option<Done>, now: Instant) {
        match ended {
            None => self.balancer.begin(usize::from(member), now),
            Some(done) => self.balancer.end(usize::from(member), done, now),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ProxyState {
    pub(crate) layer: Layer,
    pub(crate) stages: Vec<StageState>,
    /// The order in which requests meet the stages.
    pub(crate) order: Vec<u8>,
    pub(crate) pools: Vec<PoolState>,
    /// Idle connections by the node that they lead to.
    pub(crate) idle: Idle,
    pub(crate) proxy_protocol: bool,
}

/// Idle connections by the index of the node that they lead to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Idle(Vec<Vec<ConnKey>>);

impl Idle {
    pub(crate) fn to(&mut self, node: NodeId) -> &mut Vec<ConnKey> {
        if self.0.len() <= node.index() {
            self.0.resize_with(node.index() + 1, Vec::new);
        }
        &mut self.0[node.index()]
    }
}

#[derive(Clone, Debug)]
pub(crate) struct StageState {
    pub(crate) on: bool,
    pub(crate) kind: StageDoing,
}

/// What a stage does, with its names resolved and its state.
#[derive(Clone, Debug)]
pub(crate) enum StageDoing {
    Route { rules: Vec<(When, usize)> },
    Forwarded { mode: ForwardedMode },
    RealIp { trusted: u32 },
    Limit { key: LimitKey, rate: f64, burst: u32, buckets: Pairs<IpAddr, TokenBucket> },
    Deny { when: When, status: u16 },
    Call { to: NodeId, timeout: Duration, work: Option<crate::scenario::Dist> },
    Wait { hold: Duration },
    Mirror { to: NodeId, percent: f64 },
    ByHost,
}

impl StageDoing {
    fn new(kind: &StageKind, proxy: &Proxy, spec: &Spec) -> Self {
        let node = |name: &str| spec.id(name).unwrap_or_default();
        match kind {
            StageKind::Route { rules } => {
                let index = |name: &str| proxy.pools.iter().position(|p| p.name == name).unwrap_or(0);
                Self::Route { rules: rules.iter().map(|r| (r.when.clone(), index(&r.pool))).collect() }
            }
            StageKind::Forwarded { mode } => Self::Forwarded { mode: *mode },
            StageKind::RealIp { trusted } => Self::RealIp { trusted: *trusted },
            StageKind::Limit { key, rate, burst } => Self::Limit { key: *key, rate: *rate, burst: *burst, buckets: Pairs::default() },
            StageKind::Deny { when, status } => Self::Deny { when: when.clone(), status: *status },
            StageKind::Call { to, timeout, work } => Self::Call { to: node(to), timeout: *timeout, work: work.clone() },
            StageKind::Wait { hold } => Self::Wait { hold: *hold },
            StageKind::Mirror { to, percent } => Self::Mirror { to: node(to), percent: *percent },
            StageKind::ByHost => Self::ByHost,
        }
    }
}

impl ProxyState {
    pub(crate) fn new(proxy: &Proxy, spec: &Spec) -> Self {
        Self {
            layer: proxy.layer,
            stages: proxy.stages.iter().map(|s| StageState { on: s.on, kind: StageDoing::new(&s.kind, proxy, spec) }).collect(),
            order: (0..proxy.stages.len() as u8).collect(),
            pools: proxy.pools.iter().map(|p| PoolState::new(p, spec)).collect(),
            idle: Idle::default(),
            proxy_protocol: proxy.proxy_protocol,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ForwarderState {
    pub(crate) returns: ReturnPath,
    pub(crate) pool: PoolState,
}

/// Whether a backend is well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It works.
    #[default]
    Up,
    /// The process is gone: connections are refused.
    Killed,
    /// It takes everything and answers nothing.
    Hung,
}

#[derive(Clone, Debug)]
pub(crate) struct BackendState {
    pub(crate) health: Health,
    pub(crate) present: bool,
    pub(crate) workers: u32,
    pub(crate) queue: u32,
    pub(crate) speed: f64,
    /// How many times slower a fault makes it.
    pub(crate) slow: f64,
    pub(crate) busy: u32,
    pub(crate) waiting: VecDeque<FlightKey>,
    /// Work that would have been done had the process not hung.
    pub(crate) frozen: Vec<FlightKey>,
    /// Grows when it is killed, so that what its workers had begun is void.
    pub(crate) epoch: u16,
    /// The work that a user brings who was last served elsewhere.
    pub(crate) cold: Duration,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct SwitchState {
    pub(crate) receivers: Vec<NodeId>,
    pub(crate) flows: Pairs<NodeId, ConnKey>,
}
