//! English.

use super::{Column, Message};
use crate::decimal::Decimal;
use crate::policy::balance::PolicyKind;
use crate::policy::decision::{Reason, Standing};
use crate::policy::health::{self, Finding};
use crate::scenario::{Effect, Value};
use crate::world::{MessageKind, Outcome, StageAnswer, Why};

/// The message as one sentence or phrase without a full stop.
pub fn say(message: &Message) -> String {
    match message {
        Message::Began => "The run begins".into(),
        Message::Arrived { request, method, path, from, user } => format!("#{request} {method} {path} from {from}, user {}", user + 1),
        Message::Held { request, at } => format!("#{request} waits at {at} for a free connection"),
        Message::Dialed { conn, from, to } => format!("{from} opens connection {conn} to {to}"),
        Message::Accepted { conn, at } => format!("Connection {conn} reaches {at}"),
        Message::Connected { conn, at } => format!("Connection {conn} is open at {at}"),
        Message::Reset { conn, at } => format!("{at} learns that connection {conn} is gone"),
        Message::Closed { conn, at } => format!("Connection {conn} is closed at {at}"),
        Message::Received { request, at } => format!("#{request} reaches {at}"),
        Message::Passed { request: Some(request), at, back: false } => format!("{at} passes #{request} on unread"),
        Message::Passed { request: Some(request), at, back: true } => format!("{at} passes the answer to #{request} back unread"),
        Message::Passed { request: None, at, .. } => format!("{at} passes a packet on"),
        Message::Staged { request, at, stage, answer } => staged(*request, at, stage, *answer),
        Message::Decided { request, at, chosen, conn } => decided(*request, at, chosen.as_deref(), *conn),
        Message::Queued { request, at, ahead } => format!("#{request} waits at {at}, {ahead} ahead"),
        Message::Started { request, at } => format!("{at} starts on #{request}"),
        Message::Cold { request, at } => format!("{at} does not know the user of #{request} and takes longer"),
        Message::Answered { request, at, status } => format!("{at} answers #{request} with {status}"),
        Message::Returned { request, at, status } => format!("The answer to #{request} is back at {at}: {status}"),
        Message::Ended { request, outcome, why, status, inner, at } => ended(*request, *outcome, *why, *status, *inner, at),
        Message::Retried { request, at, attempt } => format!("{at} tries #{request} again, try {}", attempt + 1),
        Message::Copied { request, at, to } => format!("{at} sends a copy of #{request} to {to}"),
        Message::Dropped { request, from, to } => format!("#{request} is lost between {from} and {to}"),
        Message::Resent { request, from, to } => format!("#{request} was lost between {from} and {to} and is sent again"),
        Message::Heard { conn, at, kind: MessageKind::Request } => format!("{at} has a request on connection {conn}, and cannot take it"),
        Message::Heard { conn, at, kind } => format!("{} on connection {conn} reaches {at}", message_kind(*kind)),
        Message::Greeted { conn, from, to } => format!("{from} begins to secure connection {conn} to {to}"),
        Message::Computed { conn, at } => format!("{at} has computed the handshake of connection {conn}"),
        Message::Secured { conn, at } => format!("Connection {conn} is secured at {at}"),
        Message::Reused { request, conn, at } => format!("{at} sends #{request} on connection {conn}, open already"),
        Message::Parked { request, at, ahead } => format!("#{request} waits at {at} for a connection, {ahead} ahead"),
        Message::IdledOut { conn, at } => format!("{at} closes connection {conn}, idle for too long"),
        Message::Probed { at, to, finding, took } => format!("{at} checks {to}: {}, after {took}", found(*finding)),
        Message::Health { at, to, up: true, reason } => format!("{at} uses {to} again: {}", turned(*reason)),
        Message::Health { at, to, up: false, reason } => format!("{at} uses {to} no longer: {}", turned(*reason)),
        Message::Asked { request, from, to } => format!("{from} asks {to} where #{request} is to go"),
        Message::Named { request, from, to, ttl } => format!("{from} learns that #{request} goes to {to}, and keeps that for {ttl}"),
        Message::Turned { knob, to, scripted } => {
            format!("{} {knob} to {}", if *scripted { "The script sets" } else { "You set" }, value(to))
        }
        Message::Switched { fault, effect, on, scripted } => switched(fault, effect.as_ref(), *on, *scripted),
    }
}

fn staged(request: u32, at: &str, stage: &str, answer: StageAnswer) -> String {
    match answer {
        StageAnswer::Continue => format!("#{request} passes {stage} at {at}"),
        StageAnswer::Respond(status) => format!("{stage} at {at} answers #{request} with {status}"),
        StageAnswer::Wait => format!("{stage} at {at} holds #{request}"),
        StageAnswer::Call => format!("{stage} at {at} asks another service about #{request}"),
    }
}

fn decided(request: Option<u32>, at: &str, chosen: Option<&str>, conn: bool) -> String {
    let what = match (request, conn) {
        (Some(request), false) => format!("#{request}"),
        (Some(request), true) => format!("the connection of #{request}"),
        (None, _) => "a connection".to_owned(),
    };
    match chosen {
        Some(chosen) => format!("{at} picks {chosen} for {what}"),
        None => format!("{at} finds nobody for {what}"),
    }
}

fn ended(request: u32, outcome: Outcome, why: Why, status: u16, inner: bool, at: &str) -> String {
    let subject = if inner { format!("For {at}, #{request}") } else { format!("#{request}") };
    match outcome {
        Outcome::Served if why == Why::Arrived => format!("{subject} has arrived"),
        Outcome::Served => format!("{subject} is served: {status}"),
        Outcome::Rejected => format!("{subject} is rejected: {}", because(why)),
        Outcome::Failed => format!("{subject} fails: {}", because(why)),
    }
}

/// Why something ended, as a clause.
pub const fn because(why: Why) -> &'static str {
    match why {
        Why::Answered => "answered",
        Why::Arrived => "arrived",
        Why::Limited => "over the limit",
        Why::Denied => "denied by a rule",
        Why::QueueFull => "the queue was full",
        Why::NobodyEligible => "nobody in the pool could take it",
        Why::Reset => "the connection was reset or refused",
        Why::TimedOut => "nobody answered in time",
        Why::Lost => "lost on the way",
        Why::Upstream => "something further on failed",
        Why::UnknownHost => "no such host",
    }
}

/// What a health check found, in a few words.
pub fn found(finding: Finding) -> String {
    match finding {
        Finding::Open => "the connection opens".into(),
        Finding::Refused => "the connection is refused".into(),
        Finding::Reset => "the connection breaks".into(),
        Finding::TimedOut => "nobody answers in time".into(),
        Finding::Status(status) => status.to_string(),
    }
}

/// Why a member is used again, or no longer, as a clause.
pub fn turned(reason: health::Reason) -> String {
    use health::Reason::{ChecksFailed, ChecksPassed, Ejected, EjectionOver, EnoughGood, Errors, FirstCheckFailed, TooFewGood};
    match reason {
        ChecksFailed(1) => "a check failed".into(),
        ChecksFailed(n) => format!("{n} checks in a row failed"),
        FirstCheckFailed => "its first check failed".into(),
        ChecksPassed(1) => "a check was good".into(),
        ChecksPassed(n) => format!("{n} checks in a row were good"),
        TooFewGood(n, of) => format!("of the last {of} checks only {n} were good"),
        EnoughGood(n, of) => format!("of the last {of} checks {n} were good"),
        Errors(n) => format!("{n} requests in a row went wrong"),
        Ejected(n, span) => format!("{n} requests in a row went wrong; it is left out for {span}"),
        EjectionOver => "it was left out for long enough".into(),
    }
}

fn switched(fault: &str, effect: Option<&Effect>, on: bool, scripted: bool) -> String {
    let by = if scripted { "" } else { "You: " };
    let what = match (effect, on) {
        (Some(Effect::Kill { node }), true) => format!("{node} is killed"),
        (Some(Effect::Kill { node }), false) => format!("{node} is started again"),
        (Some(Effect::Hang { node }), true) => format!("{node} hangs"),
        (Some(Effect::Hang { node }), false) => format!("{node} answers again"),
        (Some(Effect::Slow { node, factor }), true) => format!("{node} becomes {} times slower", Decimal(*factor)),
        (Some(Effect::Slow { node, .. }), false) => format!("{node} is as fast as before"),
        (Some(Effect::Fail { node, percent }), true) => format!("{node} answers {} % of requests with 500", Decimal(*percent)),
        (Some(Effect::Fail { node, .. }), false) => format!("{node} answers as before"),
        (Some(Effect::Lossy { from, to, percent }), true) => format!("{from} to {to} loses {} % of messages", Decimal(*percent)),
        (Some(Effect::Lossy { from, to, .. }), false) => format!("{from} to {to} loses no more than before"),
        (Some(Effect::Join { node }), true) | (Some(Effect::Leave { node }), false) => format!("{node} joins the pool"),
        (Some(Effect::Leave { node }), true) | (Some(Effect::Join { node }), false) => format!("{node} leaves the pool"),
        (None, on) => format!("{fault} {}", if on { "on" } else { "off" }),
    };
    format!("{by}{what}")
}

/// A knob's value in a few words.
pub fn value(value: &Value) -> String {
    match value {
        Value::Number(n) => Decimal(*n).to_string(),
        Value::Choice(choice) => choice.replace('_', " "),
        Value::Toggle(on) => if *on { "on" } else { "off" }.to_owned(),
        Value::Text(text) if text.is_empty() => "nothing".to_owned(),
        Value::Text(text) => format!("\"{text}\""),
        Value::Table(rows) => format!("{} rows", rows.len()),
        Value::Order(names) => names.join(", "),
    }
}

/// A policy's name.
pub const fn policy(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::RoundRobin => "Round robin",
        PolicyKind::WeightedRoundRobin => "Weighted round robin",
        PolicyKind::LeastConn => "Least connections",
        PolicyKind::IpHash => "IP hash",
        PolicyKind::Random => "Random",
        PolicyKind::RandomTwo => "Random two",
        PolicyKind::HashModulo => "Hash, modulo",
        PolicyKind::Ketama => "Hash, ketama",
        PolicyKind::First => "First available",
        PolicyKind::LeastRequests => "Least requests",
        PolicyKind::LeastBusy => "By busyness",
        PolicyKind::Rendezvous => "Hash, rendezvous",
        PolicyKind::Cookie => "Cookie",
        PolicyKind::HashFraction => "Hash director",
        PolicyKind::Shard => "Shard director",
        PolicyKind::Maglev => "Maglev",
        PolicyKind::RingHash => "Ring hash",
        PolicyKind::NaiveWeighted => "Naive weighted",
        PolicyKind::SlowStart => "Slow start",
        PolicyKind::LeastTime => "Least response time",
        PolicyKind::LeastBandwidth => "Least bandwidth",
        PolicyKind::PeakEwma => "Peak EWMA",
        PolicyKind::BoundedLoad => "Bounded load",
        PolicyKind::HaproxyRoundRobin => "HAProxy round robin",
        PolicyKind::HaproxyStaticRoundRobin => "HAProxy static round robin",
        PolicyKind::HaproxyLeastConn => "HAProxy least connections",
        PolicyKind::HaproxyFirst => "HAProxy first",
        PolicyKind::HaproxyRandom => "HAProxy random",
        PolicyKind::HaproxyHashMap => "HAProxy hash, map",
        PolicyKind::HaproxyHashRing => "HAProxy hash, ring",
    }
}

/// Whether a candidate could be picked, in a word.
pub const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Eligible => "yes",
        Standing::Absent => "not in the pool",
        Standing::Draining => "leaving",
        Standing::Down => "down",
        Standing::Maintenance => "in maintenance",
        Standing::Failing => "failed too often",
        Standing::Full => "full",
        Standing::Spare => "backup, not needed",
        Standing::Tried => "tried already",
        Standing::NotAsked => "not asked",
    }
}

/// What stands over the scores of a decision; empty when they say nothing.
pub const fn column(column: Column) -> &'static str {
    match column {
        Column::Turns => "Turn",
        Column::CurrentWeight => "Current",
        Column::ActivePerWeight => "Score",
        Column::Slots => "Slots",
        Column::Draws => "Drawn",
        Column::Points => "Points away",
        Column::Requests => "Under way",
        Column::Hash => "Hash",
        Column::Owns => "Slots",
        Column::Time => "ms",
        Column::Bytes => "kB",
        Column::None => "",
    }
}

/// The rule by which a decision fell, as a sentence.
pub fn reason(reason: Reason) -> String {
    match reason {
        Reason::Turn => "Next in turn among those that can be picked.".into(),
        Reason::HighestCurrentWeight => {
            "Highest current weight. Each round everyone gains their weight, and the one picked pays the sum.".into()
        }
        Reason::FewestActive => "Fewest active for its weight.".into(),
        Reason::FewestActiveTie => "It shares the fewest active with others; among those, the turn decided.".into(),
        Reason::AddressHash(slot) => format!("The hash of the client's network falls on slot {slot}, which is its own."),
        Reason::KeyHash(slot) => format!("The hash of the key falls on slot {slot}, which is its own."),
        Reason::NextPoint => "It owns the first point after the key, of those who can be picked.".into(),
        Reason::FirstInOrder => "First in the list of those that can be picked.".into(),
        Reason::FewestRequests => "Fewest requests under way.".into(),
        Reason::FewestRequestsDrawn => "Drawn among those with the fewest requests under way.".into(),
        Reason::LeastBusy => "Fewest requests under way; among equals, the highest status.".into(),
        Reason::HighestHash => "The key and its address have the highest hash.".into(),
        Reason::Cookie => "The cookie names it.".into(),
        Reason::TableSlot(slot) => format!("The hash of the key leads to slot {slot}, which it holds."),
        Reason::NextPointWithRoom => "It owns the first point after the key, of those who have room.".into(),
        Reason::LeastTime => "Least of requests under way times average response time.".into(),
        Reason::LeastBandwidth => "Fewest bytes in the last 14 seconds.".into(),
        Reason::CheaperOfTwo => "Two were drawn; its latency times the requests it would have is less.".into(),
        Reason::HashGaveUp => "The hash found nobody in 20 tries, so the turn decided.".into(),
        Reason::NoKey => "There is nothing to hash, so the turn decided.".into(),
        Reason::DrawGaveUp => "The draw found nobody in 20 tries, so the turn decided.".into(),
        Reason::LeastLoaded => {
            "The least for its weight, this request counted in; idle ones come first, and of equals the one that stood there for longest."
                .into()
        }
        Reason::NearestPoint => "It owns the point nearest to the key, before or behind it.".into(),
        Reason::BetterOfTwo => "Of the two that were drawn it had fewer active for its weight.".into(),
        Reason::Drawn => "Drawn at random.".into(),
        Reason::PinnedByCookie => "The user's cookie names it.".into(),
        Reason::PinnedByRow => "A row of the table says that this user belongs to it.".into(),
        Reason::NobodyEligible => "Nobody could be picked.".into(),
    }
}

/// What a message under way is called.
pub const fn message_kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Syn => "SYN",
        MessageKind::SynAck => "SYN-ACK",
        MessageKind::Request => "request",
        MessageKind::Response => "response",
        MessageKind::Fin | MessageKind::FinBack => "FIN",
        MessageKind::Ack => "ACK",
        MessageKind::ClientHello => "ClientHello",
        MessageKind::ServerHello => "ServerHello",
        MessageKind::ClientFinished => "client Finished",
        MessageKind::ServerFinished => "server Finished",
        MessageKind::Rst => "RST",
    }
}
