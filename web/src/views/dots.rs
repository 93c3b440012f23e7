//! Messages under way, as points in the stage's view box; the shell paints them.

use hopscope_core::time::Instant;
use hopscope_core::world::{MessageKind, MessageView, NodeId, World};

use super::geometry::Geometry;

/// What a dot stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DotMark {
    /// A request, or an answer that is fine.
    Ok,
    /// An answer that says that something went wrong, or a reset.
    Error,
    /// A message that opens or closes a connection.
    Control,
}

/// A message at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Where, in the stage's view box.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// What it is.
    pub mark: DotMark,
    /// Whether it is an answer on its way back.
    pub back: bool,
    /// The request that it belongs to.
    pub root: Option<u32>,
}

/// The messages under way at a moment between two events.
pub fn dots(geometry: &Geometry, world: &World, now: Instant) -> Vec<Dot> {
    // Who asked, by root; flights come in order of serial, so this can be searched.
    let askers: Vec<(u32, NodeId, u16)> = world.flights().iter().filter(|f| f.serial == f.root).map(|f| (f.root, f.from, f.user)).collect();
    world.messages().iter().map(|message| dot(geometry, message, &askers, now)).collect()
}

fn dot(geometry: &Geometry, message: &MessageView, askers: &[(u32, NodeId, u16)], now: Instant) -> Dot {
    let whole = message.arrives.since(message.sent).as_micros().max(1);
    let share = now.since(message.sent).as_micros() as f64 / whole as f64;
    let asker = message.root.and_then(|root| askers.binary_search_by_key(&root, |a| a.0).ok()).map(|i| askers[i]);
    let (x, y) = match asker {
        Some((_, clients, user)) => geometry.along_strand(message.from, message.to, clients, user, share),
        None => geometry.along(message.from, message.to, share),
    };
    let back = !message.kind.is_forward();
    Dot { x, y, mark: mark(message), back, root: message.root }
}

const fn mark(message: &MessageView) -> DotMark {
    match message.kind {
        MessageKind::Request => DotMark::Ok,
        MessageKind::Response if message.status < 400 => DotMark::Ok,
        MessageKind::Response | MessageKind::Rst => DotMark::Error,
        _ => DotMark::Control,
    }
}
