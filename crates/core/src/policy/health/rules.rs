//! What a pool is told about the health of its members.

use serde::{Deserialize, Serialize};

use super::Finding;
use crate::time::Duration;

/// What a check does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Asks for a path and looks at the status (HAProxy `option httpchk`).
    #[default]
    Http,
    /// Opens a connection and closes it (HAProxy `option tcp-check`).
    Tcp,
}

/// How a balancer checks its members on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// What a check does.
    pub kind: CheckKind,
    /// How long after one check the next begins (HAProxy `inter`, Varnish `.interval`).
    pub interval: Duration,
    /// How long a check may take; zero for as long as the interval (HAProxy `timeout check`, Varnish `.timeout`).
    pub timeout: Duration,
    /// After how many failed checks in a row a member is down (HAProxy `fall`).
    pub fall: u32,
    /// After how many good checks in a row it is up again (HAProxy `rise`).
    pub rise: u32,
    /// What is asked for.
    pub path: String,
    /// The status that is good; 0 for any 2xx or 3xx, as HAProxy without `http-check expect`.
    pub status: u16,
    /// By how much an interval may be longer or shorter, in percent (HAProxy `spread-checks`).
    pub jitter_percent: u32,
    /// The interval while a member is on its way up or down; zero for the usual one (HAProxy `fastinter`).
    pub fast_interval: Duration,
    /// The interval while a member is down; zero for the usual one (HAProxy `downinter`).
    pub down_interval: Duration,
    /// How many of the last checks count instead of those in a row; 0 for `fall` and `rise` (Varnish `.window`).
    pub window: u32,
    /// How many of those must be good (Varnish `.threshold`).
    pub threshold: u32,
    /// How many are taken for good at the start; one less than the threshold when not said (Varnish `.initial`).
    pub initial: Option<u32>,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            kind: CheckKind::Http,
            interval: Duration::from_secs(2),
            timeout: Duration::ZERO,
            fall: 3,
            rise: 2,
            path: "/health".to_owned(),
            status: 200,
            jitter_percent: 0,
            fast_interval: Duration::ZERO,
            down_interval: Duration::ZERO,
            window: 0,
            threshold: 3,
            initial: None,
        }
    }
}

impl Checks {
    /// How long a check may take.
    pub const fn patience(&self) -> Duration {
        if self.timeout.is_zero() { self.interval } else { self.timeout }
    }

    /// Whether a check that found this is a good one.
    pub const fn is_good(&self, finding: Finding) -> bool {
        match finding {
            Finding::Open => true,
            Finding::Status(status) if self.status == 0 => status >= 200 && status < 400,
            Finding::Status(status) => status == self.status,
            Finding::Refused | Finding::Reset | Finding::TimedOut => false,
        }
    }
}

/// What a balancer does with requests that went wrong in a row (HAProxy `observe layer7`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Observe {
    /// How many in a row; 0 for any number (HAProxy `error-limit`).
    pub errors: u32,
    /// What is done then (HAProxy `on-error`).
    pub action: Action,
}

impl Default for Observe {
    fn default() -> Self {
        Self { errors: 10, action: Action::default() }
    }
}

/// What HAProxy's `on-error` says. Whatever it says, the next check comes after `fast_interval` at the latest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It counts as a failed check.
    #[default]
    FailCheck,
    /// The member is down.
    MarkDown,
    /// It counts as a failed check, and one more is enough.
    SuddenDeath,
    /// Nothing but a check that comes sooner.
    Fastinter,
}

/// Leaves out who answers with errors, without any check (Envoy outlier detection).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Outlier {
    /// How many requests in a row must go wrong; 0 for any number (Envoy `consecutive_5xx`).
    pub errors: u32,
    /// How often it is looked whose time is over (Envoy `interval`); zero for at any moment.
    pub window: Duration,
    /// How long the first ejection takes; the next takes twice that, and so on, until it goes well
    /// for a while (Envoy `base_ejection_time`, and ten times that as `max_ejection_time`).
    pub eject: Duration,
    /// How many of the members may be out at once, in percent (Envoy `max_ejection_percent`).
    pub max_percent: u32,
}

impl Default for Outlier {
    fn default() -> Self {
        Self { errors: 5, window: Duration::from_secs(10), eject: Duration::from_secs(30), max_percent: 10 }
    }
}
