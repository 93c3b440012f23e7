//! A pool as slots: a cell for each connection, empty ones up to the limit, and the requests that
//! wait for one in front of them.

use hopscope_core::lesson::Lab;
use hopscope_core::time::Instant;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{NodeId, PoolView, SlotState, SlotView};
use maud::{Markup, html};

use super::{names, text};

/// The most cells and the most waiting requests that are drawn in a row; the rest is a number.
const MOST: (usize, u32) = (64, 12);

/// All states, in the order in which a connection passes them.
const STATES: [SlotState; 5] = [SlotState::Dialing, SlotState::Securing, SlotState::Busy, SlotState::Idle, SlotState::Closing];

/// The pools of all proxies.
pub fn draw(run: &Timeline, lab: &Lab) -> String {
    let proxies = (0..run.spec().nodes.len()).map(NodeId::new);
    let pools: Vec<(NodeId, PoolView)> =
        proxies.flat_map(|node| run.world().slots(node).into_iter().map(move |view| (node, view))).collect();
    html! {
        div.sl {
            h3.panel-title { "Connections in the pool" }
            @if pools.is_empty() { p.panel-empty { "Nobody here keeps a pool of connections." } }
            @for (node, pool) in &pools { (row(run, lab, *node, pool)) }
            @if !pools.is_empty() { (legend(pools.iter().any(|(_, pool)| pool.limit > 0))) }
        }
    }
    .into_string()
}

fn row(run: &Timeline, lab: &Lab, node: NodeId, pool: &PoolView) -> Markup {
    let name = |node: NodeId| names::node(lab, run.spec(), node);
    let empty = (pool.limit as usize).min(MOST.0).saturating_sub(pool.slots.len());
    html! {
        div.sl-pool {
            p.sl-words { strong { (name(node)) " → " (name(pool.node)) } " " (words(pool)) }
            div.sl-line {
                @if pool.waiting > 0 {
                    svg.sl-queue width=(pool.waiting.min(MOST.1) * 14 + 2) height="16" aria-hidden="true" {
                        @for i in 0..pool.waiting.min(MOST.1) { circle cx=(i * 14 + 8) cy="8" r="5" {} }
                    }
                }
                ul.sl-cells {
                    @for slot in pool.slots.iter().take(MOST.0) { (cell(slot, run.now())) }
                    @for _ in 0..empty { li.sl-cell.empty aria-hidden="true" {} }
                    @if pool.slots.len() > MOST.0 { li.sl-more { "and " (pool.slots.len() - MOST.0) " more" } }
                }
            }
        }
    }
}

/// `2 busy, 1 idle, of at most 4; 3 requests wait`.
fn words(pool: &PoolView) -> String {
    let mut parts: Vec<String> = STATES
        .iter()
        .map(|&state| (state, pool.slots.iter().filter(|s| s.state == state).count()))
        .filter(|&(_, count)| count > 0)
        .map(|(state, count)| format!("{count} {}", word(state)))
        .collect();
    if parts.is_empty() {
        parts.push("none open".to_owned());
    }
    let mut words = parts.join(", ");
    if pool.limit > 0 {
        words += &format!(", of at most {}", pool.limit);
    }
    if pool.waiting > 0 {
        words += &format!("; {}", text::count(u64::from(pool.waiting), "request waits", "requests wait"));
    }
    words
}

const fn word(state: SlotState) -> &'static str {
    match state {
        SlotState::Dialing => "dialing",
        SlotState::Securing => "securing",
        SlotState::Idle => "idle",
        SlotState::Busy => "busy",
        SlotState::Closing => "closing",
    }
}

/// A connection: its shape says how it is, the number what it has carried.
fn cell(slot: &SlotView, now: Instant) -> Markup {
    html! {
        li class=(format_args!("sl-cell {}", word(slot.state))) {
            (glyph(slot.state))
            span.visually-hidden { "Connection " (slot.conn) ", " (word(slot.state)) " for " (now.since(slot.since)) ", requests carried: " }
            (slot.carried)
        }
    }
}

fn glyph(state: SlotState) -> Markup {
    let d = match state {
        SlotState::Dialing => "M1 6h6M5 3l3 3-3 3M11 1v10",
        SlotState::Securing => "M2.500 5.500h7v5.500h-7zM4 5.500v-2a2 2 0 0 1 4 0v2",
        SlotState::Idle => "M4 2.500v7M8 2.500v7",
        SlotState::Busy => "M1 6h9M6.500 2.500l3.500 3.500-3.500 3.500",
        SlotState::Closing => "M2 2l8 8m0-8l-8 8",
    };
    html! { svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" { path d=(d) {} } }
}

fn legend(limited: bool) -> Markup {
    html! {
        ul.sl-legend aria-label="What the cells mean" {
            @for state in STATES { li { span class=(format_args!("sl-cell {}", word(state))) aria-hidden="true" { (glyph(state)) } (word(state)) } }
            @if limited { li { span.sl-cell.empty aria-hidden="true" {} "may still be opened" } }
            li { "The number in a cell: requests that it has carried." }
        }
    }
}
