//! The regions of a lab: what each shows, how often, and how it is drawn again without taking
//! the focus away from the learner.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::run::{Handle, State};
use super::{aside, compare, controls, inspector, predict, stage};
use crate::progress;
use crate::signal::listen;
use crate::views;
use crate::views::axis::share;
use crate::views::compare::{COLUMN, STEP};

/// A region: its name in the page, whether it is drawn at most five times a second, and its HTML.
type Part = (&'static str, bool, fn(&State) -> String);

const PARTS: [Part; 30] = [
    ("chips", false, controls::chips),
    ("buttons", false, controls::buttons),
    ("notice", false, notice),
    ("predict", false, predict::card),
    ("stages", false, compare::stages),
    ("differences", true, aside::differences),
    ("raster", true, aside::raster),
    ("choices", true, aside::choices),
    ("sequence", true, aside::sequence),
    ("connections", true, aside::connections),
    ("slots", true, aside::slots),
    ("health", true, aside::health),
    ("sessions", true, aside::sessions),
    ("play", false, controls::play),
    ("clock", false, controls::clock),
    ("catching-up", false, controls::catching_up),
    ("track", true, |s| views::track::track(s.timeline(), &s.lab)),
    ("requests", true, |s| views::charts::requests(s.timeline(), &s.lab)),
    ("parting", true, aside::parting),
    ("latency", true, aside::latency),
    ("settings", true, controls::settings),
    ("why", true, inspector::why),
    ("picture", true, aside::picture),
    ("request", true, inspector::request),
    ("log", true, inspector::events),
    ("goals", true, controls::goals),
    ("table", true, aside::table),
    ("access", true, aside::access),
    ("model", true, aside::model),
    ("status", false, inspector::status),
];

/// The region that scrolls by itself.
const RASTER: &str = "raster";

/// The regions of a lab that its page has, with what was last drawn in each.
struct Drawn {
    parts: Vec<(Part, Element, String)>,
    scrub: Option<HtmlInputElement>,
    playhead: Option<HtmlElement>,
    stage: stage::Painter,
    /// The column of the raster that was last brought into view.
    column: usize,
}

/// Draws every region now and whenever the lab changes.
pub fn watch(handle: Handle) {
    let place = handle.place();
    let find = |name: &str| place.query_selector(&format!("[data-part={name}]")).ok().flatten();
    let drawn = Drawn {
        parts: PARTS.into_iter().filter_map(|part| Some((part, find(part.0)?, String::new()))).collect(),
        scrub: find("scrub").and_then(|e| e.dyn_into().ok()),
        playhead: find("playhead").and_then(|e| e.dyn_into().ok()),
        stage: stage::Painter::default(),
        column: usize::MAX,
    };
    let drawn = Rc::new(RefCell::new(drawn));
    let scrolled = Rc::clone(&drawn);
    if let Some(raster) = find(RASTER) {
        listen(&raster, "scroll", move |_| handle.with(|s| scrolled.borrow_mut().scrolled(s)));
    }
    let slowly = Rc::clone(&drawn);
    Effect::new(move |_| {
        handle.slow.track();
        if handle.with(|s| s.seeking.is_none()) {
            handle.change_quietly(inspector::trace);
        }
        handle.with(|s| {
            slowly.borrow_mut().draw(s, true);
            keep_win(s);
        });
    });
    Effect::new(move |_| {
        handle.tick.track();
        handle.with(|s| drawn.borrow_mut().draw(s, false));
    });
}

/// A challenge that is won is kept with the number of changes it took, if that is fewer than before.
fn keep_win(s: &State) {
    let taken = s.timeline().actions().len() as u32;
    let is_better = || progress::challenge_best(s.key()).is_none_or(|best| taken < best) || progress::challenge_run(s.key()).is_none();
    if !s.showing && controls::is_won(s) && is_better() {
        progress::record_challenge(s.key(), taken, &s.own().save(&s.lab.id, &s.lab.digest).to_text());
    }
}

impl Drawn {
    fn draw(&mut self, s: &State, slow: bool) {
        // While it runs ahead the page shows how far it is, and leaves the rest for the end.
        let ahead = s.seeking.is_some();
        for ((name, is_slow, html), element, last) in &mut self.parts {
            // What nobody has opened is not drawn.
            let folded = matches!(*name, "table" | "access" | "model") && element.closest("details:not([open])").ok().flatten().is_some();
            if *is_slow == slow && !folded && (!ahead || *name == "catching-up") {
                replace(element, last, html(s));
            }
        }
        if slow && s.runs.len() > 1 && !ahead {
            self.follow(s);
        }
        if !slow && !ahead {
            self.stage.paint(s, &self.parts.iter().find(|p| p.0.0 == "stages").map(|p| p.1.clone()));
            self.move_along(s);
        }
    }

    /// Draws the columns of the raster that have come into view.
    fn scrolled(&mut self, s: &State) {
        let Some((_, raster, last)) = self.parts.iter_mut().find(|(part, ..)| part.0 == RASTER) else { return };
        let first = raster.scroll_left().max(0) as usize / COLUMN;
        let view = (first, raster.client_width().max(0) as usize / COLUMN + 1);
        let (before, columns) = s.aside.view.replace(view);
        if before / STEP != view.0 / STEP || columns != view.1 {
            replace(raster, last, aside::raster(s));
        }
    }

    /// Brings the request that is followed into view, when it is another than before.
    fn follow(&mut self, s: &State) {
        let column = compare::column(s);
        let Some((_, raster, _)) = self.parts.iter().find(|(part, ..)| part.0 == RASTER) else { return };
        // What is drawn here may still be on its way.
        if !raster.has_child_nodes() {
            return;
        }
        // A comparison that has just begun has not been looked at.
        let fresh = s.aside.view.get().1 == 0;
        let (left, width) = (raster.scroll_left(), raster.client_width());
        let at = (column * COLUMN) as i32;
        if (fresh || column != self.column) && !(left..left + width - 3 * COLUMN as i32).contains(&at) {
            raster.set_scroll_left(at - width / 2);
        }
        self.column = column;
        self.scrolled(s);
    }

    /// Slider and playhead follow the clock.
    fn move_along(&self, s: &State) {
        if let Some(scrub) = &self.scrub {
            scrub.set_value(&(s.clock.as_micros() / 1_000).to_string());
            let _ = scrub.set_attribute("aria-valuetext", &format!("{} of {}, event {}", s.clock, s.horizon(), s.timeline().position()));
        }
        if let Some(playhead) = &self.playhead {
            let _ = playhead.style().set_property("left", &share(s.clock, s.horizon()).to_string());
        }
        if let Some(card) = self.playhead.as_ref().and_then(|p| p.closest(".lab-card").ok().flatten())
            && let Ok(Some(speed)) = card.query_selector(&format!("[data-speed][value=\"{}\"]", s.speed))
        {
            speed.unchecked_into::<HtmlInputElement>().set_checked(true);
        }
    }
}

/// Draws a region again if its text has changed. What had the focus in it gets it back.
pub(super) fn replace(element: &Element, last: &mut String, html: String) {
    if *last == html {
        return;
    }
    let active = document().active_element().filter(|a| element.contains(Some(a))).map(|a| a.id());
    element.set_inner_html(&html);
    *last = html;
    let again = active.filter(|id| !id.is_empty()).and_then(|id| document().get_element_by_id(&id));
    if let Some(again) = again.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = again.focus();
    }
}

fn notice(s: &State) -> String {
    let text = s.notice.clone().or_else(progress::trouble);
    text.map_or_else(String::new, |text| maud::html! { p.lab-notice-line { (text) } }.into_string())
}
