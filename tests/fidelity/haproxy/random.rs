//! `balance random`: counts, held against many runs of the model.

use std::collections::{BTreeMap, VecDeque};

use hopscope_core::policy::balance::haproxy::{Backend, Method, Placed, Ticket};
use serde_json::{Value, json};

use super::request::arrival;
use crate::config::haproxy as config;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Backends that draw their servers.
pub(crate) const FAMILY: Family = Family { name: "haproxy random", fits, replay, leaves: &[] };

/// How many runs of the model make the distribution that a recording must come from.
const RUNS: u64 = 4_000;
/// A recording may be as far out as all but one in a thousand of the runs.
const FURTHER: usize = (RUNS / 1_000) as usize;

fn read(trace: &Trace) -> Result<config::Backend, String> {
    config::backend(&config::read(trace.config.as_str().unwrap_or_default()))
}

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("haproxy")
        && matches!(read(trace), Ok(backend) if matches!(backend.config.method, Method::Random { .. }))
        && trace.steps.iter().all(|step| matches!(step.kind.as_str(), "batch" | "open_batch"))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let read = read(trace)?;
    trace.steps.iter().map(|step| expect(&read, step)).collect()
}

fn expect(read: &config::Backend, step: &Step) -> Result<Expect, String> {
    let n = step.request["n"].as_u64().ok_or("a batch without its number")?;
    let loaded = match step.request["precondition"].as_str() {
        Some(text) => Some(holder(read, text).ok_or_else(|| format!("not modelled yet: the precondition \"{text}\""))?),
        None => None,
    };
    // How many are in service at once: one, so many, or all.
    let at_once = if step.kind == "open_batch" { n } else { step.request["concurrency"].as_u64().unwrap_or(1).max(1) };
    let runs: Vec<Vec<f64>> = (0..RUNS).map(|seed| run(read, n, at_once, loaded, seed)).collect();
    let names = read.names.clone();
    let field = if step.kind == "open_batch" { "held_by_backend" } else { "counts" };
    Ok(Expect::Holds(Box::new(move |decided| check(&decided[field], &names, &runs))))
}

/// Who holds how many, of `s1 holds 10 requests, others none`.
fn holder(read: &config::Backend, text: &str) -> Option<(u32, u64)> {
    let rest = text.strip_suffix(", others none")?.strip_suffix(" requests")?;
    let (name, number) = rest.split_once(" holds ")?;
    Some((read.names.iter().position(|n| n == name)? as u32, number.parse().ok()?))
}

/// How many of a batch each server gets, in one run of the model.
fn run(read: &config::Backend, n: u64, at_once: u64, loaded: Option<(u32, u64)>, seed: u64) -> Vec<f64> {
    let mut backend = Backend::new(read.config.clone());
    let request = json!({});
    if let Some((server, number)) = loaded {
        for _ in 0..number {
            backend.arrive_for(server, &arrival(read, &request, 0, seed, 0));
        }
    }
    let mut counts = vec![0.0; read.names.len()];
    let mut in_service: VecDeque<Ticket> = VecDeque::new();
    for nth in 0..n {
        if in_service.len() as u64 == at_once {
            in_service.pop_front().into_iter().for_each(|ticket| backend.finish(ticket));
        }
        let (ticket, placed) = backend.arrive(&arrival(read, &request, backend.usable(), seed, nth));
        if let Placed::Served(server) = placed {
            counts[server as usize] += 1.0;
            in_service.push_back(ticket);
        }
    }
    counts
}

/// Whether recorded counts are no further from the middle of the runs than nearly all runs are:
/// the squared distances from the means, each in terms of its variance, and their sum.
fn check(counts: &Value, names: &[String], runs: &[Vec<f64>]) -> Result<(), String> {
    let recorded: BTreeMap<&str, f64> =
        counts.as_object().ok_or("no counts were recorded")?.iter().map(|(name, n)| (name.as_str(), n.as_f64().unwrap_or(-1.0))).collect();
    if let Some(stranger) = recorded.keys().find(|name| !names.iter().any(|n| n == *name)) {
        return Err(format!("the recording has counts for {stranger}, whom the model does not know"));
    }
    let seen: Vec<f64> = names.iter().map(|name| recorded.get(name.as_str()).copied().unwrap_or(0.0)).collect();
    let mean = |of: &dyn Fn(&Vec<f64>) -> f64| runs.iter().map(of).sum::<f64>() / runs.len() as f64;
    let means: Vec<f64> = (0..names.len()).map(|i| mean(&|run| run[i])).collect();
    let spread: Vec<f64> = (0..names.len()).map(|i| mean(&|run| (run[i] - means[i]) * (run[i] - means[i])).max(1e-9)).collect();
    let distance = |run: &[f64]| -> f64 { (0..names.len()).map(|i| (run[i] - means[i]) * (run[i] - means[i]) / spread[i]).sum() };
    let mut distances: Vec<f64> = runs.iter().map(|run| distance(run)).collect();
    distances.sort_by(f64::total_cmp);
    let limit = distances[distances.len() - FURTHER];
    let total = seen.iter().sum::<f64>();
    if (total - runs[0].iter().sum::<f64>()).abs() > 0.5 {
        return Err(format!("the recording counts {total} requests, the model {}", runs[0].iter().sum::<f64>()));
    }
    if distance(&seen) <= limit {
        Ok(())
    } else {
        Err(format!("the counts {seen:?} are further from the means {means:.1?} than 99.9 % of the model's runs"))
    }
}
