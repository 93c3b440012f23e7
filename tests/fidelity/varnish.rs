//! Varnish: the directors.

use std::collections::BTreeSet;

use hopscope_core::policy::balance::{Key, Options, Peer, PolicyKind};
use hopscope_core::world::NodeId;
use serde_json::{Value, json};

use crate::config::varnish::{self, Director, argument};
use crate::drawn;
use crate::pool::{self, Pool, Request};
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// What of Varnish can be replayed here.
pub(crate) const FAMILIES: &[Family] = &[Family { name: "Varnish director", fits, replay, leaves: &[] }];

fn fits(trace: &Trace) -> bool {
    let vcl = trace.config.as_str().unwrap_or_default();
    trace.system.starts_with("varnish")
        && varnish::read(vcl).is_some()
        && !vcl.contains("probe")
        && trace.steps.iter().all(|step| matches!(step.kind.as_str(), "request" | "batch" | "control"))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let director = varnish::read(trace.config.as_str().unwrap_or_default()).ok_or("its VCL has no director")?;
    let (kind, options) = policy(&director)?;
    let weight = |words: &[String]| argument(words, "weight", 0).and_then(|text| text.parse::<f64>().ok()).unwrap_or(1.0);
    // A weight is a real number; thousandths keep the proportions where one has a fraction.
    let whole = director.backends.iter().all(|(_, words)| weight(words).fract() == 0.0);
    if !whole && kind == PolicyKind::Shard {
        return Err("not modelled yet: a shard director with fractions as weights".into());
    }
    let scale = if whole { 1.0 } else { 1_000.0 };
    let member = |(name, words): &(String, Vec<String>)| {
        (name.clone(), Peer::new(NodeId::default(), (weight(words) * scale).round() as u32), String::new())
    };
    if director.backends.iter().any(|(_, words)| argument(words, "ident", usize::MAX).is_some()) {
        return Err("not modelled yet: backends with an identity of their own".into());
    }
    let mut pool = Pool::new(kind, options, director.backends.iter().map(member).collect());
    let mut refusing = BTreeSet::new();
    trace.steps.iter().map(|step| decide(&mut pool, &mut refusing, &director, step)).collect()
}

fn policy(director: &Director) -> Result<(PolicyKind, Options), String> {
    let kind = match director.kind.as_str() {
        "round_robin" => PolicyKind::RoundRobin,
        "random" => PolicyKind::Random,
        "fallback" => PolicyKind::First,
        "hash" => PolicyKind::HashFraction,
        "shard" => PolicyKind::Shard,
        other => return Err(format!("not modelled yet: directors.{other}")),
    };
    let sticky = argument(&director.options, "sticky", 0) == Some("true");
    let size = argument(&director.reconfigure, "replicas", 0).and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok((kind, Options { sticky, size, ..Options::default() }))
}

/// What the director hashes: `req.url`, a header, the client's address.
fn key(director: &Director, request: &Value) -> Result<String, String> {
    let expression = match (director.kind.as_str(), argument(&director.pick, "by", 0)) {
        ("hash", _) => director.pick.first().map_or("", String::as_str),
        // In vcl_recv the request has no hash yet, and its URL stands for it.
        ("shard", Some("URL" | "HASH") | None) => "req.url",
        ("shard", Some("KEY")) => {
            let key = argument(&director.pick, "key", 1).unwrap_or_default();
            key.split_once('(').map_or(key, |(_, inner)| inner.trim_end_matches(')'))
        }
        ("shard", by) => return Err(format!("not modelled yet: a shard director by {by:?}")),
        _ => return Ok(String::new()),
    };
    let term = |term: &str| match (term.trim(), term.trim().strip_prefix("req.http.")) {
        ("req.url", _) => Ok(pool::text(request, "uri").to_owned()),
        ("client.ip" | "client.identity", _) => Ok(pool::client(request).to_string()),
        (_, Some(name)) => Ok(pool::header(request, name).to_owned()),
        (other, _) => Err(format!("not modelled yet: {other} as a key")),
    };
    expression.split('+').map(term).collect()
}

fn decide(pool: &mut Pool, refusing: &mut BTreeSet<String>, director: &Director, step: &Step) -> Result<Expect, String> {
    if step.kind == "control" {
        let backend = pool::text(&step.control, "backend").to_owned();
        match pool::text(&step.control, "op") {
            "backend_refuses_connections" => _ = refusing.insert(backend),
            "backend_up" => _ = refusing.remove(&backend),
            "wait_ms" => {}
            other => return Err(format!("not modelled yet: control {other}")),
        }
        return Ok(Expect::Nothing);
    }
    // Said beside a request: `b1 refuses connections, no probe`.
    if let Some((name, _)) = pool::text(&step.request, "note").split_once(" refuses connections") {
        refusing.insert(name.to_owned());
    }
    let text = key(director, &step.request)?;
    let request = Request { key: Key::Text(text.as_bytes()), ..Request::plain(pool::moment(step)) };
    if step.kind == "batch" {
        return drawn::batch(pool, &request, step.request["n"].as_u64().unwrap_or(0));
    }
    // Without a probe nobody knows: the one picked is tried, and that is that.
    let backend = pool.request(&request).filter(|name| !refusing.contains(name));
    let status = if backend.is_some() { 200 } else { 503 };
    Ok(Expect::Is(json!({ "backend": backend, "status": status })))
}
