//! Flights: requests and their answers, each from the node that asks to the one that answers.

use std::net::IpAddr;
use std::rc::Rc;

use super::event::{Outcome, Why};
use super::id::{ConnKey, FlightKey, NodeId};
use crate::http::Headers;
use crate::time::Instant;

/// What a flight is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FlightKind {
    /// A user's request.
    Client,
    /// A proxy's try to have it answered.
    Attempt,
    /// A health probe.
    Probe,
    /// A cache fetches what it lacks.
    Fill,
    /// A cache renews what it has.
    Refresh,
    /// A copy for somebody whose answer nobody waits for.
    Mirror,
    /// A question to a resolver.
    Dns,
    /// A datagram, or one copy of it.
    Datagram,
    /// A question to a service that a stage depends on.
    Call,
    /// Anything that steers, such as a purge.
    Control,
}

/// How many kinds there are.
pub const KINDS: usize = 10;

impl FlightKind {
    /// All kinds, in order.
    pub const ALL: [Self; KINDS] = [
        Self::Client,
        Self::Attempt,
        Self::Probe,
        Self::Fill,
        Self::Refresh,
        Self::Mirror,
        Self::Dns,
        Self::Datagram,
        Self::Call,
        Self::Control,
    ];
}

/// Where a flight is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waits for a connection.
    Held,
    /// On its way to the server.
    Going,
    /// In the stages of a proxy, or waiting for what the proxy asked.
    AtProxy,
    /// Waits for a worker.
    Queued,
    /// A worker is on it.
    InService,
    /// The answer is on its way.
    Returning,
}

impl Flight {
    /// A flight that `from` begins now and has not sent yet, of nobody's class and user.
    pub(crate) fn new(kind: FlightKind, serial: u32, from: NodeId, address: IpAddr, now: Instant, headers: Rc<Headers>) -> Self {
        Self {
            serial,
            root: serial,
            kind,
            parent: None,
            from,
            at: from,
            phase: Phase::Held,
            class: 0,
            user: 0,
            attempt: 0,
            status: 0,
            began: now,
            reached: now,
            peer: address,
            client: address,
            headers,
            reply: Vec::new(),
            work: 0,
            draw_id: 0,
            conn: ConnKey::default(),
            sent_on: ConnKey::default(),
            ended: false,
            stage: 0,
            pool: 0,
            picked_in: 0,
            spared: 0,
            member: None,
            tried: Vec::new(),
            verdict: None,
            upstream: None,
            by_host: false,
            depth: 0,
        }
    }
}

/// A request under way.
#[derive(Clone, Debug)]
pub struct Flight {
    /// Its number, by which events name it.
    pub serial: u32,
    /// The number of the user's request that it belongs to; its own for that request itself.
    pub root: u32,
    /// What it is for.
    pub kind: FlightKind,
    /// The flight on whose behalf it was made.
    pub parent: Option<FlightKey>,
    /// Who asks.
    pub from: NodeId,
    /// Who has it now, or had it last.
    pub at: NodeId,
    /// Where it is on its way.
    pub phase: Phase,
    /// The class of the request.
    pub class: u16,
    /// The user who asked first.
    pub user: u16,
    /// Which try it is, from 0.
    pub attempt: u8,
    /// The status of the answer; 0 before there is one.
    pub status: u16,
    /// When it began.
    pub began: Instant,
    /// When it reached whoever has it now.
    pub reached: Instant,
    /// Who asks, as whoever has it now sees the connection.
    pub peer: IpAddr,
    /// Whose request it is, as whoever has it now believes.
    pub client: IpAddr,
    /// The header fields, as sent on this hop.
    pub headers: Rc<Headers>,
    /// Header fields that proxies put on the answer.
    pub reply: Vec<(String, String)>,
    /// The work that it brings, in microseconds of a worker of speed 1.
    pub(crate) work: u64,
    /// The key of its draws: who asked and which request of theirs it was.
    pub(crate) draw_id: u64,
    /// The connection by which it reached whoever has it.
    pub(crate) conn: ConnKey,
    /// The connection on which the one who asks sent it.
    pub(crate) sent_on: ConnKey,
    /// Whether it is over for the one who asked, though somebody may still be working on it.
    pub(crate) ended: bool,
    /// The next stage of the proxy that has it.
    pub(crate) stage: u8,
    /// The pool that it goes to.
    pub(crate) pool: u16,
    /// The pool of the one who asks, among whose members it was picked; another proxy has pools of its own.
    pub(crate) picked_in: u16,
    /// How many of the tries are not counted: their connection had been closed while it was idle.
    pub(crate) spared: u8,
    /// The member that was picked for it.
    pub(crate) member: Option<u16>,
    /// Members tried in vain.
    pub(crate) tried: Vec<u16>,
    /// Set when it was refused, or when something is known to have gone wrong.
    pub(crate) verdict: Option<(Outcome, Why)>,
    /// The upstream that answered for it.
    pub(crate) upstream: Option<NodeId>,
    /// Whether it goes to whoever its host names.
    pub(crate) by_host: bool,
    /// How many proxies have passed it on; more than a few go round in circles.
    pub(crate) depth: u8,
}
