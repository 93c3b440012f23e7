//! How far a goal is reached: a bar, the limit on it, and the same in words.

use hopscope_core::lesson::Words;
use hopscope_core::scenario::{Goal, Measure};
use hopscope_core::time::Duration;
use maud::html;

use super::axis::Share;

/// A bar with the limit marked. `over` says that the run has ended and the value is final.
pub fn meter(goal: &Goal, value: f64, words: Option<&Words>, over: bool) -> String {
    let met = goal.holds(value);
    let limit = goal.at_most.or(goal.at_least).unwrap_or(0.0);
    let least = goal.at_most.is_none();
    let label = words.map_or(goal.id.as_str(), |w| w.label.as_str());
    // The limit stands at two thirds, so that there is room to see by how much it is missed.
    let scale = if least { limit.max(value).max(1e-9) } else { (limit * 1.5).max(value).max(1.0) };
    let share = |v: f64| Share(((v / scale).clamp(0.0, 1.0) * 100_000.0) as u32);
    let (class, verdict) = match (met, over) {
        (true, true) => ("met", "reached"),
        (true, false) => ("met", if least { "reached so far" } else { "holds so far" }),
        (false, true) => ("missed", "missed"),
        (false, false) => ("missed", if least { "not yet" } else { "over the limit" }),
    };
    html! {
        div class=(format_args!("goal {class}")) {
            p class="goal-label" { (label) }
            svg class="goal-bar" width="100%" height="18" aria-hidden="true" {
                rect x="0" y="4" width="100%" height="10" rx="3" class="goal-track" {}
                rect x="0" y="4" width=(share(value)) height="10" rx="3" class="goal-fill" {}
                svg x=(share(limit)) overflow="visible" { rect x=(if share(limit).0 >= 99_000 { -4 } else { -2 }) y="0" width="4" height="18" rx="1" class="goal-limit" {} }
            }
            p class="goal-words" {
                span { strong { (said(&goal.measure, value)) } (if least { ", at least " } else { ", at most " }) (said(&goal.measure, limit)) }
                span class="goal-verdict" {
                    svg class="why-icon" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" { path d=(if met { "M1.5 6.5l3 3 6-7" } else { "M2 2l8 8m0-8l-8 8" }) {} }
                    (verdict)
                }
            }
        }
    }
    .into_string()
}

/// A value in the unit of its measure.
pub fn said(measure: &Measure, value: f64) -> String {
    match measure {
        Measure::Latency { .. } => Duration::from_micros_f64(value * 1_000.0).to_string(),
        Measure::Spread { .. } | Measure::Pinned { .. } => format!("{} times", hundredths(value)),
        Measure::Share { .. } | Measure::AnsweredBy { .. } => format!("{} %", tenths(value)),
        _ => ((value + 0.5) as u64).to_string(),
    }
}

fn hundredths(value: f64) -> String {
    let n = (value * 100.0 + 0.5) as u64;
    format!("{}.{:02}", n / 100, n % 100)
}

fn tenths(value: f64) -> String {
    let n = (value * 10.0 + 0.5) as u64;
    if n.is_multiple_of(10) { (n / 10).to_string() } else { format!("{}.{}", n / 10, n % 10) }
}
