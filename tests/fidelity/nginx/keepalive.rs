//! The upstream connections that nginx keeps (`keepalive` in an `upstream` block).

use std::collections::BTreeMap;

use hopscope_core::policy::pool::{Answer, Ask, Pool, Rules};
use hopscope_core::time::{Duration, Instant};
use serde_json::json;

use super::upstream::Upstream;
use crate::config::nginx::{self, Directive};
use crate::pool;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Batches of requests: all of one are in flight together, and are answered in order before the
/// next begins.
pub(crate) const FAMILY: Family = Family { name: "nginx keepalive", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    let text = trace.config.as_str().unwrap_or_default();
    trace.system.starts_with("nginx") && nginx::read(text).find("upstream").is_some_and(|upstream| upstream.has("keepalive"))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let config = nginx::read(trace.config.as_str().unwrap_or_default());
    let block = config.find("upstream").ok_or("its configuration has no upstream block")?;
    let mut run = Run {
        upstream: Upstream::read(trace)?,
        connections: Pool::new(rules(block)?),
        reusable: is_kept(&config),
        opened: BTreeMap::new(),
        names: BTreeMap::new(),
        batch: Vec::new(),
    };
    trace.steps.iter().map(|step| run.step(step)).collect()
}

/// The limits that are written, and nginx's own where none is.
fn rules(block: &Directive) -> Result<Rules, String> {
    let written = |name: &str| block.inside.iter().find(|d| d.name() == name).and_then(|d| d.args().first());
    let number = |name: &str| written(name).map(|text| text.parse().map_err(|_| format!("{name} {text} is no number"))).transpose();
    let span = |name: &str| written(name).map(|text| Duration::from_millis(nginx::millis(text)));
    let plain = Rules::nginx(number("keepalive")?.unwrap_or(0));
    Ok(Rules {
        max_requests: number("keepalive_requests")?.unwrap_or(plain.max_requests),
        idle_timeout: span("keepalive_timeout").unwrap_or(plain.idle_timeout),
        lifetime: span("keepalive_time").unwrap_or(plain.lifetime),
        ..plain
    })
}

/// Whether a connection outlives a request: by itself nginx speaks HTTP/1.0 and says
/// `Connection: close`.
fn is_kept(config: &Directive) -> bool {
    let version = config.find("proxy_http_version").and_then(|d| d.args().first()).is_some_and(|version| version == "1.1");
    let says = |d: &Directive| d.args().first().is_some_and(|name| name.eq_ignore_ascii_case("connection"));
    let set = config.innermost("proxy_set_header").into_iter().find(|d| says(d));
    version && set.and_then(|d| d.args().get(1)).is_some_and(|value| !value.eq_ignore_ascii_case("close"))
}

struct Run {
    upstream: Upstream,
    connections: Pool,
    reusable: bool,
    /// How many connections each backend has got.
    opened: BTreeMap<String, u32>,
    /// Each connection as the recording calls it.
    names: BTreeMap<u32, String>,
    /// The requests in flight, with their connections.
    batch: Vec<(String, u32)>,
}

impl Run {
    fn step(&mut self, step: &Step) -> Result<Expect, String> {
        let now = pool::moment(step);
        while self.connections.expire(now).is_some() {}
        if step.kind == "control" && pool::text(&step.control, "op") == "wait_ms" {
            return Ok(Expect::Nothing);
        }
        if step.kind != "request" {
            return Err(format!("not modelled yet: {} steps with kept connections", step.kind));
        }
        let answer = self.upstream.open(step)?;
        let backend = match answer.tried.first() {
            Some((name, _)) if answer.status == 200 => name.clone(),
            _ => return Err("not modelled yet: a request that no server takes".into()),
        };
        // Cached connections are found by address, whichever line of the block led to it.
        let member = self.upstream.pool.index(&backend).unwrap_or(0) as u32;
        let ask = Ask { request: step.seq as u32, member, client: step.seq as u32, first: true };
        let conn = match self.connections.ask(&ask, now).0 {
            Answer::Reuse(conn) => conn,
            Answer::Open => self.open(&ask, &backend, now),
            answer => return Err(format!("a pool without limits says {answer:?}")),
        };
        let nth = self.connections.busy().iter().find(|held| held.conn == conn).map(|held| held.carried);
        self.batch.push((pool::text(&step.request, "id").to_owned(), conn));
        if self.batch.len() as u64 >= step.request["batch_of"].as_u64().unwrap_or(1) {
            self.answer_all(now);
        }
        Ok(Expect::Is(json!({ "backend": backend, "upstream_conn": self.names[&conn], "nth_on_conn": nth })))
    }

    fn open(&mut self, ask: &Ask<u32>, backend: &str, now: Instant) -> u32 {
        let nth = self.opened.entry(backend.to_owned()).or_insert(0);
        *nth += 1;
        let conn = self.names.len() as u32;
        self.names.insert(conn, format!("{backend}#{nth}"));
        self.connections.opened(conn, ask, now);
        conn
    }

    fn answer_all(&mut self, now: Instant) {
        for (id, conn) in std::mem::take(&mut self.batch) {
            self.connections.release(conn, self.reusable, now);
            self.upstream.pool.close(&id, now);
        }
    }
}
