//! The ways of strands: from a user's row through the ports of each box to a backend.

use hopscope_core::world::NodeId;

use super::curve::{Curve, Point};
use super::geometry::{Geometry, Leg, spread};
use super::size;
use super::strands::Strand;

/// The ways of strands, in their order.
pub fn plan(strands: &[Strand], geometry: &Geometry) -> Vec<Vec<Leg>> {
    let patch = Patch { strands, geometry };
    strands.iter().map(|strand| patch.legs(strand)).collect()
}

struct Patch<'a> {
    strands: &'a [Strand],
    geometry: &'a Geometry,
}

impl Patch<'_> {
    fn legs(&self, strand: &Strand) -> Vec<Leg> {
        let mut legs = Vec::new();
        let mut from = user_port(self.geometry, strand.clients, strand.user);
        for (hop, pair) in strand.path.windows(2).enumerate() {
            let to = self.entry(strand, hop + 1);
            let below = self.geometry.is_listed_below(pair[1]);
            let curve = if below { self.geometry.to_list(from, pair[1], to) } else { Curve::flow(from, to, self.geometry.down) };
            legs.push(Leg { from: pair[0], to: pair[1], curve });
            if hop + 2 < strand.path.len() {
                from = self.exit(strand, hop + 1);
                legs.push(Leg { from: pair[1], to: pair[1], curve: Curve::flow(to, from, self.geometry.down) });
            }
        }
        legs
    }

    /// Where a strand arrives at the node of that hop.
    fn entry(&self, strand: &Strand, hop: usize) -> Point {
        let node = strand.path[hop];
        let last = hop + 1 == strand.path.len();
        if last && hop > 1 {
            let slot = self.rank(strand, &|s| (s.path.last() == Some(&node)).then_some(0));
            return self.side(node, slot, 12, true);
        }
        // A user's port at the first box stays where it is, whether the user is connected or not.
        let slot = if hop == 1 { self.user_slot(node, strand) } else { self.rank(strand, &|s| s.path.contains(&node).then_some(0)) };
        self.side(node, slot, size::PORT, true)
    }

    /// Where a strand leaves the node of that hop.
    fn exit(&self, strand: &Strand, hop: usize) -> Point {
        let node = strand.path[hop];
        let next = |s: &Strand| s.path.iter().position(|&n| n == node).and_then(|at| s.path.get(at + 1)).copied();
        let slot = self.rank(strand, &|s| next(s).map(|next| self.geometry.across(next)));
        self.side(node, slot, size::PORT, false)
    }

    /// The place of a strand among those that have a key, in the order of the keys.
    fn rank(&self, strand: &Strand, key: &dyn Fn(&Strand) -> Option<i32>) -> (usize, usize) {
        let (mine, mut before, mut all, mut passed) = (key(strand), 0, 0, false);
        for other in self.strands {
            passed |= other == strand;
            let theirs = key(other);
            if theirs.is_some() {
                all += 1;
                // Strands come in order of group and user, and so do those with the same key.
                before += usize::from(theirs < mine || theirs == mine && !passed);
            }
        }
        (before, all)
    }

    fn side(&self, node: NodeId, slot: (usize, usize), spacing: i32, entry: bool) -> Point {
        let b = self.geometry.boxes[node.index()];
        let (xs, ys) = self.geometry.ports(node);
        if self.geometry.down && !self.geometry.is_listed_below(node) {
            (spread(xs.0, xs.1, slot, spacing + 12), if entry { b.y } else { b.bottom() })
        } else {
            (if entry { b.x } else { b.right() }, spread(ys.0, ys.1, slot, spacing))
        }
    }

    fn user_slot(&self, node: NodeId, strand: &Strand) -> (usize, usize) {
        let groups = self.geometry.topology.edges.iter().filter(|e| e.to == node).map(|e| e.from);
        let (mut before, mut all) = (0, 0);
        for group in groups {
            let users = self.geometry.listed[group.index()] as usize;
            if group < strand.clients {
                before += users;
            }
            all += users;
        }
        (before + usize::from(strand.user), all)
    }
}

/// Where a user's strands begin.
pub fn user_port(geometry: &Geometry, clients: NodeId, user: u16) -> Point {
    let b = geometry.boxes[clients.index()];
    let n = geometry.listed[clients.index()].max(1) as i32;
    let user = i32::from(user);
    if geometry.down {
        return (b.x + 6 + (2 * user + 1) * (b.w - 12) / (2 * n), b.bottom());
    }
    (b.right(), b.y + 40 + user * size::USER + size::USER / 2)
}
