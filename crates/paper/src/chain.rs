//! The lessons as hops on a line.

use maud::{Markup, html};

use crate::fit::{ems, size, two_lines};
use crate::sheet::{INK, INK2, round};

/// The most lessons in a row.
const ROW: usize = 9;

/// How high a row is.
pub(crate) const HEIGHT: f64 = 92.0;

/// Lessons from the left to `width`, in as many rows as it takes, the first at the origin.
pub(crate) fn chain(lessons: &[String], width: f64) -> Markup {
    if let [lesson] = lessons {
        return html! {
            (hop(12.0))
            text x="36" y="6" font-size=(round(size(lesson, width - 36.0, 20.0))) fill=(INK2) { (lesson) }
        };
    }
    let rows = lessons.len().div_ceil(ROW).max(1);
    let row = lessons.len().div_ceil(rows).max(1);
    let step = (width / row as f64).min(150.0);
    html! {
        @for (i, lessons) in lessons.chunks(row).enumerate() {
            g transform=(format_args!("translate({},{})", round(step / 2.0), round(i as f64 * HEIGHT))) { (hops(lessons, step)) }
        }
    }
}

/// A lesson that is done.
fn hop(x: f64) -> Markup {
    html! {
        circle cx=(round(x)) cy="0" r="12" fill="#17714A" {}
        path d=(format_args!("M{} 0.5l3.4 3.6 6.6-7.6", round(x - 5.0))) fill="none" stroke="#FFFFFF" stroke-width="2.2" {}
    }
}

fn hops(lessons: &[String], step: f64) -> Markup {
    let most = (step - 10.0) / 14.0;
    html! {
        @for (i, lesson) in lessons.iter().enumerate() {
            @let x = i as f64 * step;
            @if i > 0 { path d=(arc(x - step + 11.0, x - 11.0)) fill="none" stroke=(INK) stroke-width="2" {} }
            (hop(x))
            @let lines = two_lines(lesson, most);
            @let font = lines.iter().map(|line| 14.0f64.min((step - 8.0) / ems(line).max(0.1))).fold(14.0, f64::min);
            @for (row, line) in lines.iter().enumerate() {
                text x=(round(x)) y=(36 + 17 * row) text-anchor="middle" font-size=(round(font)) fill=(INK2) { (line) }
            }
        }
    }
}

fn arc(from: f64, to: f64) -> String {
    let third = (to - from) / 3.0;
    format!("M{} -4C{} -20 {} -20 {} -4", round(from), round(from + third), round(to - third), round(to))
}
