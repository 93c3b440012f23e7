//! A backend: requests one after the other or held open, queues, an operator at the admin socket.

use std::collections::BTreeMap;

use hopscope_core::policy::balance::haproxy::{AdminState, Backend, Event, NewWeight, Placed, Ticket};
use hopscope_core::time::{Duration, Instant};
use serde_json::{Value, json};

use super::request::arrival;
use crate::config::haproxy as config;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Any `balance` but `random`, whose choices can only be counted.
pub(crate) const FAMILY: Family = Family { name: "haproxy backend", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("haproxy") && trace.config.is_string()
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let read = config::backend(&config::read(trace.config.as_str().unwrap_or_default()))?;
    let mut run = Run::new(read, Duration::from_micros_f64(trace.tolerance_ms.unwrap_or(0.0) * 1_000.0));
    trace.steps.iter().map(|step| run.step(step)).collect()
}

/// A backend under way, with the recording's names for what is in it.
struct Run {
    read: config::Backend,
    backend: Backend,
    tolerance: Duration,
    /// When the recording's clock began, which it may do more than once, and what it last showed.
    began: Instant,
    shown: Duration,
    asked: u64,
    held: BTreeMap<String, Held>,
    /// Who was served after waiting, since somebody last looked.
    dequeued: Vec<Value>,
    /// The weights as they were the tolerance ago.
    before: Vec<String>,
}

#[derive(Clone, Copy)]
enum Held {
    Served(Ticket, u32),
    Waiting(Ticket),
    Refused,
}

impl Run {
    fn new(read: config::Backend, tolerance: Duration) -> Self {
        let backend = Backend::new(read.config.clone());
        let (held, dequeued, before) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { read, backend, tolerance, began: Instant::START, shown: Duration::ZERO, asked: 0, held, dequeued, before }
    }

    fn step(&mut self, step: &Step) -> Result<Expect, String> {
        let shown = Duration::from_micros_f64(step.t_ms * 1_000.0);
        if shown < self.shown {
            self.began += self.shown;
        }
        self.shown = shown;
        if step.kind == "observe" {
            self.let_pass(Instant((self.began + shown).0.saturating_sub(self.tolerance.0)));
            self.before = self.weights(&self.backend);
        }
        self.let_pass(self.began + shown);
        let id = step.request["id"].as_str().unwrap_or_default();
        Ok(match step.kind.as_str() {
            "request" => self.request(&step.request),
            "open" => Expect::Is(self.open(id, &step.request)),
            "close" => Expect::Is(self.close(id)?),
            "observe" => self.observe(),
            "control" => {
                self.control(&step.control)?;
                Expect::Nothing
            }
            other => return Err(format!("not modelled yet: {other} steps of HAProxy")),
        })
    }

    fn let_pass(&mut self, to: Instant) {
        self.backend.advance(to);
        self.follow();
    }

    /// Takes note of what happened to those that wait.
    fn follow(&mut self) {
        for event in self.backend.events() {
            let (ticket, now) = match event {
                Event::Served(ticket, server) => (ticket, Held::Served(ticket, server)),
                Event::Refused(ticket) => (ticket, Held::Refused),
            };
            let waiting = |(_, held): &(&String, &mut Held)| matches!(held, Held::Waiting(t) if *t == ticket);
            if let Some((id, held)) = self.held.iter_mut().find(waiting) {
                *held = now;
                if let Held::Served(_, server) = now {
                    self.dequeued.push(json!({ "id": id, "backend": self.read.names[server as usize] }));
                }
            }
        }
    }

    fn arrive(&mut self, request: &Value) -> (Ticket, Placed) {
        self.asked += 1;
        let arrival = arrival(&self.read, request, self.backend.usable(), 0, self.asked);
        self.backend.arrive(&arrival)
    }

    /// A request that is answered at once, or waits until it is refused: nothing else happens
    /// while the one who recorded waits for it.
    fn request(&mut self, request: &Value) -> Expect {
        match self.arrive(request) {
            (ticket, Placed::Served(server)) => {
                self.backend.finish(ticket);
                Expect::Is(json!({ "backend": self.read.names[server as usize], "status": 200 }))
            }
            (_, Placed::NoServer | Placed::QueueFull) => {
                let tolerance = self.tolerance;
                Expect::Holds(Box::new(move |decided| refused(decided, Some(Duration::ZERO), tolerance)))
            }
            (_, Placed::Queued(_)) => {
                let (waits, tolerance) = (self.read.config.queue_timeout, self.tolerance);
                if let Some(waits) = waits {
                    self.shown = self.shown + waits;
                    self.let_pass(self.began + self.shown);
                }
                Expect::Holds(Box::new(move |decided| refused(decided, waits, tolerance)))
            }
        }
    }

    fn open(&mut self, id: &str, request: &Value) -> Value {
        let (ticket, placed) = self.arrive(request);
        let (held, told) = match placed {
            Placed::Served(server) => {
                (Held::Served(ticket, server), json!({ "backend": self.read.names[server as usize], "outcome": "in service" }))
            }
            Placed::Queued(_) => (Held::Waiting(ticket), json!({ "backend": null, "outcome": "queued" })),
            Placed::NoServer | Placed::QueueFull => (Held::Refused, json!({ "backend": null, "status": 503 })),
        };
        self.held.insert(id.to_owned(), held);
        told
    }

    fn close(&mut self, id: &str) -> Result<Value, String> {
        match self.held.remove(id) {
            Some(Held::Served(ticket, server)) => {
                self.backend.finish(ticket);
                self.follow();
                Ok(json!({ "backend": self.read.names[server as usize], "status": 200 }))
            }
            Some(Held::Refused) => Ok(json!({ "backend": null, "status": 503 })),
            Some(Held::Waiting(_)) => Err(format!("{id} leaves while it waits, which the replayer does not know")),
            None => Err(format!("{id} is closed and was never opened")),
        }
    }

    fn control(&mut self, control: &Value) -> Result<(), String> {
        match control["op"].as_str() {
            Some("admin") => self.admin(control["cmd"].as_str().unwrap_or_default()),
            Some("wait_ms" | "note") => Ok(()),
            op => Err(format!("not modelled yet: {} with a HAProxy backend", op.unwrap_or("a step without a name"))),
        }
    }

    fn admin(&mut self, command: &str) -> Result<(), String> {
        let words: Vec<&str> = command.split_whitespace().collect();
        let unknown = || format!("not modelled yet: the admin command \"{command}\"");
        let server = |path: &str| {
            let name = path.split_once('/').map_or(path, |(_, name)| name);
            self.read.names.iter().position(|n| n == name).map(|i| i as u32).ok_or_else(unknown)
        };
        match words.as_slice() {
            ["disable", "server", path] => self.backend.set_state(server(path)?, AdminState::Maintenance),
            ["enable", "server", path] | ["set", "server", path, "state", "ready"] => {
                self.backend.set_state(server(path)?, AdminState::Ready);
            }
            ["set", "server", path, "state", "drain"] => self.backend.set_state(server(path)?, AdminState::Drain),
            ["set", "server", path, "state", "maint"] => self.backend.set_state(server(path)?, AdminState::Maintenance),
            ["set", "server", path, "weight", weight] | ["set", "weight", path, weight] => {
                // A weight that HAProxy refuses changes nothing, as in the recording.
                let _ = self.backend.set_weight(server(path)?, new_weight(weight).ok_or_else(unknown)?);
            }
            ["set", "maxconn", "server", path, n] => self.backend.set_maxconn(server(path)?, n.parse().map_err(|_| unknown())?),
            _ => return Err(unknown()),
        }
        self.follow();
        Ok(())
    }

    /// What is looked at is not said before the answer is there, so everything is kept ready.
    fn observe(&mut self) -> Expect {
        let dequeued = Value::Array(std::mem::take(&mut self.dequeued));
        let mut servers = BTreeMap::new();
        for (index, name) in self.read.names.iter().enumerate() {
            let index = index as u32;
            let load = load(self.backend.served(index), self.backend.queued(index));
            servers.insert(name.clone(), (json!(self.backend.status(index)), load));
        }
        let (present, waiting) = self.backend.present();
        let whole = load(present, waiting);
        let weights = self.weights_around();
        Expect::Holds(Box::new(move |decided| {
            let fields = decided.as_object().ok_or("nothing was seen")?;
            if let Some(seen) = fields.get("dequeued") {
                return same(seen, &dequeued, "dequeued");
            }
            if let Some(seen) = fields.get("weight") {
                let name = decided["backend"].as_str().unwrap_or_default();
                let possible = weights.get(name).ok_or("the weight of nobody was seen")?;
                let text = seen.as_str().unwrap_or_default();
                return if possible.iter().any(|w| w == text) {
                    Ok(())
                } else {
                    Err(format!("weight is {possible:?} here and {seen} in the recording"))
                };
            }
            for (name, seen) in fields {
                let (status, load) = match servers.get(name) {
                    Some((status, load)) => (status, load),
                    None if name == "BACKEND" => (&Value::Null, &whole),
                    None => return Err(format!("the model says nothing about {name}")),
                };
                same(seen, if seen.is_object() { load } else { status }, name)?;
            }
            Ok(())
        }))
    }

    /// The weights that `show stat` may show within the tolerance around now, by server.
    fn weights_around(&self) -> BTreeMap<String, Vec<String>> {
        let mut after = self.backend.clone();
        after.advance(self.began + self.shown + self.tolerance);
        let times = [self.before.clone(), self.weights(&self.backend), self.weights(&after)];
        let possible = |i: usize| times.iter().filter_map(|weights| weights.get(i).cloned()).collect();
        self.read.names.iter().enumerate().map(|(i, name)| (name.clone(), possible(i))).collect()
    }

    fn weights(&self, backend: &Backend) -> Vec<String> {
        (0..self.read.names.len() as u32).map(|index| backend.weight(index).to_string()).collect()
    }
}

fn load(current: u32, queued: u32) -> Value {
    json!({ "scur": current.to_string(), "qcur": queued.to_string() })
}

fn same(seen: &Value, here: &Value, name: &str) -> Result<(), String> {
    if seen == here { Ok(()) } else { Err(format!("{name} is {here} here and {seen} in the recording")) }
}

/// What takes no longer was not made to wait, whatever the tolerance.
const AT_ONCE: Duration = Duration::from_millis(20);

/// Whether a request was refused after the time that it may wait.
fn refused(decided: &Value, waits: Option<Duration>, tolerance: Duration) -> Result<(), String> {
    if decided["status"] != 503 || !decided["backend"].is_null() {
        return Err(format!("it waits in vain here, and in the recording {decided}"));
    }
    let (Some(took), Some(waits)) = (decided["took_ms"].as_f64(), waits) else { return Ok(()) };
    let off = (took - waits.as_millis_f64()).abs();
    if off <= tolerance.max(AT_ONCE).as_millis_f64() {
        Ok(())
    } else {
        Err(format!("it took {} ms here and {took} ms in the recording", waits.as_millis_f64()))
    }
}

fn new_weight(text: &str) -> Option<NewWeight> {
    match text.strip_suffix('%') {
        Some(percent) => percent.parse().ok().map(NewWeight::Percent),
        None => text.parse().ok().map(NewWeight::Absolute),
    }
}
