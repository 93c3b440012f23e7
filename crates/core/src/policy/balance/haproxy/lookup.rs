//! One of HAProxy's ways to find a server, by name.

use crate::rng::Draw;

use super::first::First;
use super::least_conn::LeastConn;
use super::map::Map;
use super::pool::{Change, Pool, SCALE, ServerLine};
use super::ring::Ring;
use super::round_robin::RoundRobin;

/// What `balance` and `hash-type` say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `balance roundrobin`.
    RoundRobin,
    /// `balance static-rr`.
    StaticRoundRobin,
    /// `balance leastconn`.
    LeastConn,
    /// `balance first`.
    First,
    /// `balance random(<draws>)`: of so many servers drawn, the one with the least to do for its
    /// weight. A server can be drawn more than once. 2 when nothing is said.
    Random {
        /// How many are drawn.
        draws: u32,
    },
    /// Any `balance` by hash with `hash-type map-based`, which is what it is when nothing is said.
    HashMap,
    /// Any `balance` by hash with `hash-type consistent`.
    HashRing,
}

impl Method {
    /// Whether weights may change while it runs (`BE_LB_PROP_DYN`).
    pub const fn is_dynamic(self) -> bool {
        !matches!(self, Self::StaticRoundRobin | Self::HashMap)
    }

    /// Whether it goes by a key.
    pub(crate) const fn hashes(self) -> bool {
        matches!(self, Self::HashMap | Self::HashRing)
    }

    /// Whether the servers are full for sure when somebody waits in the backend's queue.
    pub(crate) const fn queue_means_full(self) -> bool {
        matches!(self, Self::RoundRobin | Self::StaticRoundRobin | Self::First)
    }

    /// How an effective weight is made of a weight: times the first, divided by the second.
    pub(crate) fn weighing(self, lines: &[ServerLine]) -> (u32, u32) {
        if self.is_dynamic() { (SCALE, 1) } else { (1, Map::divisor(lines)) }
    }
}

/// What a request brings to the choice of its server.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The number of its key; `None` when it has none, and then a round robin decides.
    pub hash: Option<u32>,
    /// The server that it was with in vain.
    pub avoid: Option<u32>,
    /// Randomness for this one choice.
    pub draw: Draw,
}

/// The state of one of the ways.
#[derive(Clone, Debug)]
pub(crate) enum Lookup {
    RoundRobin(RoundRobin),
    LeastConn(LeastConn),
    First(First),
    Random(Ring, u32),
    Map(Map),
    Ring(Ring),
}

impl Lookup {
    /// The state at the start. `factor` is `hash-balance-factor`, 0 without.
    pub(crate) fn new(method: Method, pool: &Pool, lines: &[ServerLine], factor: u32) -> Self {
        match method {
            Method::RoundRobin => Self::RoundRobin(RoundRobin::new(pool)),
            Method::StaticRoundRobin | Method::HashMap => Self::Map(Map::new(pool)),
            Method::LeastConn => Self::LeastConn(LeastConn::new(pool)),
            Method::First => Self::First(First::new(pool)),
            Method::Random { draws } => Self::Random(Ring::new(pool, lines, factor), draws),
            Method::HashRing => Self::Ring(Ring::new(pool, lines, factor)),
        }
    }

    /// Follows a change of a server's weight or state.
    pub(crate) fn change(&mut self, pool: &Pool, index: u32, change: Change) {
        match self {
            _ if change == Change::Nothing => {}
            Self::RoundRobin(way) => way.change(pool, index, change),
            Self::LeastConn(way) => way.change(pool, index, change),
            Self::Random(ring, _) | Self::Ring(ring) => ring.change(pool, index, change),
            Self::Map(map) => map.rebuild(pool),
            Self::First(_) => {}
        }
    }

    /// Follows a server that has been given a request or has finished one.
    pub(crate) fn reposition(&mut self, pool: &Pool, index: u32) {
        if let Self::LeastConn(way) = self {
            way.reposition(pool, index);
        }
    }

    /// Whether a bound on its load lets a server have one more.
    pub(crate) fn is_within_bound(&self, pool: &Pool, index: u32) -> bool {
        match self {
            Self::Random(ring, _) | Self::Ring(ring) => ring.is_within_bound(pool, index),
            _ => true,
        }
    }

    /// Who gets the request. A hash can give it to a server that is full; the others then give
    /// nobody.
    pub(crate) fn pick(&mut self, pool: &Pool, ask: &Ask) -> Option<u32> {
        match (self, ask.hash) {
            (Self::RoundRobin(way), _) => way.pick(pool, ask.avoid),
            (Self::LeastConn(way), _) => way.pick(pool, ask.avoid),
            (Self::First(way), _) => way.pick(pool, ask.avoid),
            (Self::Random(ring, draws), _) => draw(ring, *draws, pool, ask),
            (Self::Map(map), Some(hash)) => map.of_hash(hash),
            (Self::Map(map), None) => map.in_turn(pool, ask.avoid),
            (Self::Ring(ring), Some(hash)) => ring.of_hash(pool, hash, ask.avoid),
            (Self::Ring(ring), None) => ring.in_turn(pool, ask.avoid),
        }
    }
}

/// `get_server_rnd`: draws from the ring; among equals the later draw stays.
fn draw(ring: &Ring, draws: u32, pool: &Pool, ask: &Ask) -> Option<u32> {
    let mut best = ring.draw(pool, ask, 0)?;
    for n in 1..draws {
        let other = ring.draw(pool, ask, n)?;
        let (old, new) = (pool.server(best), pool.server(other));
        if u64::from(new.served) * u64::from(old.eweight) <= u64::from(old.served) * u64::from(new.eweight) {
            best = other;
        }
    }
    pool.has_room(best).then_some(best)
}
