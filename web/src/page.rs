//! The page as it came from the server: where labs and quizzes go, and the lesson's data.

use std::rc::Rc;

use hopscope_core::lesson::{Lab, Lesson};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement};

use crate::{lab, later, progress};

/// Finds every place that a lab or a quiz belongs in and fills it once its lesson has come.
pub fn mount() {
    let mut sources: Vec<String> = Vec::new();
    for place in places("[data-lesson]") {
        let source = place.get_attribute("data-lesson").unwrap_or_default();
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    for source in sources {
        spawn_local(async move {
            match load(&source).await {
                Ok(lesson) => fill(&source, &Rc::new(lesson)),
                Err(why) => fail(&source, &why),
            }
        });
    }
}

fn places(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|i| found.get(i)?.dyn_into().ok()).collect()
}

async fn load(source: &str) -> Result<Lesson, String> {
    let unreachable = || "The lesson's data could not be fetched. Check the connection and reload the page.".to_owned();
    let response = JsFuture::from(window().fetch_with_str(source)).await.map_err(|_| unreachable())?;
    let response: web_sys::Response = response.dyn_into().map_err(|_| unreachable())?;
    if !response.ok() {
        return Err(format!(
            "The lesson's data could not be fetched: the server answered {}. Reload the page, or tell whoever runs this site.",
            response.status()
        ));
    }
    let body = response.array_buffer().map_err(|_| unreachable())?;
    let buffer = JsFuture::from(body).await.map_err(|_| unreachable())?;
    Lesson::from_bytes(&js_sys::Uint8Array::new(&buffer).to_vec()).map_err(|error| error.to_string())
}

fn fill(source: &str, lesson: &Rc<Lesson>) {
    progress::note_outline(lesson);
    for place in places("[data-lesson]") {
        if place.get_attribute("data-lesson").as_deref() != Some(source) {
            continue;
        }
        match place.get_attribute("data-lab") {
            Some(id) => match lesson.lab(&id) {
                Some(found) => mount_lab(&place, lesson, found),
                None => say(&place, &format!("The lesson's data has no lab \"{id}\". Reload the page to fetch a matching version.")),
            },
            None => {
                let (inner, lesson) = (place.clone(), Rc::clone(lesson));
                later::when_near(&place, move || later::mount_quiz(inner, lesson, |place| say(place, later::UNREACHABLE)));
            }
        }
    }
}

fn mount_lab(place: &HtmlElement, lesson: &Rc<Lesson>, found: &Lab) {
    let level = if place.query_selector("h2").ok().flatten().is_some() { 2 } else { 3 };
    clear(place);
    lab::mount(place.clone(), Rc::clone(lesson), Rc::new(found.clone()), level);
}

/// Takes away what stood there for readers without scripts.
pub(crate) fn clear(place: &Element) {
    for selector in [".lab-fallback", "noscript"] {
        if let Ok(Some(old)) = place.query_selector(selector) {
            old.remove();
        }
    }
}

fn fail(source: &str, why: &str) {
    for place in places("[data-lesson]") {
        if place.get_attribute("data-lesson").as_deref() == Some(source) {
            say(&place, why);
        }
    }
}

fn say(place: &Element, why: &str) {
    if let Ok(Some(notice)) = place.query_selector(".lab-loading") {
        notice.set_class_name("lab-error");
        notice.set_text_content(Some(why));
    }
}
