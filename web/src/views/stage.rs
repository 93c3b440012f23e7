//! The stage: every node, every wire, and at layer 4 every user's connection, at one moment.
//! What moves is drawn above it, see [`super::dots`].

use hopscope_core::policy::decision::Standing;
use hopscope_core::scenario::{Layer, NodeKind};
use hopscope_core::world::{Event, NodeId, NodeView};
use maud::{Markup, html};

use super::condition::Condition;
use super::curve::Curve;
use super::geometry::{Drawn, Geometry, Wire};
use super::node_backend::{self, Look, SPARK};
use super::paint::{label, label_end, label_mid, path};
use super::topology::EdgeKind;
use super::{Scene, names, node_balancer, node_clients, node_forwarder, node_switch, rates, strands, text, words};

/// The whole picture.
pub fn stage(scene: &Scene<'_>) -> String {
    draw(scene, &Geometry::new(scene))
}

/// The whole picture on a layout that is at hand.
pub fn draw(scene: &Scene<'_>, geometry: &Geometry) -> String {
    let picture = Picture { scene, geometry, theirs: selected_user(scene) };
    let label = format!("The stage at {}. {}", scene.world.now(), words::sentence(scene.world, scene.lab));
    html! {
        svg class="stage-svg" viewBox=(geometry.view_box()) width=(geometry.width) height=(geometry.height) role="img" aria-label=(label) xmlns="http://www.w3.org/2000/svg" {
            (picture.heads())
            (picture.wires())
            @for drawn in &geometry.strands { (picture.outer(drawn)) }
            (picture.nodes())
            @for index in 0..scene.world.spec().nodes.len() { (picture.hub(NodeId::new(index))) }
            @for drawn in &geometry.strands { (picture.inner(drawn)) }
        }
    }
    .into_string()
}

/// Who sent the selected request: group and user.
fn selected_user(scene: &Scene<'_>) -> Option<(NodeId, u16)> {
    let root = scene.selected?;
    scene.log.records().iter().find(|r| r.root == root).and_then(|r| match r.event {
        Event::Arrived { node, user, .. } => Some((node, user)),
        _ => None,
    })
}

struct Picture<'a> {
    scene: &'a Scene<'a>,
    geometry: &'a Geometry,
    theirs: Option<(NodeId, u16)>,
}

impl Picture<'_> {
    fn heads(&self) -> Markup {
        let columns = &self.geometry.topology.columns;
        if self.geometry.down {
            return html! {
                (label(16, 28, "st-head client", "Clients"))
                (label_end(self.geometry.width - 16, 28, "st-head-note", &words::pool(self.scene.world)))
            };
        }
        html! {
            @for (column, ids) in columns.iter().enumerate() {
                @if let Some(b) = ids.first().map(|id| self.geometry.boxes[id.index()]) {
                    @let (class, head, note) = self.head_of(column, ids);
                    @let w = text::width(&head, 13, true);
                    (label(b.x, 28, class, &text::fit(&head, 13, true, b.w)))
                    @if w + 10 + text::width(&note, 13, false) <= b.w { (label_end(b.right(), 28, "st-head-note", &note)) }
                }
            }
        }
    }

    fn head_of(&self, column: usize, ids: &[NodeId]) -> (&'static str, String, String) {
        let world = self.scene.world;
        if column == 0 {
            return ("st-head client", "Clients".into(), if ids.len() > 1 { words::all_rates(world) } else { String::new() });
        }
        if column + 1 == self.geometry.topology.columns.len() {
            return ("st-head backend", "Backends".into(), words::pool(world));
        }
        let spec = world.spec();
        let members = |id: &NodeId| spec.node(*id).pools().iter().map(|p| p.members.len()).sum::<usize>();
        let head = match ids {
            [only] => match spec.node(*only).kind {
                NodeKind::Forwarder(_) => "Forwarder",
                NodeKind::Switch(_) => "Switch",
                _ if members(only) > 1 => "Load balancer",
                _ => "Proxy",
            },
            _ => "Balancers",
        };
        ("st-head proxy", head.into(), String::new())
    }

    fn wires(&self) -> Markup {
        // Where strands are drawn there is no wire beside them.
        let listed = |id: NodeId| self.geometry.listed[id.index()] > 0;
        let stranded = |w: &Wire| self.geometry.strands.iter().flat_map(|s| &s.legs).any(|l| (l.from, l.to) == (w.edge.from, w.edge.to));
        let (mut chosen, mut rest) = (Vec::new(), Vec::new());
        for wire in self.geometry.wires.iter().filter(|w| !listed(w.edge.from) && !stranded(w)) {
            let is_chosen = self.scene.chosen == Some((wire.edge.from, wire.edge.to));
            if is_chosen { chosen.push(wire) } else { rest.push(wire) }
        }
        // The chosen one lies on top of the others.
        html! {
            @for wire in rest { (path(&wire.curve.d(), &self.wire_class(wire))) }
            @for wire in chosen { (path(&wire.curve.d(), "st-wire picked")) }
        }
    }

    fn wire_class(&self, wire: &Wire) -> String {
        let world = self.scene.world;
        match wire.edge.kind {
            EdgeKind::Service => return "st-wire service".into(),
            EdgeKind::Straight => return "st-wire straight".into(),
            EdgeKind::Traffic => {}
        }
        match Condition::of(world, wire.edge.to) {
            Condition::Killed | Condition::Hung => "st-wire out".into(),
            Condition::Absent => "st-wire absent".into(),
            _ => format!("st-wire w{}", self.weight(wire)),
        }
    }

    /// How thick a wire is: its share of what its balancer sent lately, in four steps.
    fn weight(&self, wire: &Wire) -> u32 {
        let world = self.scene.world;
        let members: Vec<NodeId> = self.geometry.topology.edges.iter().filter(|e| e.from == wire.edge.from && e.kind == EdgeKind::Traffic).map(|e| e.to).collect();
        let rate = |id: &NodeId| rates::received(world, *id).unwrap_or(0);
        let all: u32 = members.iter().map(rate).sum();
        let mine = rate(&wire.edge.to);
        if members.len() < 2 { 2 } else { (mine * 5).checked_div(all).map_or(1, |step| step.min(3)) }
    }

    fn nodes(&self) -> Markup {
        let (scene, geometry) = (self.scene, self.geometry);
        let spec = scene.world.spec();
        let scale = self.scale();
        html! {
            @for index in 0..spec.nodes.len() {
                @let id = NodeId::new(index);
                @let b = geometry.boxes[index];
                @let panel = geometry.panels[index].is_some();
                @if geometry.is_drawn(id) {
                    @match spec.node(id).kind {
                        NodeKind::Clients(_) => (node_clients::draw(scene.world, scene.lab, id, geometry, self.theirs.filter(|t| t.0 == id).map(|t| t.1))),
                        NodeKind::Proxy(_) => (node_balancer::draw(scene, id, b, panel, geometry.down)),
                        NodeKind::Forwarder(_) => (node_forwarder::draw(scene, id, b, panel, geometry.down)),
                        NodeKind::Switch(_) => (node_switch::draw(scene, id, b)),
                        NodeKind::Backend(_) => (node_backend::draw(scene.world, scene.lab, id, b, &self.look(id, scale))),
                    }
                }
            }
            @if let Some(b) = geometry.rest { (node_backend::rest(scene.world, &geometry.topology.rest, b)) }
        }
    }

    /// The most that any backend received in one of the last windows.
    fn scale(&self) -> u32 {
        let backends = self.geometry.topology.columns.last().into_iter().flatten();
        backends.flat_map(|&id| rates::recent(self.scene.world, id, SPARK)).max().unwrap_or(0).max(1)
    }

    fn look(&self, id: NodeId, scale: u32) -> Look {
        let pinned = self.geometry.strands.iter().filter(|s| s.strand.path.len() > 2 && s.strand.path.last() == Some(&id));
        let mut users: Vec<u16> = pinned.clone().map(|s| s.strand.user).collect();
        users.dedup();
        let theirs = pinned.clone().any(|s| self.is_theirs(s));
        let picked = self.scene.chosen.is_some_and(|(_, to)| to == id);
        let pill = match (picked, theirs) {
            (true, _) => Some("chosen"),
            (false, true) => Some("pinned"),
            _ => None,
        };
        Look { pill, users: strands::ranges(&users), note: self.note(id), scale, upright: self.geometry.down && !self.geometry.list }
    }

    /// A backend's weight, or its pool, where that tells it from others.
    fn note(&self, id: NodeId) -> String {
        let spec = self.scene.world.spec();
        for index in 0..spec.nodes.len() {
            let node = NodeId::new(index);
            let pools = self.scene.world.pools_view(node);
            for ((_, peers), written) in pools.iter().zip(spec.node(node).pools()) {
                let Some(peer) = peers.iter().find(|p| p.node == id) else { continue };
                if peer.standing == Standing::Draining {
                    return String::new();
                }
                if peers.iter().any(|p| p.weight != 1) {
                    return format!("weight {}", peer.weight);
                }
                return if pools.len() > 1 { format!("pool {}", written.name) } else { String::new() };
            }
        }
        String::new()
    }

    fn is_theirs(&self, drawn: &Drawn) -> bool {
        self.theirs == Some((drawn.strand.clients, drawn.strand.user))
    }

    fn strand_class(&self, drawn: &Drawn) -> String {
        if self.is_theirs(drawn) {
            return "st-strand theirs".into();
        }
        let of_group = self.geometry.strands.iter().map(|s| s.strand.carried).sum::<u32>();
        let step = (drawn.strand.carried * 6).checked_div(of_group).map_or(0, |step| step.min(3));
        format!("st-strand w{step}")
    }

    /// A strand between boxes.
    fn outer(&self, drawn: &Drawn) -> Markup {
        let class = self.strand_class(drawn);
        html! { @for leg in drawn.legs.iter().filter(|l| l.from != l.to) { (path(&leg.curve.d(), &class)) } }
    }

    /// A strand inside of boxes: where it enters, how it is patched, and whose it is where it leaves.
    fn inner(&self, drawn: &Drawn) -> Markup {
        let class = self.strand_class(drawn);
        let theirs = if self.is_theirs(drawn) { " theirs" } else { "" };
        let roomy = self.tags_fit();
        html! {
            @for leg in &drawn.legs {
                @let [start, .., end] = leg.curve.0;
                @if leg.from == leg.to {
                    (path(&leg.curve.d(), &class))
                    @if roomy {
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
        let (Some((start, len)), true) = (geometry.panels[id.index()], reads_requests(self.scene, id)) else { return html! {} };
        let b = geometry.boxes[id.index()];
        let hub = if geometry.down { (start + len / 2, b.cy()) } else { (b.cx(), start + len / 2) };
        let strands = geometry.strands.iter().filter(|s| s.strand.path.last() == Some(&id));
        let ins = strands.filter_map(|s| Some((s.legs.last()?.curve.0[3], self.is_theirs(s))));
        let outs = geometry.wires.iter().filter(|w| w.edge.from == id && w.edge.kind == EdgeKind::Traffic);
        let class = |picked: bool| if picked { "st-way picked" } else { "st-way" };
        html! {
            @for (from, theirs) in ins { (path(&Curve::flow(from, hub, geometry.down).d(), class(theirs && self.scene.chosen.is_some()))) }
            @for wire in outs { (path(&Curve::flow(hub, wire.curve.0[0], geometry.down).d(), class(self.scene.chosen == Some((id, wire.edge.to))))) }
            circle cx=(hub.0) cy=(hub.1) r="6" class="st-hub" {}
        }
    }

    /// Whether the numbers on a patch panel do not touch each other.
    fn tags_fit(&self) -> bool {
        let mut ends: Vec<(i32, i32)> = self.geometry.strands.iter().flat_map(|s| &s.legs).filter(|l| l.from == l.to).map(|l| l.curve.0[3]).collect();
        ends.sort_unstable();
        ends.windows(2).all(|p| (p[1].0 - p[0].0).abs().max((p[1].1 - p[0].1).abs()) >= 20)
    }
}

/// Whether a node is a layer 7 proxy now.
pub fn reads_requests(scene: &Scene<'_>, id: NodeId) -> bool {
    matches!(scene.world.node_view(id), NodeView::Proxy { layer: Layer::L7, .. })
}

/// What a node is called on this stage.
pub fn name<'a>(scene: &'a Scene<'_>, id: NodeId) -> &'a str {
    names::shown(scene.lab, &scene.world.spec().node(id).name)
}
