//! The first divergence on the timeline.

use maud::html;

use super::Sides;
use super::raster::target;
use crate::views::axis::{horizon, share};
use crate::views::{marks, track};

/// A layer over the track: a branch where the runs first sent a request to different servers.
/// Empty while they have not.
pub fn parting(sides: &Sides<'_>) -> String {
    let Some(choice) = sides.found.parted.and_then(|index| sides.choice(sides.shown, index)) else { return String::new() };
    let x = share(choice.at, horizon(sides.all[sides.shown].run));
    let words = format!("First divergence: request at {}", crate::views::events::seconds(choice.at));
    html! {
        svg.parting-svg width="100%" height=(track::HEIGHT) role="img" aria-label=(words) {
            svg x=(x) y=(track::BAR + 20) overflow="visible" {
                g.track-mark data-do="choice" data-id=(target(sides, sides.shown, choice)) {
                    title { (words) }
                    path.rs-pole d="M0 -20v14" {}
                    (marks::branch())
                }
            }
        }
    }
    .into_string()
}
