//! The p99 of every run over time, on the axis that all charts share.

use hopscope_core::time::Duration;
use maud::{Markup, PreEscaped, html};

use super::{LETTERS, Sides};
use crate::views::axis::{Share, horizon, share};
use crate::views::charts::{self, plot};

const HEIGHT: i32 = 104;

/// A figure: the p99 latency of each run as a line of its own: solid, dashed, dotted, both.
pub fn latency(sides: &Sides<'_>) -> String {
    let lines: Vec<Vec<i64>> = sides.all.iter().map(|side| charts::values(side.run.world().metrics().windows(), |w| w.p99)).collect();
    let most = lines.iter().flatten().max().copied().unwrap_or(0);
    let top = charts::nice(most.max(1_000));
    let words: Vec<String> = lines.iter().enumerate().map(|(run, line)| format!("{} {}", LETTERS[run], last(line))).collect();
    html! {
        figure class="chart" {
            figcaption {
                span class="chart-title" { "p99 latency of every run" }
                ul class="chart-keys" {
                    @for (run, line) in lines.iter().enumerate() {
                        li { svg width="26" height="12" aria-hidden="true" { path d="M1 6h24" class=(class(run)) {} } (sides.named(run)) " " strong { (last(line)) } }
                    }
                }
            }
            svg class="chart-svg" width="100%" height=(HEIGHT) role="img" aria-label={ "p99 latency now: " (words.join(", ")) "." } {
                (charts::grid(HEIGHT, top, |v| Duration(v.max(0) as u64).to_string()))
                svg width="100%" height=(HEIGHT) viewBox=(format_args!("0 0 {} {HEIGHT}", plot::WIDTH)) preserveAspectRatio="none" {
                    @for (run, line) in lines.iter().enumerate() {
                        (PreEscaped(plot::line(&points(line, top), HEIGHT, &class(run))))
                    }
                }
                (ends(sides, &lines, top))
            }
        }
    }
    .into_string()
}

fn class(run: usize) -> String {
    format!("ch-line cp-{run}")
}

fn points(line: &[i64], top: i64) -> Vec<(i32, i32)> {
    line.iter().enumerate().map(|(i, &v)| (plot::x(i), plot::y(v, top, HEIGHT))).collect()
}

fn last(line: &[i64]) -> String {
    line.last().filter(|&&v| v > 0).map_or_else(|| "–".to_owned(), |&v| Duration(v as u64).to_string())
}

/// The letters at the ends of the lines, moved apart where they would lie on each other.
fn ends(sides: &Sides<'_>, lines: &[Vec<i64>], top: i64) -> Markup {
    const APART: i32 = 14;
    let end = horizon(sides.all[sides.shown].run);
    let mut labels: Vec<(usize, i32)> =
        lines.iter().enumerate().filter_map(|(run, line)| Some((run, plot::y(*line.last()?, top, HEIGHT) + 4))).collect();
    for index in 1..labels.len() {
        let mut place = index;
        while place > 0 && labels[place - 1].1 > labels[place].1 {
            labels.swap(place - 1, place);
            place -= 1;
        }
    }
    // From the lowest up, so that none is pushed out of the picture.
    let mut free = HEIGHT;
    for (_, y) in labels.iter_mut().rev() {
        *y = (*y).min(free);
        free = *y - APART;
    }
    let x = |run: usize| Share(share(sides.all[run].run.now(), end).0.min(97_000));
    html! {
        @for (run, y) in labels {
            svg x=(x(run)) y=(y) overflow="visible" { text x="6" class=(format_args!("ch-label halo cp-name cp-{run}")) { (LETTERS[run]) } }
        }
    }
}
