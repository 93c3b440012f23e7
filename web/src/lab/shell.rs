//! How the parts of a lab stand on the page, and who listens to what.

use std::rc::Rc;

use hopscope_core::lesson::{Lab, Lesson};
use hopscope_core::scenario::Parts;
use leptos::prelude::*;
use maud::{PreEscaped, html};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent};

use super::run::{Handle, State, bump};
use super::{acts, controls, inspector, keys, link, parts, player, predict};
use crate::signal::listen;
use crate::{later, views};

/// The panels among which a narrow page chooses.
const TABS: [(&str, &str); 5] = [("why", "Why"), ("request", "Request"), ("charts", "Charts"), ("settings", "Settings"), ("log", "Log")];

/// What readers who do not see them hear of the pictures of connections, in the order of `Panel`.
const PICTURES: [&str; 5] = ["Messages", "Connections", "Pool", "Health", "Sessions"];

/// A whole lab, or a sentence when its scenario cannot be run.
pub fn view(lesson: &Rc<Lesson>, lab: &Rc<Lab>, parts: Parts, level: u8, place: HtmlElement) -> AnyView {
    let spec = match lab.spec(parts) {
        Ok(spec) => Rc::new(spec),
        Err(error) => return view! { <p class="lab-error">{format!("This lab cannot run. {error}")}</p> }.into_any(),
    };
    let mut state = State::new(&lesson.slug, lab, spec);
    let first = lesson.labs.first().is_some_and(|l| l.id == lab.id);
    let linked = link::restore(&mut state, first);
    predict::recall(&mut state);
    let page = skeleton(&state, level);
    let handle = Handle::new(state, place);
    let card = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        if card.get().is_some() {
            untrack(|| begin(handle, linked));
        }
    });
    view! { <div class="lab-card" node_ref=card inner_html=page></div> }.into_any()
}

/// Everything that happens once the lab stands in the page.
fn begin(handle: Handle, linked: bool) {
    let place = handle.place();
    let _ = place.set_attribute("data-tab", "why");
    parts::watch(handle);
    hear(handle, &place);
    measure(handle);
    player::pause_off_screen(handle);
    if handle.with(|s| s.seeking.is_some()) {
        player::work_on(handle);
    }
    if linked {
        place.scroll_into_view();
    }
}

fn hear(handle: Handle, place: &HtmlElement) {
    listen(place, "click", move |event| {
        if let Ok(event) = event.dyn_into::<MouseEvent>() {
            acts::clicked(handle, &event);
        }
    });
    listen(place, "keydown", move |event| {
        if let Ok(event) = event.dyn_into::<KeyboardEvent>() {
            keys::pressed(handle, &event);
        }
    });
    listen(place, "change", move |event| acts::changed(handle, &event));
    listen(place, "input", move |event| acts::dragged(handle, &event));
    // What is folded away is drawn when it is opened. Toggle does not bubble, so each is heard by itself.
    if let Ok(all) = place.query_selector_all("details") {
        for details in (0..all.length()).filter_map(|i| all.item(i)) {
            listen(&details, "toggle", move |_| bump(handle.slow));
        }
    }
    listen(&document(), later::ARRIVED, move |_| bump(handle.slow));
    // A quiz may ask for the lab to stand where one of its predictions is asked.
    listen(&document(), crate::quiz::OPEN_LAB, move |event| {
        let Ok(event) = event.dyn_into::<web_sys::CustomEvent>() else { return };
        let field = |name: &str| js_sys::Reflect::get(&event.detail(), &name.into()).ok().and_then(|v| v.as_string());
        if field("lab") == Some(handle.with(|s| s.lab.id.clone())) {
            player::pause(handle);
            let prediction = field("prediction").unwrap_or_default();
            handle.change(|s| predict::open(s, &prediction));
        }
    });
}

/// Keeps the width of the stage in view.
fn measure(handle: Handle) {
    let Ok(Some(stage)) = handle.place().query_selector(".stage") else { return };
    let watched = stage.clone();
    let look = Closure::<dyn FnMut()>::new(move || {
        let width = stage.client_width().max(0) as u32;
        if width > 0 && handle.with(|s| s.width != width) {
            handle.change_quietly(|s| s.width = width);
            handle.tell();
        }
    });
    if let Ok(observer) = web_sys::ResizeObserver::new(look.as_ref().unchecked_ref()) {
        observer.observe(&watched);
    }
    // The lab lives as long as the page.
    look.forget();
}

fn skeleton(s: &State, level: u8) -> String {
    let most = s.horizon().as_micros() / 1_000;
    html! {
        div.lab-head { (PreEscaped(controls::head(s, level))) }
        div data-part="notice" role="alert" {}
        div data-part="predict" {}
        div.lab-grid {
            div.lab-main {
                div.stage {
                    div data-part="stages" {}
                    div data-part="differences" {}
                    div.raster data-part="raster" tabindex="0" role="region" aria-label={ "Choices · " (s.lab.title) } {}
                    div data-part="choices" {}
                }
                div.lab-controls {
                    div.transport role="group" aria-label={ "Playback · " (s.lab.title) } { (PreEscaped(controls::transport(s))) }
                    div.legend-place { (PreEscaped(views::marks::legend())) }
                }
                @for &panel in &s.spec.scenario.panels {
                    section.lab-picture data-part=(panel.name()) tabindex="0" aria-label={ (PICTURES[panel as usize]) " · " (s.lab.title) } {}
                }
                div.along-time {
                    div.time-axis {
                        div.playhead data-part="playhead" aria-hidden="true" {}
                        div.track data-part="track" {}
                        div.parting data-part="parting" {}
                        input.scrub type="range" data-part="scrub" data-scrub aria-label="Timeline" min="0" max=(most) step="1";
                        p.catching-up data-part="catching-up" role="status" {}
                        div.panel-charts { div.chart data-part="requests" {} div.chart data-part="latency" {} }
                    }
                }
                section.panel.panel-settings data-part="settings" aria-label={ "Settings · " (s.lab.title) } {}
            }
            div.tabs role="group" aria-label={ "Panels · " (s.lab.title) } {
                @for (i, (id, label)) in TABS.iter().enumerate() { button.tab type="button" data-do="tab" data-id=(id) aria-pressed=(i == 0) { (label) } }
            }
            div.lab-side {
                section.panel.panel-why aria-label={ "Decision · " (s.lab.title) } { div data-part="why" {} div data-part="picture" {} }
                section.panel.panel-request data-part="request" aria-label={ "Request · " (s.lab.title) } {}
                section.panel.panel-log data-part="log" aria-label={ "Events · " (s.lab.title) } {}
                @if !s.spec.scenario.goals.is_empty() { section.panel.panel-goals data-part="goals" aria-label={ "Goals · " (s.lab.title) } {} }
            }
        }
        div.lab-more {
            (more(s, "The stage as a table", "table"))
            @if inspector::has_access_log(s) { (more(s, "Access logs", "access")) }
            (more(s, "What this model is worth", "model"))
        }
        p.visually-hidden data-part="status" role="status" aria-live="polite" {}
    }
    .into_string()
}

fn more(s: &State, title: &str, part: &str) -> maud::Markup {
    html! { details { summary { (title) } div.scroll-x tabindex="0" role="region" aria-label={ (title) " · " (s.lab.title) } data-part=(part) {} } }
}
