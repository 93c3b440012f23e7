//! What the candidates were compared by, as bars: the least of something wins, or the most.

use hopscope_core::policy::decision::{Candidate, Score, Standing};
use hopscope_core::time::Duration;
use maud::{Markup, html};

use super::Moment;
use crate::views::text;

const ROW: i32 = 38;
/// Squares in a row at most; what is more is a number.
const SQUARES: u32 = 10;

/// What is compared.
struct Measure {
    title: &'static str,
    least_wins: bool,
    /// Whether the requests under way are shown as squares.
    squares: bool,
    /// One that was not asked has no value.
    value: fn(Score) -> Option<u64>,
    words: fn(&Candidate, u64) -> String,
}

/// What a score is, if it can be a bar.
fn measure(score: Score) -> Option<Measure> {
    let least = |title, squares, value, words| Some(Measure { title, least_wins: true, squares, value, words });
    match score {
        Score::ActivePerWeight(_) => least(
            "Active ÷ weight",
            true,
            |s| if let Score::ActivePerWeight(n) = s { Some(n) } else { None },
            |c, n| format!("{} ÷ {} = {}.{:02}", c.active, c.weight, n / 1_000, n % 1_000 / 10),
        ),
        Score::Requests(_) => {
            least("Requests under way", true, |s| if let Score::Requests(n) = s { Some(n.into()) } else { None }, |_, n| n.to_string())
        }
        Score::Busy(..) => least(
            "Requests under way, then status",
            true,
            |s| if let Score::Busy(n, _) = s { Some(n.into()) } else { None },
            |c, n| match c.score {
                Score::Busy(_, status) => format!("{n}, status {}", super::counters::number(status)),
                _ => n.to_string(),
            },
        ),
        Score::Time(_) | Score::NotDrawn => {
            least("What it would cost", false, |s| if let Score::Time(n) = s { Some(n) } else { None }, |_, n| Duration(n).to_string())
        }
        Score::Bytes(_) => least("Bytes of late", false, |s| if let Score::Bytes(n) = s { Some(n) } else { None }, |_, n| n.to_string()),
        Score::Hash(_) => Some(Measure {
            title: "The key’s hash with each server",
            least_wins: false,
            squares: false,
            value: |s| if let Score::Hash(n) = s { Some(n) } else { None },
            words: |_, n| n.to_string(),
        }),
        _ => None,
    }
}

/// The figure, if the scores can be bars.
pub(super) fn draw(moment: &Moment<'_>) -> Option<Markup> {
    let measure = measure(moment.candidates.first()?.score)?;
    let value = |c: &Candidate| (measure.value)(c.score);
    let most = moment.candidates.iter().filter_map(value).max().unwrap_or(0).max(1);
    let words = |c: &Candidate| value(c).map_or_else(|| "not drawn".to_owned(), |n| (measure.words)(c, n));
    let told: Vec<String> = moment.candidates.iter().map(|c| format!("{}: {}", moment.name(c), words(c))).collect();
    let wins = if measure.least_wins { "the shortest bar wins" } else { "the longest bar wins" };
    Some(html! {
        figure.policy-picture {
            figcaption { h4 { (measure.title) ", " (wins) } }
            svg.policy-svg width="100%" height=(ROW * moment.candidates.len() as i32) role="img" aria-label={ (measure.title) ", " (wins) ". " (told.join("; ")) "." } {
                @for (index, candidate) in moment.candidates.iter().enumerate() {
                    @let share = value(candidate).map(|n| (u128::from(n) * 1_000 / u128::from(most)) as u64);
                    (row(moment, candidate, ROW * index as i32, share, &words(candidate), measure.squares))
                }
            }
            p.picture-words { (verdict(moment, &measure)) }
        }
    })
}

fn row(moment: &Moment<'_>, candidate: &Candidate, y: i32, share: Option<u64>, words: &str, squares: bool) -> Markup {
    let out = candidate.standing != Standing::Eligible || share.is_none();
    let class = if moment.is_chosen(candidate) { "pp-bar chosen" } else { "pp-bar" };
    let name = text::width(moment.name(candidate), 13, true) + 10;
    // A bar of nothing still has an end that can be seen.
    let share = share.map(|share| share.max(10));
    html! {
        g class=[out.then_some("pp-out")] {
            text.pp-name x="0" y=(y + 14) { (moment.name(candidate)) }
            @for square in 0..if squares { candidate.active.min(SQUARES) } else { 0 } {
                rect.pp-slot x=(name + square as i32 * 11) y=(y + 5) width="9" height="9" rx="2" {}
            }
            text.pp-value x="100%" y=(y + 14) text-anchor="end" { (words) }
            rect.pp-track x="0" y=(y + 21) width="100%" height="8" rx="4" {}
            @if let Some(share) = share { rect class=(class) x="0" y=(y + 21) width=(format_args!("{}.{}%", share / 10, share % 10)) height="8" rx="4" {} }
        }
    }
}

fn verdict(moment: &Moment<'_>, measure: &Measure) -> String {
    let Some(chosen) = moment.chosen() else { return "Nobody could be picked.".to_owned() };
    let name = moment.name(chosen);
    let value = |c: &Candidate| (measure.value)(c.score);
    let even = |c: &&Candidate| c.standing == Standing::Eligible && value(c) == value(chosen) && c.node != chosen.node;
    let others = moment.candidates.iter().filter(even).count() as u64;
    match (others, measure.least_wins) {
        (0, true) => format!("{name} has the least of those that could be picked."),
        (0, false) => format!("{name} has the most of those that could be picked. Without it the key would go to the next longest bar."),
        _ => format!("{name} and {} are even; the rule between equals decides.", text::count(others, "other", "others")),
    }
}
