//! What a learner may turn and break.

use hopscope_core::scenario::{ActionKind, Fault};
use leptos::prelude::*;

use super::knobs;
use super::run::{Handle, State};

/// Knobs and faults.
pub fn view(handle: Handle) -> impl IntoView {
    let knobs = handle.with(|s| s.spec.scenario.knobs.clone());
    let faults = handle.with(|s| s.spec.scenario.faults.clone());
    view! {
        <section class="panel panel-settings" aria-label="Settings">
            <div class="settings-grid">
                {knobs.into_iter().map(|knob| knobs::view(handle, knob)).collect_view()}
                {(!faults.is_empty()).then(|| view! {
                    <fieldset class="setting faults"><legend class="setting-name">"Break something"</legend>
                        <div class="fault-buttons">{faults.into_iter().map(|fault| button(handle, &fault)).collect_view()}</div>
                    </fieldset>
                })}
            </div>
        </section>
    }
}

fn button(handle: Handle, fault: &Fault) -> impl IntoView + use<> {
    let id = fault.id.clone();
    let words = handle.with(|s| s.lab.faults.iter().find(|w| w.id == id).cloned()).unwrap_or_default();
    let label = if words.label.is_empty() { id.clone() } else { words.label };
    let watched = id.clone();
    let on = Memo::new(move |_| handle.watch(|s| s.timeline().world().fault_is_on(&watched)));
    let toggle = move |_| {
        let kind = ActionKind::Fault { id: id.clone(), on: !on.get_untracked() };
        handle.change(|s| State::act(s, &kind));
    };
    view! {
        <button type="button" class="fault-button" title=words.help aria-pressed=move || on.get().to_string() on:click=toggle>
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path class="solid" d="M9 1 3 9h4l-1 6 6-8H8z"/></svg>
            <span>{label}</span><span class="fault-state">{move || if on.get() { "on" } else { "" }}</span>
        </button>
    }
}
