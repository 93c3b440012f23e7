//! What will happen next, ordered by time and then by when it was planned.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use super::id::{ConnKey, FlightKey, NodeId};
use crate::time::{Duration, Instant};

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// Opens a connection.
    Syn,
    /// Says that it is open.
    SynAck,
    /// A request or a datagram that asks.
    Request,
    /// An answer.
    Response,
    /// Closes a connection.
    Fin,
    /// Says that a connection is gone or refused.
    Rst,
    /// Says that the answer to the opening message has come; only where messages are kept.
    Ack,
    /// Begins a TLS handshake.
    ClientHello,
    /// The server's part of it.
    ServerHello,
    /// Ends the client's part of a full TLS 1.2 handshake.
    ClientFinished,
    /// Ends the server's part of it.
    ServerFinished,
    /// Closes a connection from its far end.
    FinBack,
}

impl MessageKind {
    /// Whether it travels from the one who opened the connection to the other end.
    pub const fn is_forward(self) -> bool {
        const FORWARD: u32 = {
            use MessageKind::{Ack, ClientFinished, ClientHello, Fin, Request, Syn};
            1 << Syn as u32 | 1 << Request as u32 | 1 << Fin as u32 | 1 << Ack as u32 | 1 << ClientHello as u32 | 1 << ClientFinished as u32
        };
        FORWARD >> self as u32 & 1 == 1
    }
}

/// A message on one hop of its way.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// What it is.
    pub kind: MessageKind,
    /// The hop of the connection's path, counted from the one who opened it.
    pub hop: u8,
    /// How long this hop takes, in microseconds.
    pub transit: u32,
    /// The flight that it belongs to; null for messages about the connection alone.
    pub flight: FlightKey,
    /// The connection or flow that it travels on.
    pub conn: ConnKey,
}

/// Why the world wakes up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wake {
    /// The next request of an open-loop group.
    Arrive { node: NodeId, turn: u32 },
    /// A user of a closed-loop group has thought.
    Think { node: NodeId, user: u16 },
    /// A message has crossed a hop.
    Deliver(Message),
    /// A worker is done.
    Done { node: NodeId, epoch: u16, flight: FlightKey },
    /// A held request goes on.
    Resume { flight: FlightKey },
    /// A try is made again after a pause.
    Again { flight: FlightKey },
    /// A flight's time is up.
    Timeout { flight: FlightKey },
    /// A server has computed its part of a handshake.
    Computed { conn: ConnKey },
    /// A connection has had nothing to carry for too long: at its far end, which had `seen` so many
    /// requests, or in a pool.
    Idle { conn: ConnKey, seen: Option<u32> },
    /// A request has waited long enough for a connection.
    Waited { flight: FlightKey },
    /// A member is to be checked.
    Check { node: NodeId, pool: u16, member: u16, turn: u16 },
    /// A member was left out for its errors until then.
    LetBack { node: NodeId, pool: u16, until: Instant },
    /// The script has something to do.
    Script { index: u16 },
}

/// A wake-up that has come, with what is needed to put it back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    pub(crate) at: Instant,
    seq: Option<u64>,
    pub(crate) wake: Wake,
}

#[derive(Clone, Debug)]
struct Entry {
    at: Instant,
    seq: u64,
    wake: Wake,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    /// The earliest is the greatest, because the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.seq).cmp(&(self.at, self.seq))
    }
}

/// The event queue, ordered by `(Instant, sequence)`.
///
/// What is planned for this very moment skips the heap: everything already in the heap for
/// this moment was planned earlier and comes first, so a plain queue behind it keeps the order.
#[derive(Clone, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Entry>,
    ready: VecDeque<Wake>,
    now: Instant,
    seq: u64,
}

impl core::fmt::Debug for Queue {
    /// In the order in which it will happen: how a heap lies in memory depends on its past.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut heap = self.heap.clone();
        let sorted: Vec<Entry> = core::iter::from_fn(|| heap.pop()).collect();
        f.debug_struct("Queue")
            .field("now", &self.now)
            .field("seq", &self.seq)
            .field("ready", &self.ready)
            .field("planned", &sorted)
            .finish()
    }
}

impl Queue {
    /// Plans a wake-up `delay` from now.
    pub(crate) fn plan(&mut self, delay: Duration, wake: Wake) {
        if delay.is_zero() {
            self.ready.push_back(wake);
        } else {
            self.heap.push(Entry { at: self.now + delay, seq: self.seq, wake });
            self.seq += 1;
        }
    }

    /// When the next wake-up is, if there is one.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        if self.ready.is_empty() { self.heap.peek().map(|entry| entry.at) } else { Some(self.now) }
    }

    /// The next wake-up, unless it is later than `until`. The clock moves to it.
    pub(crate) fn pop(&mut self, until: Instant) -> Option<Due> {
        let due = self.heap.peek().map(|entry| entry.at);
        if !self.ready.is_empty() && due != Some(self.now) {
            return self.ready.pop_front().map(|wake| Due { at: self.now, seq: None, wake });
        }
        if due? > until {
            return None;
        }
        let entry = self.heap.pop()?;
        self.now = entry.at;
        Some(Due { at: entry.at, seq: Some(entry.seq), wake: entry.wake })
    }

    /// Puts back what was popped last, in that order, and the clock to where it was.
    pub(crate) fn put_back(&mut self, popped: Vec<Due>, now: Instant) {
        for due in popped.into_iter().rev() {
            match due.seq {
                Some(seq) => self.heap.push(Entry { at: due.at, seq, wake: due.wake }),
                None => self.ready.push_front(due.wake),
            }
        }
        self.now = now;
    }

    /// Everything that is planned, in no particular order.
    pub(crate) fn wakes(&self) -> impl Iterator<Item = (Instant, &Wake)> {
        let waiting = self.ready.iter().map(|wake| (self.now, wake));
        waiting.chain(self.heap.iter().map(|entry| (entry.at, &entry.wake)))
    }

    /// The messages under way, with the time at which each will have crossed its hop; in no
    /// particular order.
    pub(crate) fn messages(&self) -> impl Iterator<Item = (Instant, &Message)> {
        self.wakes().filter_map(|(at, wake)| match wake {
            Wake::Deliver(message) => Some((at, message)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(due: Option<Due>) -> Option<(u64, u16)> {
        match due {
            Some(Due { at, wake: Wake::Script { index }, .. }) => Some((at.0, index)),
            _ => None,
        }
    }

    #[test]
    fn same_moment_keeps_the_order_of_planning() {
        let mut queue = Queue::default();
        let plan = |queue: &mut Queue, us: u64, index: u16| queue.plan(Duration(us), Wake::Script { index });
        plan(&mut queue, 10, 1);
        plan(&mut queue, 10, 2);
        plan(&mut queue, 5, 0);
        assert_eq!(script(queue.pop(Instant(100))), Some((5, 0)));
        plan(&mut queue, 5, 3);
        assert_eq!(script(queue.pop(Instant(100))), Some((10, 1)));
        plan(&mut queue, 0, 4);
        assert_eq!(script(queue.pop(Instant(100))), Some((10, 2)));
        assert_eq!(script(queue.pop(Instant(100))), Some((10, 3)));
        assert_eq!(queue.next_at(), Some(Instant(10)));
        assert_eq!(script(queue.pop(Instant(100))), Some((10, 4)));
        plan(&mut queue, 200, 5);
        assert_eq!(script(queue.pop(Instant(100))), None);
        assert_eq!(queue.next_at(), Some(Instant(210)));
    }
}
