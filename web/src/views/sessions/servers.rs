//! Each server with the users that it knows: a number, and a mark for each user, so that a crowd
//! shows.

use hopscope_core::policy::decision::Standing;
use hopscope_core::scenario::{Measure, NodeKind};
use hopscope_core::world::{Health, NodeId, NodeView, SessionView};
use maud::{Markup, html};

use super::Shown;
use crate::views::axis::Share;
use crate::views::goals;

/// The most users of one server who have a mark each; more are a bar.
const MOST: usize = 48;

/// The servers of all pools, in order.
pub(super) fn of(shown: &Shown<'_>) -> Vec<NodeId> {
    let nodes = &shown.run.spec().nodes;
    let is_member = |name: &str| nodes.iter().any(|node| node.pools().iter().any(|pool| pool.members.iter().any(|m| m.node == name)));
    (0..nodes.len()).filter(|&i| matches!(nodes[i].kind, NodeKind::Backend(_)) && is_member(&nodes[i].name)).map(NodeId::new).collect()
}

/// Whom a server knows.
fn known<'a>(shown: &'a Shown<'_>, node: NodeId) -> Vec<&'a SessionView> {
    shown.users.iter().filter(|user| user.server == Some(node)).collect()
}

pub(super) fn draw(shown: &Shown<'_>) -> Markup {
    let servers = of(shown);
    let (mut most, mut all) = (1, 0);
    for &node in &servers {
        let count = known(shown, node).len();
        (most, all) = (most.max(count), all + count);
    }
    let measure = Measure::Pinned { nodes: Vec::new() };
    let pinned = shown.run.world().measure(&measure);
    html! {
        div.ss-servers {
            ul { @for &node in &servers { (server(shown, node, most)) } }
            @if all > 0 {
                p.ss-sum {
                    (all) " of " (shown.users.len()) " users are known somewhere, " (all / servers.len().max(1)) " on average. "
                    @if pinned > 1.0 { "The fullest server knows " (goals::said(&measure, pinned)) " that." } @else { "Evenly." }
                }
                (legend(shown, most <= MOST))
            }
        }
    }
}

fn server(shown: &Shown<'_>, node: NodeId, most: usize) -> Markup {
    let (state, known) = (state(shown, node), known(shown, node));
    let followed = shown.followed.and_then(|place| shown.users.get(place));
    html! {
        li class=(if state.is_empty() { "ss-server" } else { "ss-server off" }) {
            p.ss-head {
                strong { (shown.name(node)) }
                @if !state.is_empty() { span.ss-state { (state) } }
                span.ss-count { (words(shown, node, &known)) }
            }
            svg.ss-strip width="100%" height="22" aria-hidden="true" {
                rect.ss-room x="0" y="4" width="100%" height="14" rx="3" {}
                @if most > MOST { (bar(&known, most)) } @else {
                    @for (place, user) in known.iter().enumerate() {
                        (mark(place, user, most.max(12), followed.is_some_and(|f| f.clients == user.clients && f.user == user.user)))
                    }
                }
            }
        }
    }
}

/// `16 users: 12 Office, 4 Homes`, or why there is nobody.
fn words(shown: &Shown<'_>, node: NodeId, known: &[&SessionView]) -> Markup {
    let stale = known.iter().filter(|user| user.stale).count();
    let of = |group: usize| known.iter().filter(|user| user.clients.index() == group).count();
    // Where all are of one group its name says nothing.
    let mixed = shown.users.iter().any(|user| user.clients != shown.users[0].clients);
    html! {
        @if !shown.run.world().keeps_users(node) { "keeps nothing about users" } @else {
            (known.len()) @if known.len() == 1 { " user" } @else { " users" }
            @if mixed && !known.is_empty() {
                @let groups: Vec<usize> = (0..shown.run.spec().nodes.len()).filter(|&group| of(group) > 0).collect();
                @for (place, &group) in groups.iter().enumerate() { (if place == 0 { ": " } else { ", " }) (of(group)) " " (shown.name(NodeId::new(group))) }
            }
            @if stale > 0 {
                @if stale < known.len() { ", " (stale) " of them have" } @else { " who have" }
                " not noticed that their sessions are gone"
            }
        }
    }
}

/// What is the matter with a server, in a word or two; nothing for one that gets requests.
fn state(shown: &Shown<'_>, node: NodeId) -> &'static str {
    let standing = shown.balancer.and_then(|(by, pool)| {
        let pools = shown.run.world().pools_view(by);
        pools.get(pool)?.1.iter().find(|peer| peer.node == node).map(|peer| peer.standing)
    });
    match shown.run.world().node_view(node) {
        NodeView::Backend { present: false, .. } => "not in the pool",
        NodeView::Backend { health: Health::Killed, .. } => "gone",
        NodeView::Backend { health: Health::Hung, .. } => "hangs",
        _ => match standing {
            Some(Standing::Draining) => "drains",
            Some(Standing::Maintenance) => "in maintenance",
            Some(Standing::Down | Standing::Failing) => "taken out",
            _ => "",
        },
    }
}

fn share(part: usize, of: usize) -> Share {
    Share((part * 100_000 / of.max(1)) as u32)
}

/// One user: full when they are known for the first time, hollow when they lost a session before, and
/// crossed out when theirs is gone.
fn mark(place: usize, user: &SessionView, most: usize, followed: bool) -> Markup {
    let class = match (user.stale, user.lost > 0) {
        (true, _) => "ss-user stale",
        (false, true) => "ss-user again",
        (false, false) => "ss-user",
    };
    html! {
        rect class=(class) x=(share(place * 10 + 1, most * 10)) y="6" width=(share(8, most * 10)) height="10" rx="1.5" {}
        @if followed { rect.ss-me x=(share(place * 10, most * 10)) y="2" width=(share(10, most * 10)) height="18" rx="3" {} }
    }
}

/// Many users: who are known for the first time, then those who lost a session before, then those
/// whose session is gone.
fn bar(known: &[&SessionView], most: usize) -> Markup {
    let stale = known.iter().filter(|user| user.stale).count();
    let again = known.iter().filter(|user| !user.stale && user.lost > 0).count();
    let mut from = 0;
    html! {
        @for (class, count) in [("ss-user", known.len() - stale - again), ("ss-user again", again), ("ss-user stale", stale)] {
            @if count > 0 { rect class=(class) x=(share(from, most)) y="6" width=(share(count, most)) height="10" rx="1.5" {} }
            @let () = from += count;
        }
    }
}

fn legend(shown: &Shown<'_>, marks: bool) -> Markup {
    let any = |which: fn(&SessionView) -> bool| shown.users.iter().any(which);
    let swatch = |class: &str| html! { svg width="14" height="14" aria-hidden="true" { rect class=(class) x="2" y="2" width="10" height="10" rx="1.5" {} } };
    html! {
        ul.ss-legend aria-label="What the marks mean" {
            li { (swatch("ss-user")) @if marks { "a user whose session is here" } @else { "users whose session is here" } }
            @if any(|user| !user.stale && user.lost > 0) { li { (swatch("ss-user again")) "the same, after losing one elsewhere" } }
            @if any(|user| user.stale) { li { (swatch("ss-user stale")) "gone with the server, not noticed yet" } }
            @if marks && shown.followed.is_some() {
                li { svg width="14" height="14" aria-hidden="true" { rect.ss-me x="1.5" y="1" width="11" height="12" rx="3" {} } "the user of the request that is followed" }
            }
        }
    }
}
