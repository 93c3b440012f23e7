//! Members in order of a key, equals in order of arrival.

/// What HAProxy's `eb32` trees do for its round robin and least connections: the lowest key
/// comes first, and among equal keys the one that was put in first.
///
/// It is a binary heap that knows where each item stands, so that any item can be taken out.
/// Putting in, taking out and taking the first are O(log n); looking at the first is O(1).
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranks {
    heap: Vec<Rank>,
    /// Where each item stands in the heap, or `ABSENT`.
    places: Vec<u32>,
    arrivals: u64,
}

/// An item with what it is ordered by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rank {
    key: u64,
    arrival: u64,
    /// Which item it is.
    pub(crate) item: u32,
}

const ABSENT: u32 = u32::MAX;

impl Rank {
    const fn before(&self, other: &Self) -> bool {
        self.key < other.key || (self.key == other.key && self.arrival < other.arrival)
    }
}

impl Ranks {
    /// The item with the lowest key.
    pub(crate) fn first(&self) -> Option<u32> {
        self.heap.first().map(|rank| rank.item)
    }

    /// The lowest key.
    pub(crate) fn lowest(&self) -> Option<u64> {
        self.heap.first().map(|rank| rank.key)
    }

    /// The key of an item, if it is in.
    pub(crate) fn key(&self, item: u32) -> Option<u64> {
        self.place(item).map(|place| self.heap[place].key)
    }

    /// Puts an item in, after all that have the same key. One that is in already moves.
    pub(crate) fn put(&mut self, item: u32, key: u64) {
        self.take(item);
        self.arrivals += 1;
        self.put_back(Rank { key, arrival: self.arrivals, item });
    }

    /// Puts in what [`take_first`](Self::take_first) gave, where it was.
    pub(crate) fn put_back(&mut self, rank: Rank) {
        let item = rank.item as usize;
        if self.places.len() <= item {
            self.places.resize(item + 1, ABSENT);
        }
        self.heap.push(rank);
        self.rise(self.heap.len() - 1);
    }

    /// Takes the first out.
    pub(crate) fn take_first(&mut self) -> Option<Rank> {
        let first = *self.heap.first()?;
        self.take(first.item);
        Some(first)
    }

    /// Takes an item out; whether it was in.
    pub(crate) fn take(&mut self, item: u32) -> bool {
        let Some(place) = self.place(item) else { return false };
        self.places[item as usize] = ABSENT;
        let Some(last) = self.heap.pop() else { return false };
        if place < self.heap.len() {
            self.heap[place] = last;
            let risen = self.rise(place);
            self.sink(risen);
        }
        true
    }

    fn place(&self, item: u32) -> Option<usize> {
        self.places.get(item as usize).filter(|&&place| place != ABSENT).map(|&place| place as usize)
    }

    /// Moves what stands there towards the first until it is in order; where it stands then.
    fn rise(&mut self, mut at: usize) -> usize {
        let rank = self.heap[at];
        while at > 0 {
            let above = (at - 1) / 2;
            if !rank.before(&self.heap[above]) {
                break;
            }
            self.stand(at, self.heap[above]);
            at = above;
        }
        self.stand(at, rank);
        at
    }

    /// Moves what stands there away from the first until it is in order.
    fn sink(&mut self, mut at: usize) {
        let rank = self.heap[at];
        loop {
            let mut below = 2 * at + 1;
            if below + 1 < self.heap.len() && self.heap[below + 1].before(&self.heap[below]) {
                below += 1;
            }
            if below >= self.heap.len() || !self.heap[below].before(&rank) {
                break;
            }
            self.stand(at, self.heap[below]);
            at = below;
        }
        self.stand(at, rank);
    }

    fn stand(&mut self, at: usize, rank: Rank) {
        self.heap[at] = rank;
        self.places[rank.item as usize] = at as u32;
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is put in, moved and taken out, the order is that of a sorted map.
        #[test]
        fn it_keeps_the_order_of_a_sorted_map(steps in prop::collection::vec((0u32..12, 0u64..4, 0u8..5), 1..200)) {
            let mut ranks = Ranks::default();
            let mut map: BTreeMap<(u64, usize), u32> = BTreeMap::new();
            for (n, &(item, key, what)) in steps.iter().enumerate() {
                match what {
                    0 => {
                        let was_in = map.values().any(|&i| i == item);
                        map.retain(|_, &mut i| i != item);
                        prop_assert_eq!(ranks.take(item), was_in);
                    }
                    1 => {
                        let passed: Vec<Rank> = (0..2).filter_map(|_| ranks.take_first()).collect();
                        let expect: Vec<u32> = map.values().take(2).copied().collect();
                        prop_assert_eq!(passed.iter().map(|r| r.item).collect::<Vec<_>>(), expect);
                        passed.into_iter().for_each(|rank| ranks.put_back(rank));
                    }
                    _ => {
                        map.retain(|_, &mut i| i != item);
                        map.insert((key, n), item);
                        ranks.put(item, key);
                    }
                }
                prop_assert_eq!(ranks.first(), map.values().next().copied());
                prop_assert_eq!(ranks.lowest(), map.keys().next().map(|k| k.0));
                for (k, &i) in &map {
                    prop_assert_eq!(ranks.key(i), Some(k.0));
                }
            }
            let order: Vec<u32> = std::iter::from_fn(|| ranks.take_first()).map(|rank| rank.item).collect();
            prop_assert_eq!(order, map.into_values().collect::<Vec<_>>());
        }
    }
}
