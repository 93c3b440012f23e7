//! The stage in words: for those who cannot see it, and to read numbers off exactly.

use hopscope_core::lesson::Lab;
use hopscope_core::order::sorted;
use hopscope_core::policy::decision::Standing;
use hopscope_core::scenario::{Layer, NodeKind, ReturnPath};
use hopscope_core::world::{NodeId, NodeView, World};
use maud::html;

use super::condition::{self, Condition};
use super::{names, node_clients, rates, strands, text};

fn ids(world: &World) -> impl Iterator<Item = NodeId> {
    (0..world.spec().nodes.len()).map(NodeId::new)
}

/// How many members of pools can be picked, as `3 of 4 in the pool`.
pub fn pool(world: &World) -> String {
    let peers = condition::peers(world);
    let listed = |id: &NodeId| matches!(world.spec().node(*id).kind, NodeKind::Backend(_)) && peers.iter().any(|p| p.node == *id);
    let eligible = |id: &NodeId| peers.iter().any(|p| p.node == *id && p.standing == Standing::Eligible);
    let members: Vec<NodeId> = ids(world).filter(listed).collect();
    match members.len() {
        0 | 1 => String::new(),
        all => format!("{} of {all} in the pool", members.iter().filter(|id| eligible(id)).count()),
    }
}

/// The requests per second of all open-loop groups together.
pub fn all_rates(world: &World) -> String {
    let rate = |id: NodeId| match world.node_view(id) {
        NodeView::Clients { rate, .. } => rate,
        _ => 0.0,
    };
    let sum: f64 = ids(world).map(rate).sum();
    if sum > 0.0 { format!("{} requests/s", (sum + 0.5) as u32) } else { String::new() }
}

/// The stage in one or two sentences.
pub fn sentence(world: &World, lab: &Lab) -> String {
    let mut parts = Vec::new();
    for id in ids(world) {
        let name = names::shown(lab, &world.spec().node(id).name);
        match world.node_view(id) {
            NodeView::Clients { .. } => parts.push(format!("{name} send {}", node_clients::rate(world, id))),
            NodeView::Proxy { layer, in_flight } => {
                parts.push(format!("{name} works at layer {} and has {in_flight} in flight", if layer == Layer::L4 { 4 } else { 7 }));
            }
            NodeView::Backend { busy, workers, waiting, .. } => parts.push(match Condition::of(world, id) {
                Condition::Fine => format!("{name} has {busy} of {workers} busy, {waiting} waiting"),
                other => format!("{name} is {}, {waiting} waiting", said(other)),
            }),
            NodeView::Forwarder { .. } | NodeView::Switch => {}
        }
    }
    parts.join("; ") + "."
}

fn said(condition: Condition) -> String {
    match condition {
        Condition::Fine => "up".into(),
        Condition::Full => "up, its queue is full".into(),
        Condition::Hung => "hanging".into(),
        Condition::Absent => "not in the pool".into(),
        other => other.words(),
    }
}

/// A row of the table: what, state, busy, waiting, received, connections opened.
struct Row {
    name: String,
    state: String,
    busy: String,
    waiting: String,
    received: String,
    connections: String,
}

/// The stage as a table.
pub fn state(world: &World, lab: &Lab) -> String {
    let rows: Vec<Row> = ids(world).map(|id| row(world, lab, id)).collect();
    html! {
        table class="state-table" {
            caption class="visually-hidden" { "Every node at " (world.now()) }
            thead {
                tr {
                    th scope="col" { "Node" }
                    th scope="col" { "State" }
                    th scope="col" class="number" { "Busy" }
                    th scope="col" class="number" { "Waiting" }
                    th scope="col" class="number" { "Received" }
                    th scope="col" class="number" { "Connections" }
                }
            }
            tbody {
                @for row in &rows {
                    tr {
                        th scope="row" { (row.name) }
                        td { (row.state) }
                        td class="number" { (row.busy) }
                        td class="number" { (row.waiting) }
                        td class="number" { (row.received) }
                        td class="number" { (row.connections) }
                    }
                }
            }
        }
    }
    .into_string()
}

fn row(world: &World, lab: &Lab, id: NodeId) -> Row {
    let none = || "–".to_owned();
    let name = names::shown(lab, &world.spec().node(id).name).to_owned();
    let (received, connections) = (world.metrics().received(id).to_string(), world.metrics().connections(id).to_string());
    let mut row = Row { name, state: String::new(), busy: none(), waiting: none(), received, connections };
    match world.node_view(id) {
        NodeView::Clients { users, connections, waiting, .. } => {
            let fates = world.metrics().group(id);
            row.state = format!(
                "{}, {}; {} served, {} refused, {} failed",
                text::count(u64::from(users), "user", "users"),
                node_clients::rate(world, id),
                fates.served,
                fates.rejected,
                fates.failed
            );
            (row.waiting, row.received, row.connections) = (waiting.to_string(), none(), connections.to_string());
        }
        NodeView::Proxy { layer, in_flight } => {
            row.state = between(world, id, if layer == Layer::L4 { "layer 4" } else { "layer 7" });
            row.busy = in_flight.to_string();
        }
        NodeView::Forwarder { returns } => {
            row.state =
                between(world, id, if returns == ReturnPath::Direct { "packets, answers go straight back" } else { "packets, NAT" });
        }
        NodeView::Backend { busy, workers, waiting, .. } => {
            let users = pinned(world, id);
            row.state = said(Condition::of(world, id));
            if let Some(rate) = rates::received(world, id) {
                row.state += &format!(", {rate}/s");
            }
            if !users.is_empty() {
                row.state += &format!(", connections of users {users}");
            }
            (row.busy, row.waiting) = (format!("{busy} of {workers}"), waiting.to_string());
        }
        NodeView::Switch => row.state = "copies".into(),
    }
    row
}

fn between(world: &World, id: NodeId, what: &str) -> String {
    let pools = world.pools_view(id);
    match pools.first().filter(|(_, peers)| peers.len() > 1) {
        Some((policy, _)) => format!("{what}, {}", names::policy(*policy)),
        None => what.to_owned(),
    }
}

/// The users whose connections lead to a backend.
fn pinned(world: &World, id: NodeId) -> String {
    let users: Vec<u16> =
        strands::strands(world).iter().filter(|s| s.path.len() > 2 && s.path.last() == Some(&id)).map(|s| s.user).collect();
    let mut users = sorted(&users, |&user| [user.into(), 0, 0, 0]);
    users.dedup();
    strands::ranges(&users)
}
