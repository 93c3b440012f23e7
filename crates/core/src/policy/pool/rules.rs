//! What a pool may keep, open and let wait.

#[cfg(feature = "http-reuse")]
use super::haproxy::HttpReuse;
use crate::time::Duration;

/// The limits of a pool, and what it reuses. Counts and spans of zero are explained one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whose idle connections are counted and handed out together.
    pub sharing: Sharing,
    /// Which of several idle connections is taken.
    pub order: Order,
    /// How many idle connections are kept: for each member, or in the one cache. With 0 nothing is
    /// kept, and each request has a connection of its own.
    pub max_idle: u32,
    /// An idle connection is closed after this time (nginx upstream `keepalive_timeout`); zero never.
    pub idle_timeout: Duration,
    /// A connection is closed with the answer once it is older (nginx upstream `keepalive_time`);
    /// zero never.
    pub lifetime: Duration,
    /// A connection is closed with the answer to so many requests (nginx upstream
    /// `keepalive_requests`); 0 never.
    pub max_requests: u32,
    /// How many connections may be open to each member, idle ones and those being opened
    /// included; 0 for any number.
    pub max_connections: u32,
    /// How many requests may wait for a connection of their member; with 0 none waits.
    pub max_waiting: u32,
    /// How long a request may wait (HAProxy `timeout queue`); zero for ever.
    pub wait_timeout: Duration,
}

impl Rules {
    /// Each member's own idle connections, so many at most, without any other limit.
    pub const fn per_member(max_idle: u32) -> Self {
        Self {
            sharing: Sharing::Member,
            order: Order::Lifo,
            max_idle,
            idle_timeout: Duration::ZERO,
            lifetime: Duration::ZERO,
            max_requests: 0,
            max_connections: 0,
            max_waiting: 0,
            wait_timeout: Duration::ZERO,
        }
    }

    /// nginx's `keepalive` in an `upstream` block (`ngx_http_upstream_keepalive_module`), with the
    /// limits that it has unless they are written: 1,000 requests, 60 s idle, one hour in all.
    pub const fn nginx(keepalive: u32) -> Self {
        Self {
            sharing: Sharing::Cache,
            max_requests: 1_000,
            idle_timeout: Duration::from_secs(60),
            lifetime: Duration::from_secs(3_600),
            ..Self::per_member(keepalive)
        }
    }
}

/// Whose idle connections are counted and handed out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Each member has its own; when they are as many as may be kept, the one that comes back is
    /// closed.
    Member,
    /// All members share one cache; when it is full, the one that has been idle for longest is
    /// closed, whoever's it is (nginx `keepalive`).
    Cache,
    /// HAProxy's `http-reuse`.
    #[cfg(feature = "http-reuse")]
    Http(HttpReuse),
}

/// Which of several idle connections is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The one that was used last: a few stay busy, the others reach their timeout.
    #[default]
    Lifo,
    /// The one that has been idle for longest: all of them stay in use.
    Fifo,
}
