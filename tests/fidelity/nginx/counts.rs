//! Policies that draw: how many requests each server got.

use std::collections::BTreeMap;

use serde_json::Value;

use super::upstream::{Upstream, alone};
use crate::drawn;
use crate::pool::Request;
use crate::replay::{Expect, Family};
use crate::statistics::counts;
use crate::trace::{Step, Trace};

/// Batches of requests of which only the counts are known.
pub(crate) const FAMILY: Family = Family { name: "nginx random", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    alone(trace) && trace.steps.iter().all(|step| matches!(step.kind.as_str(), "batch" | "open_batch"))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    trace.steps.iter().map(|step| expect(trace, step)).collect()
}

fn expect(trace: &Trace, step: &Step) -> Result<Expect, String> {
    let mut upstream = Upstream::read(trace)?;
    let n = step.request["n"].as_u64().unwrap_or(0);
    let request = Request::plain(crate::pool::moment(step));
    if step.kind == "open_batch" {
        return Ok(held(upstream, n));
    }
    for (name, busy) in precondition(&step.request) {
        let index = upstream.pool.index(&name).ok_or_else(|| format!("there is no backend {name}"))?;
        (0..busy).for_each(|_| upstream.pool.balancer.begin(index, request.at));
    }
    drawn::batch(&mut upstream.pool, &request, n)
}

/// All requests are held: how uneven they are must be nothing that the model would not do once
/// in a thousand times.
fn held(mut upstream: Upstream, n: u64) -> Expect {
    let mut spreads: Vec<f64> = Vec::new();
    for _ in 0..2_000 {
        let ids: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        let request = Request::plain(hopscope_core::time::Instant::START);
        let mut held: BTreeMap<String, f64> = BTreeMap::new();
        for id in &ids {
            *held.entry(upstream.pool.open(id, &request).unwrap_or_default()).or_insert(0.0) += 1.0;
        }
        spreads.push(spread(&held));
        for id in &ids {
            upstream.pool.close(id, request.at);
        }
    }
    spreads.sort_by(f64::total_cmp);
    let most = spreads[spreads.len() * 999 / 1_000];
    Expect::Holds(Box::new(move |decided| {
        let held = counts(&decided["held_by_backend"]);
        let (all, spread) = (held.values().sum::<f64>(), spread(&held));
        if all == n as f64 && spread <= most {
            return Ok(());
        }
        Err(format!("{all} of {n} are held with a spread of {spread}, the model's is {most} at most: {held:?}"))
    }))
}

/// From the least to the most.
fn spread(held: &BTreeMap<String, f64>) -> f64 {
    let (least, most) = held.values().fold((f64::MAX, 0.0_f64), |(least, most), n| (least.min(*n), most.max(*n)));
    most - least
}

/// Who holds how many requests when a batch begins: `b1 holds 11 requests, the others none`.
fn precondition(request: &Value) -> Vec<(String, u32)> {
    let words: Vec<&str> = request["precondition"].as_str().unwrap_or_default().split([' ', ',']).collect();
    words.windows(3).filter(|w| w[1] == "holds").filter_map(|w| Some((w[0].to_owned(), w[2].parse().ok()?))).collect()
}
