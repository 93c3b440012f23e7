//! A balancer's pools: who is picked, and the connections to those who are.

use std::collections::VecDeque;
use std::rc::Rc;

use super::conn::Slot;
use super::id::{ConnKey, FlightKey, NodeId};
use crate::policy::balance::{Ask, Balancer, Done, Label, Options, Peer};
use crate::policy::decision::{Decisions, Occasion};
use crate::scenario::{HashedBy, Pool, PoolNumber, Reuse, Spec, Tls};
use crate::time::{Duration, Instant};

/// How a pool's connections to its members are opened, kept and closed, as it stands now.
#[derive(Clone, Debug)]
pub(crate) struct PoolLinks {
    pub(crate) tls: Tls,
    pub(crate) reuse: Reuse,
    pub(crate) keepalive: u32,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_requests: u32,
    pub(crate) max_connections: u32,
    pub(crate) max_waiting: u32,
    pub(crate) wait_timeout: Duration,
    pub(crate) members: Vec<MemberLinks>,
}

/// The connections to one member, and the requests that wait for one.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemberLinks {
    /// Idle connections, the one used last at the end.
    pub(crate) idle: VecDeque<ConnKey>,
    pub(crate) waiting: VecDeque<FlightKey>,
    /// Connections that are open, those being opened included.
    pub(crate) open: u32,
}

impl PoolLinks {
    fn new(pool: &Pool) -> Self {
        Self {
            tls: pool.tls,
            reuse: pool.reuse,
            keepalive: pool.keepalive,
            idle_timeout: pool.idle_timeout,
            max_requests: pool.max_requests,
            max_connections: pool.max_connections,
            max_waiting: pool.max_waiting,
            wait_timeout: pool.wait_timeout,
            members: vec![MemberLinks::default(); pool.members.len()],
        }
    }

    /// Whether a connection has done what it may, or is one too many.
    pub(crate) fn is_used_up(&self, slot: Option<Slot>, carried: u32) -> bool {
        let open = slot.map_or(0, |(_, member)| self.members[usize::from(member)].open);
        (self.max_requests > 0 && carried >= self.max_requests) || (self.max_connections > 0 && open > self.max_connections)
    }

    /// Whether another connection may be opened to a member.
    pub(crate) fn has_room(&self, (_, member): Slot) -> bool {
        self.max_connections == 0 || self.members[usize::from(member)].open < self.max_connections
    }

    /// Sets a number; spans are in milliseconds.
    pub(crate) fn set(&mut self, which: PoolNumber, n: f64) {
        let span = Duration::from_micros_f64(n * 1_000.0);
        match which {
            PoolNumber::Keepalive => self.keepalive = n as u32,
            PoolNumber::IdleTimeout => self.idle_timeout = span,
            PoolNumber::MaxRequests => self.max_requests = n as u32,
            PoolNumber::MaxConnections => self.max_connections = n as u32,
            PoolNumber::MaxWaiting => self.max_waiting = n as u32,
            PoolNumber::WaitTimeout => self.wait_timeout = span,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct PoolState {
    pub(crate) balancer: Balancer,
    pub(crate) by: Rc<HashedBy>,
    pub(crate) links: PoolLinks,
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
        let options = Options { persist: pool.sticky.clone().map(Rc::new), ..pool.options.clone() };
        Self {
            balancer: Balancer::made_by(spec.policies, pool.policy, options, pool.members.iter().map(member)),
            by: Rc::new(pool.by.clone()),
            links: PoolLinks::new(pool),
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

    /// The node of a member.
    pub(crate) fn node_of(&self, member: u16) -> NodeId {
        self.balancer.table().peers()[usize::from(member)].node
    }

    /// Picks a member, by index and node, which has the request or connection from now on.
    pub(crate) fn pick(
        &mut self,
        ask: &Ask<'_>,
        stick: Option<&str>,
        occasion: &Occasion,
        decisions: &mut Decisions,
    ) -> Option<(u16, NodeId)> {
        self.report(occasion.at);
        let index = self.balancer.pick_for(ask, stick, occasion, decisions)?;
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

/// Idle connections by the index of the node that they lead to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Idle(Vec<VecDeque<ConnKey>>);

impl Idle {
    pub(crate) fn to(&mut self, node: NodeId) -> &mut VecDeque<ConnKey> {
        if self.0.len() <= node.index() {
            self.0.resize_with(node.index() + 1, VecDeque::new);
        }
        &mut self.0[node.index()]
    }
}
