//! Stores: who goes when a cache is full, and what a purge, a ban or a surrogate key takes out.

mod invalidation;
mod lookups;
mod squid;
mod varnish;
mod vcl;

use crate::replay::Family;

/// What of stores can be replayed here.
pub(crate) const FAMILIES: &[Family] = &[squid::FAMILY, varnish::FAMILY, invalidation::FAMILY];
