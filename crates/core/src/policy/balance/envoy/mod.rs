//! Envoy's consistent hashing load balancers.

mod maglev;
mod ring_hash;

pub use maglev::{Maglev, maglev_table};
pub use ring_hash::RingHash;
