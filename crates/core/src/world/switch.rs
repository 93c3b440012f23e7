//! Copying one datagram to many receivers.

use super::World;
use super::event::{Event, Outcome, Why};
use super::flight::FlightKind;
use super::id::{FlightKey, NodeId};
use super::log::Log;
use super::state::Node;
use crate::rng::Purpose;
use crate::scenario::Protocol;

impl World {
    /// A datagram has reached a switch: each receiver gets a copy, a flight of its own.
    pub(crate) fn enter_switch(&mut self, node: NodeId, key: FlightKey, log: &mut Log) {
        let Node::Switch(switch) = &self.nodes[node.index()] else { return };
        for to in switch.receivers.clone() {
            self.note_flight(log, key, |flight| Event::Copied { flight, node, to });
            let copy = self.begin_child(key, node, FlightKind::Datagram);
            // Each copy meets losses of its own.
            if let Some(flight) = self.flights.get_mut(copy) {
                flight.draw_id ^= (to.index() as u64 + 1) << 40;
            }
            let known = match &self.nodes[node.index()] {
                Node::Switch(switch) => switch.flows.get(&to).copied(),
                _ => None,
            };
            let flow = known.unwrap_or_else(|| {
                let draw = self.draw(Purpose::Loss, to.index() as u64, 4 << 16);
                self.dial(node, to, Protocol::Udp, 0, self.spec.node(node).address, draw, false, super::NO_ROOT, log)
            });
            if let Node::Switch(switch) = &mut self.nodes[node.index()] {
                switch.flows.get_or(to, || flow);
            }
            self.send_request(flow, copy, log);
        }
        self.finish(key, Outcome::Served, Why::Arrived, log);
    }
}
