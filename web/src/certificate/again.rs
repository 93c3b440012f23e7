//! What a certificate still lacks, and what is asked again under the learner's name.

use std::rc::Rc;

use hopscope_core::certificate::{LessonReport, Report};
use hopscope_core::lesson::Lesson;
use hopscope_core::scenario::Parts;
use leptos::prelude::document;
use maud::{Markup, html};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::desk::Desk;
use super::own;
use crate::{lab, quiz};

/// The lessons that are not passed and why, as HTML; nothing when all are.
pub(super) fn lacking(report: &Report, folder: &str) -> String {
    let open = report.lessons.iter().filter(|lesson| !lesson.is_passed());
    html! { @for lesson in open { (one(lesson, folder)) } }.into_string()
}

fn one(lesson: &LessonReport, folder: &str) -> Markup {
    let open = lesson.questions.iter().filter(|q| !q.right && q.seed.is_none()).count();
    html! {
        section.open-part {
            h2 { (lesson.title) ": not passed yet" }
            ul.verdict-lacks { @for lack in &lesson.lacks { li { (super::verdict::sentence(&lack.to_string())) } } }
            @if open > 0 {
                p { a href={ (folder) (lesson.lesson) "/#quiz" } { "Answer the rest of its quiz" } " (" (open) " open or to revisit), then come back." }
            }
        }
    }
}

/// Puts the labs and questions that have to be done again into the page, unless they stand there.
pub(super) fn ask(desk: &Desk, report: &Report) {
    let name = desk.name();
    let open: Vec<&LessonReport> = report.lessons.iter().filter(|lesson| !lesson.is_passed()).collect();
    let key = key(&name, &open);
    if *desk.asked.borrow() == key {
        return;
    }
    desk.asked.replace(key);
    desk.again.set_inner_html("");
    for found in open {
        if let Some(lesson) = desk.lessons.borrow().get(&found.lesson) {
            ask_of(desk, &name, &lesson, found);
        }
    }
}

/// What is asked, as text that is the same as long as nothing else is.
fn key(name: &str, open: &[&LessonReport]) -> String {
    let mut key = name.to_owned();
    for lesson in open {
        let labs = lesson.labs.iter().filter(|lab| lab.is_challenge && !lab.won).map(|lab| &lab.lab);
        let questions = lesson.questions.iter().filter(|q| q.seed.is_some() && !q.right).map(|q| &q.question);
        for part in [&lesson.lesson].into_iter().chain(labs).chain(questions) {
            key.push(' ');
            key.push_str(part);
        }
    }
    key
}

fn ask_of(desk: &Desk, name: &str, lesson: &Lesson, found: &LessonReport) {
    let again = Rc::new(own::again(lesson, name, found));
    for open in own::open_challenges(lesson, found) {
        let Some(lab) = again.lab(&open.id) else { continue };
        let Some(place) = section(desk, "The challenge, on the arrivals that come with your name") else { return };
        lab::mount(place, Rc::clone(&again), Rc::new(lab.clone()), Parts::every(), 3);
    }
    if !again.questions.is_empty()
        && let Some(place) = section(desk, "Questions whose answer depends on your name")
    {
        quiz::mount(place, again, Parts::every());
    }
}

/// A titled section at the end of what is asked again, and the place in it.
fn section(desk: &Desk, title: &str) -> Option<HtmlElement> {
    let make = |name: &str| document().create_element(name).ok()?.dyn_into::<HtmlElement>().ok();
    let (outer, heading, place) = (make("section")?, make("h2")?, make("div")?);
    outer.set_class_name("open-part");
    place.set_class_name("lab");
    heading.set_text_content(Some(title));
    outer.append_child(&heading).ok()?;
    outer.append_child(&place).ok()?;
    desk.again.append_child(&outer).ok()?;
    Some(place)
}
