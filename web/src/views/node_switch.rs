//! A switch: it copies each datagram to everyone who should have it.

use hopscope_core::scenario::{Delivery, NodeKind};
use hopscope_core::world::NodeId;
use maud::{Markup, html};

use super::Scene;
use super::curve::Rect;
use super::node_balancer::head;
use super::paint::card;

/// A switch's box.
pub fn draw(scene: &Scene<'_>, id: NodeId, b: Rect) -> Markup {
    let spec = scene.world.spec();
    let NodeKind::Switch(index) = spec.node(id).kind else { return html! {} };
    let switch = &spec.scenario.switches[index];
    let (word, n) = match switch.delivery {
        Delivery::Broadcast => ("Broadcast", switch.attached.len()),
        Delivery::Multicast => ("Multicast", switch.group.len()),
    };
    let kind = [format!("{word}: copies to {n}"), format!("{word} to {n}"), word.to_owned()];
    html! {
        g class="st-node" {
            (card(b, 12, "st-box switch"))
            (head(scene.lab, &switch.name, &kind, b, true))
        }
    }
}
