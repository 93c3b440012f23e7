//! Caching: what is stored, for how long it may be used, and what goes when there is no room.

pub mod store;
pub mod xfetch;
