//! Regions that a lab shows only when asked: what is folded away below it, what differs between
//! runs, and the pictures of policies. Their code is fetched when the first of them is shown.

use std::cell::{Cell, RefCell};

use hopscope_core::timeline::Choices;

use super::run::State;
use super::{compare, inspector};
use crate::views::compare::{self as compared, Found, Side, Sides};
use crate::views::policy;
use crate::{later, views};

/// Draws one of these regions, by its name in the page.
pub type DrawAside = fn(&str, &State) -> String;

/// What these regions keep from one drawing to the next.
#[derive(Default)]
pub struct Kept {
    /// What each run chose.
    choices: RefCell<Vec<Choices>>,
    /// What was found among them.
    found: Cell<Found>,
    /// The first column of the raster that is in view, and how many there are.
    pub view: Cell<(usize, usize)>,
    /// The last picture of a policy, and what it was drawn from: run, seed, actions, event.
    picture: RefCell<((usize, u64, usize, u32), String)>,
}

/// The code of all of them.
pub fn draw_aside(name: &str, s: &State) -> String {
    match name {
        "table" => views::words::state(s.timeline().world(), &s.lab),
        "access" => inspector::access(s),
        "picture" => draw_picture(s),
        "model" => views::model::card(&s.lab.model),
        _ => draw_compared(name, s),
    }
}

/// The code of the pictures of connections, which only labs with such a picture fetch.
pub fn draw_panel(name: &str, s: &State) -> String {
    let (run, lab) = (s.timeline(), &s.lab);
    match name {
        "sequence" => views::sequence::draw(run, lab, s.request()),
        "connections" => views::connections::draw(run, lab, s.request()),
        _ => views::slots::draw(run, lab),
    }
}

fn draw_compared(name: &str, s: &State) -> String {
    let mut choices = s.aside.choices.borrow_mut();
    choices.resize_with(s.runs.len(), Choices::default);
    for (choices, run) in choices.iter_mut().zip(&s.runs) {
        choices.follow(&run.timeline);
    }
    let found = s.aside.found.get().again(&choices, compared::arrived(s.timeline()));
    s.aside.found.set(found);
    let sides = Sides {
        found,
        lab: &s.lab,
        all: s.runs.iter().map(|run| Side { name: &run.name, run: &run.timeline }).collect(),
        choices: &choices,
        shown: s.shown,
        followed: compare::column(s),
    };
    match name {
        "differences" => compared::differences(&sides),
        "raster" => compared::raster(&sides, s.aside.view.get()),
        "choices" => compared::table(&sides, s.listed),
        "parting" => compared::parting(&sides),
        _ => compared::latency(&sides),
    }
}

/// A picture may need the run to be repeated, so one is kept as long as it holds.
fn draw_picture(s: &State) -> String {
    let run = s.timeline();
    let event = policy::pictured(run, s.selected).unwrap_or_default();
    let key = (s.shown, run.seed(), run.actions().len(), event);
    let mut kept = s.aside.picture.borrow_mut();
    if kept.0 != key || kept.1.is_empty() {
        *kept = (key, policy::picture(run, &s.lab, s.selected));
    }
    kept.1.clone()
}

/// A region about several runs; nothing beside a single one.
fn beside(name: &str, s: &State) -> String {
    if s.runs.len() == 1 { String::new() } else { later::aside(name, s) }
}

/// What differs between the runs so far.
pub fn differences(s: &State) -> String {
    beside("differences", s)
}

/// Where each run sent every request.
pub fn raster(s: &State) -> String {
    beside("raster", s)
}

/// The same in words.
pub fn choices(s: &State) -> String {
    beside("choices", s)
}

/// The first divergence on the timeline.
pub fn parting(s: &State) -> String {
    beside("parting", s)
}

/// The latencies: of all runs, or of a single one in detail.
pub fn latency(s: &State) -> String {
    if s.runs.len() == 1 { views::charts::latency(s.timeline(), &s.lab) } else { later::aside("latency", s) }
}

/// The picture of the decision that is explained, once the lab has been in view.
pub fn picture(s: &State) -> String {
    if s.seen && policy::pictured(s.timeline(), s.selected).is_some() { later::aside("picture", s) } else { String::new() }
}

/// The code of the picture of health.
pub fn draw_health(_: &str, s: &State) -> String {
    views::health::draw(s.timeline(), &s.lab)
}

/// The code of the picture of sessions.
pub fn draw_sessions(_: &str, s: &State) -> String {
    views::sessions::draw(s.timeline(), &s.lab, s.request())
}

/// The messages of the request that is followed.
pub fn sequence(s: &State) -> String {
    panel("sequence", s)
}

/// The connections on its way.
pub fn connections(s: &State) -> String {
    panel("connections", s)
}

/// The pools as slots.
pub fn slots(s: &State) -> String {
    panel("slots", s)
}

/// Who is up, and who says so.
pub fn health(s: &State) -> String {
    panel("health", s)
}

/// Who knows which user.
pub fn sessions(s: &State) -> String {
    panel("sessions", s)
}

/// A picture below the stage, once the lab has been in view.
fn panel(name: &str, s: &State) -> String {
    if s.seen { later::aside(name, s) } else { String::new() }
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
