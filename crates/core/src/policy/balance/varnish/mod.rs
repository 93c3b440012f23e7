//! Varnish's directors (`vmod_directors`). `round_robin`, `random` and `fallback` are
//! [`super::RoundRobin`], [`super::Random`] and [`super::First`].

mod hash;
mod shard;

pub use hash::DirectorHash;
pub use shard::Shard;
