//! Reading a measure off a world.

use super::World;
use super::id::NodeId;
use super::state::Node;
use crate::metrics::{Care, Fates};
use crate::scenario::{Measure, NodeKind};

impl World {
    /// The value of a measure now; counts as they are, spans in milliseconds, shares in percent.
    pub fn measure(&self, measure: &Measure) -> f64 {
        let id = |name: &str| self.spec.id(name).unwrap_or_default();
        match measure {
            Measure::Served { clients } => self.fates_of(clients).served as f64,
            Measure::Failed { clients } => self.fates_of(clients).failed as f64,
            Measure::Rejected { clients } => self.fates_of(clients).rejected as f64,
            Measure::Latency { percentile } => self.metrics.latency().percentile(*percentile).as_millis_f64(),
            Measure::Spread { nodes } => self.spread(nodes),
            Measure::Share { node } => {
                let all: u32 = self.pooled().iter().map(|&n| self.metrics.received(n)).sum();
                percent(self.metrics.received(id(node)), all)
            }
            Measure::Received { node } => f64::from(self.metrics.received(id(node))),
            Measure::AnsweredBy { class, nodes } => self.answered_by(class, nodes),
            Measure::Connections { node } => f64::from(self.metrics.connections(id(node))),
            Measure::Cold { node: Some(node) } => f64::from(self.metrics.cold(id(node))),
            Measure::Cold { node: None } => (0..self.nodes.len()).map(|i| f64::from(self.metrics.cold(NodeId::new(i)))).sum(),
            Measure::Handshakes { node } => f64::from(self.metrics.links(id(node)).handshakes),
            Measure::MostOpen { node } => f64::from(self.metrics.links(id(node)).most_open),
            Measure::Waited { node } => f64::from(self.metrics.links(id(node)).waited),
            Measure::Probes { node } => self.care(node, |care| care.probes),
            Measure::Retried { node } => self.care(node, |care| care.retried),
            Measure::Hidden { node } => self.care(node, |care| care.hidden),
            Measure::Detection { node } => self.metrics.care(id(node)).detected.as_millis_f64(),
            Measure::Lost { clients } => self.losers(clients.as_deref().map(id)) as f64,
            Measure::Pinned { nodes } => {
                let ids = self.named(nodes);
                most_by_mean(&self.known(&ids))
            }
            Measure::Waiting { node } => match &self.nodes[id(node).index()] {
                Node::Backend(b) => b.waiting.len() as f64,
                _ => 0.0,
            },
        }
    }

    /// A count at one node, or at all of them.
    fn care(&self, node: &Option<String>, count: fn(Care) -> u32) -> f64 {
        let of = |id: NodeId| f64::from(count(self.metrics.care(id)));
        match node {
            Some(name) => self.spec.id(name).map_or(0.0, of),
            None => (0..self.nodes.len()).map(|i| of(NodeId::new(i))).sum(),
        }
    }

    fn fates_of(&self, clients: &Option<String>) -> Fates {
        match clients {
            Some(name) => self.metrics.group(self.spec.id(name).unwrap_or_default()),
            None => self.metrics.users(),
        }
    }

    /// The backends that are members of some pool.
    fn pooled(&self) -> Vec<NodeId> {
        let is_member =
            |id: NodeId| self.spec.nodes.iter().flat_map(|n| n.pools()).flat_map(|p| &p.members).any(|m| self.spec.id(&m.node) == Some(id));
        let backends = self.spec.nodes.iter().enumerate().filter(|(_, n)| matches!(n.kind, NodeKind::Backend(_)));
        backends.map(|(i, _)| NodeId::new(i)).filter(|&id| is_member(id)).collect()
    }

    fn spread(&self, nodes: &[String]) -> f64 {
        let counts: Vec<u32> = self.named(nodes).iter().map(|&id| self.metrics.received(id)).collect();
        most_by_mean(&counts)
    }

    /// The named nodes, or all that are in a pool.
    fn named(&self, nodes: &[String]) -> Vec<NodeId> {
        if nodes.is_empty() { self.pooled() } else { nodes.iter().filter_map(|n| self.spec.id(n)).collect() }
    }

    /// How unevenly requests are spread over the servers that pools list: the standard deviation
    /// of their numbers divided by the mean, which is the coefficient of variation. 0 is even.
    pub fn variation(&self) -> f64 {
        let counts: Vec<f64> = self.pooled().iter().map(|&id| f64::from(self.metrics.received(id))).collect();
        variation(&counts)
    }

    fn answered_by(&self, class: &str, nodes: &[String]) -> f64 {
        let classes: Vec<usize> = self.spec.classes.iter().enumerate().filter(|(_, c)| c.name == class).map(|(i, _)| i).collect();
        let count = |id: NodeId| classes.iter().map(|&c| self.metrics.answered(c, id)).sum::<u32>();
        let all: u32 = (0..self.nodes.len()).map(|i| count(NodeId::new(i))).sum();
        let theirs: u32 = nodes.iter().filter_map(|n| self.spec.id(n)).map(count).sum();
        percent(theirs, all)
    }
}

fn variation(counts: &[f64]) -> f64 {
    let mean = counts.iter().sum::<f64>() / counts.len().max(1) as f64;
    if mean == 0.0 {
        return 0.0;
    }
    let squares: f64 = counts.iter().map(|count| (count - mean) * (count - mean)).sum();
    (squares / counts.len() as f64).sqrt() / mean
}

/// The most divided by the mean; 1 where there is nothing.
fn most_by_mean(counts: &[u32]) -> f64 {
    let sum: u32 = counts.iter().sum();
    let most = counts.iter().max().copied().unwrap_or(0);
    if sum == 0 { 1.0 } else { f64::from(most) * counts.len() as f64 / f64::from(sum) }
}

fn percent(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) * 100.0 / f64::from(whole) }
}

#[cfg(test)]
mod tests {
    use super::variation;

    fn check(counts: &[f64], expect: f64) {
        assert!((variation(counts) - expect).abs() < 1e-12, "{counts:?}");
    }

    #[test]
    fn variation_is_the_deviation_in_means() {
        check(&[], 0.0);
        check(&[0.0, 0.0], 0.0);
        check(&[7.0, 7.0, 7.0], 0.0);
        check(&[1.0, 3.0], 0.5);
        check(&[8.0, 0.0, 0.0, 0.0], 3f64.sqrt());
    }
}
