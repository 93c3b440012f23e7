//! What the engine knows, as plain objects.

use hopscope_core::describe::{describe, en, explain};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Conn, Event, NO_ROOT, NodeId, NodeView, Record, World};
use serde::Serialize;

/// Everything about a run where it stands.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Snapshot {
    position: u32,
    known: u32,
    now: f64,
    is_over: bool,
    requests: Requests,
    latency: Latency,
    nodes: Vec<Node>,
    pools: Vec<Pool>,
    connections: Vec<Connection>,
    messages: Vec<Message>,
    goals: Vec<Goal>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Requests {
    started: f64,
    served: f64,
    rejected: f64,
    failed: f64,
    in_flight: f64,
}

#[derive(Serialize)]
struct Latency {
    mean: f64,
    p50: f64,
    p95: f64,
    p99: f64,
}

#[derive(Serialize)]
struct Node {
    name: String,
    address: String,
    kind: &'static str,
    received: u32,
    connected: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    busy: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<u32>,
}

#[derive(Serialize)]
struct Pool {
    node: String,
    policy: hopscope_core::policy::balance::PolicyKind,
    members: Vec<Member>,
}

#[derive(Serialize)]
struct Member {
    node: String,
    weight: u32,
    active: u32,
    standing: &'static str,
}

#[derive(Serialize)]
struct Connection {
    id: u32,
    path: Vec<String>,
    state: String,
    streams: u32,
    carried: u32,
}

#[derive(Serialize)]
struct Message {
    kind: &'static str,
    from: String,
    to: String,
    sent: f64,
    arrives: f64,
    request: Option<u32>,
    status: Option<u16>,
}

#[derive(Serialize)]
struct Goal {
    id: String,
    value: f64,
    met: bool,
}

#[derive(Serialize)]
struct Fault {
    id: String,
    on: bool,
}

impl Snapshot {
    pub(crate) fn of(run: &Timeline) -> Self {
        let world = run.world();
        let (users, latency) = (world.metrics().users(), world.metrics().latency());
        let scenario = &run.spec().scenario;
        let ms = |percent| latency.percentile(percent).as_millis_f64();
        let ids = (0..run.spec().nodes.len()).map(NodeId::new);
        Self {
            position: run.position(),
            known: run.known().0,
            now: run.now().as_millis_f64(),
            is_over: run.is_over(),
            requests: Requests {
                started: users.started as f64,
                served: users.served as f64,
                rejected: users.rejected as f64,
                failed: users.failed as f64,
                in_flight: users.in_flight() as f64,
            },
            latency: Latency { mean: latency.mean().as_millis_f64(), p50: ms(50.0), p95: ms(95.0), p99: ms(99.0) },
            nodes: ids.clone().map(|id| node(world, id)).collect(),
            pools: ids.flat_map(|id| pools(world, id)).collect(),
            connections: world.connections().into_iter().map(|conn| connection(world, conn)).collect(),
            messages: messages(world),
            goals: scenario
                .goals
                .iter()
                .map(|goal| {
                    let value = world.measure(&goal.measure);
                    Goal { id: goal.id.clone(), value, met: goal.holds(value) }
                })
                .collect(),
            faults: scenario.faults.iter().map(|fault| Fault { id: fault.id.clone(), on: world.fault_is_on(&fault.id) }).collect(),
        }
    }
}

fn name(world: &World, id: NodeId) -> String {
    world.spec().node(id).name.clone()
}

fn node(world: &World, id: NodeId) -> Node {
    let spec = world.spec().node(id);
    let (kind, health, busy, workers, waiting) = match world.node_view(id) {
        NodeView::Clients { waiting, .. } => ("clients", None, None, None, Some(waiting)),
        NodeView::Proxy { .. } => ("proxy", None, None, None, None),
        NodeView::Forwarder { .. } => ("forwarder", None, None, None, None),
        NodeView::Backend { health, busy, workers, waiting, present, .. } => {
            use hopscope_core::world::Health;
            let health = match health {
                _ if !present => "absent",
                Health::Up => "up",
                Health::Killed => "killed",
                Health::Hung => "hung",
            };
            ("backend", Some(health), Some(busy), Some(workers), Some(waiting))
        }
        NodeView::Switch => ("switch", None, None, None, None),
    };
    let metrics = world.metrics();
    let (received, connected) = (metrics.received(id), metrics.connections(id));
    Node { name: spec.name.clone(), address: spec.address.to_string(), kind, received, connected, health, busy, workers, waiting }
}

fn pools(world: &World, id: NodeId) -> Vec<Pool> {
    let member = |peer: &hopscope_core::world::PeerView| Member {
        node: name(world, peer.node),
        weight: peer.weight,
        active: peer.active,
        standing: en::standing(peer.standing),
    };
    let pool = |(policy, peers): (_, Vec<_>)| Pool { node: name(world, id), policy, members: peers.iter().map(member).collect() };
    world.pools_view(id).into_iter().map(pool).collect()
}

fn connection(world: &World, conn: &Conn) -> Connection {
    Connection {
        id: conn.serial,
        path: conn.path().iter().map(|&id| name(world, id)).collect(),
        state: format!("{:?}", conn.state).to_lowercase(),
        streams: conn.streams,
        carried: conn.carried,
    }
}

fn messages(world: &World) -> Vec<Message> {
    let message = |m: hopscope_core::world::MessageView| Message {
        kind: en::message_kind(m.kind),
        from: name(world, m.from),
        to: name(world, m.to),
        sent: m.sent.as_millis_f64(),
        arrives: m.arrives.as_millis_f64(),
        request: m.root.filter(|&root| root != NO_ROOT),
        status: (m.status > 0).then_some(m.status),
    };
    world.messages().into_iter().map(message).collect()
}

/// Something that happened.
#[derive(Serialize)]
pub(crate) struct LabEvent {
    ordinal: u32,
    at: f64,
    kind: String,
    node: Option<String>,
    request: Option<u32>,
    decision: Option<u32>,
    words: String,
}

/// What happened at the positions from `from` to `to`.
pub(crate) fn events(run: &Timeline, from: u32, to: u32) -> Vec<LabEvent> {
    let records = run.log().until(to);
    let first = records.partition_point(|record| record.ordinal < from);
    records[first..].iter().map(|record| event(run, record)).collect()
}

fn event(run: &Timeline, record: &Record) -> LabEvent {
    let decision = match record.event {
        Event::Decided { decision, .. } => Some(decision),
        _ => None,
    };
    LabEvent {
        ordinal: record.ordinal,
        at: record.at.as_millis_f64(),
        kind: kind(&record.event),
        node: record.event.node().map(|id| run.spec().node(id).name.clone()),
        request: (record.root != NO_ROOT).then_some(record.root),
        decision,
        words: en::say(&describe(record, run.world(), run.log())),
    }
}

/// The event's name in lower case, as the engine calls it.
fn kind(event: &Event) -> String {
    let whole = format!("{event:?}");
    whole.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase()
}

/// A decision with everything that explains it.
#[derive(Serialize)]
pub(crate) struct Decision {
    at: f64,
    ordinal: u32,
    request: Option<u32>,
    node: String,
    policy: hopscope_core::policy::balance::PolicyKind,
    chosen: Option<String>,
    reason: String,
    candidates: Vec<Candidate>,
    more: u32,
}

#[derive(Serialize)]
struct Candidate {
    node: String,
    active: u32,
    weight: u32,
    score: String,
    standing: &'static str,
    chosen: bool,
}

impl Decision {
    pub(crate) fn of(run: &Timeline, index: u32) -> Option<Self> {
        let decisions = &run.log().decisions;
        let decision = decisions.get(index)?;
        let told = explain(decision, decisions.candidates(decision), run.spec());
        let candidate = |row: hopscope_core::describe::Row| Candidate {
            node: row.name,
            active: row.active,
            weight: row.weight,
            score: row.score,
            standing: en::standing(row.standing),
            chosen: row.chosen,
        };
        Some(Self {
            at: decision.at.as_millis_f64(),
            ordinal: decision.ordinal,
            request: (decision.root != NO_ROOT).then_some(decision.root),
            node: told.at,
            policy: told.policy,
            chosen: told.chosen,
            reason: en::reason(told.reason),
            candidates: told.rows.into_iter().map(candidate).collect(),
            more: told.more,
        })
    }
}
