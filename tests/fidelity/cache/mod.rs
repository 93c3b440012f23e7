//! HTTP caches: nginx `proxy_cache`, Varnish and Squid, each as a profile of the cache machine.
//!
//! - [`world`]: one run of the machine and the origin along a recording.
//! - [`origin`], [`prose`]: the origin, from what the setup says of it.
//! - [`nginx`], [`varnish`], [`vcl`], [`squid`]: configurations, and the words of each server.
//! - [`compare`]: a run held against what was recorded.
//!
//! Two things are not recorded: when a second of the server's clock begins, and what a setup leaves
//! open about its origin (`/s 600 ms` does not say for how long that is fresh). The model runs once for
//! every way in which these can be, and what is recorded must be one of those runs, from the first
//! request to the last.

mod compare;
mod nginx;
mod origin;
mod prose;
mod squid;
mod varnish;
mod vcl;
mod world;

use std::cell::RefCell;
use std::rc::Rc;

use hopscope_core::time::Instant;
use serde_json::Value;

use compare::{Bound, How};
use origin::Origin;
use world::{Seen, Server, Stop, World};

use crate::pool::moment;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// What of caches can be replayed.
pub(crate) const FAMILIES: &[Family] = &[nginx::FAMILY, varnish::FAMILY, squid::FAMILY];

/// Some day on which a server ran, in microseconds since 1970.
const DAY: i64 = 1_795_000_000_000_000;
const SECOND: u64 = 1_000_000;

/// Whether nothing happens but requests, bursts of them, and waiting for or changing the origin.
fn known(trace: &Trace) -> bool {
    trace.steps.iter().all(|step| matches!(step.kind.as_str(), "request" | "burst" | "control"))
}

/// One run that agrees so far.
#[derive(Clone)]
struct Run {
    world: World,
    bound: Bound,
}

/// What all runs of a recording share.
struct Lab {
    origin: Rc<Origin>,
    steps: Vec<Step>,
    how: How,
}

impl Lab {
    fn next(&self, n: usize) -> Option<Instant> {
        self.steps.get(n + 1).map(moment)
    }

    /// A step of a run, in every way in which what it depends on may be.
    fn step(&self, run: &Run, n: usize, taken: &mut dyn FnMut(Run, Seen)) -> Result<(), String> {
        let mut after = run.clone();
        match after.world.step(&self.steps[n], self.next(n)) {
            Ok(seen) => taken(after, seen),
            Err(Stop::Unknown(why)) => return Err(why),
            Err(Stop::Open(open)) => {
                for value in self.origin.values(open) {
                    let mut so = run.clone();
                    so.world.free = so.world.free.with(open, value);
                    self.step(&so, n, taken)?;
                }
            }
        }
        Ok(())
    }

    /// Leaves the runs that agree with a step, at least one.
    fn narrow(&self, open: &mut Vec<Run>, n: usize, decided: &Value) -> Result<(), String> {
        let (mut first, mut many, mut agree) = (None, 0, Vec::new());
        for run in core::mem::take(open) {
            self.step(&run, n, &mut |mut run, seen| {
                many += 1;
                match compare::same(&seen, decided, &self.how, &mut run.bound) {
                    Ok(()) => agree.push(run),
                    Err(why) => _ = first.get_or_insert(why),
                }
            })?;
        }
        *open = agree;
        match (open.is_empty(), first) {
            (false, _) => Ok(()),
            (true, Some(why)) => Err(format!("none of {many} runs agrees; in one of them {why}")),
            (true, None) => Err("an earlier step differs already".into()),
        }
    }
}

/// Every run, and what of the recording is held against them.
fn replay(trace: &Trace, server: &Rc<dyn Server>, origin: Origin) -> Result<Vec<Expect>, String> {
    let how = How { tolerance_ms: trace.tolerance_ms.unwrap_or(200.0), always: server.always() };
    let begins = if server.whole_seconds() || origin.dates() { begins(&trace.steps, &origin) } else { vec![0] };
    let lab = Rc::new(Lab { origin: Rc::new(origin), steps: trace.steps.clone(), how });
    let run = |begin: &i64| Run { world: World::new(Rc::clone(server), Rc::clone(&lab.origin), DAY + begin), bound: Bound::default() };
    let runs: Vec<Run> = begins.iter().map(run).collect();
    // What cannot be replayed at all shows in any of them.
    let mut trial = run(&0);
    for n in 0..lab.steps.len() {
        let mut after = None;
        lab.step(&trial, n, &mut |run, _| _ = after.get_or_insert(run))?;
        trial = after.ok_or("what is open has no value")?;
    }
    let open = Rc::new(RefCell::new(runs));
    let expect = |n: usize| {
        let (open, lab) = (Rc::clone(&open), Rc::clone(&lab));
        Expect::Holds(Box::new(move |decided| lab.narrow(&mut open.borrow_mut(), n, decided)))
    };
    Ok((0..lab.steps.len()).map(expect).collect())
}

/// Where in a second of the server's clock the recording may have begun, in microseconds: a second
/// begins just as a step comes, or nothing changes. What lies closer than 5 ms is one moment.
fn begins(steps: &[Step], origin: &Origin) -> Vec<i64> {
    let mut begins: Vec<u64> = steps.iter().map(|step| (SECOND - moment(step).as_micros() % SECOND) % SECOND).collect();
    if origin.dates() || steps.iter().any(|step| step.kind == "burst") {
        // What is slow comes between the steps, and a date is cut to a whole second.
        begins.extend((0..20).map(|n| n * SECOND / 20));
    }
    begins.sort_unstable();
    begins.dedup_by_key(|begin| *begin / 5_000);
    begins.into_iter().map(|begin| begin as i64).collect()
}
