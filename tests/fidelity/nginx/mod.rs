//! nginx: the balancing methods of an `upstream` block, what it does when a server fails, and
//! `split_clients`.

mod balance;
mod counts;
mod split;
mod upstream;
mod variables;

use crate::replay::Family;

/// What of nginx can be replayed.
pub(crate) const FAMILIES: &[Family] = &[counts::FAMILY, balance::FAMILY, split::FAMILY];
