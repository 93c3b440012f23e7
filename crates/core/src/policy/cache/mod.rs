//! HTTP caching (RFC 9111 and its neighbours) as a machine without I/O.
//!
//! - [`field`]: readers of header fields.
//! - [`message`], [`key`]: requests and responses, and what tells one from another.
//! - [`profile`], [`profiles`]: what one kind of cache does, as data; the RFCs and three servers.
//! - [`reading`]: whether a response may be stored and how long it is fresh, as each reads it.
//! - [`entry`]: what is stored, and what its age allows.
//! - [`vary`], [`validate`], [`ranges`], [`invalidate`]: variants, conditions, parts, unsafe methods.
//! - [`machine`], `forward`, [`arrive`]: requests, what is sent on, and what comes back from origins.
//! - [`store`]: stored objects within a bound, who goes when there is no room, purges and bans.
//! - [`xfetch`]: renewing before the time is up.
//! - [`answer`], [`verdict`]: what clients get, and by which clause and header.

pub mod answer;
pub mod arrive;
pub mod entry;
pub mod field;
mod forward;
pub mod invalidate;
pub mod key;
pub mod machine;
pub mod message;
pub mod profile;
pub mod profiles;
pub mod ranges;
pub mod reading;
mod shelf;
pub mod store;
#[cfg(test)]
mod tests;
pub mod validate;
pub mod vary;
pub mod verdict;
pub mod xfetch;

pub use answer::Answer;
pub use entry::Entry;
pub use machine::{Ask, Cache, Fetch, Step, Ticket};
pub use message::{Reply, Request, Response};
pub use profile::Profile;
pub use verdict::{Outcome, Reason, Verdict};
