//! nginx 1.22: `limit_req` and `limit_conn`.
//!
//! [`ReqRate`] is the arithmetic of one key. [`ReqZone`] is a shared memory zone with its keys and its
//! memory, and [`decide`] asks several of them for one request: none is charged unless all accept.
//! [`ConnZone`], [`open`] and [`close`] are the same for requests that are open.

mod conn;
mod excess;
mod req;
mod slab;

pub use conn::{ConnLimit, ConnZone, close, open};
pub use excess::{Excess, ReqRate};
pub use req::{Lookup, ReqLimit, ReqZone, decide};

use super::key::Key;

/// The value of a zone's key for a request, and how many bytes it has: nginx keeps all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// The key.
    pub key: Key,
    /// Its bytes.
    pub len: usize,
}

impl Text {
    /// The key of some text; `None` for none, and for more than a zone takes: such a request is not
    /// counted there. `most` is 65,535 for `limit_req` and 255 for `limit_conn`.
    pub fn of(bytes: &[u8], most: usize) -> Option<Self> {
        let key = Key::of(bytes).filter(|_| bytes.len() <= most)?;
        Some(Self { key, len: bytes.len() })
    }
}

#[cfg(test)]
mod tests;
