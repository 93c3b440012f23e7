//! Readers of the configuration texts in the recordings: each takes what a replayer needs from
//! one server's own language.

pub(crate) mod haproxy;
pub(crate) mod nginx;
