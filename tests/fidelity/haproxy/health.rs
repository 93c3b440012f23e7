//! Servers that are checked: when checks come, what `show stat` says of each server, and who gets
//! the requests meanwhile.
//!
//! Checks that reach a server stand in the recording, and are held against when the model would
//! have sent them. Those that a server refuses reach nobody; the model sends them by its own clock.

use std::collections::BTreeMap;

use hopscope_core::policy::balance::haproxy::{AdminState, Backend, Placed};
use hopscope_core::policy::health::{CheckKind, Checks, Finding, Monitor, Turn};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::time::{Duration, Instant};
use serde_json::{Value, json};

use super::request::arrival;
use crate::config::{checks, haproxy as config};
use crate::pool;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Servers with `check`, with or without `observe layer7`.
pub(crate) const FAMILY: Family = Family { name: "haproxy health", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    let text = trace.config.as_str().unwrap_or_default();
    let servers =
        || text.lines().map(str::split_whitespace).filter(|words| matches!(words.clone().next(), Some("server" | "default-server")));
    let pins = |words: &str| words.split_whitespace().next().is_some_and(|word| matches!(word, "cookie" | "stick-table" | "stick"));
    trace.system.starts_with("haproxy")
        && servers().any(|mut words| words.any(|word| word == "check"))
        && !text.lines().any(pins)
        && trace.steps.iter().all(|step| matches!(step.kind.as_str(), "request" | "control" | "observe" | "check"))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let mut sections = config::read(trace.config.as_str().unwrap_or_default());
    let rules = checks::take(&mut sections)?;
    let read = config::backend(&sections)?;
    let tolerance = Duration::from_micros_f64(trace.tolerance_ms.unwrap_or(100.0) * 1_000.0);
    let recorded = trace.steps.iter().any(|step| step.kind == "check");
    let mut servers = Vec::new();
    for (i, rules) in rules.into_iter().enumerate() {
        let Some(mut rules) = rules else { return Err("not modelled yet: servers with and without checks in one backend".into()) };
        let checks = rules.checks.as_mut().ok_or("a server is checked by no rules")?;
        let spread = checks.interval.as_micros() * u64::from(std::mem::take(&mut checks.jitter_percent)) / 100;
        let first = Duration(checks.interval.as_micros() * (i as u64 + 1) / read.names.len() as u64);
        servers.push(Server::new(Monitor::new(rules, 1), tolerance + Duration(spread), (!recorded).then_some(Instant::START + first)));
    }
    let mut run = Run { backend: Backend::new(read.config.clone()), read, servers, recorded, asked: 0, failing: None };
    trace.steps.iter().map(|step| run.step(step)).collect()
}

/// How a server treats those who come to it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    Answers(u16),
    Refuses,
    Silent,
    Drops,
}

/// The manner in a recording's words.
fn manner(words: &str) -> Result<Manner, String> {
    let word = words.trim().trim_start_matches("HTTP ").split_whitespace().next().unwrap_or_default();
    Ok(match word {
        "ok" => Manner::Answers(200),
        "slow" | "hang" | "hangs" | "timeout" => Manner::Silent,
        "drop" | "drops" => Manner::Drops,
        "refuse" | "refuses" => Manner::Refuses,
        _ => Manner::Answers(word.parse().map_err(|_| format!("not modelled yet: a server that does \"{words}\""))?),
    })
}

/// What `show stat` has said since when.
type Shown = (Instant, String, &'static str);

#[derive(Clone)]
struct Server {
    monitor: Monitor,
    tolerance: Duration,
    traffic: Manner,
    checks: Manner,
    /// How many checks fail before they are as they should be again, where somebody said so.
    flaps: Option<u32>,
    /// When the next check is due; unknown before the first that was recorded.
    next: Option<Instant>,
    /// How much longer than its pause it took from one check to the next.
    extra: Duration,
    seen: Option<Instant>,
    /// The last check that nobody saw, and everything as it was before it.
    unseen: Option<(Instant, Box<Server>)>,
    shown: Vec<Shown>,
}

impl Server {
    /// A recording begins when all servers have been found well.
    fn new(mut monitor: Monitor, tolerance: Duration, next: Option<Instant>) -> Self {
        let checks = monitor.rules().checks.clone().unwrap_or_default();
        let (well, code) = match checks.kind {
            CheckKind::Http => (Finding::Status(if checks.status == 0 { 200 } else { checks.status }), "L7OK"),
            CheckKind::Tcp => (Finding::Open, "L4OK"),
        };
        monitor.checked(0, well, Instant::START);
        let (traffic, shown) = (Manner::Answers(200), vec![(Instant::START, "UP".to_owned(), code)]);
        let healthy = Manner::Answers(if checks.status == 0 { 200 } else { checks.status });
        Self { monitor, tolerance, traffic, checks: healthy, flaps: None, next, extra: Duration::ZERO, seen: None, unseen: None, shown }
    }

    fn rules(&self) -> Checks {
        self.monitor.rules().checks.clone().unwrap_or_default()
    }

    fn well(&self) -> Manner {
        let status = self.rules().status;
        Manner::Answers(if status == 0 { 200 } else { status })
    }

    /// The state as `show stat` writes it (`stats.c`).
    fn status(&self) -> String {
        let (tally, rules) = (self.monitor.tally(0), self.rules());
        match (tally.up, tally.streak) {
            (true, 0) => "UP".to_owned(),
            (true, failed) => format!("UP {}/{}", rules.fall - failed, rules.fall),
            (false, 0) => "DOWN".to_owned(),
            (false, good) => format!("DOWN {good}/{}", rules.rise),
        }
    }

    /// A check begins at that moment.
    fn check(&mut self, at: Instant) -> Result<Option<Turn>, String> {
        let rules = self.rules();
        let (finding, code, takes) = match (self.checks, rules.kind) {
            (Manner::Refuses, _) => (Finding::Refused, "L4CON", Duration::ZERO),
            (_, CheckKind::Tcp) => (Finding::Open, "L4OK", Duration::ZERO),
            (Manner::Answers(status), _) if rules.is_good(Finding::Status(status)) => (Finding::Status(status), "L7OK", Duration::ZERO),
            (Manner::Answers(status), _) => (Finding::Status(status), "L7STS", Duration::ZERO),
            (Manner::Silent, _) => (Finding::TimedOut, "L7TOUT", rules.patience()),
            (Manner::Drops, _) => return Err("not modelled yet: a server that drops its checks".into()),
        };
        self.flaps = self.flaps.map(|left| left - 1);
        if self.flaps == Some(0) {
            (self.checks, self.flaps) = (self.well(), None);
        }
        let over = at + takes;
        let turn = self.monitor.checked(0, finding, over);
        self.shown.push((over, self.status(), code));
        self.next = Some(over + self.monitor.pause(0, Draw::new(0, Purpose::Probe, 0, 0)));
        Ok(turn)
    }

    /// A check reached the server.
    fn arrived(&mut self, at: Instant) -> Result<(Option<Turn>, Result<(), String>), String> {
        // The check that the model sent when nobody listened may have been this one.
        if let Some((sent, before)) = self.unseen.take()
            && at.since(sent) <= self.tolerance
            && self.next.is_some_and(|next| distance(next, at) > at.since(sent))
        {
            let manner = self.checks;
            *self = *before;
            self.checks = manner;
        }
        let right = match self.next {
            Some(next) if distance(next, at) > self.tolerance => {
                Err(format!("the model checks at {} and the recording at {}", next.as_millis_f64(), at.as_millis_f64()))
            }
            Some(next) if self.seen.is_some() => {
                self.extra = at.since(next).min(Duration::from_millis(10));
                Ok(())
            }
            _ => Ok(()),
        };
        self.seen = Some(at);
        Ok((self.check(at)?, right))
    }

    /// Whether a check that stands in no recording is due.
    fn is_due(&self, now: Instant, recorded: bool) -> Option<Instant> {
        let next = self.next.map(|next| next + self.extra).filter(|&next| next <= now)?;
        (!recorded || self.checks == Manner::Refuses).then_some(next)
    }

    /// Whether a check should have reached the server before now and did not.
    fn misses(&self, now: Instant, recorded: bool) -> bool {
        recorded && self.checks != Manner::Refuses && self.next.is_some_and(|next| next + self.tolerance < now)
    }

    /// What may be seen at about that moment.
    fn possible(&self, now: Instant) -> Vec<(String, &'static str)> {
        let from = Instant(now.as_micros().saturating_sub(self.tolerance.as_micros()));
        let first = self.shown.iter().rposition(|(at, ..)| *at <= from).unwrap_or(0);
        self.shown[first..].iter().map(|(_, status, code)| (status.clone(), *code)).collect()
    }
}

fn distance(a: Instant, b: Instant) -> Duration {
    a.max(b) - a.min(b)
}

struct Run {
    read: config::Backend,
    backend: Backend,
    servers: Vec<Server>,
    /// Whether the recording has the checks that reached a server.
    recorded: bool,
    asked: u64,
    /// Whose checks were made to fail last.
    failing: Option<(usize, Manner)>,
}

impl Run {
    fn step(&mut self, step: &Step) -> Result<Expect, String> {
        let now = pool::moment(step);
        self.let_pass(now)?;
        if let Some(late) = (0..self.servers.len()).find(|&i| self.servers[i].misses(now, self.recorded)) {
            let why = format!("the model has checked {} by now and the recording not", self.read.names[late]);
            self.servers[late].next = None;
            return Ok(Expect::Holds(Box::new(move |_| Err(why.clone()))));
        }
        match step.kind.as_str() {
            "control" => self.control(&step.control).map(|()| Expect::Nothing),
            "check" => {
                let server = self.named(pool::text(&step.request, "to"))?;
                let (turn, right) = self.servers[server].arrived(now)?;
                self.follow(server, turn);
                Ok(Expect::Holds(Box::new(move |_| right.clone())))
            }
            "observe" => self.observe(now),
            _ => self.request(&step.request, now),
        }
    }

    fn named(&self, name: &str) -> Result<usize, String> {
        self.read.names.iter().position(|n| n == name).ok_or_else(|| format!("there is no server {name:?}"))
    }

    fn follow(&mut self, server: usize, turn: Option<Turn>) {
        if let Some(turn) = turn {
            let state = if turn.up { AdminState::Ready } else { AdminState::Maintenance };
            self.backend.set_state(server as u32, state);
        }
    }

    /// Sends the checks that stand in no recording.
    fn let_pass(&mut self, now: Instant) -> Result<(), String> {
        loop {
            let due = self.servers.iter().enumerate().filter_map(|(i, s)| Some((s.is_due(now, self.recorded)?, i))).min();
            let Some((at, i)) = due else { break };
            self.backend.advance(at);
            let before = Box::new(Server { unseen: None, ..self.servers[i].clone() });
            let turn = self.servers[i].check(at)?;
            self.servers[i].unseen = Some((at, before));
            self.follow(i, turn);
        }
        self.backend.advance(now);
        Ok(())
    }

    fn control(&mut self, control: &Value) -> Result<(), String> {
        let server = || self.named(pool::text(control, "backend"));
        match pool::text(control, "op") {
            "wait_ms" => {}
            "health_check_fails" => {
                let (server, how) = (server()?, manner(pool::text(control, "how"))?);
                self.servers[server].checks = how;
                self.failing = Some((server, how));
            }
            "health_check_ok" => {
                let server = server()?;
                self.servers[server].checks = self.servers[server].well();
            }
            "backend_refuses_connections" => {
                let server = server()?;
                (self.servers[server].traffic, self.servers[server].checks) = (Manner::Refuses, Manner::Refuses);
            }
            "backend_up" => {
                let server = server()?;
                (self.servers[server].traffic, self.servers[server].checks) = (Manner::Answers(200), self.servers[server].well());
            }
            "backend_behaviour" => self.behave(control)?,
            "note" => self.note(pool::text(control, "text"))?,
            op => return Err(format!("not modelled yet: {op} with checked servers")),
        }
        Ok(())
    }

    /// "500 to traffic, 200 to health checks", or one word for both.
    fn behave(&mut self, control: &Value) -> Result<(), String> {
        for (name, words) in control.as_object().into_iter().flatten().filter(|(name, _)| *name != "op") {
            let server = self.named(name)?;
            for part in words.as_str().unwrap_or_default().split(',') {
                let how = manner(part)?;
                if !part.contains("health") {
                    self.servers[server].traffic = how;
                }
                if !part.contains("traffic") {
                    self.servers[server].checks = if how == Manner::Answers(200) { self.servers[server].well() } else { how };
                }
            }
        }
        Ok(())
    }

    /// "flap: exactly 2 failing checks": of the server whose checks failed before, in the same way.
    fn note(&mut self, text: &str) -> Result<(), String> {
        let Some((_, rest)) = text.split_once("exactly ").filter(|(_, rest)| rest.contains("failing check")) else { return Ok(()) };
        let failing = rest.split_whitespace().next().and_then(|word| word.parse().ok()).ok_or("a note has no number of checks")?;
        let (server, how) = self.failing.ok_or("nobody's checks have failed before those of a note")?;
        if failing > 0 {
            self.servers[server].checks = how;
            self.servers[server].flaps = Some(failing);
        }
        Ok(())
    }

    /// Whose state is looked at is not said before the answer is there, so everything is kept ready.
    fn observe(&self, now: Instant) -> Result<Expect, String> {
        let mut possible = BTreeMap::new();
        for (name, server) in self.read.names.iter().zip(&self.servers) {
            // A check that nobody saw may have been a little sooner than by the model's clock.
            let mut ahead = server.clone();
            while let Some(at) = ahead.is_due(now + server.tolerance, self.recorded) {
                ahead.check(at)?;
            }
            possible.insert(name.clone(), ahead.possible(now));
        }
        Ok(Expect::Holds(Box::new(move |decided| {
            let name = pool::text(decided, "backend");
            let possible = possible.get(name).ok_or_else(|| format!("the model knows no server {name:?}"))?;
            if let Some(field) =
                decided.as_object().into_iter().flatten().map(|(field, _)| field).find(|field| !KNOWN.contains(&field.as_str()))
            {
                return Err(format!("the model says nothing of {field}"));
            }
            let fits = |(status, code): &(String, &str)| {
                decided["status"] == status.as_str() && (decided["check_status"].is_null() || decided["check_status"] == *code)
            };
            if possible.iter().any(fits) { Ok(()) } else { Err(format!("{name} is {possible:?} here and {decided} in the recording")) }
        })))
    }

    fn request(&mut self, request: &Value, now: Instant) -> Result<Expect, String> {
        self.asked += 1;
        let arrival = arrival(&self.read, request, self.backend.usable(), 0, self.asked);
        let (backend, status) = match self.backend.arrive(&arrival) {
            (ticket, Placed::Served(index)) => {
                self.backend.finish(ticket);
                let server = index as usize;
                let (status, finding) = match self.servers[server].traffic {
                    Manner::Answers(status) => (status, Finding::Status(status)),
                    Manner::Drops => (502, Finding::Reset),
                    Manner::Refuses | Manner::Silent => return Err("not modelled yet: a request to a server that does not answer".into()),
                };
                self.answered(server, finding, now);
                (json!(self.read.names[server]), status)
            }
            (_, Placed::NoServer | Placed::QueueFull) => (Value::Null, 503),
            (_, Placed::Queued(_)) => return Err("not modelled yet: a queue before checked servers".into()),
        };
        let mut told = json!({ "backend": backend, "status": status });
        for (name, server) in self.read.names.iter().zip(&self.servers) {
            told[format!("{name}_status")] = json!(server.status());
        }
        Ok(Expect::Covers(told))
    }

    fn answered(&mut self, server: usize, finding: Finding, now: Instant) {
        let state = &mut self.servers[server];
        let (sooner, turn) = state.monitor.answered(0, finding, now);
        let fast = state.rules().fast_interval;
        if sooner && !fast.is_zero() {
            state.next = state.next.map(|next| next.min(now + fast));
        }
        if sooner {
            state.shown.push((now, state.status(), "HANA"));
        }
        self.follow(server, turn);
    }
}

/// The fields of an observation that are compared.
const KNOWN: [&str; 3] = ["backend", "status", "check_status"];
