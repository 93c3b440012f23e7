//! What a knob sets: `node.field` paths, resolved once and typed from then on.

use super::compile::{NodeKind, Spec};
use super::connection::{Reuse, Tls};
use super::error::ScenarioError;
use super::knob::Value;
use super::node::{Layer, ReturnPath};
use super::stage::{ForwardedMode, LimitKey, When};
use super::sticky::{MemberState, STICKY_FIELDS, Stick, StickyField};
use super::traffic::Protocol;
use crate::decimal::{self, Decimal};
use crate::policy::balance::PolicyKind;
use crate::wire;
use crate::world::NodeId;

/// A place in a running world that a knob may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The node; for a link, one end of it.
    pub node: NodeId,
    /// What of it.
    pub field: Field,
}

/// What of a node a knob may set. Numbers are indexes into the scenario's lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name is the field that it sets, documented in the schema")]
pub enum Field {
    Rate,
    Users,
    Protocol,
    Connections,
    RequestsPerConnection,
    ClientTimeout,
    ClientTls,
    AddressHold,
    NameTtl,
    Header { class: usize, name: String },
    Path { class: usize },
    Layer,
    ProxyProtocol,
    StageOrder,
    Policy { pool: usize },
    Retries { pool: usize },
    PoolTimeout { pool: usize },
    Reports { pool: usize },
    PoolNumber { pool: usize, of: PoolNumber },
    PoolTls { pool: usize },
    Reuse { pool: usize },
    Health { pool: usize, of: HealthNumber },
    Weight { pool: usize, member: usize },
    MemberState { pool: usize, member: usize },
    Sticky { pool: usize, of: StickyField },
    StageOn { stage: usize },
    Rules { stage: usize },
    Mode { stage: usize },
    Trusted { stage: usize },
    LimitRate { stage: usize },
    Burst { stage: usize },
    Key { stage: usize },
    Status { stage: usize },
    Hold { stage: usize },
    Percent { stage: usize },
    Returns,
    Workers,
    Speed,
    Queue,
    LinkLatency { other: NodeId },
    LinkLoss { other: NodeId },
    LinkRate { other: NodeId },
    ListenerIdle,
    ListenerRequests,
    ReadyAfter,
    Deep,
    Lies,
    Stateless,
}

/// The numbers of a pool's connections that a knob may set; spans are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name is the field that it sets, documented in the schema")]
pub enum PoolNumber {
    Keepalive,
    IdleTimeout,
    MaxRequests,
    MaxConnections,
    MaxWaiting,
    WaitTimeout,
}

/// The names of a pool's numbers, as a knob's path has them.
const POOL_NUMBERS: [(&str, PoolNumber); 6] = [
    ("keepalive", PoolNumber::Keepalive),
    ("idle_timeout", PoolNumber::IdleTimeout),
    ("max_requests", PoolNumber::MaxRequests),
    ("max_connections", PoolNumber::MaxConnections),
    ("max_waiting", PoolNumber::MaxWaiting),
    ("wait_timeout", PoolNumber::WaitTimeout),
];

/// The numbers of a pool's health that a knob may set; spans are in milliseconds. An interval or
/// number of errors of 0 turns the mechanism off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name is the field that it sets, documented in the schema")]
pub enum HealthNumber {
    Interval,
    Timeout,
    Fall,
    Rise,
    Jitter,
    FastInterval,
    DownInterval,
    Threshold,
    ObserveErrors,
    OutlierErrors,
    OutlierEject,
    OutlierMost,
    Panic,
}

/// The names of those numbers, as a knob's path has them.
const HEALTH_NUMBERS: [(&str, HealthNumber); 13] = [
    ("checks.interval", HealthNumber::Interval),
    ("checks.timeout", HealthNumber::Timeout),
    ("checks.fall", HealthNumber::Fall),
    ("checks.rise", HealthNumber::Rise),
    ("checks.jitter_percent", HealthNumber::Jitter),
    ("checks.fast_interval", HealthNumber::FastInterval),
    ("checks.down_interval", HealthNumber::DownInterval),
    ("checks.threshold", HealthNumber::Threshold),
    ("observe.errors", HealthNumber::ObserveErrors),
    ("outlier.errors", HealthNumber::OutlierErrors),
    ("outlier.eject", HealthNumber::OutlierEject),
    ("outlier.max_percent", HealthNumber::OutlierMost),
    ("panic_percent", HealthNumber::Panic),
];

/// A checked value for a [`Field`].
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Any number.
    Number(f64),
    /// On or off.
    Flag(bool),
    /// Text.
    Text(String),
    /// A client's protocol.
    Protocol(Protocol),
    /// A proxy's layer.
    Layer(Layer),
    /// A pool's policy.
    Policy(PolicyKind),
    /// How `X-Forwarded-For` is treated.
    Mode(ForwardedMode),
    /// What a limiter counts by.
    Key(LimitKey),
    /// How answers return past a forwarder.
    Returns(ReturnPath),
    /// How connections are secured.
    Tls(Tls),
    /// Which idle connection is used next.
    Reuse(Reuse),
    /// By what a pool keeps its users.
    Stick(Stick),
    /// What a pool does about a member.
    State(MemberState),
    /// Routing rules: condition and pool index.
    Rules(Vec<(When, usize)>),
    /// Stage indexes in their new order.
    Order(Vec<usize>),
}

impl Field {
    /// Checks a value for this field.
    ///
    /// # Errors
    /// A sentence that says what the field takes.
    pub fn check(&self, node: NodeId, value: &Value, spec: &Spec) -> Result<Setting, String> {
        match (self, value) {
            (Self::Rules { .. }, Value::Table(rows)) => rules(node, rows, spec).map(Setting::Rules),
            (Self::StageOrder, Value::Order(names)) => order(node, names, spec).map(Setting::Order),
            (Self::Header { .. } | Self::Path { .. }, Value::Text(text)) => header_text(text).map(Setting::Text),
            (Self::StageOn { .. } | Self::ProxyProtocol | Self::Deep | Self::Lies | Self::Stateless, Value::Toggle(on)) => {
                Ok(Setting::Flag(*on))
            }
            (Self::Sticky { of: StickyField::Redispatch | StickyField::AtOnce, .. }, Value::Toggle(on)) => Ok(Setting::Flag(*on)),
            (_, Value::Choice(choice)) => self.choice(choice),
            (_, Value::Number(n)) if self.is_number() => {
                if n.is_finite() && *n >= 0.0 {
                    Ok(Setting::Number(*n))
                } else {
                    Err(format!("{} is not zero or more", Decimal(*n)))
                }
            }
            _ => Err("the knob's kind does not fit what it sets".to_owned()),
        }
    }

    fn choice(&self, choice: &str) -> Result<Setting, String> {
        match self {
            Self::Protocol => named(choice).map(Setting::Protocol),
            Self::Layer => named(choice).map(Setting::Layer),
            Self::Policy { .. } => named(choice).map(Setting::Policy),
            Self::Mode { .. } => named(choice).map(Setting::Mode),
            Self::Key { .. } => named(choice).map(Setting::Key),
            Self::Returns => named(choice).map(Setting::Returns),
            Self::ClientTls | Self::PoolTls { .. } => named(choice).map(Setting::Tls),
            Self::Reuse { .. } => named(choice).map(Setting::Reuse),
            Self::Sticky { of: StickyField::Method, .. } => named(choice).map(Setting::Stick),
            Self::MemberState { .. } => named(choice).map(Setting::State),
            // A choice among numbers, such as a number of workers.
            _ if self.is_number() => match decimal::parse(choice) {
                Some(n) => Ok(Setting::Number(n)),
                None => Err(format!("\"{choice}\" is not a number")),
            },
            _ => Err("the knob's kind does not fit what it sets".to_owned()),
        }
    }

    const fn is_number(&self) -> bool {
        !matches!(
            self,
            Self::Protocol
                | Self::Layer
                | Self::Policy { .. }
                | Self::Mode { .. }
                | Self::Key { .. }
                | Self::Returns
                | Self::ClientTls
                | Self::PoolTls { .. }
                | Self::Reuse { .. }
                | Self::Sticky { of: StickyField::Method | StickyField::Redispatch | StickyField::AtOnce, .. }
                | Self::MemberState { .. }
                | Self::Rules { .. }
                | Self::StageOrder
                | Self::Header { .. }
                | Self::Path { .. }
                | Self::StageOn { .. }
                | Self::ProxyProtocol
                | Self::Deep
                | Self::Lies
                | Self::Stateless
        )
    }
}

/// Reads an enum's variant from its snake_case name.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, String> {
    wire::variant(name).map_err(|known| format!("\"{name}\" is none of {}", known.join(", ")))
}

fn header_text(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("a header value holds no line breaks or control characters".to_owned());
    }
    Ok(text.to_owned())
}

fn rules(node: NodeId, rows: &[Vec<String>], spec: &Spec) -> Result<Vec<(When, usize)>, String> {
    let pools = spec.node(node).pools();
    let mut rules = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let [when, pool] = row.as_slice() else { return Err(format!("row {} needs a condition and a pool", i + 1)) };
        let when = when.parse().map_err(|why| format!("row {}: {why}", i + 1))?;
        let Some(index) = pools.iter().position(|p| p.name == pool.trim()) else {
            let known = pools.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(format!("row {}: there is no pool \"{pool}\"; there are {known}", i + 1));
        };
        rules.push((when, index));
    }
    Ok(rules)
}

fn order(node: NodeId, names: &[String], spec: &Spec) -> Result<Vec<usize>, String> {
    let stages = spec.node(node).stages();
    let mut order = Vec::new();
    for name in names {
        order.push(stages.iter().position(|s| s.name == *name).ok_or_else(|| format!("there is no stage \"{name}\""))?);
    }
    Ok(order)
}

/// What of a server a knob may set.
const BACKEND_FIELDS: [&str; 9] =
    ["workers", "speed", "queue", "stateless", "listener.idle", "listener.requests", "health.ready_after", "health.deep", "health.lies"];

impl Target {
    /// Resolves a `node.field` path.
    ///
    /// # Errors
    /// [`ScenarioError`] that names the part of the path which does not exist.
    pub fn resolve(path: &str, at: &str, spec: &Spec) -> Result<Self, ScenarioError> {
        let parts: Vec<&str> = path.split('.').collect();
        if let ["link", a, b, what] = parts[..] {
            let (node, other) = (spec.find(a, &at)?, spec.find(b, &at)?);
            let field = match what {
                "latency" => Field::LinkLatency { other },
                "loss" => Field::LinkLoss { other },
                "mbit" => Field::LinkRate { other },
                _ => return Err(unknown(what, at, &["latency", "loss", "mbit"])),
            };
            return Ok(Self { node, field });
        }
        let Some((&name, rest)) = parts.split_first() else { return Err(unknown(path, at, &[])) };
        let node = spec.find(name, &at)?;
        let spec_node = spec.node(node);
        let field = match spec_node.kind {
            NodeKind::Clients(index) => clients_field(rest, at, &spec.scenario.clients[index])?,
            NodeKind::Proxy(_) => proxy_field(rest, at, spec_node)?,
            NodeKind::Forwarder(_) => match rest {
                ["returns"] => Field::Returns,
                _ => pool_field(rest, at, 0, spec_node)?,
            },
            NodeKind::Backend(_) => match rest {
                ["workers"] => Field::Workers,
                ["speed"] => Field::Speed,
                ["queue"] => Field::Queue,
                ["stateless"] => Field::Stateless,
                ["listener", what] => listener_field(what, at)?,
                ["health", "ready_after"] => Field::ReadyAfter,
                ["health", "deep"] => Field::Deep,
                ["health", "lies"] => Field::Lies,
                _ => return Err(unknown(&rest.join("."), at, &BACKEND_FIELDS)),
            },
            NodeKind::Switch(_) => return Err(unknown(&rest.join("."), at, &[])),
        };
        Ok(Self { node, field })
    }
}

fn unknown(name: &str, at: &str, known: &[&str]) -> ScenarioError {
    ScenarioError::Unknown { what: "field", name: name.to_owned(), at: at.to_owned(), known: known.iter().map(|&k| k.to_owned()).collect() }
}

fn clients_field(rest: &[&str], at: &str, clients: &super::Clients) -> Result<Field, ScenarioError> {
    let class = |name: &str| {
        let names: Vec<&str> = clients.requests.iter().map(|c| c.name.as_str()).collect();
        clients.requests.iter().position(|c| c.name == name).ok_or_else(|| unknown(name, at, &names))
    };
    Ok(match rest {
        ["rate"] => Field::Rate,
        ["users"] => Field::Users,
        ["protocol"] => Field::Protocol,
        ["connections"] => Field::Connections,
        ["requests_per_connection"] => Field::RequestsPerConnection,
        ["timeout"] => Field::ClientTimeout,
        ["tls"] => Field::ClientTls,
        ["hold"] => Field::AddressHold,
        ["header", c, name] => Field::Header { class: class(c)?, name: (*name).to_owned() },
        ["path", c] => Field::Path { class: class(c)? },
        _ => {
            return Err(unknown(
                &rest.join("."),
                at,
                &[
                    "rate",
                    "users",
                    "protocol",
                    "connections",
                    "requests_per_connection",
                    "timeout",
                    "tls",
                    "hold",
                    "header.<class>.<name>",
                    "path.<class>",
                ],
            ));
        }
    })
}

fn proxy_field(rest: &[&str], at: &str, node: &super::NodeSpec) -> Result<Field, ScenarioError> {
    match rest {
        ["layer"] => return Ok(Field::Layer),
        ["proxy_protocol"] => return Ok(Field::ProxyProtocol),
        ["stages"] => return Ok(Field::StageOrder),
        ["listener", what] => return listener_field(what, at),
        ["names", "ttl"] if node.names().is_some() => return Ok(Field::NameTtl),
        _ => {}
    }
    let Some((&name, inner)) = rest.split_first() else {
        return Err(unknown("", at, &["layer", "proxy_protocol", "stages", "listener.idle", "listener.requests"]));
    };
    if let Some(pool) = node.pools().iter().position(|p| p.name == name) {
        return pool_field(inner, at, pool, node);
    }
    if let Some(stage) = node.stages().iter().position(|s| s.name == name) {
        return stage_field(inner, at, stage);
    }
    let known: Vec<&str> = node
        .pools()
        .iter()
        .map(|p| p.name.as_str())
        .chain(node.stages().iter().map(|s| s.name.as_str()))
        .chain(["layer", "proxy_protocol", "stages", "listener.idle", "listener.requests"])
        .collect();
    Err(unknown(name, at, &known))
}

fn listener_field(what: &str, at: &str) -> Result<Field, ScenarioError> {
    match what {
        "idle" => Ok(Field::ListenerIdle),
        "requests" => Ok(Field::ListenerRequests),
        _ => Err(unknown(what, at, &["idle", "requests"])),
    }
}

fn pool_field(rest: &[&str], at: &str, pool: usize, node: &super::NodeSpec) -> Result<Field, ScenarioError> {
    Ok(match rest {
        ["policy"] => Field::Policy { pool },
        ["retries"] => Field::Retries { pool },
        ["timeout"] => Field::PoolTimeout { pool },
        ["reports"] => Field::Reports { pool },
        ["tls"] => Field::PoolTls { pool },
        ["reuse"] => Field::Reuse { pool },
        [what @ ("weight" | "state"), name] => {
            let members = node.pools()[pool].members.iter().map(|m| m.node.as_str()).collect::<Vec<_>>();
            let member = members.iter().position(|m| m == name).ok_or_else(|| unknown(name, at, &members))?;
            if *what == "weight" { Field::Weight { pool, member } } else { Field::MemberState { pool, member } }
        }
        ["sticky", what] => match STICKY_FIELDS.iter().find(|(name, _)| name == what) {
            Some(&(_, of)) => Field::Sticky { pool, of },
            None => return Err(unknown(what, at, &STICKY_FIELDS.map(|(name, _)| name))),
        },
        _ => match (POOL_NUMBERS.iter().find(|(name, _)| rest == [*name]), health_number(rest)) {
            (Some(&(_, of)), _) => Field::PoolNumber { pool, of },
            (_, Some(of)) => Field::Health { pool, of },
            (None, None) => {
                let mut known =
                    vec!["policy", "retries", "timeout", "reports", "tls", "reuse", "weight.<member>", "state.<member>", "sticky.<field>"];
                known.extend(POOL_NUMBERS.map(|(name, _)| name));
                known.extend(HEALTH_NUMBERS.map(|(name, _)| name));
                return Err(unknown(&rest.join("."), at, &known));
            }
        },
    })
}

fn health_number(rest: &[&str]) -> Option<HealthNumber> {
    let path = rest.join(".");
    HEALTH_NUMBERS.iter().find(|(name, _)| path == *name).map(|&(_, of)| of)
}

fn stage_field(rest: &[&str], at: &str, stage: usize) -> Result<Field, ScenarioError> {
    Ok(match rest {
        ["on"] => Field::StageOn { stage },
        ["rules"] => Field::Rules { stage },
        ["mode"] => Field::Mode { stage },
        ["trusted"] => Field::Trusted { stage },
        ["rate"] => Field::LimitRate { stage },
        ["burst"] => Field::Burst { stage },
        ["key"] => Field::Key { stage },
        ["status"] => Field::Status { stage },
        ["hold"] => Field::Hold { stage },
        ["percent"] => Field::Percent { stage },
        _ => {
            return Err(unknown(
                &rest.join("."),
                at,
                &["on", "rules", "mode", "trusted", "rate", "burst", "key", "status", "hold", "percent"],
            ));
        }
    })
}
