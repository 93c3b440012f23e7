//! How large each node's box is.

use hopscope_core::world::{NodeId, NodeView, World};

use super::Shape;
use super::strands;
use super::topology::Topology;

/// Room for column heads.
pub const TOP: i32 = 46;
/// Room below the boxes.
pub const BOTTOM: i32 = 22;
/// The least height of a column.
pub const LEAST: i32 = 220;
/// Room for answers that pass a forwarder by, below everything.
pub const UNDER: i32 = 14;
/// Room for wires between two rows.
pub const ROW_GAP: i32 = 60;
/// Where backends in a list begin, so that wires pass beside them.
pub const RAIL: i32 = 86;
/// Room for one user in a list of users.
pub const USER: i32 = 24;
/// Room for one port of a patch panel.
pub const PORT: i32 = 22;
/// Room for the words of a box whose patch panel is beside them.
pub const PANEL_LEFT: i32 = 148;
/// Room for a line of text in a proxy's box.
pub const LINE: i32 = 20;

/// The room beside the columns.
pub const fn margin(shape: Shape) -> i32 {
    match shape {
        Shape::Wide => 32,
        Shape::Mid => 20,
        Shape::Half | Shape::Tall => 16,
    }
}

/// Sizes of everything that has a box.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// The width of each column's boxes.
    pub widths: Vec<i32>,
    /// The height of each node's box, by index.
    pub heights: Vec<i32>,
    /// How many users each group lists, by index.
    pub listed: Vec<u32>,
    /// Whether backends stand in a list.
    pub list: bool,
    backends: usize,
    /// Ports of each node's patch panel: one per listed user who talks to it, by index.
    ports: Vec<u32>,
}

impl Sizes {
    /// Measures a scene.
    pub fn new(world: &World, shape: Shape, topology: &Topology) -> Self {
        let backends = topology.columns.last().map_or(0, Vec::len) + usize::from(!topology.rest.is_empty());
        let down = shape == Shape::Tall;
        let list = down && backends > 4;
        let widths = if down { row_widths(topology, backends) } else { column_widths(shape, topology.columns.len()) };
        let nodes = world.spec().nodes.len();
        let mut sizes = Self { widths, heights: vec![0; nodes], listed: vec![0; nodes], list, backends, ports: vec![0; nodes] };
        for &id in &topology.columns[0] {
            let users = strands::listed(world, id);
            let fits = !down || topology.columns[1].len() == 1 && users as i32 * 24 <= sizes.widths[0] - 12;
            sizes.listed[id.index()] = if fits { users } else { 0 };
        }
        sizes.ports = (0..nodes).map(|i| sizes.count_ports(world, NodeId::new(i))).collect();
        if let (true, [only]) = (down, topology.columns[1].as_slice())
            && sizes.ports[only.index()] > 0
        {
            sizes.widths[1] = shape.width() - 2 * margin(shape);
        }
        let card = sizes.backend_height(down);
        for index in 0..nodes {
            let id = NodeId::new(index);
            sizes.heights[index] = match world.node_view(id) {
                NodeView::Clients { .. } => clients_height(sizes.listed[index], shape),
                NodeView::Backend { .. } => card,
                _ => between_height(world, id, sizes.ports[index], down),
            };
        }
        sizes
    }

    const fn backend_height(&self, down: bool) -> i32 {
        match (down, self.backends) {
            (true, 5..) => 58,
            (true, _) => 128,
            (false, 0..=5) => 72,
            (false, _) => 58,
        }
    }

    /// Where lines come and go on a box with a patch panel: start and length across the flow.
    pub fn panel(&self, node: usize, b: super::curve::Rect, down: bool) -> Option<(i32, i32)> {
        match (self.ports[node] as i32, down) {
            (0, _) => None,
            (_, true) => Some((b.x + PANEL_LEFT, b.w - PANEL_LEFT - 8)),
            (n, false) => Some((b.bottom() - n * PORT - 16, n * PORT + 16)),
        }
    }

    fn count_ports(&self, world: &World, id: NodeId) -> u32 {
        let spec = world.spec();
        let talks = |(i, c): (usize, &hopscope_core::scenario::Clients)| if spec.id(&c.target) == Some(id) { self.listed[i] } else { 0 };
        spec.scenario.clients.iter().enumerate().map(talks).sum()
    }

    /// The gap between boxes of a column.
    pub fn gap(&self, column: usize) -> i32 {
        match column {
            0 => 20,
            _ if column + 1 == self.widths.len() => {
                if self.backends > 5 {
                    8
                } else {
                    12
                }
            }
            _ => 24,
        }
    }

    /// The height of a column.
    pub fn stacked(&self, column: usize, ids: &[NodeId]) -> i32 {
        ids.iter().map(|id| self.heights[id.index()]).sum::<i32>() + self.gap(column) * (ids.len() as i32 - 1).max(0)
    }
}

/// Widths of columns by how many there are.
fn column_widths(shape: Shape, columns: usize) -> Vec<i32> {
    let (clients, between, backend) = match (shape, columns) {
        (Shape::Wide, 0..=3) => (166, 184, 300),
        (Shape::Wide, 4) => (140, 160, 250),
        (Shape::Wide, _) => (132, 152, 210),
        (Shape::Mid, 0..=3) => (120, 148, 226),
        (Shape::Mid, 4) => (108, 118, 178),
        (Shape::Mid, _) => (96, 114, 124),
        (_, 0..=3) => (92, 124, 180),
        (_, _) => (84, 100, 136),
    };
    let mut widths = vec![between; columns];
    widths[0] = clients;
    if let Some(last) = widths.last_mut() {
        *last = backend;
    }
    widths
}

/// Widths of boxes in each row of a narrow page.
fn row_widths(topology: &Topology, backends: usize) -> Vec<i32> {
    let room = Shape::Tall.width() - 2 * margin(Shape::Tall);
    let share = |n: i32, most: i32| ((room - 8 * (n - 1)) / n.max(1)).min(most);
    let last = topology.columns.len() - 1;
    let width = |(column, ids): (usize, &Vec<NodeId>)| match column {
        0 => share(ids.len() as i32, 358),
        c if c == last => share(backends as i32, 170),
        _ => share(ids.len() as i32, 280),
    };
    topology.columns.iter().enumerate().map(width).collect()
}

const fn clients_height(listed: u32, shape: Shape) -> i32 {
    match (listed, shape) {
        (0, Shape::Tall) => 62,
        (0, _) => 72,
        (_, Shape::Tall) => 82,
        (n, _) => 48 + n as i32 * USER,
    }
}

fn between_height(world: &World, id: NodeId, ports: u32, down: bool) -> i32 {
    // The layer may be changed by a knob: a box keeps its size, so that two layers can be compared.
    let stages = world.spec().node(id).stages().len().min(4) as i32 * LINE;
    match (ports, down) {
        (0, true) => 66 + stages,
        (_, true) => 118 + stages,
        (n, false) => 66 + stages + 50 + if n > 0 { n as i32 * PORT + 14 } else { 0 },
    }
}
