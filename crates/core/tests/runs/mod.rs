//! Runs that are the same everywhere: which they are, and what comes of them.
//!
//! Shared by the tests of this package, natively and in Node, and by those that compare a
//! browser with them.

use std::rc::Rc;

use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::scenario::{ActionKind, Knob, KnobKind, Scenario, Spec, Value};
use hopscope_core::timeline::Timeline;

/// Seeds of each scenario, from 0.
pub const SEEDS: u64 = 50;

/// Events after which a run is left; the first two seeds run to their end.
const EVENTS: u32 = 3_000;

/// Where a run is left.
pub const fn end(seed: u64) -> u32 {
    if seed < 2 { u32::MAX } else { EVENTS }
}

/// A scenario from the text of its file.
pub fn read(name: &str, text: &str) -> (Scenario, Rc<Spec>) {
    let scenario: Scenario = toml::from_str(text).unwrap_or_else(|why| panic!("{name}: {why}"));
    let spec = scenario.clone().compile().unwrap_or_else(|why| panic!("{name}: {why}"));
    (scenario, Rc::new(spec))
}

/// What the learner of that seed does: at which event, and what.
pub fn actions(scenario: &Scenario, seed: u64) -> Vec<(u32, ActionKind)> {
    let draw = |id: usize| Draw::new(seed, Purpose::Generate, id as u64, 0);
    let mut actions = Vec::new();
    for (i, knob) in scenario.knobs.iter().enumerate() {
        let turned = draw(i).nth(0).below(3) == 0;
        if turned {
            let at = if knob.at_start { 0 } else { draw(i).nth(1).below(1_500) as u32 };
            actions.push((at, ActionKind::Set { knob: knob.id.clone(), to: value(knob, draw(i)) }));
        }
    }
    for (i, fault) in scenario.faults.iter().enumerate() {
        let draw = draw(1_000 + i);
        if draw.nth(0).below(2) == 0 {
            let at = draw.nth(1).below(1_500) as u32;
            actions.push((at, ActionKind::Fault { id: fault.id.clone(), on: true }));
            actions.push((at + 400, ActionKind::Fault { id: fault.id.clone(), on: false }));
        }
    }
    actions.sort_by_key(|&(at, _)| at);
    actions
}

fn value(knob: &Knob, draw: Draw) -> Value {
    match &knob.kind {
        KnobKind::Number { min, max, step, .. } => {
            let steps = ((max - min) / step) as u64;
            Value::Number(min + step * draw.nth(2).below(steps + 1) as f64)
        }
        KnobKind::Choice { of, .. } => Value::Choice(of[draw.nth(2).below(of.len() as u64) as usize].clone()),
        KnobKind::Toggle { default } => Value::Toggle(!default),
        KnobKind::Text { max, .. } => Value::Text("198.51.100.7".chars().take(*max as usize).collect()),
        KnobKind::Table { default, .. } => Value::Table(default.iter().rev().cloned().collect()),
        KnobKind::Order { default } => Value::Order(default.iter().rev().cloned().collect()),
    }
}

/// The run of a scenario on a seed, with that seed's actions.
pub fn run(scenario: &Scenario, spec: &Rc<Spec>, seed: u64) -> Timeline {
    let mut run = Timeline::new(Rc::clone(spec), seed);
    for (at, kind) in actions(scenario, seed) {
        run.seek(at);
        run.act(kind).unwrap_or_else(|why| panic!("{why}"));
    }
    run.seek(end(seed).max(run.position()));
    run
}
