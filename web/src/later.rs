//! Code that a page fetches when it is first needed. Each piece is wasm of its own, so that a
//! first visit does not carry what it may never use.
//!
//! A piece is everything that can be reached from its functions here and from nowhere else; the
//! build finds that out (`cargo xtask hook`). Natively these are plain calls.

#![allow(unsafe_code, reason = "the seam between two pieces of wasm is a foreign function on either side")]

use std::cell::Cell;
use std::rc::Rc;

use hopscope_core::lesson::Lesson;
use hopscope_core::policy::affinity::{self, Keep};
use hopscope_core::policy::balance::{self, MakePolicy};
use hopscope_core::scenario::Parts;
use hopscope_core::world::{Watcher, watch};
use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::{Element, HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use crate::lab::{DrawAside, State, draw_aside, draw_health, draw_panel, draw_sessions};
use crate::signal::announce;
use crate::{certificate, lesson, quiz, review, shortcuts};

/// What stands where a piece belongs that did not come.
pub(crate) const UNREACHABLE: &str = "This part of the page could not be fetched. Check the connection and reload the page.";

/// Dispatched on the document when regions that waited for their code can be drawn.
pub(crate) const ARRIVED: &str = "hopscope:arrived";

thread_local! {
    static ASIDE: [Cell<Aside>; 4] = const { [const { Cell::new(Aside::Unasked) }; 4] };
}

/// How far the code of a part of [`aside`] has come.
#[derive(Clone, Copy)]
enum Aside {
    Unasked,
    Asked,
    Here(DrawAside),
    Failed,
}

#[wasm_split(labs, fallible)]
fn labs_piece(source: String) -> Result<(), SplitLoaderError> {
    lesson::mount(source);
    Ok(())
}

#[wasm_split(quiz, fallible)]
fn quiz_piece(place: HtmlElement, lesson: Rc<Lesson>, parts: Parts) -> Result<(), SplitLoaderError> {
    quiz::mount(place, lesson, parts);
    Ok(())
}

#[wasm_split(shortcuts, fallible)]
fn shortcuts_piece() -> Result<(), SplitLoaderError> {
    shortcuts::open();
    Ok(())
}

#[wasm_split(certificate, fallible)]
fn certificate_piece(place: HtmlElement) -> Result<(), SplitLoaderError> {
    certificate::mount(&place);
    Ok(())
}

#[wasm_split(study, fallible)]
fn study_piece(page: Element) -> Result<(), SplitLoaderError> {
    review::begin(&page);
    Ok(())
}

#[wasm_split(progress, fallible)]
fn progress_piece(place: HtmlElement) -> Result<(), SplitLoaderError> {
    review::mount(place);
    Ok(())
}

#[wasm_split(policies, fallible)]
fn policies_piece() -> Result<MakePolicy, SplitLoaderError> {
    Ok(balance::taught)
}

#[wasm_split(servers, fallible)]
fn servers_piece() -> Result<MakePolicy, SplitLoaderError> {
    Ok(balance::every)
}

#[wasm_split(health, fallible)]
fn health_piece() -> Result<Watcher, SplitLoaderError> {
    Ok(watch)
}

#[wasm_split(sticky, fallible)]
fn sticky_piece() -> Result<Keep, SplitLoaderError> {
    Ok(affinity::keep)
}

#[wasm_split(aside, fallible)]
fn aside_piece() -> Result<DrawAside, SplitLoaderError> {
    Ok(draw_aside)
}

#[wasm_split(panels, fallible)]
fn panels_piece() -> Result<DrawAside, SplitLoaderError> {
    Ok(draw_panel)
}

#[wasm_split(checks, fallible)]
fn checks_piece() -> Result<DrawAside, SplitLoaderError> {
    Ok(draw_health)
}

#[wasm_split(sessions, fallible)]
fn sessions_piece() -> Result<DrawAside, SplitLoaderError> {
    Ok(draw_sessions)
}

/// Fills the places of a lesson's labs and quiz, or says with `failed` that their code did not come.
pub(crate) fn mount_lesson(source: String, failed: fn(&str, &str)) {
    spawn_local(async move {
        if labs_piece(source.clone()).await.is_err() {
            failed(&source, UNREACHABLE);
        }
    });
}

/// Fills the quiz's place, or says there why it stays empty.
pub(crate) fn mount_quiz(place: HtmlElement, lesson: Rc<Lesson>, parts: Parts, failed: impl FnOnce(&HtmlElement) + 'static) {
    spawn_local(async move {
        if quiz_piece(place.clone(), lesson, parts).await.is_err() {
            failed(&place);
        }
    });
}

/// Brings a page about certificates to life, or says why it stays as it is.
pub(crate) fn mount_certificate(place: HtmlElement, failed: impl FnOnce(&HtmlElement) + 'static) {
    spawn_local(async move {
        if certificate_piece(place.clone()).await.is_err() {
            failed(&place);
        }
    });
}

/// Shows what is due and brings recall cards and terms to life. The page does without where it cannot be fetched.
pub(crate) fn study_aids(page: Element) {
    spawn_local(async {
        let _ = study_piece(page).await;
    });
}

/// Fills the progress page, or says there why it stays as it is.
pub(crate) fn mount_progress(place: HtmlElement, failed: impl FnOnce(&HtmlElement) + 'static) {
    spawn_local(async move {
        if progress_piece(place.clone()).await.is_err() {
            failed(&place);
        }
    });
}

/// The parts of the engine that a lesson's labs ask for, once they are here.
///
/// # Errors
/// A sentence that says that they did not come.
pub(crate) async fn parts(needs: &str) -> Result<Parts, String> {
    let mut parts = Parts::common();
    let unreachable = |_| UNREACHABLE.to_owned();
    let needs = |piece| needs.split(' ').any(|named| named == piece);
    if needs("servers") {
        parts.policies = servers_piece().await.map_err(unreachable)?;
    } else if needs("policies") {
        parts.policies = policies_piece().await.map_err(unreachable)?;
    }
    if needs("health") {
        parts.watcher = health_piece().await.map_err(unreachable)?;
    }
    if needs("sticky") {
        parts.keep = sticky_piece().await.map_err(unreachable)?;
    }
    Ok(parts)
}

/// Opens the list of keys. One that cannot be fetched is asked for again with the next key.
pub(crate) fn open_shortcuts() {
    spawn_local(async {
        let _ = shortcuts_piece().await;
    });
}

/// A region of a lab that is shown only when asked, as HTML. While its piece is on its way it says
/// so; [`ARRIVED`] tells when to draw it again.
pub(crate) fn aside(name: &str, s: &State) -> String {
    // Of regions that come together, one says it for all.
    let quiet = matches!(name, "raster" | "choices" | "parting");
    // Few labs have a picture below the stage, so those are pieces of their own.
    let piece = match name {
        "sequence" | "connections" | "slots" => 1,
        "health" => 2,
        "sessions" => 3,
        _ => 0,
    };
    let set = move |to| ASIDE.with(|pieces| pieces[piece].set(to));
    match ASIDE.with(|pieces| pieces[piece].get()) {
        Aside::Here(draw) => return draw(name, s),
        _ if quiet => return String::new(),
        Aside::Failed => return format!("<p class=\"panel-empty\">{UNREACHABLE}</p>"),
        Aside::Asked => {}
        Aside::Unasked => {
            set(Aside::Asked);
            spawn_local(async move {
                let came = match piece {
                    0 => aside_piece().await,
                    1 => panels_piece().await,
                    2 => checks_piece().await,
                    _ => sessions_piece().await,
                };
                set(came.map_or(Aside::Failed, Aside::Here));
                announce(ARRIVED, &[]);
            });
        }
    }
    "<p class=\"panel-empty\">Fetching this part.</p>".to_owned()
}

/// The margin around what is seen that is as high as that.
pub(crate) const A_SCREEN: &str = "100% 0%";

/// Calls `then` once the element comes within a screen's height of what is seen.
pub(crate) fn when_near(element: &Element, then: impl FnOnce() + 'static) {
    when_within(element, A_SCREEN, then);
}

/// Calls `then` once the element comes within a margin around what is seen.
pub(crate) fn when_within(element: &Element, margin: &str, then: impl FnOnce() + 'static) {
    let mut then = Some(then);
    let look = Closure::<dyn FnMut(Array, IntersectionObserver)>::new(move |entries: Array, observer: IntersectionObserver| {
        let is_near = entries.iter().any(|entry| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting());
        if is_near && let Some(then) = then.take() {
            observer.disconnect();
            then();
        }
    });
    let around = IntersectionObserverInit::new();
    around.set_root_margin(margin);
    if let Ok(observer) = IntersectionObserver::new_with_options(look.as_ref().unchecked_ref(), &around) {
        observer.observe(element);
    }
    // Nobody knows when the element comes near, if ever.
    look.forget();
}
