//! Recall cards: the learner answers aloud, compares, and says how it went.

use maud::{Markup, html};
use web_sys::Element;

use super::calendar::{long, when};
use super::queue::RECALL;
use super::schedule::{Day, Grade, Standing, next_due};
use crate::progress;
use crate::quiz::{all, first};
use crate::signal::listen;

/// What the learner calls the grades.
const WORDS: [(Grade, &str); 4] = [(Grade::Again, "Missed it"), (Grade::Hard, "Partly"), (Grade::Good, "Got it"), (Grade::Easy, "Easily")];

/// The buttons with which a learner says how it went, each with when the card would be back.
pub(super) fn ratings(standing: Option<Standing>, today: Day) -> Markup {
    html! {
        div.rate role="group" aria-label="How did your answer compare?" {
            p.rate-ask aria-hidden="true" { "How did your answer compare?" }
            div.rate-buttons {
                @for (place, (grade, word)) in WORDS.iter().enumerate() {
                    button.outline-button type="button" data-rate=(place) {
                        span.rate-word { (word) }
                        span.rate-when { (long(next_due(standing, *grade, today) - today)) }
                    }
                }
            }
        }
    }
}

/// The grade that a button stands for.
pub(super) fn rated(button: &Element) -> Option<Grade> {
    let place: usize = button.get_attribute("data-rate")?.parse().ok()?;
    WORDS.get(place).map(|(grade, _)| *grade)
}

/// Brings the recall cards at the end of a lesson to life.
pub(super) fn wire(page: &Element) {
    let Some(slug) = first(page, "body[data-slug]").and_then(|body| body.get_attribute("data-slug")) else { return };
    for card in all(page, "details[data-recall-card]") {
        let id = format!("{RECALL}{}", card.get_attribute("data-recall-card").unwrap_or_default());
        let (slug, inner) = (slug.clone(), Element::from(card.clone()));
        offer(&inner, &slug, &id);
        listen(&card, "click", move |event| {
            if let Some(grade) = super::page::near(&event, "[data-rate]").and_then(|button| rated(&button)) {
                progress::record_review(&slug, &id, grade, None);
                thank(&inner, &slug, &id);
            }
        });
    }
}

/// Where a card stands now.
fn standing(slug: &str, id: &str) -> Option<Standing> {
    let (_, behind) = super::today();
    let cards = super::cards(behind);
    cards.iter().find(|card| card.lesson == slug && card.id == id).and_then(|card| card.standing)
}

/// Puts the buttons below the answer, or when the card is back if it is not due yet.
fn offer(card: &Element, slug: &str, id: &str) {
    let standing = standing(slug, id);
    let (today, _) = super::today();
    if standing.is_some_and(|standing| standing.due() > today) {
        return thank(card, slug, id);
    }
    write(card, &ratings(standing, today).into_string());
}

fn thank(card: &Element, slug: &str, id: &str) {
    let (today, _) = super::today();
    let Some(standing) = standing(slug, id) else { return };
    let words = html! {
        p.rate-said tabindex="-1" role="status" {
            "This question is back " (when(standing.due(), today)) ", among " a href="../../progress/#review" { "your reviews" } "."
        }
    };
    write(card, &words.into_string());
}

fn write(card: &Element, html: &str) {
    let Some(answer) = first(card, ".answer") else { return };
    let place = first(&answer, ".rate-place").map(Element::from).or_else(|| {
        let place = answer.owner_document()?.create_element("div").ok()?;
        place.set_class_name("rate-place");
        answer.append_child(&place).ok()?;
        Some(place)
    });
    if let Some(place) = place {
        // Whoever pressed a button stays where it was.
        let had_focus =
            place.owner_document().and_then(|document| document.active_element()).is_some_and(|active| place.contains(Some(&active)));
        place.set_inner_html(html);
        if had_focus && let Some(line) = first(&place, ".rate-said") {
            let _ = line.focus();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grade_says_when_the_card_is_back() {
        let html = ratings(None, 20_777).into_string();
        for part in [
            "Missed it</span><span class=\"rate-when\">1 day",
            "Partly</span><span class=\"rate-when\">1 day",
            "2 days",
            "Easily</span><span class=\"rate-when\">8 days",
        ] {
            assert!(html.contains(part), "{html}");
        }
    }
}
