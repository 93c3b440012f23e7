//! Balancing: which member of a pool gets the next request or connection.
//!
//! A policy is one small state machine behind [`Policy`]. A [`Balancer`] is a policy with the
//! table of its members; whoever has one says what changes about them, and the policy is told.

#![cfg_attr(not(feature = "every-policy"), allow(dead_code, unused_imports, reason = "the linker leaves out what only other policies use"))]

pub mod apache;
mod bounded;
pub mod caddy;
pub mod envoy;
mod fewest;
mod first;
pub mod haproxy;
mod hash;
mod kind;
mod least_bandwidth;
mod least_time;
mod naive;
pub mod nginx;
mod note;
mod options;
mod peak_ewma;
mod picture;
mod random;
mod ranks;
mod ring;
mod round_robin;
mod shares;
mod slow_start;
mod table;
pub mod varnish;

use super::decision::{Decisions, Occasion, Reason, Score, Standing};
use crate::time::Instant;
use crate::world::NodeId;

pub use bounded::Bounded;
pub use first::First;
pub use kind::PolicyKind;
pub use least_bandwidth::LeastBandwidth;
pub use least_time::LeastTime;
pub use naive::Naive;
pub use note::{Ask, Key, Note};
pub use options::Options;
pub use peak_ewma::PeakEwma;
pub use picture::{LookUp, Picture, RingPicture};
pub use random::Random;
pub use round_robin::RoundRobin;
pub use slow_start::SlowStart;
pub use table::{Change, Done, Label, Peer, Table};

/// A policy: a state machine that picks a member.
pub trait Policy {
    /// Picks a member, by index, and writes the decision down with [`Note::decide`]. `None` when
    /// nobody may be picked.
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize>;

    /// Learns what has changed about a member. Policies that look at every member each time need
    /// not listen.
    fn told(&mut self, _table: &Table, _index: usize, _change: Change, _at: Instant) {}
}

/// Lists the state machines once: each has the name of its kind, and is made from the options
/// and the table. Those of the second list are there for the recordings, the package and native
/// runs: every visitor would download them, and no lab has them.
macro_rules! machines {
    (
        in the browser { $($kind:ident($machine:ty) = $make:expr;)* }
        elsewhere { $($other:ident($other_machine:ty) = $other_make:expr;)* }
    ) => {
        #[derive(Clone, Debug)]
        enum Machine {
            $($kind($machine),)*
            $(#[cfg(feature = "every-policy")] $other($other_machine),)*
        }

        impl PolicyKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)* $(Self::$other,)*];

            /// Those that a lab of a lesson may have; the others are not in the browser.
            pub const IN_LABS: &'static [Self] = &[$(Self::$kind,)*];
        }

        impl Machine {
            fn new(kind: PolicyKind, options: &Options, table: &Table) -> Self {
                match kind {
                    $(PolicyKind::$kind => Self::$kind($make(options, table)),)*
                    $(#[cfg(feature = "every-policy")] PolicyKind::$other => Self::$other($other_make(options, table)),)*
                    // The checks of a lesson refuse these kinds in a lab.
                    #[cfg(not(feature = "every-policy"))]
                    _ => Self::RoundRobin(RoundRobin::new(options)),
                }
            }

            const fn kind(&self) -> PolicyKind {
                match self {
                    $(Self::$kind(_) => PolicyKind::$kind,)*
                    $(#[cfg(feature = "every-policy")] Self::$other(_) => PolicyKind::$other,)*
                }
            }

            fn policy(&mut self) -> &mut dyn Policy {
                match self {
                    $(Self::$kind(policy) => policy,)*
                    $(#[cfg(feature = "every-policy")] Self::$other(policy) => policy,)*
                }
            }
        }
    };
}

machines! {
    in the browser {
        RoundRobin(RoundRobin) = |options, _| RoundRobin::new(options);
        WeightedRoundRobin(nginx::Smooth) = |_, table| nginx::Smooth::new(table);
        LeastConn(nginx::LeastConn) = |_, table| nginx::LeastConn::new(table);
        IpHash(nginx::IpHash) = |_, table| nginx::IpHash::new(table);
        Random(Random) = |_, _| Random::new();
        HashModulo(nginx::Modulo) = |_, table| nginx::Modulo::new(table);
        Ketama(nginx::Ketama) = |_, table| nginx::Ketama::new(table);
        RandomTwo(nginx::RandomTwo) = |_, table| nginx::RandomTwo::new(table);
        Rendezvous(caddy::Rendezvous) = |_, _| caddy::Rendezvous;
        Maglev(envoy::Maglev) = |options, _| envoy::Maglev::new(options);
        NaiveWeighted(Naive) = |_, _| Naive::new();
        SlowStart(SlowStart) = SlowStart::new;
        LeastTime(LeastTime) = |_, table| LeastTime::new(table);
        PeakEwma(PeakEwma) = PeakEwma::new;
        BoundedLoad(Bounded) = |options, _| Bounded::new(options);
        LeastBandwidth(LeastBandwidth) = |_, table| LeastBandwidth::new(table);
    }
    elsewhere {
        First(First) = First::new;
        LeastRequests(caddy::LeastRequests) = |_, table| caddy::LeastRequests::new(table);
        LeastBusy(apache::ByBusyness) = |_, _| apache::ByBusyness::default();
        Cookie(caddy::Cookie) = |options, _| caddy::Cookie::new(options);
        HashFraction(varnish::DirectorHash) = |_, _| varnish::DirectorHash::new();
        Shard(varnish::Shard) = |options, _| varnish::Shard::new(options);
        RingHash(envoy::RingHash) = |options, _| envoy::RingHash::new(options);
        HaproxyRoundRobin(haproxy::Way) = |options, table| haproxy::Way::new(haproxy::Method::RoundRobin, options, table);
        HaproxyStaticRoundRobin(haproxy::Way) = |options, table| haproxy::Way::new(haproxy::Method::StaticRoundRobin, options, table);
        HaproxyLeastConn(haproxy::Way) = |options, table| haproxy::Way::new(haproxy::Method::LeastConn, options, table);
        HaproxyFirst(haproxy::Way) = |options, table| haproxy::Way::new(haproxy::Method::First, options, table);
        HaproxyRandom(haproxy::Way) = |options, table| haproxy::Way::new(haproxy::Method::Random { draws: 2 }, options, table);
        HaproxyHashMap(haproxy::Way) = |options, table| haproxy::Way::new(haproxy::Method::HashMap, options, table);
        HaproxyHashRing(haproxy::Way) = |options, table| haproxy::Way::new(haproxy::Method::HashRing, options, table);
    }
}

/// A policy and the members among whom it picks.
#[derive(Clone, Debug)]
pub struct Balancer {
    machine: Machine,
    options: Options,
    table: Table,
}

impl Balancer {
    /// A fresh state machine of that kind with those members.
    pub fn new(kind: PolicyKind, options: Options, members: impl IntoIterator<Item = (Peer, Label)>) -> Self {
        let mut table = Table::default();
        for (peer, label) in members {
            table.list(peer, label);
        }
        Self { machine: Machine::new(kind, &options, &table), options, table }
    }

    /// Which policy it follows.
    pub const fn kind(&self) -> PolicyKind {
        self.machine.kind()
    }

    /// The members.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// Follows another policy from now on, which begins afresh.
    pub fn follow(&mut self, kind: PolicyKind) {
        self.machine = Machine::new(kind, &self.options, &self.table);
    }

    /// Picks a member, by index, and writes the decision down. `None` when nobody is eligible.
    /// Whoever sends the request there says so with [`Balancer::begin`].
    pub fn pick(&mut self, ask: &Ask<'_>, occasion: &Occasion, decisions: &mut Decisions) -> Option<usize> {
        let kind = self.machine.kind();
        let client;
        let key = match ask.key {
            Key::Text(text) => text,
            Key::Client if kind.hashes_text() => {
                client = ask.client.to_string();
                client.as_bytes()
            }
            Key::Client | Key::Nothing => &[],
        };
        let mut note = Note::new(kind, ask, key, &self.table, occasion, decisions);
        self.machine.policy().pick(&mut note)
    }

    /// A member has got a request or connection.
    pub fn begin(&mut self, index: usize, at: Instant) {
        if index < self.table.len() {
            self.table.count(index, true);
            self.tell(index, Change::Began, at);
        }
    }

    /// A member is done with one.
    pub fn end(&mut self, index: usize, done: Done, at: Instant) {
        if index < self.table.len() {
            self.table.count(index, false);
            self.tell(index, Change::Ended(done), at);
        }
    }

    /// A member's weight changes.
    pub fn set_weight(&mut self, index: usize, weight: u32, at: Instant) {
        if let Some(peer) = self.table.peer_mut(index) {
            let was = core::mem::replace(&mut peer.weight, weight);
            self.tell(index, Change::Weight(was), at);
        }
    }

    /// A member comes, goes, fails or recovers.
    pub fn set_standing(&mut self, index: usize, standing: Standing, at: Instant) {
        if let Some(peer) = self.table.peer_mut(index) {
            let was = core::mem::replace(&mut peer.standing, standing);
            self.tell(index, Change::Standing(was), at);
        }
    }

    /// The same for every entry of that node.
    pub fn set_standing_of(&mut self, node: NodeId, standing: Standing, at: Instant) {
        for index in 0..self.table.len() {
            if self.table.peers()[index].node == node {
                self.set_standing(index, standing, at);
            }
        }
    }

    /// Lists one more member.
    pub fn list(&mut self, peer: Peer, label: Label, at: Instant) {
        self.table.list(peer, label);
        self.tell(self.table.len() - 1, Change::Listed, at);
    }

    fn tell(&mut self, index: usize, change: Change, at: Instant) {
        self.machine.policy().told(&self.table, index, change, at);
    }
}

#[cfg(test)]
mod tests;
