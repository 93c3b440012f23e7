//! The home page: what this is, the core track, and the whole course map.

use maud::{Markup, html};

use crate::load::Curriculum;
use crate::pages::frame::Page;
use crate::pages::topbar::core_lessons;
use crate::pages::{hero, icon, pictogram};
use crate::source::course::{CourseLesson, Track};

/// The home page.
pub fn page(curriculum: &Curriculum) -> Page<'static> {
    let count = curriculum.course.value.lesson.len();
    Page {
        kind: "home",
        panels: Vec::new(),
        root: "./",
        slug: None,
        title: format!("{}: see where every request goes", curriculum.course.value.title),
        description: format!(
            "{count} lessons with live simulations about the path between a browser and a backend: load balancers, \
             reverse proxies, caches, CDNs. Step through each one, break it, and watch what changes."
        ),
        needs: Vec::new(),
        main: main(curriculum),
    }
}

fn main(curriculum: &Curriculum) -> Markup {
    html! {
        div.home {
            section.hero aria-labelledby="hero-title" {
                div.hero-words {
                    h1 #hero-title { "See where every request goes" }
                    p.lead {
                        (in_words(curriculum.course.value.lesson.len()))
                        " lessons about the path between a browser and a backend. \
                         Step through each one event by event, break it, and watch what changes."
                    }
                    (start(curriculum))
                    p.due-note data-due-note hidden { a href="progress/#review" data-due-text {} }
                }
                (hero::hero())
            }
            (core_track(curriculum))
            (all_tracks(curriculum))
        }
    }
}

/// The way in: the first written lesson; the script turns it into the one to continue.
fn start(curriculum: &Curriculum) -> Markup {
    let written = curriculum.course.value.lesson.iter().find(|entry| is_written(curriculum, entry));
    html! {
        @if let Some(entry) = written {
            div.start data-continue {
                a.primary-button.large href=(address(entry)) data-continue-link {
                    (icon::play())
                    span data-continue-label { "Start here" }
                }
                p.start-note {
                    strong data-continue-title { (entry.title) }
                    br;
                    span data-continue-note { "about " (entry.minutes) " min, " (entry.level.word()) }
                }
            }
        }
    }
}

fn core_track(curriculum: &Curriculum) -> Markup {
    let core = core_lessons(curriculum);
    let minutes: u32 = core.iter().map(|entry| entry.minutes).sum();
    html! {
        section.core #core aria-labelledby="core-title" {
            div.section-head {
                h2 #core-title { "Core track" }
                p { (core.len()) " lessons, " (hours(minutes)) ", best taken in this order" }
            }
            ol.tiles {
                @for (index, entry) in core.iter().enumerate() { (tile(curriculum, index + 1, entry, index + 1 < core.len())) }
            }
        }
    }
}

fn tile(curriculum: &Curriculum, step: usize, entry: &CourseLesson, has_next: bool) -> Markup {
    let written = is_written(curriculum, entry);
    html! {
        li.tile.unwritten[!written] data-progress-of=(*entry.slug) {
            @if has_next {
                svg.hop viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                    path d="M0 29C22 -8 78 -8 100 29" vector-effect="non-scaling-stroke" {}
                }
            }
            span.node aria-hidden="true" { span.number { (step) } (icon::check()) }
            div.thumb { (pictogram::draw(&entry.slug)) }
            div.tile-words {
                h3 { (link(written, entry)) }
                p.tagline { (entry.tagline) }
                p.tile-foot {
                    (status(written))
                    span.minutes { (entry.minutes) " min" }
                }
            }
        }
    }
}

fn all_tracks(curriculum: &Curriculum) -> Markup {
    let course = &curriculum.course.value;
    html! {
        section.tracks #tracks aria-labelledby="tracks-title" {
            div.section-head {
                h2 #tracks-title { "The whole course" }
                p { (course.lesson.len()) " lessons in " (in_words(course.track.len()).to_lowercase()) " tracks, from one proxy to an incident at night" }
            }
            div.track-grid {
                @for (index, track) in course.track.iter().enumerate() { (track_card(curriculum, index, track)) }
            }
        }
    }
}

fn track_card(curriculum: &Curriculum, index: usize, track: &Track) -> Markup {
    let numbered = curriculum.course.value.lesson.iter().enumerate();
    html! {
        section.track aria-labelledby={ "track-" (*track.id) } {
            h3 id={ "track-" (*track.id) } {
                span.letter aria-hidden="true" { (letter(index)) }
                (track.title)
            }
            ol {
                @for (place, entry) in numbered.filter(|(_, entry)| *entry.track == *track.id) {
                    (row(curriculum, place + 1, entry))
                }
            }
        }
    }
}

fn row(curriculum: &Curriculum, place: usize, entry: &CourseLesson) -> Markup {
    let written = is_written(curriculum, entry);
    html! {
        li.row.unwritten[!written] value=(place) data-progress-of=(*entry.slug) {
            div.thumb { (pictogram::draw(&entry.slug)) }
            div.row-words {
                h4 {
                    span.place { (place) } " " (link(written, entry))
                    @if entry.core { " " span.chip { "core" } }
                }
                p.tagline { (entry.tagline) }
            }
            div.row-foot {
                span.minutes { (entry.minutes) " min · " (entry.level.word()) }
                (status(written))
            }
        }
    }
}

fn link(written: bool, entry: &CourseLesson) -> Markup {
    html! {
        @if written { a href=(address(entry)) { (entry.title) } }
        @else { (entry.title) }
    }
}

/// The script writes the learner's progress into this.
fn status(written: bool) -> Markup {
    html! {
        @if written { span.status data-progress-text { "Not started" } }
        @else { span.status { "Not written yet" } }
    }
}

fn is_written(curriculum: &Curriculum, entry: &CourseLesson) -> bool {
    curriculum.lesson(&entry.slug).is_some()
}

fn address(entry: &CourseLesson) -> String {
    format!("lessons/{}/", *entry.slug)
}

fn letter(index: usize) -> char {
    char::from(b'A' + u8::try_from(index % 26).unwrap_or(0))
}

/// Minutes as hours, to the half hour.
fn hours(minutes: u32) -> String {
    let halves = (minutes + 15) / 30;
    match (halves / 2, halves % 2) {
        (whole, 0) => format!("about {whole} hours"),
        (whole, _) => format!("about {whole} and a half hours"),
    }
}

/// Numbers that a sentence spells out.
fn in_words(count: usize) -> String {
    const WORDS: [&str; 21] = [
        "No",
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "Six",
        "Seven",
        "Eight",
        "Nine",
        "Ten",
        "Eleven",
        "Twelve",
        "Thirteen",
        "Fourteen",
        "Fifteen",
        "Sixteen",
        "Seventeen",
        "Eighteen",
        "Nineteen",
        "Twenty",
    ];
    WORDS.get(count).map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded_to_the_half_hour() {
        assert_eq!(hours(285), "about 5 hours");
        assert_eq!(hours(270), "about 4 and a half hours");
        assert_eq!(in_words(18), "Eighteen");
    }
}
