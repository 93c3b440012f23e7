//! What a learner comes back to: cards that are due, and how it all went so far.
//!
//! [`wire`] says on every page how much is due and brings a lesson's recall cards to life.
//! [`mount`] fills the progress page, where the reviews are held. What it shows is HTML made by
//! pure functions of the progress; a few listeners on the whole page do the rest.

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

use web_sys::{Document, Element};

use crate::progress;
use crate::quiz::first;
use crate::signal::listen;
use queue::Card;
use schedule::Day;

/// Shows on this page what is due, now and whenever progress changes.
pub(crate) fn wire() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Some(page) = document.document_element() else { return };
    recall::wire(&page);
    announce_due(&page);
    let inner = page.clone();
    listen(&document, progress::CHANGED, move |_| announce_due(&inner));
    if let Some(place) = first(&page, "[data-progress-page]") {
        mount(place);
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

/// The page that something stands in.
fn document_of(element: &Element) -> Option<Document> {
    element.owner_document()
}
