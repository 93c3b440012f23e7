//! Rate limiters. Integers only, so that every platform admits the same requests.
//!
//! A [`Rule`] is a limiter and its numbers; what it keeps for a key is a [`State`]. A [`Limiter`] has
//! one rule and the states of all keys, a [`Fleet`] the same on several proxies. Each request gets a
//! [`Decision`]: accepted, delayed or rejected, on which state, and why. Rates are in thousandths of a
//! request per second.
//!
//! | limiter | here | state of a key | error |
//! | --- | --- | --- | --- |
//! | token bucket, leaky bucket as meter | [`Meter`] | 16 bytes | none |
//! | leaky bucket as queue | [`Queue`] | 8 | none; delays |
//! | GCRA (ITU-T I.371) | [`Gcra`] | 8 | the interval rounds |
//! | fixed window | [`Window`] | 12 | up to twice the limit |
//! | sliding window counter | [`Window`] | 16 | up to just under twice the limit |
//! | sliding log | [`Window`], [`Log`] | 8 for each request of the limit | none |
//! | concurrency | [`Rule::Concurrency`] | 4 | – |
//! | nginx 1.22 `limit_req`, `limit_conn` | [`nginx`] | 128, 64 | – |
//! | HAProxy 2.6 `http_req_rate`, `conn_rate` | [`haproxy`] | 12 | counts what it denies |
//! | Varnish `vsthrottle` | [`varnish`] | 20 | cuts tokens off |
//! | Envoy local rate limit | [`envoy`] | 12 | fills in steps |
//!
//! [`TokenBucket`] is the bucket that the world's `limit` stage has for each address.

pub mod answer;
mod bucket;
mod decision;
pub mod envoy;
mod fleet;
mod gcra;
pub mod haproxy;
mod key;
mod leaky;
mod limiter;
mod log;
pub mod nginx;
mod rule;
mod table;
pub mod varnish;
mod window;

pub use bucket::TokenBucket;
pub use decision::{Decision, Reason, Seen, Verdict};
pub use fleet::{Fleet, Overshoot, Place};
pub use gcra::Gcra;
pub use key::{Asking, By, Key};
pub use leaky::{Level, Meter, Queue};
pub use limiter::Limiter;
pub use log::Log;
pub use rule::{Rule, State};
pub use window::{Counts, Window};

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
