//! Who lost a session, when and why.

use hopscope_core::world::{Event, Loss, NodeId, SessionView};
use maud::{Markup, html};

use super::Shown;
use crate::views::events::seconds;

/// The most losses that are listed.
const MOST: usize = 8;

/// A reason, and how many users' last loss had it.
struct Reason {
    was: NodeId,
    why: Loss,
    users: usize,
}

pub(super) fn draw(shown: &Shown<'_>) -> Markup {
    let reasons = reasons(shown);
    let (mut users, mut times) = (0, 0);
    for user in &shown.users {
        users += usize::from(user.lost > 0);
        times += user.lost;
    }
    html! {
        section.ss-part {
            h4 { "Who lost a session" }
            p.ss-sum {
                @if users == 0 { "Nobody." } @else {
                    strong { (users) @if users == 1 { " user" } @else { " users" } } " of " (shown.users.len())
                    @if times as usize > users { ", " (times) " times in all" }
                    ": "
                    @for (place, reason) in reasons.iter().enumerate() {
                        @if place > 0 { ", " }
                        (reason.users) " "
                        // Who was not chosen differs from request to request, and says nothing.
                        @if reason.why == Loss::Balanced { "because nothing led them back" } @else { (because(shown, reason.was, reason.why)) }
                    }
                    "."
                }
            }
            ol.ss-losses { @for user in latest(shown) { (line(shown, user)) } }
            @if users > MOST { p.ss-sum { "And " (users - MOST) " before." } }
        }
    }
}

fn line(shown: &Shown<'_>, user: &SessionView) -> Markup {
    html! {
        @if let Some((at, was, why)) = user.last {
            li {
                button type="button" data-ordinal=[ordinal(shown, user)] {
                    span.event-time { (seconds(at)) }
                    span { strong { (shown.user(user)) } " " (because(shown, was, why)) @if let Some(now) = user.server { "; now at " (shown.name(now)) } }
                }
            }
        }
    }
}

/// Those who lost one last, the latest first.
fn latest<'a>(shown: &'a Shown<'_>) -> Vec<&'a SessionView> {
    let mut latest: Vec<&SessionView> = Vec::new();
    for user in shown.users.iter().filter(|user| user.lost > 0) {
        let at = |user: &SessionView| user.last.map(|(at, ..)| at);
        let place = latest.iter().position(|other| at(other) < at(user)).unwrap_or(latest.len());
        if place < MOST {
            latest.insert(place, user);
            latest.truncate(MOST);
        }
    }
    latest
}

/// How many for which reason, in the order of users.
fn reasons(shown: &Shown<'_>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for (_, was, why) in shown.users.iter().filter_map(|user| user.last) {
        match reasons.iter_mut().find(|r| r.why == why && (r.was == was || why == Loss::Balanced)) {
            Some(reason) => reason.users += 1,
            None => reasons.push(Reason { was, why, users: 1 }),
        }
    }
    reasons
}

/// Why a session was lost, as a clause.
pub(super) fn because(shown: &Shown<'_>, was: NodeId, why: Loss) -> Markup {
    let was = shown.name(was);
    let after = match why {
        Loss::Restarted => " was started again",
        Loss::Gone => " is gone",
        Loss::Out => " was taken out",
        Loss::Balanced => return html! { "because nothing led them back to " (was) },
    };
    html! { "because " (was) (after) }
}

/// The event in which it came out.
fn ordinal(shown: &Shown<'_>, user: &SessionView) -> Option<u32> {
    let (log, position, (at, ..)) = (shown.run.log(), shown.run.position(), user.last?);
    let records = log.until(position);
    for record in &records[records.partition_point(|record| record.at < at)..] {
        if record.at > at {
            break;
        }
        if let (Event::Cold { .. }, Some(arrived)) = (record.event, log.around(record.root, position).first())
            && matches!(arrived.event, Event::Arrived { node, user: who, .. } if node == user.clients && who == user.user)
        {
            return Some(record.ordinal);
        }
    }
    None
}
