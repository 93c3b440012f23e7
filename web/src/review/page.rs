//! The progress page, brought to life.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::lessons::{self, Listed};
use super::overview::Overview;
use super::queue::{self, Card, RECALL};
use super::session::Session;
use super::{calibration, chart, keep};
use crate::progress;
use crate::quiz::first;
use crate::signal::listen;

/// The page and the sitting that is going on in it.
pub(super) struct Page {
    /// The article that holds everything.
    pub(super) root: HtmlElement,
    /// The lessons that it lists.
    pub(super) lessons: Vec<Listed>,
    session: RefCell<Option<Rc<Session>>>,
}

/// Fills the progress page now and whenever progress changes.
pub(crate) fn mount(place: HtmlElement) {
    let lessons = Listed::all(&place);
    let page = Rc::new(Page { root: place, lessons, session: RefCell::new(None) });
    page.fill();
    let Some(document) = page.root.owner_document() else { return };
    let inner = Rc::clone(&page);
    listen(&document, progress::CHANGED, move |_| inner.fill());
    let inner = Rc::clone(&page);
    // A page that was left open over night has another day's cards.
    listen(&document, "visibilitychange", move |_| inner.fill());
    let inner = Rc::clone(&page);
    listen(&page.root, "click", move |event| inner.clicked(&event));
    let inner = Rc::clone(&page);
    listen(&page.root, "change", move |event| inner.changed(&event));
}

/// The element of that kind that an event happened in.
pub(super) fn near(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
}

impl Page {
    /// What today has to offer.
    fn overview(&self) -> Overview {
        let (today, behind) = super::today();
        progress::read(|progress| {
            let has = |lesson: &str, card: &str| self.lessons.iter().any(|listed| listed.slug == lesson && listed.has(card));
            let cards = queue::cards(progress, behind, &has);
            let begun = self
                .lessons
                .iter()
                .filter(|listed| progress.lessons.get(&listed.slug).is_some_and(|lesson| lesson.answers.iter().len() > 0));
            let never_asked = begun.flat_map(|listed| listed.recall().iter().map(|id| (&listed.slug, format!("{RECALL}{id}"))));
            let fresh = never_asked
                .filter(|(slug, id)| !cards.iter().any(|card| card.lesson == **slug && card.id == *id))
                .map(|(slug, id)| Card { lesson: slug.clone(), id, standing: None, reviews: 0, due: today })
                .collect();
            Overview { fresh, done: queue::done_on(progress, today, behind), cards, today }
        })
    }

    fn fill(&self) {
        super::say(&self.root, &progress::trouble().unwrap_or_default());
        lessons::fill(&self.root);
        let counted = progress::read(|progress| calibration::calibration(progress, progress::minute()));
        self.write("[data-calibration]", &chart::html(&counted));
        if self.session.borrow().is_none() {
            self.write("[data-reviews]", &self.overview().html());
        }
    }

    fn write(&self, selector: &str, html: &str) {
        if let Some(place) = first(&self.root, selector) {
            place.set_inner_html(html);
        }
    }

    /// Ends the sitting and shows the day again, below what is to be said about it.
    pub(super) fn rest(&self, said: &str) {
        self.session.replace(None);
        let _ = self.root.remove_attribute("data-reviewing");
        self.fill();
        if let Some(place) = first(&self.root, "[data-reviews]") {
            let _ = place.insert_adjacent_html("afterbegin", said);
        }
        self.go_to_reviews();
    }

    /// Puts the focus, and with it the page, at the head of the reviews.
    pub(super) fn go_to_reviews(&self) {
        if let Some(title) = first(&self.root, "#review-title") {
            let _ = title.focus();
            title.scroll_into_view();
        }
    }

    fn start(self: &Rc<Self>) {
        let set = self.overview().sitting();
        let Some(place) = first(&self.root, "[data-reviews]").filter(|_| !set.is_empty()) else { return };
        let _ = self.root.set_attribute("data-reviewing", "");
        let session = Session::begin(self, place, set);
        self.session.replace(Some(session));
    }

    fn clicked(self: &Rc<Self>, event: &Event) {
        let Some(button) = near(event, "button") else { return };
        if button.has_attribute("data-start") {
            return self.start();
        }
        if keep::clicked(&self.root, &button) {
            return;
        }
        let session = self.session.borrow().clone();
        if let Some(session) = session {
            session.clicked(&button);
        }
    }

    fn changed(&self, event: &Event) {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        if keep::changed(&self.root, &input) {
            return;
        }
        let session = self.session.borrow().clone();
        if let Some(session) = session {
            session.changed(&input);
        }
    }
}
