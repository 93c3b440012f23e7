//! What each node is doing right now.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::rc::Rc;

use super::health::DocumentState;
use super::id::{ConnKey, FlightKey, NodeId};
use super::pairs::Pairs;
use super::pool::{Idle, PoolState};
use super::session::Session;
use crate::policy::limit::TokenBucket;
use crate::scenario::{
    Arrivals, Clients, ForwardedMode, Layer, LimitKey, Listener, Names, Protocol, Proxy, ReturnPath, Spec, StageKind, Tls, When,
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
    pub(crate) session: Session,
    /// The address that a resolver gave, and until when it holds.
    pub(crate) named: Option<(NodeId, Instant)>,
    /// Whether a resolver has been asked.
    pub(crate) asking: bool,
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
    pub(crate) tls: Tls,
    pub(crate) target: NodeId,
    /// Whether the target is a resolver, which says where to go.
    pub(crate) resolves: bool,
    /// How long they keep an address at least.
    pub(crate) hold: Duration,
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
    pub(crate) fn new(clients: &Clients, first_class: u16, target: NodeId, resolves: bool) -> Self {
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
            tls: clients.tls,
            target,
            resolves,
            hold: clients.hold,
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
pub(crate) struct ProxyState {
    pub(crate) layer: Layer,
    pub(crate) stages: Vec<StageState>,
    /// The order in which requests meet the stages.
    pub(crate) order: Vec<u8>,
    pub(crate) pools: Vec<PoolState>,
    /// Idle connections to services outside the pools, by the node that they lead to.
    pub(crate) idle: Idle,
    pub(crate) proxy_protocol: bool,
    pub(crate) listener: ListenerState,
    /// What it answers with, if it is a resolver.
    pub(crate) names: Option<Names>,
}

/// How a server treats the connections that it has accepted, as it stands now.
#[derive(Clone, Debug)]
pub(crate) struct ListenerState {
    pub(crate) set: Listener,
    /// When the core that computes handshakes is free again.
    pub(crate) free_at: Instant,
}

impl ListenerState {
    pub(crate) fn new(listener: &Listener) -> Self {
        Self { set: listener.clone(), free_at: Instant::START }
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
    Route {
        rules: Vec<(When, usize)>,
    },
    Forwarded {
        mode: ForwardedMode,
    },
    RealIp {
        trusted: u32,
    },
    Limit {
        key: LimitKey,
        rate: f64,
        burst: u32,
        buckets: Pairs<IpAddr, TokenBucket>,
    },
    Deny {
        when: When,
        status: u16,
    },
    Call {
        to: NodeId,
        timeout: Duration,
        work: Option<crate::scenario::Dist>,
    },
    Wait {
        hold: Duration,
    },
    Mirror {
        to: NodeId,
        percent: f64,
    },
    ByHost,
    Authenticate {
        header: Rc<str>,
        value: Rc<str>,
    },
    /// The shelf says until when the answer for a host and path is fresh.
    Store {
        keep: Duration,
        shelf: Pairs<(String, Rc<str>), Instant>,
    },
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
            StageKind::Authenticate { header, value } => {
                Self::Authenticate { header: header.as_str().into(), value: value.as_str().into() }
            }
            StageKind::Store { keep } => Self::Store { keep: *keep, shelf: Pairs::default() },
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
            listener: ListenerState::new(&proxy.listener),
            names: proxy.names,
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
    /// Whether it keeps nothing about its users for now, whatever `cold` says.
    pub(crate) stateless: bool,
    pub(crate) listener: ListenerState,
    pub(crate) document: Box<DocumentState>,
}

impl BackendState {
    /// Whether it keeps something about its users.
    pub(crate) const fn keeps_users(&self) -> bool {
        !self.stateless && !self.cold.is_zero()
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct SwitchState {
    pub(crate) receivers: Vec<NodeId>,
    pub(crate) flows: Pairs<NodeId, ConnKey>,
}
