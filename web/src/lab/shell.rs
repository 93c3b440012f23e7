//! How the parts of a lab stand on the page.

use std::rc::Rc;

use hopscope_core::lesson::{Lab, Lesson};
use hopscope_core::timeline::Ghost;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlElement;

use super::run::{Handle, State};
use super::{challenge, charts, compare, inspector, keys, link, log, player, predict, settings, tabs, transport};
use crate::progress;
use crate::views;

const LINK: &str = "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5L7.5 13A3 3 0 0 1 3 8.5L4.5 7\"/></svg>";

/// A whole lab, or a sentence when its scenario cannot be run.
pub fn view(lesson: &Rc<Lesson>, lab: &Rc<Lab>, level: u8, place: HtmlElement) -> AnyView {
    let spec = match lab.scenario.compile() {
        Ok(spec) => Rc::new(spec),
        Err(error) => return view! { <p class="lab-error">{format!("This lab cannot run. {error}")}</p> }.into_any(),
    };
    let mut state = State::new(&lesson.slug, lab, spec);
    let first = lesson.labs.first().is_some_and(|l| l.id == lab.id) || lesson.slug.is_empty();
    let linked = link::restore(&mut state, first);
    predict::recall(&mut state);
    let handle = Handle::new(state);
    handle.with(|s| progress::record_lab_seen(s.key()));
    if handle.with(|s| s.seeking.is_some()) {
        player::work_on(handle);
    }
    if linked {
        place.scroll_into_view();
    }
    player::pause_off_screen(handle, &place);
    open_on_request(handle);
    let key = move |event: web_sys::KeyboardEvent| keys::pressed(handle, &event);
    view! {
        <div class="lab-card" data-tab=move || handle.tab.get().names().0 on:keydown=key>
            {head(handle, level)}
            {notice(handle)}
            {predict::card(handle)}
            <div class="lab-grid">
                <div class="lab-main">
                    {measured(handle)}
                    <div class="lab-controls">
                        {transport::view(handle)}
                        <div class="legend" inner_html=views::marks::legend()></div>
                    </div>
                    {charts::view(handle)}
                    {settings::view(handle)}
                </div>
                {tabs::view(handle)}
                <div class="lab-side">
                    {inspector::why(handle)}
                    {inspector::request(handle)}
                    {log::events(handle)}
                    {challenge::view(handle)}
                </div>
            </div>
            {log::more(handle)}
            {log::status(handle)}
        </div>
    }
    .into_any()
}

fn head(handle: Handle, level: u8) -> impl IntoView {
    let (id, title, question, lead, challenge) = handle.with(|s| (format!("lab-{}-title", s.lab.id), s.lab.title.clone(), s.lab.question.clone(), s.lab.lead.clone(), s.spec.scenario.challenge.is_some()));
    let heading = if level == 2 { view! { <h2 class="lab-title" id=id>{question}</h2> }.into_any() } else { view! { <h3 class="lab-title" id=id>{question}</h3> }.into_any() };
    let kicker = format!("{} · {title}", if challenge { "Challenge" } else { "Lab" });
    let seed = move || handle.watch(|s| format!("seed {}", s.timeline().seed()));
    let forked = move || handle.watch(|s| s.timeline().ghost().map(|g: &Ghost| format!("forked at {}", g.forked_when)));
    let changed = Memo::new(move |_| handle.watch(|s| !s.timeline().actions().is_empty()));
    let undo = move |_| {
        player::pause(handle);
        handle.change(State::undo);
    };
    view! {
        <div class="lab-head">
            <div class="lab-name">
                <p class="kicker">{kicker}</p>
                {heading}
                <p class="lab-chips"><span class="chip">{seed}</span>{move || forked().map(|text| view! { <span class="chip chip-fork">{text}</span> })}</p>
            </div>
            <div class="lab-buttons">
                <Show when=move || changed.get()><button type="button" class="quiet-button" on:click=undo>"Undo change"</button></Show>
                {reseed(handle)}
                {compare::button(handle)}
                {copy(handle)}
            </div>
            <p class="lab-lead" inner_html=lead></p>
        </div>
    }
}

/// Rolls a fresh seed: other arrivals, the same habits.
fn reseed(handle: Handle) -> impl IntoView {
    let roll = move |_| {
        player::pause(handle);
        let mut bytes = [0u8; 2];
        // Without the browser's randomness the seed only counts on.
        let fresh = if getrandom::fill(&mut bytes).is_ok() { u64::from(u16::from_le_bytes(bytes)) } else { handle.with(|s| s.own().seed() + 1) };
        handle.change(|s| s.reseed(fresh));
    };
    view! { <button type="button" class="quiet-button" on:click=roll>"New seed"</button> }
}

fn copy(handle: Handle) -> impl IntoView {
    let said = RwSignal::new("Copy link");
    let copy = move |_| {
        let address = handle.with(link::address);
        let copied = window().navigator().clipboard().write_text(&address);
        leptos::task::spawn_local(async move {
            match wasm_bindgen_futures::JsFuture::from(copied).await {
                Ok(_) => said.set("Link copied"),
                Err(_) => {
                    // The address bar is the way that is left.
                    handle.change_quietly(|s| s.touched = true);
                    link::keep(handle);
                    said.set("Copy it from the address bar");
                }
            }
            set_timeout(move || said.set("Copy link"), core::time::Duration::from_secs(3));
        });
    };
    view! { <button type="button" class="outline-button" on:click=copy><span inner_html=LINK></span><span role="status">{move || said.get()}</span></button> }
}

fn notice(handle: Handle) -> impl IntoView {
    let text = Memo::new(move |_| handle.watch(|s| s.notice.clone()).or_else(progress::trouble));
    move || text.get().map(|text| view! { <p class="lab-notice-line" role="alert">{text}</p> })
}

/// The stage, with its width kept in view.
fn measured(handle: Handle) -> impl IntoView {
    let frame = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        let Some(frame) = frame.get() else { return };
        let measure = {
            let frame = frame.clone();
            move || {
                let width = frame.client_width().max(0) as u32;
                if width > 0 && width != handle.width.get_untracked() {
                    handle.width.set(width);
                    handle.slow.update(|n| *n = n.wrapping_add(1));
                }
            }
        };
        measure();
        let look = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(look.as_ref().unchecked_ref()) {
            observer.observe(&frame);
        }
        // The lab lives as long as the page.
        look.forget();
    });
    view! { <div class="stage" node_ref=frame>{compare::stages(handle)}</div> }
}

/// A quiz may ask for the lab to stand where one of its predictions is asked.
fn open_on_request(handle: Handle) {
    let look = Closure::<dyn FnMut(web_sys::CustomEvent)>::new(move |event: web_sys::CustomEvent| {
        let field = |name: &str| js_sys::Reflect::get(&event.detail(), &name.into()).ok().and_then(|v| v.as_string());
        if field("lab") == Some(handle.with(|s| s.lab.id.clone())) {
            player::pause(handle);
            if let Some(prediction) = field("prediction") {
                predict::open(handle, &prediction);
            }
        }
    });
    let _ = document().add_event_listener_with_callback("hopscope:open-lab", look.as_ref().unchecked_ref());
    look.forget();
}
