//! Every view on the shipped labs and on odd topologies, at several moments and in every shape.

mod compare;
mod connections;
mod health;
mod labels;
mod panels;
mod policy;
mod sessions;
mod stages;

use std::rc::Rc;

use hopscope_core::lesson::{KnobWords, Lab};
use hopscope_core::scenario::{ActionKind, Scenario, Value};
use hopscope_core::time::Instant;
use hopscope_core::timeline::Timeline;

use super::{Scene, Shape, decision};

const SHAPES: [Shape; 4] = [Shape::Wide, Shape::Mid, Shape::Half, Shape::Tall];
const LABS: [&str; 5] = ["one-then-four", "side-by-side", "route-by-content", "xff-chain", "even-out"];

/// A shipped lab with a few display names.
fn shipped(id: &str) -> Lab {
    let file = format!("{}/../lessons/l4-vs-l7/labs/{id}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut lab = written(&text);
    lab.id = id.into();
    lab.nodes = [
        ("lb", "Balancer"),
        ("gate", "Gate (limiter)"),
        ("users", "Twelve users"),
        ("stubs", "DNS clients (UDP)"),
        ("d1", "d1 (resolver)"),
    ]
    .map(|(a, b)| (a.to_owned(), b.to_owned()))
    .to_vec();
    lab.knobs = vec![KnobWords {
        id: "layer".into(),
        label: "Layer".into(),
        choices: vec![("l7".into(), "Layer 7".into())],
        ..KnobWords::default()
    }];
    lab
}

/// A lab from a scenario's text.
fn written(text: &str) -> Lab {
    let scenario: Scenario = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    Lab { id: "test".into(), scenario: scenario.into(), ..Lab::default() }
}

fn run(lab: &Lab) -> Timeline {
    let spec = lab.scenario.compile().unwrap_or_else(|error| panic!("{error}"));
    Timeline::new(Rc::new(spec), lab.scenario.seed)
}

fn choose(timeline: &mut Timeline, knob: &str, to: &str) {
    let action = ActionKind::Set { knob: knob.into(), to: Value::Choice(to.into()) };
    timeline.act_at_start(action).unwrap_or_else(|error| panic!("{error}"));
}

fn seek(timeline: &mut Timeline, ms: u64) {
    timeline.seek_time(Instant(ms * 1_000));
}

/// The request that began last.
fn last_root(timeline: &Timeline) -> Option<u32> {
    let records = timeline.log().until(timeline.position());
    records.iter().rev().map(|r| r.root).find(|&root| root != hopscope_core::world::NO_ROOT)
}

fn scene<'a>(lab: &'a Lab, timeline: &'a Timeline, shape: Shape) -> Scene<'a> {
    let selected = last_root(timeline);
    let chosen = decision::latest(timeline, selected).and_then(|d| Some((d.node, d.chosen?)));
    Scene { lab, world: timeline.world(), log: timeline.log(), shape, selected, chosen }
}

/// Tags close in the order in which they open, and nothing is in it that a page's rules forbid.
fn check_markup(markup: &str, what: &str) {
    for forbidden in ["style=", "NaN", "inf\"", "<script", "#000000"] {
        assert!(!markup.contains(forbidden), "{what} contains {forbidden}");
    }
    let mut open = Vec::new();
    for tag in markup.split('<').skip(1) {
        let inner = tag.split('>').next().unwrap_or("");
        let name = inner.split([' ', '/']).next().unwrap_or("");
        if let Some(closed) = inner.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{what}: {inner}");
        } else if !inner.ends_with('/') && name != "br" {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{what}: {open:?} stay open");
}
