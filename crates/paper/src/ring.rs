//! The ring of bars: every certificate has its own, drawn from its check code.

use hopscope_core::rng::{Draw, Purpose};
use maud::{Markup, html};

use crate::sheet::{INK, round};

/// The colours of the picture: client, proxy, backend, edge, cache.
const COLOURS: [&str; 5] = ["#4A5872", "#6741B0", "#2257B5", "#0A6C7E", "#855A00"];

/// Bars of the whole ring; each lesson has its share of them.
const BARS: usize = 126;

/// The room between two lessons, in bars.
const GAP: f64 = 1.5;

/// Around the origin, with a radius of 116: bars in as many sectors as there are lessons.
pub(crate) fn ring(code: &str, lessons: usize) -> Markup {
    // One or two lessons would make a ring of one colour.
    let sectors = if lessons < 3 { 5 } else { lessons.min(18) };
    html! {
        circle r="116" fill="none" stroke=(INK) stroke-width="2" {}
        circle r="60" fill="none" stroke=(INK) stroke-width="2" {}
        @for sector in 0..sectors {
            path d=(bars(code, sector, sectors)) stroke=(COLOURS[sector % COLOURS.len()]) stroke-width="2.6" fill="none" {}
        }
        g transform="translate(-34,-33) scale(2.1)" { (mark()) }
    }
}

/// The product's mark, 32 units wide.
pub(crate) fn mark() -> Markup {
    html! {
        path d="M6 21C6 7 15.5 7 16 21C17 11 25.5 11 26 21" fill="none" stroke=(INK) stroke-width="2.2" {}
        circle cx="6" cy="21.5" r="3.4" fill="#4A5872" {}
        circle cx="16" cy="21.5" r="3.4" fill="#6741B0" {}
        circle cx="26" cy="21.5" r="3.4" fill="#2257B5" {}
    }
}

/// The bars of one lesson: a little histogram, with room to the next one.
fn bars(code: &str, sector: usize, sectors: usize) -> String {
    let seed = code.bytes().fold(0u64, |seed, byte| seed.rotate_left(5) ^ u64::from(byte));
    let count = BARS / sectors;
    let step = core::f64::consts::TAU / (sectors as f64 * (count as f64 + GAP));
    let mut path = String::new();
    for bar in 0..count {
        let draw = Draw::new(seed, Purpose::Generate, sector as u64, bar as u32);
        // A hump with noise on it, as latencies look.
        let x = (bar as f64 + 0.5) / count as f64 * 2.0 - 1.0;
        let len = 7.0 + 37.0 * (1.0 - x * x) * (0.35 + 0.65 * draw.unit());
        let (right, down) = direction(step * (sector as f64 * (count as f64 + GAP) + bar as f64));
        let at = |radius: f64| format!("{} {}", round(right * radius), round(down * radius));
        path.push_str(&format!("M{}L{}", at(66.0), at(66.0 + len)));
    }
    path
}

/// Where an angle points, clockwise from the top: right and down. Good to a millionth,
/// far finer than what is drawn; a library's sine brings tables for angles that nobody draws.
fn direction(angle: f64) -> (f64, f64) {
    // The series of a sixteenth of the angle, doubled four times.
    let x = angle / 16.0;
    let square = x * x;
    let mut sin = x * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
    let mut cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0));
    for _ in 0..4 {
        (sin, cos) = (2.0 * sin * cos, cos * cos - sin * sin);
    }
    (sin, -cos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turn_points_to_the_right() {
        for (turns, right, down) in [(0.0, 0.0, -1.0), (0.25, 1.0, 0.0), (0.5, 0.0, 1.0), (0.75, -1.0, 0.0), (1.0 / 12.0, 0.5, -0.866_025)]
        {
            let found = direction(turns * core::f64::consts::TAU);
            assert!((found.0 - right).abs() < 1e-6 && (found.1 - down).abs() < 1e-6, "{turns}: {found:?}");
        }
    }
}
