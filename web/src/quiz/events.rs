//! What keys, clicks and the pointer do in the quiz.

use std::rc::Rc;

use hopscope_core::assess::Body;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, KeyboardEvent, PointerEvent};

use super::order::{self, Drag, Way};
use super::read::all;
use super::{Quiz, focus};
use crate::shortcuts;
use crate::signal::listen;

/// Listens on the whole quiz: cards come and go, the quiz stays.
pub(super) fn wire(quiz: &Rc<Quiz>) {
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
    fn submitted(&self, event: &Event) {
        event.prevent_default();
        if let Some(place) = place_of(event) {
            self.judge(place);
        }
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
        let Some(input) =
            all(&form, ".option input").into_iter().nth(digit - 1).and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
        else {
            return false;
        };
        input.click();
        focus(Some(input.into()), false);
        true
    }
}

const fn has_options(body: &Body) -> bool {
    matches!(body, Body::Single(_) | Body::Multiple(_) | Body::Predict { .. })
}
