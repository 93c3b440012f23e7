//! Servers: workers, a queue, and the work that requests bring.

use super::World;
use super::event::{Event, Outcome, Why};
use super::flight::Phase;
use super::id::{FlightKey, NodeId};
use super::log::Log;
use super::queue::{MessageKind, Wake};
use super::state::{BackendState, Health, Node};
use crate::order;
use crate::time::Duration;

impl World {
    pub(crate) fn backend(&mut self, node: NodeId) -> Option<&mut BackendState> {
        match &mut self.nodes[node.index()] {
            Node::Backend(backend) => Some(backend),
            _ => None,
        }
    }

    /// A request has reached a server.
    pub(crate) fn enter_backend(&mut self, node: NodeId, key: FlightKey, log: &mut Log) {
        let answered = self.flights.get(key).is_some_and(|f| self.classes[usize::from(f.class)].answered);
        let Some(backend) = self.backend(node) else { return };
        if backend.health == Health::Killed {
            // Its connections were reset when it died; what was on its way is lost.
            return;
        }
        if !answered {
            return self.finish(key, Outcome::Served, Why::Arrived, log);
        }
        let Node::Backend(backend) = &self.nodes[node.index()] else { return };
        if let Some(status) = self.at_once(backend, key) {
            return self.respond(node, key, status, log);
        }
        let Some(backend) = self.backend(node) else { return };
        // What reaches a hung server waits in its buffers.
        if backend.busy < backend.workers && backend.health == Health::Up {
            self.start_work(node, key, log);
        } else if backend.waiting.len() < backend.queue as usize {
            let ahead = backend.waiting.len() as u16;
            backend.waiting.push_back(key);
            self.flights[key].phase = Phase::Queued;
            self.note_flight(log, key, |flight| Event::Queued { flight, node, ahead });
        } else {
            self.flights[key].verdict = Some((Outcome::Rejected, Why::QueueFull));
            self.respond(node, key, 503, log);
        }
    }

    fn start_work(&mut self, node: NodeId, key: FlightKey, log: &mut Log) {
        let cold = self.greet(node, key);
        let Some(flight) = self.flights.get_mut(key) else { return };
        flight.phase = Phase::InService;
        let work = (flight.work + cold.unwrap_or_default().as_micros()) as f64;
        let Node::Backend(backend) = &mut self.nodes[node.index()] else { return };
        backend.busy += 1;
        let takes = Duration::from_micros_f64(work * backend.slow / backend.speed);
        let epoch = backend.epoch;
        self.queue.plan(takes, Wake::Done { node, epoch, flight: key });
        self.note_flight(log, key, |flight| Event::Started { flight, node });
        if cold.is_some() {
            self.note_flight(log, key, |flight| Event::Cold { flight, node });
        }
    }

    /// A worker is done; what it had begun before the server was killed is void.
    pub(crate) fn work_done(&mut self, node: NodeId, epoch: u16, key: FlightKey, log: &mut Log) {
        let Some(backend) = self.backend(node).filter(|b| b.epoch == epoch) else { return };
        if backend.health == Health::Hung {
            return backend.frozen.push(key);
        }
        backend.busy -= 1;
        let status = self.status_of(node, key);
        if let Some(class) = self.flights.get(key).map(|f| f.class) {
            self.metrics.on_answer(class, node);
        }
        self.begin_session(node, epoch, key);
        self.respond(node, key, status, log);
        self.start_waiting(node, log);
    }

    /// Free workers take what waits.
    pub(crate) fn start_waiting(&mut self, node: NodeId, log: &mut Log) {
        while let Some(backend) = self.backend(node).filter(|b| b.busy < b.workers && b.health == Health::Up) {
            let Some(next) = backend.waiting.pop_front() else { return };
            self.start_work(node, next, log);
        }
    }

    /// A hung process goes on: what it had in hand is done now.
    pub(crate) fn thaw(&mut self, node: NodeId, log: &mut Log) {
        let Some(backend) = self.backend(node).filter(|b| b.health == Health::Hung) else { return };
        backend.health = Health::Up;
        let epoch = backend.epoch;
        for flight in core::mem::take(&mut backend.frozen) {
            self.queue.plan(Duration::ZERO, Wake::Done { node, epoch, flight });
        }
        self.compute_waiting(node);
        self.start_waiting(node, log);
    }

    /// The process dies: every connection to it is reset, and what it was doing is void.
    pub(crate) fn kill(&mut self, node: NodeId, log: &mut Log) {
        let Some(backend) = self.backend(node) else { return };
        backend.health = Health::Killed;
        backend.epoch = backend.epoch.wrapping_add(1);
        backend.busy = 0;
        backend.waiting.clear();
        backend.frozen.clear();
        // Nobody waits for these any more, and now nobody works on them either.
        self.flights.retain(|_, f| !(f.ended && f.at == node && f.phase != Phase::Returning));
        let conns: Vec<_> =
            self.conns.iter().filter(|(_, c)| c.far_end() == node && c.is_reliable()).map(|(key, c)| (c.serial, key, c.len - 2)).collect();
        for (_, conn, hop) in order::sorted(&conns, |&(serial, ..)| [serial.into(), 0, 0, 0]) {
            self.send(MessageKind::Rst, conn, FlightKey::default(), hop, log);
        }
    }
}
