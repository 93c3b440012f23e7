//! What just happened: the core's sentences, newest first, each a way back to its moment.

use hopscope_core::describe::describe;
use hopscope_core::lesson::Lab;
use hopscope_core::time::Instant;
use hopscope_core::timeline::Timeline;
use maud::html;

use super::{marks, names};

/// The last `limit` events up to the position, the newest first.
pub fn list(timeline: &Timeline, lab: &Lab, limit: usize) -> String {
    let records = timeline.log().until(timeline.position());
    let (world, log, here) = (timeline.world(), timeline.log(), timeline.position());
    html! {
        ol class="events" {
            @for record in records.iter().rev().take(limit) {
                @let mark = describe(record, world, log).mark();
                li {
                    button type="button" class="event" data-ordinal=(record.ordinal) aria-current=[(record.ordinal == here).then_some("true")] {
                        span class="event-time" { (seconds(record.at)) }
                        (marks::glyph(mark))
                        span class="event-words" { (names::say(record, world, log, lab)) }
                    }
                }
            }
        }
    }
    .into_string()
}

/// Seconds with milliseconds: `12.040`.
pub fn seconds(at: Instant) -> String {
    let ms = at.as_micros() / 1_000;
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}
