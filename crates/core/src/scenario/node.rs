//! Proxies, forwarders, backends, switches and the links between them.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::connection::{Listener, Reuse, Tls};
use super::health::{HealthDocument, Product};
use super::stage::Stage;
use super::sticky::Sticky;
use super::traffic::Dist;
use crate::policy::balance::{Options, PolicyKind};
use crate::policy::health::{Checks, Observe, Outlier};
use crate::time::Duration;

/// A place on Earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

impl Place {
    /// The one-way time to another place: great-circle distance (haversine) at 200 km/ms, the
    /// speed of light in fibre, times 1.4 because cables do not run straight.
    pub fn latency_to(self, other: Self) -> Duration {
        let rad = core::f64::consts::PI / 180.0;
        let (lat1, lat2) = (self.lat * rad, other.lat * rad);
        let cos = |angle: f64| 1.0 - 2.0 * haversine(angle);
        let h = haversine(lat2 - lat1) + cos(lat1) * cos(lat2) * haversine((other.lon - self.lon) * rad);
        let km = 2.0 * 6_371.0 * libm::asin(h.sqrt().min(1.0));
        Duration::from_micros_f64(km / 200.0 * 1.4 * 1_000.0)
    }
}

/// The squared sine of half an angle. The series is short because half turns make no difference:
/// seven terms are right to nine digits up to a quarter turn, and need no tables for great angles.
fn haversine(angle: f64) -> f64 {
    let half = angle / 2.0;
    let x = half - core::f64::consts::PI * (half / core::f64::consts::PI + 0.5).floor();
    let s = x * x;
    let sine = [156.0, 110.0, 72.0, 42.0, 20.0, 6.0].iter().fold(1.0, |sum, n| 1.0 - s / n * sum) * x;
    sine * sine
}

/// How an access log writes its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// nginx's `combined` format.
    Nginx,
    /// HAProxy's `option httplog`.
    Haproxy,
    /// One JSON object a line.
    Json,
}

/// Which layer a proxy works at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Joins two TCP connections and copies bytes (nginx `stream`, HAProxy `mode tcp`).
    L4,
    /// Reads each request and decides about it (nginx `http`, HAProxy `mode http`).
    #[default]
    L7,
}

/// The largest weight of a server, as in nginx's and HAProxy's own limits of the same order.
pub const MOST_WEIGHT: u32 = 65_535;

/// One server of a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The backend's or next proxy's name.
    pub node: String,
    /// Its weight; 1 unless said otherwise.
    #[serde(default = "one")]
    pub weight: u32,
    /// Whether it only helps out when no other member can be picked (nginx and HAProxy `backup`).
    #[serde(default)]
    pub backup: bool,
    /// How many requests or connections it gets at once; 0 for any number (nginx `max_conns`).
    #[serde(default)]
    pub max_active: u32,
    /// How many failures take it out; 0 for never (nginx `max_fails`, by nginx's policies).
    #[serde(default)]
    pub max_fails: u32,
    /// Over how long failures count, and for how long they take it out (nginx `fail_timeout`).
    #[serde(default)]
    pub fail_timeout: Duration,
}

const fn one() -> u32 {
    1
}

impl Default for Member {
    fn default() -> Self {
        Self { node: String::new(), weight: 1, backup: false, max_active: 0, max_fails: 0, fail_timeout: Duration::ZERO }
    }
}

/// What a policy that hashes takes of a request (the key of nginx's `hash`, HAProxy's `balance`).
/// Layer 4 sees nothing but the client's address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HashedBy {
    /// The client's address.
    #[default]
    Client,
    /// The request's path with its query.
    Uri,
    /// A header field's value; a request without it has nothing to hash.
    Header(String),
    /// A cookie's value; a request without it has nothing to hash.
    Cookie(String),
}

/// A named group of servers and the policy that picks among them (nginx `upstream`, HAProxy `backend`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Pool {
    /// The pool's name; the first pool is the default one.
    pub name: String,
    /// How one of the members is picked.
    pub policy: PolicyKind,
    /// What the policy hashes, if it hashes.
    pub by: HashedBy,
    /// What the policy is told beside its name.
    pub options: Options,
    /// Who is in it.
    pub members: Vec<Member>,
    /// Connections to each member that are open before the run begins.
    pub warm: u32,
    /// Idle connections kept to each member (nginx `keepalive` counts them per worker).
    pub keepalive: u32,
    /// How many further members are tried when a connection fails (nginx `proxy_next_upstream_tries`).
    pub retries: u32,
    /// How long an answer may take; zero waits for ever (nginx `proxy_read_timeout`).
    pub timeout: Duration,
    /// How often the policy learns what its members have in hand; zero tells it at once. A balancer
    /// that counts for itself knows at once; one that polls its servers, or shares the counts of
    /// other balancers, chooses by old numbers in between.
    pub reports: Duration,
    /// How its connections are secured; warm ones are already.
    pub tls: Tls,
    /// After how long an idle connection is closed; zero never (nginx `keepalive_timeout` in an
    /// `upstream` block, in spirit HAProxy `pool-purge-delay`).
    pub idle_timeout: Duration,
    /// The most requests on one connection; 0 for any number (nginx `keepalive_requests` in an
    /// `upstream` block).
    pub max_requests: u32,
    /// The most connections to each member, busy ones counted; 0 for any number.
    pub max_connections: u32,
    /// How many requests may wait for a connection to their member; one more is answered 503.
    pub max_waiting: u32,
    /// How long a request waits for a connection before it is answered 503; zero waits for ever
    /// (HAProxy `timeout queue`).
    pub wait_timeout: Duration,
    /// Which idle connection is used next (nginx takes the one used last).
    pub reuse: Reuse,
    /// How its members are checked; without it nobody asks them.
    pub checks: Option<Checks>,
    /// What requests that went wrong in a row mean for those checks.
    pub observe: Option<Observe>,
    /// Who is left out for the errors of their answers.
    pub outlier: Option<Outlier>,
    /// Below which share of members that can be used all are used, in percent; 0 never (Envoy's panic threshold).
    pub panic_percent: u32,
    /// Whose statuses tell that nobody could answer.
    pub product: Product,
    /// How it keeps its users; not at all when nothing is said.
    pub sticky: Option<Sticky>,
}

/// A proxy: it ends the client's connection and opens its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Proxy {
    /// The proxy's name.
    pub name: String,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Which layer it works at.
    pub layer: Layer,
    /// What each request meets, in this order, before it is forwarded. Layer 4 has none.
    pub stages: Vec<Stage>,
    /// Whom it forwards to.
    pub pools: Vec<Pool>,
    /// Layer 4: whether it tells the next hop the client's address (PROXY protocol).
    pub proxy_protocol: bool,
    /// Where it is.
    pub place: Option<Place>,
    /// Whether it keeps an access log.
    pub log: Option<LogFormat>,
    /// How it treats the connections of those who ask it.
    pub listener: Listener,
    /// Whether it is a resolver: it passes nothing on, but answers with the address of a member of its
    /// pool, to which whoever asks goes by themselves.
    pub names: Option<Names>,
}

/// What a resolver says beside an address (RFC 1035 section 3.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Names {
    /// How long the answer may be kept.
    pub ttl: Duration,
}

/// How answers travel back past a packet forwarder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReturnPath {
    /// Through the forwarder, which translates addresses both ways.
    #[default]
    Nat,
    /// Straight from the backend to the client (direct server return).
    Direct,
}

/// A packet forwarder: it picks a backend per connection or flow and passes packets on; the
/// one connection runs from client to backend.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Forwarder {
    /// The forwarder's name.
    pub name: String,
    /// Its address.
    pub address: Option<IpAddr>,
    /// How answers travel back.
    pub returns: ReturnPath,
    /// Whom it forwards to; `keepalive`, `warm`, `retries` and `timeout` do not apply.
    pub pool: Pool,
    /// Where it is.
    pub place: Option<Place>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Backend {
    /// The server's name.
    pub name: String,
    /// Its address.
    pub address: Option<IpAddr>,
    /// How many requests it works on at once.
    pub workers: u32,
    /// How many more may wait; one past that is answered 503 at once.
    pub queue: u32,
    /// How fast it works: 2 takes half the time, 0.5 twice.
    pub speed: f64,
    /// The work of requests that bring none of their own, such as calls to a store.
    pub service: Dist,
    /// The work that comes on top when a user was last served elsewhere: a login, a session to
    /// fetch, a cache to fill. Whoever serves a user first in a run has known them before. Zero for
    /// a server that keeps nothing about its users.
    pub cold: Duration,
    /// The host names it answers to, for forward proxies.
    pub hosts: Vec<String>,
    /// Whether it is there when the run begins; a fault with `join` adds it later.
    pub absent: bool,
    /// Where it is.
    pub place: Option<Place>,
    /// Whether it keeps an access log.
    pub log: Option<LogFormat>,
    /// How it treats the connections of those who ask it.
    pub listener: Listener,
    /// What it says when it is asked how it is.
    pub health: HealthDocument,
}

impl Default for Backend {
    fn default() -> Self {
        Self {
            name: String::new(),
            address: None,
            workers: 8,
            queue: 1_000,
            speed: 1.0,
            service: Dist::Constant { value: Duration::from_millis(1) },
            cold: Duration::ZERO,
            hosts: Vec::new(),
            absent: false,
            place: None,
            log: None,
            listener: Listener::default(),
            health: HealthDocument::default(),
        }
    }
}

/// To whom a switch delivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Everyone attached.
    #[default]
    Broadcast,
    /// Those who joined the group.
    Multicast,
}

/// Copies one datagram to many receivers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Switch {
    /// The switch's name.
    pub name: String,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Everyone attached or only the group.
    pub delivery: Delivery,
    /// Everyone attached.
    pub attached: Vec<String>,
    /// Who joined the group.
    pub group: Vec<String>,
    /// Where it is.
    pub place: Option<Place>,
}

/// What a link is like, in each direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LinkQuality {
    /// The one-way time; between nodes with places and no latency here, distance gives it.
    pub latency: Duration,
    /// Megabits per second; 0 for as much as one wants. A message waits for the one before it.
    pub mbit_per_s: f64,
    /// The share of messages lost, in percent. TCP sends a lost one again after a timeout, a datagram is gone.
    pub loss_percent: f64,
}

/// A link that differs from the scenario's default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Link {
    /// One end.
    pub from: String,
    /// The other end; both directions are alike.
    pub to: String,
    /// The one-way time.
    pub latency: Duration,
    /// Megabits per second; 0 for as much as one wants.
    pub mbit_per_s: f64,
    /// The share of messages lost, in percent.
    pub loss_percent: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_haversine_is_the_squared_sine_of_half_the_angle() {
        for degrees in -720..=720 {
            let angle = f64::from(degrees).to_radians();
            let expect = libm::sin(angle / 2.0) * libm::sin(angle / 2.0);
            assert!((haversine(angle) - expect).abs() < 1e-8, "{degrees}");
        }
    }

    #[test]
    fn distance_gives_latency() {
        let check = |a: (f64, f64), b: (f64, f64), km: f64| {
            let place = |(lat, lon)| Place { lat, lon };
            let ms = place(a).latency_to(place(b)).as_millis_f64();
            assert!((ms - km / 200.0 * 1.4).abs() < 0.001 * ms + 0.001, "{ms}");
        };
        check((50.1, 8.7), (50.1, 8.7), 0.0);
        check((0.0, 0.0), (0.0, 180.0), core::f64::consts::PI * 6_371.0);
        check((0.0, -170.0), (0.0, 170.0), core::f64::consts::PI * 6_371.0 / 9.0);
        check((90.0, 0.0), (-90.0, 77.0), core::f64::consts::PI * 6_371.0);
        check((0.0, 0.0), (45.0, 0.0), core::f64::consts::PI * 6_371.0 / 4.0);
    }
}
