//! The raster in words: what it shows as a sentence, and the requests around the one that is
//! followed as a table.

use maud::{Markup, html};

use super::Sides;
use super::raster::{sentence, went};
use crate::views::events::seconds;
use crate::views::policy::Servers;

/// How many requests the table shows on either side of the one that is followed.
const AROUND: usize = 10;

/// What the marks mean, the sentence, and the table when it is `open`.
pub fn table(sides: &Sides<'_>, open: bool) -> String {
    html! {
        div.raster-words {
            (legend(sides))
            p { (sentence(sides)) }
            button.link-button type="button" id={ (sides.lab.id) "-listed" } data-do="listed" aria-expanded=(open) { (if open { "Hide the table" } else { "These choices as a table" }) }
            @if open { div.scroll-x tabindex="0" role="region" aria-label={ "Choices as a table · " (sides.lab.title) } { (rows(sides)) } }
        }
    }
    .into_string()
}

fn legend(sides: &Sides<'_>) -> Markup {
    let entry = |class: &str, shape: Markup, words: &str| {
        html! { li { svg width="26" height="26" viewBox="-13 -13 26 26" aria-hidden="true" class="sv-svg" { g class=(class) { (shape) } } (words) } }
    };
    let square = || html! { path class="sv-0" d=(crate::views::policy::shape(0)) {} };
    html! {
        div.raster-legend {
            (Servers::of(sides.all[0].run.spec(), sides.lab).legend())
            ul.sv-legend {
                (entry("rs-same", square(), "the same server in all runs"))
                (entry("rs-differs", square(), "not the same"))
                (entry("", html! { path class="rs-failed" d="M-5 -5l10 10m0 -10l-10 10" {} }, "failed or refused"))
                (entry("", html! { circle class="rs-open" r="9" {} }, "not sent yet"))
            }
        }
    }
}

fn rows(sides: &Sides<'_>) -> Markup {
    let known = sides.known();
    let from = sides.followed.saturating_sub(AROUND);
    let window = from..(sides.followed + AROUND + 1).min(known);
    html! {
        table.state-table {
            caption { "Requests " (window.start + 1) " to " (window.end) " of " (known) " that are known" }
            thead { tr { th scope="col" { "Request" } th scope="col" { "Arrives" } @for run in 0..sides.all.len() { th scope="col" { (sides.named(run)) } } th scope="col" { "The same?" } } }
            tbody { @for index in window { (row(sides, index)) } }
        }
    }
}

fn row(sides: &Sides<'_>, index: usize) -> Markup {
    let at = sides.choices.iter().find_map(|run| run.all().get(index)).map(|choice| seconds(choice.at));
    let differs = hopscope_core::timeline::differs(sides.choices, index);
    html! {
        tr aria-current=[(index == sides.followed).then_some("true")] {
            th scope="row" { (index + 1) }
            td { (at.unwrap_or_default()) }
            @for run in 0..sides.all.len() { td { (went(sides, run, index).unwrap_or_else(|| "–".to_owned())) } }
            td { (if differs { "no" } else { "yes" }) }
        }
    }
}
