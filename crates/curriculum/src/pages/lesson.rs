//! A lesson's page: header, theory with its labs, quiz, recall, cheatsheet, and where to go next.

use maud::{Markup, PreEscaped, html};

use crate::load::{Curriculum, Lesson};
use crate::markdown;
use crate::needs;
use crate::pages::frame::Page;
use crate::pages::{lab, lesson_parts};
use crate::source::glossary::GlossaryTerm;
use crate::theory::{self, Part, TermIds, Theory, Topic};

/// Way from a lesson's page to the root of the site.
pub(crate) const ROOT: &str = "../../";
/// The lesson's data, seen from its page.
const DATA: &str = "lesson.bin";

/// The page of a lesson.
pub fn page<'a>(curriculum: &Curriculum, lesson: &'a Lesson) -> Page<'a> {
    let words = &lesson.words.value;
    Page {
        kind: "lesson",
        panels: lesson.labs.iter().flat_map(|lab| lab.scenario.panels.iter().copied()).collect(),
        root: ROOT,
        slug: Some(&lesson.slug),
        title: format!("{} · {}", words.title, curriculum.course.value.title),
        description: markdown::plain(&words.lead),
        needs: needs::of_page(lesson.labs.iter().map(|lab| &lab.scenario)),
        main: main(curriculum, lesson),
    }
}

fn main(curriculum: &Curriculum, lesson: &Lesson) -> Markup {
    // Mistakes in the theory were reported by the checks; here only what can be shown matters.
    let theory = theory::parse(&lesson.theory, &lesson.glossary.value, &mut Vec::new());
    html! {
        article.lesson {
            (lesson_parts::header(curriculum, lesson))
            (lesson_parts::contents(lesson, &theory))
            @for topic in &theory.topics { (topic_section(lesson, topic)) }
            @if !mounts_quiz(&theory) { (lab::quiz(lesson, DATA)) }
            (lesson_parts::recall(lesson))
            (lesson_parts::cheatsheet(lesson))
            (lesson_parts::neighbours(curriculum, lesson))
        }
    }
}

fn mounts_quiz(theory: &Theory) -> bool {
    theory.topics.iter().flat_map(|topic| &topic.parts).any(|part| matches!(part, Part::Quiz { .. }))
}

/// A topic: its heading beside the text, labs as wide as the page allows.
fn topic_section(lesson: &Lesson, topic: &Topic) -> Markup {
    let terms = terms_of(lesson, topic);
    html! {
        section.topic aria-labelledby=[topic.heading.as_ref().map(|heading| heading.id.as_str())] {
            @if let Some(heading) = &topic.heading {
                div.topic-head { h2.topic-title id=(heading.id) { (PreEscaped(&heading.html)) } }
            }
            @for (index, part) in topic.parts.iter().enumerate() {
                (mounted(lesson, part))
                @if Some(index) == first_prose(topic) { (margin_terms(topic, &terms)) }
            }
            @for term in &terms { (definition(term)) }
        }
    }
}

fn first_prose(topic: &Topic) -> Option<usize> {
    topic.parts.iter().position(|part| matches!(part, Part::Prose(_)))
}

fn mounted(lesson: &Lesson, part: &Part) -> Markup {
    match part {
        Part::Prose(prose) => html! { div.prose { (PreEscaped(prose)) } },
        Part::Lab { id, .. } => {
            let own_page = format!("{ROOT}embed/{}/{id}/", lesson.slug);
            html! { div.wide { (lab::lab(lesson, id, DATA, Some(&own_page))) } }
        }
        Part::Quiz { .. } => html! { div.wide { (lab::quiz(lesson, DATA)) } },
    }
}

fn terms_of<'a>(lesson: &'a Lesson, topic: &Topic) -> Vec<&'a GlossaryTerm> {
    let glossary = &lesson.glossary.value;
    let ids = topic.terms.iter().filter_map(|term| glossary.id_of(&term.text));
    ids.filter_map(|id| glossary.term.iter().find(|entry| entry.id.as_str() == id)).collect()
}

/// On a wide screen the definitions stand in the margin; elsewhere a tap on the term opens them.
fn margin_terms(topic: &Topic, terms: &[&GlossaryTerm]) -> Markup {
    let section = topic.heading.as_ref().map(|heading| markdown::without_tags(&heading.html)).unwrap_or_default();
    html! {
        @if !terms.is_empty() {
            aside.margin-terms aria-label={ "Terms of: " (section) } {
                dl {
                    @for term in terms {
                        dt { (*term.term) }
                        dd { (PreEscaped(markdown::inline(&term.short))) }
                    }
                }
            }
        }
    }
}

fn definition(term: &GlossaryTerm) -> Markup {
    html! {
        div.definition id={ "term-" (*term.id) } popover {
            p { strong { (*term.term) } " " (PreEscaped(markdown::inline(&term.short))) }
            p { a href={ (ROOT) "glossary/#" (*term.id) } { "In the glossary" } }
        }
    }
}
