//! Rates and latencies over time, on the same x-axis as the track.
//!
//! plotters draws areas and lines into a picture of 1000 by its height, which is stretched to the
//! width of its place. Everything with a shape of its own (text, dots, hatching) is laid over it.

mod latency;
pub(super) mod plot;
mod requests;

pub use latency::latency;
pub(super) use latency::values;
pub use requests::requests;

use hopscope_core::time::Instant;
use hopscope_core::timeline::Timeline;
use maud::{Markup, html};

use super::axis::{horizon, share};

/// A line of a chart's legend: class of its swatch, name, value.
struct Key {
    class: String,
    name: String,
    value: String,
}

fn legend(keys: &[Key]) -> Markup {
    html! {
        ul class="chart-keys" {
            @for key in keys {
                li {
                    svg width="12" height="12" aria-hidden="true" { rect width="12" height="12" rx="3" class=(key.class) {} }
                    (key.name) " " strong { (key.value) }
                }
            }
        }
    }
}

/// What a legend says, as a sentence.
fn sentence(what: &str, keys: &[Key]) -> String {
    let each: Vec<String> = keys.iter().map(|k| format!("{} {}", k.name, k.value)).collect();
    format!("{what} now: {}.", each.join(", "))
}

/// Horizontal lines and their numbers, which hang out to the left.
pub(super) fn grid(height: i32, top: i64, word: fn(i64) -> String) -> Markup {
    html! {
        @for step in 0..=2 {
            @let y = plot::BASE + (height - plot::BASE - 1) * (2 - step) / 2;
            line x1="0" x2="100%" y1=(y) y2=(y) class="ch-grid" {}
            text x="-8" y=(y + 4) class="ch-label" text-anchor="end" { (word(top * i64::from(step) / 2)) }
        }
    }
}

/// Dotted lines where something was broken or turned.
fn moments(timeline: &Timeline, height: i32) -> Markup {
    let end = horizon(timeline);
    let acted = timeline.log().deeds().filter(|r| r.at > Instant::START);
    let mut places: Vec<_> = acted.map(|r| share(r.at, end)).collect();
    places.dedup();
    html! { @for x in places { line x1=(x) x2=(x) y1="0" y2=(height) class="ch-moment" {} } }
}

/// What is known but lies ahead of the position is paler; what is not known says so.
fn ahead(timeline: &Timeline, height: i32) -> Markup {
    let end = horizon(timeline);
    let (now, known) = (share(timeline.now(), end), share(timeline.known().1, end));
    html! {
        @if known > now { rect x=(now) y="0" width=(super::axis::Share(known.0 - now.0)) height=(height) class="ch-veil" {} }
        @if known.0 < 60_000 && timeline.ghost().is_none() {
            svg x=(known) y=(height / 2 + 4) overflow="visible" { text x="12" class="ch-label" { "not played yet" } }
        }
    }
}

/// The least of 1, 2, 4, 5 or 10 times a power of ten that is not below a value.
pub(super) fn nice(value: i64) -> i64 {
    let mut unit = 1;
    loop {
        for n in [1, 2, 4, 5] {
            if n * unit >= value {
                return n * unit;
            }
        }
        unit *= 10;
    }
}

/// Each value averaged with its neighbours, so that a line can be read.
fn smooth(values: &[i64]) -> Vec<i64> {
    let around = |i: usize| &values[i.saturating_sub(1)..(i + 2).min(values.len())];
    (0..values.len()).map(|i| around(i).iter().sum::<i64>() / around(i).len() as i64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!([0, 1, 3, 38, 61, 100, 101].map(nice), [1, 1, 4, 40, 100, 100, 200]);
        assert_eq!(smooth(&[0, 3, 6, 3]), [1, 3, 4, 4]);
    }
}
