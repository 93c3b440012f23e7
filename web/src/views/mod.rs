//! Pictures and panels as pure functions of a run: text in, text out, no browser.
//!
//! Every function gives markup for `innerHTML`. It holds no inline style and no colour, only
//! classes (`web/styles/stage.css`, `web/styles/base.css`), so a change of theme needs no redraw.
//!
//! ```text
//! Shape::for_width(px) -> Shape                       the shape that fits a container; Shape::width() is its design width
//! Scene { lab, world, log, shape, selected, chosen }
//! geometry::Geometry::new(&Scene) -> Geometry          .width .height; .along(from, to, fraction) -> (x, y)
//! stage::draw(&Scene, &Geometry) -> String             the SVG
//! dots::dots(&Geometry, &World, Instant) -> Vec<Dot>   what is under way, for the canvas of the same view box
//! decision::latest(&Timeline, Option<root>) -> Option<&Decision>   gives Scene::chosen
//! decision::panel(&Timeline, &Lab, Option<root>) -> String         "Why b2?", for that request or the last decision
//! request::Trace::of(&Timeline, root) -> Option<Trace> may run a copy of the world again: keep it while root and actions stay
//! request::panel(&Trace, &Timeline, &Lab) -> String    headers per hop, believed client, waterfall
//! events::list(&Timeline, &Lab, limit) -> String       newest first; buttons with data-ordinal
//! track::track(&Timeline, &Lab) -> String              width 100 %, height track::HEIGHT; marks are groups with data-ordinal
//! charts::requests(&Timeline, &Lab) -> String          a figure: stacked requests per second
//! charts::latency(&Timeline, &Lab) -> String           a figure: p50, p95, p99, ghost dashed
//!     Track and charts fill the width of their container, which is the x-axis from 0 to the horizon: put them
//!     and the playhead into one box with room beside it (class `time-axis`: 56 px left, 40 px right; narrow 36 and 12).
//!     The numbers of the y-axis hang out to the left. A moment stands at axis::share(at, horizon) of the width.
//! goals::meter(&Goal, value, Option<&Words>, over) -> String       over: the run has ended, so the value is final
//! words::state(&World, &Lab) -> String                 the stage as a table; words::sentence(&World, &Lab) in one sentence
//! access::lines(&Log, &World, &Lab, position, limit) -> String     empty when no node keeps a log
//! model::card(&ModelCard) -> String
//! marks::legend() -> String                            what the marks mean
//! compare::Sides { lab, all, choices, shown, followed }                several runs; differences, raster, table, parting, latency of them
//! policy::picture(&Timeline, &Lab, Option<root>) -> String             what a policy keeps, for the decision that the panel explains; may run a
//!                                                                      copy of the world again: keep it while policy::pictured stays the same
//! sequence::draw(&Timeline, &Lab, Option<root>) -> String              the messages of one request; rows are buttons with data-ordinal
//! connections::draw(&Timeline, &Lab, Option<root>) -> String           the connections on its way, a table for each
//! slots::draw(&Timeline, &Lab) -> String                               every pool as slots, with its queue
//! sessions::draw(&Timeline, &Lab, Option<root>) -> String              who knows which user, and who lost a session; losses are buttons with data-ordinal
//! names::action(&ActionKind, &Lab, &Spec) -> String    an action in a few words, as on the track
//! names::shown(&Lab, "b1") -> &str, names::say(&Record, &World, &Log, &Lab) -> String
//! ```

pub mod access;
pub mod axis;
pub mod charts;
pub mod compare;
pub mod condition;
pub mod connections;
pub mod curve;
pub mod decision;
pub mod dots;
pub mod events;
pub mod geometry;
pub mod goals;
pub mod health;
mod layout;
pub mod marks;
pub mod model;
pub mod names;
mod node_backend;
mod node_balancer;
mod node_clients;
mod node_forwarder;
mod node_switch;
mod paint;
mod patch;
pub mod policy;
mod rates;
pub mod request;
mod selected;
pub mod sequence;
pub mod sessions;
mod size;
pub mod slots;
pub mod stage;
mod strand_layer;
mod strands;
mod text;
mod topology;
pub mod track;
pub mod words;

#[cfg(test)]
mod tests;

use hopscope_core::lesson::Lab;
use hopscope_core::world::{Log, NodeId, World};

/// How wide a stage is drawn, and in which direction traffic flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Left to right, 1040 wide.
    Wide,
    /// Left to right, 720 wide.
    Mid,
    /// Left to right, 540 wide: one of two stages side by side.
    Half,
    /// Top to bottom, 390 wide.
    Tall,
}

impl Shape {
    /// The shape for a container of so many CSS pixels. Text is then drawn at its size or a little over.
    pub const fn for_width(px: u32) -> Self {
        match px {
            0..500 => Self::Tall,
            500..690 => Self::Half,
            690..980 => Self::Mid,
            _ => Self::Wide,
        }
    }

    /// The shape for so many columns: where they would be too narrow to read, traffic runs down.
    pub const fn for_columns(self, columns: usize) -> Self {
        match (self, columns) {
            (Self::Half, 5..) | (Self::Mid, 6..) => Self::Tall,
            _ => self,
        }
    }

    /// The width of its view box.
    pub const fn width(self) -> i32 {
        match self {
            Self::Wide => 1040,
            Self::Mid => 720,
            Self::Half => 540,
            Self::Tall => 390,
        }
    }
}

/// What a stage shows: one moment of a run.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// For display names.
    pub lab: &'a Lab,
    /// The world at that moment.
    pub world: &'a World,
    /// The run's log.
    pub log: &'a Log,
    /// How it is drawn.
    pub shape: Shape,
    /// The request that the inspector explains: the serial of its root flight.
    pub selected: Option<u32>,
    /// The balancer and whom it picked for it.
    pub chosen: Option<(NodeId, NodeId)>,
}
