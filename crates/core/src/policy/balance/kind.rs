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
    /// The fewest under way, whatever the weights; one of equals is drawn (Caddy `least_conn`).
    LeastRequests,
    /// The fewest under way; smooth weighted round robin between equals (Apache `bybusyness`).
    LeastBusy,
    /// By the highest hash of key and address (Caddy `ip_hash`, `uri_hash`, `header`).
    Rendezvous,
    /// By a cookie that names the member (Caddy `cookie`).
    Cookie,
    /// By a key's hash as a fraction of the weights (Varnish `hash`).
    HashFraction,
    /// By a key's hash on a circle of replicas (Varnish `shard`).
    Shard,
    /// By a key's hash in a table that the members fill in turn (Envoy `maglev`).
    Maglev,
    /// By a key's hash on a ring (Envoy `ring_hash`).
    RingHash,
    /// Each in a row as often as its weight says.
    NaiveWeighted,
    /// Smooth weighted round robin in which the weight of who joins or recovers grows (Envoy).
    SlowStart,
    /// The least of requests under way times average response time (NetScaler).
    LeastTime,
    /// The fewest bytes of late (NetScaler).
    LeastBandwidth,
    /// The better of two drawn by latency and requests under way (Finagle).
    PeakEwma,
    /// By a key's hash on a ring, past those that are fuller than most.
    BoundedLoad,
    /// By weights that may change while it runs (HAProxy `roundrobin`).
    HaproxyRoundRobin,
    /// By weights, along a fixed table (HAProxy `static-rr`).
    HaproxyStaticRoundRobin,
    /// The fewest for their weight, this one counted in, and idle ones first (HAProxy `leastconn`).
    HaproxyLeastConn,
    /// The first that has a slot free (HAProxy `first`).
    HaproxyFirst,
    /// The better of two drawn on a ring, who may be the same (HAProxy `random`).
    HaproxyRandom,
    /// By a key's hash in a table by weight (HAProxy `hash-type map-based`).
    HaproxyHashMap,
    /// By the point of a ring nearest to a key's hash (HAProxy `hash-type consistent`).
    HaproxyHashRing,
}

impl PolicyKind {
    /// Whether it hashes text, for which a client's address has to be written out first.
    pub const fn hashes_text(self) -> bool {
        matches!(
            self,
            Self::HashModulo
                | Self::Ketama
                | Self::Rendezvous
                | Self::Maglev
                | Self::BoundedLoad
                | Self::Cookie
                | Self::HashFraction
                | Self::Shard
                | Self::RingHash
        )
    }
}
