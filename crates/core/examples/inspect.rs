//! Runs a scenario file and prints what came of it.
//!
//! `cargo run -p hopscope-core --example inspect -- lab.toml [--seed N] [--set knob=value]… [--fault id]… [--log N]`

use std::process::ExitCode;
use std::rc::Rc;

use hopscope_core::assess::truth;
use hopscope_core::describe::{describe, en};
use hopscope_core::scenario::{ActionKind, KnobKind, Scenario, Spec, Value};
use hopscope_core::time::Instant;
use hopscope_core::timeline::{Goal, Timeline};
use hopscope_core::world::NodeId;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("Name a scenario file, such as lessons/l4-vs-l7/labs/side-by-side.toml.")?;
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    let scenario: Scenario = toml::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    let spec = Rc::new(scenario.compile().map_err(|error| format!("{file}: {error}"))?);
    let (mut seed, mut lines, mut actions) = (spec.scenario.seed, 0, Vec::new());
    while let Some(arg) = args.next() {
        let value = args.next().ok_or_else(|| format!("{arg} needs a value."))?;
        match arg.as_str() {
            "--seed" => seed = value.parse().map_err(|_| "--seed takes a number.")?,
            "--log" => lines = value.parse().map_err(|_| "--log takes a number.")?,
            "--fault" => actions.push(ActionKind::Fault { id: value, on: true }),
            "--set" => actions.push(parse_set(&spec, &value)?),
            _ => return Err(format!("{arg} is none of --seed, --set, --fault, --log.")),
        }
    }
    let mut timeline = Timeline::new(Rc::clone(&spec), seed);
    for action in actions {
        timeline.act(action)?;
    }
    print_predictions(&timeline);
    timeline.work(Goal::End, u32::MAX);
    print_result(&timeline);
    for record in timeline.log().records().iter().take(lines) {
        println!("{:>6} {}  {}", record.ordinal, record.at, en::say(&describe(record, timeline.world(), timeline.log())));
    }
    Ok(())
}

fn parse_set(spec: &Spec, text: &str) -> Result<ActionKind, String> {
    let (knob, value) = text.split_once('=').ok_or("--set takes knob=value.")?;
    let index = spec.knob(knob).ok_or_else(|| format!("There is no knob \"{knob}\"."))?;
    let to = match spec.scenario.knobs[index].kind {
        KnobKind::Number { .. } => Value::Number(value.parse().map_err(|_| format!("{knob} takes a number."))?),
        KnobKind::Choice { .. } => Value::Choice(value.to_owned()),
        KnobKind::Toggle { .. } => Value::Toggle(value == "true" || value == "on"),
        KnobKind::Text { .. } => Value::Text(value.to_owned()),
        KnobKind::Table { .. } => Value::Table(value.split(';').map(|row| row.split(',').map(|c| c.trim().to_owned()).collect()).collect()),
        KnobKind::Order { .. } => Value::Order(value.split(',').map(str::to_owned).collect()),
    };
    Ok(ActionKind::Set { knob: knob.to_owned(), to })
}

fn print_predictions(timeline: &Timeline) {
    for prediction in &timeline.spec().scenario.predictions {
        let mut run = timeline.clone();
        run.seek_time(Instant::START + prediction.at);
        println!("prediction {}: {:?}", prediction.id, truth(&run, prediction));
    }
}

fn print_result(timeline: &Timeline) {
    let (world, spec) = (timeline.world(), timeline.spec());
    let metrics = world.metrics();
    let users = metrics.users();
    println!(
        "events {} started {} served {} rejected {} failed {} in flight {}",
        timeline.position(),
        users.started,
        users.served,
        users.rejected,
        users.failed,
        users.in_flight()
    );
    let p = |percent| metrics.latency().percentile(percent);
    println!("p50 {}  p95 {}  p99 {}  mean {}", p(50.0), p(95.0), p(99.0), metrics.latency().mean());
    for (i, node) in spec.nodes.iter().enumerate() {
        let id = NodeId::new(i);
        println!(
            "  {:<12} received {:>6}  connections {:>5}  {:?}",
            node.name,
            metrics.received(id),
            metrics.connections(id),
            world.node_view(id)
        );
    }
    for goal in &spec.scenario.goals {
        let value = world.measure(&goal.measure);
        println!("goal {}: {value:.3} {}", goal.id, if goal.holds(value) { "met" } else { "not met" });
    }
    println!("fingerprint {:016x}", timeline.fingerprint());
}
