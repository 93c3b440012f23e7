//! Which server of an `upstream` block gets each request.

use hopscope_core::policy::balance::{Key, Options, Peer, PolicyKind};
use hopscope_core::policy::decision::Standing;
use hopscope_core::time::Duration;
use hopscope_core::world::NodeId;
use serde_json::json;

use crate::config::nginx::{self, Directive};
use crate::pool::{self, Pool, Request};
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// One request after the other, or held open, and no server that fails.
pub(crate) const FAMILY: Family = Family { name: "nginx upstream", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    let Some(text) = trace.config.as_str() else { return false };
    let config = nginx::read(text);
    trace.system.starts_with("nginx")
        && config.has("upstream")
        && !["keepalive", "proxy_cache", "limit_req", "limit_conn", "zone"].iter().any(|name| config.has(name))
        && trace.steps.iter().all(|step| matches!(step.kind.as_str(), "request" | "open" | "close"))
}

/// The policy that an `upstream` block asks for, and the expression that it hashes.
fn policy(upstream: &Directive) -> Result<(PolicyKind, Option<String>), String> {
    if upstream.has("least_conn") {
        return Ok((PolicyKind::LeastConn, None));
    }
    if upstream.has("ip_hash") {
        return Ok((PolicyKind::IpHash, None));
    }
    match ["hash", "random"].iter().find(|name| upstream.has(name)) {
        Some(name) => Err(format!("not modelled yet: nginx {name}")),
        None => Ok((PolicyKind::WeightedRoundRobin, None)),
    }
}

/// The pool of an `upstream` block.
fn pool(trace: &Trace, upstream: &Directive) -> Result<(Pool, Option<String>), String> {
    let (kind, key) = policy(upstream)?;
    let member = |server: nginx::Server| {
        let mut peer = Peer::new(NodeId::default(), server.weight);
        peer.backup = server.backup;
        peer.most_active = server.max_conns;
        peer.max_fails = server.max_fails;
        peer.fail_timeout = Duration::from_millis(server.fail_timeout_ms);
        if server.down {
            peer.standing = Standing::Down;
        }
        (pool::name_of(trace, &server.address), peer, server.address)
    };
    Ok((Pool::new(kind, Options::default(), nginx::servers(upstream).into_iter().map(member).collect()), key))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let config = nginx::read(trace.config.as_str().unwrap_or_default());
    let upstream = config.find("upstream").ok_or("its configuration has no upstream block")?;
    let (mut pool, _) = pool(trace, upstream)?;
    Ok(trace.steps.iter().map(|step| Expect::Is(decide(&mut pool, step))).collect())
}

fn decide(pool: &mut Pool, step: &Step) -> serde_json::Value {
    let at = pool::moment(step);
    let id = pool::text(&step.request, "id");
    let client = step.request["client_ip"].as_str().and_then(|ip| ip.parse().ok());
    let request = Request { key: Key::Client, client: client.unwrap_or(Request::plain(at).client), ..Request::plain(at) };
    match step.kind.as_str() {
        "open" => json!({ "backend": pool.open(id, &request) }),
        "close" => json!({ "backend": pool.close(id, at), "status": 200 }),
        _ => match pool.request(&request) {
            Some(name) => json!({ "backend": name, "status": 200 }),
            None => json!({ "status": 502 }),
        },
    }
}
