//! Who lost a session, when and why.

use hopscope_core::order::sorted;
use hopscope_core::time::Instant;
use hopscope_core::world::{Event, Loss, NodeId, SessionView};
use maud::{Markup, html};

use super::Shown;
use crate::views::events::seconds;
use crate::views::text;

/// The most losses that are listed.
const MOST: usize = 6;

pub(super) fn draw(shown: &Shown<'_>) -> Markup {
    let losses: Vec<(Instant, &SessionView, NodeId, Loss)> =
        shown.users.iter().filter_map(|user| user.last.map(|(at, was, why)| (at, user, was, why))).collect();
    let losses = sorted(&losses, |loss| [!loss.0.as_micros(), 0, 0, 0]);
    let all: u32 = shown.users.iter().map(|user| user.lost).sum();
    html! {
        section.ss-part {
            h4 { "Who lost a session" }
            p.ss-sum {
                @if losses.is_empty() { "Nobody." } @else {
                    strong { (text::count(losses.len() as u64, "user", "users")) } " of " (shown.users.len())
                    @if all as usize > losses.len() { ", " (all) " times in all" }
                    ": " (reasons(shown, &losses)) "."
                }
            }
            ol.ss-losses {
                @for (at, user, was, why) in losses.iter().take(MOST) {
                    li {
                        button type="button" data-ordinal=[ordinal(shown, *at, user)] {
                            span.event-time { (seconds(*at)) }
                            span { strong { (shown.user(user)) } " " (because(*why, shown.name(*was))) @if let Some(now) = user.server { "; now at " (shown.name(now)) } }
                        }
                    }
                }
            }
            @if losses.len() > MOST { p.ss-sum { "And " (losses.len() - MOST) " before." } }
        }
    }
}

/// How many for which reason, the most frequent first.
fn reasons(shown: &Shown<'_>, losses: &[(Instant, &SessionView, NodeId, Loss)]) -> String {
    let mut counts: Vec<((NodeId, Loss), usize)> = Vec::new();
    for &(_, _, was, why) in losses {
        // Who was not chosen differs from request to request, and says nothing.
        let is_same = |&&mut ((node, reason), _): &&mut ((NodeId, Loss), usize)| reason == why && (node == was || why == Loss::Balanced);
        match counts.iter_mut().find(is_same) {
            Some((_, count)) => *count += 1,
            None => counts.push(((was, why), 1)),
        }
    }
    let counts = sorted(&counts, |&(_, count)| [!(count as u64), 0, 0, 0]);
    let said: Vec<String> = counts.iter().map(|&((was, why), count)| format!("{count} {}", summed(why, shown.name(was)))).collect();
    said.join(", ")
}

fn summed(why: Loss, was: &str) -> String {
    if why == Loss::Balanced { "because nothing led them back".to_owned() } else { because(why, was) }
}

/// Why a session was lost, as a clause.
pub(super) fn because(why: Loss, was: &str) -> String {
    match why {
        Loss::Restarted => format!("because {was} was started again"),
        Loss::Gone => format!("because {was} is gone"),
        Loss::Out => format!("because {was} was taken out"),
        Loss::Balanced => format!("because nothing led them back to {was}"),
    }
}

/// The event in which it came out.
fn ordinal(shown: &Shown<'_>, at: Instant, user: &SessionView) -> Option<u32> {
    let (log, position) = (shown.run.log(), shown.run.position());
    let records = log.until(position);
    let of_user = |root: u32| match log.around(root, position).first().map(|record| record.event) {
        Some(Event::Arrived { node, user: who, .. }) => node == user.clients && who == user.user,
        _ => false,
    };
    let then = records[records.partition_point(|record| record.at < at)..].iter().take_while(|record| record.at == at);
    let mut colds = then.filter(|record| matches!(record.event, Event::Cold { .. }));
    colds.find(|record| of_user(record.root)).map(|record| record.ordinal)
}
