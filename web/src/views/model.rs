//! What a simulation is worth: what is real in it, what is simplified, and against what it was held.

use hopscope_core::lesson::ModelCard;
use maud::{Markup, PreEscaped, html};

/// The model card. Its texts are HTML from the lesson's build.
pub fn card(card: &ModelCard) -> String {
    html! {
        div class="model" {
            (part("Behaves as the real thing", &card.real))
            (part("Simplified", &card.simplified))
            (part("Held against", &card.held_against))
        }
    }
    .into_string()
}

fn part(title: &str, items: &[String]) -> Markup {
    html! {
        @if !items.is_empty() {
            section {
                h4 { (title) }
                ul { @for item in items { li { (PreEscaped(item)) } } }
            }
        }
    }
}
