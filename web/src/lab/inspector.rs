//! Why the last decision fell as it did, and what one request goes through.

use leptos::prelude::*;

use super::player;
use super::run::{Handle, State};
use crate::views;
use crate::views::request::Trace;

/// A request that was traced, and for which run it holds: tracing runs a copy of the world.
struct Traced {
    root: u32,
    run: usize,
    actions: usize,
    trace: Option<Trace>,
}

/// The decision panel.
pub fn why(handle: Handle) -> impl IntoView {
    let html = move || {
        handle.watch(|s| {
            let of_chosen = s.decision().map(|(_, d)| d.root);
            let root = if s.selected.is_some() && of_chosen == s.selected { s.selected } else { None };
            views::decision::panel(s.timeline(), &s.lab, root)
        })
    };
    view! { <section class="panel panel-why" aria-label="Decision" inner_html=html></section> }
}

/// The request panel, with buttons to go from one request to another.
pub fn request(handle: Handle) -> impl IntoView {
    let kept = StoredValue::new_local(None::<Traced>);
    let html = move || {
        let paused = !handle.playing.get();
        if paused { handle.tick.track() } else { handle.slow.track() }
        handle.with(|s| {
            kept.update_value(|kept| refresh(kept, s));
            kept.with_value(|kept| match kept.as_ref().and_then(|t| t.trace.as_ref()) {
                Some(trace) => views::request::panel(trace, s.timeline(), &s.lab),
                None => "<p class=\"panel-empty\">No request has been sent yet. Step or play to send the first one.</p>".to_owned(),
            })
        })
    };
    let go = move |by: i64| {
        player::pause(handle);
        handle.change(|s| {
            let here = s.request();
            s.selected = neighbour(s, here, by).or(here);
        });
    };
    let following = Memo::new(move |_| handle.watch(|s| s.selected.is_some()));
    view! {
        <section class="panel panel-request" aria-label="Request">
            <div inner_html=html></div>
            <div class="panel-buttons" role="group" aria-label="Choose a request">
                <button type="button" class="quiet-button" on:click=move |_| go(-1)>"Earlier request"</button>
                <button type="button" class="quiet-button" on:click=move |_| go(1)>"Later request"</button>
                <Show when=move || following.get()>
                    <button type="button" class="quiet-button" on:click=move |_| handle.change(|s| s.selected = None)>"Follow the latest"</button>
                </Show>
            </div>
        </section>
    }
}

fn refresh(kept: &mut Option<Traced>, s: &State) {
    let Some(root) = s.request() else {
        *kept = None;
        return;
    };
    let (run, actions) = (s.shown, s.timeline().actions().len());
    let holds = kept.as_ref().is_some_and(|t| t.root == root && t.run == run && t.actions == actions && t.trace.is_some());
    if !holds {
        *kept = Some(Traced { root, run, actions, trace: Trace::of(s.timeline(), root) });
    }
}

/// The user's request before or after one, among those that have been sent.
fn neighbour(s: &State, here: Option<u32>, by: i64) -> Option<u32> {
    use hopscope_core::world::Event;
    let arrived = s.records().iter().filter(|r| matches!(r.event, Event::Arrived { .. })).map(|r| r.root);
    match here {
        Some(here) if by > 0 => arrived.into_iter().find(|&root| root > here),
        Some(here) => arrived.into_iter().take_while(|&root| root < here).last(),
        None => arrived.into_iter().last(),
    }
}
