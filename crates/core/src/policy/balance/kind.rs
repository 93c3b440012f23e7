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
}
