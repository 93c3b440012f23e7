//! The event log: outside the world, so that a snapshot of the world stays small.

use core::hash::Hasher;
use std::net::IpAddr;

use super::event::{Event, NO_ROOT, Record};
use super::id::NodeId;
use super::queue::MessageKind;
use crate::policy::decision::Decisions;
use crate::scenario::ActionKind;
use crate::time::{Duration, Instant};

/// A line of an access log, before it is written in a product's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLine {
    /// When the answer was sent.
    pub at: Instant,
    /// At which event.
    pub ordinal: u32,
    /// For which request.
    pub root: u32,
    /// Whose log.
    pub node: NodeId,
    /// Who asked, as this node knows it.
    pub client: IpAddr,
    /// The class of the request, which has its method, path and size.
    pub class: u16,
    /// The status that was answered; 0 for a connection that was cut.
    pub status: u16,
    /// From the request's arrival here to the answer.
    pub took: Duration,
    /// Which upstream answered, if one was asked.
    pub upstream: Option<NodeId>,
}

/// A message that was put on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: Instant,
    /// When it arrives at the other end of the link.
    pub arrives: Instant,
    /// At which event.
    pub ordinal: u32,
    /// What it is.
    pub kind: MessageKind,
    /// Where it left.
    pub from: NodeId,
    /// Where it goes.
    pub to: NodeId,
    /// The number of its connection.
    pub conn: u32,
    /// The number of the flight that it carries, or [`NO_ROOT`].
    pub flight: u32,
    /// The number of the user's request that it belongs to, or [`NO_ROOT`].
    pub root: u32,
}

/// Everything that a run wrote down. Costs nothing when off.
#[derive(Clone, Debug, Default)]
pub struct Log {
    on: bool,
    records: Vec<Record>,
    /// The decisions that were made.
    pub decisions: Decisions,
    /// The lines of all access logs.
    pub access: Vec<AccessLine>,
    /// Every message in the order of sending, where the scenario keeps them.
    pub sent: Vec<Sent>,
    /// The actions that were taken, scripted ones too.
    pub actions: Vec<ActionKind>,
    acted_at: Vec<u32>,
    /// The places of the records of those actions.
    deeds: Vec<u32>,
    /// Each user's request and the place of its first record, in order.
    arrived: Vec<(u32, u32)>,
}

/// The most records for which room is made at once.
const MOST_ROOM: u64 = 2_000_000;

/// How long a log was at some moment, so that it can be cut back to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    records: usize,
    decisions: usize,
    access: usize,
    sent: usize,
    actions: usize,
}

impl Log {
    /// A log that is kept, or one that is not.
    pub const fn new(on: bool) -> Self {
        Self {
            on,
            records: Vec::new(),
            decisions: Decisions::new(on),
            access: Vec::new(),
            sent: Vec::new(),
            actions: Vec::new(),
            acted_at: Vec::new(),
            deeds: Vec::new(),
            arrived: Vec::new(),
        }
    }

    /// Whether it is kept.
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// All records in order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The records of everything up to and with an ordinal.
    pub fn until(&self, ordinal: u32) -> &[Record] {
        &self.records[..self.records.partition_point(|r| r.ordinal <= ordinal)]
    }

    /// The messages sent up to and with an ordinal.
    pub fn sent_until(&self, ordinal: u32) -> &[Sent] {
        &self.sent[..self.sent.partition_point(|s| s.ordinal <= ordinal)]
    }

    /// The actions taken up to and with an ordinal, scripted ones too.
    pub fn actions_until(&self, ordinal: u32) -> &[ActionKind] {
        &self.actions[..self.acted_at.partition_point(|&at| at <= ordinal)]
    }

    /// The records of all actions.
    pub fn deeds(&self) -> impl Iterator<Item = &Record> {
        self.deeds.iter().map(|&place| &self.records[place as usize])
    }

    /// The user's requests up to and with an ordinal, in order.
    pub fn arrived_until(&self, ordinal: u32) -> &[(u32, u32)] {
        let after = self.until(ordinal).len() as u32;
        &self.arrived[..self.arrived.partition_point(|&(_, place)| place < after)]
    }

    /// The stretch of records, up to and with an ordinal, that holds all of a user's request from
    /// its arrival to its end, with those of others between. Empty before it has arrived.
    pub fn around(&self, root: u32, ordinal: u32) -> &[Record] {
        let known = self.until(ordinal);
        let Ok(found) = self.arrived.binary_search_by_key(&root, |&(of, _)| of) else { return &[] };
        let from = (self.arrived[found].1 as usize).min(known.len());
        let rest = &known[from..];
        let end = rest.iter().position(|r| matches!(r.event, Event::Ended { flight, .. } if flight == root));
        &rest[..end.map_or(rest.len(), |last| last + 1)]
    }

    /// A digest over every record so far.
    pub fn digest(&self) -> u64 {
        self.records.iter().fold(0, |digest, record| record.digest(digest))
    }

    /// Makes room for the rest of a run, judged by what it has written so far: growing a long
    /// log step by step would copy it again and again, in one long pause each time.
    pub(crate) fn make_room(&mut self, now: Instant, horizon: Instant) {
        if !self.on || self.records.len() * 4 < self.records.capacity() * 3 {
            return;
        }
        let (passed, whole) = (now.as_micros().max(1), horizon.as_micros());
        let rest = |len: usize| (len as u64 * whole.saturating_sub(now.as_micros()) / passed * 5 / 4).min(MOST_ROOM) as usize;
        self.records.reserve_exact(rest(self.records.len()));
        self.decisions.reserve(rest(self.decisions.len()));
    }

    /// Writes an event down.
    pub fn push(&mut self, at: Instant, ordinal: u32, root: u32, event: Event) {
        if self.on {
            if let Event::Arrived { flight, .. } = event {
                self.arrived.push((flight, self.records.len() as u32));
            }
            self.records.push(Record { at, ordinal, root, event });
        }
    }

    /// Writes an action down and gives its index.
    pub fn push_action(&mut self, at: Instant, ordinal: u32, kind: &ActionKind, scripted: bool) {
        if self.on {
            let action = self.actions.len() as u16;
            self.actions.push(kind.clone());
            self.acted_at.push(ordinal);
            self.deeds.push(self.records.len() as u32);
            self.push(at, ordinal, NO_ROOT, Event::Acted { action, scripted });
        }
    }

    /// How long it is now.
    pub fn mark(&self) -> Mark {
        let (records, decisions, access) = (self.records.len(), self.decisions.len(), self.access.len());
        Mark { records, decisions, access, sent: self.sent.len(), actions: self.actions.len() }
    }

    /// Cuts it back to a mark of its own.
    pub fn cut(&mut self, mark: Mark) {
        self.records.truncate(mark.records);
        self.decisions.truncate(mark.decisions);
        self.access.truncate(mark.access);
        self.sent.truncate(mark.sent);
        self.actions.truncate(mark.actions);
        self.acted_at.truncate(mark.actions);
        self.deeds.truncate(mark.actions);
        let kept = self.arrived.partition_point(|&(_, place)| (place as usize) < mark.records);
        self.arrived.truncate(kept);
    }
}

/// Gathers the fields of a record as whole words, alike on 32 and 64 bit machines.
#[derive(Default)]
pub(crate) struct Fold {
    words: [u64; 12],
    len: usize,
}

impl Fold {
    pub(crate) fn word(&mut self, word: u64) {
        if let Some(slot) = self.words.get_mut(self.len) {
            *slot = word;
            self.len += 1;
        }
    }

    pub(crate) fn digest(&self, before: u64) -> u64 {
        let mut bytes = [0u8; 96];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(&self.words[..self.len]) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        xxhash_rust::xxh3::xxh3_64_with_seed(&bytes[..self.len * 8], before)
    }
}

impl Hasher for Fold {
    fn finish(&self) -> u64 {
        self.digest(0)
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.word(u64::from(byte));
        }
    }
    fn write_u8(&mut self, i: u8) {
        self.word(u64::from(i));
    }
    fn write_u16(&mut self, i: u16) {
        self.word(u64::from(i));
    }
    fn write_u32(&mut self, i: u32) {
        self.word(u64::from(i));
    }
    fn write_u64(&mut self, i: u64) {
        self.word(i);
    }
    fn write_usize(&mut self, i: usize) {
        self.word(i as u64);
    }
    fn write_isize(&mut self, i: isize) {
        self.word(i as u64);
    }
}
