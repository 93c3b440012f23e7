//! The quiz of a lesson: its questions, what is said to every answer, and trying again.
//!
//! Cards are HTML made by [`view`]; a handful of listeners on the whole quiz do the rest. While a
//! question is open its answer lives in the page's own controls; once judged it lives in a
//! [`Sheet`] and in the learner's progress.

mod events;
mod icon;
mod order;
mod read;
mod sheet;
mod shuffle;
mod text;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use hopscope_core::assess::Question;
use hopscope_core::lesson::Lesson;
use hopscope_core::scenario::Parts;
use hopscope_core::wire;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

use crate::lesson::clear;
use crate::progress;
use crate::signal::announce;
use order::Drag;
pub(crate) use read::{all, first};
use sheet::{Sheet, judge};
use view::Card;

/// Dispatched on the document to open a lab at one of its predictions: `detail` has `lab` and `prediction`.
pub(crate) const OPEN_LAB: &str = "hopscope:open-lab";

struct Quiz {
    lesson: Rc<Lesson>,
    /// The parts of the engine for the labs that predictions are about.
    parts: Parts,
    root: HtmlElement,
    sheets: RefCell<Vec<Sheet>>,
    drag: RefCell<Drag>,
    /// Who hears how it went when a question stands alone; a lesson's quiz has the learner's progress for that.
    heard: Option<Heard>,
}

/// Hears whether an answer was right.
pub(crate) type Heard = Box<dyn Fn(bool)>;

/// Fills the quiz's place in the page.
#[allow(clippy::needless_pass_by_value, reason = "the place is the quiz's from here on, as a lab's is the lab's")]
pub(crate) fn mount(element: HtmlElement, lesson: Rc<Lesson>, parts: Parts) {
    clear(&element);
    if lesson.questions.is_empty() {
        return;
    }
    let Some(root) = body(&element) else { return };
    let lesson = Rc::new(posed(&lesson));
    let sheets = lesson.questions.iter().map(|question| restored(&lesson, parts, question)).collect();
    let quiz = Rc::new(Quiz { lesson, parts, root, sheets: RefCell::new(sheets), drag: RefCell::default(), heard: None });
    for place in 0..quiz.lesson.questions.len() {
        quiz.draw(place);
    }
    quiz.draw_around();
    events::wire(&quiz);
    if let Some(place) = asked_for().and_then(|id| quiz.lesson.questions.iter().position(|question| question.id == id)) {
        quiz.go_to(place);
    }
}

/// The id of the question that the address leads to, if it leads to one.
pub(crate) fn asked_for() -> Option<String> {
    web_sys::window()?.location().hash().ok()?.strip_prefix("#question-").map(str::to_owned)
}

/// The lesson with its generated questions made: the same on every visit, so that a stored answer
/// still belongs to its question.
fn posed(lesson: &Lesson) -> Lesson {
    let pose = |question: &Question| question.posed(wire::check(question.id.as_bytes())).unwrap_or_else(|| question.clone());
    Lesson { questions: lesson.questions.iter().map(pose).collect(), ..lesson.clone() }
}

/// Puts the one question of `lesson` in a place of its own, unanswered and mixed as for a try after
/// so many others. `heard` is told how it went once the verdict stands there.
pub(crate) fn ask(element: &HtmlElement, lesson: Rc<Lesson>, tries: u32, heard: Heard) {
    let Some(root) = body(element) else { return };
    let sheets = RefCell::new(vec![Sheet { tries, ..Sheet::default() }]);
    let quiz = Rc::new(Quiz { lesson, parts: Parts::every(), root, sheets, drag: RefCell::default(), heard: Some(heard) });
    quiz.draw(0);
    events::wire(&quiz);
}

/// The element that holds the quiz: a place for trouble, the strip, the cards, and one live region for all.
fn body(element: &HtmlElement) -> Option<HtmlElement> {
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
fn restored(lesson: &Lesson, parts: Parts, question: &Question) -> Sheet {
    let Some(record) = progress::answer(&lesson.slug, &question.id) else { return Sheet::default() };
    Sheet { tries: record.tries, judged: judge(lesson, parts, question, record.answer).ok(), before: None }
}

impl Quiz {
    fn with_card<R>(&self, place: usize, use_it: impl FnOnce(&Card<'_>) -> R) -> R {
        let sheets = self.sheets.borrow();
        let more = sheets.iter().any(|sheet| sheet.judged.is_none());
        use_it(&Card {
            lesson: &self.lesson,
            question: &self.lesson.questions[place],
            place,
            sheet: &sheets[place],
            more,
            alone: self.heard.is_some(),
        })
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
        if self.heard.is_some() {
            return;
        }
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
        self.mark_objectives();
    }

    /// An objective is reached once every question about it has been answered rightly.
    fn mark_objectives(&self) {
        let Some(page) = self.root.owner_document().and_then(|document| document.document_element()) else { return };
        let was_right = |question: &Question| progress::answer(&self.lesson.slug, &question.id).is_some_and(|record| record.ever_right);
        for objective in all(&page, "[data-objective]") {
            let id = objective.get_attribute("data-objective").unwrap_or_default();
            let mut about = self.lesson.questions.iter().filter(|question| question.objective == id).peekable();
            let is_reached = about.peek().is_some() && about.all(was_right);
            let _ = if is_reached { objective.set_attribute("data-state", "done") } else { objective.remove_attribute("data-state") };
        }
    }

    fn say(&self, words: &str) {
        if let Some(region) = first(&self.root, "[data-said]") {
            region.set_text_content(Some(words));
        }
    }

    /// Judges what stands in a card; keeps it, and shows the verdict.
    fn judge(&self, place: usize) {
        let Some(form) = self.form(place) else { return };
        let question = &self.lesson.questions[place];
        let judged = match read::answer(&form, &question.body) {
            Ok(answer) => judge(&self.lesson, self.parts, question, answer),
            Err(missing) => {
                focus(missing.control, false);
                Err(missing.what.to_owned())
            }
        };
        match judged {
            Err(why) => self.point_out(&form, &why),
            Ok(judged) => {
                let correct = judged.grade.correct;
                if self.heard.is_none() {
                    progress::record_answer(&self.lesson.slug, &question.id, &judged.answer, correct);
                }
                {
                    let sheet = &mut self.sheets.borrow_mut()[place];
                    sheet.tries += 1;
                    sheet.judged = Some(judged);
                }
                self.show_verdict(place);
                if let Some(heard) = &self.heard {
                    heard(correct);
                }
            }
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
        match (place + 1..count).chain(0..place).find(open) {
            Some(next) => self.go_to(next),
            // Nothing is left: the strip says how it went and offers another round.
            None => focus(first(&self.root, "[data-retry]"), false),
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
}

fn focus(element: Option<HtmlElement>, stays: bool) {
    if let Some(element) = element {
        let options = FocusOptions::new();
        options.set_prevent_scroll(stays);
        let _ = element.focus_with_options(&options);
    }
}
