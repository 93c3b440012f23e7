//! A balancer's pools: who is picked, and the connections to those who are.

use std::collections::VecDeque;
use std::rc::Rc;

use super::health::Watch;
use super::id::{ConnKey, FlightKey, NodeId};
use crate::policy::balance::{Ask, Balancer, Done, Label, Peer};
use crate::policy::decision::{Decisions, Occasion};
use crate::policy::pool::{self, Order, Rules};
use crate::scenario::{HashedBy, Pool, PoolNumber, Product, Reuse, Spec, Tls};
use crate::time::{Duration, Instant};

/// The connections of a pool, by the machine that decides about them.
pub(crate) type Store = pool::Pool<ConnKey, FlightKey>;

/// What a scenario says of a pool's connections.
fn rules(pool: &Pool) -> Rules {
    Rules {
        order: if pool.reuse == Reuse::Fifo { Order::Fifo } else { Order::Lifo },
        idle_timeout: pool.idle_timeout,
        max_requests: pool.max_requests,
        max_connections: pool.max_connections,
        max_waiting: pool.max_waiting,
        wait_timeout: pool.wait_timeout,
        ..Rules::per_member(pool.keepalive)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct PoolState {
    pub(crate) balancer: Balancer,
    pub(crate) by: Rc<HashedBy>,
    /// Its connections to its members.
    pub(crate) store: Store,
    pub(crate) tls: Tls,
    /// Who watches its members; nobody in most pools.
    pub(crate) watch: Option<Box<Watch>>,
    pub(crate) product: Product,
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
        let mut balancer = Balancer::made_by(spec.parts.policies, pool.policy, pool.options.clone(), pool.members.iter().map(member));
        if let Some(rule) = &pool.sticky {
            balancer.keep(spec.parts.keep, rule.clone());
        }
        Self {
            balancer,
            by: Rc::new(pool.by.clone()),
            store: Store::new(rules(pool)),
            tls: pool.tls,
            watch: None,
            product: pool.product,
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

    /// Sets a number of its connections; spans are in milliseconds.
    pub(crate) fn set_number(&mut self, which: PoolNumber, n: f64) {
        let mut rules = *self.store.rules();
        let span = Duration::from_micros_f64(n * 1_000.0);
        match which {
            PoolNumber::Keepalive => rules.max_idle = n as u32,
            PoolNumber::IdleTimeout => rules.idle_timeout = span,
            PoolNumber::MaxRequests => rules.max_requests = n as u32,
            PoolNumber::MaxConnections => rules.max_connections = n as u32,
            PoolNumber::MaxWaiting => rules.max_waiting = n as u32,
            PoolNumber::WaitTimeout => rules.wait_timeout = span,
        }
        self.store.set_rules(rules);
    }

    /// Sets which idle connection is used next.
    pub(crate) fn set_reuse(&mut self, reuse: Reuse) {
        let order = if reuse == Reuse::Fifo { Order::Fifo } else { Order::Lifo };
        self.store.set_rules(Rules { order, ..*self.store.rules() });
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
        if now < self.report_at || (self.reports.is_zero() && self.unreported.is_empty()) {
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
