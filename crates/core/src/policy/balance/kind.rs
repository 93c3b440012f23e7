//! The policies by name.

use serde::{Deserialize, Serialize};

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
    /// The better of two drawn (nginx `random two least_conn`).
    RandomTwo,
    /// By a key's hash, modulo the sum of the weights (nginx `hash`).
    HashModulo,
    /// By a key's hash on a ring (nginx `hash … consistent`).
    Ketama,
    /// The first that can be picked (Caddy `first`, Varnish `fallback`).
    First,
    /// By the highest hash of key and address (Caddy `ip_hash`, `uri_hash`, `header`).
    Rendezvous,
    /// By a key's hash in a table that the members fill in turn (Envoy `maglev`).
    Maglev,
    /// Each in a row as often as its weight says.
    NaiveWeighted,
    /// Smooth weighted round robin in which the weight of who joins or recovers grows (Envoy).
    SlowStart,
    /// The least of requests under way times average response time (NetScaler).
    LeastTime,
    /// The better of two drawn by latency and requests under way (Finagle).
    PeakEwma,
    /// By a key's hash on a ring, past those that are fuller than most.
    BoundedLoad,
    /// The fewest under way, whatever the weights; one of equals is drawn (Caddy `least_conn`).
    #[cfg(feature = "every-policy")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    LeastRequests,
    /// The fewest under way; smooth weighted round robin between equals (Apache `bybusyness`).
    #[cfg(feature = "every-policy")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    LeastBusy,
    /// By a cookie that names the member (Caddy `cookie`).
    #[cfg(feature = "every-policy")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Cookie,
    /// By a key's hash as a fraction of the weights (Varnish `hash`).
    #[cfg(feature = "every-policy")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    HashFraction,
    /// By a key's hash on a circle of replicas (Varnish `shard`).
    #[cfg(feature = "every-policy")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Shard,
    /// By a key's hash on a ring (Envoy `ring_hash`).
    #[cfg(feature = "every-policy")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    RingHash,
    /// The fewest bytes of late (NetScaler).
    #[cfg(feature = "every-policy")]
    #[cfg_attr(feature = "schema", schemars(skip))]
    LeastBandwidth,
}

impl PolicyKind {
    /// Whether it hashes text, for which a client's address has to be written out first.
    pub const fn hashes_text(self) -> bool {
        match self {
            Self::HashModulo | Self::Ketama | Self::Rendezvous | Self::Maglev | Self::BoundedLoad => true,
            #[cfg(feature = "every-policy")]
            #[cfg_attr(feature = "schema", schemars(skip))]
            Self::Cookie | Self::HashFraction | Self::Shard | Self::RingHash => true,
            _ => false,
        }
    }
}
