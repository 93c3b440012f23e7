//! Access logs, as each product writes them.

use hopscope_core::describe::access_line;
use hopscope_core::lesson::Lab;
use hopscope_core::world::{AccessLine, Log, NodeId, World};
use maud::html;

use super::names;

/// The last `limit` lines of every access log up to a position; empty when nobody keeps one.
pub fn lines(log: &Log, world: &World, lab: &Lab, position: u32, limit: usize) -> String {
    let end = log.access.partition_point(|line| line.ordinal <= position);
    let keepers: Vec<NodeId> = (0..world.spec().nodes.len()).map(NodeId::new).filter(|&id| world.log_format(id).is_some()).collect();
    if keepers.is_empty() {
        return String::new();
    }
    html! {
        @for id in keepers {
            section class="access" {
                h4 { "Access log of " (names::node(lab, world.spec(), id)) }
                (written(&log.access[..end], world, id, limit))
            }
        }
    }
    .into_string()
}

fn written(lines: &[AccessLine], world: &World, id: NodeId, limit: usize) -> maud::Markup {
    let mut last: Vec<String> =
        lines.iter().rev().filter(|line| line.node == id).take(limit).filter_map(|line| access_line(line, world)).collect();
    last.reverse();
    html! {
        @if last.is_empty() { p class="kicker" { "Nothing has been written yet." } }
        @else { pre tabindex="0" { (last.join("\n")) } }
    }
}
