//! The quiz of a lesson: its questions, what is said to every answer, and trying again.
//!
//! Cards are HTML made by [`view`]; a handful of listeners on the whole quiz do the rest. While a
//! question is open its answer lives in the page's own controls; once judged it lives in a
//! [`Sheet`] and in the learner's progress.

mod icon;
mod order;
mod read;
mod sheet;
mod shuffle;
mod text;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use hopscope_core::assess::{Body, Question};
use hopscope_core::lesson::Lesson;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusOptions, HtmlElement, HtmlInputElement, KeyboardEvent, PointerEvent};

use crate::signal::{announce, listen};
use crate::{progress, shortcuts};
use order::{Drag, Way};
use read::{all, first};
use sheet::{Sheet, judge};
use view::Card;

/// Dispatched on the document to open a lab at one of its predictions: `detail` has `lab` and `prediction`.
pub(crate) const OPEN_LAB: &str = "hopscope:open-lab";

struct Quiz {
    lesson: Rc<Lesson>,
    root: HtmlElement,
    sheets: RefCell<Vec<Sheet>>,
    drag: RefCell<Drag>,
}

/// Fills the quiz's place in the page.
pub(crate) fn mount(element: HtmlElement, lesson: Rc<Lesson>) {
    progress::note_outline(&lesson);
    if lesson.questions.is_empty() {
        return;
    }
    let Some(root) = body(&element) else { return };
    let sheets = lesson.questions.iter().map(|question| restored(&lesson, question)).collect();
    let quiz = Rc::new(Quiz { lesson, root, sheets: RefCell::new(sheets), drag: RefCell::default() });
    for place in 0..quiz.lesson.questions.len() {
        quiz.draw(place);
    }
    quiz.draw_around();
    wire(&quiz);
}

/// The element that holds the quiz: a place for trouble, the strip, the cards, and one live region for all.
fn body(element: &HtmlElement) -> Option<HtmlElement> {
    if let Some(fallback) = first(element, ".lab-fallback") {
        fallback.remove();
    }
    let root: HtmlElement = element.owner_document()?.create_element("div").ok()?.dyn_into().ok()?;
    root.set_class_name("quiz-body");
    root.set_inner_html(concat!(
        "<p class=\"progress-trouble\" data-trouble role=\"status\" hidden></p>",
        "<div class=\"quiz-strip\" data-strip></div>",
        "<div class=\"quiz-cards\" data-cards></div>",
        "<p class=\"visually-hidden\" role=\"status\" aria-live=\"polite\" data-said></p>",
    ));
    element.append_child(&root).ok()?;
    Some(root)
}

/// A question as the learner left it.
fn restored(lesson: &Lesson, question: &Question) -> Sheet {
    let Some(record) = progress::answer(&lesson.slug, &question.id) else { return Sheet::default() };
    Sheet { tries: record.tries, judged: judge(lesson, question, record.answer).ok(), before: None }
}

fn wire(quiz: &Rc<Quiz>) {
    let on = |name: &str, handle: fn(&Quiz, &Event)| {
        let quiz = Rc::clone(quiz);
        listen(&quiz.root.clone(), name, move |event| handle(&quiz, &event));
    };
    on("submit", Quiz::submitted);
    on("click", Quiz::clicked);
    on("keydown", Quiz::key);
    on("focusout", |_, event| {
        if let Some(item) = near(event, "[data-lifted]") {
            order::set_down(&item);
        }
    });
    on("pointerdown", |quiz, event| quiz.pointer(event, |drag, event| drag.start(event)));
    on("pointermove", |quiz, event| quiz.pointer(event, |drag, event| drag.follow(event)));
    on("pointerup", |quiz, _| quiz.drag_ended());
    on("pointercancel", |quiz, _| quiz.drag_ended());
}

/// The element of that kind that an event happened in.
fn near(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
}

/// The place of the question whose card an event happened in.
fn place_of(event: &Event) -> Option<usize> {
    near(event, "[data-place]")?.get_attribute("data-place")?.parse().ok()
}

impl Quiz {
    fn with_card<R>(&self, place: usize, use_it: impl FnOnce(&Card<'_>) -> R) -> R {
        let sheets = self.sheets.borrow();
        let more = sheets.iter().any(|sheet| sheet.judged.is_none());
        use_it(&Card { lesson: &self.lesson, question: &self.lesson.questions[place], place, sheet: &sheets[place], more })
    }

    /// Draws a card, and makes it if it is not there yet.
    fn draw(&self, place: usize) {
        self.with_card(place, |card| {
            let Some(form) = self.form(place).or_else(|| self.add_form(card)) else { return };
            let _ = form.set_attribute("data-state", card.state());
            form.set_inner_html(&card.html());
        });
    }

    fn form(&self, place: usize) -> Option<HtmlElement> {
        first(&self.root, &format!("[data-place=\"{place}\"]"))
    }

    fn add_form(&self, card: &Card<'_>) -> Option<HtmlElement> {
        let form: HtmlElement = self.root.owner_document()?.create_element("form").ok()?.dyn_into().ok()?;
        let _ = form.set_attribute("novalidate", "");
        let _ = form.set_attribute("data-place", &card.place.to_string());
        form.set_class_name("quiz-card card");
        form.set_id(&card.id());
        first(&self.root, "[data-cards]")?.append_child(&form).ok()?;
        Some(form)
    }

    /// Draws what depends on all questions: the strip, the objectives, what is wrong with the storage.
    fn draw_around(&self) {
        let sheets = self.sheets.borrow();
        let states: Vec<Option<bool>> = sheets.iter().map(Sheet::is_right).collect();
        if let Some(strip) = first(&self.root, "[data-strip]") {
            strip.set_inner_html(&view::strip(&states));
        }
        if let Some(notice) = first(&self.root, "[data-trouble]") {
            let trouble = progress::trouble();
            notice.set_hidden(trouble.is_none());
            // Written only when it differs: a live region says again whatever is written into it.
            if notice.text_content() != trouble {
                notice.set_text_content(trouble.as_deref());
            }
        }
        self.mark_objectives(&states);
    }

    /// An objective is reached once every question about it is right.
    fn mark_objectives(&self, states: &[Option<bool>]) {
        let Some(page) = self.root.owner_document().and_then(|document| document.document_element()) else { return };
        for objective in all(&page, "[data-objective]") {
            let id = objective.get_attribute("data-objective").unwrap_or_default();
            let mut about = self.lesson.questions.iter().zip(states).filter(|(question, _)| question.objective == id).peekable();
            let is_reached = about.peek().is_some() && about.all(|(_, state)| *state == Some(true));
            let _ = if is_reached { objective.set_attribute("data-state", "done") } else { objective.remove_attribute("data-state") };
        }
    }

    fn say(&self, words: &str) {
        if let Some(region) = first(&self.root, "[data-said]") {
            region.set_text_content(Some(words));
        }
    }

    fn submitted(&self, event: &Event) {
        event.prevent_default();
        let Some(place) = place_of(event) else { return };
        let Some(form) = self.form(place) else { return };
        let question = &self.lesson.questions[place];
        match read::answer(&form, &question.body) {
            Err(missing) => {
                self.point_out(&form, missing.what);
                if let Some(control) = missing.control {
                    let _ = control.focus();
                }
            }
            Ok(answer) => match judge(&self.lesson, question, answer) {
                Err(why) => self.point_out(&form, &why),
                Ok(judged) => {
                    progress::record_answer(&self.lesson.slug, &question.id, &judged.answer, judged.grade.correct);
                    {
                        let mut sheets = self.sheets.borrow_mut();
                        sheets[place].tries += 1;
                        sheets[place].judged = Some(judged);
                    }
                    self.show_verdict(place);
                }
            },
        }
    }

    fn show_verdict(&self, place: usize) {
        self.draw(place);
        self.draw_around();
        self.say(&self.with_card(place, |card| card.spoken()));
        // The button that was pressed is gone; the keyboard goes on at what comes next.
        let Some(form) = self.form(place) else { return };
        let next = first(&form, "[data-next]").or_else(|| first(&form, ".quiz-actions button")).or_else(|| first(&form, ".quiz-ask"));
        focus(next, true);
    }

    fn point_out(&self, form: &Element, what: &str) {
        if let Some(line) = first(form, "[data-missing]") {
            line.set_hidden(false);
            line.set_text_content(Some(what));
        }
        self.say(what);
    }

    fn clicked(&self, event: &Event) {
        if self.drag.borrow_mut().swallows_click() {
            event.prevent_default();
            return;
        }
        let Some(button) = near(event, "button") else { return };
        let number = |name: &str| button.get_attribute(name);
        if let Some(way) = number("data-move") {
            self.moved(&button, if way == "up" { Way::Up } else { Way::Down });
        } else if button.has_attribute("data-lift") {
            self.tell(near(event, "[data-item]").and_then(|item| order::toggle(&item)));
        } else if let Some(place) = number("data-goto").and_then(|place| place.parse().ok()) {
            self.go_to(place);
        } else if let Some(which) = number("data-retry") {
            self.retry(which == "all");
        } else if let Some(prediction) = number("data-replay") {
            self.replay(&number("data-replay-lab").unwrap_or_default(), &prediction);
        } else if let Some(place) = place_of(event) {
            if button.has_attribute("data-again") {
                self.reopen(place);
                self.go_to(place);
            } else if button.has_attribute("data-next") {
                self.next_after(place);
            }
        }
    }

    fn moved(&self, button: &Element, way: Way) {
        let Ok(Some(item)) = button.closest("[data-item]") else { return };
        self.tell(order::shift(&item, way));
    }

    fn tell(&self, words: Option<String>) {
        if let Some(words) = words {
            self.say(&words);
        }
    }

    fn reopen(&self, place: usize) {
        self.sheets.borrow_mut()[place].reopen();
        self.draw(place);
        self.draw_around();
    }

    fn retry(&self, all: bool) {
        let states: Vec<Option<bool>> = self.sheets.borrow().iter().map(Sheet::is_right).collect();
        let places: Vec<usize> = (0..states.len()).filter(|place| all || states[*place] == Some(false)).collect();
        for place in &places {
            self.reopen(*place);
        }
        if let Some(first) = places.first() {
            self.go_to(*first);
        }
    }

    fn next_after(&self, place: usize) {
        let open = |place: &usize| self.sheets.borrow()[*place].judged.is_none();
        let count = self.lesson.questions.len();
        if let Some(next) = (place + 1..count).chain(0..place).find(open) {
            self.go_to(next);
        }
    }

    fn go_to(&self, place: usize) {
        let Some(form) = self.form(place) else { return };
        form.scroll_into_view();
        focus(first(&form, ".quiz-ask"), true);
    }

    /// Asks the lab to show this prediction, and goes there.
    fn replay(&self, lab: &str, prediction: &str) {
        announce(OPEN_LAB, &[("lab", lab), ("prediction", prediction)]);
        let place = self.root.owner_document().and_then(|document| document.get_element_by_id(&format!("lab-{lab}")));
        if let Some(place) = place {
            place.scroll_into_view();
        }
    }

    fn pointer(&self, event: &Event, handle: fn(&mut Drag, &PointerEvent)) {
        if let Some(event) = event.dyn_ref::<PointerEvent>() {
            handle(&mut self.drag.borrow_mut(), event);
        }
    }

    fn drag_ended(&self) {
        let said = self.drag.borrow_mut().end();
        self.tell(said);
    }

    fn key(&self, event: &Event) {
        let Some(key) = event.dyn_ref::<KeyboardEvent>().filter(|key| !(key.ctrl_key() || key.meta_key() || key.alt_key())) else { return };
        // A click that follows comes from a key, not from a drag.
        let _ = self.drag.borrow_mut().swallows_click();
        let is_handled = match near(event, "[data-lift]").and_then(|handle| handle.closest("[data-item]").ok().flatten()) {
            Some(item) => self.order_key(&key.key(), &item),
            None => self.option_key(&key.key(), event),
        };
        if is_handled {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    fn order_key(&self, key: &str, item: &Element) -> bool {
        let way = match key {
            "ArrowUp" => Way::Up,
            "ArrowDown" => Way::Down,
            "Escape" => {
                let said = order::put_back(item);
                let is_handled = said.is_some();
                self.tell(said);
                return is_handled;
            }
            _ => return false,
        };
        if order::is_lifted(item) {
            self.tell(order::shift(item, way));
        } else {
            order::focus_neighbour(item, way);
        }
        true
    }

    /// A digit picks that option of the question that has the focus.
    fn option_key(&self, key: &str, event: &Event) -> bool {
        let Some(digit) = key.parse::<usize>().ok().filter(|digit| *digit > 0 && shortcuts::enabled()) else { return false };
        let Some(place) = place_of(event).filter(|place| has_options(&self.lesson.questions[*place].body)) else { return false };
        let Some(form) = self.form(place) else { return false };
        let Some(input) = all(&form, ".option input").into_iter().nth(digit - 1).and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) else { return false };
        input.click();
        focus(Some(input.into()), false);
        true
    }
}

const fn has_options(body: &Body) -> bool {
    matches!(body, Body::Single(_) | Body::Multiple(_) | Body::Predict { .. })
}

fn focus(element: Option<HtmlElement>, stays: bool) {
    if let Some(element) = element {
        let options = FocusOptions::new();
        options.set_prevent_scroll(stays);
        let _ = element.focus_with_options(&options);
    }
}
