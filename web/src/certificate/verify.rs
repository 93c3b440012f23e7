//! The page that checks a certificate: the link's own, or one that is pasted.

use std::cell::RefCell;
use std::rc::Rc;

use hopscope_core::certificate::{Sealed, Verification};
use hopscope_core::timeline::Progress;
use leptos::prelude::{set_timeout, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};

use super::fetch::Lessons;
use super::verdict;
use crate::signal::listen;

/// Events replayed between two looks at the clock: some twenty milliseconds.
const SLICE: u32 = 10_000;

struct Page {
    field: HtmlTextAreaElement,
    result: Element,
    /// The folder of the lessons, as this page reaches it.
    folder: String,
    lessons: RefCell<Lessons>,
    /// Counts what was asked, so that a slow answer does not replace a later one.
    asked: RefCell<u32>,
}

/// Listens to the form and checks what the address brings.
pub(super) fn mount(place: &HtmlElement) {
    let Some(page) = Page::find(place) else { return };
    let page = Rc::new(page);
    let own = Rc::clone(&page);
    listen(place, "submit", move |event| {
        event.prevent_default();
        let text = own.field.value();
        own.check(&text);
    });
    let own = Rc::clone(&page);
    listen(&window(), "hashchange", move |_| own.check_address());
    page.check_address();
}

impl Page {
    fn find(place: &HtmlElement) -> Option<Self> {
        let find = |selector: &str| place.query_selector(selector).ok().flatten();
        let _ = place.set_attribute("data-ready", "");
        Some(Self {
            field: find("textarea")?.dyn_into().ok()?,
            result: find("[data-result]")?,
            folder: place.get_attribute("data-certificate")?,
            lessons: RefCell::default(),
            asked: RefCell::default(),
        })
    }

    fn check_address(self: &Rc<Self>) {
        let fragment = window().location().hash().unwrap_or_default();
        if let Some(text) = fragment.strip_prefix('#').filter(|text| !text.is_empty()) {
            self.field.set_value(text);
            self.check(text);
        }
    }

    fn check(self: &Rc<Self>, pasted: &str) {
        *self.asked.borrow_mut() += 1;
        let mine = *self.asked.borrow();
        let text = certificate_in(pasted);
        let sealed = match Sealed::from_text(&text) {
            Ok(sealed) => sealed,
            Err(why) => return self.show(&verdict::refused(&why.to_string())),
        };
        self.show("<p class=\"panel-empty\">Fetching the lessons and replaying the work.</p>");
        let page = Rc::clone(self);
        spawn_local(async move {
            let slugs: Vec<String> = sealed.parts().iter().map(|part| part.lesson().to_owned()).collect();
            let mut lessons = page.lessons.borrow().clone();
            lessons.fetch(&page.folder, &slugs).await;
            page.lessons.replace(lessons.clone());
            match Verification::new(&text, &|slug| lessons.get(slug)) {
                Ok(verification) => page.work(verification, mine),
                Err(why) => page.show(&verdict::refused(&why.to_string())),
            }
        });
    }

    /// Replays a slice at a time, so that the page stays responsive.
    fn work(self: &Rc<Self>, mut verification: Verification, mine: u32) {
        if *self.asked.borrow() != mine {
            return;
        }
        if verification.work(SLICE) == Progress::Done {
            return self.show(&verdict::whole(verification.report(), &self.folder));
        }
        let page = Rc::clone(self);
        set_timeout(move || page.work(verification, mine), core::time::Duration::ZERO);
    }

    fn show(&self, html: &str) {
        self.result.set_inner_html(html);
    }
}

/// The certificate in what was pasted: a whole link, its fragment, or the text alone, with blanks
/// and line ends that a mail program put in.
fn certificate_in(pasted: &str) -> String {
    let text: String = pasted.chars().filter(|c| !c.is_whitespace()).collect();
    text.split_once('#').map_or(text.clone(), |(_, fragment)| fragment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::certificate_in;

    #[test]
    fn a_link_a_fragment_and_a_text_are_all_taken() {
        for pasted in ["https://example.org/verify/#v1.AbC", "#v1.AbC", " v1.A\n bC\n"] {
            assert_eq!(certificate_in(pasted), "v1.AbC");
        }
    }
}
