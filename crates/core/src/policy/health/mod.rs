//! Health: who of a pool can be used, as far as checks and answers tell.
//!
//! A [`Monitor`] has the members of one pool by their indexes. It asks nobody itself: whoever has it
//! asks when [`Monitor::pause`] says so, and tells it what was found with [`Monitor::checked`] and,
//! of the answers to requests, with [`Monitor::answered`]. Whatever changes comes with its [`Reason`].
//!
//! | rule | whose |
//! | --- | --- |
//! | so many failed in a row, so many good ones in a row | HAProxy `fall`, `rise` (`check.c`) |
//! | so many good ones among the last | Varnish `.window`, `.threshold`, `.initial` (`cache_backend_probe.c`) |
//! | requests that went wrong in a row | HAProxy `observe layer7`, `error-limit`, `on-error` |
//! | ejected for a while, for longer each time | Envoy outlier detection |
//! | so few are left that all are used | Envoy's panic threshold |

mod monitor;
mod outlier;
mod rules;
mod tally;

pub use monitor::{Monitor, Rules};
pub use rules::{Action, CheckKind, Checks, Observe, Outlier};
pub use tally::Tally;

use crate::time::Duration;

/// What a check or a request found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// The connection could be opened, and more was not asked.
    Open,
    /// The connection was refused.
    Refused,
    /// The connection broke.
    Reset,
    /// Nobody answered in time.
    TimedOut,
    /// An answer with that status.
    Status(u16),
}

impl Finding {
    /// Whether a request that was answered so went wrong: 5xx, but for the two that are the
    /// client's doing, 501 and 505 (HAProxy `http_ana.c`, Envoy counts those too).
    pub const fn is_error(self) -> bool {
        match self {
            Self::Status(status) => status >= 500 && status != 501 && status != 505,
            other => !matches!(other, Self::Open),
        }
    }
}

/// Why a member can or cannot be used from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// So many checks in a row failed (`fall`).
    ChecksFailed(u32),
    /// The first check failed: who was never found well is down at once (HAProxy).
    FirstCheckFailed,
    /// So many checks in a row found it well (`rise`).
    ChecksPassed(u32),
    /// Of the last checks, as many as the second says, so few found it well (Varnish).
    TooFewGood(u32, u32),
    /// Of the last checks, as many as the second says, enough found it well (Varnish).
    EnoughGood(u32, u32),
    /// So many requests in a row went wrong (HAProxy `observe`).
    Errors(u32),
    /// So many requests in a row went wrong, and it is left out for so long (Envoy).
    Ejected(u32, Duration),
    /// It was left out for long enough (Envoy).
    EjectionOver,
}

/// A member can be used from now on, or no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which member.
    pub member: usize,
    /// Whether it can be used now.
    pub up: bool,
    /// Why.
    pub reason: Reason,
}

#[cfg(test)]
mod tests;
