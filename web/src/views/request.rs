//! The request that the inspector explains: what each hop saw of it, whom it believed to have
//! asked, and where the time went.

use std::net::IpAddr;

use hopscope_core::describe::{Span, SpanKind, waterfall as spans};
use hopscope_core::lesson::Lab;
use hopscope_core::scenario::StageKind;
use hopscope_core::time::{Duration, Instant};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Event, Flight, FlightKind, NodeId, Outcome, Phase, World};
use maud::{Markup, html};

use super::axis::Share;
use super::{decision, names};

/// What one hop saw of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Who asked.
    pub from: NodeId,
    /// Who was asked; `None` while the request is on its way there.
    pub to: Option<NodeId>,
    /// Boxes in between that passed it on unread.
    pub through: Vec<NodeId>,
    /// Who asked, as the one asked sees the connection.
    pub peer: IpAddr,
    /// Whose request it is, as the one asked believes; `None` where nobody asks themselves that.
    pub believed: Option<IpAddr>,
    /// Header fields as sent on this hop.
    pub headers: Vec<(String, String)>,
    /// Whether it asks a service on the side.
    pub aside: bool,
}

/// Everything that is known of a request and is gone from the world once it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The serial of its root flight.
    pub root: u32,
    /// Its user's true address.
    pub address: Option<IpAddr>,
    /// What each hop saw, in order.
    pub hops: Vec<Hop>,
    /// The position from which on nothing more is learned of it; `None` while it is under way.
    complete: Option<u32>,
}

impl Trace {
    /// Reads a request off a run; `None` when it has not arrived yet.
    ///
    /// Flights leave the world when they end. For one that is over, a copy of the run goes back
    /// to the moment of its first answer, when every hop still has it.
    pub fn of(timeline: &Timeline, root: u32) -> Option<Self> {
        let records = timeline.log().around(root, timeline.position());
        let mine = || records.iter().filter(|r| r.root == root);
        let first = mine().next()?;
        let Event::Arrived { node, user, .. } = first.event else { return None };
        let over = mine().find(|r| matches!(r.event, Event::Answered { .. } | Event::Ended { .. }));
        let hops = match over {
            Some(record) if record.ordinal < timeline.position() => {
                let hops = hops(&timeline.world_at(record.ordinal), timeline, root);
                // Where all answers come at once, the flights are gone with the last event.
                if hops.is_empty() { self::hops(&timeline.world_at(record.ordinal.saturating_sub(1)), timeline, root) } else { hops }
            }
            _ => hops(timeline.world(), timeline, root),
        };
        Some(Self { root, address: timeline.world().address_of(node, user), hops, complete: over.map(|r| r.ordinal) })
    }
}

impl Trace {
    /// Whether it still says all that is known where a run stands.
    pub fn holds(&self, timeline: &Timeline) -> bool {
        self.complete.is_some_and(|at| at <= timeline.position())
    }
}

fn hops(world: &World, timeline: &Timeline, root: u32) -> Vec<Hop> {
    let flights = world.flights();
    let mine = flights.iter().filter(|f| f.root == root);
    mine.filter(|f| !matches!(f.kind, FlightKind::Mirror)).map(|f| hop(f, &flights, world, timeline)).collect()
}

/// The header fields as sent: those that the one asking had when it passed the request on. A proxy
/// that has the request has already written its own into them, but none writes cookies: those are as
/// this hop has them, with what its user's browser adds and without what a balancer takes out.
fn sent(flight: &Flight, flights: &[&Flight], world: &World) -> Vec<(String, String)> {
    let before = flights.iter().rev().find(|f| f.root == flight.root && f.serial < flight.serial && f.at == flight.from);
    let mut fields = before.map_or_else(|| world.class_headers(flight.class).0.clone(), |f| f.headers.0.clone());
    let place = fields.iter().position(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    match (flight.headers.get("cookie"), place) {
        (Some(cookies), Some(place)) => fields[place].1 = cookies.to_owned(),
        (Some(cookies), None) => fields.push(("Cookie".to_owned(), cookies.to_owned())),
        (None, Some(place)) => {
            fields.remove(place);
        }
        (None, None) => {}
    }
    fields
}

/// Whether a node settles on an address for the client, or counts by one.
fn settles(world: &World, id: NodeId) -> bool {
    world.stages_now(id).iter().any(|s| matches!(s.kind, StageKind::RealIp { .. } | StageKind::Limit { .. }))
}

fn hop(flight: &Flight, flights: &[&Flight], world: &World, timeline: &Timeline) -> Hop {
    let arrived = !matches!(flight.phase, Phase::Held | Phase::Going);
    let passed =
        timeline.log().around(flight.root, timeline.position()).iter().filter(|r| r.root == flight.root).filter_map(|r| match r.event {
            Event::Passed { flight: passed, node, back: false } if passed == flight.serial => Some(node),
            _ => None,
        });
    Hop {
        from: flight.from,
        to: arrived.then_some(flight.at),
        through: passed.collect(),
        peer: flight.peer,
        believed: (arrived && settles(world, flight.at)).then_some(flight.client),
        headers: sent(flight, flights, world),
        aside: matches!(flight.kind, FlightKind::Call | FlightKind::Dns),
    }
}

/// The panel. A trace that no longer holds is taken anew.
pub fn panel(trace: &Trace, timeline: &Timeline, lab: &Lab) -> String {
    let root = trace.root;
    let anew = if trace.holds(timeline) { None } else { Trace::of(timeline, root) };
    let trace = anew.as_ref().unwrap_or(trace);
    let world = timeline.world();
    let Some((clients, user, class)) = decision::arrived(timeline, root) else { return String::new() };
    let group = names::node(lab, timeline.spec(), clients);
    html! {
        div class="request" {
            p class="kicker" { "Request #" (root) " · user " (i32::from(user) + 1) " of " (group) @if let Some(address) = trace.address { ", " (address) } }
            h3 { (world.class_method(class).as_str()) " " (world.class_path(class)) " " (fate(timeline, root)) }
            (time(timeline, lab, root))
            @if !trace.hops.is_empty() {
                h4 { "What each hop saw" }
                ol class="trace-hops" {
                    @for (index, hop) in trace.hops.iter().enumerate() {
                        (hop_card(hop, trace, index.checked_sub(1).and_then(|i| trace.hops.get(i)), timeline, lab))
                    }
                }
            }
        }
    }
    .into_string()
}

/// How it ended, or that it has not.
fn fate(timeline: &Timeline, root: u32) -> Markup {
    let records = timeline.log().around(root, timeline.position());
    let end = records.iter().rev().find_map(|r| match r.event {
        Event::Ended { flight, outcome, status, .. } if flight == root => Some((outcome, status)),
        _ => None,
    });
    let (class, words) = match end {
        None => ("", "under way".to_owned()),
        Some((Outcome::Served, status)) => ("ok", if status > 0 { status.to_string() } else { "arrived".into() }),
        Some((Outcome::Rejected, status)) => ("error", format!("{status}, refused")),
        Some((Outcome::Failed, 0)) => ("error", "failed".to_owned()),
        Some((Outcome::Failed, status)) => ("error", format!("{status}, failed")),
    };
    html! { span class=(format_args!("fate {class}")) { (words) } }
}

fn hop_card(hop: &Hop, trace: &Trace, before: Option<&Hop>, timeline: &Timeline, lab: &Lab) -> Markup {
    let name = |id: NodeId| names::node(lab, timeline.spec(), id);
    let fooled = trace.address.is_some_and(|address| hop.believed.is_some_and(|believed| believed != address));
    let is_new = |field: &(String, String)| before.is_some_and(|b| !b.headers.contains(field));
    html! {
        li class=(if hop.aside { "trace-hop aside" } else { "trace-hop" }) {
            p class="hop-way" {
                strong { (name(hop.from)) }
                @for &id in &hop.through { " → " span class="unread" { (name(id)) ", unread" } }
                " → "
                @match hop.to { Some(to) => strong { (name(to)) }, None => em { "on its way" } }
            }
            @if hop.to.is_some() && !hop.aside {
                dl class="hop-facts" {
                    div { dt { "Peer" } dd { (hop.peer) } }
                    @if let Some(believed) = hop.believed {
                        div class=[fooled.then_some("fooled")] {
                            dt { "Believes" }
                            dd { (believed) @if fooled { span class="visually-hidden" { ", which is not who asked" } } }
                        }
                    }
                }
            }
            @if !hop.headers.is_empty() && !hop.aside {
                pre class="hop-headers" tabindex="0" role="group" aria-label="Header fields on this hop" {
                    @for field in &hop.headers {
                        @if is_new(field) { ins { (field.0) ": " (field.1) } } @else { span { (field.0) ": " (field.1) } }
                        "\n"
                    }
                }
            }
        }
    }
}

/// Where it spends its time.
fn time(timeline: &Timeline, lab: &Lab, root: u32) -> Markup {
    let spans = spans(timeline.log().around(root, timeline.position()), root);
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return html! {} };
    let now = timeline.now();
    let (from, to) = (first.from, last.to.unwrap_or(now).max(first.from));
    let whole = to.since(from);
    html! {
        table class="waterfall" {
            caption { span { "Where #" (root) " spends its time" } " " strong { (whole) } }
            tbody {
                @for span in &spans {
                    @let end = span.to.unwrap_or(now);
                    tr {
                        th scope="row" { (what(span, timeline, lab, root)) }
                        td class="wf-bar" {
                            svg width="100%" height="14" aria-hidden="true" {
                                rect x=(part(span.from, from, whole)) y="2" width=(width(span.from, end, whole)) height="10" rx="2" class=(format_args!("{}{}", hue(span.kind), if span.to.is_none() { " wf-open" } else { "" })) {}
                            }
                        }
                        td class="number" { (end.since(span.from)) @if span.to.is_none() { "…" } }
                    }
                }
            }
        }
    }
}

fn part(at: Instant, from: Instant, whole: Duration) -> Share {
    let us = whole.as_micros().max(1);
    Share((at.since(from).as_micros() * 98_500 / us) as u32)
}

/// The width of a bar; the shortest can still be seen.
fn width(from: Instant, to: Instant, whole: Duration) -> Share {
    let us = whole.as_micros().max(1);
    Share(((to.since(from).as_micros() * 98_500 / us) as u32).max(1_500))
}

/// Whom a stretch on the way ended at.
fn reached(span: &Span, timeline: &Timeline, root: u32) -> Option<NodeId> {
    let end = span.to?;
    let records = timeline.log().around(root, timeline.position());
    let from = records.partition_point(|r| r.at < end);
    records[from..]
        .iter()
        .find(|r| r.root == root && matches!(r.event, Event::Received { .. } | Event::Queued { .. } | Event::Started { .. }))
        .and_then(|r| r.event.node())
}

fn what(span: &Span, timeline: &Timeline, lab: &Lab, root: u32) -> String {
    let (what, node) = match span.kind {
        SpanKind::Hold => return "Waits for a connection".into(),
        SpanKind::Return => return "Answer on its way".into(),
        SpanKind::Travel => match reached(span, timeline, root) {
            Some(node) => ("Way to", Some(node)),
            None => return "On its way".into(),
        },
        SpanKind::Connect => ("Connects to", span.node),
        SpanKind::Secure => ("Secures with", span.node),
        SpanKind::Proxy => ("At", span.node),
        SpanKind::Queue => ("Queue at", span.node),
        SpanKind::Service => ("Work at", span.node),
    };
    format!("{what} {}", node.map(|id| names::node(lab, timeline.spec(), id)).unwrap_or_default())
}

const fn hue(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Hold | SpanKind::Queue => "f-cache",
        SpanKind::Connect | SpanKind::Secure => "f-client",
        SpanKind::Travel | SpanKind::Return => "f-ink3",
        SpanKind::Proxy => "f-proxy",
        SpanKind::Service => "f-backend",
    }
}
