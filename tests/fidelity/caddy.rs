//! Caddy: the selection policies of `reverse_proxy`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hopscope_core::policy::balance::caddy::cookie_value;
use hopscope_core::policy::balance::{Key, Options, Peer, PolicyKind};
use hopscope_core::world::NodeId;
use serde_json::{Value, json};

use crate::config::caddy::{self, ReverseProxy};
use crate::drawn;
use crate::pool::{self, Pool, Request};
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// What of Caddy can be replayed.
pub(crate) const FAMILIES: &[Family] = &[Family { name: "Caddy reverse_proxy", fits, replay, leaves: &[] }];

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("Caddy") && trace.config.as_str().and_then(caddy::read).is_some()
}

/// A policy, and what it hashes.
fn policy(proxy: &ReverseProxy) -> Result<(PolicyKind, Options), String> {
    let plain = |kind| Ok((kind, Options::default()));
    match proxy.policy.first().map_or("random", String::as_str) {
        "round_robin" => Ok((PolicyKind::RoundRobin, Options { start: 1, ..Options::default() })),
        "first" => plain(PolicyKind::First),
        "least_conn" => plain(PolicyKind::LeastRequests),
        "random" => plain(PolicyKind::Random),
        "ip_hash" | "uri_hash" | "header" => plain(PolicyKind::Rendezvous),
        "cookie" => {
            let secret = proxy.policy.get(2).cloned().unwrap_or_default();
            Ok((PolicyKind::Cookie, Options { secret, ..Options::default() }))
        }
        other => Err(format!("not modelled yet: lb_policy {other}")),
    }
}

/// A `reverse_proxy` with its upstreams.
struct Proxy {
    pool: Pool,
    policy: Vec<String>,
    refusing: BTreeSet<String>,
    held: BTreeMap<String, usize>,
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let written = caddy::read(trace.config.as_str().unwrap_or_default()).ok_or("its configuration has no reverse_proxy")?;
    if let Some(other) = written.others.first() {
        return Err(format!("not modelled yet: reverse_proxy with {other}"));
    }
    let (kind, options) = policy(&written)?;
    let member =
        |(place, address): (usize, &String)| (pool::name_of(trace, place, address), Peer::new(NodeId::default(), 1), address.clone());
    let pool = Pool::new(kind, options, written.upstreams.iter().enumerate().map(member).collect());
    let proxy = Proxy { pool, policy: written.policy, refusing: BTreeSet::new(), held: BTreeMap::new() };
    let proxy = Rc::new(RefCell::new(proxy));
    trace.steps.iter().map(|step| proxy.borrow_mut().step(step, &proxy)).collect()
}

impl Proxy {
    fn step(&mut self, step: &Step, shared: &Rc<RefCell<Self>>) -> Result<Expect, String> {
        let at = pool::moment(step);
        let key = self.key(&step.request);
        let text = key.clone().unwrap_or_default();
        let key = if key.is_some() { Key::Text(text.as_bytes()) } else { Key::Nothing };
        let request = Request { key, ..Request::plain(at) };
        match (step.kind.as_str(), self.policy[0].as_str()) {
            ("control", _) => self.control(&step.control),
            ("batch", _) => drawn::batch(&mut self.pool, &request, step.request["n"].as_u64().unwrap_or(0)),
            ("request", "cookie") => self.cookie(&request, &text),
            ("request", "random" | "least_conn") | ("open", _) => Ok(chance(shared, step)),
            // Without the header one is drawn.
            ("request", "header") if text.is_empty() => Ok(chance(shared, step)),
            ("close", _) => Ok(closed(shared, step)),
            ("request", _) => {
                let backend = self.pool.request(&request).filter(|name| !self.refusing.contains(name));
                let status = if backend.is_some() { 200 } else { 502 };
                Ok(Expect::Is(json!({ "backend": backend, "status": status })))
            }
            (other, _) => Err(format!("not modelled yet: {other} at Caddy")),
        }
    }

    /// What is hashed.
    fn key(&self, request: &Value) -> Option<String> {
        let value = match (self.policy[0].as_str(), self.policy.get(1)) {
            ("ip_hash", _) => pool::client(request).to_string(),
            ("uri_hash", _) => pool::text(request, "uri").to_owned(),
            ("header", Some(name)) => pool::header(request, name).to_owned(),
            ("cookie", name) => {
                let name = name.map_or("lb", String::as_str);
                let pairs = pool::header(request, "cookie").split(';').filter_map(|pair| pair.trim().split_once('='));
                pairs.filter(|(n, _)| *n == name).map(|(_, value)| value.to_owned()).next()?
            }
            _ => return None,
        };
        Some(value)
    }

    /// Whoever a cookie names keeps the client; otherwise any one, whose cookie is set.
    fn cookie(&mut self, request: &Request<'_>, value: &str) -> Result<Expect, String> {
        let possible = self.pool.possible(request);
        let (name, secret) = (self.policy.get(1).map_or("lb", String::as_str), self.policy.get(2).map_or("", String::as_str));
        let table = self.pool.balancer.table();
        let answer = |&index: &usize| {
            let ours = cookie_value(secret, &table.label(index).address);
            match self.refusing.contains(self.pool.name(index)) {
                true => json!({ "backend": null, "status": 502 }),
                false if ours == value => json!({ "backend": self.pool.name(index), "status": 200 }),
                false => json!({ "backend": self.pool.name(index), "status": 200, "set-cookie": format!("{name}={ours}; Path=/") }),
            }
        };
        let answers: Vec<Value> = possible.iter().map(answer).collect();
        Ok(Expect::Holds(Box::new(
            move |decided| {
                if answers.contains(decided) { Ok(()) } else { Err(format!("{decided} is none of {answers:?}")) }
            },
        )))
    }

    fn control(&mut self, control: &Value) -> Result<Expect, String> {
        let backend = pool::text(control, "backend").to_owned();
        match pool::text(control, "op") {
            "backend_refuses_connections" => _ = self.refusing.insert(backend),
            "backend_up" => _ = self.refusing.remove(&backend),
            "wait_ms" => {}
            other => return Err(format!("not modelled yet: control {other}")),
        }
        Ok(Expect::Nothing)
    }
}

/// A choice that is partly drawn: the one recorded must be one that the model could draw. What
/// was drawn is then part of the state of both.
fn chance(shared: &Rc<RefCell<Proxy>>, step: &Step) -> Expect {
    let (shared, step) = (Rc::clone(shared), step.clone());
    Expect::Holds(Box::new(move |decided| {
        let mut proxy = shared.borrow_mut();
        let request = Request::plain(pool::moment(&step));
        let possible = proxy.pool.possible(&request);
        let name = decided["backend"].as_str().unwrap_or_default();
        let index = proxy.pool.index(name).ok_or_else(|| format!("there is no backend {name}"))?;
        if !possible.contains(&index) {
            return Err(format!("{name} is none of the members {possible:?} that could be drawn"));
        }
        if step.kind == "open" {
            proxy.pool.balancer.begin(index, request.at);
            proxy.held.insert(pool::text(&step.request, "id").to_owned(), index);
        }
        Ok(())
    }))
}

fn closed(shared: &Rc<RefCell<Proxy>>, step: &Step) -> Expect {
    let (shared, step) = (Rc::clone(shared), step.clone());
    Expect::Holds(Box::new(move |decided| {
        let mut proxy = shared.borrow_mut();
        let index = proxy.held.remove(pool::text(&step.request, "id")).ok_or("it was never opened")?;
        proxy.pool.balancer.end(index, Default::default(), pool::moment(&step));
        let name = proxy.pool.name(index);
        if decided["backend"] == name { Ok(()) } else { Err(format!("it was at {name}, the recording has {decided}")) }
    }))
}
