//! Requests per second, stacked by backend.

use std::rc::Rc;

use hopscope_core::lesson::Lab;
use hopscope_core::metrics::Window;
use hopscope_core::scenario::NodeKind;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::NodeId;
use maud::{PreEscaped, html};

use super::{Key, ahead, grid, legend, moments, nice, plot, sentence, smooth};
use crate::views::condition::Condition;
use crate::views::{axis, names, rates, text};

const HEIGHT: i32 = 112;

/// A backend's band: from which sum to which, per window.
struct Band {
    id: NodeId,
    class: &'static str,
    low: Vec<i64>,
    high: Vec<i64>,
}

/// A figure: requests per second that each backend received, on top of each other.
pub fn requests(timeline: &Timeline, lab: &Lab) -> String {
    let bands = bands(timeline);
    let top = nice(bands.last().and_then(|b| b.high.iter().max().copied()).unwrap_or(0).max(10));
    let id = format!("hatch-{}", lab.id);
    let world = timeline.world();
    let keys: Vec<Key> = bands.iter().map(|b| key(timeline, lab, b)).collect();
    html! {
        figure class="chart" {
            figcaption { span class="chart-title" { "Requests per second, by backend" } (legend(&keys)) }
            svg class="chart-svg" width="100%" height=(HEIGHT) role="img" aria-label=(sentence("Requests per second", &keys)) {
                pattern id=(id) width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" { path d="M0 0v7" class="ch-hatch" {} }
                (grid(HEIGHT, top, |v| v.to_string()))
                svg width="100%" height=(HEIGHT) viewBox=(format_args!("0 0 {} {HEIGHT}", plot::WIDTH)) preserveAspectRatio="none" {
                    // From the top down, so that each band covers what the one above it left below.
                    @for band in bands.iter().rev() {
                        (PreEscaped(plot::area(&points(&band.high, top), HEIGHT, band.class)))
                        @if !Condition::of(world, band.id).takes_traffic() {
                            polygon points=(outline(band, top)) fill=(format_args!("url(#{id})")) {}
                        }
                        (PreEscaped(plot::line(&points(&band.high, top), HEIGHT, "ch-gap")))
                    }
                    @if let Some(ghost) = ghost_total(timeline, &bands) {
                        (PreEscaped(plot::line(&points_from(&ghost.1, top, ghost.0), HEIGHT, "ch-ghost")))
                    }
                }
                @for band in &bands { (direct_label(timeline, lab, band, top)) }
                (moments(timeline, HEIGHT))
                (ahead(timeline, HEIGHT))
            }
        }
    }
    .into_string()
}

fn key(timeline: &Timeline, lab: &Lab, band: &Band) -> Key {
    let rate = rates::received(timeline.world(), band.id).unwrap_or(0);
    Key { class: band.class.to_owned(), name: names::node(lab, timeline.spec(), band.id).to_owned(), value: rate.to_string() }
}

fn bands(timeline: &Timeline) -> Vec<Band> {
    let spec = timeline.spec();
    let metrics = timeline.front().metrics();
    let length = metrics.window_length().as_micros() as i64;
    let backends = spec.nodes.iter().enumerate().filter(|(_, n)| matches!(n.kind, NodeKind::Backend(_))).map(|(i, _)| NodeId::new(i));
    let mut low = vec![0; metrics.windows().len()];
    let mut bands = Vec::new();
    for (index, id) in backends.enumerate() {
        let rates = smooth(&metrics.windows().iter().map(|w| received(w, id) * 1_000_000 / length).collect::<Vec<_>>());
        let high: Vec<i64> = low.iter().zip(&rates).map(|(a, b)| a + b).collect();
        let class = ["ch-s1", "ch-s2", "ch-s4", "ch-s3"][index % 4];
        bands.push(Band { id, class, low: std::mem::replace(&mut low, high.clone()), high });
    }
    bands
}

/// How many requests a node received in a window.
fn received(window: &Window, id: NodeId) -> i64 {
    window.received.get(id.index()).map_or(0, |&n| n.into())
}

fn points(values: &[i64], top: i64) -> Vec<(i32, i32)> {
    points_from(values, top, 0)
}

/// Points of windows from the given one on; a line that begins with the run begins at its edge.
fn points_from(values: &[i64], top: i64, first: usize) -> Vec<(i32, i32)> {
    let mut points: Vec<(i32, i32)> = values.iter().enumerate().map(|(i, &v)| (plot::x(first + i), plot::y(v, top, HEIGHT))).collect();
    if first == 0
        && let Some(&(_, y)) = points.first()
    {
        points.insert(0, (0, y));
    }
    points
}

fn outline(band: &Band, top: i64) -> String {
    let mut outline = points(&band.high, top);
    outline.extend(points(&band.low, top).into_iter().rev());
    plot::pairs(outline)
}

/// The name of a band on the band, where it is thickest, if it is thick enough.
fn direct_label(timeline: &Timeline, lab: &Lab, band: &Band, top: i64) -> maud::Markup {
    let n = band.high.len();
    let inner = n / 10..n.saturating_sub(n / 10);
    let Some(at) = inner.max_by_key(|&i| band.high[i] - band.low[i]) else { return html! {} };
    let (upper, lower) = (plot::y(band.high[at], top, HEIGHT), plot::y(band.low[at], top, HEIGHT));
    if lower - upper < 15 || n < 8 {
        return html! {};
    }
    let name = text::fit(names::node(lab, timeline.spec(), band.id), 12, true, 90);
    let hatched = if Condition::of(timeline.world(), band.id).takes_traffic() { "" } else { "hatched" };
    let x = axis::Share(plot::x(at) as u32 * 100);
    html! {
        svg x=(x) y=((upper + lower) / 2 + 4) overflow="visible" {
            text class=(format_args!("ch-name {} {hatched}", band.class)) text-anchor="middle" { (name) }
        }
    }
}

/// The sum over all backends in the run before the last change, from the fork on: first window and values.
fn ghost_total(timeline: &Timeline, bands: &[Band]) -> Option<(usize, Vec<i64>)> {
    let ghost = timeline.ghost()?;
    let length = timeline.front().metrics().window_length().as_micros();
    let first = (ghost.forked_when.as_micros() / length) as usize;
    let total = |w: &Rc<Window>| bands.iter().map(|band| received(w, band.id)).sum::<i64>() * 1_000_000 / length as i64;
    let values: Vec<i64> = ghost.windows.iter().skip(first).map(total).collect();
    (values.len() > 1).then(|| (first, smooth(&values)))
}
