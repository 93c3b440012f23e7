//! Regions that a lab shows only when asked: what is folded away below it, and what differs
//! between variants. Their code is fetched when the first of them is shown.

use super::run::State;
use super::{compare, inspector};
use crate::{later, views};

/// Draws one of these regions, by its name in the page.
pub type DrawAside = fn(&str, &State) -> String;

/// The code of all of them.
pub fn draw_aside(name: &str, s: &State) -> String {
    match name {
        "differences" => compare::differences(s),
        "table" => views::words::state(s.timeline().world(), &s.lab),
        "access" => inspector::access(s),
        _ => views::model::card(&s.lab.model),
    }
}

/// What differs between the runs so far; nothing beside a single run.
pub fn differences(s: &State) -> String {
    if s.runs.len() == 1 { String::new() } else { later::aside("differences", s) }
}

/// The stage as a table.
pub fn table(s: &State) -> String {
    later::aside("table", s)
}

/// The access logs.
pub fn access(s: &State) -> String {
    later::aside("access", s)
}

/// What the model is worth.
pub fn model(s: &State) -> String {
    later::aside("model", s)
}
