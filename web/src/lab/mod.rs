//! The lab shell, written once: transport, scrubber, settings, faults, inspector, log, charts,
//! predictions, challenges, comparison. What is drawn comes from `views`, what happens from the core.
//!
//! The page holds regions ([`parts`]), each drawn again as a whole when its text has changed;
//! what the learner does comes in through a few listeners on the lab ([`acts`], [`keys`]).

mod acts;
mod aside;
mod compare;
mod controls;
mod inspector;
mod keys;
mod link;
mod parts;
mod player;
mod predict;
mod run;
mod shell;
mod stage;

use std::rc::Rc;

use hopscope_core::lesson::{Lab, Lesson};
use hopscope_core::scenario::Parts;
use web_sys::HtmlElement;

pub use aside::{DrawAside, draw_aside, draw_health, draw_panel, draw_sessions};
pub use run::State;

/// Mounts a lab where the page keeps a place for it. `level` is the heading level of its title.
pub fn mount(place: HtmlElement, lesson: Rc<Lesson>, lab: Rc<Lab>, parts: Parts, level: u8) {
    let inner = place.clone();
    leptos::mount::mount_to(place, move || shell::view(&lesson, &lab, parts, level, inner)).forget();
}
