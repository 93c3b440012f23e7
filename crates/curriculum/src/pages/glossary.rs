//! The glossary of the whole course, in alphabetical order.

use maud::{Markup, PreEscaped, html};

use crate::load::{Curriculum, Lesson};
use crate::markdown;
use crate::pages::frame::Page;
use crate::source::glossary::GlossaryTerm;
use crate::theory::{self, Heading, TermIds, Theory, Topic};

/// The glossary page.
pub fn page(curriculum: &Curriculum) -> Page<'static> {
    Page {
        kind: "glossary",
        panels: Vec::new(),
        root: "../",
        slug: None,
        title: format!("Glossary · {}", curriculum.course.value.title),
        description: "The terms of the course, each in a sentence, with the lesson that explains it.".into(),
        needs: Vec::new(),
        main: main(curriculum),
    }
}

/// A place where a lesson explains a term.
struct Place<'a> {
    lesson: &'a Lesson,
    /// The heading that it stands under; none before the first.
    heading: Option<Heading>,
}

/// A term with every place that explains it.
struct Entry<'a> {
    term: &'a GlossaryTerm,
    places: Vec<Place<'a>>,
}

/// Every term once, sorted; the words are those of the first lesson that defines it.
fn entries(curriculum: &Curriculum) -> Vec<Entry<'_>> {
    let mut all: Vec<Entry<'_>> = Vec::new();
    for lesson in &curriculum.lessons {
        // Mistakes in the theory were reported by the checks.
        let theory = theory::parse(&lesson.theory, &lesson.glossary.value, &mut Vec::new());
        for term in &lesson.glossary.value.term {
            let places = places(lesson, &theory, &term.id);
            match all.iter_mut().find(|entry| *entry.term.id == *term.id) {
                Some(entry) => entry.places.extend(places),
                None => all.push(Entry { term, places }),
            }
        }
    }
    all.sort_by_key(|entry| entry.term.term.to_lowercase());
    all
}

/// Where the theory has the term in bold; the whole lesson when it has it nowhere.
fn places<'a>(lesson: &'a Lesson, theory: &Theory, id: &str) -> Vec<Place<'a>> {
    let glossary = &lesson.glossary.value;
    let explains = |topic: &&Topic| topic.terms.iter().any(|bold| glossary.id_of(&bold.text) == Some(id));
    let found: Vec<Place<'a>> =
        theory.topics.iter().filter(explains).map(|topic| Place { lesson, heading: topic.heading.clone() }).collect();
    if found.is_empty() { vec![Place { lesson, heading: None }] } else { found }
}

fn main(curriculum: &Curriculum) -> Markup {
    let entries = entries(curriculum);
    html! {
        article.glossary {
            h1 { "Glossary" }
            p.lead { "A term stands here once a lesson explains it." }
            @if entries.is_empty() { p { "No lesson is written yet." } }
            @else {
                (letters(&entries))
                dl { @for (index, entry) in entries.iter().enumerate() { (described(entry, begins_letter(&entries, index))) } }
            }
        }
    }
}

fn letter(entry: &Entry<'_>) -> char {
    entry.term.term.chars().next().map_or('#', |first| first.to_ascii_uppercase())
}

/// The letter that an entry is the first of.
fn begins_letter(entries: &[Entry<'_>], index: usize) -> Option<char> {
    let own = letter(&entries[index]);
    (index == 0 || letter(&entries[index - 1]) != own).then_some(own)
}

/// A way to each letter that there is.
fn letters(entries: &[Entry<'_>]) -> Markup {
    html! {
        nav.glossary-letters aria-label="Letters" {
            @for letter in (0..entries.len()).filter_map(|index| begins_letter(entries, index)) {
                a href={ "#letter-" (letter) } { (letter) }
            }
        }
    }
}

fn described(entry: &Entry<'_>, begins: Option<char>) -> Markup {
    let term = entry.term;
    html! {
        div.glossary-entry id=(*term.id) {
            dt id=[begins.map(|letter| format!("letter-{letter}"))] {
                (*term.term)
                @if !others(term).is_empty() { span.glossary-also { "also " (others(term).join(", ")) } }
            }
            dd {
                p { (PreEscaped(markdown::inline(&term.short))) }
                @if let Some(long) = &term.long { (PreEscaped(markdown::block(long))) }
                p.source { "Explained in " @for (index, place) in entry.places.iter().enumerate() { @if index > 0 { "; " } (way_to(place)) } }
            }
        }
    }
}

/// Other forms of the term, without those that differ in their letters' case only.
fn others(term: &GlossaryTerm) -> Vec<&str> {
    term.also.iter().map(String::as_str).filter(|also| !also.eq_ignore_ascii_case(&term.term)).collect()
}

fn way_to(place: &Place<'_>) -> Markup {
    let lesson = format!("../lessons/{}/", place.lesson.slug);
    let title = &place.lesson.words.value.title;
    html! {
        @match &place.heading {
            Some(heading) => { a href={ (lesson) "#" (heading.id) } { (title) ": " (PreEscaped(&heading.html)) } }
            None => { a href=(lesson) { (title) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::SourceFile;
    use crate::load;

    #[test]
    fn a_term_leads_to_every_place_that_explains_it() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/lessons");
        let mut curriculum = load::load(&folder).unwrap_or_else(|problems| panic!("{problems}"));
        let mut second = curriculum.lessons[0].clone();
        second.slug = "second".into();
        second.theory = SourceFile::new("lessons/second/en/theory.md", "A **backend** first.\n\n## Then\n\nThe **backend** again.\n");
        curriculum.lessons.push(second);
        let html = main(&curriculum).into_string();
        let ways: Vec<&str> = html.split("<a href=\"../lessons/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(ways, ["small/#why-a-queue-grows", "second/", "second/#then"]);
        assert_eq!(html.matches("class=\"glossary-entry\"").count(), 1, "{html}");
        assert!(html.contains("<dt id=\"letter-B\">"), "{html}");
    }
}
