//! Who stands in which column, and who talks to whom, read from the scenario alone.

use hopscope_core::scenario::{NodeKind, Spec, StageKind};
use hopscope_core::world::NodeId;

/// Backends that are drawn one by one; more are summed up.
pub const MOST_BACKENDS: usize = 8;

/// Why two nodes are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// Requests go this way.
    Traffic,
    /// A stage asks this service, or sends copies to it.
    Service,
    /// Answers come straight back, past the forwarder.
    Straight,
}

/// Two nodes that are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Who asks.
    pub from: NodeId,
    /// Who is asked.
    pub to: NodeId,
    /// Why.
    pub kind: EdgeKind,
}

/// Columns from clients to backends.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// Nodes by column; the last column holds the backends.
    pub columns: Vec<Vec<NodeId>>,
    /// Backends that are only summed up.
    pub rest: Vec<NodeId>,
    /// Who talks to whom.
    pub edges: Vec<Edge>,
}

impl Topology {
    /// Reads a scenario.
    pub fn of(spec: &Spec) -> Self {
        let edges = edges(spec);
        let depth = depths(spec, &edges);
        let middle = depth.iter().copied().max().unwrap_or(0);
        let mut columns = vec![Vec::new(); middle + 2];
        for (index, node) in spec.nodes.iter().enumerate() {
            let column = match node.kind {
                NodeKind::Clients(_) => 0,
                NodeKind::Backend(_) => middle + 1,
                _ => depth[index],
            };
            columns[column].push(NodeId::new(index));
        }
        let backends = &mut columns[middle + 1];
        let rest = if backends.len() > MOST_BACKENDS { backends.split_off(MOST_BACKENDS - 1) } else { Vec::new() };
        Self { columns, rest, edges }
    }

    /// The boxes of each column: one stands for all backends that are only summed up.
    pub fn stacks(&self) -> Vec<Vec<NodeId>> {
        let mut stacks = self.columns.clone();
        if let Some(backends) = stacks.last_mut() {
            backends.extend(self.rest.first());
        }
        stacks
    }
}

fn edges(spec: &Spec) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut add = |from: usize, to: &str, kind| {
        if let Some(to) = spec.id(to) {
            let edge = Edge { from: NodeId::new(from), to, kind };
            if !edges.contains(&edge) {
                edges.push(edge);
            }
        }
    };
    for (index, node) in spec.nodes.iter().enumerate() {
        match node.kind {
            NodeKind::Clients(i) => {
                let target = &spec.scenario.clients[i].target;
                add(index, target, EdgeKind::Traffic);
                // A resolver only says where to go.
                let resolver = spec.id(target).map(|id| spec.node(id)).filter(|node| node.names().is_some());
                let named = resolver.iter().flat_map(|node| node.pools()).flat_map(|pool| &pool.members);
                named.for_each(|member| add(index, &member.node, EdgeKind::Traffic));
            }
            NodeKind::Switch(i) => spec.scenario.switches[i].attached.iter().for_each(|to| add(index, to, EdgeKind::Traffic)),
            _ => {}
        }
        // What goes from a resolver to those whom it names are checks.
        let kind = if node.names().is_some() { EdgeKind::Service } else { EdgeKind::Traffic };
        node.pools().iter().flat_map(|p| &p.members).for_each(|m| add(index, &m.node, kind));
        for stage in node.stages() {
            match &stage.kind {
                StageKind::Call { to, .. } | StageKind::Mirror { to, .. } => add(index, to, EdgeKind::Service),
                StageKind::ByHost => {
                    spec.scenario.backends.iter().filter(|b| !b.hosts.is_empty()).for_each(|b| add(index, &b.name, EdgeKind::Traffic));
                }
                _ => {}
            }
        }
    }
    edges
}

/// The longest way from any client, over proxies, forwarders and switches.
fn depths(spec: &Spec, edges: &[Edge]) -> Vec<usize> {
    let is_between = |id: NodeId| matches!(spec.node(id).kind, NodeKind::Proxy(_) | NodeKind::Forwarder(_) | NodeKind::Switch(_));
    let mut depth: Vec<usize> = (0..spec.nodes.len()).map(|i| usize::from(is_between(NodeId::new(i)))).collect();
    // As many rounds as there are nodes between settle every chain; a circle ends there too.
    let between = depth.iter().sum::<usize>();
    for _ in 0..between {
        for edge in edges.iter().filter(|e| is_between(e.from) && is_between(e.to)) {
            depth[edge.to.index()] = depth[edge.to.index()].max(depth[edge.from.index()] + 1).min(between);
        }
    }
    depth
}
