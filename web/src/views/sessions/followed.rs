//! The user of the request that is followed: what they bring, who knows them, what they lost.

use hopscope_core::scenario::{HashedBy, Stick};
use hopscope_core::world::SessionView;
use maud::{Markup, html};

use super::{Shown, lost, rows};
use crate::views::events::seconds;

pub(super) fn draw(shown: &Shown<'_>) -> Markup {
    let Some(user) = shown.followed.and_then(|place| shown.users.get(place)) else { return html! {} };
    html! {
        section.ss-part {
            h4 { (shown.user(user)) }
            dl.ss-facts {
                dt { "Brings" }
                dd {
                    @for cookie in &user.cookies { code { (cookie.name) "=" (cookie.value) } " " }
                    @if user.cookies.is_empty() { "no cookie" }
                    @if let Some(address) = address(shown, user) { @if !user.cookies.is_empty() { "and " } @else { ", " } "the address " (address) }
                }
                @if matches!(shown.by(), Stick::AppCookie | Stick::Table) { dt { "Row" } dd { (row(shown, user)) } }
                dt { "Known at" }
                dd {
                    @match user.server {
                        Some(node) if user.stale => { "nobody: " (shown.name(node)) " has forgotten" }
                        Some(node) => { (shown.name(node)) }
                        None => { "nobody" @if shown.anybody_keeps() { " yet" } }
                    }
                }
                dt { "Lost" }
                dd {
                    @match user.last {
                        Some((at, was, why)) => { @match user.lost { 1 => { "once" } 2 => { "twice" } n => { (n) " times" } } ", last at " (seconds(at)) " s: " (lost::because(shown, was, why)) }
                        None => { "never" }
                    }
                }
            }
        }
    }
}

fn address(shown: &Shown<'_>, user: &SessionView) -> Option<String> {
    shown.run.world().address_of(user.clients, user.user).map(|address| address.to_string())
}

/// The row that leads this user to their server.
fn row(shown: &Shown<'_>, user: &SessionView) -> Markup {
    let Some(view) = &shown.stick else { return html! {} };
    let found = key(shown, user).and_then(|key| view.rows.iter().find(|row| *row.key == key));
    html! { @match found {
        Some(row) => { code { (row.key) } " → " (rows::member(shown, row.member)) ", " (rows::left(shown, view.limits, row)) }
        None => { "none" }
    } }
}

/// By what the balancer looks for this user; nothing where a request alone could tell.
pub(super) fn key(shown: &Shown<'_>, user: &SessionView) -> Option<String> {
    let rule = shown.rule()?;
    let cookie = |name: &str| user.cookies.iter().find(|cookie| &*cookie.name == name).map(|cookie| cookie.value.to_string());
    match shown.by() {
        Stick::AppCookie => cookie(&rule.app_cookie.as_ref()?.name),
        _ => match &rule.table.as_ref()?.on {
            HashedBy::Client => address(shown, user),
            HashedBy::Cookie(name) => cookie(name),
            HashedBy::Uri | HashedBy::Header(_) => None,
        },
    }
}
