//! A packet forwarder: it passes packets on and ends no connection.

use hopscope_core::scenario::ReturnPath;
use hopscope_core::world::{NodeId, NodeView};
use maud::{Markup, html};

use super::curve::Rect;
use super::node_balancer::{beside, connections, decisions, head, rows};
use super::paint::card;
use super::size;
use super::{Scene, names};

/// A forwarder's box, without what is drawn through it.
pub fn draw(scene: &Scene<'_>, id: NodeId, b: Rect, panel: bool, down: bool) -> Markup {
    let NodeView::Forwarder { returns } = scene.world.node_view(id) else { return html! {} };
    let policy = scene.world.pools_view(id).first().map_or_else(String::new, |(policy, _)| names::policy(*policy));
    let kind = match returns {
        ReturnPath::Nat => vec![format!("Packets · {policy}, NAT"), "Packets, NAT".into(), "NAT".into()],
        ReturnPath::Direct => {
            vec![format!("Packets · {policy}, direct return"), "Packets, direct return".into(), "Direct return".into(), "DSR".into()]
        }
    };
    let words = Rect { w: if panel && down { size::PANEL_LEFT - 4 } else { b.w }, ..b };
    let counts = [("Flows", connections(scene, id)), ("Decisions", decisions(scene, id))];
    let beside_words = down && !panel && b.w >= 230;
    html! {
        g class="st-node" {
            (card(b, 12, "st-box proxy packets"))
            (head(scene.lab, &scene.world.spec().node(id).name, &kind, if beside_words { Rect { w: words.w - 84, ..words } } else { words }, true))
            @if beside_words { (beside(&counts, words)) } @else if panel || !down { (rows(&counts, words, b.y + 66)) }
        }
    }
}
