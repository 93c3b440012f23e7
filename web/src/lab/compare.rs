//! Runs of a lab side by side: its variants, or the run before the last change and the one after
//! it. The same arrivals, one clock. What differs between them is drawn by `aside`.

use hopscope_core::timeline::Timeline;
use maud::{Markup, html};

use super::aside::Kept;
use super::run::{Run, State};
use crate::views::compare::LETTERS;
use crate::views::names;

/// Names the comparison with the run before the last change, as a button does.
pub const CHANGE: &str = "change";

/// Starts a comparison, or ends the one that is on.
pub fn toggle(s: &mut State, what: &str) {
    if s.parked.is_some() {
        return end(s);
    }
    let runs = if what == CHANGE { before_and_after(s) } else { variants(s) };
    if runs.len() < 2 {
        return;
    }
    let clock = s.clock;
    let mut old = core::mem::replace(&mut s.runs, runs);
    s.parked = Some(old.swap_remove(0).timeline);
    s.by_change = what == CHANGE;
    s.aside = Kept::default();
    // Of a change the run with it is the learner's own.
    s.shown = usize::from(s.by_change);
    s.asking = None;
    s.selected = None;
    s.touched = true;
    s.seek_time(clock);
}

fn variants(s: &State) -> Vec<Run> {
    let run = |variant: &hopscope_core::scenario::Variant| {
        let mut timeline = Timeline::new(s.spec.clone(), s.own().seed());
        for kind in &variant.set {
            // The compiler has checked that these can be taken.
            let _ = timeline.act(kind.clone());
        }
        let shown = s.lab.variants.iter().find(|(id, _)| *id == variant.id).map_or(&variant.id, |(_, shown)| shown);
        Run { name: shown.clone(), timeline }
    };
    s.spec.scenario.variants.iter().take(LETTERS.len()).map(run).collect()
}

/// The run as it was before the learner's last change, and as it is with it.
fn before_and_after(s: &State) -> Vec<Run> {
    let (mut before, mut after) = (s.own().clone(), s.own().clone());
    let Some(last) = after.actions().last() else { return Vec::new() };
    let change = names::action(&last.kind, &s.lab, &s.spec);
    before.undo();
    for run in [&mut before, &mut after] {
        run.drop_ghost();
    }
    vec![Run { name: "Before your change".to_owned(), timeline: before }, Run { name: change, timeline: after }]
}

fn end(s: &mut State) {
    if let Some(timeline) = s.parked.take() {
        s.clock = timeline.now();
        s.runs = vec![Run { name: String::new(), timeline }];
        s.shown = 0;
        s.aside = Kept::default();
        s.selected = None;
        s.seeking = None;
    }
}

/// Inspects another run. A request that is followed stays the same one, which has another serial there.
pub fn inspect(s: &mut State, index: usize) {
    let place = s.selected.map(|_| column(s));
    s.shown = index.min(s.runs.len() - 1);
    s.selected = place.and_then(|place| s.timeline().log().arrived_until(u32::MAX).get(place).map(|&(root, _)| root));
}

/// Goes to where a run sent a request: `run,request,event`.
pub fn choose(s: &mut State, id: &str) {
    let mut parts = id.split(',').map(|part| part.parse().ok());
    if let (Some(Some(run)), Some(Some(root)), Some(Some(ordinal))) = (parts.next(), parts.next(), parts.next()) {
        s.touched = true;
        s.shown = (run as usize).min(s.runs.len() - 1);
        s.selected = Some(root);
        s.seek_event(ordinal);
    }
}

/// Says why there is no divergence to go to.
pub fn part(s: &mut State) {
    s.notice = Some("As far as they have run, all have made the same choices. Play on, then look again.".to_owned());
}

/// The request that is followed, or else the last to arrive, by its place in the order of arrival.
pub fn column(s: &State) -> usize {
    let run = s.timeline();
    match s.selected {
        Some(root) => run.log().arrived_until(u32::MAX).partition_point(|&(arrived, _)| arrived < root),
        None => run.log().arrived_until(run.position()).len().saturating_sub(1),
    }
}

/// The buttons that start a comparison, or end the one that is on.
pub fn buttons(s: &State) -> Markup {
    let on = s.parked.is_some();
    let button = |what: &str, words: &str| {
        html! { button.outline-button type="button" data-do="compare" data-id=(what) id={ (s.lab.id) "-compare" (what) } aria-pressed=(on) { (words) } }
    };
    html! {
        @if s.spec.scenario.variants.len() > 1 && !(on && s.by_change) { (button("", "Side by side")) }
        @if if on { s.by_change } else { !s.own().actions().is_empty() } { (button(CHANGE, "Before and after")) }
    }
}

/// The places of the stages: one, or one for each run.
pub fn stages(s: &State) -> String {
    let one = |index: usize| -> Markup {
        html! { div.stage-frame data-run=(index) { div.stage-picture {} canvas.stage-dots aria-hidden="true" {} } }
    };
    html! {
        @if s.runs.len() == 1 { (one(0)) } @else {
            div.compared-stages {
                @for (index, run) in s.runs.iter().enumerate() {
                    div.compared-run {
                        button.run-name type="button" id={ (s.lab.id) "-run-" (index) } data-do="inspect" data-id=(index) aria-pressed=(s.shown == index) {
                            span.run-letter { (LETTERS[index]) } span { (run.name) }
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
