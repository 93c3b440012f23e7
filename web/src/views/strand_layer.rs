//! Users' connections on a stage: at layer 4 patched through the box, at layer 7 ending in it.

use hopscope_core::order::sorted;
use hopscope_core::scenario::Layer;
use hopscope_core::world::{NodeId, NodeView};
use maud::{Markup, html};

use super::curve::Curve;
use super::geometry::Drawn;
use super::paint::{label_mid, path};
use super::stage::Picture;
use super::topology::EdgeKind;

impl Picture<'_> {
    /// Whether the selected request went along a strand.
    pub(super) fn is_theirs(&self, drawn: &Drawn) -> bool {
        self.selected.as_ref().is_some_and(|s| s.went_along(&drawn.strand))
    }

    fn strand_class(&self, drawn: &Drawn) -> String {
        if self.is_theirs(drawn) {
            return "st-strand theirs".into();
        }
        let of_group = self.geometry.strands.iter().map(|s| s.strand.carried).sum::<u32>();
        let step = (drawn.strand.carried * 6).checked_div(of_group).map_or(0, |step| step.min(3));
        format!("st-strand w{step}")
    }

    /// Strands between boxes, which lie below them.
    pub(super) fn strands_between(&self) -> Markup {
        html! { @for drawn in &self.geometry.strands { (self.outer(drawn)) } }
    }

    /// What is drawn inside of boxes, which lies above them.
    pub(super) fn strands_inside(&self) -> Markup {
        html! {
            @for index in 0..self.scene.world.spec().nodes.len() { (self.hub(NodeId::new(index))) }
            @for drawn in &self.geometry.strands { (self.inner(drawn)) }
        }
    }

    fn outer(&self, drawn: &Drawn) -> Markup {
        let class = self.strand_class(drawn);
        html! { @for leg in drawn.legs.iter().filter(|l| l.from != l.to) { (path(&leg.curve.d(), &class)) } }
    }

    /// A strand inside of boxes: where it enters, how it is patched, and whose it is where it leaves.
    fn inner(&self, drawn: &Drawn) -> Markup {
        let class = self.strand_class(drawn);
        let theirs = if self.is_theirs(drawn) { " theirs" } else { "" };
        html! {
            @for leg in &drawn.legs {
                @let (start, end) = (leg.curve.start(), leg.curve.end());
                @if leg.from == leg.to {
                    (path(&leg.curve.d(), &class))
                    @if self.tags_fit(leg.from) {
                        circle cx=(end.0) cy=(end.1) r="10" class=(format_args!("st-tag{theirs}")) {}
                        (label_mid(end.0, end.1 + 4, &format!("st-tag-text{theirs}"), &(drawn.strand.user + 1).to_string()))
                    } @else {
                        circle cx=(end.0) cy=(end.1) r="3" class=(format_args!("st-plug{theirs}")) {}
                    }
                } @else if !matches!(self.scene.world.node_view(leg.to), NodeView::Backend { .. }) {
                    circle cx=(end.0) cy=(end.1) r="3.5" class=(format_args!("st-plug{theirs}")) {}
                } @else {
                    circle cx=(end.0) cy=(end.1) r="2.5" class=(format_args!("st-plug{theirs}")) {}
                }
                @if matches!(self.scene.world.node_view(leg.from), NodeView::Clients { .. }) {
                    circle cx=(start.0) cy=(start.1) r="3" class=(format_args!("st-plug{theirs}")) {}
                }
            }
        }
    }

    /// Inside of a layer 7 box with a patch panel: every connection ends there, and for each request
    /// one of all ways on is chosen.
    fn hub(&self, id: NodeId) -> Markup {
        let geometry = self.geometry;
        let (Some((start, len)), true) = (geometry.panels[id.index()], self.reads_requests(id)) else { return html! {} };
        let b = geometry.boxes[id.index()];
        let hub = if geometry.down { (start + len / 2, b.cy()) } else { (b.cx(), start + len / 2) };
        let strands = geometry.strands.iter().filter(|s| s.strand.path.last() == Some(&id));
        let ins = strands.filter_map(|s| Some((s.legs.last()?.curve.end(), self.is_theirs(s))));
        let outs = geometry.wires.iter().filter(|w| w.edge.from == id && w.edge.kind == EdgeKind::Traffic);
        let class = |picked: bool| if picked { "st-way picked" } else { "st-way" };
        html! {
            @for (from, theirs) in ins { (path(&Curve::flow(from, hub, geometry.down).d(), class(theirs && self.scene.chosen.is_some()))) }
            @for wire in outs { (path(&Curve::flow(hub, wire.curve.start(), geometry.down).d(), class(self.scene.chosen == Some((id, wire.edge.to))))) }
            circle cx=(hub.0) cy=(hub.1) r="6" class="st-hub" {}
        }
    }

    /// Whether the numbers on a patch panel do not touch each other.
    fn tags_fit(&self, node: NodeId) -> bool {
        let ends: Vec<(i32, i32)> =
            self.geometry.strands.iter().flat_map(|s| &s.legs).filter(|l| l.from == node && l.to == node).map(|l| l.curve.end()).collect();
        sorted(&ends, |&(x, y)| [x as u64, y as u64, 0, 0]).windows(2).all(|p| (p[1].0 - p[0].0).abs().max((p[1].1 - p[0].1).abs()) >= 20)
    }

    /// Whether a node is a layer 7 proxy now.
    fn reads_requests(&self, id: NodeId) -> bool {
        matches!(self.scene.world.node_view(id), NodeView::Proxy { layer: Layer::L7, .. })
    }
}
