//! Balancing: which member of a pool gets the next request or connection.

pub mod haproxy;
mod ip_hash;
mod least_conn;
mod random;
mod round_robin;
mod smooth;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::decision::{Candidate, Decisions, Occasion, Reason, Score, Standing};
use crate::rng::Draw;
use crate::world::NodeId;

pub use ip_hash::IpHash;
pub use least_conn::LeastConn;
pub use random::Random;
pub use round_robin::RoundRobin;
pub use smooth::Smooth;

/// The policies by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PolicyKind {
    /// One after the other, whatever their weights.
    #[default]
    RoundRobin,
    /// nginx's smooth weighted round robin.
    WeightedRoundRobin,
    /// The fewest active for its weight (nginx `least_conn`).
    LeastConn,
    /// By the client's address (nginx `ip_hash`).
    IpHash,
    /// Any, by weight.
    Random,
}

/// A member of a pool as a policy sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Who.
    pub node: NodeId,
    /// Its weight.
    pub weight: u32,
    /// Requests or connections that it has from this balancer now.
    pub active: u32,
    /// Whether it may be picked.
    pub standing: Standing,
}

/// What a policy may know of the request or connection that it places.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Whose it is: the address that the balancer believes in.
    pub client: IpAddr,
    /// Randomness for this one choice.
    pub draw: Draw,
    /// Members, by index, that this request has tried in vain.
    pub tried: &'a [u16],
}

/// A policy's state machine.
#[derive(Clone, Debug)]
pub enum Balancer {
    /// See [`RoundRobin`].
    RoundRobin(RoundRobin),
    /// See [`Smooth`].
    Smooth(Smooth),
    /// See [`LeastConn`].
    LeastConn(LeastConn),
    /// See [`IpHash`].
    IpHash(IpHash),
    /// See [`Random`].
    Random(Random),
}

impl Balancer {
    /// A fresh state machine of that kind.
    pub fn new(kind: PolicyKind) -> Self {
        match kind {
            PolicyKind::RoundRobin => Self::RoundRobin(RoundRobin::default()),
            PolicyKind::WeightedRoundRobin => Self::Smooth(Smooth::default()),
            PolicyKind::LeastConn => Self::LeastConn(LeastConn::default()),
            PolicyKind::IpHash => Self::IpHash(IpHash::default()),
            PolicyKind::Random => Self::Random(Random),
        }
    }

    /// Its name.
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::RoundRobin(_) => PolicyKind::RoundRobin,
            Self::Smooth(_) => PolicyKind::WeightedRoundRobin,
            Self::LeastConn(_) => PolicyKind::LeastConn,
            Self::IpHash(_) => PolicyKind::IpHash,
            Self::Random(_) => PolicyKind::Random,
        }
    }

    /// Picks a member, by index, and writes the decision down. `None` when nobody is eligible.
    pub fn pick(&mut self, ask: &Ask<'_>, peers: &[Peer], occasion: &Occasion, decisions: &mut Decisions) -> Option<usize> {
        let kind = self.kind();
        let mut note = Note { kind, ask, peers, occasion, decisions };
        match self {
            Self::RoundRobin(policy) => policy.pick(&mut note),
            Self::Smooth(policy) => policy.pick(&mut note),
            Self::LeastConn(policy) => policy.pick(&mut note),
            Self::IpHash(policy) => policy.pick(&mut note),
            Self::Random(policy) => policy.pick(&mut note),
        }
    }
}

/// One choice to make, with the means to write it down.
pub(super) struct Note<'a> {
    kind: PolicyKind,
    ask: &'a Ask<'a>,
    peers: &'a [Peer],
    occasion: &'a Occasion,
    decisions: &'a mut Decisions,
}

impl Note<'_> {
    fn standing(&self, index: usize) -> Standing {
        standing(&self.peers[index], index, self.ask.tried)
    }

    fn eligible(&self, index: usize) -> bool {
        self.standing(index) == Standing::Eligible
    }

    /// Writes the decision down and passes the choice on.
    fn decide(&mut self, chosen: Option<usize>, reason: Reason, score: &dyn Fn(usize) -> Score) -> Option<usize> {
        if self.decisions.is_on() {
            let (peers, tried) = (self.peers, self.ask.tried);
            let candidate = |(i, peer): (usize, &Peer)| Candidate {
                node: peer.node,
                standing: standing(peer, i, tried),
                active: peer.active,
                weight: peer.weight,
                score: score(i),
            };
            let reason = if chosen.is_some() { reason } else { Reason::NobodyEligible };
            let node = chosen.map(|i| peers[i].node);
            self.decisions.record(self.occasion, self.kind, node, reason, || peers.iter().enumerate().map(candidate));
        }
        chosen
    }
}

/// Whether a peer may be picked. A weight of 0 means, as in HAProxy, that it gets nothing new.
#[inline]
fn standing(peer: &Peer, index: usize, tried: &[u16]) -> Standing {
    match peer.standing {
        Standing::Eligible if peer.weight == 0 => Standing::Draining,
        Standing::Eligible if !tried.is_empty() && tried.contains(&(index as u16)) => Standing::Tried,
        other => other,
    }
}

#[cfg(test)]
mod tests;
