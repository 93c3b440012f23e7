//! What happened, one small record each. The log, the pictures and the fingerprint are made of these.

use super::id::NodeId;
use super::log::Fold;
use super::queue::MessageKind;
use crate::policy::health::{Finding, Reason};
use crate::time::{Duration, Instant};

/// How a flight ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It was answered.
    Served,
    /// It was refused on purpose: a limit, a rule, a full queue.
    Rejected,
    /// It went wrong: reset, timed out, lost, 5xx.
    Failed,
}

/// Why a flight ended as it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Why {
    /// The server answered it.
    Answered,
    /// It needed no answer and has arrived.
    Arrived,
    /// A limiter had no token for it.
    Limited,
    /// A rule denied it.
    Denied,
    /// The server's queue was full.
    QueueFull,
    /// Nobody in the pool could be picked.
    NobodyEligible,
    /// The connection was refused or reset.
    Reset,
    /// Nobody answered in time.
    TimedOut,
    /// The message was lost on the way.
    Lost,
    /// Something further on failed and a proxy said so.
    Upstream,
    /// No host of that name is known.
    UnknownHost,
}

/// What a stage answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StageAnswer {
    /// Go on to the next stage.
    Continue,
    /// Answered here, with this status.
    Respond(u16),
    /// Held for a while.
    Wait,
    /// Another service is asked first.
    Call,
}

/// Something that happened. Flights and connections are named by their serial numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the serials and nodes that each sentence names")]
pub enum Event {
    /// The run began: connections that were to be warm are open.
    Began,
    /// A user at `node` sends a request.
    Arrived { flight: u32, node: NodeId, user: u16, class: u16 },
    /// It waits at `node` for a connection to be free.
    Held { flight: u32, node: NodeId },
    /// `from` began to open a connection.
    Dialed { conn: u32, from: NodeId, to: NodeId },
    /// The opening message reached `node`.
    Accepted { conn: u32, node: NodeId },
    /// The connection is open at `node`, which opened it.
    Connected { conn: u32, node: NodeId },
    /// `node` learned that the connection is gone.
    Reset { conn: u32, node: NodeId },
    /// `node` closed the connection.
    Closed { conn: u32, node: NodeId },
    /// The request reached `node`.
    Received { flight: u32, node: NodeId },
    /// `node` passed bytes on without reading them.
    Passed { flight: u32, node: NodeId, back: bool },
    /// A stage of `node` answered.
    Staged { flight: u32, node: NodeId, stage: u8, answer: StageAnswer },
    /// `node` decided; see the decision of that index.
    Decided { flight: u32, node: NodeId, decision: u32 },
    /// It waits at `node` behind `ahead` others.
    Queued { flight: u32, node: NodeId, ahead: u16 },
    /// A worker of `node` began on it.
    Started { flight: u32, node: NodeId },
    /// `node` sent the answer off.
    Answered { flight: u32, node: NodeId, status: u16 },
    /// The answer reached `node`, which had asked.
    Returned { flight: u32, node: NodeId, status: u16 },
    /// It is over for `node`, which had asked.
    Ended { flight: u32, node: NodeId, outcome: Outcome, why: Why, status: u16 },
    /// `node` tries another member; `attempt` counts from 1.
    Retried { flight: u32, node: NodeId, attempt: u8 },
    /// `node` sent a copy to `to`.
    Copied { flight: u32, node: NodeId, to: NodeId },
    /// A message was lost between two nodes and is gone.
    Dropped { flight: u32, from: NodeId, to: NodeId },
    /// A message was lost between two nodes and is sent again.
    Resent { flight: u32, from: NodeId, to: NodeId },
    /// A knob was turned or a fault switched: the action of that index in the log.
    Acted { action: u16, scripted: bool },
    /// The user was last served elsewhere, and `node` has to do its `cold` work too.
    Cold { flight: u32, node: NodeId },
    /// A message about the connection itself reached `node`, or a request that came after `node`
    /// had closed it, or before it was secured.
    Heard { conn: u32, node: NodeId, kind: MessageKind },
    /// `node` begins to secure a connection that it has opened to `to`.
    Greeted { conn: u32, node: NodeId, to: NodeId },
    /// `node` has computed its part of a connection's handshake.
    Computed { conn: u32, node: NodeId },
    /// The connection is secured at `node`, which opened it.
    Secured { conn: u32, node: NodeId },
    /// `node` sends it on a connection that is open already.
    Reused { flight: u32, conn: u32, node: NodeId },
    /// It waits at `node` for a connection to its member, behind `ahead` others.
    Parked { flight: u32, node: NodeId, ahead: u16 },
    /// The connection had nothing to carry for too long, and `node` closes it.
    IdledOut { conn: u32, node: NodeId },
    /// A check of `to` by `node` came to this.
    Probed { node: NodeId, to: NodeId, finding: Finding, took: Duration },
    /// `node` uses `to` no longer.
    WentDown { node: NodeId, to: NodeId, reason: Reason },
    /// `node` uses `to` again.
    WentUp { node: NodeId, to: NodeId, reason: Reason },
    /// `node` asks a resolver `to` where to go.
    Asked { flight: u32, node: NodeId, to: NodeId },
    /// `node` has learned that the name leads to `to`, for as long as `ttl`.
    Named { flight: u32, node: NodeId, to: NodeId, ttl: Duration },
}

/// An event with its time and place in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: Instant,
    /// The event's ordinal: the state after it is the state at this position.
    pub ordinal: u32,
    /// The serial of the root flight that it belongs to, or [`NO_ROOT`].
    pub root: u32,
    /// What.
    pub event: Event,
}

/// The root of records that belong to no request.
pub const NO_ROOT: u32 = u32::MAX;

impl Record {
    /// The digest of a log that had digest `before` and gets this record.
    pub fn digest(&self, before: u64) -> u64 {
        use core::hash::Hash;
        let mut fold = Fold::default();
        fold.word(self.at.0);
        fold.word(u64::from(self.ordinal) << 32 | u64::from(self.root));
        self.event.hash(&mut fold);
        fold.digest(before)
    }
}

impl Event {
    /// The node at which it happened, if it happened at one.
    pub const fn node(&self) -> Option<NodeId> {
        match *self {
            Self::Arrived { node, .. }
            | Self::Held { node, .. }
            | Self::Accepted { node, .. }
            | Self::Connected { node, .. }
            | Self::Reset { node, .. }
            | Self::Closed { node, .. }
            | Self::Received { node, .. }
            | Self::Passed { node, .. }
            | Self::Staged { node, .. }
            | Self::Decided { node, .. }
            | Self::Queued { node, .. }
            | Self::Started { node, .. }
            | Self::Cold { node, .. }
            | Self::Answered { node, .. }
            | Self::Returned { node, .. }
            | Self::Ended { node, .. }
            | Self::Retried { node, .. }
            | Self::Heard { node, .. }
            | Self::Greeted { node, .. }
            | Self::Computed { node, .. }
            | Self::Secured { node, .. }
            | Self::Reused { node, .. }
            | Self::Parked { node, .. }
            | Self::IdledOut { node, .. }
            | Self::Probed { node, .. }
            | Self::WentDown { node, .. }
            | Self::WentUp { node, .. }
            | Self::Asked { node, .. }
            | Self::Named { node, .. }
            | Self::Copied { node, .. } => Some(node),
            Self::Dialed { from, .. } | Self::Dropped { from, .. } | Self::Resent { from, .. } => Some(from),
            Self::Began | Self::Acted { .. } => None,
        }
    }

    /// The serial of the flight that it is about, if it is about one.
    pub const fn flight(&self) -> Option<u32> {
        match *self {
            Self::Arrived { flight, .. }
            | Self::Held { flight, .. }
            | Self::Received { flight, .. }
            | Self::Passed { flight, .. }
            | Self::Staged { flight, .. }
            | Self::Decided { flight, .. }
            | Self::Queued { flight, .. }
            | Self::Started { flight, .. }
            | Self::Cold { flight, .. }
            | Self::Answered { flight, .. }
            | Self::Returned { flight, .. }
            | Self::Ended { flight, .. }
            | Self::Retried { flight, .. }
            | Self::Copied { flight, .. }
            | Self::Dropped { flight, .. }
            | Self::Reused { flight, .. }
            | Self::Parked { flight, .. }
            | Self::Asked { flight, .. }
            | Self::Named { flight, .. }
            | Self::Resent { flight, .. } => Some(flight),
            _ => None,
        }
    }
}
