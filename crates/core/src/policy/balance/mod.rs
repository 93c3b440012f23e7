//! Balancing: which member of a pool gets the next request or connection.
//!
//! A policy is one small state machine behind [`Policy`]. A [`Balancer`] is a policy with the
//! table of its members; whoever has one says what changes about them, and the policy is told.

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

use super::affinity::{Answered, Keep, Persistence};
use super::decision::{Decisions, Occasion, Reason, Score, Standing};
use crate::scenario::Sticky;
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
pub trait Policy: Copied {
    /// Picks a member, by index, and writes the decision down with [`Note::decide`]. `None` when
    /// nobody may be picked.
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize>;

    /// Learns what has changed about a member. Policies that look at every member each time need
    /// not listen.
    fn told(&mut self, _table: &Table, _index: usize, _change: Change, _at: Instant) {}

    /// What it keeps now. `None` for one that keeps nothing worth drawing.
    fn picture(&self, _table: &Table) -> Option<Picture> {
        None
    }

    /// Who knows the pool's users, where it keeps them.
    fn persistence(&self) -> Option<&dyn Persistence> {
        None
    }

    /// The same, to tell it something.
    fn persistence_mut(&mut self) -> Option<&mut dyn Persistence> {
        None
    }
}

/// A state machine that a snapshot of a world can copy without knowing what it is.
pub trait Copied {
    /// One in the same state.
    fn copied(&self) -> Box<dyn Policy>;
}

impl<P: Policy + Clone + 'static> Copied for P {
    fn copied(&self) -> Box<dyn Policy> {
        Box::new(self.clone())
    }
}

/// Makes the state machine of a kind from its options and members. One that does not know the kind
/// makes that of round robin.
///
/// Whoever builds a world says which of these it uses. A page uses [`common`], and one of the others
/// once it has fetched what that needs: whatever names [`every`] carries all policies with it.
pub type MakePolicy = fn(PolicyKind, &Options, &Table) -> Box<dyn Policy>;

/// Lists the state machines once: those that every lesson's page loads, those that lessons about
/// balancing load as well, and those that one server alone has.
macro_rules! machines {
    (
        common { $($kind:ident = $make:expr;)* }
        taught { $($taught:ident = $taught_make:expr;)* }
        others { $($other:ident = $other_make:expr;)* }
    ) => {
        impl PolicyKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)* $(Self::$taught,)* $(Self::$other,)*];

            /// Those that [`common`] makes.
            pub const COMMON: &'static [Self] = &[$(Self::$kind,)*];

            /// Those that [`taught`] makes beside the common ones.
            pub const TAUGHT: &'static [Self] = &[$(Self::$taught,)*];
        }

        /// Makes those that nearly every lesson has.
        pub fn common(kind: PolicyKind, options: &Options, table: &Table) -> Box<dyn Policy> {
            match kind {
                $(PolicyKind::$kind => made($make, options, table),)*
                _ => Box::new(RoundRobin::new(options)),
            }
        }

        /// Makes those that a lesson teaches, and the common ones.
        pub fn taught(kind: PolicyKind, options: &Options, table: &Table) -> Box<dyn Policy> {
            match kind {
                $(PolicyKind::$taught => made($taught_make, options, table),)*
                _ => common(kind, options, table),
            }
        }

        /// Makes all of them.
        pub fn every(kind: PolicyKind, options: &Options, table: &Table) -> Box<dyn Policy> {
            match kind {
                $(PolicyKind::$other => made($other_make, options, table),)*
                _ => taught(kind, options, table),
            }
        }
    };
}

fn made<P: Policy + 'static>(make: fn(&Options, &Table) -> P, options: &Options, table: &Table) -> Box<dyn Policy> {
    Box::new(make(options, table))
}

machines! {
    common {
        RoundRobin = |options, _| RoundRobin::new(options);
        WeightedRoundRobin = |_, table| nginx::Smooth::new(table);
        LeastConn = |_, table| nginx::LeastConn::new(table);
        IpHash = |_, table| nginx::IpHash::new(table);
        Random = |_, _| Random::new();
    }
    taught {
        HashModulo = |_, table| nginx::Modulo::new(table);
        Ketama = |_, table| nginx::Ketama::new(table);
        RandomTwo = |_, table| nginx::RandomTwo::new(table);
        Rendezvous = |_, _| caddy::Rendezvous;
        Maglev = |options, _| envoy::Maglev::new(options);
        NaiveWeighted = |_, _| Naive::new();
        SlowStart = SlowStart::new;
        LeastTime = |_, table| LeastTime::new(table);
        PeakEwma = PeakEwma::new;
        BoundedLoad = |options, _| Bounded::new(options);
        LeastBandwidth = |_, table| LeastBandwidth::new(table);
    }
    others {
        First = First::new;
        LeastRequests = |_, table| caddy::LeastRequests::new(table);
        LeastBusy = |_, _| apache::ByBusyness::default();
        Cookie = |options, _| caddy::Cookie::new(options);
        HashFraction = |_, _| varnish::DirectorHash::new();
        Shard = |options, _| varnish::Shard::new(options);
        RingHash = |options, _| envoy::RingHash::new(options);
        HaproxyRoundRobin = |options, table| haproxy::Way::new(haproxy::Method::RoundRobin, options, table);
        HaproxyStaticRoundRobin = |options, table| haproxy::Way::new(haproxy::Method::StaticRoundRobin, options, table);
        HaproxyLeastConn = |options, table| haproxy::Way::new(haproxy::Method::LeastConn, options, table);
        HaproxyFirst = |options, table| haproxy::Way::new(haproxy::Method::First, options, table);
        HaproxyRandom = |options, table| haproxy::Way::new(haproxy::Method::Random { draws: 2 }, options, table);
        HaproxyHashMap = |options, table| haproxy::Way::new(haproxy::Method::HashMap, options, table);
        HaproxyHashRing = |options, table| haproxy::Way::new(haproxy::Method::HashRing, options, table);
    }
}

/// A policy and the members among whom it picks.
pub struct Balancer {
    kind: PolicyKind,
    policy: Box<dyn Policy>,
    options: Options,
    table: Table,
    make: MakePolicy,
}

impl Clone for Balancer {
    fn clone(&self) -> Self {
        let (options, table) = (self.options.clone(), self.table.clone());
        Self { kind: self.kind, policy: self.policy.copied(), options, table, make: self.make }
    }
}

impl core::fmt::Debug for Balancer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Balancer").field("kind", &self.kind).field("table", &self.table).finish_non_exhaustive()
    }
}

impl Balancer {
    /// A fresh state machine of that kind with those members; any kind.
    pub fn new(kind: PolicyKind, options: Options, members: impl IntoIterator<Item = (Peer, Label)>) -> Self {
        Self::made_by(every, kind, options, members)
    }

    /// The same, of a kind that `make` knows.
    pub fn made_by(make: MakePolicy, kind: PolicyKind, options: Options, members: impl IntoIterator<Item = (Peer, Label)>) -> Self {
        let mut table = Table::default();
        for (peer, label) in members {
            table.list(peer, label);
        }
        Self { kind, policy: make(kind, &options, &table), options, table, make }
    }

    /// Which policy it follows.
    pub const fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// What the policy keeps now. `None` for one that keeps nothing worth drawing.
    pub fn picture(&self) -> Option<Picture> {
        self.policy.picture(&self.table)
    }

    /// The members.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// Follows another policy from now on, which begins afresh.
    pub fn follow(&mut self, kind: PolicyKind) {
        self.kind = kind;
        let policy = (self.make)(kind, &self.options, &self.table);
        match self.policy.persistence_mut() {
            Some(kept) => kept.follow(policy),
            None => self.policy = policy,
        }
    }

    /// Picks a member, by index, and writes the decision down. `None` when nobody is eligible.
    /// Whoever sends the request there says so with [`Balancer::begin`].
    pub fn pick(&mut self, ask: &Ask<'_>, occasion: &Occasion, decisions: &mut Decisions) -> Option<usize> {
        self.pick_for(ask, None, occasion, decisions)
    }

    /// The same for a request that brings what says whose it is ([`Persistence::by`]).
    pub fn pick_for(&mut self, ask: &Ask<'_>, stick: Option<&str>, occasion: &Occasion, decisions: &mut Decisions) -> Option<usize> {
        let kind = self.kind;
        let client;
        let key = match ask.key {
            Key::Text(text) => text,
            Key::Client if kind.hashes_text() => {
                client = ask.client.to_string();
                client.as_bytes()
            }
            Key::Client | Key::Nothing => &[],
        };
        let mut note = Note::new(kind, ask, key, stick, &self.table, occasion, decisions);
        self.policy.pick(&mut note)
    }

    /// From now on users are kept as the rule says, by whoever `keep` puts before the policy.
    pub fn keep(&mut self, keep: Keep, rule: Sticky) {
        self.policy = keep(self.policy.copied(), rule);
    }

    /// Who knows the pool's users, where it keeps them.
    pub fn persistence(&self) -> Option<&dyn Persistence> {
        self.policy.persistence()
    }

    /// The same, to tell it something.
    pub fn persistence_mut(&mut self) -> Option<&mut dyn Persistence> {
        self.policy.persistence_mut()
    }

    /// A member has answered a request that came at `begun` with `key`: whoever knows the pool's users
    /// remembers, and adds to the answer what the client is to keep.
    pub fn answered(&mut self, key: Option<&str>, member: usize, begun: Instant, now: Instant, reply: &mut Vec<(String, String)>) {
        if let Some(kept) = self.policy.persistence_mut() {
            kept.answered(&Answered { key, member, table: &self.table, begun, now }, reply);
        }
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
        self.policy.told(&self.table, index, change, at);
    }
}

#[cfg(test)]
mod tests;
