//! The latency that 50, 95 and 99 of 100 answers stayed under.

use std::rc::Rc;

use hopscope_core::lesson::Lab;
use hopscope_core::metrics::Window;
use hopscope_core::time::Duration;
use hopscope_core::timeline::Timeline;
use maud::{Markup, PreEscaped, html};

use super::{Key, ahead, grid, legend, moments, nice, plot, sentence, smooth};
use crate::views::axis::{horizon, share};

const HEIGHT: i32 = 104;

pub(in crate::views) type Pick = fn(&Window) -> u64;

const LINES: [(&str, &str, Pick); 3] = [("p50", "ch-p50", |w| w.p50), ("p95", "ch-p95", |w| w.p95), ("p99", "ch-p99", |w| w.p99)];

/// A figure: three percentiles, and where there was a run before the last change, its p99 dashed.
pub fn latency(timeline: &Timeline, _lab: &Lab) -> String {
    let windows = timeline.front().metrics().windows();
    let lines: Vec<Vec<i64>> = LINES.iter().map(|(_, _, pick)| values(windows, *pick)).collect();
    let ghost = ghost(timeline);
    let most = lines.iter().chain(ghost.iter().map(|g| &g.1)).flatten().max().copied().unwrap_or(0);
    // In tens of microseconds the axis ends at a round number of milliseconds.
    let top = nice(most.max(1_000));
    let here = played(timeline);
    let keys: Vec<Key> =
        LINES.iter().zip(&lines).map(|((name, class, _), values)| key(name, class, here.and_then(|i| values.get(i)).copied())).collect();
    let points = |values: &[i64], first: usize| {
        values.iter().enumerate().map(|(i, &v)| (plot::x(first + i), plot::y(v, top, HEIGHT))).collect::<Vec<_>>()
    };
    html! {
        figure class="chart" {
            figcaption { span class="chart-title" { "Latency" } (legend(&keys)) }
            svg class="chart-svg" width="100%" height=(HEIGHT) role="img" aria-label=(sentence("Latency", &keys)) {
                (grid(HEIGHT, top, |v| Duration(v.max(0) as u64).to_string()))
                svg width="100%" height=(HEIGHT) viewBox=(format_args!("0 0 {} {HEIGHT}", plot::WIDTH)) preserveAspectRatio="none" {
                    @if let Some((first, values)) = &ghost { (PreEscaped(plot::line(&points(values, *first), HEIGHT, "ch-ghost"))) }
                    @for ((_, class, _), values) in LINES.iter().zip(&lines) {
                        (PreEscaped(plot::line(&points(values, 0), HEIGHT, &format!("ch-line {class}"))))
                    }
                }
                (ghost_label(timeline, ghost.as_ref(), top))
                (moments(timeline, HEIGHT))
                (ahead(timeline, HEIGHT))
            }
        }
    }
    .into_string()
}

/// The index of the last window that is over where the run stands.
fn played(timeline: &Timeline) -> Option<usize> {
    timeline.world().metrics().windows().len().checked_sub(1)
}

/// Smoothed values; a window without answers keeps what was before it.
pub(in crate::views) fn values(windows: &[Rc<Window>], pick: Pick) -> Vec<i64> {
    let mut last = 0;
    let held: Vec<i64> = windows
        .iter()
        .map(|w| {
            if w.fates.served > 0 {
                last = pick(w) as i64;
            }
            last
        })
        .collect();
    smooth(&held)
}

fn key(name: &str, class: &str, value: Option<i64>) -> Key {
    let value = value.filter(|&v| v > 0).map_or_else(|| "–".to_owned(), |v| Duration(v as u64).to_string());
    Key { class: format!("ch-key {class}"), name: name.to_owned(), value }
}

/// The p99 of the run before the last change, from the fork on: first window and values.
fn ghost(timeline: &Timeline) -> Option<(usize, Vec<i64>)> {
    let ghost = timeline.ghost()?;
    let length = timeline.front().metrics().window_length().as_micros();
    let first = (ghost.forked_when.as_micros() / length) as usize;
    let values = values(ghost.windows.get(first..)?, |w| w.p99);
    (values.len() > 1).then_some((first, values))
}

fn ghost_label(timeline: &Timeline, ghost: Option<&(usize, Vec<i64>)>, top: i64) -> Markup {
    let (Some((first, values)), Some(left)) = (ghost, timeline.ghost()) else { return html! {} };
    let end = horizon(timeline);
    let (from, to) = (share(left.forked_when, end), share(left.known, end));
    if to.0 < from.0 + 30_000 {
        return html! {};
    }
    let peak = values.iter().enumerate().max_by_key(|(_, v)| **v).map_or(0, |(i, _)| i);
    let x = super::super::axis::Share((plot::x(first + peak) as u32 * 100).clamp(from.0 + 12_000, 84_000));
    let y = (plot::y(values[peak], top, HEIGHT) - 5).max(12);
    html! { svg x=(x) y=(y) overflow="visible" class="roomy" { text class="ch-label halo" text-anchor="middle" { "p99 before your change" } } }
}
