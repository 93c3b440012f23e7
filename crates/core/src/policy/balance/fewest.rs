//! Who has least, at any time.

/// A tree over the members' keys in which every node knows the least key below it and how many
/// have it. A change costs O(log n), and so does finding the first, the last or any of those
/// with the least.
#[derive(Clone, Debug, Default)]
pub(super) struct Fewest {
    /// The root is node 1, and the children of node `i` are `2i` and `2i + 1`. The leaves are the
    /// second half; those past the last member have [`Fewest::OUT`].
    nodes: Vec<(u64, u32)>,
}

impl Fewest {
    /// The key of one that cannot be picked.
    pub(super) const OUT: u64 = u64::MAX;

    /// A tree for so many members, none of whom can be picked yet.
    pub(super) fn new(len: usize) -> Self {
        Self { nodes: vec![(Self::OUT, 1); 2 * len.next_power_of_two()] }
    }

    /// Gives a member another key, and returns the one it had; who is not listed has none.
    pub(super) fn set(&mut self, index: usize, key: u64) -> u64 {
        let mut at = self.nodes.len() / 2 + index;
        let Some(leaf) = self.nodes.get_mut(at) else { return Self::OUT };
        let was = core::mem::replace(&mut leaf.0, key);
        while at > 1 {
            at /= 2;
            let node = least(self.nodes[2 * at], self.nodes[2 * at + 1]);
            if self.nodes[at] == node {
                break;
            }
            self.nodes[at] = node;
        }
        was
    }

    /// The least key and how many have it; `None` when nobody can be picked.
    pub(super) fn least(&self) -> Option<(u64, u32)> {
        self.nodes.get(1).copied().filter(|(key, _)| *key != Self::OUT)
    }

    /// How many before a member have the least key.
    pub(super) fn before(&self, index: usize) -> u32 {
        let Some((least, _)) = self.least() else { return 0 };
        let mut at = self.nodes.len() / 2 + index.min(self.nodes.len() / 2 - 1);
        let mut count = 0;
        while at > 1 {
            let (key, below) = self.nodes[at - 1];
            if at % 2 == 1 && key == least {
                count += below;
            }
            at /= 2;
        }
        count
    }

    /// The `n`-th of those with the least key, in the order of the table.
    pub(super) fn nth(&self, mut n: u32) -> Option<usize> {
        let (key, count) = self.least()?;
        if n >= count {
            return None;
        }
        let half = self.nodes.len() / 2;
        let mut at = 1;
        while at < half {
            at *= 2;
            let (left, below) = self.nodes[at];
            let below = if left == key { below } else { 0 };
            if n >= below {
                n -= below;
                at += 1;
            }
        }
        Some(at - half)
    }
}

fn least(a: (u64, u32), b: (u64, u32)) -> (u64, u32) {
    match a.0.cmp(&b.0) {
        core::cmp::Ordering::Less => a,
        core::cmp::Ordering::Greater => b,
        core::cmp::Ordering::Equal => (a.0, a.1 + b.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Draw, Purpose};

    #[test]
    fn the_tree_knows_what_a_scan_finds() {
        for n in [0usize, 1, 2, 3, 7, 8, 100] {
            let mut keys: Vec<u64> = vec![Fewest::OUT; n];
            let mut tree = Fewest::new(n);
            for step in 0..400 {
                let draw = Draw::new(n as u64, Purpose::Generate, step, 0);
                if n > 0 {
                    let (index, key) = (draw.below(n as u64) as usize, draw.nth(1).below(5));
                    let key = if key == 4 { Fewest::OUT } else { key };
                    assert_eq!(tree.set(index, key), core::mem::replace(&mut keys[index], key));
                }
                let least = keys.iter().copied().min().filter(|key| *key != Fewest::OUT);
                let tied: Vec<usize> = (0..n).filter(|&i| Some(keys[i]) == least).collect();
                assert_eq!(tree.least(), least.map(|key| (key, tied.len() as u32)));
                let before = |k: usize| tied.iter().filter(|&&i| i < k).count() as u32;
                assert!((0..n).all(|k| tree.before(k) == before(k)));
                assert_eq!((0..tied.len() as u32 + 1).map_while(|k| tree.nth(k)).collect::<Vec<_>>(), tied);
            }
        }
    }
}
