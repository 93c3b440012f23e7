//! `limit_req` and `limit_conn`: what passes, what waits for how long, what is turned away.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hopscope_core::forwarded::Network;
use hopscope_core::policy::limit::nginx::{self as model, ConnLimit, Lookup, Text};
use hopscope_core::policy::limit::{Decision, Reason, Seen, Verdict};
use serde_json::{Value, json};

use super::variables::{expand_by, variable};
use crate::config::limits::{Path, Zone, conn_zones, req_zones};
use crate::config::nginx::{self, Directive};
use crate::pool::{client, header, moment, text};
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Requests by `limit_req`. When an answer had gone says when the server got to it, and is not compared.
pub(crate) const REQUESTS: Family =
    Family { name: "nginx limit_req", fits: |trace| fits(trace, "limit_req", "limit_conn"), replay: requests, leaves: &["finished_ms"] };

/// Requests held open by `limit_conn`.
pub(crate) const CONNECTIONS: Family =
    Family { name: "nginx limit_conn", fits: |trace| fits(trace, "limit_conn", "limit_req"), replay: connections, leaves: &[] };

/// A server wakes up late, never early: so many milliseconds after a delay was over a request was
/// still on its way, on the machine that recorded.
const LATE_MS: f64 = 20.0;

fn fits(trace: &Trace, directive: &str, other: &str) -> bool {
    let config = nginx::read(trace.config.as_str().unwrap_or_default());
    trace.system.starts_with("nginx") && config.has(directive) && !config.has(other)
}

/// The values of the zones' keys for one request.
struct Keys<'a> {
    config: &'a Directive,
    path: &'a Path<'a>,
    request: &'a Value,
}

impl Keys<'_> {
    fn of(&self, zone: &Zone, most: usize) -> Result<Option<Text>, String> {
        // The address as it is, in four bytes or sixteen.
        if zone.key.trim_matches(['$', '{', '}']) == "binary_remote_addr" {
            return Ok(match self.address() {
                IpAddr::V4(v4) => Text::of(&v4.octets(), most),
                IpAddr::V6(v6) => Text::of(&v6.octets(), most),
            });
        }
        let value = expand_by(&zone.key, &|name| self.variable(name))?;
        Ok(Text::of(value.as_bytes(), most))
    }

    fn address(&self) -> IpAddr {
        text(self.request, "key").parse().unwrap_or_else(|_| client(self.request))
    }

    /// Recordings that are about one key say it in so many words, and not where in the request it was.
    fn variable(&self, name: &str) -> Result<String, String> {
        let key = || text(self.request, "key").to_owned();
        let asked = |field: &str| !self.request[field].is_null();
        match name {
            "server_name" => Ok(self.path.server_name()),
            "remote_addr" | "binary_remote_addr" => Ok(self.address().to_string()),
            _ if name.starts_with("arg_") && !asked("uri") => Ok(key()),
            _ if (name.starts_with("http_") || name.starts_with("cookie_")) && !asked("headers") => Ok(key()),
            _ => match name.strip_prefix("cookie_") {
                Some(cookie) => Ok(cookie_of(header(self.request, "cookie"), cookie)),
                None => self.mapped(name).unwrap_or_else(|| variable(name, self.request)),
            },
        }
    }

    /// A variable that a `map` or `geo` block makes.
    fn mapped(&self, name: &str) -> Option<Result<String, String>> {
        let is_it = |word: Option<&String>| word.is_some_and(|word| word.trim_start_matches('$') == name);
        if let Some(map) = self.config.all("map").into_iter().find(|map| is_it(map.args().get(1))) {
            let rows = |value: &str| map.inside.iter().find(|row| row.name() == value && value != "default");
            return Some(expand_by(&map.args()[0], &|name| self.variable(name)).and_then(|value| {
                let default = map.inside.iter().find(|row| row.name() == "default");
                let row = rows(&value).or(default).and_then(|row| row.args().first());
                if map.inside.iter().any(|row| row.name().starts_with('~')) {
                    return Err("not modelled yet: nginx's map with patterns".into());
                }
                row.map_or(Ok(String::new()), |to| expand_by(to, &|name| self.variable(name)))
            }));
        }
        let geo = self.config.all("geo").into_iter().find(|geo| is_it(geo.args().last()) && geo.args().len() == 1)?;
        let address = self.address();
        let network = |row: &&Directive| row.name().parse::<Network>().is_ok_and(|network| network.contains(address));
        let longest = |row: &&Directive| row.name().split_once('/').map_or(128, |(_, bits)| bits.parse::<u32>().unwrap_or(0));
        let row = geo.inside.iter().filter(network).max_by_key(longest).or_else(|| geo.inside.iter().find(|row| row.name() == "default"));
        Some(Ok(row.and_then(|row| row.args().first()).cloned().unwrap_or_default()))
    }
}

fn cookie_of(value: &str, name: &str) -> String {
    let pairs = value.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(n, _)| *n == name).map(|(_, value)| value.to_owned()).next().unwrap_or_default()
}

fn path_of<'a>(config: &'a Directive, request: &Value) -> Result<Path<'a>, String> {
    let uri = request["uri"].as_str().unwrap_or("/");
    Path::of(config, header(request, "host"), uri.split('?').next().unwrap_or("/"))
}

fn is_pause(step: &Step) -> bool {
    step.kind == "control" && step.control["op"] == "wait_ms"
}

fn requests(trace: &Trace) -> Result<Vec<Expect>, String> {
    let config = nginx::read(trace.config.as_str().unwrap_or_default());
    let (mut names, mut rates, mut zones) = (Vec::new(), Vec::new(), Vec::new());
    for (zone, rate, memory) in req_zones(&config)? {
        names.push(zone);
        rates.push(rate);
        zones.push(memory);
    }
    let tolerance = trace.tolerance_ms.unwrap_or(0.0);
    let mut expected = Vec::new();
    for step in &trace.steps {
        if is_pause(step) {
            expected.push(Expect::Nothing);
            continue;
        }
        if step.kind != "request" {
            return Err(format!("not modelled yet: {} of nginx's limit_req", step.kind));
        }
        let path = path_of(&config, &step.request)?;
        let limits = path.req_limits(&names.iter().collect::<Vec<_>>())?;
        if let Some(status) = path.returns() {
            expected.push(bypassed(status));
            continue;
        }
        let keys = Keys { config: &config, path: &path, request: &step.request };
        let texts = limits.iter().map(|limit| keys.of(&names[limit.zone], 65_535)).collect::<Result<Vec<_>, _>>()?;
        let mut lookups = Vec::new();
        let mut note = |place: usize, said: Lookup| {
            let zone = limits[place].zone;
            lookups.push(Looked { zone: names[zone].name.clone(), said, slack: slack(rates[zone], tolerance) });
        };
        let decision = model::decide(&mut zones, &limits, &texts, moment(step), &mut note);
        let dry = path.value("limit_req_dry_run") == Some("on");
        let rejected = status(&path, "limit_req_status")?;
        let slack = lookups.iter().map(|looked| looked.slack).max().unwrap_or(0);
        expected.push(Expect::Holds(Box::new(Answer { decision, dry, rejected, lookups, tolerance, slack }.check())));
    }
    Ok(expected)
}

/// How far an excess may be off where arrivals are: what drips out in that time, and the last bit.
fn slack(rate: u64, tolerance_ms: f64) -> u64 {
    (rate as f64 * tolerance_ms / 1_000.0).ceil() as u64
}

fn status(path: &Path<'_>, name: &str) -> Result<u16, String> {
    path.value(name).map_or(Ok(503), |text| text.parse().map_err(|_| format!("{name} {text} is no status")))
}

/// A `return` answers before any limit is looked at.
fn bypassed(status: u16) -> Expect {
    Expect::Holds(Box::new(move |decided| {
        let unmarked = matches!(decided["outcome"].as_str(), None | Some("" | "PASSED"));
        let at_once = decided["delay_ms"].as_f64().unwrap_or(0.0) == 0.0;
        if unmarked && at_once && (decided["status"].is_null() || decided["status"] == status) {
            Ok(())
        } else {
            Err(format!("it is answered with {status} before any limit here, and in the recording {decided}"))
        }
    }))
}

/// What one zone said.
struct Looked {
    zone: String,
    said: Lookup,
    slack: u64,
}

impl Looked {
    fn check(&self, recorded: &Value) -> Result<(), String> {
        let (rc, excess) = match self.said {
            Lookup::Counted(excess) => (0, excess),
            Lookup::Accepted(excess) => (-2, excess),
            Lookup::Over(excess) => (-3, excess),
            Lookup::NoMemory => (-1, 0),
        };
        if recorded["zone"] == self.zone.as_str() && recorded["rc"] == rc && near(excess, &recorded["excess_milli"], self.slack) {
            return Ok(());
        }
        Err(format!("zone {} says {rc} at an excess of {excess} here, and in the recording {recorded}", self.zone))
    }
}

fn near(here: u64, there: &Value, slack: u64) -> bool {
    there.as_u64().is_some_and(|there| there.abs_diff(here) <= slack)
}

/// What the model says about one request, to be held against the recording.
struct Answer {
    decision: Decision,
    dry: bool,
    rejected: u16,
    lookups: Vec<Looked>,
    tolerance: f64,
    slack: u64,
}

impl Answer {
    fn outcome(&self) -> Option<&'static str> {
        Some(match (self.decision.verdict, self.dry) {
            _ if self.decision.reason == Reason::NoKey => return None,
            (Verdict::Accept, _) => "PASSED",
            (Verdict::Delay(_), false) => "DELAYED",
            (Verdict::Delay(_), true) => "DELAYED_DRY_RUN",
            (Verdict::Reject { .. }, false) => "REJECTED",
            (Verdict::Reject { .. }, true) => "REJECTED_DRY_RUN",
        })
    }

    fn check(self) -> impl Fn(&Value) -> Result<(), String> {
        move |decided| decided.as_object().into_iter().flatten().try_for_each(|(name, value)| self.field(name, value))
    }

    fn field(&self, name: &str, value: &Value) -> Result<(), String> {
        let passes = self.decision.is_admitted() || self.dry;
        let expect = |here: &dyn std::fmt::Display, holds: bool| {
            if holds { Ok(()) } else { Err(format!("{name} is {here} here and {value} in the recording")) }
        };
        match name {
            "outcome" => match self.outcome() {
                Some(outcome) => expect(&outcome, value == outcome),
                None => expect(&"nothing", matches!(value.as_str(), None | Some("" | "PASSED"))),
            },
            "status" => {
                let status = if passes { 200 } else { self.rejected };
                expect(&status, *value == status)
            }
            "excess_milli" => match self.decision.seen {
                Seen::Excess(excess, _) => expect(&excess, near(excess, value, self.slack)),
                _ => expect(&"nothing", value.is_null() || value == 0),
            },
            "delay_ms" => {
                let delay = if self.dry { 0.0 } else { self.decision.delay().as_millis_f64() };
                let (late, there) = (if delay > 0.0 { LATE_MS } else { 0.0 }, value.as_f64().unwrap_or(f64::MAX));
                expect(&delay, there >= delay - self.tolerance && there <= delay + self.tolerance + late)
            }
            "lookups" => {
                let recorded = value.as_array().map_or(&[][..], Vec::as_slice);
                expect(&format!("{} zones", self.lookups.len()), recorded.len() == self.lookups.len())?;
                self.lookups.iter().zip(recorded).try_for_each(|(looked, recorded)| looked.check(recorded))
            }
            "finished_ms" => Ok(()),
            other => Err(format!("the model says nothing about {other}")),
        }
    }
}

/// A request that is held open: the limits that it met, and its keys.
type Held = (Vec<ConnLimit>, Vec<Option<Text>>);

fn connections(trace: &Trace) -> Result<Vec<Expect>, String> {
    let config = nginx::read(trace.config.as_str().unwrap_or_default());
    let (names, mut zones): (Vec<Zone>, Vec<_>) = conn_zones(&config)?.into_iter().unzip();
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    let mut expected = Vec::new();
    for step in &trace.steps {
        let id = text(&step.request, "id").to_owned();
        expected.push(match step.kind.as_str() {
            "control" if is_pause(step) => Expect::Nothing,
            "close" => {
                let (limits, texts) = held.remove(&id).ok_or("a request ends that was not open")?;
                model::close(&mut zones, &limits, &texts);
                let counted = texts.iter().any(Option::is_some);
                Expect::Holds(Box::new(move |decided| conn_fields(decided, "accepted", 200, counted.then_some("PASSED"))))
            }
            "open" | "request" => {
                let path = path_of(&config, &step.request)?;
                if path.returns().is_some() {
                    return Err("not modelled yet: return beside limit_conn".into());
                }
                let limits = path.conn_limits(&names.iter().collect::<Vec<_>>())?;
                let keys = Keys { config: &config, path: &path, request: &step.request };
                let texts = limits.iter().map(|limit| keys.of(&names[limit.zone], 255)).collect::<Result<Vec<_>, _>>()?;
                let decision = model::open(&mut zones, &limits, &texts, moment(step));
                let dry = path.value("limit_conn_dry_run") == Some("on");
                let refused = status(&path, "limit_conn_status")?;
                let counted = decision.reason != Reason::NoKey;
                match (decision.is_admitted(), step.kind == "open") {
                    (true, true) => _ = held.insert(id, (limits, texts)),
                    (true, false) => model::close(&mut zones, &limits, &texts),
                    // It was let through, and is counted nowhere.
                    (false, true) if dry => _ = held.insert(id, (Vec::new(), Vec::new())),
                    (false, _) => {}
                }
                let (outcome, code, mark) = match (decision.is_admitted(), dry) {
                    (true, _) => ("accepted", 200, "PASSED"),
                    (false, true) => ("accepted", 200, "REJECTED_DRY_RUN"),
                    (false, false) => ("rejected", refused, "REJECTED"),
                };
                Expect::Holds(Box::new(move |decided| conn_fields(decided, outcome, code, counted.then_some(mark))))
            }
            other => return Err(format!("not modelled yet: {other} of nginx's limit_conn")),
        });
    }
    Ok(expected)
}

/// The fields of a decision about an open request. What is let through has no status before it ends.
fn conn_fields(decided: &Value, outcome: &str, status: u16, mark: Option<&str>) -> Result<(), String> {
    let fields = decided.as_object().ok_or("the recording has no decision")?;
    for (name, value) in fields {
        let here = match name.as_str() {
            "outcome" => json!(outcome),
            "status" => json!(status),
            "limit_conn_status" => json!(mark),
            other => return Err(format!("the model says nothing about {other}")),
        };
        let both_nothing = here.is_null() && value == "";
        if here != *value && !both_nothing {
            return Err(format!("{name} is {here} here and {value} in the recording"));
        }
    }
    if outcome == "rejected" && !fields.contains_key("outcome") {
        return Err("it is turned away here, and in the recording it ends".into());
    }
    Ok(())
}
