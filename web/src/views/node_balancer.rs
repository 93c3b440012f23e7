//! A proxy or balancer: its layer, its policy, its stages, and at layer 4 its patch panel.

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{ForwardedMode, Layer, LimitKey, StageKind};
use hopscope_core::world::{NodeId, NodeView, StageView};
use maud::{Markup, html};

use super::curve::Rect;
use super::paint::{card, fan, label, label_end, path, through};
use super::{Scene, names, size, text};

/// A proxy's box, without what is drawn through it.
pub fn draw(scene: &Scene<'_>, id: NodeId, b: Rect, panel: bool, down: bool) -> Markup {
    let NodeView::Proxy { layer, in_flight } = scene.world.node_view(id) else { return html! {} };
    let members: usize = scene.world.spec().node(id).pools().iter().map(|p| p.members.len()).sum();
    let stages = scene.world.stages_now(id);
    let words = Rect { w: if panel && down { size::PANEL_LEFT - 4 } else { b.w }, ..b };
    let counts = counts(scene, id, layer, in_flight, members < 2);
    let beside_words = down && !panel && b.w >= 230;
    let below = b.y + 66 + stages.len().min(4) as i32 * size::LINE;
    html! {
        g class="st-node" {
            (card(b, 12, "st-box proxy"))
            (head(scene.lab, &scene.world.spec().node(id).name, &kind_wordings(scene, id, layer), if beside_words { Rect { w: words.w - 84, ..words } } else { words }, members > 1))
            @for (line, stage) in stages.iter().take(4).enumerate() {
                (stage_line(scene.lab, stage, layer, Rect { y: b.y + 62 + line as i32 * size::LINE, ..words }))
            }
            @if beside_words { (beside(&counts, words)) } @else if panel || !down { (rows(&counts, words, below)) }
        }
    }
}

/// Glyph, name and what it is.
pub fn head(lab: &Lab, name: &str, kind: &[String], b: Rect, spreads: bool) -> Markup {
    let inset = if b.w < 130 { 10 } else { 14 };
    let name = names::shown(lab, name);
    let glyph = b.w - inset - 40 >= text::width(name, 15, true).min(b.w - 2 * inset - 16);
    let left = b.x + inset + if glyph { 32 } else { 0 };
    html! {
        @if glyph { @if spreads { (fan(b.x + inset, b.y + 15)) } @else { (through(b.x + inset, b.y + 15)) } }
        (label(left, b.y + 30, "st-name", &text::fit(name, 15, true, b.right() - 8 - left)))
        (label(b.x + inset, b.y + 54, "st-caption", &text::first_fit(kind, 13, false, b.w - 2 * inset + 4)))
    }
}

/// Layer and policy, from the fullest wording to the shortest.
fn kind_wordings(scene: &Scene<'_>, id: NodeId, layer: Layer) -> Vec<String> {
    if scene.world.spec().node(id).names().is_some() {
        return vec!["Resolver (DNS)".into(), "Resolver".into(), "DNS".into()];
    }
    let (long, short) = match layer {
        Layer::L4 => ("Layer 4", "L4"),
        Layer::L7 => ("Layer 7", "L7"),
    };
    let pools = scene.world.pools_view(id);
    let one_way = pools.iter().map(|(_, peers)| peers.len()).sum::<usize>() < 2;
    let Some((policy, _)) = pools.first().filter(|_| !one_way) else { return vec![long.into(), short.into()] };
    let (name, brief) = (names::policy(*policy), names::policy_in_short(*policy));
    vec![format!("{long} · {name}"), format!("{short} · {name}"), format!("{short} · {brief}"), long.into()]
}

/// What a stage does, from the fullest wording to the shortest.
fn stage_wordings(stage: &StageView, lab: &Lab) -> Vec<String> {
    let name = &stage.name;
    match &stage.kind {
        StageKind::Route { rules } => vec![
            format!("routes by {}", text::count(rules.len() as u64, "rule", "rules")),
            text::count(rules.len() as u64, "rule", "rules"),
        ],
        StageKind::Forwarded { mode } => {
            let (verb, short) = match mode {
                ForwardedMode::Pass => ("passes on", "pass"),
                ForwardedMode::Append | ForwardedMode::Rfc7239 => ("appends to", "append"),
                ForwardedMode::Replace => ("replaces", "replace"),
            };
            let field = if *mode == ForwardedMode::Rfc7239 { "Forwarded" } else { "X-Forwarded-For" };
            vec![format!("{verb} {field}"), format!("{verb} X-F-F"), format!("XFF: {short}")]
        }
        StageKind::RealIp { trusted } => vec![format!("trusts {}", text::count(u64::from(*trusted), "hop", "hops"))],
        StageKind::Limit { key, rate, .. } => {
            let per = if *key == LimitKey::Peer { "peer" } else { "client" };
            let rate = (rate + 0.5) as u32;
            vec![format!("limit {rate}/s per {per}"), format!("{rate}/s per {per}"), format!("{rate}/s a {per}")]
        }
        StageKind::Deny { status, .. } => vec![format!("{name}: denies with {status}"), format!("denies, {status}")],
        StageKind::Call { to, .. } => vec![format!("asks {}", names::shown(lab, to))],
        StageKind::Wait { hold } => vec![format!("holds for {hold}")],
        StageKind::Mirror { to, percent } => vec![
            format!("copies {} % to {}", (percent + 0.5) as u32, names::shown(lab, to)),
            format!("copies to {}", names::shown(lab, to)),
        ],
        StageKind::ByHost => vec!["forwards by host".into(), "by host".into()],
        StageKind::Authenticate { header, .. } => vec![format!("asks for {header}"), "asks who it is".into()],
        StageKind::Store { keep } => vec![format!("keeps answers for {keep}"), format!("keeps {keep}")],
    }
}

fn stage_line(lab: &Lab, stage: &StageView, layer: Layer, b: Rect) -> Markup {
    let inset = if b.w < 130 { 10 } else { 14 };
    let idle = !stage.on || layer == Layer::L4;
    let wordings = match (stage.on, layer) {
        (_, Layer::L4) => vec![format!("{}: not read", stage.name)],
        (false, _) => vec![format!("{}: off", stage.name)],
        _ => stage_wordings(stage, lab),
    };
    html! {
        rect x=(b.x + inset + 1) y=(b.y + 5) width="7" height="7" rx="2" class=(if idle { "st-stage idle" } else { "st-stage" }) {}
        (label(b.x + inset + 14, b.y + 13, if idle { "st-note" } else { "st-caption" }, &text::first_fit(&wordings, 13, false, b.w - 2 * inset - 10)))
    }
}

/// What is counted at a balancer: (what, how many).
fn counts(scene: &Scene<'_>, id: NodeId, layer: Layer, in_flight: u32, one_way: bool) -> Vec<(&'static str, u32)> {
    let decisions = decisions(scene, id);
    let received = scene.world.metrics().received(id);
    match (layer, one_way) {
        (Layer::L4, _) => vec![("Connections", connections(scene, id)), ("Decisions", decisions)],
        (Layer::L7, false) => vec![("In flight", in_flight), ("Decisions", decisions)],
        // With one way on, every request that was not refused led to one decision.
        (Layer::L7, true) if refuses(scene, id) => vec![("In flight", in_flight), ("Refused", received.saturating_sub(decisions))],
        (Layer::L7, true) => vec![("In flight", in_flight), ("Received", received)],
    }
}

fn refuses(scene: &Scene<'_>, id: NodeId) -> bool {
    scene.world.stages_now(id).iter().any(|s| matches!(s.kind, StageKind::Limit { .. } | StageKind::Deny { .. }))
}

/// Connections from clients or proxies that lead to a node or through it.
pub fn connections(scene: &Scene<'_>, id: NodeId) -> u32 {
    scene.world.connections().iter().filter(|c| c.path()[1..].contains(&id)).count() as u32
}

/// Decisions that a node has made so far.
pub fn decisions(scene: &Scene<'_>, id: NodeId) -> u32 {
    let all = scene.log.decisions.all();
    let end = all.partition_point(|d| d.ordinal <= scene.world.ordinal());
    all[..end].iter().filter(|d| d.node == id).count() as u32
}

/// Counts below a hairline.
pub fn rows(counts: &[(&'static str, u32)], b: Rect, y: i32) -> Markup {
    let inset = if b.w < 130 { 10 } else { 14 };
    html! {
        (path(&format!("M{} {}H{}", b.x + inset, y + 2, b.right() - inset), "st-hair"))
        @for (line, (what, n)) in counts.iter().enumerate() {
            @let room = b.w - 2 * inset - text::width(&n.to_string(), 14, true) - 3;
            (label(b.x + inset, y + 20 + line as i32 * size::LINE, "st-caption", &text::fit(what, 13, false, room)))
            (label_end(b.right() - inset, y + 20 + line as i32 * size::LINE, "st-rate", &n.to_string()))
        }
    }
}

/// Counts at the right side, where a box is wide and low.
pub fn beside(counts: &[(&'static str, u32)], b: Rect) -> Markup {
    html! {
        @if let Some((what, n)) = counts.first() {
            (label_end(b.right() - 14, b.y + 30, "st-name", &n.to_string()))
            (label_end(b.right() - 14, b.y + 54, "st-caption", &what.to_ascii_lowercase()))
        }
    }
}
