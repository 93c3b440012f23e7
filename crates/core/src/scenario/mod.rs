//! The schema of a lab: who is there, how they are linked, what traffic flows, what a learner
//! may turn and break, and what counts as success.
//!
//! A scenario is plain data. [`Scenario::compile`] checks every name in it and gives the
//! [`Spec`] that a world runs on; its errors say where and how to mend.

mod check;
mod check_health;
mod compile;
mod connection;
mod error;
mod goal;
mod health;
mod knob;
mod node;
mod panel;
mod parts;
mod stage;
mod sticky;
mod target;
mod traffic;

pub use compile::{ClassSpec, NodeKind, NodeSpec, Spec};
pub use connection::{Listener, Reuse, Tls};
pub use error::ScenarioError;
pub use goal::{Ask, Challenge, Goal, Measure, Prediction, PredictionOption};
pub use health::{HealthDocument, Product};
pub use knob::{Action, ActionKind, Effect, Fault, Knob, KnobKind, Scripted, Value, Variant};
pub use node::{
    Backend, Delivery, Forwarder, HashedBy, Layer, Link, LogFormat, MOST_WEIGHT, Member, Names, Place, Pool, Proxy, ReturnPath, Switch,
};
pub use panel::Panel;
pub use parts::Parts;
pub use stage::{ForwardedMode, LimitKey, Rule, Stage, StageKind, When};
pub use sticky::{AppCookie, CookieRule, MOST_ROWS, MemberState, Stick, Sticky, StickyField, TableRule};
pub use target::{Field, HealthNumber, PoolNumber, Setting, Target};
pub use traffic::{Arrivals, Clients, Dist, Protocol, RequestClass};

use serde::{Deserialize, Serialize};

use crate::time::Duration;

/// A whole lab, as it is written in `labs/<id>.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// Grows when a change makes old links mean something else; links carry it.
    pub revision: u32,
    /// The seed with which the lab opens.
    pub seed: u64,
    /// When the run ends.
    pub horizon: Duration,
    /// Where the lab stands when it opens: paused, at something worth looking at.
    pub opens_at: Duration,
    /// How the stage is drawn; empty lets the front end choose by topology.
    pub layout: String,
    /// What the lab shows of its connections below the stage, in this order.
    pub panels: Vec<Panel>,
    /// Groups of users that send requests.
    pub clients: Vec<Clients>,
    /// Proxies and balancers that end connections: TCP proxies (layer 4) and HTTP proxies (layer 7).
    pub proxies: Vec<Proxy>,
    /// Packet forwarders: layer 4 without ending the connection.
    pub forwarders: Vec<Forwarder>,
    /// Servers that do the work, stores and other services among them.
    pub backends: Vec<Backend>,
    /// Delivers one message to many receivers.
    pub switches: Vec<Switch>,
    /// Links that differ from `link`.
    pub links: Vec<Link>,
    /// What every link is like unless `links` says otherwise.
    pub link: node::LinkQuality,
    /// What the learner may turn.
    pub knobs: Vec<Knob>,
    /// What the learner may break.
    pub faults: Vec<Fault>,
    /// What happens by itself, at given times.
    pub script: Vec<Scripted>,
    /// What counts as success.
    pub goals: Vec<Goal>,
    /// Where the lab stops and asks.
    pub predictions: Vec<Prediction>,
    /// Makes the lab a challenge.
    pub challenge: Option<Challenge>,
    /// Settings of the knobs that are run side by side on the same arrivals; two to four, or none.
    pub variants: Vec<Variant>,
    /// Whether every message on the wire is kept, bare ACKs included: for labs that follow a few
    /// requests. Without it no bare ACK is sent at all.
    pub messages: bool,
    /// Whether a long answer takes its time on a new connection: ten segments at first, twice as many
    /// each round trip (RFC 6928, RFC 5681 section 3.1). Without it only latency and rate count.
    pub slow_start: bool,
}

pub use node::LinkQuality;
