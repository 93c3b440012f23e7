//! The engine and the floor in one run, taking turns so that what else the machine does meets
//! both alike. Medians are printed.
//!
//! `cargo bench -p hopscope-bench -- [requests] [rounds]`

use std::process::ExitCode;

use hopscope_bench::{Outcome, engine, floor, median};

fn main() -> ExitCode {
    let mut numbers = std::env::args().filter_map(|arg| arg.replace('_', "").parse::<u64>().ok());
    let requests = numbers.next().unwrap_or(300_000).max(1);
    let rounds = numbers.next().unwrap_or(7).max(1);
    match engine::scenario(requests) {
        Ok(spec) => {
            let seed = spec.scenario.seed;
            let [mut bare, mut off, mut on] = [(); 3].map(|()| Vec::new());
            for _ in 0..rounds {
                bare.push(floor::run(requests, seed));
                off.push(engine::run(&spec, requests, false));
                bare.push(floor::run(requests, seed));
                on.push(engine::run(&spec, requests, true));
            }
            report("floor", &bare, "");
            report("hopscope", &off, " trace=off");
            report("hopscope", &on, " trace=on");
            let share = |runs: &[Outcome]| speed(runs) / speed(&bare);
            println!("share of_floor={:.3} of_floor_with_trace={:.3} rounds={rounds}", share(&off), share(&on));
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn speed(runs: &[Outcome]) -> f64 {
    median(runs.iter().map(Outcome::rps))
}

fn report(name: &str, runs: &[Outcome], rest: &str) {
    if let Some(last) = runs.last() {
        println!("{name} requests={} rps={:.0} p50={:.2}ms p99={:.2}ms{rest}", last.requests, speed(runs), last.p50_ms, last.p99_ms);
    }
}
