//! Who knows which user, by which cookie or row, and who lost a session and why.

use hopscope_core::lesson::Lab;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Loss, NodeId, SessionView};
use maud::{Markup, html};

use super::names;

/// Every user of a lab.
pub fn draw(run: &Timeline, lab: &Lab) -> String {
    let users = run.world().sessions();
    html! {
        div.ss {
            h3.panel-title { "Who knows whom" }
            div.scroll-x {
                table.table {
                    thead { tr { th scope="col" { "User" } th scope="col" { "Cookies" } th scope="col" { "Session at" } th scope="col" { "Lost" } } }
                    tbody { @for user in &users { (line(run, lab, user)) } }
                }
            }
        }
    }
    .into_string()
}

fn line(run: &Timeline, lab: &Lab, user: &SessionView) -> Markup {
    let name = |node: NodeId| names::node(lab, run.spec(), node);
    html! {
        tr {
            th scope="row" { (name(user.clients)) " " (u32::from(user.user) + 1) }
            td { @for cookie in &user.cookies { code { (cookie.name) "=" (cookie.value) } " " } }
            td { @if let Some(node) = user.server { (name(node)) } }
            td { (user.lost) @if let Some((_, was, why)) = user.last { ": " (name(was)) " " (words(why)) } }
        }
    }
}

/// Why a session was lost, after the name of who knew the user.
const fn words(why: Loss) -> &'static str {
    match why {
        Loss::Restarted => "was started again",
        Loss::Gone => "is gone",
        Loss::Out => "was taken out",
        Loss::Balanced => "was not chosen",
    }
}
