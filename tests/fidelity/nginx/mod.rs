//! nginx: the balancing methods of an `upstream` block, what it does when a server fails, the
//! connections that it keeps, its limits, who it says the client is, and `split_clients`.

mod balance;
mod counts;
mod forwarded;
mod keepalive;
mod limits;
mod split;
mod upstream;
pub(crate) mod variables;

use crate::replay::Family;

/// What of nginx can be replayed.
pub(crate) const FAMILIES: &[Family] =
    &[limits::REQUESTS, limits::CONNECTIONS, forwarded::FAMILY, keepalive::FAMILY, counts::FAMILY, balance::FAMILY, split::FAMILY];
