//! What a picture shows inside of boxes: which connections are joined there, and what each
//! stage does as it stands now, after knobs were turned.

use super::World;
use super::conn::Conn;
use super::id::NodeId;
use super::state::{Node, StageDoing};
use crate::scenario::{Rule, StageKind};

/// A stage of a proxy as it is right now.
#[derive(Clone, Debug, PartialEq)]
pub struct StageView {
    /// Its name.
    pub name: String,
    /// Whether it is on.
    pub on: bool,
    /// What it does.
    pub kind: StageKind,
}

impl World {
    /// The connection onto which the layer 4 proxy at the far end of this one copies its bytes.
    pub fn onward(&self, conn: &Conn) -> Option<&Conn> {
        conn.onward.and_then(|key| self.conns.get(key))
    }

    /// Whether a connection was opened for another by a layer 4 proxy.
    pub fn is_onward(&self, conn: &Conn) -> bool {
        conn.backward.is_some()
    }

    /// The stages of a proxy as they stand, in the order in which requests meet them.
    pub fn stages_now(&self, id: NodeId) -> Vec<StageView> {
        let Node::Proxy(proxy) = &self.nodes[id.index()] else { return Vec::new() };
        let stage = |&index: &u8| {
            let (written, now) = (self.spec.node(id).stages().get(usize::from(index))?, proxy.stages.get(usize::from(index))?);
            Some(StageView { name: written.name.clone(), on: now.on, kind: self.as_written(id, &now.kind) })
        };
        proxy.order.iter().filter_map(stage).collect()
    }

    fn as_written(&self, id: NodeId, doing: &StageDoing) -> StageKind {
        let name = |node: NodeId| self.spec.node(node).name.clone();
        let pool = |index: usize| self.spec.node(id).pools().get(index).map_or_else(String::new, |pool| pool.name.clone());
        match doing {
            StageDoing::Route { rules } => {
                StageKind::Route { rules: rules.iter().map(|(when, index)| Rule { when: when.clone(), pool: pool(*index) }).collect() }
            }
            StageDoing::Forwarded { mode } => StageKind::Forwarded { mode: *mode },
            StageDoing::RealIp { trusted } => StageKind::RealIp { trusted: *trusted },
            StageDoing::Limit { key, rate, burst, .. } => StageKind::Limit { key: *key, rate: *rate, burst: *burst },
            StageDoing::Deny { when, status } => StageKind::Deny { when: when.clone(), status: *status },
            StageDoing::Call { to, timeout, work } => StageKind::Call { to: name(*to), timeout: *timeout, work: work.clone() },
            StageDoing::Wait { hold } => StageKind::Wait { hold: *hold },
            StageDoing::Mirror { to, percent } => StageKind::Mirror { to: name(*to), percent: *percent },
            StageDoing::ByHost => StageKind::ByHost,
            StageDoing::Authenticate { header, value } => StageKind::Authenticate { header: header.to_string(), value: value.to_string() },
            StageDoing::Store { keep, .. } => StageKind::Store { keep: *keep },
        }
    }
}
