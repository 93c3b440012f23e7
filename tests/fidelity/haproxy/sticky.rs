//! Clients who stay with their server: cookies, stick tables, and servers that cannot be reached.
//!
//! An answer may come in the millisecond of its request or in the next. In a table that is full this
//! decides who goes, and nobody wrote it down: then the model takes both ways, and of its runs those go
//! on that decided as the recording did.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;

use hopscope_core::http::Headers;
use hopscope_core::policy::affinity::{Failure, Next, Rows};
use hopscope_core::policy::balance::haproxy::{AdminState, Arrival, Backend, Method, NewWeight, Placed, url_param};
use hopscope_core::time::{Duration, Instant};
use serde_json::Value;

use super::request::arrival;
use crate::config::haproxy;
use crate::config::sticky::{self, Key, Rule, Sticky};
use crate::fields;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// A backend with a cookie, a stick table, or neither and servers that refuse connections.
pub(crate) const FAMILY: Family = Family { name: "haproxy sticky", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    let keeps = |line: &str| ["cookie ", "stick-table ", "stick "].iter().any(|word| line.trim_start().starts_with(word));
    let refuses = |step: &Step| step.control["op"] == "backend_refuses_connections";
    let checks = |step: &Step| step.kind == "check";
    let unreached = || trace.steps.iter().any(refuses) && !trace.steps.iter().any(checks);
    trace.system.starts_with("haproxy") && trace.config.as_str().is_some_and(|text| text.lines().any(keeps) || unreached())
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let read = sticky::sticky(&haproxy::read(trace.config.as_str().unwrap_or_default()))?;
    for step in &trace.steps {
        known(step)?;
    }
    let keys: BTreeSet<String> = trace.steps.iter().flat_map(|step| keys(&read, &step.request)).collect();
    // A table that is never full forgets nobody before their time.
    let unsure = read.table.is_some_and(|limits| keys.len() >= limits.size as usize);
    let tolerance = trace.tolerance_ms.unwrap_or(0.0);
    let runs = Rc::new(RefCell::new(vec![Run::new(read)]));
    let expect = |step: &Step| {
        let (runs, step) = (Rc::clone(&runs), step.clone());
        Expect::Holds(Box::new(move |decided| go_on(&mut runs.borrow_mut(), &step, decided, unsure, tolerance)))
    };
    Ok(trace.steps.iter().map(expect).collect())
}

/// Whether a step is one that the model knows.
fn known(step: &Step) -> Result<(), String> {
    const OPS: [&str; 6] = ["admin", "wait_ms", "note", "health_check_fails", "health_check_ok", "backend_refuses_connections"];
    let op = step.control["op"].as_str().unwrap_or_default();
    match step.kind.as_str() {
        "request" | "observe" => Ok(()),
        "control" if OPS.contains(&op) || op == "backend_up" => Ok(()),
        "control" => Err(format!("not modelled yet: {op} with clients that stay")),
        other => Err(format!("not modelled yet: {other} steps with clients that stay")),
    }
}

/// Lets every run take a step, and keeps those that decide as the recording does.
fn go_on(runs: &mut Vec<Run>, step: &Step, decided: &Value, unsure: bool, tolerance: f64) -> Result<(), String> {
    let mut next: Vec<(Run, Result<(), String>)> = Vec::new();
    for run in runs.iter() {
        for late in [0, 1_000].into_iter().take(if unsure && step.kind == "request" { 2 } else { 1 }) {
            let mut run = run.clone();
            let told = run.step(step, Duration::from_micros(late))?;
            next.push((run, told.is(decided, tolerance)));
        }
    }
    let why = next.first().and_then(|(_, held)| held.clone().err());
    let agrees = next.iter().any(|(_, held)| held.is_ok());
    let mut seen = BTreeSet::new();
    *runs =
        next.into_iter().filter(|(_, held)| held.is_ok() == agrees).map(|(run, _)| run).filter(|run| seen.insert(run.state())).collect();
    if agrees { Ok(()) } else { Err(why.unwrap_or_default()) }
}

/// What the model says about a step.
enum Told {
    Nothing,
    Answer { backend: Option<String>, status: u16, reply: Vec<(String, String)>, took: Duration },
    Keys(Vec<String>),
}

impl Told {
    fn is(&self, decided: &Value, tolerance: f64) -> Result<(), String> {
        let differs = |what: &str, here: &dyn std::fmt::Debug| Err(format!("{what} is {here:?} here, and in the recording {decided}"));
        match self {
            Self::Nothing if decided.is_null() => Ok(()),
            Self::Nothing => differs("nothing", &()),
            Self::Keys(keys) => {
                let mut seen: Vec<String> = serde_json::from_value(decided["keys"].clone()).map_err(|why| why.to_string())?;
                seen.sort();
                if seen == *keys { Ok(()) } else { differs("the table", keys) }
            }
            Self::Answer { backend, status, reply, took } => {
                for (field, seen) in decided.as_object().into_iter().flatten() {
                    let said = |name: &str| reply.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()).next_back();
                    let same = match field.as_str() {
                        "backend" => seen.as_str() == backend.as_deref(),
                        "status" => seen.as_u64() == Some((*status).into()),
                        "set-cookie" | "cache-control" => seen.as_str() == said(field),
                        "took_ms" => (seen.as_f64().unwrap_or(0.0) - took.as_millis_f64()).abs() <= tolerance,
                        _ => return Err(format!("the model does not speak of {field}")),
                    };
                    if !same {
                        return differs(field, &(backend, status, reply, took));
                    }
                }
                let sets = reply.iter().any(|(name, _)| name == "Set-Cookie");
                if sets && decided["set-cookie"].is_null() { differs("set-cookie", reply) } else { Ok(()) }
            }
        }
    }
}

/// A backend under way.
#[derive(Clone)]
struct Run {
    read: Rc<Sticky>,
    backend: Backend,
    rows: Rows,
    asked: u64,
    /// Everybody who was picked by the balancing.
    balanced: Vec<u32>,
    admin: Vec<AdminState>,
    up: Vec<bool>,
    refuses: Vec<bool>,
    unwell: Vec<bool>,
    /// When checks will have made somebody up or down.
    turns: Vec<Option<(Instant, bool)>>,
}

impl Run {
    fn new(read: Sticky) -> Self {
        let n = read.backend.names.len();
        Self {
            backend: Backend::new(read.backend.config.clone()),
            rows: Rows::new(read.table.unwrap_or_default()),
            asked: 0,
            balanced: Vec::new(),
            admin: vec![AdminState::Ready; n],
            up: vec![true; n],
            refuses: vec![false; n],
            unwell: vec![false; n],
            turns: vec![None; n],
            read: Rc::new(read),
        }
    }

    /// What its future depends on.
    fn state(&self) -> String {
        format!("{:?} {:?}", self.rows, self.balanced)
    }

    fn step(&mut self, step: &Step, late: Duration) -> Result<Told, String> {
        let now = Instant((step.t_ms * 1_000.0) as u64);
        self.let_pass(now);
        Ok(match step.kind.as_str() {
            "request" => self.request(&step.request, now, late),
            "observe" => {
                let mut keys: Vec<String> = self.rows.rows(now).map(|row| row.key.to_string()).collect();
                keys.sort();
                Told::Keys(keys)
            }
            _ => {
                self.control(&step.control, now)?;
                Told::Nothing
            }
        })
    }

    fn let_pass(&mut self, now: Instant) {
        for i in 0..self.turns.len() {
            if let Some((at, up)) = self.turns[i].filter(|(at, _)| *at <= now) {
                self.backend.advance(at);
                (self.turns[i], self.up[i]) = (None, up);
                self.set(i);
            }
        }
        self.backend.advance(now);
    }

    /// Brings a server's state to the balancing: one that is down gets nothing, as in maintenance.
    fn set(&mut self, i: usize) {
        self.backend.set_state(i as u32, if self.up[i] { self.admin[i] } else { AdminState::Maintenance });
    }

    fn serves(&self, i: usize) -> bool {
        self.read.persist || (self.up[i] && self.admin[i] != AdminState::Maintenance)
    }

    fn request(&mut self, request: &Value, now: Instant, late: Duration) -> Told {
        let (read, headers) = (Rc::clone(&self.read), fields::of(request));
        let named = |value: &str| (0..read.values.len()).find(|&i| read.values[i].as_deref() == Some(value) && self.serves(i));
        let mut target = read.cookie.as_ref().and_then(|cookie| cookie.named(&headers, named));
        let stored = self.stick(request, &mut target, now);
        let (served, took) = self.connect(request, target, now);
        let mut reply = Vec::new();
        let Some((server, pinned)) = served else { return Told::Answer { backend: None, status: 503, reply, took } };
        if let Some(key) = stored {
            self.rows.store(&key, server as u16, now, now + took + late);
        }
        if let Some(cookie) = &read.cookie {
            cookie.answer(read.values[server].as_deref(), pinned, request["method"] == "POST", &mut reply);
        }
        Told::Answer { backend: Some(read.backend.names[server].clone()), status: 200, reply, took }
    }

    /// `process_sticking_rules`: looks for the key, and gives the one to remember.
    fn stick(&mut self, request: &Value, target: &mut Option<usize>, now: Instant) -> Option<String> {
        let read = Rc::clone(&self.read);
        let mut stored = None;
        for rule in read.rules.iter().filter(|rule| !rule.of_answer) {
            // Only the first rule that stores counts.
            if rule.stores && stored.is_some() {
                continue;
            }
            let Some(key) = key(&read, rule, request) else { continue };
            if rule.matches {
                let found = self.rows.look_up(&key, now).map(usize::from).filter(|&i| self.serves(i));
                *target = target.or(found);
            }
            if rule.stores && self.rows.make_room(now) {
                stored = Some(key);
            }
        }
        stored
    }

    /// Who has it in the end, and whether they were named; and how long the tries in vain took.
    fn connect(&mut self, request: &Value, mut target: Option<usize>, now: Instant) -> (Option<(usize, bool)>, Duration) {
        let read = Rc::clone(&self.read);
        self.asked += 1;
        let mut arrival: Arrival = arrival(&read.backend, request, self.backend.usable(), 0, self.asked);
        let (mut before, mut took, mut pinned) = (0, Duration::ZERO, target.is_some());
        loop {
            let (ticket, placed) = match target {
                Some(server) => self.backend.arrive_for(server as u32, &arrival),
                None => self.backend.arrive(&arrival),
            };
            let Placed::Served(server) = placed else { return (None, took) };
            self.backend.finish(ticket);
            if target.is_none() {
                self.balanced.push(server);
            }
            let i = server as usize;
            if !self.refuses[i] {
                return (Some((i, pinned)), took);
            }
            let turns = matches!(read.backend.config.method, Method::RoundRobin | Method::StaticRoundRobin | Method::Random { .. });
            let down = !self.up[i] || self.admin[i] == AdminState::Maintenance;
            let failure = Failure { before, pinned, turns, up: self.backend.usable(), down, timed_out: false };
            before += 1;
            let pause = match read.retries.after(&failure) {
                Next::Over => return (None, took),
                Next::Same(pause) => {
                    target = Some(i);
                    pause
                }
                Next::Other(pause) => {
                    (target, pinned, arrival.ask.avoid) = (None, false, Some(server));
                    pause
                }
            };
            took = took + pause;
            self.let_pass(now + took);
        }
    }

    fn control(&mut self, control: &Value, now: Instant) -> Result<(), String> {
        let op = control["op"].as_str().unwrap_or_default();
        if op == "admin" {
            return self.operate(control["cmd"].as_str().unwrap_or_default());
        }
        let Some(i) = self.read.backend.names.iter().position(|name| control["backend"] == name.as_str()) else { return Ok(()) };
        match op {
            "health_check_fails" => self.unwell[i] = true,
            "health_check_ok" => self.unwell[i] = false,
            "backend_refuses_connections" => self.refuses[i] = true,
            "backend_up" => self.refuses[i] = false,
            _ => return Ok(()),
        }
        let well = !self.unwell[i] && !self.refuses[i];
        if let Some(check) = self.read.checks[i] {
            let fresh = now.since(Instant::START) < Duration::from_millis(1);
            let after = if well { check.rises() } else { check.falls(fresh) };
            self.turns[i] = (well != self.up[i]).then_some((now + after, well));
        }
        Ok(())
    }

    fn operate(&mut self, command: &str) -> Result<(), String> {
        let words: Vec<&str> = command.split_whitespace().collect();
        let unknown = || format!("not modelled yet: the admin command \"{command}\"");
        let server = |path: &str| {
            let name = path.split_once('/').map_or(path, |(_, name)| name);
            self.read.backend.names.iter().position(|n| n == name).ok_or_else(unknown)
        };
        let (i, state) = match words.as_slice() {
            ["disable", "server", path] | ["set", "server", path, "state", "maint"] => (server(path)?, AdminState::Maintenance),
            ["enable", "server", path] | ["set", "server", path, "state", "ready"] => (server(path)?, AdminState::Ready),
            ["set", "server", path, "state", "drain"] => (server(path)?, AdminState::Drain),
            ["set", "server", path, "weight", weight] | ["set", "weight", path, weight] => {
                let i = server(path)?;
                let new = match weight.strip_suffix('%') {
                    Some(percent) => percent.parse().map(NewWeight::Percent),
                    None => weight.parse().map(NewWeight::Absolute),
                };
                // A weight that HAProxy refuses changes nothing.
                let _ = self.backend.set_weight(i as u32, new.map_err(|_| unknown())?);
                return Ok(());
            }
            ["clear", "table", _] => {
                self.rows = Rows::new(self.rows.limits());
                return Ok(());
            }
            _ => return Err(unknown()),
        };
        self.admin[i] = state;
        self.set(i);
        Ok(())
    }
}

/// The keys that a request brings.
fn keys(read: &Sticky, request: &Value) -> Vec<String> {
    read.rules.iter().filter_map(|rule| key(read, rule, request)).collect()
}

fn key(read: &Sticky, rule: &Rule, request: &Value) -> Option<String> {
    let headers: Headers = fields::of(request);
    let uri = request["uri"].as_str().unwrap_or("/");
    let path = uri.split('?').next().unwrap_or(uri);
    let found = match &rule.key {
        Key::Source => client(request).to_string(),
        // The last of its values, and of the last field.
        Key::Header(name) => headers.list(name).last()?.to_string(),
        Key::WholeHeader(name) => headers.all(name).last()?.to_owned(),
        Key::Cookie(name) => headers.cookie(name)?.to_owned(),
        Key::UrlParam(name) => String::from_utf8_lossy(url_param(uri.as_bytes(), name.as_bytes())?).into_owned(),
        Key::Path => path.to_owned(),
        Key::Url => uri.to_owned(),
    };
    let found = if rule.lower { found.to_lowercase() } else { found };
    (!found.is_empty()).then(|| found.chars().take(read.letters).collect())
}

fn client(request: &Value) -> IpAddr {
    fields::peer(request)
}
