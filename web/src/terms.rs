//! Definitions of terms that open under the pointer and under the keyboard's focus.
//!
//! A tap or a click opens and closes them without any of this: the page says so itself
//! (`popovertarget`). What is added here keeps to WCAG 1.4.13: Escape closes, the pointer may move
//! onto the definition, and it stays until pointer and focus have left both.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::set_timeout;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event, FocusEvent, HtmlElement, PointerEvent};

use crate::quiz::first;
use crate::signal::listen;

/// How long the pointer rests on a term before it opens: whoever only passes by is not disturbed.
const REST: Duration = Duration::from_millis(160);
/// How long the pointer may take from the term to its definition.
const GRACE: Duration = Duration::from_millis(320);

/// What is meant to happen, until something else is meant.
#[derive(Default)]
struct Hints {
    /// Grows with every intention, so that an outdated one is known as such.
    meant: Cell<u32>,
    /// The term whose definition was opened by pointer or focus, and not pinned by a click since.
    opened: RefCell<Option<HtmlElement>>,
}

/// Wires every term of the page, and opens the one under the pointer or with the focus.
pub(crate) fn wire(page: &Element) {
    let Some(document) = page.owner_document() else { return };
    let hints = Rc::new(Hints::default());
    let on = |name: &str, hear: fn(&Rc<Hints>, &Event)| {
        let hints = Rc::clone(&hints);
        listen(&document, name, move |event| hear(&hints, &event));
    };
    on("pointerover", |hints, event| {
        if event.dyn_ref::<PointerEvent>().is_some_and(|event| event.pointer_type() == "mouse") {
            hints.pointed(event);
        }
    });
    on("focusin", |hints, event| {
        if let Some(term) = term_at(event).filter(|term| term.matches(":focus-visible").unwrap_or(false)) {
            hints.open(term);
        }
    });
    on("focusout", |hints, event| {
        let to = event.dyn_ref::<FocusEvent>().and_then(FocusEvent::related_target).and_then(|to| to.dyn_into::<Element>().ok());
        if term_at(event).is_some() || definition_at(event).is_some() {
            hints.left_for(to);
        }
    });
    // Before the browser's own answer to the click, which would close what the pointer has opened.
    on("click", Hints::clicked);
    if let Some(term) = first(page, ".term:hover, .term:focus-visible") {
        hints.open(term);
    }
}

fn at(event: &Event, selector: &str) -> Option<HtmlElement> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()?.dyn_into().ok()
}

fn term_at(event: &Event) -> Option<HtmlElement> {
    at(event, ".term[popovertarget]")
}

fn definition_at(event: &Event) -> Option<HtmlElement> {
    at(event, ".definition")
}

fn definition_of(term: &HtmlElement) -> Option<Element> {
    term.owner_document()?.get_element_by_id(&term.get_attribute("popovertarget")?)
}

fn is_open(term: &HtmlElement) -> bool {
    definition_of(term).is_some_and(|definition| definition.matches(":popover-open").unwrap_or(false))
}

impl Hints {
    fn mean(&self) -> u32 {
        self.meant.set(self.meant.get() + 1);
        self.meant.get()
    }

    fn later(self: &Rc<Self>, wait: Duration, act: impl FnOnce(&Self) + 'static) {
        let (hints, meant) = (Rc::clone(self), self.mean());
        set_timeout(
            move || {
                if hints.meant.get() == meant {
                    act(&hints);
                }
            },
            wait,
        );
    }

    /// The pointer is over something: a term, a definition, or neither.
    fn pointed(self: &Rc<Self>, event: &Event) {
        // Escape, or a click elsewhere, may have closed it since.
        let opened = self.opened.borrow().clone().filter(is_open);
        if let Some(term) = term_at(event) {
            if opened.as_ref() == Some(&term) {
                self.mean();
            } else {
                self.later(REST, move |hints| hints.open(term));
            }
        } else if let Some(definition) = definition_at(event)
            && opened.as_ref().and_then(definition_of).as_ref() == Some(&definition)
        {
            self.mean();
        } else if opened.is_some() {
            self.later(GRACE, Self::close_unless_focused);
        } else {
            self.mean();
        }
    }

    /// Focus has left a term or a definition.
    fn left_for(&self, to: Option<Element>) {
        let opened = self.opened.borrow().clone();
        let Some(term) = opened else { return };
        let stays =
            to.is_some_and(|to| term.contains(Some(&to)) || definition_of(&term).is_some_and(|definition| definition.contains(Some(&to))));
        if !stays {
            self.close();
        }
    }

    fn open(&self, term: HtmlElement) {
        self.mean();
        if is_open(&term) {
            return;
        }
        self.close();
        // As if it were pressed, so that the browser knows whose definition it is and where it goes.
        term.click();
        if is_open(&term) {
            self.opened.replace(Some(term));
        }
    }

    fn close_unless_focused(&self) {
        let focused = |document: Document| document.active_element();
        let opened = self.opened.borrow().clone();
        if let Some(term) = opened {
            let active = term.owner_document().and_then(focused);
            let holds = |active: &Element| {
                active.matches(":focus-visible").unwrap_or(false)
                    && (term.contains(Some(active)) || definition_of(&term).is_some_and(|definition| definition.contains(Some(active))))
            };
            if !active.as_ref().is_some_and(holds) {
                self.close();
            }
        }
    }

    fn close(&self) {
        if let Some(term) = self.opened.take().filter(is_open) {
            term.click();
        }
    }

    /// The first click on a term that the pointer has opened pins it; the next one closes it.
    fn clicked(self: &Rc<Self>, event: &Event) {
        let Some(term) = term_at(event).filter(|_| event.is_trusted()) else { return };
        self.mean();
        let mine = self.opened.borrow().as_ref() == Some(&term);
        if mine && is_open(&term) {
            event.prevent_default();
            self.opened.replace(None);
        }
    }
}
