//! The page as it came from the server: where labs and quizzes go. What brings them to life is
//! fetched when the reader comes near the first of them, so that a page of theory opens with little.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

use crate::later;
use crate::signal::listen;

/// Finds every place that a lab or a quiz belongs in and has it filled once somebody comes near.
pub(crate) fn mount() {
    let Some(document) = document() else { return };
    for place in places(&document, "[data-certificate]") {
        later::mount_certificate(place, |place| say(place, later::UNREACHABLE));
    }
    let mut sources: Vec<String> = Vec::new();
    for place in places(&document, "[data-lesson]") {
        let source = place.get_attribute("data-lesson").unwrap_or_default();
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    for source in sources {
        await_reader(&document, source);
    }
}

/// A place that only shows its edge at the bottom of the window is not seen yet.
const SEEN: &str = "-10% 0%";

/// Has the labs and the quiz of a lesson come to life: at once when the address leads into the page
/// or the page is the lab's own, and otherwise when one of them is seen, or comes near as the reader
/// moves on, or a key is pressed. Who only looks at the top of a page fetches nothing for labs.
fn await_reader(document: &Document, source: String) {
    let own = places_of(document, &source);
    let inner = document.clone();
    let begun = Cell::new(false);
    let begin: Rc<dyn Fn()> = Rc::new(move || {
        if !begun.replace(true) {
            ask_for_code(&inner);
            later::mount_lesson(source.clone(), fail);
        }
    });
    if own.len() == 1 || is_led_into() {
        begin();
        return;
    }
    watch(&own, SEEN, &begin);
    // Who goes by keys goes from one thing to the next, and would miss what is not there yet.
    let by_keys = Rc::clone(&begin);
    listen(document, "keydown", move |_| by_keys());
    let moved = Cell::new(false);
    listen(document, "scroll", move |_| {
        if !moved.replace(true) {
            watch(&own, later::A_SCREEN, &begin);
        }
    });
}

/// Calls `begin` once one of the places is no further than `margin` from what is seen.
fn watch(places: &[HtmlElement], margin: &str, begin: &Rc<dyn Fn()>) {
    for place in places {
        let begin = Rc::clone(begin);
        later::when_within(place, margin, move || begin());
    }
}

/// Whether the address leads to a place in the page, or to the state of a lab.
fn is_led_into() -> bool {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    hash.is_some_and(|hash| hash.len() > 1)
}

/// Asks for all the files that labs need at once. Otherwise one would be asked for after the other.
fn ask_for_code(document: &Document) {
    let Some(head) = document.head() else { return };
    for list in places(document, "meta[name=\"hopscope-labs\"]") {
        let files = list.get_attribute("content").unwrap_or_default();
        for file in files.split_whitespace() {
            let Ok(link) = document.create_element("link") else { continue };
            let set = |name, value| link.set_attribute(name, value).is_ok();
            if set("rel", "preload") && set("as", "fetch") && set("crossorigin", "anonymous") && set("href", file) {
                let _ = head.append_child(&link);
            }
        }
    }
}

/// The document, which is there in every page.
pub(crate) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Every element that the selector finds.
pub(crate) fn places(document: &Document, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|i| found.get(i)?.dyn_into().ok()).collect()
}

/// The places of one lesson's labs and quiz.
pub(crate) fn places_of(document: &Document, source: &str) -> Vec<HtmlElement> {
    let is_own = |place: &HtmlElement| place.get_attribute("data-lesson").as_deref() == Some(source);
    places(document, "[data-lesson]").into_iter().filter(is_own).collect()
}

/// Says in every place of a lesson why it stays as it is.
pub(crate) fn fail(source: &str, why: &str) {
    let Some(document) = document() else { return };
    for place in places_of(&document, source) {
        say(&place, why);
    }
}

/// Says in the place of a lab or a quiz why it stays as it is.
pub(crate) fn say(place: &Element, why: &str) {
    if let Ok(Some(notice)) = place.query_selector(".lab-loading") {
        notice.set_class_name("lab-error");
        notice.set_text_content(Some(why));
    }
}
