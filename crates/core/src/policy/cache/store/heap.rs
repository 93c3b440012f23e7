//! The heap by which Squid finds whom to evict (`lib/heap.c`, 5.7).
//!
//! Among equal keys the shape of the heap decides, so it is Squid's to the last comparison.

use super::index::NONE;

/// Places by key, the least first, and the age that is added to new keys.
#[derive(Clone, Debug)]
pub(super) struct Heap {
    nodes: Vec<(f64, u32)>,
    /// Where each place stands in `nodes`.
    at: Vec<u32>,
    /// What a key begins with: the key of whoever went last (dynamic aging).
    pub(super) age: f64,
}

impl Heap {
    pub(super) const fn new(age: f64) -> Self {
        Self { nodes: Vec::new(), at: Vec::new(), age }
    }

    fn key(&self, at: usize) -> f64 {
        self.nodes.get(at).map_or(f64::INFINITY, |node| node.0)
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.nodes.swap(a, b);
        for at in [a, b] {
            let place = self.nodes[at].1;
            self.at[place as usize] = at as u32;
        }
    }

    fn up(&mut self, mut at: usize) {
        while at > 0 && self.key((at - 1) / 2) > self.key(at) {
            self.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    fn down(&mut self, mut at: usize) {
        loop {
            // Of two equal kids it is the left one.
            let left = 2 * at + 1;
            let kid = if self.key(left + 1) < self.key(left) { left + 1 } else { left };
            if kid >= self.nodes.len() || self.key(at) <= self.key(kid) {
                break;
            }
            self.swap(at, kid);
            at = kid;
        }
    }

    /// After a key has changed: up, and from wherever that led, down.
    fn settle(&mut self, at: usize) {
        let place = self.nodes[at].1;
        self.up(at);
        self.down(self.at[place as usize] as usize);
    }

    /// Adds a place with what its key is beyond the age, and lets the age grow a little.
    pub(super) fn add(&mut self, place: u32, beyond: f64) {
        if self.at.len() <= place as usize {
            self.at.resize(place as usize + 1, NONE);
        }
        self.at[place as usize] = self.nodes.len() as u32;
        self.nodes.push((self.age + beyond, place));
        self.up(self.nodes.len() - 1);
        self.age += self.age / 100_000_000.0;
    }

    /// Gives a place a new key.
    pub(super) fn update(&mut self, place: u32, beyond: f64) {
        if let Some(at) = self.place(place) {
            self.nodes[at].0 = self.age + beyond;
            self.settle(at);
        }
    }

    fn place(&self, place: u32) -> Option<usize> {
        self.at.get(place as usize).filter(|&&at| at != NONE).map(|&at| at as usize)
    }

    /// The key of a place.
    pub(super) fn key_of(&self, place: u32) -> f64 {
        self.place(place).map_or(f64::INFINITY, |at| self.key(at))
    }

    /// Takes a place out.
    pub(super) fn remove(&mut self, place: u32) {
        let Some(at) = self.place(place) else { return };
        let last = self.nodes.len() - 1;
        self.swap(at, last);
        self.nodes.pop();
        self.at[place as usize] = NONE;
        if at < last {
            self.settle(at);
        }
    }

    /// Whoever has the least key.
    pub(super) fn first(&self) -> Option<u32> {
        self.nodes.first().map(|node| node.1)
    }

    /// So many places with the least keys at most. Among equals another than the first may go first.
    pub(super) fn least(&self, count: usize) -> Vec<u32> {
        let (mut open, mut least) = (vec![0usize], Vec::new());
        while least.len() < count && !open.is_empty() {
            let best = (1..open.len()).fold(0, |best, i| if self.key(open[i]) < self.key(open[best]) { i } else { best });
            let at = open.swap_remove(best);
            let Some(node) = self.nodes.get(at) else { continue };
            least.push(node.1);
            open.extend([2 * at + 1, 2 * at + 2]);
        }
        least
    }
}
