//! The engine on the scenario file of the example `lb8`.

use std::rc::Rc;
use std::time::Instant;

use hopscope_core::scenario::{Scenario, Spec};
use hopscope_core::time::Duration;
use hopscope_core::world::{FlightKind, Log, World};

use crate::Outcome;
use crate::floor::RATE;

const TEXT: &str = include_str!("../../core/examples/lb8.toml");

/// The scenario, with a run long enough for so many requests.
///
/// # Errors
/// What is wrong with the scenario file.
pub fn scenario(requests: u64) -> Result<Rc<Spec>, String> {
    let mut scenario: Scenario = toml::from_str(TEXT).map_err(|error| format!("lb8.toml: {error}"))?;
    scenario.horizon = Duration::from_micros_f64(requests as f64 * 1.5e6 / RATE) + Duration::from_secs(10);
    scenario.compile().map(Rc::new).map_err(|error| format!("lb8.toml: {error}"))
}

/// Runs the scenario until so many requests are served; `trace` keeps the whole log.
pub fn run(spec: &Rc<Spec>, requests: u64, trace: bool) -> Outcome {
    let mut world = World::new(Rc::clone(spec), spec.scenario.seed);
    let mut log = Log::new(trace);
    let begun = Instant::now();
    while served(&world) < requests && world.step(&mut log) {}
    let took = begun.elapsed();
    let latency = |percent| world.metrics().latency().percentile(percent).as_millis_f64();
    Outcome { requests: served(&world), took, p50_ms: latency(50.0), p99_ms: latency(99.0) }
}

fn served(world: &World) -> u64 {
    world.metrics().fates(FlightKind::Client).served
}
