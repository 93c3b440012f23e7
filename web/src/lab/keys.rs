//! The keyboard map of a lab, for keys pressed anywhere in it.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use super::run::{Handle, State};
use super::player;
use crate::shortcuts;

/// Whether a key belongs to the control that has the focus.
fn is_typing(event: &KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) else { return false };
    match target.tag_name().as_str() {
        "INPUT" => target.dyn_ref::<HtmlInputElement>().is_some_and(|input| !matches!(input.type_().as_str(), "range" | "checkbox" | "button")),
        "TEXTAREA" | "SELECT" => true,
        _ => false,
    }
}

/// Handles a key; the page's own meaning of it is prevented when it was one of ours.
pub fn pressed(handle: Handle, event: &KeyboardEvent) {
    if is_typing(event) || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let on_button = event.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()).is_some_and(|t| matches!(t.tag_name().as_str(), "BUTTON" | "SUMMARY" | "A"));
    match event.key().as_str() {
        " " if !on_button => player::toggle(handle),
        "," if shortcuts::enabled() => step_back(handle),
        "." if shortcuts::enabled() => step(handle),
        "f" | "F" if shortcuts::enabled() => to_last_change(handle),
        _ => return,
    }
    event.prevent_default();
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
pub fn to_last_change(handle: Handle) {
    player::pause(handle);
    handle.change(|s| {
        let here = s.timeline().position();
        let changes = s.timeline().actions().iter().map(|a| a.at);
        let before = changes.filter(|&at| at <= here).max().unwrap_or(0);
        s.seek_event(before);
    });
}
