//! HAProxy: who gets a request, and who waits for it.

mod balance;
mod random;
mod request;

use crate::replay::Family;

/// What of HAProxy can be replayed.
pub(crate) const FAMILIES: &[Family] = &[random::FAMILY, balance::FAMILY];
