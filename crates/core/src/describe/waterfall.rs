//! Where a request spends its time, read from its records alone.

use crate::time::Instant;
use crate::world::{Event, NodeId, Record};

/// What a stretch of a request's time was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// Waiting for a free connection.
    Hold,
    /// Opening a connection.
    Connect,
    /// Securing it.
    Secure,
    /// On the way to a server.
    Travel,
    /// Held or judged by a proxy.
    Proxy,
    /// Waiting for a worker.
    Queue,
    /// Being worked on.
    Service,
    /// The answer on its way back.
    Return,
}

/// A stretch of a request's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it was spent on.
    pub kind: SpanKind,
    /// Where: the node that had it, or to which it travelled.
    pub node: Option<NodeId>,
    /// From when.
    pub from: Instant,
    /// Until when; `None` when it is still going on.
    pub to: Option<Instant>,
}

/// The stretches of a request's time, one after the other, empty ones left out.
/// `records` is the log up to where one stands; what lies beyond is not looked at.
pub fn waterfall(records: &[Record], root: u32) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open: Option<(SpanKind, Option<NodeId>, Instant)> = None;
    for record in records.iter().filter(|r| r.root == root) {
        let Some(next) = after(&record.event, root) else { continue };
        if let Some((kind, node, from)) = open {
            let same = matches!(next, Next::Spend(k, n) if k == kind && n == node);
            if same {
                continue;
            }
            if record.at > from {
                spans.push(Span { kind, node, from, to: Some(record.at) });
            }
        }
        open = match next {
            Next::Spend(kind, node) => Some((kind, node, record.at)),
            Next::Over => None,
        };
    }
    if let Some((kind, node, from)) = open {
        spans.push(Span { kind, node, from, to: None });
    }
    spans
}

enum Next {
    Spend(SpanKind, Option<NodeId>),
    Over,
}

/// What a request's time goes on after an event.
const fn after(event: &Event, root: u32) -> Option<Next> {
    Some(match *event {
        Event::Arrived { .. } | Event::Connected { .. } | Event::Secured { .. } | Event::Reused { .. } => {
            Next::Spend(SpanKind::Travel, None)
        }
        Event::Held { node, .. } | Event::Parked { node, .. } => Next::Spend(SpanKind::Hold, Some(node)),
        Event::Dialed { to, .. } => Next::Spend(SpanKind::Connect, Some(to)),
        Event::Greeted { to, .. } => Next::Spend(SpanKind::Secure, Some(to)),
        Event::Received { node, .. } | Event::Staged { node, .. } => Next::Spend(SpanKind::Proxy, Some(node)),
        Event::Decided { .. } => Next::Spend(SpanKind::Travel, None),
        Event::Queued { node, .. } => Next::Spend(SpanKind::Queue, Some(node)),
        Event::Started { node, .. } => Next::Spend(SpanKind::Service, Some(node)),
        Event::Answered { .. } => Next::Spend(SpanKind::Return, None),
        Event::Ended { flight, .. } if flight == root => Next::Over,
        _ => return None,
    })
}
