//! Where the boxes stand: columns side by side, or rows below each other.

use hopscope_core::world::NodeId;

use super::Shape;
use super::curve::Rect;
use super::geometry::Geometry;
use super::size::{self, Sizes};
use super::topology::EdgeKind;

impl Geometry {
    /// Gives every node its box.
    pub(super) fn place(&mut self, sizes: &Sizes, shape: Shape) {
        let columns = self.topology.stacks();
        if self.down {
            self.place_rows(&columns, sizes);
        } else {
            self.place_columns(&columns, sizes, shape);
        }
        if let Some((first, others)) = self.topology.rest.split_first() {
            let shared = self.boxes[first.index()];
            others.iter().for_each(|id| self.boxes[id.index()] = shared);
            self.rest = Some(shared);
        }
    }

    fn place_columns(&mut self, columns: &[Vec<NodeId>], sizes: &Sizes, shape: Shape) {
        let tallest = columns.iter().enumerate().map(|(c, ids)| sizes.stacked(c, ids)).max().unwrap_or(0);
        let (top, height) = (size::TOP, tallest.max(size::LEAST));
        self.height = top + height + size::BOTTOM;
        let gap = (shape.width() - 2 * size::margin(shape) - sizes.widths.iter().sum::<i32>()) / (columns.len() as i32 - 1).max(1);
        let mut x = shape.width() - size::margin(shape);
        for (column, ids) in columns.iter().enumerate().rev() {
            let w = sizes.widths[column];
            x -= w;
            let heights: Vec<i32> = ids.iter().map(|id| sizes.heights[id.index()]).collect();
            let middle = top + height / 2;
            let wish: Vec<i32> = ids.iter().map(|&id| self.middle_of_targets(id, columns.len() - 1 == column).unwrap_or(middle)).collect();
            let ys = settle(&wish, &heights, sizes.gap(column), top, top + height);
            for (id, (y, h)) in ids.iter().zip(ys.into_iter().zip(heights)) {
                self.boxes[id.index()] = Rect { x, y, w, h };
            }
            x -= gap;
        }
    }

    /// The mean middle of those that a node sends to; backends have none.
    fn middle_of_targets(&self, id: NodeId, last: bool) -> Option<i32> {
        let (mut least, mut most) = (i32::MAX, i32::MIN);
        for edge in self.topology.edges.iter().filter(|e| !last && e.from == id && e.kind == EdgeKind::Traffic) {
            let middle = self.boxes[self.stand_in(edge.to).index()].cy();
            least = least.min(middle);
            most = most.max(middle);
        }
        (least <= most).then(|| (least + most) / 2)
    }

    fn place_rows(&mut self, columns: &[Vec<NodeId>], sizes: &Sizes) {
        let mut y = size::TOP;
        for (column, ids) in columns.iter().enumerate() {
            let last = column == columns.len() - 1;
            if last && sizes.list {
                y = self.place_list(ids, sizes, y);
            } else {
                let n = ids.len() as i32;
                let w = sizes.widths[column];
                let mut x = (self.width - n * w - (n - 1).max(0) * 8) / 2;
                let h = ids.iter().map(|id| sizes.heights[id.index()]).max().unwrap_or(0);
                for id in ids {
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
        for id in ids {
            let h = sizes.heights[id.index()];
            self.boxes[id.index()] = Rect { x, y, w, h };
            y += h + 8;
        }
        y - 8
    }
}

/// Puts boxes of given heights in order as near to their wishes as they can stand. It is the mean
/// of packing them from the top and from the bottom; both keep the gaps, so the mean does too.
fn settle(wish: &[i32], heights: &[i32], gap: i32, top: i32, bottom: i32) -> Vec<i32> {
    let wanted = |i: usize| wish[i] - heights[i] / 2;
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
