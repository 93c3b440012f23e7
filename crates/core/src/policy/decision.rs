//! Decisions as first-class output: who could have been picked, how each one stood, who was
//! picked and why. The inspector, the log, quizzes and screen readers all read these.

use crate::time::Instant;
use crate::world::NodeId;

use super::balance::PolicyKind;

/// How many candidates a record keeps, the chosen one among them; the rest are counted.
pub const KEPT: usize = 16;

/// Whether a candidate could be picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// It could be picked.
    Eligible,
    /// It has not joined, or it has left.
    Absent,
    /// It is leaving: it finishes what it has and gets nothing new.
    Draining,
    /// It is known to be unable, or taken out by hand (nginx `down`, HAProxy `disabled`).
    Down,
    /// An operator has taken it out, whatever its health (HAProxy `maint`).
    Maintenance,
    /// It failed too often lately (nginx `max_fails`).
    Failing,
    /// It has as much as it may have (nginx `max_conns`, HAProxy `maxconn`).
    Full,
    /// A backup that is not needed now.
    Spare,
    /// This request has tried it already.
    Tried,
    /// It had room, but only another was asked, who had none (HAProxy's hashes and draws).
    NotAsked,
}

/// What a score is, so that it can be shown and explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Score {
    /// Turns until it would be its own; the least wins. `u32::MAX` is later than was looked for.
    Turns(u32),
    /// nginx's current weight after this round's increase; the most wins.
    CurrentWeight(i64),
    /// Active connections or requests divided by weight, in thousandths; the least wins.
    ActivePerWeight(u64),
    /// The part of the hash range that is its own, from and to (exclusive).
    Slots(u32, u32),
    /// A drawn number.
    Drawn(u64),
    /// As the how-manieth it was drawn; 0 when it was not.
    DrawnAs(u8),
    /// How many points of the ring lie between the key and its own next; the least wins.
    Points(u32),
    /// Requests under way; the least wins.
    Requests(u32),
    /// Requests under way, and Apache's status after this round's increase: the least, and of
    /// equals the one with the highest status.
    Busy(u32, i64),
    /// The hash of the key with its address; the most wins.
    Hash(u64),
    /// What it would cost in microseconds; the least wins.
    Time(u64),
    /// It was not drawn, so nobody asked.
    NotDrawn,
    /// Bytes of late; the least wins.
    Bytes(u64),
    /// How many slots of the table are its own.
    Owns(u32),
    /// Somebody was known already, so that nobody was compared.
    NotAsked,
}

/// One candidate of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// Who.
    pub node: NodeId,
    /// Whether it could be picked.
    pub standing: Standing,
    /// Requests (layer 7) or connections (layer 4) that it has from this balancer now.
    pub active: u32,
    /// Its weight.
    pub weight: u32,
    /// How it scored.
    pub score: Score,
}

/// Why the chosen one was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It was next in turn.
    Turn,
    /// It had the highest current weight.
    HighestCurrentWeight,
    /// It had the fewest active for its weight, alone.
    FewestActive,
    /// It shared the fewest with others, and the turn decided.
    FewestActiveTie,
    /// The hash of the address (with this value) fell into its slots.
    AddressHash(u32),
    /// The hash of the key (with this value) fell into its slots.
    KeyHash(u32),
    /// It owns the first point of the ring after the key whose owner could be picked.
    NextPoint,
    /// The hash found nobody eligible in 20 tries, and the turn decided.
    HashGaveUp,
    /// There is nothing to hash, or nobody to choose from, and the turn decided.
    NoKey,
    /// The draw found nobody eligible in 20 tries, and the turn decided.
    DrawGaveUp,
    /// It is the first in the order of the table.
    FirstInOrder,
    /// It had the fewest requests under way, alone.
    FewestRequests,
    /// It was drawn among those with the fewest requests under way.
    FewestRequestsDrawn,
    /// It had the fewest requests under way; among equals the highest status.
    LeastBusy,
    /// It had the highest hash with the key.
    HighestHash,
    /// The request's cookie names it.
    Cookie,
    /// It is in this slot of the table, where the hash of the key leads.
    TableSlot(u32),
    /// It owns the first point after the key of a member that had room.
    NextPointWithRoom,
    /// It had the least requests under way times average response time.
    LeastTime,
    /// It moved the fewest bytes of late.
    LeastBandwidth,
    /// Of two that were drawn it cost less.
    CheaperOfTwo,
    /// It had the least for its weight with this request counted in, and idle ones came first;
    /// among equals the one that had stood there for longest.
    LeastLoaded,
    /// It owns the point of the ring that is nearest to the key.
    NearestPoint,
    /// Of the two that were drawn it had fewer active for its weight.
    BetterOfTwo,
    /// It was drawn.
    Drawn,
    /// The request's cookie names it: it has served this user before.
    PinnedByCookie,
    /// A row of the proxy's table names it: it has served this key before.
    PinnedByRow,
    /// Nobody was eligible.
    NobodyEligible,
}

/// A decision and everything needed to explain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// At which event.
    pub ordinal: u32,
    /// For which request: the serial of its root flight.
    pub root: u32,
    /// Which balancer decided.
    pub node: NodeId,
    /// Which of its pools.
    pub pool: u16,
    /// By which policy.
    pub policy: PolicyKind,
    /// Who was picked.
    pub chosen: Option<NodeId>,
    /// Why.
    pub reason: Reason,
    first: u32,
    kept: u16,
    /// Candidates beyond those kept.
    pub more: u32,
}

/// What a policy is told to write down with its decisions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Occasion {
    /// When.
    pub at: Instant,
    /// At which event.
    pub ordinal: u32,
    /// For which request.
    pub root: u32,
    /// Which balancer.
    pub node: NodeId,
    /// Which of its pools.
    pub pool: u16,
}

/// Decisions in the order in which they were made. Costs nothing when off.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    on: bool,
    decisions: Vec<Decision>,
    candidates: Vec<Candidate>,
}

impl Decisions {
    /// A recorder that keeps decisions, or one that does not.
    pub const fn new(on: bool) -> Self {
        Self { on, decisions: Vec::new(), candidates: Vec::new() }
    }

    /// Whether decisions are kept.
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.decisions.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// Keeps a candidate of the next decision.
    pub(super) fn keep(&mut self, candidate: Candidate) {
        self.candidates.push(candidate);
    }

    /// Keeps a decision among so many candidates, of which so many were kept.
    pub(super) fn record(
        &mut self,
        occasion: &Occasion,
        policy: PolicyKind,
        chosen: Option<NodeId>,
        reason: Reason,
        kept: usize,
        of: usize,
    ) {
        let Occasion { at, ordinal, root, node, pool } = *occasion;
        self.decisions.push(Decision {
            at,
            ordinal,
            root,
            node,
            pool,
            policy,
            chosen,
            reason,
            first: (self.candidates.len() - kept) as u32,
            kept: kept as u16,
            more: (of - kept) as u32,
        });
    }

    /// The decision of that index.
    pub fn get(&self, index: u32) -> Option<&Decision> {
        self.decisions.get(index as usize)
    }

    /// All decisions in order.
    pub fn all(&self) -> &[Decision] {
        &self.decisions
    }

    /// The candidates that a decision kept.
    pub fn candidates(&self, decision: &Decision) -> &[Candidate] {
        let first = decision.first as usize;
        self.candidates.get(first..first + usize::from(decision.kept)).unwrap_or(&[])
    }

    /// Makes room for so many more decisions, with as many candidates each as so far.
    pub(crate) fn reserve(&mut self, more: usize) {
        let each = self.candidates.len().div_ceil(self.decisions.len().max(1));
        self.decisions.reserve_exact(more);
        self.candidates.reserve_exact(more * each);
    }

    /// Forgets every decision from the given index on.
    pub fn truncate(&mut self, len: usize) {
        if let Some(decision) = self.decisions.get(len) {
            self.candidates.truncate(decision.first as usize);
        }
        self.decisions.truncate(len);
    }
}
