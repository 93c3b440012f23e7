//! The parts of a lesson's page around its theory.

use maud::{Markup, PreEscaped, html};

use crate::load::{Curriculum, Lesson};
use crate::markdown;
use crate::pages::cheatsheet::sheet;
use crate::pages::icon;
use crate::pages::lesson::ROOT;
use crate::source::course::CourseLesson;
use crate::theory::{Part, Theory};

/// Title, lead, what it builds on, and what a learner can do afterwards.
pub(crate) fn header(curriculum: &Curriculum, lesson: &Lesson) -> Markup {
    let words = &lesson.words.value;
    html! {
        header.lesson-header {
            div.lesson-words {
                (breadcrumb(curriculum, lesson))
                p.kicker { (meta(curriculum, lesson)) }
                h1 { (words.title) }
                p.lead { (PreEscaped(markdown::inline(&words.lead))) }
                (needs(curriculum, lesson))
            }
            section.objectives.card aria-labelledby="objectives-title" {
                h2 #objectives-title { "Afterwards you can" }
                ol {
                    @for id in &lesson.outline.value.objectives {
                        @if let Some(text) = words.objectives.get(id) {
                            li data-objective=(**id) { (PreEscaped(markdown::inline(text))) }
                        }
                    }
                }
            }
        }
    }
}

fn breadcrumb(curriculum: &Curriculum, lesson: &Lesson) -> Markup {
    let course = &curriculum.course.value;
    let track = curriculum.entry(&lesson.slug).and_then(|(_, entry)| course.track.iter().find(|track| *track.id == *entry.track));
    html! {
        nav.breadcrumb aria-label="Breadcrumb" {
            ol {
                li { a href={ (ROOT) "#core" } { "Course" } }
                @if let Some(track) = track { li { a href={ (ROOT) "#track-" (*track.id) } { (track.title) } } }
                li { span aria-current="page" { (lesson.words.value.title) } }
            }
        }
    }
}

fn meta(curriculum: &Curriculum, lesson: &Lesson) -> String {
    let total = curriculum.course.value.lesson.len();
    match curriculum.entry(&lesson.slug) {
        Some((place, entry)) => {
            format!("Lesson {place} of {total} · about {} min · {}", entry.minutes, entry.level.word())
        }
        None => String::new(),
    }
}

fn needs(curriculum: &Curriculum, lesson: &Lesson) -> Markup {
    let needs = curriculum.entry(&lesson.slug).map(|(_, entry)| entry.needs.as_slice()).unwrap_or_default();
    let known: Vec<&CourseLesson> = needs.iter().filter_map(|slug| curriculum.entry(slug)).map(|(_, entry)| entry).collect();
    html! {
        @if !known.is_empty() {
            p.needs {
                "Builds on "
                @for (index, entry) in known.iter().enumerate() {
                    @if index > 0 { ", " }
                    @if curriculum.lesson(&entry.slug).is_some() {
                        a href={ "../" (*entry.slug) "/" } { (entry.title) }
                    } @else {
                        (entry.title) " (not written yet)"
                    }
                }
                "."
            }
        }
    }
}

/// Topics, labs and what follows, as one list of links.
pub(crate) fn contents(lesson: &Lesson, theory: &Theory) -> Markup {
    html! {
        nav.contents aria-labelledby="contents-title" {
            h2 #contents-title { "In this lesson" }
            ol {
                @for topic in &theory.topics {
                    @if let Some(heading) = &topic.heading {
                        li { a href={ "#" (heading.id) } { (PreEscaped(&heading.html)) } }
                    }
                    @for part in &topic.parts {
                        @if let Part::Lab { id, .. } = part { (lab_link(lesson, id)) }
                    }
                }
                li.is-mount { a href="#quiz" { (icon::check()) "Check yourself" } }
                li { a href="#recall" { "Recall" } }
                li { a href="#cheatsheet" { "Cheatsheet" } }
            }
        }
    }
}

fn lab_link(lesson: &Lesson, id: &str) -> Markup {
    html! {
        @if let Some(words) = lesson.words_of(id) {
            li.is-mount data-lab-link=(id) { a href={ "#lab-" (id) } { (icon::flask()) (words.title) } }
        }
    }
}

/// Open questions: think first, then open the answer.
pub(crate) fn recall(lesson: &Lesson) -> Markup {
    html! {
        section.recall #recall aria-labelledby="recall-title" {
            div.section-intro {
                h2 #recall-title { "Recall" }
                p { "Answer aloud, as you would to a colleague who asks. Then open the answer and compare." }
            }
            div.recall-cards {
                @for question in &lesson.recall.value.question {
                    details.card id={ "recall-" (*question.id) } data-recall-card=(*question.id) {
                        summary {
                            span.ask { (PreEscaped(markdown::inline(&question.ask))) }
                            span.reveal { span.closed { "Show answer" } span.opened { "Hide answer" } }
                        }
                        div.answer { (PreEscaped(markdown::block(&question.answer))) }
                    }
                }
            }
        }
    }
}

/// The cheatsheet, and the way to its own page.
pub(crate) fn cheatsheet(lesson: &Lesson) -> Markup {
    html! {
        section.cheatsheet #cheatsheet aria-labelledby="cheatsheet-title" {
            div.section-intro {
                h2 #cheatsheet-title { "Cheatsheet" }
                p { "Everything to keep, on one page. " a href="cheatsheet/" { (icon::printer()) "Open it to print" } }
            }
            (sheet(lesson, true))
        }
    }
}

/// The lessons before and after this one.
pub(crate) fn neighbours(curriculum: &Curriculum, lesson: &Lesson) -> Markup {
    let lessons = &curriculum.course.value.lesson;
    let Some((place, _)) = curriculum.entry(&lesson.slug) else { return html! {} };
    let before = place.checked_sub(2).and_then(|index| lessons.get(index));
    html! {
        nav.neighbours aria-label="Lessons before and after" {
            @if let Some(entry) = before { (neighbour(curriculum, entry, place - 1, false)) } @else { span {} }
            @if let Some(entry) = lessons.get(place) { (neighbour(curriculum, entry, place + 1, true)) }
        }
    }
}

fn neighbour(curriculum: &Curriculum, entry: &CourseLesson, place: usize, next: bool) -> Markup {
    let written = curriculum.lesson(&entry.slug).is_some();
    let class = if next { "neighbour next" } else { "neighbour" };
    let words = html! {
        span.neighbour-kicker {
            @if !next { (icon::arrow_left()) }
            @if next { "Next, lesson " (place) } @else { "Before, lesson " (place) }
            @if next { (icon::arrow_right()) }
        }
        span.neighbour-title { (entry.title) }
        @if written { span.neighbour-note { (entry.tagline) } } @else { span.neighbour-note { "Not written yet" } }
    };
    html! {
        @if written { a class=(class) href={ "../" (*entry.slug) "/" } { (words) } }
        @else { div class={ (class) " unwritten" } { (words) } }
    }
}
