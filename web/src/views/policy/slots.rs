//! A hash range cut into parts: as many slots as all weights together, and the one that was hit.

use hopscope_core::policy::decision::{Candidate, Reason, Score};
use maud::{Markup, html};

use super::Moment;
use super::server::tint;

const TOP: i32 = 26;
const BAND: i32 = 30;

/// The figure, for a hash that hit a slot.
pub(super) fn draw(moment: &Moment<'_>) -> Markup {
    let parts: Vec<(&Candidate, u32, u32)> = moment
        .candidates
        .iter()
        .filter_map(|c| if let Score::Slots(from, to) = c.score { Some((c, from, to)).filter(|_| to > from) } else { None })
        .collect();
    let total = parts.iter().map(|&(_, _, to)| to).max().unwrap_or(0);
    let (Reason::AddressHash(hit) | Reason::KeyHash(hit)) = moment.decision.reason else { return html! {} };
    let Some(owner) = parts.iter().find(|&&(_, from, to)| (from..to).contains(&hit)).map(|&(c, ..)| c) else { return html! {} };
    let x = |slot: u32| halves(u64::from(slot) * 2, total);
    let what = if matches!(moment.decision.reason, Reason::AddressHash(_)) { "client’s network" } else { "key" };
    let words = format!("The hash of the {what}, modulo {total}, is {hit}: a slot of {}.", moment.name(owner));
    let told: Vec<String> = parts.iter().map(|&(c, from, to)| format!("{}: {}", moment.name(c), range(from, to))).collect();
    html! {
        figure.policy-picture {
            figcaption { h4 { "Where the hash falls" } }
            svg.policy-svg width="100%" height=(TOP + BAND + 20) role="img" aria-label={ (words) " Slots by server: " (told.join(", ")) "." } {
                @for &(candidate, from, to) in &parts {
                    @let index = moment.servers.index(candidate.node).unwrap_or(0);
                    rect class=(format_args!("pp-part {}", tint(index))) x=(x(from)) y=(TOP) width=(x(to - from)) height=(BAND) {}
                    svg x=(middle(from, to, total)) y=(TOP + 20) overflow="visible" { text text-anchor="middle" class=(format_args!("sv-label {}", tint(index))) { (moment.name(candidate)) } }
                }
                svg x=(middle(hit, hit + 1, total)) y=(TOP - 4) overflow="visible" {
                    path.pp-hit d="M-6 -8h12l-6 9z" {}
                    text.pp-value text-anchor=(anchor(hit, total)) y="-11" { "slot " (hit) }
                }
                text.pp-tick x="0" y=(TOP + BAND + 15) { "0" }
                text.pp-tick x="100%" y=(TOP + BAND + 15) text-anchor="end" { (total.saturating_sub(1)) }
            }
            p.picture-words { (words) }
        }
    }
}

/// So many halves of a slot, as a share of the width.
fn halves(count: u64, total: u32) -> String {
    let tenths = count * 500 / u64::from(total.max(1));
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// The middle of a stretch of slots.
fn middle(from: u32, to: u32, total: u32) -> String {
    halves(u64::from(from) + u64::from(to), total)
}

/// Near an end the words lean inwards.
const fn anchor(slot: u32, total: u32) -> &'static str {
    match slot * 8 {
        eighths if eighths < total => "start",
        eighths if eighths >= 7 * total => "end",
        _ => "middle",
    }
}

fn range(from: u32, to: u32) -> String {
    if to == from + 1 { from.to_string() } else { format!("{from} to {}", to - 1) }
}
