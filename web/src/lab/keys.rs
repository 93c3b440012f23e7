//! The keyboard map of a lab, for keys pressed anywhere in it.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::run::{Handle, State};
use super::{acts, player};
use crate::shortcuts;

/// Handles a key; the page's own meaning of it is prevented when it was one of ours.
pub fn pressed(handle: Handle, event: &KeyboardEvent) {
    let Some(target) = event.target().and_then(|t| t.dyn_into::<Element>().ok()) else { return };
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let (on, key) = (target.tag_name(), event.key());
    let kind = target.get_attribute("type").unwrap_or_default();
    // A key that means something to the control that has the focus is left to it.
    if matches!(on.as_str(), "SELECT" | "TEXTAREA") || (on == "INPUT" && kind == "text") {
        return;
    }
    if target.has_attribute("data-scrub") && arrow(handle, &key) {
        return event.prevent_default();
    }
    // In the raster of choices arrows go from request to request.
    if let ("ArrowLeft" | "ArrowRight", Some("raster")) = (key.as_str(), target.get_attribute("data-part").as_deref()) {
        let to = if key == "ArrowLeft" { "before" } else { "after" };
        click(&format!("{}-choice-{to}", handle.with(|s| s.lab.id.clone())));
        return event.prevent_default();
    }
    match key.as_str() {
        " " if !matches!(on.as_str(), "BUTTON" | "SUMMARY" | "A") && kind != "checkbox" && kind != "radio" => player::toggle(handle),
        "," if shortcuts::enabled() => step_back(handle),
        "." if shortcuts::enabled() => step(handle),
        "f" | "F" if shortcuts::enabled() => to_last_change(handle),
        "1" | "2" | "3" | "4" if shortcuts::enabled() => pick(handle, &key),
        _ => return,
    }
    event.prevent_default();
}

fn click(id: &str) {
    if let Some(button) = document().get_element_by_id(id).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        button.click();
    }
}

/// Arrows on the timeline go event by event, which is finer than the slider; Page keys go by a second.
fn arrow(handle: Handle, key: &str) -> bool {
    let by = |seconds: i64| {
        let at = handle.with(|s| s.clock.as_micros() as i64) + seconds * 1_000_000;
        acts::go(handle, at.max(0) as u64);
    };
    match key {
        "ArrowRight" | "ArrowUp" => step(handle),
        "ArrowLeft" | "ArrowDown" => step_back(handle),
        "PageUp" => by(1),
        "PageDown" => by(-1),
        _ => return false,
    }
    true
}

/// Picks an option of the question at which the lab stands.
fn pick(handle: Handle, key: &str) {
    let options = handle.place().query_selector_all("label.predict-option input");
    let index = key.parse::<u32>().unwrap_or(1) - 1;
    if let Some(input) = options.ok().and_then(|o| o.item(index)).and_then(|n| n.dyn_into::<web_sys::HtmlElement>().ok()) {
        input.click();
        let _ = input.focus();
    }
}

/// One event on.
pub fn step(handle: Handle) {
    player::pause(handle);
    handle.change(|s| {
        s.step();
        super::predict::reveal_due(s);
    });
}

/// One event back.
pub fn step_back(handle: Handle) {
    player::pause(handle);
    handle.change(State::step_back);
}

/// To where the learner last changed something.
fn to_last_change(handle: Handle) {
    player::pause(handle);
    handle.change(|s| {
        let here = s.timeline().position();
        let before = s.timeline().actions().iter().map(|a| a.at).filter(|&at| at < here).max();
        s.seek_event(before.unwrap_or(0));
    });
}
