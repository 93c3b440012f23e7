//! The messages of one request as a sequence diagram: a lifeline for each node on its way, a row
//! for each message. It grows as the run does. Read aloud it is a list of sentences, and each row
//! is a way back to the event that sent its message.

mod arrow;
mod rows;

use hopscope_core::describe::en;
use hopscope_core::lesson::Lab;
use hopscope_core::scenario::NodeKind;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Event, MessageKind, NodeId, Sent};
use maud::{Markup, html};

use super::{decision, events, names, text};
pub use rows::{Row, Rows, Stands};

/// The most proxies that are passed for certain before anything has been sent.
const FAR: usize = 6;

/// The diagram of a request, or what to do to see one.
pub fn draw(run: &Timeline, lab: &Lab, root: Option<u32>) -> String {
    let Some((root, (clients, _, class))) = root.and_then(|root| Some((root, decision::arrived(run, root)?))) else {
        return html! { p.panel-empty { "No request has been sent yet. Step or play to send the first one." } }.into_string();
    };
    let world = run.world();
    let what = format!("{} {}", world.class_method(class).as_str(), world.class_path(class));
    let (way, open) = way(run, clients);
    let certain = way.len();
    let rows = Rows::of(run.log().sent_until(run.position()), root, way);
    let answers = answers(run, root);
    // Who answers it without asking anybody has picked nobody.
    let open = open && rows.nodes.len() == certain && !answers.iter().any(|&(flight, _)| flight == root);
    let columns = rows.nodes.len() + usize::from(open);
    Diagram { run, lab, what, answers, rows, columns }.draw(root).into_string()
}

/// The nodes that a group's requests pass whatever is decided, and whether somebody is to be
/// picked after them.
fn way(run: &Timeline, clients: NodeId) -> (Vec<NodeId>, bool) {
    let spec = run.spec();
    let target = spec.scenario.clients.iter().zip(0..).find(|&(_, i)| spec.node(clients).kind == NodeKind::Clients(i));
    let mut next = target.and_then(|(group, _)| spec.id(&group.target));
    let (mut way, mut open) = (vec![clients], false);
    while let Some(node) = next.filter(|node| way.len() < FAR && !way.contains(node)) {
        way.push(node);
        let pools = spec.node(node).pools();
        let mut members = pools.iter().flat_map(|pool| &pool.members);
        let first = members.next();
        open = members.next().is_some();
        next = first.filter(|_| !open).and_then(|only| spec.id(&only.node));
    }
    (way, open)
}

/// What each flight of a request was answered.
fn answers(run: &Timeline, root: u32) -> Vec<(u32, u16)> {
    let records = run.log().around(root, run.position()).iter();
    let of = |event| if let Event::Answered { flight, status, .. } = event { Some((flight, status)) } else { None };
    records.filter(|r| r.root == root).filter_map(|r| of(r.event)).collect()
}

/// How a message looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    /// Opens or closes a connection.
    Control,
    /// Secures one.
    Secures,
    /// A request, or an answer that is fine.
    Carries,
    /// An answer that says that something is wrong.
    Wrong,
    /// Cuts a connection off.
    Cuts,
}

/// A diagram with all that its words need.
struct Diagram<'a> {
    run: &'a Timeline,
    lab: &'a Lab,
    /// The request in two words.
    what: String,
    answers: Vec<(u32, u16)>,
    rows: Rows,
    /// The nodes, and one more while nobody is picked yet.
    columns: usize,
}

impl Diagram<'_> {
    fn draw(&self, root: u32) -> Markup {
        let (position, now) = (self.run.position(), self.run.now());
        let leaves = self.rows.messages().any(|s| s.ordinal == position);
        html! {
            div.sq {
                div.sq-top {
                    h3.panel-title { "Request #" (root) ", message by message" }
                    div.sq-head aria-hidden="true" {
                        span.sq-time { "Sent at" }
                        div.sq-names {
                            @for &node in &self.rows.nodes { div { span class=(format_args!("sq-name {}", hue(self.run, node))) { (self.name(node)) } } }
                            @if self.columns > self.rows.nodes.len() { div { span.sq-name.open { "Not picked yet" } } }
                        }
                    }
                }
                @if self.rows.left_out > 0 { p.sq-note { (text::count(self.rows.left_out as u64, "earlier line is", "earlier lines are")) " left out." } }
                ol.sq-rows {
                    @for row in &self.rows.rows {
                        @match row {
                            Row::Message { place, sent } => {
                                @let stands = Stands::of(sent, position, now);
                                // What leaves with this event is its mark; without any, what it lets arrive.
                                @let current = sent.ordinal == position || (!leaves && stands == Stands::Arrives);
                                (self.row(*place, sent, stands, current))
                            }
                            Row::Others(count) => {
                                li.sq-note { (self.behind()) span { (text::count(*count as u64, "message of another request", "messages of other requests")) " on these connections" } }
                            }
                        }
                    }
                }
                div.sq-rest { (self.behind()) }
            }
        }
    }

    /// The lifelines behind what is no message.
    fn behind(&self) -> Markup {
        html! { svg.sq-strip.sq-behind aria-hidden="true" { (arrow::lifelines(self.rows.nodes.len(), self.columns)) } }
    }

    fn row(&self, place: usize, sent: &Sent, stands: Stands, current: bool) -> Markup {
        let (tone, label) = (self.tone(sent), self.label(sent));
        html! {
            li {
                button.sq-row type="button" id={ (self.lab.id) "-sent-" (place) } data-ordinal=(sent.ordinal) aria-current=[current.then_some("true")] {
                    span.visually-hidden { (self.sentence(sent, &label, stands)) }
                    span.sq-time aria-hidden="true" { (events::seconds(sent.at)) }
                    (arrow::strip(&arrow::Arrow::new(self.run, &self.rows, self.columns, sent, tone), &label))
                }
            }
        }
    }

    fn name(&self, node: NodeId) -> &str {
        names::node(self.lab, self.run.spec(), node)
    }

    fn status(&self, sent: &Sent) -> u16 {
        self.answers.iter().find(|(flight, _)| *flight == sent.flight).map_or(0, |&(_, status)| status)
    }

    fn tone(&self, sent: &Sent) -> Tone {
        match sent.kind {
            MessageKind::Request => Tone::Carries,
            MessageKind::Response if self.status(sent) < 400 => Tone::Carries,
            MessageKind::Response => Tone::Wrong,
            MessageKind::Rst => Tone::Cuts,
            MessageKind::Syn | MessageKind::SynAck | MessageKind::Ack | MessageKind::Fin | MessageKind::FinBack => Tone::Control,
            _ => Tone::Secures,
        }
    }

    /// What stands on the arrow.
    fn label(&self, sent: &Sent) -> String {
        match (sent.kind, self.status(sent)) {
            (MessageKind::Request, _) => self.what.clone(),
            (MessageKind::Response, status @ 1..) => status.to_string(),
            (kind, _) => en::message_kind(kind).to_owned(),
        }
    }

    /// The row for a reader who does not see it.
    fn sentence(&self, sent: &Sent, label: &str, stands: Stands) -> String {
        let transit = sent.arrives.since(sent.at);
        let end = match stands {
            Stands::Past => format!("arrived after {transit}"),
            Stands::Arrives => format!("arrives now, after {transit}"),
            Stands::Leaves => format!("leaves now, arrives in {transit}"),
            Stands::UnderWay => format!("under way, arrives in {}", sent.arrives.since(self.run.now())),
        };
        let before = if sent.kind == MessageKind::Response { "Answer " } else { "" };
        let (from, to, conn, at) = (self.name(sent.from), self.name(sent.to), sent.conn, events::seconds(sent.at));
        format!("{before}{label} from {from} to {to} on connection {conn}, sent at {at}, {end}")
    }
}

/// The hue of a node's role.
fn hue(run: &Timeline, node: NodeId) -> &'static str {
    match run.spec().node(node).kind {
        NodeKind::Clients(_) => "client",
        NodeKind::Proxy(_) | NodeKind::Forwarder(_) => "proxy",
        NodeKind::Backend(_) => "backend",
        NodeKind::Switch(_) => "edge",
    }
}
