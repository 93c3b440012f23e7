//! Where everything on a stage is: node boxes, wires, strands. Pure numbers, in whole pixels.
//!
//! Columns run along the flow: to the right, or down on a narrow page. The backends are placed
//! first; every other node comes as near as it can to the middle of those it sends to.

use hopscope_core::scenario::ReturnPath;
use hopscope_core::world::{NodeId, NodeView, World};

use super::curve::{Curve, Rect};
use super::size::{self, Sizes};
use super::patch;
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
#[derive(Clone, Copy, Debug)]
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
        let down = scene.shape == Shape::Tall;
        let sizes = Sizes::new(scene, &topology);
        let list = sizes.list;
        let mut geometry = Self { width: scene.shape.width(), down, list, boxes: vec![Rect::default(); nodes], listed: sizes.listed.clone(), topology, ..Self::default() };
        geometry.place(&sizes, scene.shape);
        geometry.panels = (0..nodes).map(|i| sizes.panel(i, geometry.boxes[i], down)).collect();
        geometry.add_wires(world);
        geometry.add_strands(strands::strands(world));
        geometry
    }

    /// A point on the way between two nodes.
    pub fn along(&self, from: NodeId, to: NodeId, fraction: f64) -> (f64, f64) {
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

    /// The value of the SVG's `viewBox`.
    pub fn view_box(&self) -> String {
        format!("0 0 {} {}", self.width, self.height)
    }

    /// Whether a node has a box of its own.
    pub fn is_drawn(&self, node: NodeId) -> bool {
        !self.topology.rest.contains(&node)
    }

    fn place(&mut self, sizes: &Sizes, shape: Shape) {
        if self.down { self.place_rows(sizes) } else { self.place_columns(sizes, shape) }
        if let (Some(rest), hidden) = (self.rest, self.topology.rest.clone()) {
            hidden.iter().for_each(|id| self.boxes[id.index()] = rest);
        }
    }

    fn place_columns(&mut self, sizes: &Sizes, shape: Shape) {
        let columns = self.topology.columns.clone();
        let tallest = columns.iter().enumerate().map(|(c, ids)| sizes.stacked(c, ids)).max().unwrap_or(0);
        let (top, height) = (size::TOP, tallest.max(size::LEAST));
        self.height = top + height + size::BOTTOM;
        let gap = (shape.width() - 2 * size::margin(shape) - sizes.widths.iter().sum::<i32>()) / (columns.len() as i32 - 1).max(1);
        let mut x = shape.width() - size::margin(shape);
        for (column, ids) in columns.iter().enumerate().rev() {
            x -= sizes.widths[column];
            let heights: Vec<i32> = ids.iter().map(|id| sizes.heights[id.index()]).chain((column == columns.len() - 1).then_some(sizes.rest).flatten()).collect();
            let middle = top + height / 2;
            let wish: Vec<i32> = ids.iter().map(|&id| self.middle_of_targets(id, columns.len() - 1 == column).unwrap_or(middle)).collect();
            let ys = settle(&wish, &heights, sizes.gap(column), top, top + height);
            for (&id, (&y, &h)) in ids.iter().zip(ys.iter().zip(&heights)) {
                self.boxes[id.index()] = Rect { x, y, w: sizes.widths[column], h };
            }
            if column == columns.len() - 1 && sizes.rest.is_some() {
                self.rest = ys.last().zip(heights.last()).map(|(&y, &h)| Rect { x, y, w: sizes.widths[column], h });
                if let Some(rest) = self.rest {
                    self.topology.rest.clone().iter().for_each(|id| self.boxes[id.index()] = rest);
                }
            }
            x -= gap;
        }
    }

    /// The mean middle of those that a node sends to; backends have none.
    fn middle_of_targets(&self, id: NodeId, last: bool) -> Option<i32> {
        let targets: Vec<i32> = self.topology.edges.iter().filter(|e| !last && e.from == id && e.kind == EdgeKind::Traffic).map(|e| self.boxes[e.to.index()].cy()).collect();
        let (least, most) = (targets.iter().min()?, targets.iter().max()?);
        Some((least + most) / 2)
    }

    fn place_rows(&mut self, sizes: &Sizes) {
        let columns = self.topology.columns.clone();
        let mut y = size::TOP;
        for (column, ids) in columns.iter().enumerate() {
            let last = column == columns.len() - 1;
            if last && sizes.list {
                y = self.place_list(ids, sizes, y);
            } else {
                let n = ids.len() as i32 + i32::from(last && sizes.rest.is_some());
                let w = sizes.widths[column];
                let mut x = (self.width - n * w - (n - 1).max(0) * 8) / 2;
                let h = ids.iter().map(|id| sizes.heights[id.index()]).max().unwrap_or(0);
                for &id in ids {
                    self.boxes[id.index()] = Rect { x, y, w, h };
                    x += w + 8;
                }
                y += h;
            }
            y += if last { 0 } else { size::ROW_GAP };
        }
        self.height = y + size::BOTTOM;
    }

    fn place_list(&mut self, ids: &[NodeId], sizes: &Sizes, top: i32) -> i32 {
        let (x, w) = (size::RAIL, self.width - size::RAIL - 16);
        let mut y = top - 20;
        for &id in ids {
            let h = sizes.heights[id.index()];
            self.boxes[id.index()] = Rect { x, y, w, h };
            y += h + 8;
        }
        if let Some(h) = sizes.rest {
            self.rest = Some(Rect { x, y, w, h });
            y += h + 8;
        }
        y - 8
    }

    fn add_wires(&mut self, world: &World) {
        let mut edges = self.topology.edges.clone();
        for edge in self.topology.edges.iter().filter(|e| matches!(world.node_view(e.from), NodeView::Clients { .. })) {
            if matches!(world.node_view(edge.to), NodeView::Forwarder { returns: ReturnPath::Direct }) {
                let members = self.topology.edges.iter().filter(|e| e.from == edge.to);
                edges.extend(members.map(|m| Edge { from: m.to, to: edge.from, kind: EdgeKind::Straight }));
            }
        }
        self.wires = edges.iter().map(|&edge| Wire { edge, curve: self.route(&edges, edge) }).collect();
    }

    fn route(&self, edges: &[Edge], edge: Edge) -> Curve {
        if edge.kind == EdgeKind::Straight {
            return self.straight_back(edge);
        }
        let same = |e: &&Edge| e.kind != EdgeKind::Straight;
        let mut outs: Vec<NodeId> = edges.iter().filter(same).filter(|e| e.from == edge.from).map(|e| e.to).collect();
        let mut ins: Vec<NodeId> = edges.iter().filter(same).filter(|e| e.to == edge.to).map(|e| e.from).collect();
        let cross = |id: &NodeId| if self.down && !self.list { self.boxes[id.index()].cx() } else { self.boxes[id.index()].cy() };
        outs.sort_by_key(cross);
        ins.sort_by_key(cross);
        let slot = |of: &[NodeId], id: NodeId| (of.iter().position(|&o| o == id).unwrap_or(0), of.len());
        self.join(edge.from, slot(&outs, edge.to), edge.to, slot(&ins, edge.from))
    }

    /// The way from the n-th port of one box to the m-th of another.
    fn join(&self, from: NodeId, out: (usize, usize), to: NodeId, into: (usize, usize)) -> Curve {
        let (a, b) = (self.boxes[from.index()], self.boxes[to.index()]);
        if self.is_listed_below(to) {
            let start = (a.x + 24 + 8 * out.0 as i32, a.bottom());
            let end = (b.x, b.cy());
            return Curve([start, (start.0, end.1 - 4), (start.0 + 4, end.1), end]);
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

    /// The way of answers that pass the forwarder by: around it.
    fn straight_back(&self, edge: Edge) -> Curve {
        let (a, b) = (self.boxes[edge.from.index()], self.boxes[edge.to.index()]);
        if self.down {
            let x = self.width - 6;
            return Curve([(a.right(), a.cy()), (x + 14, a.cy() - 60), (x + 14, b.bottom() + 60), (b.right() - 14, b.bottom())]);
        }
        let (from, to) = ((a.x, a.bottom() - 8), (b.right(), b.bottom() - 8));
        let under = a.bottom().max(b.bottom()).max(self.height - size::BOTTOM) + 24;
        let third = (from.0 - to.0) / 4;
        Curve([from, (from.0 - third, under), (to.0 + third, under), to])
    }

    fn add_strands(&mut self, found: Vec<Strand>) {
        let plan = patch::plan(&found, self);
        self.strands = found.into_iter().zip(plan).map(|(strand, legs)| Drawn { strand, legs }).collect();
    }
}

/// The place of one of several ports on a side.
pub(super) fn spread(start: i32, len: i32, (index, of): (usize, usize), most: i32) -> i32 {
    let of = of.max(1) as i32;
    let step = ((len - 16) / of).min(most);
    start + len / 2 + (2 * index as i32 + 1 - of) * step / 2
}

/// Puts boxes of given heights in order as near to their wishes as they can stand. It is the mean
/// of packing them from the top and from the bottom; both keep the gaps, so the mean does too.
fn settle(wish: &[i32], heights: &[i32], gap: i32, top: i32, bottom: i32) -> Vec<i32> {
    let wanted = |i: usize| wish.get(i).or(wish.last()).copied().unwrap_or((top + bottom) / 2) - heights[i] / 2;
    let total: i32 = heights.iter().sum::<i32>() + gap * (heights.len() as i32 - 1).max(0);
    let slack = (bottom - top - total).max(0);
    let (mut before, mut after) = (0, total);
    let mut down = vec![0; heights.len()];
    let mut end = top;
    for (i, &h) in heights.iter().enumerate() {
        down[i] = wanted(i).clamp(end.max(top + before), (top + before + slack).max(end));
        end = down[i] + h + gap;
        before += h + gap;
    }
    let mut up = vec![0; heights.len()];
    let mut start = bottom + gap;
    for (i, &h) in heights.iter().enumerate().rev() {
        after -= h;
        let most = (start - gap - h).min(top + after + slack);
        up[i] = wanted(i).clamp((top + after).min(most), most);
        start = up[i];
        after -= gap;
    }
    down.iter().zip(&up).map(|(a, b)| (a + b) / 2).collect()
}
