//! How a balancer sees the health of its members: what state each is in and what would change it,
//! and along a stretch of time its last checks, from the fault to the verdict.

mod past;
mod strip;

use hopscope_core::lesson::Lab;
use hopscope_core::policy::decision::Standing;
use hopscope_core::policy::health::Finding;
use hopscope_core::scenario::Measure;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{HealthView, NodeId};
use maud::{Markup, html};

use super::events::seconds;
use super::{names, text};
use past::Past;
use strip::Stretch;

/// The members of every pool that is watched.
pub fn draw(run: &Timeline, lab: &Lab) -> String {
    let nodes = (0..run.spec().nodes.len()).map(NodeId::new);
    let rows: Vec<(NodeId, HealthView)> =
        nodes.flat_map(|node| run.world().health(node).into_iter().map(move |view| (node, view))).collect();
    let several = rows.iter().any(|(node, _)| *node != rows[0].0);
    let stretch = Stretch::of(run, &rows);
    html! {
        div.hl {
            h3.panel-title { "Health, as " @if several || rows.is_empty() { "balancers see" } @else { (names::node(lab, run.spec(), rows[0].0)) " sees" } " it" }
            @if rows.is_empty() { p.panel-empty { "Nobody here is checked." } } @else {
                p.hl-cost { (cost(run)) }
                @for (by, row) in &rows { (member(run, lab, *by, row, several, &stretch)) }
                (stretch.axis())
                (legend())
            }
        }
    }
    .into_string()
}

/// What health costs so far: those who saw errors, those who did not, and the load of checks.
fn cost(run: &Timeline) -> Markup {
    let count = |measure: Measure| run.world().measure(&measure) as u64;
    let failed = count(Measure::Failed { clients: None });
    let (hidden, probes) = (count(Measure::Hidden { node: None }), count(Measure::Probes { node: None }));
    html! {
        strong { (text::count(failed, "request", "requests")) " failed" } " for those who asked · "
        (text::count(hidden, "error", "errors")) " hidden by retries · "
        (text::count(probes, "check has", "checks have")) " reached a server"
    }
}

fn member(run: &Timeline, lab: &Lab, by: NodeId, row: &HealthView, several: bool, stretch: &Stretch) -> Markup {
    let name = names::node(lab, run.spec(), row.node);
    let past = Past::of(run, by, row, stretch.from);
    let (class, state) = state(run, row);
    html! {
        div.hl-member {
            div.hl-head {
                h4.hl-name { @if several { (names::node(lab, run.spec(), by)) " → " } (name) }
                span class=(format_args!("hl-state {class}")) { (glyph(class)) (state) }
                (counter(row))
                @if row.enough > 0 { (steps("errors in a row", row.errors, row.enough, "bad")) }
                @if let Some(next) = next(run, row) { span.hl-next { (next) } }
            }
            (stretch.strip((run, lab), row, &past, name))
            // What is over and out of view is no news.
            @if past.verdict().is_none() || !row.up || stretch.verdict_on(&past).is_some() {
                @if let Some(words) = past.sum(lab, run, row.up) { p.hl-sum { (words) } }
            }
        }
    }
}

/// A member's state: its class and its words.
fn state(run: &Timeline, row: &HealthView) -> (&'static str, String) {
    let until = |until| format!("out until {}", seconds(until));
    match (row.standing, row.up, row.ejected) {
        (Standing::Absent, ..) => ("gone", "not in the pool".to_owned()),
        (Standing::Maintenance | Standing::Draining, ..) => ("gone", "taken out by hand".to_owned()),
        (Standing::Eligible, false, _) => ("panic", "found bad, used all the same".to_owned()),
        (_, true, _) if row.of > 0 && row.last.is_none() => ("up", "in use, not checked yet".to_owned()),
        (_, true, _) if row.of > 0 && row.streak > 0 && !row.windowed => ("wavers", "in use, failing checks".to_owned()),
        (_, true, _) => ("up", "in use".to_owned()),
        (_, false, Some(at)) if at > run.now() => ("out", until(at)),
        _ => ("out", "out".to_owned()),
    }
}

/// A shape for each state, so that colour is not alone.
fn glyph(class: &str) -> Markup {
    let d = match class {
        "up" => "M2.5 6.5l2.5 2.5 4.5-5",
        "wavers" => "M6 2v5M6 9.4v.2",
        "panic" => "M2 6.2c1.4-2.6 2.8-2.6 4 0s2.6 2.6 4 0",
        "out" => "M3 3l6 6M9 3l-6 6",
        _ => "M3 6h6",
    };
    html! { svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" { path d=(d) {} } }
}

/// How far its checks are from turning it.
fn counter(row: &HealthView) -> Markup {
    match (row.of, row.windowed, row.up) {
        (0, ..) => html! {},
        // check.c: it begins with as much health as is just enough.
        (_, false, true) if row.last.is_none() => html! { span.hl-steps { "one failure is enough" } },
        (of, true, _) => steps("of the last checks good", row.streak, of, "good"),
        (of, _, true) => steps("failed", row.streak, of, "bad"),
        (of, _, false) => steps("good", row.streak, of, "good"),
    }
}

/// The most steps that are drawn; more are said.
const MOST_STEPS: u32 = 10;

fn steps(what: &str, done: u32, of: u32, class: &str) -> Markup {
    html! {
        span.hl-steps {
            @if of <= MOST_STEPS {
                span.hl-boxes aria-hidden="true" { @for i in 0..of { i class=[(i < done).then_some(class)] {} } }
            }
            (done) " of " (of) " " (what)
        }
    }
}

/// Which check is under way, or comes next.
fn next(run: &Timeline, row: &HealthView) -> Option<String> {
    let now = run.now();
    if let Some(since) = row.under_way {
        let left = (since + row.patience).since(now);
        return Some(format!("check under way, gives up in {left}"));
    }
    row.next.filter(|&at| at >= now).map(|at| format!("next check in {}", at.since(now)))
}

fn legend() -> Markup {
    let entry =
        |mark: Markup, words: &str| html! { li { svg width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true" { (mark) } (words) } };
    html! {
        ul.hl-legend {
            (entry(strip::mark(true), "check passed"))
            (entry(strip::mark(false), "check failed"))
            (entry(html! { rect x="-9" y="-3" width="18" height="6" class="hl-asks" {} }, "waits for the answer"))
            (entry(html! { circle r="3.5" class="hl-error" {} }, "request went wrong"))
            (entry(html! { rect x="-9" y="-4" width="18" height="8" class="hl-in" {} }, "in use"))
            (entry(html! { path d="M-9 0h18" class="hl-out" {} }, "out"))
        }
    }
}

/// What a check found, in words.
fn found(finding: Finding) -> String {
    match finding {
        Finding::Open => "opened".to_owned(),
        Finding::Refused => "refused".to_owned(),
        Finding::Reset => "broke off".to_owned(),
        Finding::TimedOut => "no answer in time".to_owned(),
        Finding::Status(status) => format!("answered {status}"),
    }
}
