//! Variants of a lab side by side: the same arrivals, one clock, and where they first part.

use hopscope_core::describe::en;
use hopscope_core::scenario::{Measure, Value};
use hopscope_core::timeline::{Timeline, first_divergence};
use maud::{Markup, html};

use super::run::{Run, State};

/// Letters of the runs.
const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

/// Starts the comparison, or ends it.
pub fn toggle(s: &mut State) {
    if s.parked.is_some() { end(s) } else { begin(s) }
}

fn begin(s: &mut State) {
    let clock = s.clock;
    let mut runs = Vec::new();
    for variant in s.spec.scenario.variants.iter().take(LETTERS.len()) {
        let mut timeline = Timeline::new(s.spec.clone(), s.own().seed());
        for kind in &variant.set {
            // The compiler has checked that these can be taken.
            let _ = timeline.act(kind.clone());
        }
        runs.push(Run { variant: variant.id.clone(), timeline });
    }
    let mut old = core::mem::replace(&mut s.runs, runs);
    s.parked = Some(old.swap_remove(0).timeline);
    s.shown = 0;
    s.asking = None;
    s.selected = None;
    s.touched = true;
    s.seek_time(clock);
}

fn end(s: &mut State) {
    if let Some(timeline) = s.parked.take() {
        s.clock = timeline.now();
        s.runs = vec![Run { variant: String::new(), timeline }];
        s.shown = 0;
        s.selected = None;
        s.seeking = None;
    }
}

/// Goes to the first request that the runs treated differently.
pub fn part(s: &mut State) {
    let Some((first, rest)) = s.runs.split_first() else { return };
    let found = rest.iter().filter_map(|other| first_divergence(&first.timeline, &other.timeline)).min_by_key(|d| d.at);
    match found {
        Some(found) => s.seek_time(found.at),
        None => s.notice = Some("As far as they have run, all have made the same choices. Play on, then look again.".to_owned()),
    }
}

fn name(s: &State, index: usize) -> &str {
    let id = s.runs[index].variant.as_str();
    s.lab.variants.iter().find(|(v, _)| v == id).map_or(id, |(_, shown)| shown)
}

/// The places of the stages: one, or one for each run with what differs between them.
pub fn stages(s: &State) -> String {
    let one = |index: usize| -> Markup {
        html! { div.stage-frame data-run=(index) { div.stage-picture {} canvas.stage-dots aria-hidden="true" {} } }
    };
    html! {
        @if s.runs.len() == 1 { (one(0)) } @else {
            div.compared-stages {
                @for index in 0..s.runs.len() {
                    div.compared-run {
                        button.run-name type="button" id={ (s.lab.id) "-run-" (index) } data-do="inspect" data-id=(index) aria-pressed=(s.shown == index) {
                            span.run-letter { (LETTERS[index]) } span { (name(s, index)) }
                            span.run-note { (if s.shown == index { "inspected below" } else { "inspect this one" }) }
                        }
                        (one(index))
                    }
                }
            }
        }
    }
    .into_string()
}

/// What differs between the runs so far.
pub fn differences(s: &State) -> String {
    let rows: [(&str, &str, Measure); 5] = [
        ("p50", "ms", Measure::Latency { percentile: 50.0 }),
        ("p95", "ms", Measure::Latency { percentile: 95.0 }),
        ("p99", "ms", Measure::Latency { percentile: 99.0 }),
        ("Busiest to mean", "×", Measure::Spread { nodes: Vec::new() }),
        ("Failed", "", Measure::Failed { clients: None }),
    ];
    let show = |value: f64, unit: &str| {
        let rounded = if value < 10.0 { (value * 100.0).round() / 100.0 } else { value.round() };
        format!("{} {unit}", en::value(&Value::Number(rounded)))
    };
    html! {
        div.compared-table {
            table.diff {
                caption { "So far, on the same arrivals" }
                thead { tr { th scope="col" { "Measure" } @for index in 0..s.runs.len() { th scope="col" { (LETTERS[index]) span.visually-hidden { " " (name(s, index)) } } } } }
                tbody {
                    @for (label, unit, measure) in &rows {
                        tr { th scope="row" { (label) } @for run in &s.runs { td { (show(run.timeline.world().measure(measure), unit)) } } }
                    }
                }
            }
            button.outline-button type="button" id={ (s.lab.id) "-part" } data-do="part" { "Go to the first divergence" }
        }
    }
    .into_string()
}
