//! Names as the lab shows them.
use hopscope_core::describe::{describe, en};
use hopscope_core::lesson::Lab;
use hopscope_core::world::{Log, Record, World};

/// What a node is called on the page.
pub fn shown<'a>(lab: &'a Lab, name: &'a str) -> &'a str {
    lab.nodes.iter().find(|(n, _)| n == name).map_or(name, |(_, shown)| shown.as_str())
}

/// A record in words, with the lab's names.
pub fn say(record: &Record, world: &World, log: &Log, _lab: &Lab) -> String {
    en::say(&describe(record, world, log))
}

/// A policy's name inside a sentence.
pub fn policy(kind: hopscope_core::policy::balance::PolicyKind) -> String {
    let name = en::policy(kind);
    // "IP hash" keeps its capitals.
    if name.starts_with("IP") { name.to_owned() } else { name.to_lowercase() }
}
