//! nginx: the balancing methods of an `upstream` block.

mod balance;

use crate::replay::Family;

/// What of nginx can be replayed.
pub(crate) const FAMILIES: &[Family] = &[balance::FAMILY];
