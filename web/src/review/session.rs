//! A sitting: card after card, each with its verdict and when it is back.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use maud::{Markup, PreEscaped, html};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::calendar::when;
use super::calibration::DEGREES;
use super::fetched::{Fetched, Recall};
use super::page::Page;
use super::queue::Card;
use super::recall::{rated, ratings};
use super::schedule::Grade;
use crate::progress::{self, Sure};
use crate::quiz::{self, first};

/// A card of the sitting.
struct Turn {
    card: Card,
    /// Whether it was missed before in this sitting and comes once more.
    again: bool,
}

/// A sitting.
pub(super) struct Session {
    page: Weak<Page>,
    place: HtmlElement,
    turns: RefCell<Vec<Turn>>,
    at: Cell<usize>,
    /// How sure the learner says to be of the card that is shown.
    sure: Cell<Sure>,
    lessons: RefCell<Vec<Fetched>>,
    /// Cards that were answered, and how many of them were known.
    score: Cell<(u32, u32)>,
}

impl Session {
    /// Fetches what the cards need and shows the first.
    pub(super) fn begin(page: &Rc<Page>, place: HtmlElement, set: Vec<Card>) -> Rc<Self> {
        place.set_inner_html("<p class=\"quiet\" role=\"status\">Fetching the questions…</p>");
        let session = Rc::new(Self {
            page: Rc::downgrade(page),
            place,
            turns: RefCell::default(),
            at: Cell::new(0),
            sure: Cell::new(Sure::Think),
            lessons: RefCell::default(),
            score: Cell::default(),
        });
        let inner = Rc::clone(&session);
        spawn_local(async move { inner.fetch(set).await });
        session
    }

    async fn fetch(self: Rc<Self>, set: Vec<Card>) {
        let root = self.place.owner_document().and_then(|document| document.body()?.get_attribute("data-root")).unwrap_or_default();
        let mut trouble = None;
        for card in &set {
            if self.lessons.borrow().iter().any(|lesson| lesson.slug == card.lesson) {
                continue;
            }
            match Fetched::of(&root, &card.lesson, &set).await {
                Ok(fetched) => self.lessons.borrow_mut().push(fetched),
                Err(why) => trouble = Some(why),
            }
        }
        // What a lesson no longer has, or what could not be fetched, stays due and is not asked.
        let can_be_asked = |card: &Card| {
            self.lesson(&card.lesson, |lesson| match card.recall() {
                Some(id) => lesson.recall(id).map(drop),
                None => lesson.question(card).map(drop),
            })
            .is_some()
        };
        let turns: Vec<Turn> = set.into_iter().filter(can_be_asked).map(|card| Turn { card, again: false }).collect();
        let none = turns.is_empty();
        self.turns.replace(turns);
        if none {
            self.stop(trouble.as_deref().or(Some("None of these cards could be found. Reload the page to get a matching version.")));
        } else {
            self.show(trouble.as_deref());
        }
    }

    fn lesson<R>(&self, slug: &str, read: impl FnOnce(&Fetched) -> Option<R>) -> Option<R> {
        read(self.lessons.borrow().iter().find(|lesson| lesson.slug == slug)?)
    }

    /// Shows the card whose turn it is.
    fn show(self: &Rc<Self>, trouble: Option<&str>) {
        self.sure.set(Sure::Think);
        self.place.set_inner_html(&self.frame(trouble));
        let Some(place) = first(&self.place, "[data-card]") else { return };
        let turns = self.turns.borrow();
        let Some(Turn { card, .. }) = turns.get(self.at.get()) else { return };
        if let Some(id) = card.recall() {
            if let Some(recall) = self.lesson(&card.lesson, |lesson| lesson.recall(id)) {
                place.set_inner_html(&recall_card(&recall).into_string());
            }
        } else if let Some(lesson) = self.lesson(&card.lesson, |lesson| lesson.question(card)) {
            let inner = Rc::clone(self);
            quiz::ask(&place, lesson, card.reviews, Box::new(move |right| inner.answered(Grade::of(right, Some(inner.sure.get())), true)));
            if let Some(foot) = first(&place, ".quiz-foot") {
                let _ = foot.insert_adjacent_html("afterbegin", &sureness().into_string());
            }
        }
        drop(turns);
        if let Some(page) = self.page.upgrade() {
            page.go_to_reviews();
        }
        if let Some(ask) = first(&place, ".quiz-ask") {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = ask.focus_with_options(&options);
        }
    }

    /// What stands around a card.
    fn frame(&self, trouble: Option<&str>) -> String {
        let turns = self.turns.borrow();
        let (at, count) = (self.at.get(), turns.len());
        let first_time = turns.iter().filter(|turn| !turn.again).count();
        let Some(Turn { card, again }) = turns.get(at) else { return String::new() };
        let page = self.page.upgrade();
        let title =
            page.as_ref().and_then(|page| page.lessons.iter().find(|lesson| lesson.slug == card.lesson)).map_or("", |lesson| &lesson.title);
        html! {
            @if let Some(trouble) = trouble { p.progress-trouble role="status" { "Some cards are left out and stay due. " (trouble) } }
            div.session-head {
                p.session-where {
                    @if *again { strong { "Once more" } " · " (count - at) " left" } @else { strong { (at + 1) " of " (first_time) } }
                    " · " a href={ "../lessons/" (card.lesson) "/" } { (title) }
                }
                button.quiet-button type="button" data-stop { "Stop for now" }
                progress.session-bar max=(count) value=(at) aria-label="Cards done" {}
            }
            div.session-card data-card {}
            div.session-foot data-foot {}
        }
        .into_string()
    }

    /// Keeps how it went and says when the card is back.
    fn answered(&self, grade: Grade, asked: bool) {
        let turns = self.turns.borrow();
        let Some(Turn { card, again }) = turns.get(self.at.get()) else { return };
        let (card, again) = (card.clone(), *again);
        drop(turns);
        if !again {
            progress::record_review(&card.lesson, &card.id, grade, asked.then(|| self.sure.get()));
            let (all, known) = self.score.get();
            self.score.set((all + 1, known + u32::from(grade > Grade::Again)));
        }
        let once_more = grade == Grade::Again && !again;
        if once_more {
            self.turns.borrow_mut().push(Turn { card: Card { reviews: card.reviews + 1, ..card.clone() }, again: true });
        }
        let (today, behind) = super::today();
        let due = super::cards(behind)
            .iter()
            .find(|known| known.lesson == card.lesson && known.id == card.id)
            .map_or(today + 1, |known| known.due);
        let words = match (once_more, grade) {
            (true, _) => format!("It comes once more at the end, and then {}.", when(due, today)),
            (false, _) => format!("Back {}.", when(due, today)),
        };
        self.close_card(&words);
    }

    /// Puts the way on below the card.
    fn close_card(&self, words: &str) {
        let more = self.at.get() + 1 < self.turns.borrow().len();
        let foot = html! {
            p.session-said role="status" { (words) }
            button.primary-button type="button" data-on { @if more { "Next card" } @else { "Finish" } }
        };
        if let Some(place) = first(&self.place, "[data-foot]") {
            place.set_inner_html(&foot.into_string());
            if let Some(button) = first(&place, "[data-on]") {
                let options = web_sys::FocusOptions::new();
                options.set_prevent_scroll(true);
                let _ = button.focus_with_options(&options);
            }
        }
    }

    /// A button in the sitting was pushed.
    pub(super) fn clicked(self: &Rc<Self>, button: &Element) {
        if button.has_attribute("data-on") {
            self.at.set(self.at.get() + 1);
            if self.at.get() < self.turns.borrow().len() { self.show(None) } else { self.stop(None) }
        } else if button.has_attribute("data-stop") {
            self.stop(None);
        } else if button.has_attribute("data-show") {
            self.compare();
        } else if let Some(grade) = rated(button) {
            if let Some(rate) = first(&self.place, ".rate") {
                rate.remove();
            }
            self.answered(grade, false);
        }
    }

    /// A choice was made in the sitting.
    pub(super) fn changed(&self, input: &HtmlInputElement) {
        if input.has_attribute("data-sureness")
            && let Some((sure, ..)) = input.value().parse().ok().and_then(|place: usize| DEGREES.get(place))
        {
            self.sure.set(*sure);
        }
    }

    /// Opens the answer of a recall card, with the buttons to say how it went.
    fn compare(&self) {
        let turns = self.turns.borrow();
        let Some(Turn { card, .. }) = turns.get(self.at.get()) else { return };
        let (today, _) = super::today();
        if let Some(answer) = first(&self.place, ".recall-answer") {
            answer.set_hidden(false);
            let _ = answer.insert_adjacent_html("beforeend", &ratings(card.standing, today).into_string());
            let _ = answer.focus();
        }
        if let Some(button) = first(&self.place, "[data-show]") {
            button.remove();
        }
    }

    fn stop(&self, trouble: Option<&str>) {
        let (all, known) = self.score.get();
        let said = html! {
            @if let Some(trouble) = trouble { p.progress-trouble role="status" { (trouble) } }
            @else if all > 0 { p.session-result role="status" { strong { (known) " of " (all) " known." } @if known < all { " What you missed is back tomorrow." } } }
        };
        if let Some(page) = self.page.upgrade() {
            page.rest(&said.into_string());
        }
    }
}

/// Asks how sure the learner is, in the words in which labs ask.
fn sureness() -> Markup {
    html! {
        fieldset.segments.sureness {
            legend.segments-legend { "How sure are you?" }
            @for (place, (sure, word, _)) in DEGREES.iter().enumerate() {
                label.segment {
                    input type="radio" name="sureness" value=(place) data-sureness checked[*sure == Sure::Think];
                    span { (word) }
                }
            }
        }
    }
}

fn recall_card(recall: &Recall) -> Markup {
    html! {
        div.recall-turn.card {
            div.quiz-head {
                p.kicker { "Recall · answer aloud" }
                h3.quiz-ask tabindex="-1" { (PreEscaped(&recall.ask)) }
            }
            div.recall-main {
                button.outline-button type="button" data-show { "Show answer" }
                div.recall-answer tabindex="-1" hidden { (PreEscaped(&recall.answer)) }
            }
        }
    }
}
