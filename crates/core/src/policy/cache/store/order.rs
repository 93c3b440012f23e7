//! In which order objects go when there is no room.

use crate::time::{Duration, Instant};

use super::heap::Heap;
use super::index::NONE;
use super::links::{Ends, Links};

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Whoever was not used for longest. A use counts only when the last one that did is at least
    /// `interval` ago (Varnish `lru_interval`); zero in every other server.
    Lru {
        /// How long after a move another use moves nothing.
        interval: Duration,
    },
    /// Whoever came first.
    Fifo,
    /// Squid's `heap LRU`: as LRU, in whole seconds.
    HeapLru,
    /// Squid's `heap LFUDA`: the least frequency + age (least frequently used, dynamic aging).
    Lfuda,
    /// Greedy dual size with frequency: the least frequency / bytes + age. Squid's `heap GDSF` on disk.
    Gdsf,
    /// Squid's `heap GDSF` in memory: there it takes the size for 1, because it looks at the size of
    /// the file, and an object that was never written to disk has none.
    GdsfUnsized,
}

impl Default for Order {
    fn default() -> Self {
        Self::Lru { interval: Duration::ZERO }
    }
}

/// How an object stood; the least goes first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Score {
    /// When it was last moved to the end.
    Moved(Instant),
    /// When it came.
    Came(Instant),
    /// Its key in Squid's heap.
    Key(f64),
}

/// What an order knows of one object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    /// How often it was asked for, the first time included.
    pub(super) count: u32,
    /// Its bytes.
    pub(super) bytes: u64,
    /// The whole second of the clock in which it was last asked for.
    pub(super) asked: u64,
    /// The whole second of the clock now.
    pub(super) second: u64,
}

impl Order {
    /// What the key of an object is beyond the heap's age (`store_heap_replacement.cc`, 5.7).
    fn beyond(self, used: Use) -> f64 {
        let count = f64::from(used.count);
        let by_age = if used.asked > 1 { 1.0 / used.asked as f64 } else { 1.0 };
        match self {
            Self::Lfuda if used.asked == 0 => count,
            Self::Lfuda => count - faded(used.second.saturating_sub(used.asked)),
            Self::Gdsf => count / (used.bytes.max(1) as f64) - by_age,
            Self::GdsfUnsized => count - by_age,
            _ => used.asked as f64,
        }
    }
}

/// `1 - exp(-seconds / 86,400)`, what decides among equals. From additions and products only, which
/// are alike on every machine.
fn faded(seconds: u64) -> f64 {
    // After forty days nothing is left that a float could tell.
    let (mut x, mut halvings) = (seconds.min(40 * 86_400) as f64 / 86_400.0, 0);
    while x > 0.125 {
        x /= 2.0;
        halvings += 1;
    }
    let rest = (1..=9).rev().fold(1.0, |sum, n| 1.0 - x / f64::from(n) * sum);
    1.0 - (0..halvings).fold(rest, |product, _| product * product)
}

/// An order with what it has seen.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) order: Order,
    links: Links,
    ends: Ends,
    heap: Heap,
}

impl Queue {
    pub(super) fn new(order: Order) -> Self {
        // As LRU the heap has keys without an age.
        let age = if order == Order::HeapLru { 0.0 } else { 1.0 };
        Self { order, links: Links::default(), ends: Ends::default(), heap: Heap::new(age) }
    }

    /// Whether it is a list, in which nobody has a key.
    pub(super) const fn is_list(&self) -> bool {
        matches!(self.order, Order::Lru { .. } | Order::Fifo)
    }

    pub(super) fn add(&mut self, place: u32, used: Use) {
        if self.is_list() {
            self.links.push_last(&mut self.ends, place);
        } else {
            self.heap.add(place, self.order.beyond(used));
        }
    }

    /// A use. `true` when it moved in a list.
    pub(super) fn touch(&mut self, place: u32, since_move: Duration, used: Use) -> bool {
        match self.order {
            Order::Lru { interval } if since_move >= interval => {
                self.links.remove(&mut self.ends, place);
                self.links.push_last(&mut self.ends, place);
                true
            }
            Order::Lru { .. } | Order::Fifo => false,
            _ => {
                self.heap.update(place, self.order.beyond(used));
                false
            }
        }
    }

    pub(super) fn remove(&mut self, place: u32) {
        if self.is_list() { self.links.remove(&mut self.ends, place) } else { self.heap.remove(place) }
    }

    /// Who goes first, `spared` aside.
    pub(super) fn first(&self, spared: u32) -> Option<u32> {
        if !self.is_list() {
            return self.heap.first();
        }
        let first = self.ends.first;
        let first = if first == spared && first != NONE { self.links.next(first) } else { first };
        (first != NONE).then_some(first)
    }

    /// Who would go first, so many at most.
    pub(super) fn next_to_go(&self, count: usize) -> Vec<u32> {
        if !self.is_list() {
            return self.heap.least(count);
        }
        let step = |&place: &u32| Some(self.links.next(place)).filter(|&next| next != NONE);
        core::iter::successors(Some(self.ends.first).filter(|&first| first != NONE), step).take(count).collect()
    }

    /// The key of an object in a heap.
    pub(super) fn key(&self, place: u32) -> Option<f64> {
        (!self.is_list()).then(|| self.heap.key_of(place))
    }

    /// After a walk: new keys begin where the last one that went had its own (`heap_purgeDone`).
    pub(super) fn age_to(&mut self, key: f64) {
        if key > 0.0 && self.order != Order::HeapLru {
            self.heap.age = key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fading_is_that_of_the_exponential() {
        for seconds in [0, 1, 59, 3_600, 10_800, 86_400, 864_000, 8_640_000, u64::MAX] {
            let expect = 1.0 - libm::exp(-(seconds as f64) / 86_400.0);
            assert!((faded(seconds) - expect).abs() < 1e-14, "{seconds}: {} and not {expect}", faded(seconds));
        }
    }

    #[test]
    fn keys_are_those_of_squid() {
        let check = |order: Order, used: Use, expect: f64| assert!((order.beyond(used) - expect).abs() < 1e-15, "{order:?} {used:?}");
        let used = Use { count: 3, bytes: 1_000, asked: 1_000_000, second: 1_000_000 };
        check(Order::Lfuda, used, 3.0);
        check(Order::Lfuda, Use { second: 1_000_010, ..used }, 3.0 - (1.0 - libm::exp(-10.0 / 86_400.0)));
        check(Order::Gdsf, used, 0.003 - 0.000_001);
        check(Order::GdsfUnsized, used, 3.0 - 0.000_001);
        check(Order::GdsfUnsized, Use { asked: 0, ..used }, 2.0);
        check(Order::HeapLru, used, 1_000_000.0);
    }
}
