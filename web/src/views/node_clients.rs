//! A group of users: how many, how fast they ask, and each one's connection where that matters.

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{Arrivals, NodeKind};
use hopscope_core::world::{NodeId, NodeView, World};
use maud::{Markup, html};

use super::geometry::Geometry;
use super::paint::{card, label, label_end, label_mid, person, small_person};
use super::{names, patch, size, text};

/// Requests per second of a group, in words.
pub fn rate(world: &World, id: NodeId) -> String {
    let NodeView::Clients { rate, .. } = world.node_view(id) else { return String::new() };
    if rate > 0.0 {
        return format!("{}/s", (rate + 0.5) as u32);
    }
    match arrivals(world, id) {
        Some(Arrivals::At { times }) => text::count(times.len() as u64, "request", "requests"),
        _ => super::rates::sent(world, id).map_or_else(String::new, |rate| format!("{rate}/s")),
    }
}

fn arrivals(world: &World, id: NodeId) -> Option<&Arrivals> {
    match world.spec().node(id).kind {
        NodeKind::Clients(i) => Some(&world.spec().scenario.clients[i].arrivals),
        _ => None,
    }
}

/// How busy each user of a group is, relative to the busiest, in percent.
fn appetites(world: &World, id: NodeId, users: u32) -> Vec<i32> {
    let NodeKind::Clients(i) = world.spec().node(id).kind else { return Vec::new() };
    let weights = &world.spec().scenario.clients[i].weights;
    let weight = |user: u32| weights.get(user as usize).copied().unwrap_or(1);
    let most = (0..users).map(weight).max().unwrap_or(1).max(1);
    (0..users).map(|user| (weight(user) * 100 / most) as i32).collect()
}

/// A group's box.
pub fn draw(world: &World, lab: &Lab, id: NodeId, geometry: &Geometry, selected: Option<u16>) -> Markup {
    let b = geometry.boxes[id.index()];
    html! {
        g class="st-node" {
            (card(b, 8, "st-box"))
            @match (geometry.listed[id.index()], geometry.down) {
                (0, _) => { (group(world, lab, id, geometry)) },
                (n, true) => { (row_of_users(world, lab, id, geometry, n, selected)) },
                (n, false) => { (list_of_users(world, lab, id, geometry, n, selected)) },
            }
        }
    }
}

fn waiting(world: &World, id: NodeId) -> u32 {
    match world.node_view(id) {
        NodeView::Clients { waiting, .. } => waiting,
        _ => 0,
    }
}

fn users(world: &World, id: NodeId) -> u32 {
    match world.node_view(id) {
        NodeView::Clients { users, .. } => users,
        _ => 0,
    }
}

/// Many users as a few persons.
fn group(world: &World, lab: &Lab, id: NodeId, geometry: &Geometry) -> Markup {
    let b = geometry.boxes[id.index()];
    let (inset, users, held) = (if b.w < 100 { 8 } else { 12 }, users(world, id), waiting(world, id));
    let rate = rate(world, id);
    let rate_w = text::width(&rate, 14, true);
    let room = b.w - 2 * inset - rate_w - 6;
    let times = if users as i32 > (room / 21).min(4) { format!("×{users}") } else { String::new() };
    let beside = if times.is_empty() { 0 } else { text::width(&times, 12, false) + 2 };
    // Where not even one person and the number fit, the number stands behind the name.
    let behind = times.clone();
    let (persons, times) = match (room - beside) / 21 {
        ..=0 => ((room / 21).max(0), String::new()),
        n => (n.min(users as i32).min(if beside > 0 { 3 } else { 4 }), times),
    };
    let name = names::shown(lab, &world.spec().node(id).name);
    let wait =
        if held > 0 { text::first_fit(&[format!("{held} waiting"), format!("{held} wait")], 12, true, b.w / 2) } else { String::new() };
    let room = b.w - 2 * inset - if held > 0 { text::width(&wait, 12, true) + 6 } else { 0 };
    let name = match times.is_empty() {
        true => text::first_fit(&[format!("{name} {behind}"), name.to_owned()], 13, false, room),
        false => text::fit(name, 13, false, room),
    };
    html! {
        @for i in 0..persons { (person(b.x + inset + i * 21, b.y + 11)) }
        @if !times.is_empty() { (label(b.x + inset + persons * 21, b.y + 26, "st-micro", &times)) }
        (label_end(b.right() - inset, b.y + 26, "st-rate", &rate))
        (label(b.x + inset, b.bottom() - 14, "st-caption", &name))
        @if held > 0 { (label_end(b.right() - inset, b.bottom() - 14, "st-waiting", &wait)) }
    }
}

fn title(world: &World, lab: &Lab, id: NodeId, geometry: &Geometry, y: i32) -> Markup {
    let b = geometry.boxes[id.index()];
    let (rate, held) = (rate(world, id), waiting(world, id));
    let inset = if b.w < 100 { 8 } else { 12 };
    let name = names::shown(lab, &world.spec().node(id).name);
    // On a narrow box the head of the column says the rate.
    let said = match (held, b.w) {
        (_, ..110) => String::new(),
        (1.., 131..) => format!("{held} wait · {rate}"),
        _ => rate,
    };
    let room = b.w - 2 * inset - text::width(&said, 14, true) - 6;
    html! {
        (label(b.x + inset, b.y + y, "st-caption", &text::fit(name, 13, false, room)))
        (label_end(b.right() - inset, b.y + y, "st-rate", &said))
    }
}

/// Users one below the other, each beside the end of their own strand.
fn list_of_users(world: &World, lab: &Lab, id: NodeId, geometry: &Geometry, n: u32, selected: Option<u16>) -> Markup {
    let b = geometry.boxes[id.index()];
    let inset = if b.w < 100 { 8 } else { 12 };
    let bar = b.w - 2 * inset - 40;
    let appetite = appetites(world, id, n);
    html! {
        (title(world, lab, id, geometry, 25))
        @for user in 0..n as u16 {
            @let (_, y) = patch::user_port(geometry, id, user);
            @let theirs = selected == Some(user);
            (small_person(b.x + inset, y - 7))
            (label_mid(b.x + inset + 24, y + 5, if theirs { "st-user theirs" } else { "st-user" }, &(user + 1).to_string()))
            @if bar > 12 {
                rect x=(b.x + inset + 38) y=(y - 3) width=((bar * appetite[usize::from(user)] / 100).max(3)) height="6" rx="3" class=(if theirs { "st-appetite theirs" } else { "st-appetite" }) {}
            }
        }
    }
}

/// Users beside each other, each above their own strand.
fn row_of_users(world: &World, lab: &Lab, id: NodeId, geometry: &Geometry, n: u32, selected: Option<u16>) -> Markup {
    let b = geometry.boxes[id.index()];
    let appetite = appetites(world, id, n);
    html! {
        (title(world, lab, id, geometry, 22))
        @for user in 0..n as u16 {
            @let (x, _) = patch::user_port(geometry, id, user);
            @let theirs = selected == Some(user);
            @let tall = (appetite[usize::from(user)] * 34 / 100).max(3);
            (small_person(x - 14, b.y + 36))
            (label_mid(x - 8, b.y + 66, if theirs { "st-user theirs" } else { "st-user" }, &(user + 1).to_string()))
            rect x=(x + 3) y=(b.y + size::USER + 44 - tall) width="6" height=(tall) rx="3" class=(if theirs { "st-appetite theirs" } else { "st-appetite" }) {}
        }
    }
}
