//! The connections on a request's way, side by side, each with what its two ends know of it. A
//! proxy stands at the end of two: nothing but the proxy joins them.

mod ends;

use std::net::IpAddr;

use hopscope_core::lesson::Lab;
use hopscope_core::order::sorted;
use hopscope_core::scenario::{NodeKind, Protocol, Tls};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Conn, ConnState, Event, MessageKind, NodeId, Sent};
use maud::{Markup, html};

use super::{decision, events, names, text};
pub use ends::{End, Known};

/// The most tables at once.
const MOST: usize = 6;

/// The connections that are open on a request's way.
pub fn draw(run: &Timeline, lab: &Lab, root: Option<u32>) -> String {
    let sent = run.log().sent_until(run.position());
    let all = run.world().connections();
    let of = root.map(|root| on_the_way(run, root, sent, &all)).unwrap_or_default();
    let shown = Shown { run, lab, sent };
    html! {
        div.cn {
            h3.panel-title { "Connections on the way" @if let Some(root) = root { " of #" (root) } }
            p.cn-words { (shown.words(&of)) }
            div.cn-all { @for conn in of.iter().take(MOST) { (shown.table(conn)) } }
            @if of.len() > MOST { p.cn-words { "and " (text::count((of.len() - MOST) as u64, "more", "more")) } }
        }
    }
    .into_string()
}

/// Those that have carried it, in the order in which it came to them. Where messages are not kept
/// nobody knows which these are, so all between the nodes that it has come to.
fn on_the_way<'a>(run: &Timeline, root: u32, sent: &[Sent], all: &[&'a Conn]) -> Vec<&'a Conn> {
    let Some((clients, user, _)) = decision::arrived(run, root) else { return Vec::new() };
    let of_user = |conn: &Conn| (conn.opener(), conn.user) == (clients, user);
    let first = |conn: &Conn| sent.iter().position(|s| s.root == root && s.conn == conn.serial);
    let reached = reached(run, root);
    let passes = |conn: &Conn| {
        let from_there = if conn.opener() == clients { conn.user == user } else { reached.contains(&conn.opener()) };
        from_there && reached.contains(&conn.far_end())
    };
    let used = |conn: &Conn| conn.root == root || first(conn).is_some() || (sent.is_empty() && passes(conn));
    let mut of: Vec<&Conn> = all.iter().copied().filter(|conn| used(conn)).collect();
    if of.is_empty() {
        of = all.iter().copied().filter(|conn| of_user(conn)).collect();
    }
    let ranked: Vec<(u64, &Conn)> =
        of.iter().map(|&conn| (if of_user(conn) { 0 } else { first(conn).map_or(u64::MAX, |at| at as u64) }, conn)).collect();
    sorted(&ranked, |(rank, conn)| [*rank, conn.serial.into(), 0, 0]).into_iter().map(|(_, conn)| conn).collect()
}

/// The nodes that a request has come to.
fn reached(run: &Timeline, root: u32) -> Vec<NodeId> {
    let records = run.log().around(root, run.position()).iter().filter(|r| r.root == root);
    records.filter_map(|r| if let Event::Received { node, .. } = r.event { Some(node) } else { None }).collect()
}

struct Shown<'a> {
    run: &'a Timeline,
    lab: &'a Lab,
    sent: &'a [Sent],
}

impl Shown<'_> {
    fn name(&self, node: NodeId) -> &str {
        names::node(self.lab, self.run.spec(), node)
    }

    /// How many there are, and who stands between them.
    fn words(&self, of: &[&Conn]) -> String {
        let joins = of.iter().find_map(|a| of.iter().find(|b| b.opener() == a.far_end()).map(|b| (a, b)));
        match (of, joins) {
            ([], _) => "None is open.".to_owned(),
            (_, Some((a, b))) => {
                let (client, proxy, server) = (self.name(a.opener()), self.name(b.opener()), self.name(b.far_end()));
                let count = if of.len() == 2 { "Two connections".to_owned() } else { format!("{} connections", of.len()) };
                format!("{count} and not one: {client} to {proxy}, and {proxy} to {server}. Nothing but {proxy} joins them.")
            }
            ([one], None) => format!("One so far: {} to {}.", self.name(one.opener()), self.name(one.far_end())),
            _ => format!("{} are open.", of.len()),
        }
    }

    /// What an end knows. Where messages are not kept, both know what the model knows.
    fn end(&self, conn: &Conn, node: NodeId) -> End {
        if self.sent.is_empty() {
            let known = match conn.state {
                ConnState::Dialing => Known::Asked,
                ConnState::Securing => Known::Securing,
                ConnState::Open if conn.is_closed_at_far_end() && node != conn.opener() => Known::Closing,
                ConnState::Open => Known::Open,
                ConnState::Closing => Known::Closing,
            };
            return End { known, requests: conn.carried, answers: conn.carried.saturating_sub(conn.streams), last: conn.since };
        }
        let is_new = self.sent.iter().any(|s| s.conn == conn.serial && s.kind == MessageKind::Syn);
        End::of(self.sent, (conn.serial, conn.tls), node, self.run.now(), if is_new { Known::Nothing } else { Known::Open })
    }

    fn address(&self, conn: &Conn, node: NodeId) -> IpAddr {
        let of_user = self.run.world().address_of(node, conn.user).filter(|_| node == conn.opener());
        of_user.unwrap_or_else(|| self.run.spec().node(node).address)
    }

    fn table(&self, conn: &Conn) -> Markup {
        let (opener, far) = (conn.opener(), conn.far_end());
        let ends = [self.end(conn, opener), self.end(conn, far)];
        // Whoever opens it talks to the first node on its path, whatever that passes on.
        let asked = conn.path().get(1).copied().unwrap_or(far);
        let addresses = [(self.address(conn, opener), self.run.spec().node(asked).address), (self.address(conn, far), conn.source)];
        let is_known = |i: usize| ends[i].known != Known::Nothing;
        let row = |what: &str, value: &dyn Fn(usize) -> String| {
            html! { tr { th scope="row" { (what) } @for i in 0..2 { td { (if is_known(i) { value(i) } else { "–".to_owned() }) } } } }
        };
        html! {
            table class=(format_args!("cn-table {}", if matches!(self.run.spec().node(opener).kind, NodeKind::Clients(_)) { "client" } else { "proxy" })) {
                caption { strong { "Connection " (conn.serial) } " opened by " (self.name(opener)) }
                thead { tr { td {} @for node in [opener, far] { th scope="col" { span.visually-hidden { "At " } (self.name(node)) } } } }
                tbody {
                    tr { th scope="row" { "State" } @for end in &ends { td class=(format_args!("cn-state{}", if end.known == Known::Cut { " cut" } else { "" })) { (end.known.words()) } } }
                    (row("Own address", &|i| addresses[i].0.to_string()))
                    (row("Peer", &|i| addresses[i].1.to_string()))
                    (row("TLS", &|i| tls(conn.tls, ends[i].known).to_owned()))
                    (row("Requests", &|i| ends[i].requests.to_string()))
                    (row(if conn.proto == Protocol::Http2 { "Streams" } else { "Under way" }, &|i| ends[i].under_way().to_string()))
                    (row("Idle since", &|i| self.idle(&ends[i])))
                }
            }
        }
    }

    fn idle(&self, end: &End) -> String {
        if end.known == Known::Open && end.under_way() == 0 { format!("{} s", events::seconds(end.last)) } else { "–".to_owned() }
    }
}

/// How a connection is secured, once it is.
const fn tls(tls: Tls, known: Known) -> &'static str {
    match (tls, known) {
        (Tls::None, _) => "none",
        (_, Known::Nothing | Known::Asked | Known::Answered | Known::Securing) => "not yet",
        (Tls::Tls12, _) => "1.2",
        (Tls::Tls12Resumed, _) => "1.2, resumed",
        (Tls::Tls13, _) => "1.3",
        (Tls::Tls13Resumed, _) => "1.3, resumed",
        (Tls::EarlyData, _) => "1.3, early data",
    }
}
