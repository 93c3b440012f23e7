//! Varnish: backends that are probed, behind a director that goes by the list.

use hopscope_core::policy::health::{Checks, Finding, Monitor, Rules};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::time::{Duration, Instant};
use serde_json::{Value, json};

use crate::config::varnish::{self, Probe};
use crate::pool;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// A fallback director, so that who serves tells who is well.
pub(crate) const FAMILIES: &[Family] = &[Family { name: "Varnish probe", fits, replay, leaves: &[] }];

fn fits(trace: &Trace) -> bool {
    let vcl = trace.config.as_str().unwrap_or_default();
    trace.system.starts_with("varnish") && vcl.contains("probe") && varnish::read(vcl).is_some()
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let vcl = trace.config.as_str().unwrap_or_default();
    let director = varnish::read(vcl).ok_or("its VCL has no director")?;
    if director.kind != "fallback" {
        return Err(format!("not modelled yet: probes behind directors.{}", director.kind));
    }
    let tolerance = Duration::from_micros_f64(trace.tolerance_ms.unwrap_or(50.0) * 1_000.0);
    let mut backends = Vec::new();
    for (name, _) in &director.backends {
        let monitor = varnish::probe(vcl, name)?.map(|probe| Monitor::new(Rules { checks: Some(rules(&probe)), ..Rules::default() }, 1));
        let up = monitor.as_ref().is_none_or(|m| m.is_up(0));
        backends.push(Backend { name: name.clone(), monitor, finds: Finding::Status(200), next: None, turns: vec![(Instant::START, up)] });
    }
    backfill(trace, &mut backends);
    let mut run = Run { backends, tolerance };
    trace.steps.iter().map(|step| run.step(step)).collect()
}

/// `cache_backend_probe.c`'s defaults for what is not said.
fn rules(probe: &Probe) -> Checks {
    Checks {
        interval: probe.interval.unwrap_or(Duration::from_secs(5)),
        timeout: probe.timeout.unwrap_or(Duration::from_secs(2)),
        window: probe.window.unwrap_or(8),
        threshold: probe.threshold.unwrap_or(3),
        initial: probe.initial,
        status: probe.status.unwrap_or(200),
        ..Checks::default()
    }
}

struct Backend {
    name: String,
    monitor: Option<Monitor>,
    finds: Finding,
    /// When the next probe begins; unknown before the first that was recorded.
    next: Option<Instant>,
    /// Since when it is well or not.
    turns: Vec<(Instant, bool)>,
}

impl Backend {
    /// A probe begins at that moment.
    fn probe(&mut self, at: Instant) {
        let Some(monitor) = &mut self.monitor else { return };
        let patience = monitor.rules().checks.as_ref().map_or(Duration::ZERO, Checks::patience);
        let over = if self.finds == Finding::TimedOut { at + patience } else { at };
        self.turns.extend(monitor.checked(0, self.finds, over).map(|turn| (over, turn.up)));
        self.next = Some(over + monitor.pause(0, Draw::new(0, Purpose::Probe, 0, 0)));
    }

    fn is_well(&self, at: Instant) -> bool {
        self.turns.iter().rev().find(|(since, _)| *since <= at).is_none_or(|&(_, up)| up)
    }
}

/// Recordings begin to write probes down when something is done to them; those since the start came
/// at the same pace, and nothing was wrong yet.
fn backfill(trace: &Trace, backends: &mut [Backend]) {
    for backend in backends {
        let Some(rules) = backend.monitor.as_ref().and_then(|m| m.rules().checks.clone()) else { continue };
        let first = trace.steps.iter().find(|step| step.kind == "check" && step.request["to"] == backend.name.as_str());
        let Some(first) = first.map(pool::moment) else { continue };
        let before = first.as_micros() / rules.interval.as_micros().max(1);
        for n in (1..=before).rev() {
            let at = Instant(first.as_micros() - n * rules.interval.as_micros());
            let disturbed = trace.steps.iter().any(|step| step.kind == "control" && pool::moment(step) <= at);
            if !disturbed {
                backend.probe(at);
            }
        }
    }
}

struct Run {
    backends: Vec<Backend>,
    tolerance: Duration,
}

impl Run {
    fn step(&mut self, step: &Step) -> Result<Expect, String> {
        let now = pool::moment(step);
        match step.kind.as_str() {
            "check" => Ok(self.probed(pool::text(&step.request, "to"), now)),
            "control" => self.control(&step.control).map(|()| Expect::Nothing),
            "observe" | "request" => Ok(self.observe(now)),
            other => Err(format!("not modelled yet: {other} steps with probes")),
        }
    }

    fn probed(&mut self, name: &str, now: Instant) -> Expect {
        let Some(backend) = self.backends.iter_mut().find(|b| b.name == name) else { return no(format!("nobody probes {name}")) };
        let off = backend.next.map(|next| (next, next.max(now) - next.min(now))).filter(|(_, off)| *off > self.tolerance);
        backend.probe(now);
        match off {
            Some((next, _)) => no(format!("the model probes at {} and the recording at {}", next.as_millis_f64(), now.as_millis_f64())),
            None => Expect::Nothing,
        }
    }

    fn control(&mut self, control: &Value) -> Result<(), String> {
        let finds = match pool::text(control, "op") {
            "wait_ms" | "note" => return Ok(()),
            "probe_ok" => Finding::Status(200),
            "probe_fails" => match pool::text(control, "how") {
                "" => Finding::Status(503),
                how if how.contains("time") || how.contains("slow") || how.contains("hang") => Finding::TimedOut,
                _ => Finding::Status(503),
            },
            op => return Err(format!("not modelled yet: {op} with probes")),
        };
        let name = pool::text(control, "backend");
        let backend = self.backends.iter_mut().find(|b| b.name == name).ok_or_else(|| format!("there is no backend {name:?}"))?;
        backend.finds = finds;
        Ok(())
    }

    /// Who serves now: the first that is well. What is seen may be as old as the tolerance.
    fn observe(&self, now: Instant) -> Expect {
        let serves = |at| self.backends.iter().find(|b| b.is_well(at)).map(|b| b.name.clone());
        let since = Instant(now.as_micros().saturating_sub(self.tolerance.as_micros()));
        let possible = [since, now].map(|at| match serves(at) {
            Some(name) => json!({ "served_by": name, "backend": name, "status": 200 }),
            None => json!({ "served_by": null, "backend": null, "status": 503 }),
        });
        Expect::Holds(Box::new(move |decided| {
            let fields = decided.as_object().ok_or("nothing was seen")?;
            let fits = |told: &Value| fields.iter().all(|(name, seen)| told.get(name) == Some(seen));
            if possible.iter().any(fits) { Ok(()) } else { Err(format!("{} here and {decided} in the recording", possible[1])) }
        }))
    }
}

fn no(why: String) -> Expect {
    Expect::Holds(Box::new(move |_| Err(why.clone())))
}
