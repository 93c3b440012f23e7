//! The event log, the access logs, and the stage in words.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::player;
use super::run::{Handle, State};
use crate::views;

/// Events shown at once; the rest is a scroll away in time.
const SHOWN: usize = 12;
/// Lines of access logs shown for each node.
const LINES: usize = 8;

/// What just happened; each line leads to its event.
pub fn events(handle: Handle) -> impl IntoView {
    let many = RwSignal::new(SHOWN);
    let html = move || {
        if handle.playing.get() { handle.slow.track() } else { handle.tick.track() }
        let limit = many.get();
        handle.with(|s| views::events::list(s.timeline(), &s.lab, limit))
    };
    let go = move |event: MouseEvent| {
        let Some(ordinal) = ordinal_of(&event) else { return };
        player::pause(handle);
        handle.change(|s| {
            s.touched = true;
            s.selected = root_of(s, ordinal).or(s.selected);
            s.seek_event(ordinal);
        });
    };
    let label = move || if many.get() == SHOWN { "Show more" } else { "Show fewer" };
    view! {
        <section class="panel panel-log" aria-label="Events">
            <div class="panel-head">
                <h4 class="panel-title">"What just happened"</h4>
                <button type="button" class="link-button" on:click=move |_| many.update(|n| *n = if *n == SHOWN { 20 * SHOWN } else { SHOWN })>{label}</button>
            </div>
            <div class="event-list" inner_html=html on:click=go></div>
        </section>
    }
}

/// The ordinal that a click on a picture or list means.
pub fn ordinal_of(event: &MouseEvent) -> Option<u32> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let marked = target.closest("[data-ordinal]").ok()??;
    marked.get_attribute("data-ordinal")?.parse().ok()
}

fn root_of(s: &State, ordinal: u32) -> Option<u32> {
    let all = s.timeline().log().records();
    let first = all.partition_point(|r| r.ordinal < ordinal);
    let own = all[first..].iter().take_while(|r| r.ordinal == ordinal);
    own.map(|r| r.root).find(|&root| root != hopscope_core::world::NO_ROOT)
}

/// What is seldom looked at: the stage as a table, access logs, the model card.
pub fn more(handle: Handle) -> impl IntoView {
    let opened = RwSignal::new(false);
    let table = move || {
        if !opened.get() {
            return String::new();
        }
        handle.watch_slowly(|s| views::words::state(s.timeline().world(), &s.lab))
    };
    let has_access = handle.with(|s| (0..s.spec.nodes.len()).any(|i| s.timeline().world().log_format(hopscope_core::world::NodeId::new(i)).is_some()));
    let access = move || handle.watch_slowly(|s| views::access::lines(s.timeline().log(), s.timeline().world(), &s.lab, s.timeline().position(), LINES));
    let model = handle.with(|s| views::model::card(&s.lab.model));
    let toggle = move |event: web_sys::Event| {
        let open = event.target().and_then(|t| t.dyn_into::<Element>().ok()).is_some_and(|t| t.has_attribute("open"));
        opened.set(open);
    };
    view! {
        <div class="lab-more">
            <details on:toggle=toggle><summary>"The stage as a table"</summary><div class="scroll-x" tabindex="0" role="region" aria-label="The stage as a table" inner_html=table></div></details>
            {has_access.then(|| view! { <details><summary>"Access logs"</summary><div class="scroll-x" tabindex="0" role="region" aria-label="Access logs" inner_html=access></div></details> })}
            <details><summary>"What this model is worth"</summary><div inner_html=model></div></details>
        </div>
    }
}

/// One sentence for those who cannot see the stage, when time stands still.
pub fn status(handle: Handle) -> impl IntoView {
    let sentence = move || {
        if handle.playing.get() {
            return "Playing".to_owned();
        }
        handle.watch(|s| {
            let last = s.records().last().map(|r| views::names::say(r, s.timeline().world(), s.timeline().log(), &s.lab));
            last.unwrap_or_default()
        })
    };
    view! { <p class="visually-hidden" role="status" aria-live="polite">{sentence}</p> }
}
