//! Names as the lab shows them, put into the core's own sentences.

use hopscope_core::describe::{Message, describe, en};
use hopscope_core::lesson::Lab;
use hopscope_core::policy::balance::PolicyKind;
use hopscope_core::scenario::{ActionKind, Effect, Spec, Value};
use hopscope_core::world::{Log, NodeId, Record, World};

/// What a node is called on the page.
pub fn shown<'a>(lab: &'a Lab, name: &'a str) -> &'a str {
    lab.nodes.iter().find(|(n, _)| n == name).map_or(name, |(_, shown)| shown.as_str())
}

/// What a node is called on the page, by its index.
pub fn node<'a>(lab: &'a Lab, spec: &'a Spec, id: NodeId) -> &'a str {
    shown(lab, &spec.node(id).name)
}

/// What a knob is called on the page.
pub fn knob<'a>(lab: &'a Lab, id: &'a str) -> &'a str {
    lab.knobs.iter().find(|k| k.id == id).map_or(id, |k| k.label.as_str())
}

/// A policy's name inside a sentence.
pub fn policy(kind: PolicyKind) -> String {
    let name = en::policy(kind);
    // "IP hash" keeps its capitals.
    if name.starts_with("IP") { name.to_owned() } else { name.to_ascii_lowercase() }
}

/// The same where there is little room.
pub fn policy_in_short(kind: PolicyKind) -> String {
    match kind {
        PolicyKind::WeightedRoundRobin => "weighted r. r.".into(),
        PolicyKind::LeastConn => "least conn.".into(),
        other => policy(other),
    }
}

/// A record in words, with the lab's names.
pub fn say(record: &Record, world: &World, log: &Log, lab: &Lab) -> String {
    en::say(&localised(describe(record, world, log), lab))
}

/// The same message with the lab's names in it.
pub fn localised(mut message: Message, lab: &Lab) -> Message {
    let rename = |name: &mut String| *name = shown(lab, name).to_owned();
    match &mut message {
        Message::Arrived { from: a, .. }
        | Message::Held { at: a, .. }
        | Message::Accepted { at: a, .. }
        | Message::Connected { at: a, .. }
        | Message::Reset { at: a, .. }
        | Message::Closed { at: a, .. }
        | Message::Received { at: a, .. }
        | Message::Passed { at: a, .. }
        | Message::Staged { at: a, .. }
        | Message::Queued { at: a, .. }
        | Message::Started { at: a, .. }
        | Message::Cold { at: a, .. }
        | Message::Answered { at: a, .. }
        | Message::Returned { at: a, .. }
        | Message::Ended { at: a, .. }
        | Message::Heard { at: a, .. }
        | Message::Computed { at: a, .. }
        | Message::Secured { at: a, .. }
        | Message::Reused { at: a, .. }
        | Message::Parked { at: a, .. }
        | Message::IdledOut { at: a, .. }
        | Message::Retried { at: a, .. } => rename(a),
        Message::Dialed { from: a, to: b, .. }
        | Message::Greeted { from: a, to: b, .. }
        | Message::Probed { at: a, to: b, .. }
        | Message::Health { at: a, to: b, .. }
        | Message::Copied { at: a, to: b, .. }
        | Message::Asked { from: a, to: b, .. }
        | Message::Named { from: a, to: b, .. }
        | Message::Dropped { from: a, to: b, .. }
        | Message::Resent { from: a, to: b, .. } => {
            rename(a);
            rename(b);
        }
        Message::Decided { at, chosen, .. } => {
            rename(at);
            chosen.as_mut().map(rename);
        }
        Message::Turned { knob: id, to, .. } => {
            *to = shown_value(lab, id, to);
            *id = knob(lab, id).to_owned();
        }
        Message::Switched { effect: Some(effect), .. } => match effect {
            Effect::Kill { node }
            | Effect::Hang { node }
            | Effect::Slow { node, .. }
            | Effect::Fail { node, .. }
            | Effect::Join { node }
            | Effect::Leave { node } => {
                rename(node);
            }
            Effect::Lossy { from, to, .. } => {
                rename(from);
                rename(to);
            }
        },
        _ => {}
    }
    message
}

/// A value with the lab's names for its choices.
fn shown_value(lab: &Lab, id: &str, value: &Value) -> Value {
    let choices = lab.knobs.iter().find(|k| k.id == id).map_or(&[][..], |k| &k.choices);
    let shown = |choice: &String| choices.iter().find(|(c, _)| c == choice).map_or_else(|| choice.clone(), |(_, shown)| shown.clone());
    match value {
        Value::Choice(choice) => Value::Choice(shown(choice)),
        Value::Order(order) => Value::Order(order.iter().map(shown).collect()),
        other => other.clone(),
    }
}

/// An action in as few words as can stand on a timeline.
pub fn action(kind: &ActionKind, lab: &Lab, spec: &Spec) -> String {
    let (id, on) = match kind {
        ActionKind::Set { knob: id, to } => return format!("{} → {}", knob(lab, id), en::value(&shown_value(lab, id, to))),
        ActionKind::Fault { id, on } => (id, *on),
    };
    let effect = spec.scenario.faults.iter().find(|f| f.id == *id).map(|f| &f.effect);
    let (node, what) = match (effect, on) {
        (Some(Effect::Kill { node }), true) => (node, "killed"),
        (Some(Effect::Kill { node }), false) => (node, "restarted"),
        (Some(Effect::Hang { node }), true) => (node, "hangs"),
        (Some(Effect::Hang { node }), false) => (node, "answers"),
        (Some(Effect::Slow { node, .. }), true) => (node, "slows down"),
        (Some(Effect::Slow { node, .. }), false) => (node, "recovers"),
        (Some(Effect::Fail { node, .. }), true) => (node, "answers 500"),
        (Some(Effect::Fail { node, .. }), false) => (node, "recovers"),
        (Some(Effect::Join { node }), true) | (Some(Effect::Leave { node }), false) => (node, "joins"),
        (Some(Effect::Leave { node }), true) | (Some(Effect::Join { node }), false) => (node, "leaves"),
        (Some(Effect::Lossy { .. }), true) => return "link loses".into(),
        (Some(Effect::Lossy { .. }), false) => return "link mended".into(),
        (None, _) => return id.clone(),
    };
    format!("{} {what}", shown(lab, node))
}
