//! Writes the learner's progress into the places that pages keep for it: the course map, the
//! squares in the top bar, and where to continue.

use maud::html;
use web_sys::{Document, Element, HtmlElement};

use crate::page::places;
use crate::progress::{self, LessonProgress};
use crate::signal::listen;

/// Fills the places now and whenever progress changes.
pub(crate) fn wire() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    fill(&document);
    let inner = document.clone();
    listen(&document, progress::CHANGED, move |_| fill(&inner));
}

fn fill(document: &Document) {
    for place in places(document, "[data-progress-of]") {
        let done = progress::lesson_progress(&place.get_attribute("data-progress-of").unwrap_or_default());
        mark(&place, done);
    }
    fill_count(document);
    fill_continue(document);
    fill_trouble(document);
}

fn mark(place: &Element, done: LessonProgress) {
    let state = match done {
        LessonProgress { share: 100, .. } => "done",
        LessonProgress { begun: true, .. } => "started",
        _ => "",
    };
    let _ = if state.is_empty() { place.remove_attribute("data-state") } else { place.set_attribute("data-state", state) };
    if let Ok(Some(status)) = place.query_selector("[data-progress-text]") {
        status.set_inner_html(&status_html(done));
    }
}

fn status_html(done: LessonProgress) -> String {
    match done {
        LessonProgress { share: 100, .. } => html! {
            svg.icon viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" { path d="M3.5 8.5 6.5 11.5 12.5 4.8" {} }
            "Done"
        },
        LessonProgress { begun: true, share: 0, .. } => html! { "Begun" },
        LessonProgress { begun: true, share, .. } => html! {
            progress.share-bar max="100" value=(share) aria-hidden="true" {}
            (share) " %" span.visually-hidden { " done" }
        },
        _ => html! { "Not started" },
    }
    .into_string()
}

fn fill_count(document: &Document) {
    let squares = places(document, "[data-course-progress] [data-progress-of]");
    let done = squares.iter().filter(|square| square.get_attribute("data-state").as_deref() == Some("done")).count();
    if let Ok(Some(text)) = document.query_selector("[data-course-progress-text]") {
        text.set_text_content(Some(&format!("Core track, {done} of {} done", squares.len())));
    }
}

/// A lesson that can be opened from here.
struct Open {
    slug: String,
    href: String,
    title: String,
}

fn fill_continue(document: &Document) {
    if document.query_selector("[data-continue]").ok().flatten().is_none() {
        return;
    }
    let lessons = open_lessons(document);
    let Some((next, words)) = what_next(&lessons) else { return };
    if let Ok(Some(link)) = document.query_selector("[data-continue-link]") {
        let _ = link.set_attribute("href", &next.href);
    }
    let done = progress::lesson_progress(&next.slug);
    let set = |selector: &str, text: &str| {
        if let Ok(Some(place)) = document.query_selector(selector) {
            place.set_text_content(Some(text));
        }
    };
    set("[data-continue-label]", words);
    set("[data-continue-title]", &next.title);
    if done.begun && done.share > 0 {
        set("[data-continue-note]", &format!("{} % done", done.share));
    }
}

/// Goes on with the lesson touched last; when that is done, with the next that is not.
fn what_next(lessons: &[Open]) -> Option<(&Open, &'static str)> {
    let is_done = |lesson: &&Open| progress::lesson_progress(&lesson.slug).share == 100;
    let begun = progress::begun_lessons();
    let touched = |slug: &String| lessons.iter().find(|lesson| lesson.slug == *slug);
    if let Some(lesson) = begun.iter().filter_map(touched).find(|lesson| !is_done(lesson)) {
        return Some((lesson, "Continue"));
    }
    let last = begun.iter().find_map(touched)?;
    let next = lessons.iter().find(|lesson| !is_done(lesson));
    Some(next.map_or((last, "Look again"), |next| (next, "Next lesson")))
}

/// The lessons that are written, in the order of the course.
fn open_lessons(document: &Document) -> Vec<Open> {
    let rows = places(document, ".track-grid [data-progress-of]");
    let read = |row: &HtmlElement| {
        let link = row.query_selector("a[href]").ok().flatten()?;
        Some(Open { slug: row.get_attribute("data-progress-of")?, href: link.get_attribute("href")?, title: link.text_content()? })
    };
    rows.iter().filter_map(read).collect()
}

/// On a page without a quiz, what is wrong with the storage is said above the course map.
fn fill_trouble(document: &Document) {
    let Ok(Some(map)) = document.query_selector(".home #core") else { return };
    let Some(trouble) = progress::trouble() else { return };
    let notice = map.query_selector("[data-trouble]").ok().flatten().or_else(|| {
        let notice = document.create_element("p").ok()?;
        notice.set_class_name("progress-trouble");
        let _ = notice.set_attribute("data-trouble", "");
        let _ = notice.set_attribute("role", "status");
        map.insert_before(&notice, map.first_child().as_ref()).ok()?;
        Some(notice)
    });
    if let Some(notice) = notice {
        notice.set_text_content(Some(&trouble));
    }
}
