//! The lab shell, written once: transport, scrubber, settings, faults, inspector, log, charts,
//! predictions, challenges, comparison. What is drawn comes from `views`, what happens from the core.

mod challenge;
mod charts;
mod compare;
mod inspector;
mod keys;
mod knobs;
mod link;
mod log;
mod player;
mod predict;
mod run;
mod scrubber;
mod settings;
mod shell;
mod stage;
mod tabs;
mod transport;

use std::rc::Rc;

use hopscope_core::lesson::{Lab, Lesson};
use leptos::prelude::*;
use web_sys::HtmlElement;

pub use run::Handle;

/// Mounts a lab where the page keeps a place for it. `level` is the heading level of its title.
pub fn mount(place: HtmlElement, lesson: Rc<Lesson>, lab: Rc<Lab>, level: u8) {
    let inner = place.clone();
    leptos::mount::mount_to(place, move || shell::view(&lesson, &lab, level, inner)).forget();
}
