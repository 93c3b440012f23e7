//! Envoy's consistent hashing load balancers.

mod maglev;
#[cfg(feature = "every-policy")]
mod ring_hash;

pub use maglev::{Maglev, maglev_table};
#[cfg(feature = "every-policy")]
pub use ring_hash::RingHash;
