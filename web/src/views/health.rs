//! What balancers know of their members' health, one row for each member.

use hopscope_core::lesson::Lab;
use hopscope_core::policy::health::Finding;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{HealthView, NodeId};
use maud::{Markup, html};

use super::events::seconds;
use super::names;

/// The members of every pool that is watched.
pub fn draw(run: &Timeline, lab: &Lab) -> String {
    let nodes = (0..run.spec().nodes.len()).map(NodeId::new);
    let rows: Vec<(NodeId, HealthView)> =
        nodes.flat_map(|node| run.world().health(node).into_iter().map(move |view| (node, view))).collect();
    html! {
        div.hl {
            h3.panel-title { "Health, as the balancer sees it" }
            @if rows.is_empty() { p.panel-empty { "Nobody here is checked." } } @else {
                div.scroll-x {
                    table.table {
                        thead { tr { th scope="col" { "Member" } th scope="col" { "State" } th scope="col" { "Counter" } th scope="col" { "Last check" } th scope="col" { "Next" } } }
                        tbody { @for (node, row) in &rows { (line(run, lab, *node, row)) } }
                    }
                }
            }
        }
    }
    .into_string()
}

fn line(run: &Timeline, lab: &Lab, by: NodeId, row: &HealthView) -> Markup {
    let name = |node: NodeId| names::node(lab, run.spec(), node);
    html! {
        tr {
            th scope="row" { (name(by)) " → " (name(row.node)) }
            td { @if row.up { "up" } @else { "down" } @if let Some(until) = row.ejected { ", left out until " (seconds(until)) } }
            td { @if row.of > 0 { (row.streak) " of " (row.of) } @if row.errors > 0 { " · errors " (row.errors) } }
            td { @if let Some((at, found)) = row.last { (seconds(at)) " " (found_words(found)) } }
            td { @if row.under_way { "under way" } @else if let Some(next) = row.next { (seconds(next)) } }
        }
    }
}

fn found_words(found: Finding) -> String {
    match found {
        Finding::Open => "opened".to_owned(),
        Finding::Refused => "refused".to_owned(),
        Finding::Reset => "broke off".to_owned(),
        Finding::TimedOut => "no answer in time".to_owned(),
        Finding::Status(status) => status.to_string(),
    }
}
