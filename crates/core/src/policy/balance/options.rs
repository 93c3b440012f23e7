//! What a policy can be told beside its name.

use serde::{Deserialize, Serialize};

use super::haproxy::Hashing;

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
    /// The secret of a cookie.
    pub secret: String,
    /// How HAProxy hashes keys; what its hash type brings when nothing is said.
    pub hashing: Option<Hashing>,
    /// How much more than its part a server of a HAProxy ring may have, in percent of that part
    /// (`hash-balance-factor`); 0 is no bound.
    pub balance_factor: u32,
}
