//! How fast the engine is: runs a scenario file until so many requests are served, and times it.
//!
//! `cargo run --profile bench -p hopscope-core --example lb8 -- 1000000 [--trace] [--scenario file.toml]`
//!
//! `--trace` keeps the whole event and decision log. The one line printed reads
//! `hopscope requests=N rps=R p50=…ms p99=…ms trace=on|off`, where R counts requests per second
//! of this machine's time and the percentiles are of simulated time.

use std::process::ExitCode;
use std::rc::Rc;

use hopscope_core::scenario::{Arrivals, Scenario};
use hopscope_core::time::Duration;
use hopscope_core::world::{FlightKind, Log, World};

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/lb8.toml");

fn main() -> ExitCode {
    match options(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    requests: u64,
    trace: bool,
    scenario: String,
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { requests: 1_000_000, trace: false, scenario: SCENARIO.to_owned() };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--trace" => options.trace = true,
            "--scenario" => options.scenario = args.next().ok_or("--scenario needs a file.")?,
            number => {
                let requests = number.replace('_', "").parse().ok().filter(|&n| n > 0);
                options.requests =
                    requests.ok_or_else(|| format!("{number} is neither a number of requests nor --trace or --scenario."))?;
            }
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<String, String> {
    let file = &options.scenario;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let mut scenario: Scenario = toml::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    scenario.horizon = horizon_for(&scenario, options.requests);
    let spec = Rc::new(scenario.compile().map_err(|error| format!("{file}: {error}"))?);
    let seed = spec.scenario.seed;
    let mut world = World::new(spec, seed);
    let mut log = Log::new(options.trace);
    let begun = wall_clock();
    while served(&world) < options.requests && world.step(&mut log) {}
    let seconds = begun.elapsed().as_secs_f64();
    let latency = world.metrics().latency();
    Ok(format!(
        "hopscope requests={} rps={:.0} p50={:.2}ms p99={:.2}ms trace={}",
        served(&world),
        served(&world) as f64 / seconds,
        latency.percentile(50.0).as_millis_f64(),
        latency.percentile(99.0).as_millis_f64(),
        if options.trace { "on" } else { "off" },
    ))
}

fn served(world: &World) -> u64 {
    world.metrics().fates(FlightKind::Client).served
}

/// A run long enough for so many requests; it is left as soon as they are served.
fn horizon_for(scenario: &Scenario, requests: u64) -> Duration {
    let rate = |arrivals: &Arrivals| match arrivals {
        Arrivals::Poisson { rate } | Arrivals::Even { rate } => *rate,
        Arrivals::Closed { .. } | Arrivals::At { .. } => 0.0,
    };
    let rate: f64 = scenario.clients.iter().map(|clients| rate(&clients.arrivals)).sum();
    if rate > 0.0 { Duration::from_micros_f64(requests as f64 * 1.5e6 / rate) + Duration::from_secs(10) } else { scenario.horizon }
}

#[allow(clippy::disallowed_methods, reason = "the machine's time is what is measured; the run does not see it")]
fn wall_clock() -> std::time::Instant {
    std::time::Instant::now()
}
