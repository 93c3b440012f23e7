//! Where everything on a stage is: node boxes, wires, strands. Pure numbers, in whole pixels.
//!
//! Columns run along the flow: to the right, or down on a narrow page. The backends are placed
//! first; every other node comes as near as it can to the middle of those it sends to.

use hopscope_core::scenario::ReturnPath;
use hopscope_core::world::{NodeId, NodeView, World};

use super::curve::{Curve, Point, Rect};
use super::patch;
use super::size::{self, Sizes};
use super::strands::{self, Strand};
use super::topology::{Edge, EdgeKind, Topology};
use super::{Scene, Shape};

/// A line between two nodes.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The two nodes and why they are joined.
    pub edge: Edge,
    /// Its way.
    pub curve: Curve,
}

/// One stretch of a strand.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Where it leaves.
    pub from: NodeId,
    /// Where it arrives; the same for a stretch inside of a box.
    pub to: NodeId,
    /// Its way.
    pub curve: Curve,
}

/// A strand and its way.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Whose it is.
    pub strand: Strand,
    /// Its stretches, those inside of boxes too.
    pub legs: Vec<Leg>,
}

/// The layout of a stage.
#[derive(Clone, Debug, Default)]
pub struct Geometry {
    /// The width of the view box.
    pub width: i32,
    /// The height of the view box.
    pub height: i32,
    /// Whether traffic runs down instead of right.
    pub down: bool,
    /// Whether backends stand in a list beside their wires.
    pub list: bool,
    /// The columns and who talks to whom.
    pub topology: Topology,
    /// The box of each node, by index.
    pub boxes: Vec<Rect>,
    /// The box that sums up the backends that are not drawn.
    pub rest: Option<Rect>,
    /// The wires, one per pair of nodes that talk.
    pub wires: Vec<Wire>,
    /// The strands.
    pub strands: Vec<Drawn>,
    /// How many users each node's group lists, by index.
    pub listed: Vec<u32>,
    /// The part of each box where lines come and go, when that is not its whole side, by index:
    /// start and length, across the flow.
    pub panels: Vec<Option<(i32, i32)>>,
}

impl Geometry {
    /// Lays a scene out.
    pub fn new(scene: &Scene<'_>) -> Self {
        let world = scene.world;
        let topology = Topology::of(world.spec());
        let nodes = world.spec().nodes.len();
        let shape = scene.shape.for_columns(topology.columns.len());
        let down = shape == Shape::Tall;
        let sizes = Sizes::new(world, shape, &topology);
        let list = sizes.list;
        let mut geometry = Self {
            width: shape.width(),
            down,
            list,
            boxes: vec![Rect::default(); nodes],
            listed: sizes.listed.clone(),
            topology,
            ..Self::default()
        };
        geometry.place(&sizes, shape);
        geometry.panels = (0..nodes).map(|i| sizes.panel(i, geometry.boxes[i], down)).collect();
        geometry.add_wires(world);
        let mut found = strands::strands(world);
        found.retain(|s| geometry.listed[s.clients.index()] > 0);
        geometry.add_strands(found);
        geometry
    }

    /// A point on the way between two nodes.
    pub fn along(&self, from: NodeId, to: NodeId, fraction: f64) -> (f64, f64) {
        let (from, to) = (self.stand_in(from), self.stand_in(to));
        let found = self.wires.iter().find_map(|wire| match (wire.edge.from, wire.edge.to) {
            (a, b) if (a, b) == (from, to) => Some(wire.curve.at(fraction)),
            (a, b) if (a, b) == (to, from) => Some(wire.curve.at(1.0 - fraction)),
            _ => None,
        });
        let (a, b) = (self.boxes[from.index()], self.boxes[to.index()]);
        found.unwrap_or_else(|| Curve::line((a.cx(), a.cy()), (b.cx(), b.cy())).at(fraction))
    }

    /// A point on the way between two nodes on a user's own strand, when there is one.
    pub fn along_strand(&self, from: NodeId, to: NodeId, clients: NodeId, user: u16, fraction: f64) -> (f64, f64) {
        let theirs = self.strands.iter().filter(|s| s.strand.clients == clients && s.strand.user == user);
        for leg in theirs.flat_map(|s| &s.legs) {
            match (leg.from, leg.to) {
                (a, b) if (a, b) == (from, to) => return leg.curve.at(fraction),
                (a, b) if (a, b) == (to, from) => return leg.curve.at(1.0 - fraction),
                _ => {}
            }
        }
        self.along(from, to, fraction)
    }

    /// The node that a backend's wires are drawn to: one for all that are only summed up.
    pub(super) fn stand_in(&self, node: NodeId) -> NodeId {
        if self.is_drawn(node) { node } else { self.topology.rest[0] }
    }

    /// The value of the SVG's `viewBox`.
    pub fn view_box(&self) -> String {
        format!("0 0 {} {}", self.width, self.height)
    }

    /// Whether a node has a box of its own.
    pub fn is_drawn(&self, node: NodeId) -> bool {
        !self.topology.rest.contains(&node)
    }

    fn add_wires(&mut self, world: &World) {
        let mut edges = self.topology.edges.clone();
        for edge in self.topology.edges.iter().filter(|e| matches!(world.node_view(e.from), NodeView::Clients { .. })) {
            if matches!(world.node_view(edge.to), NodeView::Forwarder { returns: ReturnPath::Direct }) {
                let members = self.topology.edges.iter().filter(|e| e.from == edge.to);
                edges.extend(members.map(|m| Edge { from: m.to, to: edge.from, kind: EdgeKind::Straight }));
            }
        }
        edges.retain(|e| self.stand_in(e.to) == e.to && self.stand_in(e.from) == e.from);
        if edges.iter().any(|e| e.kind == EdgeKind::Straight) {
            self.height += size::UNDER;
        }
        self.wires = edges.iter().map(|&edge| Wire { edge, curve: self.route(&edges, edge) }).collect();
    }

    fn route(&self, edges: &[Edge], edge: Edge) -> Curve {
        if edge.kind == EdgeKind::Straight {
            return self.straight_back(edge);
        }
        let out = self.slot(edges, edge.to, &|e| (e.from == edge.from).then_some(e.to));
        let into = self.slot(edges, edge.from, &|e| (e.to == edge.to).then_some(e.from));
        self.join(edge.from, out, edge.to, into)
    }

    /// The place of a node, across the flow, among those at one end of some edges.
    fn slot(&self, edges: &[Edge], id: NodeId, end: &dyn Fn(&Edge) -> Option<NodeId>) -> (usize, usize) {
        let among: Vec<NodeId> = edges.iter().filter(|e| e.kind != EdgeKind::Straight).filter_map(end).collect();
        let here = among.iter().position(|&other| other == id).unwrap_or(0);
        let is_before = |&(place, &other): &(usize, &NodeId)| (self.across(other), place) < (self.across(id), here);
        (among.iter().enumerate().filter(is_before).count(), among.len())
    }

    /// The middle of a box across the flow.
    pub(super) fn across(&self, id: NodeId) -> i32 {
        let b = self.boxes[id.index()];
        if self.down && !self.list { b.cx() } else { b.cy() }
    }

    /// The way from the n-th port of one box to the m-th of another.
    fn join(&self, from: NodeId, out: (usize, usize), to: NodeId, into: (usize, usize)) -> Curve {
        let (a, b) = (self.boxes[from.index()], self.boxes[to.index()]);
        if self.is_listed_below(to) {
            let start = (spread(a.x, a.w.min(2 * size::RAIL), out, 10), a.bottom());
            return self.to_list(start, to, (b.x, b.cy()));
        }
        let (exits, entries) = (self.ports(from), self.ports(to));
        let (start, end) = if self.down {
            ((spread(exits.0.0, exits.0.1, out, 40), a.bottom()), (spread(entries.0.0, entries.0.1, into, 36), b.y))
        } else {
            ((a.right(), spread(exits.1.0, exits.1.1, out, 26)), (b.x, spread(entries.1.0, entries.1.1, into, 22)))
        };
        Curve::flow(start, end, self.down)
    }

    /// The stretches of a box's sides where lines come and go: along x and along y, as start and length.
    pub fn ports(&self, node: NodeId) -> ((i32, i32), (i32, i32)) {
        let b = self.boxes[node.index()];
        match self.panels.get(node.index()).copied().flatten() {
            Some(panel) if self.down => (panel, (b.y, b.h)),
            Some(panel) => ((b.x, b.w), panel),
            None => ((b.x, b.w), (b.y, b.h)),
        }
    }

    /// Whether lines to a backend pass beside a list of backends.
    pub fn is_listed_below(&self, node: NodeId) -> bool {
        self.list && (self.topology.columns.last().is_some_and(|c| c.contains(&node)) || !self.is_drawn(node))
    }

    /// The way from above to a backend in a list: along a rail of its own, lower ones further out.
    pub fn to_list(&self, start: Point, to: NodeId, end: Point) -> Curve {
        let ids = self.topology.columns.last().map_or(&[][..], Vec::as_slice);
        let above = ids.iter().position(|&id| id == to).unwrap_or(ids.len()) as i32;
        let top = ids.first().map_or(end.1, |id| self.boxes[id.index()].y);
        Curve::by_rail(start, top + 6, size::RAIL - 12 - 8 * above, end)
    }

    /// The way of answers that pass the forwarder by: around it.
    fn straight_back(&self, edge: Edge) -> Curve {
        let (a, b) = (self.boxes[edge.from.index()], self.boxes[edge.to.index()]);
        if self.down {
            let x = self.width - 2;
            return Curve::new([(a.right(), a.cy()), (x + 6, a.cy() - 60), (x + 6, b.bottom() + 60), (b.right() - 14, b.bottom())]);
        }
        let (from, to) = ((a.x, a.bottom() - 8), (b.right(), b.bottom() - 8));
        // A cubic's middle is an eighth of its ends and three eighths of each control point.
        let under = (8 * (self.height - 12) - from.1 - to.1) / 6;
        let third = (from.0 - to.0) / 4;
        Curve::new([from, (from.0 - third, under), (to.0 + third, under), to])
    }

    fn add_strands(&mut self, found: Vec<Strand>) {
        let plan = patch::plan(&found, self);
        self.strands = found.into_iter().zip(plan).map(|(strand, legs)| Drawn { strand, legs }).collect();
        self.clear_ports();
    }

    /// Wires without a strand leave a patched box above its ports.
    fn clear_ports(&mut self) {
        let leaves = |from: NodeId, to: Option<NodeId>| {
            self.strands.iter().flat_map(|s| &s.legs).any(|l| l.from == from && l.to != from && to.is_none_or(|to| l.to == to))
        };
        let is_bare = |e: Edge| {
            e.kind == EdgeKind::Traffic && self.panels[e.from.index()].is_some() && leaves(e.from, None) && !leaves(e.from, Some(e.to))
        };
        let bare: Vec<usize> = (0..self.wires.len()).filter(|&i| is_bare(self.wires[i].edge)).collect();
        for i in bare {
            let b = self.boxes[self.wires[i].edge.from.index()];
            let start = if self.down { (b.x + 40, b.bottom()) } else { (b.right(), b.y + 40) };
            self.wires[i].curve = Curve::flow(start, self.wires[i].curve.end(), self.down);
        }
    }
}

/// The place of one of several ports on a side.
pub(super) fn spread(start: i32, len: i32, (index, of): (usize, usize), most: i32) -> i32 {
    let of = of.max(1) as i32;
    let step = ((len - 16) / of).min(most);
    start + len / 2 + (2 * index as i32 + 1 - of) * step / 2
}
