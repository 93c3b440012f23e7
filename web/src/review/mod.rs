//! What a learner comes back to: cards that are due, and how it all went so far.
//!
//! [`wire`] is on every page and fetches the rest when there is something for it to do:
//! [`begin`] says how much is due and brings recall cards and terms to life, [`mount`] fills the
//! progress page, where the reviews are held. What they show is HTML made by pure functions of
//! the progress; a few listeners do the rest.

mod calendar;
mod calibration;
mod chart;
mod fetched;
mod keep;
mod lessons;
mod overview;
mod page;
mod queue;
mod recall;
pub(crate) mod schedule;
mod session;

pub(crate) use page::mount;

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use crate::quiz::first;
use crate::signal::listen;
use crate::{later, progress, terms};
use queue::Card;
use schedule::Day;

/// Fetches what this page needs once it needs it. A first visit has nothing that could be due.
pub(crate) fn wire() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Some(page) = document.document_element() else { return };
    if let Some(place) = first(&page, "[data-progress-page]") {
        later::mount_progress(place, |place| say(place, later::UNREACHABLE));
    }
    if progress::read(|progress| progress.study.iter().len() + progress.lessons.iter().len() > 0) {
        later::study_aids(page);
        return;
    }
    if let Some(recall) = first(&page, ".recall") {
        let inner = page.clone();
        later::when_near(&recall, move || later::study_aids(inner));
    }
    let is_term = |event: &Event| {
        event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|e| e.class_list().contains("term"))
    };
    for name in ["pointerover", "focusin"] {
        let inner = page.clone();
        listen(&document, name, move |event| {
            if is_term(&event) {
                later::study_aids(inner.clone());
            }
        });
    }
}

thread_local! {
    static BEGUN: Cell<bool> = const { Cell::new(false) };
}

/// Shows on this page what is due, now and whenever progress changes, and brings recall cards and
/// terms to life; once, however often it is called.
pub(crate) fn begin(page: &Element) {
    if BEGUN.replace(true) {
        return;
    }
    recall::wire(page);
    terms::wire(page);
    announce_due(page);
    let inner = page.clone();
    if let Some(document) = page.owner_document() {
        listen(&document, progress::CHANGED, move |_| announce_due(&inner));
    }
}

/// Says what is wrong with what is remembered, or nothing.
fn say(page: &Element, trouble: &str) {
    if let Some(notice) = first(page, "[data-trouble]") {
        notice.set_hidden(trouble.is_empty());
        // A live region says again whatever is written into it.
        if notice.text_content().as_deref() != Some(trouble) {
            notice.set_text_content(Some(trouble));
        }
    }
}

/// What day it is, and how far the learner's clock is behind UTC, in minutes.
fn today() -> (Day, i32) {
    let behind = calendar::behind_utc();
    (calendar::day_of(progress::minute(), behind), behind)
}

/// Every card that the learner has, as far as this page knows which of them still exist.
fn cards(behind_utc: i32) -> Vec<Card> {
    progress::read(|progress| {
        queue::cards(progress, behind_utc, &|lesson, card| {
            let known = progress.lessons.get(lesson).map(|record| &record.outline.questions);
            card.starts_with(queue::RECALL) || known.is_none_or(|questions| questions.is_empty() || questions.iter().any(|id| id == card))
        })
    })
}

/// Writes how many cards are due into the top bar and beside the way in.
fn announce_due(page: &Element) {
    let (today, behind) = today();
    let [due] = queue::forecast::<1>(&cards(behind), today);
    let badge = first(page, "[data-due-badge]");
    if let Some(badge) = badge {
        badge.set_hidden(due == 0);
        badge.set_inner_html(&format!(
            "<span class=\"visually-hidden\">, </span>{due}<span class=\"visually-hidden\"> due for review</span>"
        ));
    }
    if let Some(note) = first(page, "[data-due-note]") {
        note.set_hidden(due == 0);
        if let Some(link) = first(&note, "[data-due-text]") {
            link.set_text_content(Some(&overview::due_in_words(due)));
        }
    }
}
