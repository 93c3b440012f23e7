//! The keyboard map, and the switch for those who would rather not have single keys do things.
//!
//! Speech input types whole words: for its users a key that acts on its own is a hazard (WCAG 2.1.4).

use std::cell::Cell;

use maud::html;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event, HtmlDialogElement, HtmlInputElement, KeyboardEvent};

use crate::later::open_shortcuts;
use crate::signal::listen;

/// Where "off" is stored; anything else means on.
const KEY: &str = "hopscope.shortcuts";

const DIALOG: &str = "shortcuts";

thread_local! {
    static ENABLED: Cell<bool> = const { Cell::new(true) };
}

/// Whether single keys other than Space, Escape and the arrows do anything.
pub(crate) fn enabled() -> bool {
    ENABLED.get()
}

/// Makes the button and the question mark open the list.
pub(crate) fn wire() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    ENABLED.set(stored().as_deref() != Some("off"));
    if let Some(button) = document.get_element_by_id("shortcuts-open") {
        listen(&button, "click", |_| open_shortcuts());
    }
    listen(&document, "keydown", |event| {
        if is_question(&event) {
            event.prevent_default();
            open_shortcuts();
        }
    });
}

fn is_question(event: &Event) -> bool {
    let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return false };
    let is_plain = !(key.ctrl_key() || key.meta_key() || key.alt_key());
    key.key() == "?" && is_plain && enabled() && !is_typing(event)
}

fn is_typing(event: &Event) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return false };
    let field = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range], [type=button])";
    target.matches(field).unwrap_or(false)
}

/// Shows the list.
pub(crate) fn open() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let dialog = document.get_element_by_id(DIALOG).or_else(|| build(&document));
    let Some(dialog) = dialog.and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok()) else { return };
    if let Some(switch) = switch(&dialog) {
        switch.set_checked(enabled());
    }
    if !dialog.open() {
        let _ = dialog.show_modal();
    }
}

fn build(document: &Document) -> Option<Element> {
    let dialog = document.create_element("dialog").ok()?;
    dialog.set_id(DIALOG);
    dialog.set_class_name("shortcuts");
    let _ = dialog.set_attribute("aria-labelledby", "shortcuts-title");
    dialog.set_inner_html(&content());
    document.body()?.append_child(&dialog).ok()?;
    let inner = dialog.clone();
    listen(&dialog, "change", move |_| {
        if let Some(switch) = switch(&inner) {
            set(switch.checked());
        }
    });
    let inner = dialog.clone();
    // The dialog has no padding of its own: a click on the element itself is one beside its content.
    listen(&dialog, "click", move |event| {
        let is_beside = event.target().is_some_and(|target| target.dyn_ref::<Element>() == Some(&inner));
        if let Some(dialog) = inner.dyn_ref::<HtmlDialogElement>().filter(|_| is_beside) {
            dialog.close();
        }
    });
    Some(dialog)
}

fn switch(dialog: &Element) -> Option<HtmlInputElement> {
    dialog.query_selector("input").ok().flatten()?.dyn_into().ok()
}

fn set(on: bool) {
    ENABLED.set(on);
    if let Some(storage) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) {
        // A choice that cannot be stored still holds on this page.
        let _ = if on { storage.remove_item(KEY) } else { storage.set_item(KEY, "off") };
    }
}

fn stored() -> Option<String> {
    web_sys::window()?.local_storage().ok().flatten()?.get_item(KEY).ok().flatten()
}

/// A key of the map: its caps, what it does, and whether the switch turns it off.
type Entry = (&'static [&'static str], &'static str, bool);

const LAB: &[Entry] = &[
    (&["Space"], "Play or pause", false),
    (&["."], "One event on", true),
    (&[","], "One event back", true),
    (&["F"], "Back to your last change, to go another way from there", true),
    (&["←", "→"], "On the timeline: move along it", false),
    (&["←", "→"], "On the choices of runs side by side: request by request", false),
];

const QUIZ: &[Entry] = &[
    (&["1", "to", "4"], "Pick an option of the question you are at", true),
    (&["Space", "then", "↑", "↓"], "Putting in order: lift an item, then move it", false),
];

const ANYWHERE: &[Entry] = &[(&["?"], "This list", true), (&["Esc"], "Close what is open", false)];

fn content() -> String {
    html! {
        form.shortcuts-inner method="dialog" {
            div.shortcuts-head {
                h2 #shortcuts-title { "Keyboard" }
                button.outline-button type="submit" { "Close" }
            }
            @for (title, entries) in [("In a lab", LAB), ("In the quiz", QUIZ), ("Anywhere", ANYWHERE)] {
                h3 { (title) }
                dl {
                    @for (caps, what, is_single) in entries {
                        div.shortcut.single[*is_single] {
                            dt { @for cap in *caps { @if matches!(*cap, "to" | "then") { (cap) } @else { kbd { (cap) } } " " } }
                            dd { (what) }
                        }
                    }
                }
            }
            label.shortcuts-switch {
                input type="checkbox" role="switch";
                span {
                    strong { "Single-key shortcuts" }
                    " Switch them off if a stray key or speech input sets something off. Space, Escape and the arrows stay."
                }
            }
        }
    }
    .into_string()
}
