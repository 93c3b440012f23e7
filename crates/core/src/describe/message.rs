//! From records to messages.

use crate::policy::health::{self, Finding};
use crate::scenario::{ActionKind, Effect, Spec};
use crate::time::Duration;
use crate::world::{Event, Log, MessageKind, NO_ROOT, NodeId, Outcome, Record, StageAnswer, Why, World};

/// The glyph that stands for a message; shape first, colour second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A filled circle: a request or an answer that is fine.
    Ok,
    /// A cross: failed, rejected, timed out.
    Error,
    /// A triangle: tried again.
    Retry,
    /// A hollow circle: waiting.
    Waiting,
    /// A small dot: a step on the way.
    Step,
    /// A link glyph: about a connection.
    Connection,
    /// An arrow into one of several: a decision.
    Decision,
    /// A branch: a change made by the learner.
    Change,
    /// A bolt: a fault.
    Fault,
}

/// What is to be said about one record. Names are as the scenario has them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each field is a part of the sentence that `en` makes of it")]
pub enum Message {
    Began,
    Arrived { request: u32, method: &'static str, path: String, from: String, user: u16 },
    Held { request: u32, at: String },
    Dialed { conn: u32, from: String, to: String },
    Accepted { conn: u32, at: String },
    Connected { conn: u32, at: String },
    Reset { conn: u32, at: String },
    Closed { conn: u32, at: String },
    Received { request: u32, at: String },
    Passed { request: Option<u32>, at: String, back: bool },
    Staged { request: u32, at: String, stage: String, answer: StageAnswer },
    Decided { request: Option<u32>, at: String, chosen: Option<String>, conn: bool },
    Queued { request: u32, at: String, ahead: u16 },
    Started { request: u32, at: String },
    Answered { request: u32, at: String, status: u16 },
    Returned { request: u32, at: String, status: u16 },
    Ended { request: u32, outcome: Outcome, why: Why, status: u16, inner: bool, at: String },
    Retried { request: u32, at: String, attempt: u8 },
    Copied { request: u32, at: String, to: String },
    Dropped { request: u32, from: String, to: String },
    Resent { request: u32, from: String, to: String },
    Cold { request: u32, at: String },
    Heard { conn: u32, at: String, kind: MessageKind },
    Greeted { conn: u32, from: String, to: String },
    Computed { conn: u32, at: String },
    Secured { conn: u32, at: String },
    Reused { request: u32, conn: u32, at: String },
    Parked { request: u32, at: String, ahead: u16 },
    IdledOut { conn: u32, at: String },
    Probed { at: String, to: String, finding: Finding, took: Duration },
    Health { at: String, to: String, up: bool, reason: health::Reason },
    Asked { request: u32, from: String, to: String },
    Named { request: u32, from: String, to: String, ttl: Duration },
    Turned { knob: String, to: crate::scenario::Value, scripted: bool },
    Switched { fault: String, effect: Option<Effect>, on: bool, scripted: bool },
}

impl Message {
    /// The glyph that goes with it.
    pub const fn mark(&self) -> Mark {
        match self {
            Self::Reset { .. }
            | Self::Dropped { .. }
            | Self::Decided { chosen: None, .. }
            | Self::Health { up: false, .. }
            | Self::Ended { outcome: Outcome::Failed | Outcome::Rejected, .. } => Mark::Error,
            Self::Staged { answer: StageAnswer::Respond(400..), .. } => Mark::Error,
            Self::Returned { status, .. } | Self::Answered { status, .. } if *status >= 400 => Mark::Error,
            Self::Probed { finding: Finding::Open | Finding::Status(..400), .. } => Mark::Step,
            Self::Probed { .. } => Mark::Error,
            Self::Health { .. } | Self::Arrived { .. } | Self::Ended { .. } | Self::Returned { .. } => Mark::Ok,
            Self::Retried { .. } | Self::Resent { .. } => Mark::Retry,
            Self::Held { .. }
            | Self::Parked { .. }
            | Self::Queued { .. }
            | Self::Staged { answer: StageAnswer::Wait | StageAnswer::Call, .. } => Mark::Waiting,
            Self::Dialed { .. }
            | Self::Accepted { .. }
            | Self::Connected { .. }
            | Self::Secured { .. }
            | Self::Reused { .. }
            | Self::IdledOut { .. }
            | Self::Closed { .. } => Mark::Connection,
            Self::Decided { .. } => Mark::Decision,
            Self::Turned { .. } => Mark::Change,
            Self::Switched { .. } => Mark::Fault,
            _ => Mark::Step,
        }
    }
}

/// What is to be said about a record of a world's log.
pub fn describe(record: &Record, world: &World, log: &Log) -> Message {
    let spec = world.spec();
    let name = |id: NodeId| spec.node(id).name.clone();
    let request = record.root;
    let asked = (record.root != NO_ROOT).then_some(record.root);
    match record.event {
        Event::Began => Message::Began,
        Event::Arrived { node, user, class, .. } => Message::Arrived {
            request,
            method: world.class_method(class).as_str(),
            path: world.class_path(class).to_owned(),
            from: name(node),
            user,
        },
        Event::Held { node, .. } => Message::Held { request, at: name(node) },
        Event::Dialed { conn, from, to } => Message::Dialed { conn, from: name(from), to: name(to) },
        Event::Accepted { conn, node } => Message::Accepted { conn, at: name(node) },
        Event::Connected { conn, node } => Message::Connected { conn, at: name(node) },
        Event::Reset { conn, node } => Message::Reset { conn, at: name(node) },
        Event::Closed { conn, node } => Message::Closed { conn, at: name(node) },
        Event::Received { node, .. } => Message::Received { request, at: name(node) },
        Event::Passed { node, back, .. } => Message::Passed { request: asked, at: name(node), back },
        Event::Staged { node, stage, answer, .. } => {
            let stage = spec.node(node).stages().get(usize::from(stage)).map_or_else(String::new, |s| s.name.clone());
            Message::Staged { request, at: name(node), stage, answer }
        }
        Event::Decided { node, decision, flight } => {
            let chosen = log.decisions.get(decision).and_then(|d| d.chosen).map(name);
            Message::Decided { request: asked, at: name(node), chosen, conn: flight == u32::MAX }
        }
        Event::Queued { node, ahead, .. } => Message::Queued { request, at: name(node), ahead },
        Event::Started { node, .. } => Message::Started { request, at: name(node) },
        Event::Answered { node, status, .. } => Message::Answered { request, at: name(node), status },
        Event::Returned { node, status, .. } => Message::Returned { request, at: name(node), status },
        Event::Ended { flight, node, outcome, why, status } => {
            Message::Ended { request, outcome, why, status, inner: flight != record.root, at: name(node) }
        }
        Event::Retried { node, attempt, .. } => Message::Retried { request, at: name(node), attempt },
        Event::Copied { node, to, .. } => Message::Copied { request, at: name(node), to: name(to) },
        Event::Dropped { from, to, .. } => Message::Dropped { request, from: name(from), to: name(to) },
        Event::Resent { from, to, .. } => Message::Resent { request, from: name(from), to: name(to) },
        Event::Cold { node, .. } => Message::Cold { request, at: name(node) },
        Event::Heard { conn, node, kind } => Message::Heard { conn, at: name(node), kind },
        Event::Greeted { conn, node, to } => Message::Greeted { conn, from: name(node), to: name(to) },
        Event::Computed { conn, node } => Message::Computed { conn, at: name(node) },
        Event::Secured { conn, node } => Message::Secured { conn, at: name(node) },
        Event::Reused { conn, node, .. } => Message::Reused { request, conn, at: name(node) },
        Event::Parked { node, ahead, .. } => Message::Parked { request, at: name(node), ahead },
        Event::IdledOut { conn, node } => Message::IdledOut { conn, at: name(node) },
        Event::Probed { node, to, finding, took } => Message::Probed { at: name(node), to: name(to), finding, took },
        Event::WentDown { node, to, reason } => Message::Health { at: name(node), to: name(to), up: false, reason },
        Event::WentUp { node, to, reason } => Message::Health { at: name(node), to: name(to), up: true, reason },
        Event::Asked { node, to, .. } => Message::Asked { request, from: name(node), to: name(to) },
        Event::Named { node, to, ttl, .. } => Message::Named { request, from: name(node), to: name(to), ttl },
        Event::Acted { action, scripted } => acted(log.actions.get(usize::from(action)), scripted, spec),
    }
}

fn acted(kind: Option<&ActionKind>, scripted: bool, spec: &Spec) -> Message {
    match kind {
        Some(ActionKind::Set { knob, to }) => Message::Turned { knob: knob.clone(), to: to.clone(), scripted },
        Some(ActionKind::Fault { id, on }) => {
            let effect = spec.scenario.faults.iter().find(|f| f.id == *id).map(|f| f.effect.clone());
            Message::Switched { fault: id.clone(), effect, on: *on, scripted }
        }
        None => Message::Began,
    }
}
