//! Readers of the configuration texts in the recordings: each takes what a replayer needs from
//! one server's own language.

pub(crate) mod apache;
pub(crate) mod caddy;
pub(crate) mod checks;
pub(crate) mod haproxy;
pub(crate) mod limits;
pub(crate) mod nginx;
pub(crate) mod rates;
pub(crate) mod sample;
pub(crate) mod sticky;
pub(crate) mod throttle;
pub(crate) mod varnish;
