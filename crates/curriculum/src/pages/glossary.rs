//! The glossary of the whole course, in alphabetical order.

use maud::{Markup, PreEscaped, html};

use crate::load::{Curriculum, Lesson};
use crate::markdown;
use crate::pages::frame::Page;
use crate::source::glossary::GlossaryTerm;

/// The glossary page.
pub fn page(curriculum: &Curriculum) -> Page<'static> {
    Page {
        kind: "glossary",
        root: "../",
        slug: None,
        title: format!("Glossary · {}", curriculum.course.value.title),
        description: "The terms of the course, each in a sentence, with the lesson that explains it.".into(),
        main: main(curriculum),
    }
}

/// Every term once, sorted; the first lesson that defines it owns it.
fn entries(curriculum: &Curriculum) -> Vec<(&GlossaryTerm, &Lesson)> {
    let mut all: Vec<(&GlossaryTerm, &Lesson)> = Vec::new();
    for lesson in &curriculum.lessons {
        for term in &lesson.glossary.value.term {
            if !all.iter().any(|(known, _)| *known.id == *term.id) {
                all.push((term, lesson));
            }
        }
    }
    all.sort_by_key(|(term, _)| term.term.to_lowercase());
    all
}

fn main(curriculum: &Curriculum) -> Markup {
    let entries = entries(curriculum);
    html! {
        article.glossary {
            h1 { "Glossary" }
            p.lead { "A term stands here once a lesson explains it." }
            @if entries.is_empty() { p { "No lesson is written yet." } }
            @else { dl { @for (term, lesson) in entries { (entry(term, lesson)) } } }
        }
    }
}

fn entry(term: &GlossaryTerm, lesson: &Lesson) -> Markup {
    html! {
        div.glossary-entry id=(*term.id) {
            dt { (*term.term) }
            dd {
                p { (PreEscaped(markdown::inline(&term.short))) }
                @if let Some(long) = &term.long { (PreEscaped(markdown::block(long))) }
                p.source { "From " a href={ "../lessons/" (lesson.slug) "/" } { (lesson.words.value.title) } }
            }
        }
    }
}
