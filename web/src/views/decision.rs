//! "Why b2?": a decision as a table of its candidates. The one with the best score is not always
//! the one that was picked, and that row is the lesson.

use hopscope_core::describe::{Column, Explanation, Row, en, explain};
use hopscope_core::lesson::Lab;
use hopscope_core::policy::decision::{Decision, Standing};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Event, NO_ROOT, NodeId};
use maud::{Markup, html};

use super::{names, strands, text};

/// The last decision up to the position: for a request, or at all. Of several for one request
/// it is the one with the most to choose from, the latest of these.
pub fn latest(timeline: &Timeline, root: Option<u32>) -> Option<&Decision> {
    let log = timeline.log();
    let all = log.decisions.all();
    let end = all.partition_point(|d| d.ordinal <= timeline.position());
    match root {
        None => all[..end].last(),
        // Decisions come in the order of events, so those before its arrival are not its own.
        Some(root) => all[all.partition_point(|d| d.ordinal < first(timeline, root))..end]
            .iter()
            .filter(|d| d.root == root)
            .max_by_key(|d| (log.decisions.candidates(d).len() > 1, d.ordinal)),
    }
}

/// The event with which a request arrived.
fn first(timeline: &Timeline, root: u32) -> u32 {
    timeline.log().around(root, timeline.position()).first().map_or(0, |r| r.ordinal)
}

/// The panel: whose decision it is, the table and the reason. For a request that nobody decided
/// about it says why not.
pub fn panel(timeline: &Timeline, lab: &Lab, root: Option<u32>) -> String {
    let markup = match (latest(timeline, root), root) {
        (Some(decision), _) => decided(timeline, lab, decision),
        (None, Some(root)) => undecided(timeline, lab, root),
        (None, None) => html! {
            p class="kicker" { "No decision yet" }
            h3 { "Nobody has been picked so far" }
            p class="why-words" { "Step on until a balancer has to choose; the table then shows every candidate and how it scored." }
        },
    };
    html! { div class="why" { (markup) } }.into_string()
}

fn decided(timeline: &Timeline, lab: &Lab, decision: &Decision) -> Markup {
    let log = timeline.log();
    let explanation = explain(decision, log.decisions.candidates(decision), timeline.spec());
    let title = match &explanation.chosen {
        Some(chosen) => format!("Why {}?", names::shown(lab, chosen)),
        None => "Why nobody?".to_owned(),
    };
    html! {
        p class="kicker" { (whose(timeline, lab, decision)) }
        h3 { (title) }
        (body(&explanation, lab))
    }
}

/// `Request #481 · GET /cart`, or the connection that was placed.
fn whose(timeline: &Timeline, lab: &Lab, decision: &Decision) -> String {
    let at = names::node(lab, timeline.spec(), decision.node);
    if decision.root == NO_ROOT {
        return format!("A connection, opened before the run · {at}");
    }
    match arrived(timeline, decision.root) {
        Some((_, _, class)) => {
            let world = timeline.world();
            let conn = if of_connection(timeline, decision) { "Connection of #" } else { "Request #" };
            format!("{conn}{} · {} {} · {at}", decision.root, world.class_method(class).as_str(), world.class_path(class))
        }
        None => format!("Request #{} · {at}", decision.root),
    }
}

/// Whether the decision placed a connection and no single request.
fn of_connection(timeline: &Timeline, decision: &Decision) -> bool {
    use hopscope_core::scenario::Layer;
    use hopscope_core::world::NodeView;
    !matches!(timeline.world().node_view(decision.node), NodeView::Proxy { layer: Layer::L7, .. })
}

/// Who sent a request: group, user, class.
pub fn arrived(timeline: &Timeline, root: u32) -> Option<(NodeId, u16, u16)> {
    timeline.log().around(root, timeline.position()).first().and_then(|r| match r.event {
        Event::Arrived { node, user, class, .. } => Some((node, user, class)),
        _ => None,
    })
}

/// Why nobody decided about a request: it came on a connection that had been placed before.
fn undecided(timeline: &Timeline, lab: &Lab, root: u32) -> Markup {
    let world = timeline.world();
    let strand = arrived(timeline, root).and_then(|(clients, user, _)| {
        strands::strands(world).into_iter().find(|s| s.clients == clients && s.user == user && s.path.len() > 2)
    });
    let Some(strand) = strand else {
        return html! {
            p class="kicker" { "Request #" (root) }
            h3 { "Nothing decided yet" }
            p class="why-words" { "No balancer has had to choose for this request so far. Step on." }
        };
    };
    let name = |id: NodeId| names::node(lab, timeline.spec(), id).to_owned();
    let (balancer, end) = (name(strand.path[1]), name(strand.path[strand.path.len() - 1]));
    let user = i32::from(strand.user) + 1;
    html! {
        p class="kicker" { "Request #" (root) " · user " (user) }
        h3 { "Nobody chose " (end) " for it" }
        p class="why-words" {
            (balancer) " decides once per connection and not per request. User " (user) "’s connection was given to " strong { (end) }
            " when it was opened. " (text::count(u64::from(strand.carried), "request has", "requests have")) " gone down it since, unread."
        }
    }
}

/// The table of candidates and the reason.
fn body(explanation: &Explanation, lab: &Lab) -> Markup {
    let weights = explanation.rows.iter().any(|r| r.weight != 1) || matches!(explanation.column, Column::CurrentWeight);
    let score = en::column(explanation.column);
    html! {
        table class="why-table" {
            thead {
                tr {
                    th scope="col" { "Backend" }
                    th scope="col" class="number" { "Active" }
                    @if weights { th scope="col" class="number" { "Weight" } }
                    @if !score.is_empty() { th scope="col" class="number" { (score) } }
                    th scope="col" { "Eligible" }
                }
            }
            tbody { @for row in &explanation.rows { (candidate(row, weights, !score.is_empty(), lab)) } }
        }
        @if explanation.more > 0 { p class="why-more" { "and " (explanation.more) " more" } }
        p class="why-words" { (reasons(explanation, lab)) }
    }
}

fn candidate(row: &Row, weights: bool, score: bool, lab: &Lab) -> Markup {
    let eligible = row.standing == Standing::Eligible;
    html! {
        tr class=[if row.chosen { Some("chosen") } else if eligible { None } else { Some("ineligible") }] {
            th scope="row" {
                @if row.chosen { (icon("M1 6h9M6.5 2.5l3.5 3.5-3.5 3.5")) span class="visually-hidden" { "chosen: " } }
                (names::shown(lab, &row.name))
            }
            td class="number" { (row.active) }
            @if weights { td class="number" { (row.weight) } }
            @if score { td class="number score" { (row.score) } }
            td class=(if eligible { "eligible" } else { "eligible no" }) {
                (icon(if eligible { "M1.5 6.5l3 3 6-7" } else { "M2 2l8 8m0-8l-8 8" }))
                (en::standing(row.standing))
            }
        }
    }
}

fn icon(d: &str) -> Markup {
    html! { svg class="why-icon" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" { path d=(d) {} } }
}

fn reasons(explanation: &Explanation, lab: &Lab) -> Markup {
    html! {
        (en::reason(explanation.reason))
        @if explanation.column == Column::ActivePerWeight { " The score is active ÷ weight." }
        @if let Some((name, standing)) = &explanation.passed_over {
            " " strong { (names::shown(lab, name)) } " would have come first, but it "
            @match standing {
                Standing::Tried => "was tried already.",
                Standing::Failing => "failed too often.",
                _ => { "is " (en::standing(*standing)) "." }
            }
        }
    }
}
