//! Variants of a lab side by side: the same arrivals, one clock, and where they first part.

use hopscope_core::describe::en;
use hopscope_core::scenario::{Measure, Value};
use hopscope_core::timeline::{Timeline, first_divergence};
use leptos::prelude::*;

use super::run::{Handle, Run, State};
use super::{player, stage};

/// Letters of the runs.
const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

/// The button that starts and ends the comparison, where a lab has variants.
pub fn button(handle: Handle) -> impl IntoView {
    let has_variants = handle.with(|s| s.spec.scenario.variants.len() > 1);
    let on = Memo::new(move |_| handle.watch(|s| s.parked.is_some()));
    let toggle = move |_| {
        player::pause(handle);
        handle.change(|s| if s.parked.is_some() { end(s) } else { begin(s) });
    };
    let label = move || if on.get() { "One run" } else { "Side by side" };
    has_variants.then(|| view! { <button type="button" class="outline-button" aria-pressed=move || on.get().to_string() on:click=toggle>{label}</button> })
}

fn begin(s: &mut State) {
    let clock = s.clock;
    let variants = s.spec.scenario.variants.clone();
    let runs = variants.iter().take(LETTERS.len()).map(|variant| {
        let mut timeline = Timeline::new(s.spec.clone(), s.own().seed());
        for kind in &variant.set {
            // The compiler has checked that these can be taken.
            let _ = timeline.act(kind.clone());
        }
        Run { variant: variant.id.clone(), timeline }
    });
    let runs: Vec<Run> = runs.collect();
    let mut old = core::mem::replace(&mut s.runs, runs);
    s.parked = old.drain(..1).next().map(|run| run.timeline);
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

/// The stages of all runs and what differs between them; one stage when there is one run.
pub fn stages(handle: Handle) -> impl IntoView {
    let count = Memo::new(move |_| handle.watch(|s| s.runs.len()));
    move || match count.get() {
        1 => stage::view(handle, 0).into_any(),
        n => view! {
            <div class="compared">
                <div class="compared-stages">{(0..n).map(|index| one(handle, index)).collect_view()}</div>
                {differences(handle)}
            </div>
        }
        .into_any(),
    }
}

fn name(s: &State, index: usize) -> String {
    let id = s.runs.get(index).map_or("", |run| run.variant.as_str());
    s.lab.variants.iter().find(|(v, _)| v == id).map_or_else(|| id.to_owned(), |(_, shown)| shown.clone())
}

fn one(handle: Handle, index: usize) -> impl IntoView {
    let title = handle.with(|s| name(s, index));
    let shown = Memo::new(move |_| handle.watch(|s| s.shown == index));
    view! {
        <div class="compared-run">
            <button type="button" class="run-name" aria-pressed=move || shown.get().to_string() on:click=move |_| handle.change(|s| s.shown = index)>
                <span class="run-letter">{LETTERS[index]}</span><span>{title}</span>
                <span class="run-note">{move || if shown.get() { "inspected below" } else { "inspect this one" }}</span>
            </button>
            {stage::view(handle, index)}
        </div>
    }
}

fn differences(handle: Handle) -> impl IntoView {
    let html = move || handle.watch_slowly(table);
    let part = move |_| {
        player::pause(handle);
        handle.change(|s| match s.runs.split_first().and_then(|(a, rest)| rest.iter().filter_map(|b| first_divergence(&a.timeline, &b.timeline)).min_by_key(|d| d.at)) {
            Some(found) => s.seek_time(found.at),
            None => s.notice = Some("As far as they have run, both have made the same choices. Play on, then look again.".to_owned()),
        });
    };
    view! {
        <div class="compared-table">
            <div inner_html=html></div>
            <button type="button" class="outline-button" on:click=part>"Go to the first divergence"</button>
        </div>
    }
}

fn table(s: &State) -> String {
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
    maud::html! {
        table.diff {
            caption { "So far, on the same arrivals" }
            thead { tr { th scope="col" { "Measure" } @for (index, letter) in LETTERS.iter().enumerate().take(s.runs.len()) { th scope="col" { (letter) span.visually-hidden { " " (name(s, index)) } } } } }
            tbody {
                @for (label, unit, measure) in &rows {
                    tr { th scope="row" { (label) } @for run in &s.runs { td { (show(run.timeline.world().measure(measure), unit)) } } }
                }
            }
        }
    }
    .into_string()
}
