//! What servers say of their own health, and how well they are.

use super::super::World;
use super::super::flight::FlightKind;
use super::super::id::{FlightKey, NodeId};
use super::super::state::{BackendState, Health, Node};
use crate::rng::Purpose;
use crate::scenario::HealthDocument;
use crate::time::{Duration, Instant};

/// What a server says of its health, as it stands now.
#[derive(Clone, Debug)]
pub(crate) struct DocumentState {
    pub(crate) ready_after: Duration,
    /// On whom it depends.
    pub(crate) on: Vec<NodeId>,
    pub(crate) deep: bool,
    pub(crate) lies: bool,
    /// When it is ready.
    pub(crate) ready_at: Instant,
    /// The share of its answers that are errors, in percent.
    pub(crate) fails: f64,
    /// Since when something is wrong with it that nobody has noticed yet.
    pub(crate) wrong_since: Option<Instant>,
}

impl DocumentState {
    pub(crate) fn new(document: &HealthDocument, on: Vec<NodeId>) -> Self {
        Self {
            ready_after: document.ready_after,
            deep: !on.is_empty(),
            on,
            lies: document.lies,
            ready_at: Instant::START,
            fails: 0.0,
            wrong_since: None,
        }
    }
}

impl World {
    /// A server is broken on purpose, or mended: from then on it counts how long nobody notices.
    pub(crate) fn set_wrong(&mut self, node: NodeId, wrong: bool) {
        let now = self.now;
        if let Some(backend) = self.backend(node) {
            backend.document.wrong_since = wrong.then_some(now);
        }
    }

    /// A server's process has been started: it is alive, and ready a little later.
    pub(crate) fn started(&mut self, node: NodeId) {
        let now = self.now;
        if let Some(backend) = self.backend(node) {
            backend.document.ready_at = now + backend.document.ready_after;
        }
    }

    /// What a server answers before anybody works on it: a lie, or that it is not ready.
    pub(crate) fn at_once(&self, backend: &BackendState, key: FlightKey) -> Option<u16> {
        let document = &backend.document;
        if document.lies && self.flights.get(key).is_some_and(|f| f.kind == FlightKind::Probe) {
            return Some(200);
        }
        (backend.health == Health::Up && self.now < document.ready_at).then_some(503)
    }

    /// The status of a request that a server has worked on.
    pub(crate) fn status_of(&self, node: NodeId, key: FlightKey) -> u16 {
        let (Node::Backend(backend), Some(flight)) = (&self.nodes[node.index()], self.flights.get(key)) else { return 200 };
        let document = &backend.document;
        if flight.kind == FlightKind::Probe {
            let works = |&on: &NodeId| matches!(&self.nodes[on.index()], Node::Backend(b) if b.health == Health::Up && b.present);
            return if !document.deep || document.on.iter().all(works) { 200 } else { 503 };
        }
        let drawn = || self.draw(Purpose::Probe, flight.draw_id, u32::from(flight.attempt)).unit() * 100.0;
        if document.fails > 0.0 && drawn() < document.fails { 500 } else { 200 }
    }
}
