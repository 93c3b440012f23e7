//! Who sends what, when, and how much work it brings.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::connection::Tls;
use super::node::Place;
use crate::http::{Headers, Method};
use crate::rng::Draw;
use crate::time::Duration;

/// A distribution of spans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Dist {
    /// Always the same.
    Constant {
        /// The span.
        value: Duration,
    },
    /// Anything between two bounds, all alike.
    Uniform {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// Memoryless, as in M/M/c.
    Exponential {
        /// The mean.
        mean: Duration,
    },
    /// Most are short, a few are long: what service times look like in practice.
    Lognormal {
        /// The median.
        median: Duration,
        /// The standard deviation of the logarithm; 0.5 is mild, 1.5 has a heavy tail.
        sigma: f64,
    },
    /// Mostly one span, sometimes another.
    Bimodal {
        /// The usual span.
        usual: Duration,
        /// The rare one.
        rare: Duration,
        /// How often the rare one comes, in percent.
        percent: f64,
    },
}

impl Default for Dist {
    fn default() -> Self {
        Self::Constant { value: Duration::ZERO }
    }
}

impl Dist {
    /// A span drawn from the distribution.
    pub fn sample(&self, draw: Draw) -> Duration {
        match self {
            Self::Constant { value } => *value,
            Self::Uniform { min, max } => *min + Duration(draw.below(max.0.saturating_sub(min.0) + 1)),
            Self::Exponential { mean } => draw.exponential_span(*mean),
            Self::Lognormal { median, sigma } => Duration::from_micros_f64(median.0 as f64 * libm::exp(sigma * draw.normal())),
            Self::Bimodal { usual, rare, percent } => {
                if draw.unit() * 100.0 < *percent {
                    *rare
                } else {
                    *usual
                }
            }
        }
    }
}

/// When requests come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrivals {
    /// Open loop, memoryless: users come whether or not others have been served.
    Poisson {
        /// Mean requests per second from the whole group.
        rate: f64,
    },
    /// Open loop at even gaps.
    Even {
        /// Requests per second from the whole group.
        rate: f64,
    },
    /// Closed loop: each user waits for the answer, thinks, and asks again.
    Closed {
        /// How long a user thinks.
        think: Dist,
    },
    /// At exactly these times, and no others.
    At {
        /// Times since the run began, in order.
        times: Vec<Duration>,
    },
}

impl Default for Arrivals {
    fn default() -> Self {
        Self::Poisson { rate: 10.0 }
    }
}

/// How a client talks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// HTTP/1.1, connections kept open; one request at a time on each.
    #[default]
    Http1,
    /// HTTP/1.1 with `Connection: close`: a new connection for every request.
    Http1Close,
    /// HTTP/2: many requests at once on one connection.
    Http2,
    /// Datagrams: no connection, only a flow of packets with the same two addresses and ports.
    Udp,
}

/// A kind of request in a group's mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RequestClass {
    /// The class's name; goals and measures refer to it.
    pub name: String,
    /// Its share of the mix, relative to the other classes.
    pub weight: u32,
    /// The method.
    pub method: Method,
    /// The path and query.
    pub path: String,
    /// The host asked for.
    pub host: String,
    /// Header fields beside `Host`, as the client sends them.
    pub headers: Headers,
    /// The request's size in bytes.
    pub size: u32,
    /// The response's size in bytes.
    pub response_size: u32,
    /// How long one worker of speed 1 takes over it.
    pub service: Dist,
    /// Whether an answer is expected; a datagram without one is over when it has arrived.
    pub answered: bool,
}

impl Default for RequestClass {
    fn default() -> Self {
        Self {
            name: "page".into(),
            weight: 1,
            method: Method::Get,
            path: "/".into(),
            host: "shop.example".into(),
            headers: Headers::default(),
            size: 500,
            response_size: 10_000,
            service: Dist::Constant { value: Duration::from_millis(10) },
            answered: true,
        }
    }
}

/// A group of users with the same habits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Clients {
    /// The group's name.
    pub name: String,
    /// The node that they send to.
    pub target: String,
    /// How many users there are; each has connections and, without `nat`, an address of its own.
    pub users: u32,
    /// How busy each user is, relative to the others; users past the end of the list count 1.
    pub weights: Vec<u32>,
    /// When requests come.
    pub arrivals: Arrivals,
    /// When the first request may come.
    pub starts: Duration,
    /// How they talk.
    pub protocol: Protocol,
    /// The most connections a user holds at once; further HTTP/1.1 requests wait for one.
    pub connections: u32,
    /// The most requests on one connection before it is closed; 0 for no limit.
    pub requests_per_connection: u32,
    /// Whether every user's connections are open before the run begins.
    pub warm: bool,
    /// The mix of requests.
    pub requests: Vec<RequestClass>,
    /// How long a user waits for an answer; zero waits for ever.
    pub timeout: Duration,
    /// The first user's address; the next users follow it.
    pub address: Option<IpAddr>,
    /// How far the addresses of two users are apart; 256 gives each a /24 of their own.
    pub apart: u32,
    /// Whether all users come from that one address.
    pub nat: bool,
    /// Where they are.
    pub place: Option<Place>,
    /// How their connections are secured; warm ones are already.
    pub tls: Tls,
    /// How long they keep the address that a resolver gave at least, whatever it says (some runtimes
    /// and libraries keep one for as long as they run).
    pub hold: Duration,
}

impl Default for Clients {
    fn default() -> Self {
        Self {
            name: "clients".into(),
            target: String::new(),
            users: 1,
            weights: Vec::new(),
            arrivals: Arrivals::default(),
            starts: Duration::ZERO,
            protocol: Protocol::default(),
            connections: 6,
            requests_per_connection: 0,
            warm: false,
            requests: vec![RequestClass::default()],
            timeout: Duration::ZERO,
            address: None,
            apart: 1,
            nat: false,
            place: None,
            tls: Tls::None,
            hold: Duration::ZERO,
        }
    }
}
