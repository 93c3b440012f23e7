//! The stage: every node, every wire, and at layer 4 every user's connection, at one moment.
//! What moves is drawn above it, see [`super::dots`].

use hopscope_core::policy::decision::Standing;
use hopscope_core::scenario::NodeKind;
use hopscope_core::world::NodeId;
use maud::{Markup, html};

use super::condition::Condition;
use super::geometry::{Drawn, Geometry, Wire};
use super::node_backend::{self, Look, SPARK};
use super::paint::{label, label_end, path, pill};
use super::selected::Selected;
use super::topology::EdgeKind;
use super::{Scene, node_balancer, node_clients, node_forwarder, node_switch, rates, strands, text, words};

/// The whole picture on a layout that is at hand.
pub fn draw(scene: &Scene<'_>, geometry: &Geometry) -> String {
    let selected = Selected::of(scene);
    // A decision about something else would only confuse: the pill belongs to the selected request.
    let chosen = scene.chosen.filter(|pair| selected.as_ref().is_none_or(|s| s.way.contains(pair)));
    let picture = Picture { scene: &Scene { chosen, ..*scene }, geometry, selected };
    let label = format!("The stage at {}. {}", scene.world.now(), words::sentence(scene.world, scene.lab));
    html! {
        svg class="stage-svg" viewBox=(geometry.view_box()) width=(geometry.width) height=(geometry.height) role="img" aria-label=(label) xmlns="http://www.w3.org/2000/svg" {
            (picture.heads())
            (picture.wires())
            (picture.strands_between())
            (picture.nodes())
            (picture.strands_inside())
            (picture.pills())
        }
    }
    .into_string()
}

/// A scene, its layout, and what is known of the selected request.
pub(super) struct Picture<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) geometry: &'a Geometry,
    pub(super) selected: Option<Selected>,
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
            let narrow = self.geometry.boxes[ids[0].index()].w < 110;
            let note = match (narrow, ids) {
                (true, [only]) if self.geometry.listed[only.index()] > 0 => node_clients::rate(world, *only),
                (false, [_, _, ..]) => words::all_rates(world),
                _ => String::new(),
            };
            return ("st-head client", "Clients".into(), note);
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
        let stranded = |w: &Wire| self.geometry.strands.iter().flat_map(|s| &s.legs).any(|l| (l.from, l.to) == (w.edge.from, w.edge.to));
        let (mut chosen, mut rest) = (Vec::new(), Vec::new());
        for wire in self.geometry.wires.iter().filter(|w| !stranded(w)) {
            let is_chosen = self.took(wire);
            if is_chosen { chosen.push(wire) } else { rest.push(wire) }
        }
        // The chosen one lies on top of the others.
        html! {
            @for wire in rest { (path(&wire.curve.d(), &self.wire_class(wire))) }
            @for wire in chosen { (path(&wire.curve.d(), "st-wire picked")) }
        }
    }

    /// Whether the selected request went along a wire.
    fn took(&self, wire: &Wire) -> bool {
        let pair = (wire.edge.from, wire.edge.to);
        let went = |s: &Selected| s.clients == pair.0 || s.way.contains(&pair);
        wire.edge.kind == EdgeKind::Traffic && (self.scene.chosen == Some(pair) || self.selected.as_ref().is_some_and(went))
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
        let members: Vec<NodeId> =
            self.geometry.topology.edges.iter().filter(|e| e.from == wire.edge.from && e.kind == EdgeKind::Traffic).map(|e| e.to).collect();
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
                        NodeKind::Clients(_) => (node_clients::draw(scene.world, scene.lab, id, geometry, self.selected.as_ref().filter(|s| s.clients == id).map(|s| s.user))),
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
        let mut users: Vec<u16> = self.pinned(id).map(|s| s.strand.user).collect();
        users.dedup();
        Look {
            pill: self.pill(id),
            users: strands::ranges(&users),
            note: self.note(id),
            scale,
            upright: self.geometry.down && !self.geometry.list,
        }
    }

    /// The strands that lead through a layer 4 box to a backend.
    fn pinned(&self, id: NodeId) -> impl Iterator<Item = &Drawn> {
        self.geometry.strands.iter().filter(move |s| s.strand.path.len() > 2 && s.strand.path.last() == Some(&id))
    }

    fn pill(&self, id: NodeId) -> Option<&'static str> {
        let picked = self.scene.chosen.is_some_and(|(_, to)| to == id);
        match picked {
            true => Some("chosen"),
            false if self.pinned(id).any(|s| self.is_theirs(s)) => Some("pinned"),
            false => None,
        }
    }

    /// Pills lie above everything that leads to a box.
    fn pills(&self) -> Markup {
        let backends = self.geometry.topology.columns.last().map_or(&[][..], Vec::as_slice);
        html! {
            @for &id in backends {
                @if let Some(words) = self.pill(id) { (pill(self.geometry.boxes[id.index()], words)) }
            }
        }
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
}
