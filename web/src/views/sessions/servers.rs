//! Each server with the users that it knows: a number, and a mark for each user, so that a crowd
//! shows.

use hopscope_core::policy::decision::Standing;
use hopscope_core::scenario::{Measure, NodeKind};
use hopscope_core::world::{Health, NodeId, NodeView, SessionView};
use maud::{Markup, html};

use super::Shown;
use crate::views::axis::Share;
use crate::views::{goals, text};

/// The most users of one server who have a mark each; more are a bar.
const MOST: usize = 48;

/// The servers of all pools, in order.
pub(super) fn of(shown: &Shown<'_>) -> Vec<NodeId> {
    let spec = shown.run.spec();
    let listed: Vec<&str> =
        spec.nodes.iter().flat_map(|node| node.pools()).flat_map(|pool| &pool.members).map(|m| m.node.as_str()).collect();
    let is_member = |id: &NodeId| matches!(spec.node(*id).kind, NodeKind::Backend(_)) && listed.contains(&spec.node(*id).name.as_str());
    (0..spec.nodes.len()).map(NodeId::new).filter(is_member).collect()
}

pub(super) fn draw(shown: &Shown<'_>) -> Markup {
    let servers: Vec<(NodeId, Vec<&SessionView>)> =
        of(shown).into_iter().map(|id| (id, shown.users.iter().filter(|user| user.server == Some(id)).collect())).collect();
    let most = servers.iter().map(|(_, known)| known.len()).max().unwrap_or_default().max(1);
    let known: usize = servers.iter().map(|(_, known)| known.len()).sum();
    let (mean, pinned) = (known / servers.len().max(1), shown.run.world().measure(&Measure::Pinned { nodes: Vec::new() }));
    html! {
        div.ss-servers {
            ul { @for (node, known) in &servers { (server(shown, *node, known, most)) } }
            @if known > 0 {
                p.ss-sum {
                    (known) " of " (text::count(shown.users.len() as u64, "user", "users")) " are known somewhere, " (mean) " on average. "
                    @if pinned > 1.0 { "The fullest server knows " (goals::said(&Measure::Pinned { nodes: Vec::new() }, pinned)) " that." } @else { "Evenly." }
                }
                (legend(shown, most <= MOST))
            }
        }
    }
}

fn server(shown: &Shown<'_>, node: NodeId, known: &[&SessionView], most: usize) -> Markup {
    let state = state(shown, node);
    let followed = shown.followed.and_then(|place| shown.users.get(place)).filter(|user| user.server == Some(node));
    html! {
        li class=(if state.is_empty() { "ss-server" } else { "ss-server off" }) {
            p.ss-head {
                strong { (shown.name(node)) }
                @if !state.is_empty() { span.ss-state { (state) } }
                span.ss-count { (words(shown, node, known)) }
            }
            svg.ss-strip width="100%" height="22" aria-hidden="true" {
                rect.ss-room x="0" y="4" width="100%" height="14" rx="3" {}
                @if known.len() > MOST || most > MOST { (bar(known, most)) } @else {
                    @for (place, user) in known.iter().enumerate() { (mark(place, user, most.max(12), followed == Some(*user))) }
                }
            }
        }
    }
}

/// `12 Office, 4 Homes`, or why there is nobody.
fn words(shown: &Shown<'_>, node: NodeId, known: &[&SessionView]) -> String {
    if !shown.run.world().keeps_users(node) {
        return "keeps nothing about users".to_owned();
    }
    let stale = known.iter().filter(|user| user.stale).count();
    let mut words = text::count(known.len() as u64, "user", "users");
    let mut groups: Vec<NodeId> = shown.users.iter().map(|user| user.clients).collect();
    groups.dedup();
    if groups.len() > 1 && !known.is_empty() {
        let of = |group: &NodeId| (known.iter().filter(|user| user.clients == *group).count(), shown.name(*group));
        let parts: Vec<String> = groups.iter().map(of).filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}")).collect();
        words += ": ";
        words += &parts.join(", ");
    }
    match (stale, known.len()) {
        (0, _) => {}
        (stale, all) if stale == all => words += " who have not noticed that their sessions are gone",
        (stale, _) => words += &format!(", {stale} of them have not noticed that their sessions are gone"),
    }
    words
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
