//! Who knows whom: each server with the users whose sessions it holds, what brings the followed user
//! back, what the balancer's table remembers, and who lost a session, when and why.

mod followed;
mod lost;
mod rows;
mod servers;

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{HashedBy, NodeKind, Stick, Sticky};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Event, NodeId, SessionView, StickView};
use maud::{Markup, html};

use super::names;

/// All of it; `root` is the request that is followed, whose user is shown in detail.
pub fn draw(run: &Timeline, lab: &Lab, root: Option<u32>) -> String {
    let shown = Shown::of(run, lab, root);
    html! {
        div.ss {
            h3.panel-title { "Who knows whom" }
            p.ss-words { (shown.way()) }
            div.ss-columns {
                (servers::draw(&shown))
                div.ss-side {
                    (followed::draw(&shown))
                    (rows::draw(&shown))
                    (lost::draw(&shown))
                }
            }
        }
    }
    .into_string()
}

/// What is drawn.
struct Shown<'a> {
    run: &'a Timeline,
    lab: &'a Lab,
    /// Every user, in order.
    users: Vec<SessionView>,
    /// The followed user, by their place among them.
    followed: Option<usize>,
    /// Who balances: the first pool that keeps its users, or else the first pool of a proxy.
    balancer: Option<(NodeId, usize)>,
    /// By what that pool keeps its users now.
    stick: Option<StickView>,
}

impl<'a> Shown<'a> {
    fn of(run: &'a Timeline, lab: &'a Lab, root: Option<u32>) -> Self {
        let (world, users) = (run.world(), run.world().sessions());
        let arrived = root.and_then(|root| run.log().around(root, run.position()).first());
        let followed = arrived.and_then(|record| match record.event {
            Event::Arrived { node, user, .. } => users.iter().position(|u| u.clients == node && u.user == user),
            _ => None,
        });
        let proxies = (0..run.spec().nodes.len()).map(NodeId::new).filter(|&id| matches!(run.spec().node(id).kind, NodeKind::Proxy(_)));
        let pools: Vec<(NodeId, usize)> =
            proxies.flat_map(|id| (0..run.spec().node(id).pools().len()).map(move |pool| (id, pool))).collect();
        let keeps = |&&(id, pool): &&(NodeId, usize)| world.stick_rows(id, pool as u16).is_some();
        let balancer = pools.iter().find(keeps).or(pools.first()).copied();
        let stick = balancer.and_then(|(id, pool)| world.stick_rows(id, pool as u16));
        Self { run, lab, users, followed, balancer, stick }
    }

    fn name(&self, node: NodeId) -> &str {
        names::node(self.lab, self.run.spec(), node)
    }

    /// `Office 3`; a group of one goes by its name alone.
    fn user(&self, user: &SessionView) -> String {
        let alone = self.users.iter().filter(|other| other.clients == user.clients).count() == 1;
        let name = self.name(user.clients);
        if alone { name.to_owned() } else { format!("{name} {}", u32::from(user.user) + 1) }
    }

    /// By what users are kept now.
    fn by(&self) -> Stick {
        self.stick.as_ref().map_or(Stick::None, |view| view.by)
    }

    fn rule(&self) -> Option<&Sticky> {
        let (node, pool) = self.balancer?;
        self.run.spec().node(node).pools().get(pool)?.sticky.as_ref()
    }

    /// Whether any server keeps something about its users.
    fn anybody_keeps(&self) -> bool {
        servers::of(self).iter().any(|&node| self.run.world().keeps_users(node))
    }

    /// How users are brought back, in a sentence.
    fn way(&self) -> Markup {
        let Some((node, pool)) = self.balancer else { return html! { "Nobody here chooses among servers." } };
        let name = self.name(node);
        html! {
            @match (self.by(), self.rule()) {
                (Stick::Cookie, Some(rule)) => { (name) " sets a cookie, " code { (rule.cookie.as_ref().map_or("", |c| &*c.name)) } ", that names the server. Who brings it is sent there." }
                (Stick::AppCookie, Some(rule)) => { "Servers set a cookie of their own, " code { (rule.app_cookie.as_ref().map_or("", |c| &*c.name)) } ", and " (name) " remembers who set which." }
                (Stick::Table, Some(rule)) => { (name) " remembers in a table which server each " (key(rule)) " went to." }
                _ => {
                    @let policy = self.run.world().pools_view(node).get(pool).map(|(kind, _)| names::policy(*kind)).unwrap_or_default();
                    "Nothing is remembered: " (name) " balances every request, by " (policy) "."
                }
            }
            @if !self.anybody_keeps() { " The servers keep nothing about their users, so each can serve everybody." }
        }
    }
}

/// What a table finds its rows by.
fn key(rule: &Sticky) -> Markup {
    match rule.table.as_ref().map(|table| &table.on) {
        Some(HashedBy::Uri) => html! { "path" },
        Some(HashedBy::Header(name)) => html! { (name) " field" },
        Some(HashedBy::Cookie(name)) => html! { "cookie " (name) },
        _ => html! { "address" },
    }
}
