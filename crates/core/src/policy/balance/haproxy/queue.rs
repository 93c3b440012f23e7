//! Requests that wait for a slot (`queue.c`).

use std::collections::VecDeque;

/// Where a request stands in a queue: `http-request set-priority-class` first, the lower the
/// sooner, and then the time at which it came, moved by `set-priority-offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    class: i16,
    /// Milliseconds, with the offset.
    time: i64,
}

impl Turn {
    /// The turn of a request that came at `ms`. Class and offset are cut to what HAProxy keeps:
    /// 12 and 20 bits.
    pub(crate) fn new(class: i32, offset: i32, ms: u64) -> Self {
        Self { class: class.clamp(-0x7ff, 0x7ff) as i16, time: ms as i64 + i64::from(offset.clamp(-0x7ffff, 0x7ffff)) }
    }
}

/// The queue of a backend or of one server, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue(VecDeque<(Turn, u32)>);

impl Queue {
    pub(crate) fn len(&self) -> u32 {
        self.0.len() as u32
    }

    /// Puts a request behind all that have the same turn or an earlier one.
    pub(crate) fn put(&mut self, turn: Turn, request: u32) {
        let at = self.0.partition_point(|(other, _)| *other <= turn);
        self.0.insert(at, (turn, request));
    }

    /// The turn of the first.
    pub(crate) fn first(&self) -> Option<Turn> {
        self.0.front().map(|&(turn, _)| turn)
    }

    /// The first.
    pub(crate) fn peek(&self) -> Option<u32> {
        self.0.front().map(|&(_, request)| request)
    }

    /// Takes a request out that gives up.
    pub(crate) fn take(&mut self, turn: Turn, request: u32) {
        let from = self.0.partition_point(|(other, _)| *other < turn);
        if let Some(more) = self.0.range(from..).position(|&(_, other)| other == request) {
            self.0.remove(from + more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_come_before_times_and_equals_stay_in_order() {
        let mut queue = Queue::default();
        let put = [(0, 0, 10), (0, 0, 5), (-10, 0, 99), (0, 0, 5), (0, -8, 10), (5_000, 0, 0)];
        for (request, (class, offset, ms)) in put.into_iter().enumerate() {
            queue.put(Turn::new(class, offset, ms), request as u32);
        }
        queue.take(Turn::new(0, 0, 5), 1);
        let order: Vec<u32> = queue.0.iter().map(|&(_, request)| request).collect();
        assert_eq!(order, [2, 4, 3, 0, 5]);
        assert_eq!((queue.peek(), queue.first(), queue.len()), (Some(2), Some(Turn::new(-10, 0, 99)), 5));
    }
}
