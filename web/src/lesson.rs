//! A lesson come to life: its data, and its labs and quiz in the places that the page keeps.

use std::rc::Rc;

use hopscope_core::lesson::{Lab, Lesson};
use hopscope_core::scenario::Parts;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement};

use crate::page::{fail, places_of, say};
use crate::{lab, later, progress, quiz};

/// Fills the places of a lesson's labs and quiz, or says in them why they stay as they are.
pub(crate) fn mount(source: String) {
    spawn_local(async move {
        match load_with_parts(&source).await {
            Ok((lesson, parts)) => {
                let anchor = anchor_in_view();
                fill(&source, &Rc::new(lesson), parts);
                request_animation_frame(move || anchor.iter().for_each(Element::scroll_into_view));
            }
            Err(why) => fail(&source, &why),
        }
    });
}

/// The place that the address leads to, if the reader is there. Labs that come to life above it
/// push it away, so the page has to go after it.
fn anchor_in_view() -> Option<Element> {
    let id = window().location().hash().ok()?;
    let anchor = document().get_element_by_id(id.strip_prefix('#')?)?;
    let top = anchor.get_bounding_client_rect().top();
    (-100.0..300.0).contains(&top).then_some(anchor)
}

/// Fetches a lesson's data, and the parts of the engine that its labs on this page ask for.
async fn load_with_parts(source: &str) -> Result<(Lesson, Parts), String> {
    // Each lab says what it needs; the page gets all of that.
    let needs: Vec<String> = places_of(&document(), source).iter().filter_map(|place| place.get_attribute("data-needs")).collect();
    let lesson = load(source).await?;
    Ok((lesson, later::parts(&needs.join(" ")).await?))
}

/// Fetches a lesson's data.
///
/// # Errors
/// A sentence that says why it could not be had.
pub(crate) async fn load(source: &str) -> Result<Lesson, String> {
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

fn fill(source: &str, lesson: &Rc<Lesson>, parts: Parts) {
    progress::note_outline(lesson);
    for place in places_of(&document(), source) {
        match place.get_attribute("data-lab") {
            Some(id) => match lesson.lab(&id) {
                Some(found) => mount_lab(&place, lesson, found, parts),
                None => say(&place, &format!("The lesson's data has no lab \"{id}\". Reload the page to fetch a matching version.")),
            },
            None => {
                let (inner, lesson) = (place.clone(), Rc::clone(lesson));
                let mount = move || later::mount_quiz(inner, lesson, parts, |place| say(place, later::UNREACHABLE));
                if quiz::asked_for().is_some() { mount() } else { later::when_near(&place, mount) }
            }
        }
    }
}

fn mount_lab(place: &HtmlElement, lesson: &Rc<Lesson>, found: &Lab, parts: Parts) {
    let level = if place.query_selector("h2").ok().flatten().is_some() { 2 } else { 3 };
    clear(place);
    lab::mount(place.clone(), Rc::clone(lesson), Rc::new(found.clone()), parts, level);
}

/// Takes away what stood there for readers without scripts.
pub(crate) fn clear(place: &Element) {
    for selector in [".lab-fallback", "noscript"] {
        if let Ok(Some(old)) = place.query_selector(selector) {
            old.remove();
        }
    }
}
