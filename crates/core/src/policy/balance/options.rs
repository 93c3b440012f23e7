//! What a policy can be told beside its name.

use serde::{Deserialize, Serialize};

use super::haproxy::Hashing;
use crate::time::Duration;

/// What a policy can be told beside its name; each takes what it knows and leaves the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Who has the first turn of round robin, by index; Caddy begins with the second.
    pub start: u32,
    /// Whether a `first` stays where it went when the one before it is back (Varnish
    /// `directors.fallback(sticky=true)`).
    pub sticky: bool,
    /// Replicas of a shard director, slots of a Maglev table, points of an Envoy ring; 0 for
    /// what the server has unless told otherwise.
    pub size: u32,
    /// Over how long a slow start goes, or latencies are remembered; zero for what is usual.
    pub window: Duration,
    /// How full a member may be under bounded loads, in percent of the average; 0 for 125, and
    /// for no bound on HAProxy's ring (`hash-balance-factor`).
    pub factor: u32,
    /// The secret of a cookie.
    pub secret: String,
    /// How HAProxy hashes keys; what its hash type brings when nothing is said.
    pub hashing: Option<Hashing>,
}
