//! The floor: the model of `lb8` as a bare loop over a heap, which records latencies and nothing
//! else. No simulation that orders its events with a heap does the same work in less.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Instant;

use hopscope_core::rng::{Draw, Purpose};

use crate::Outcome;

/// Servers, each with one worker and a queue without end.
const SERVERS: usize = 8;
/// Requests per second.
pub const RATE: f64 = 640.0;
/// The mean of the exponential service time, in microseconds.
const SERVICE: f64 = 10_000.0;
/// Stands for an arrival in the place of a server.
const ARRIVAL: u32 = u32::MAX;

struct Request {
    began: u64,
    work: u64,
}

/// Runs the bare loop until so many requests are served, on the draws that the engine makes.
pub fn run(requests: u64, seed: u64) -> Outcome {
    let begun = Instant::now();
    let mut latencies = simulate(requests, seed);
    let took = begun.elapsed();
    latencies.sort_unstable();
    let percentile = |percent: usize| latencies.get(latencies.len() * percent / 100).map_or(0.0, |&us| us as f64 / 1_000.0);
    Outcome { requests: latencies.len() as u64, took, p50_ms: percentile(50), p99_ms: percentile(99) }
}

fn simulate(requests: u64, seed: u64) -> Vec<u64> {
    let mut latencies = Vec::with_capacity(requests as usize);
    let mut servers: [VecDeque<Request>; SERVERS] = Default::default();
    let mut heap: BinaryHeap<Reverse<(u64, u64, u32)>> = BinaryHeap::new();
    let (mut seq, mut asked, mut turn) = (0, 0, 0);
    let draw = |purpose, id, mean: f64| (Draw::new(seed, purpose, id, 0).exponential() * mean + 0.5) as u64;
    heap.push(Reverse((draw(Purpose::Arrival, 0, 1e6 / RATE), 0, ARRIVAL)));
    while let Some(Reverse((now, _, who))) = heap.pop() {
        let mut plan = |after: u64, who: u32| {
            seq += 1;
            heap.push(Reverse((now + after, seq, who)));
        };
        if who == ARRIVAL {
            let work = draw(Purpose::Service, asked, SERVICE);
            asked += 1;
            plan(draw(Purpose::Arrival, asked, 1e6 / RATE), ARRIVAL);
            let index = fewest(&servers, turn);
            turn = (index + 1) % SERVERS;
            servers[index].push_back(Request { began: now, work });
            if servers[index].len() == 1 {
                plan(work, index as u32);
            }
            continue;
        }
        let server = &mut servers[who as usize];
        if let Some(done) = server.pop_front() {
            latencies.push(now - done.began);
            if latencies.len() as u64 == requests {
                break;
            }
        }
        if let Some(next) = server.front() {
            plan(next.work, who);
        }
    }
    latencies
}

/// The server with the fewest requests; among equals, the next in turn.
fn fewest(servers: &[VecDeque<Request>; SERVERS], turn: usize) -> usize {
    let mut best = turn;
    for step in 1..SERVERS {
        let index = (turn + step) % SERVERS;
        if servers[index].len() < servers[best].len() {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use crate::engine;

    /// The engine does more, but what comes out must be the same: held within 3 % here.
    #[test]
    fn the_floor_and_the_engine_agree() {
        let requests = 40_000;
        let spec = engine::scenario(requests).expect("the scenario of lb8 is right");
        let engine = engine::run(&spec, requests, false);
        let floor = super::run(requests, spec.scenario.seed);
        assert_eq!(engine.requests, floor.requests);
        for (name, a, b) in [("p50", engine.p50_ms, floor.p50_ms), ("p99", engine.p99_ms, floor.p99_ms)] {
            assert!((a - b).abs() / b < 0.03, "{name}: engine {a} ms, floor {b} ms");
        }
    }
}
