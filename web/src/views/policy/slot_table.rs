//! A hash table of slots (Maglev): who is in each slot, and which slot the key came to.

use hopscope_core::policy::decision::Reason;
use hopscope_core::world::NodeId;
use maud::{Markup, html};

use super::Moment;
use super::server::tint;

/// Slots in a row, and the most that are drawn; of a larger table those around the key's.
const COLUMNS: usize = 10;
const DRAWN: usize = 80;
/// The side of a slot.
const SIDE: usize = 26;

/// The figure.
pub(super) fn draw(moment: &Moment<'_>, slots: &[u32]) -> Markup {
    let pools = moment.run.world().pools_view(moment.decision.node);
    let Some((_, members)) = pools.get(usize::from(moment.decision.pool)) else { return html! {} };
    let owners: Vec<NodeId> = members.iter().map(|member| member.node).collect();
    let hit = if let Reason::TableSlot(slot) = moment.decision.reason { Some(slot as usize) } else { None };
    let window = window(slots.len(), hit.unwrap_or(0));
    let rows = window.len().div_ceil(COLUMNS);
    let server = |slot: usize| owners.get(slots[slot] as usize).and_then(|&node| moment.servers.index(node));
    let words = words(moment, slots, hit);
    let part = if window.len() < slots.len() {
        format!("Slots {} to {} of {}. ", window.start, window.end - 1, slots.len())
    } else {
        String::new()
    };
    html! {
        figure.policy-picture {
            figcaption { h4 { "The table of slots" } }
            svg.policy-svg.slots-svg viewBox=(format_args!("-2 -2 {} {}", COLUMNS * SIDE + 4, rows * SIDE + 4)) role="img" aria-label={ "A table of " (slots.len()) " slots. " (words) } {
                @for slot in window.clone() {
                    @let (x, y) = place(slot - window.start);
                    @if let Some(index) = server(slot) {
                        rect class=(format_args!("pp-part {}", tint(index))) x=(x) y=(y) width=(SIDE) height=(SIDE) {}
                        text x=(x + SIDE / 2) y=(y + 17) text-anchor="middle" class=(format_args!("sv-label {}", tint(index))) { (moment.servers.all()[index].label) }
                    }
                }
                @if let Some(hit) = hit.filter(|hit| window.contains(hit)) {
                    @let (x, y) = place(hit - window.start);
                    rect.ring-frame x=(x) y=(y) width=(SIDE) height=(SIDE) rx="3" {}
                }
            }
            p.picture-words { (part) (words) }
            (table(moment, &owners, slots))
        }
    }
}

/// The slots to draw: all, or whole rows around one.
fn window(len: usize, around: usize) -> core::ops::Range<usize> {
    if len <= DRAWN {
        return 0..len;
    }
    let from = (around / COLUMNS * COLUMNS).saturating_sub(DRAWN / 2).min(len - DRAWN);
    from..from + DRAWN
}

const fn place(slot: usize) -> (usize, usize) {
    (slot % COLUMNS * SIDE, slot / COLUMNS * SIDE)
}

fn words(moment: &Moment<'_>, slots: &[u32], hit: Option<usize>) -> String {
    match (hit, moment.chosen()) {
        (Some(slot), Some(chosen)) => format!("The key’s hash, modulo {}, leads to slot {slot}: {}.", slots.len(), moment.name(chosen)),
        _ => "Nobody could be picked.".to_owned(),
    }
}

/// How many slots each server has.
fn table(moment: &Moment<'_>, owners: &[NodeId], slots: &[u32]) -> Markup {
    let mut counts = vec![0usize; owners.len()];
    for &owner in slots {
        if let Some(count) = counts.get_mut(owner as usize) {
            *count += 1;
        }
    }
    html! {
        table.policy-table {
            thead { tr { th scope="col" { "Server" } th scope="col" class="number" { "Slots" } th scope="col" class="number" { "Share of the table" } } }
            tbody {
                @for (&node, &count) in owners.iter().zip(&counts) {
                    @if let Some(index) = moment.servers.index(node) {
                        @let share = count * 1_000 / slots.len().max(1);
                        tr { th scope="row" { (moment.servers.named(index)) } td.number { (count) } td.number { (share / 10) "." (share % 10) " %" } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_table_is_shown_around_the_slot() {
        for (len, around) in [(0, 0), (31, 30), (80, 79), (65_537, 0), (65_537, 65_536), (65_537, 4_711), (81, 80)] {
            let window = window(len, around);
            assert!(window.end <= len && window.len() == len.min(DRAWN), "{window:?} of {len}");
            assert!(len == 0 || window.contains(&around), "{around} in {window:?}");
        }
    }
}
