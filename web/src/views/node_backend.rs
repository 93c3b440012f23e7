//! A backend: its workers, its queue, its rate, and how it stands.

use hopscope_core::world::{NodeId, NodeView, World};
use maud::{Markup, html};

use super::condition::Condition;
use super::curve::Rect;
use super::paint::{badge, card, hatch, label, label_end, label_mid, path, rack};
use super::{names, rates, text};
use hopscope_core::lesson::Lab;

/// Windows in a sparkline.
pub const SPARK: usize = 24;

/// What a stage knows of a backend beside its state.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// A word on a pill, such as `chosen`; its box is outlined then.
    pub pill: Option<&'static str>,
    /// The users whose connections lead here.
    pub users: String,
    /// Its weight and pool where they tell it from others.
    pub note: String,
    /// The most that any backend received in a window, so that sparklines compare.
    pub scale: u32,
    /// Whether it stands in a row of narrow boxes.
    pub upright: bool,
}

/// Everything that is written on a backend.
struct Facts {
    condition: Condition,
    busy: u32,
    workers: u32,
    waiting: u32,
    rate: String,
    spark: Vec<u32>,
}

fn facts(world: &World, id: NodeId) -> Facts {
    let condition = Condition::of(world, id);
    let NodeView::Backend { busy, workers, waiting, .. } = world.node_view(id) else {
        return Facts { condition, busy: 0, workers: 0, waiting: 0, rate: String::new(), spark: Vec::new() };
    };
    let rate = rates::received(world, id)
        .filter(|&rate| rate > 0 || condition != Condition::Absent)
        .map_or_else(String::new, |rate| format!("{rate}/s"));
    Facts { condition, busy, workers, waiting, rate, spark: rates::recent(world, id, SPARK) }
}

/// A backend's box.
pub fn draw(world: &World, lab: &Lab, id: NodeId, b: Rect, look: &Look) -> Markup {
    let facts = facts(world, id);
    let name = names::shown(lab, &world.spec().node(id).name);
    let out = matches!(facts.condition, Condition::Killed | Condition::Hung);
    let frame = match (look.pill.is_some(), facts.condition) {
        (_, Condition::Killed | Condition::Hung) => "st-box out",
        (true, _) => "st-box picked",
        (_, Condition::Absent) => "st-box absent",
        _ => "st-box",
    };
    html! {
        g class="st-node" {
            (card(b, 10, frame))
            @if out { (path(&hatch(Rect { x: b.x + 2, y: b.y + 2, w: b.w - 4, h: b.h - 4 }), "st-hatch")) }
            @if look.upright { (upright(b, name, &facts, look)) } @else { (flat(b, name, &facts, look)) }
        }
    }
}

fn hue_stroke(condition: Condition) -> &'static str {
    match condition.hue() {
        "cache" => "s-cache",
        "error" => "s-error",
        _ if condition == Condition::Absent => "s-ink3",
        _ => "s-backend",
    }
}

/// The box of a left-to-right stage: two rows.
fn flat(b: Rect, name: &str, facts: &Facts, look: &Look) -> Markup {
    let (first, second) = if b.h >= 70 { (b.y + 30, b.y + 55) } else { (b.y + 24, b.y + 46) };
    let words = facts.condition.words();
    let (inset, size) = if b.w < 150 { (10, 15) } else { (14, 17) };
    let glyph = b.w >= 130;
    let left = b.x + inset + if glyph { 29 } else { 0 };
    let badged = !words.is_empty() && (b.w >= 150 || look.pill.is_none());
    let roomy = b.w >= 220;
    let mut right = b.right() - inset + 2;
    let mark = badged.then(|| badge(right, first - 16, facts.condition.hue(), &words));
    if let Some((x, _)) = &mark {
        right = x - 8;
    }
    let spark = roomy && mark.is_none() && !facts.spark.is_empty();
    let spark_w = if b.w >= 260 { 70 } else { 40 };
    if spark {
        right -= spark_w + 14;
    }
    let shown = text::fit(name, size, true, right - left);
    let note_at = left + text::width(&shown, size, true) + 8;
    let note = text::first_fit(&notes(look), 13, false, right - note_at);
    html! {
        @if glyph { (rack(b.x + inset, first - 15, hue_stroke(facts.condition))) }
        (label(left, first, if size == 17 { "st-name large" } else { "st-name" }, &shown))
        @if text::width(&note, 13, false) <= right - note_at { (label(note_at, first, "st-note", &note)) }
        @if let Some((_, mark)) = &mark { (mark) }
        @if spark { (sparkline(Rect { x: b.right() - inset - spark_w, y: first - 17, w: spark_w, h: 22 }, facts, look.scale)) }
        (load(Rect { x: b.x + inset, y: second - 10, w: b.w - 2 * inset + 2, h: 12 }, facts))
    }
}

/// What stands beside the name, from the fullest wording to none.
fn notes(look: &Look) -> Vec<String> {
    let users = if look.users.is_empty() {
        String::new()
    } else {
        format!("{} {}", if look.users.contains([' ', ',']) { "users" } else { "user" }, look.users)
    };
    let mut notes = Vec::new();
    if !users.is_empty() && !look.note.is_empty() {
        notes.push(format!("{users} · {}", look.note));
    }
    notes.extend([users, look.note.clone()].into_iter().filter(|n| !n.is_empty()));
    notes.push(String::new());
    notes
}

/// Workers as slots, the queue as hollow circles, both in words, and the rate.
fn load(row: Rect, facts: &Facts) -> Markup {
    let hue = if facts.condition.hue() == "backend" { "" } else { facts.condition.hue() };
    let base = row.y + 10;
    let rate_w = if facts.rate.is_empty() { 0 } else { text::width(&facts.rate, 14, true) + 8 };
    let right = row.right() - rate_w;
    let (slots, mut x) = slots(row, facts, hue, (right - row.x) / 2);
    let words = load_words(facts);
    let room = |from: i32| right - from - 2;
    let circles =
        (facts.waiting.min(6) as i32).min((room(x) - words.iter().map(|w| text::width(w, 13, true)).min().unwrap_or(0) - 10) / 11).max(0);
    let first = x + 6;
    if circles > 0 {
        x += circles * 11 + 6;
    }
    let words = text::first_fit(&words, 13, facts.waiting > 0, room(x + 4));
    html! {
        (slots)
        @for i in 0..circles { circle cx=(first + i * 11 + 3) cy=(row.y + 6) r="4" class="st-waits" {} }
        (label(x + 4, base, if facts.waiting > 0 { "st-count cache" } else { "st-count" }, &words))
        @if !facts.rate.is_empty() { (label_end(row.right(), base, "st-rate", &facts.rate)) }
    }
}

fn load_words(facts: &Facts) -> Vec<String> {
    let (busy, workers, waiting) = (facts.busy, facts.workers, facts.waiting);
    match facts.condition {
        Condition::Absent => vec!["idle".into()],
        Condition::Killed => vec!["refuses connections".into(), "refuses".into()],
        Condition::Hung => vec![format!("{} held, no answer", busy + waiting), "no answer".into()],
        _ if waiting > 0 => vec![format!("{waiting} waiting"), format!("{waiting} wait"), waiting.to_string()],
        _ if workers == 1 => vec![if busy > 0 { "busy" } else { "idle" }.into()],
        _ => vec![format!("{busy} of {workers} busy"), format!("{busy} of {workers}"), format!("{busy}/{workers}")],
    }
}

/// One square per worker, or a bar when there are too many; and the x after it.
fn slots(row: Rect, facts: &Facts, hue: &str, room: i32) -> (Markup, i32) {
    let n = facts.workers as i32;
    if n > 12 || n * 14 > room.max(30) {
        let w = room.clamp(24, 84);
        let full = (w * facts.busy.min(facts.workers) as i32) / n.max(1);
        let bar = html! {
            rect x=(row.x) y=(row.y + 1) width=(w) height="10" rx="3" class="st-slot" {}
            @if full > 0 { rect x=(row.x) y=(row.y + 1) width=(full.max(3)) height="10" rx="3" class=(format_args!("st-slot busy {hue}")) {} }
        };
        return (bar, row.x + w + 4);
    }
    (squares(facts, hue, row.x, row.y + 1, n), row.x + n * 14)
}

/// One square per worker, so many in a row.
fn squares(facts: &Facts, hue: &str, x: i32, y: i32, per_row: i32) -> Markup {
    let busy = format!("st-slot busy {hue}");
    html! {
        @for i in 0..facts.workers as i32 {
            rect x=(x + i % per_row * 14) y=(y + i / per_row * 14) width="11" height="11" rx="3" class=(if i < facts.busy as i32 { &busy } else { "st-slot" }) {}
        }
    }
}

/// The rate over the last windows, on a scale that all backends share.
fn sparkline(b: Rect, facts: &Facts, scale: u32) -> Markup {
    // Three pixels a window: a narrow line shows less of the past, not a denser one.
    let most = (b.w / 3).min(SPARK as i32).max(2);
    let spark = &facts.spark[facts.spark.len().saturating_sub(most as usize)..];
    let n = spark.len() as i32;
    let step = |i: i32| b.right() - (n - 1 - i) * b.w / (most - 1);
    let height = |v: u32| b.bottom() - (v as i32 * b.h) / scale.max(1) as i32;
    let points: Vec<(i32, i32)> = spark.iter().zip(0..).map(|(&v, i)| (step(i), height(v))).collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return html! {} };
    let line: String = points.iter().zip(0..).map(|((x, y), i)| format!("{}{x} {y}", if i == 0 { 'M' } else { 'L' })).collect();
    let area = format!("{line}V{}H{}Z", b.bottom(), first.0);
    let hue = facts.condition.hue();
    html! {
        (path(&area, &format!("t-{hue}")))
        (path(&line, &format!("st-spark s-{hue}")))
        circle cx=(last.0) cy=(last.1) r="2.5" class=(format_args!("f-{hue}")) {}
    }
}

/// The box of a top-to-bottom stage: everything below each other.
fn upright(b: Rect, name: &str, facts: &Facts, look: &Look) -> Markup {
    let inner = Rect { x: b.x + 10, y: b.y + 34, w: b.w - 20, h: 12 };
    let hue = if facts.condition.hue() == "backend" { "" } else { facts.condition.hue() };
    let words = facts.condition.words();
    let load = text::first_fit(&load_words(facts), 13, facts.waiting > 0, inner.w);
    let per_row = (inner.w / 14).max(1);
    let n = facts.workers as i32;
    let in_squares = n <= 2 * per_row && n <= 12;
    let mut notes = notes(look);
    notes.insert(notes.len() - 1, look.users.clone());
    let note = if in_squares && n > per_row { String::new() } else { text::first_fit(&notes, 12, false, inner.w) };
    html! {
        (label(inner.x, b.y + 24, "st-name", &text::fit(name, 15, true, inner.w)))
        @if in_squares { (squares(facts, hue, inner.x, inner.y, per_row)) } @else { (slots(inner, facts, hue, inner.w).0) }
        @if !note.is_empty() { (label(inner.x, b.y + 61, "st-micro", &note)) }
        (label(inner.x, b.y + 78, if facts.waiting > 0 { "st-count cache" } else { "st-count" }, &load))
        @if words.is_empty() {
            (sparkline(Rect { x: inner.x, y: b.y + 84, w: inner.w - 3, h: 20 }, facts, look.scale))
        } @else {
            rect x=(inner.x - 3) y=(b.y + 84) width=(inner.w + 6) height="20" rx="4" class=(format_args!("st-badge {}", facts.condition.hue())) {}
            (label_mid(b.cx(), b.y + 98, &format!("st-badge-text {}", facts.condition.hue()), &text::fit(&words, 12, true, inner.w + 4)))
        }
        (label(inner.x, b.y + 121, "st-rate", &facts.rate))
    }
}

/// The box that sums up backends that are not drawn one by one.
pub fn rest(world: &World, hidden: &[NodeId], b: Rect) -> Markup {
    let (mut busy, mut workers, mut waiting, mut rate) = (0, 0, 0, 0);
    for &id in hidden {
        let one = facts(world, id);
        busy += one.busy;
        workers += one.workers;
        waiting += one.waiting;
        rate += rates::received(world, id).unwrap_or(0);
    }
    let sum = Facts { condition: Condition::Fine, busy, workers, waiting, rate: format!("{rate}/s"), spark: Vec::new() };
    let title = text::first_fit(&[format!("{} more backends", hidden.len()), format!("{} more", hidden.len())], 15, true, b.w - 24);
    html! {
        g class="st-node" {
            (card(Rect { x: b.x + 4, y: b.y - 4, ..b }, 10, "st-box absent"))
            (card(b, 10, "st-box"))
            (label(b.x + 12, b.y + 24, "st-name", &title))
            (load(Rect { x: b.x + 12, y: b.y + 36, w: b.w - 24, h: 12 }, &sum))
        }
    }
}
