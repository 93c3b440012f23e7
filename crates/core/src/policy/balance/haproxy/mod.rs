//! HAProxy's balancing, as HAProxy 2.6 decides. Each file is one of its state machines and names
//! the file of HAProxy that it follows.
//!
//! | directive | here | HAProxy |
//! | --- | --- | --- |
//! | `balance roundrobin` | [`Method::RoundRobin`] | `lb_fwrr.c` |
//! | `balance static-rr`, `hash-type map-based` | [`Method::StaticRoundRobin`], [`Method::HashMap`] | `lb_map.c` |
//! | `balance leastconn` | [`Method::LeastConn`] | `lb_fwlc.c` |
//! | `balance first` | [`Method::First`] | `lb_fas.c` |
//! | `hash-type consistent`, `balance random` | [`Method::HashRing`], [`Method::Random`] | `lb_chash.c` |
//! | `hash-type` functions | [`Hashing`] | `hash.c`, `intops.h` |
//! | `balance source`, `uri`, `url_param`, `hdr` | [`UriPart`], [`url_param`], [`header_value`] | `backend.c` |
//! | `maxconn`, `timeout queue`, priorities | [`Backend`] | `queue.c` |
//! | `slowstart`, weights and states at run time | [`Backend`] | `server.c` |

mod backend;
mod control;
mod explain;
mod first;
mod hash;
mod key;
mod least_conn;
mod lookup;
mod map;
mod operate;
mod pool;
mod queue;
mod ranks;
mod ring;
mod round_robin;
mod way;

pub use backend::{Arrival, Backend, Config, Event, Placed, Ticket};
pub use control::{AdminState, NewWeight, WeightRefused};
pub use hash::{HashFunction, Hashing, avalanche};
pub use key::{UriPart, header_value, url_param};
pub use lookup::{Ask, Method};
pub use pool::{HIGHEST_WEIGHT, ServerLine};
pub use way::Way;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

/// Each way with its name as a policy of a pool.
#[cfg(test)]
pub(crate) const KINDS: [(Method, super::PolicyKind); 7] = [
    (Method::RoundRobin, super::PolicyKind::HaproxyRoundRobin),
    (Method::StaticRoundRobin, super::PolicyKind::HaproxyStaticRoundRobin),
    (Method::LeastConn, super::PolicyKind::HaproxyLeastConn),
    (Method::First, super::PolicyKind::HaproxyFirst),
    (Method::Random { draws: 2 }, super::PolicyKind::HaproxyRandom),
    (Method::HashMap, super::PolicyKind::HaproxyHashMap),
    (Method::HashRing, super::PolicyKind::HaproxyHashRing),
];
