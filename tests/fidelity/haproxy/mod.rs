//! HAProxy: who gets a request, who waits for it, on which connection it goes, and what it says
//! about the client.

mod balance;
mod forwarded;
mod health;
mod random;
mod rates;
mod request;
mod reuse;
mod sticky;

use crate::replay::Family;

/// What of HAProxy can be replayed.
pub(crate) const FAMILIES: &[Family] =
    &[rates::FAMILY, forwarded::FAMILY, reuse::FAMILY, health::FAMILY, sticky::FAMILY, random::FAMILY, balance::FAMILY];
