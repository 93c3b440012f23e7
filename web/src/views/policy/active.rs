//! Who has how much, for its weight: the bars that least connections compares.

use hopscope_core::policy::decision::{Candidate, Score, Standing};
use maud::{Markup, html};

use super::Moment;
use crate::views::text;

const ROW: i32 = 38;
/// Squares in a row at most; what is more is a number.
const SQUARES: u32 = 10;

/// The figure.
pub(super) fn draw(moment: &Moment<'_>) -> Markup {
    let score = |c: &Candidate| if let Score::ActivePerWeight(score) = c.score { score } else { 0 };
    let most = moment.candidates.iter().map(score).max().unwrap_or(0).max(1);
    let height = ROW * moment.candidates.len() as i32;
    let weighted = moment.candidates.iter().any(|c| c.weight != 1);
    let value = |c: &Candidate| if weighted { quotient(c, score(c)) } else { c.active.to_string() };
    let told: Vec<String> = moment.candidates.iter().map(|c| format!("{}: {}", moment.name(c), value(c))).collect();
    html! {
        figure.policy-picture {
            figcaption { h4 { "Active ÷ weight, the shortest bar wins" } }
            svg.policy-svg width="100%" height=(height) role="img" aria-label={ "Active requests divided by weight. " (told.join("; ")) "." } {
                @for (index, candidate) in moment.candidates.iter().enumerate() {
                    (row(moment, candidate, ROW * index as i32, &value(candidate), score(candidate) * 100 / most))
                }
            }
            p.picture-words { (words(moment)) }
        }
    }
}

fn row(moment: &Moment<'_>, candidate: &Candidate, y: i32, value: &str, percent: u64) -> Markup {
    let out = candidate.standing != Standing::Eligible;
    let class = if moment.is_chosen(candidate) { "pp-bar chosen" } else { "pp-bar" };
    let name = text::width(moment.name(candidate), 13, true) + 10;
    html! {
        g class=[out.then_some("pp-out")] {
            text.pp-name x="0" y=(y + 14) { (moment.name(candidate)) }
            @for square in 0..candidate.active.min(SQUARES) {
                rect.pp-slot x=(name + square as i32 * 11) y=(y + 5) width="9" height="9" rx="2" {}
            }
            text.pp-value x="100%" y=(y + 14) text-anchor="end" { (value) }
            rect.pp-track x="0" y=(y + 21) width="100%" height="8" rx="4" {}
            // A bar of nothing still has an end that can be seen.
            rect class=(class) x="0" y=(y + 21) width=(format_args!("{}%", percent.max(1))) height="8" rx="4" {}
        }
    }
}

fn quotient(candidate: &Candidate, score: u64) -> String {
    format!("{} ÷ {} = {}.{:02}", candidate.active, candidate.weight, score / 1_000, score % 1_000 / 10)
}

fn words(moment: &Moment<'_>) -> String {
    let Some(chosen) = moment.chosen() else { return "Nobody could be picked.".to_owned() };
    let even = |c: &&Candidate| c.standing == Standing::Eligible && c.score == chosen.score && c.node != chosen.node;
    match moment.candidates.iter().filter(even).count() {
        0 => format!("{} has the least for its weight.", moment.name(chosen)),
        more => format!(
            "{} and {} have the least; the turn decides between them.",
            moment.name(chosen),
            text::count(more as u64, "other", "others")
        ),
    }
}
