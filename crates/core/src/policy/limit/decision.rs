//! What a limiter says about a request, with the state on which it says so. Words are put together
//! by whoever shows it.

use crate::time::{Duration, Instant};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It goes on at once.
    Accept,
    /// It goes on after so long.
    Delay(Duration),
    /// It is turned away.
    Reject {
        /// How long until the same request would be accepted if nobody else asked; `None` when time
        /// alone does not help.
        retry: Option<Duration>,
    },
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There was room for it.
    Room,
    /// It waits its turn behind others.
    Queued,
    /// It waits, because it is beyond what passes at once (nginx `delay=`).
    BeyondDelay,
    /// There are not enough tokens.
    NoTokens,
    /// The bucket would flow over.
    BucketFull,
    /// The queue is full.
    QueueFull,
    /// It comes earlier than its theoretical arrival time and the tolerance allow (GCRA).
    TooEarly,
    /// The window's count is used up.
    WindowSpent,
    /// So many were let through in the window that ends now.
    TooManyOfLate,
    /// The estimated rate is above the limit.
    RateAbove,
    /// So many are open at once.
    TooManyOpen,
    /// Whoever went over the limit is shut out for a while (vsthrottle `block`).
    Blocked,
    /// It costs more than the limit ever allows.
    NeverFits,
    /// There is no room left to remember whom it counts for.
    NoMemory,
    /// It brings nothing to count by.
    NoKey,
}

/// The state on which a limiter decided, before the request was counted, but where said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Seen {
    /// Nothing was looked at.
    Nothing,
    /// Tokens in the bucket, and how many it holds; in billionths.
    Tokens(u64, u64),
    /// How full the bucket is, and how much it holds; in billionths.
    Level(u64, u64),
    /// How many wait, how many may, and when the last of them leaves.
    Queue(u32, u32, Instant),
    /// nginx's excess with this request counted in, and `burst`; in thousandths of a request.
    Excess(u64, u64),
    /// The theoretical arrival time (GCRA).
    Arrival(Instant),
    /// When the window began, and how many it has let through.
    Window(Instant, u32),
    /// When the window began, how many it has let through, and how many the one before did.
    Windows(Instant, u32, u32),
    /// How many were let through in the window that ends now, and when the first of them came.
    Log(u32, Instant),
    /// HAProxy's estimate with this request counted in, and its two counters.
    Estimate(u32, u32, u32),
    /// Whole tokens in the bucket.
    Whole(u32),
    /// How many are open.
    Open(u32),
}

/// A decision and everything needed to explain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// What becomes of the request.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The state on which it was taken.
    pub seen: Seen,
}

impl Decision {
    /// A request that goes on at once.
    pub(super) const fn accept(at: Instant, seen: Seen) -> Self {
        Self { at, verdict: Verdict::Accept, reason: Reason::Room, seen }
    }

    /// A request that is turned away.
    pub(super) const fn reject(at: Instant, reason: Reason, seen: Seen, retry: Option<Duration>) -> Self {
        Self { at, verdict: Verdict::Reject { retry }, reason, seen }
    }

    /// Whether the request goes on, at once or later.
    pub const fn is_admitted(&self) -> bool {
        !matches!(self.verdict, Verdict::Reject { .. })
    }

    /// How long the request is held back; zero for one that is turned away.
    pub const fn delay(&self) -> Duration {
        match self.verdict {
            Verdict::Delay(span) => span,
            _ => Duration::ZERO,
        }
    }
}
