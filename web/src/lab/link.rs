//! The state of a lab in the page's address: a link to this very event.

use hopscope_core::time::Instant;
use hopscope_core::timeline::{Goal, Saved, Timeline};
use leptos::prelude::*;

use super::run::{Handle, State};
use crate::progress;

/// What a state's fragment begins with; other fragments are places in the page.
const PREFIX: &str = "#at=";

/// The address of this page with the lab's state.
pub fn address(s: &State) -> String {
    let saved = s.own().save(&s.lab.id, &s.lab.digest);
    let here = window().location().href().unwrap_or_default();
    let page = here.split('#').next().unwrap_or_default();
    format!("{page}{PREFIX}{}", saved.to_text())
}

/// Keeps the state in the address bar once the learner has done something here.
pub fn keep(handle: Handle) {
    if !handle.with(|s| s.touched && s.seeking.is_none()) {
        return;
    }
    let address = handle.with(address);
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
    }
}

/// What the address says about this lab: a state, or why there is none. `None` when it is
/// silent or about another lab.
fn from_address(lab: &str) -> Option<Result<Saved, String>> {
    let fragment = window().location().hash().ok()?;
    let text = fragment.strip_prefix(PREFIX)?;
    match Saved::from_text(text) {
        Ok(saved) if saved.lab == lab => Some(Ok(saved)),
        Ok(_) => None,
        Err(error) => Some(Err(error.to_string())),
    }
}

/// Puts a fresh lab where the address, or else the last visit, says. `true` when the address did.
pub fn restore(s: &mut State, first_on_page: bool) -> bool {
    let (saved, linked) = match from_address(&s.lab.id) {
        Some(Ok(saved)) => (saved, true),
        Some(Err(why)) => {
            // A mangled link names no lab; the first on the page says so.
            s.notice = first_on_page.then_some(why);
            return false;
        }
        None => match progress::remembered_lab(s.key()).map(|text| Saved::from_text(&text)) {
            Some(Ok(saved)) if saved.lab == s.lab.id && saved.digest == s.lab.digest => (saved, false),
            _ => return false,
        },
    };
    let (timeline, position, trouble) = Timeline::restore(&s.spec, &s.lab.digest, &saved);
    s.runs[0].timeline = timeline;
    s.touched = true;
    s.clock = Instant::START;
    s.seeking = Some(Goal::Ordinal(position));
    s.notice = trouble.map(|error| error.to_string());
    s.work();
    linked
}
