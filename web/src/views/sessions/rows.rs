//! What the balancer's table remembers.

use hopscope_core::policy::affinity::{Limits, Row};
use hopscope_core::scenario::Stick;
use maud::{Markup, html};

use super::{Shown, followed};

/// The most rows that are shown.
const MOST: usize = 5;

pub(super) fn draw(shown: &Shown<'_>) -> Markup {
    let Some(view) = shown.stick.as_ref().filter(|view| matches!(view.by, Stick::AppCookie | Stick::Table)) else { return html! {} };
    let own = shown.followed.and_then(|place| shown.users.get(place)).and_then(|user| followed::key(shown, user));
    let is_own = |row: &Row| own.as_deref() == Some(&*row.key);
    // The one that is followed comes first, then those that run out first.
    let listed = view.rows.iter().filter(|row| is_own(row)).chain(view.rows.iter().filter(|row| !is_own(row)));
    html! {
        section.ss-part {
            h4 { "The table" }
            p.ss-sum { (view.rows.len()) " of at most " (view.limits.size) " rows" @if view.rows.len() > MOST { ", " (MOST) " of them here" } "." }
            @if !view.rows.is_empty() {
                div.scroll-x {
                    table.table {
                        thead { tr { th scope="col" { "Key" } th scope="col" { "Server" } th scope="col" { "Runs out" } } }
                        tbody {
                            @for row in listed.take(MOST) {
                                tr class=[is_own(row).then_some("chosen")] {
                                    th scope="row" { code { (row.key) } @if is_own(row) { span.visually-hidden { ", of the user that is followed" } } }
                                    td { (member(shown, row.member)) }
                                    td { (left(shown, view.limits, row)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The name of a pool's member.
pub(super) fn member(shown: &Shown<'_>, member: u16) -> String {
    let node = shown.balancer.and_then(|(by, pool)| {
        let pools = shown.run.world().pools_view(by);
        pools.get(pool)?.1.get(usize::from(member)).map(|peer| peer.node)
    });
    node.map_or_else(String::new, |node| shown.name(node).to_owned())
}

/// How long a row stays unless it is used.
pub(super) fn left(shown: &Shown<'_>, limits: Limits, row: &Row) -> String {
    if limits.expire.is_zero() {
        return "never".to_owned();
    }
    let ms = row.until.saturating_sub(shown.run.now().as_micros() / 1_000);
    format!("in {}.{} s", ms / 1_000, ms % 1_000 / 100)
}
