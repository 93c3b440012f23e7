//! Envoy: the tables and rings of its consistent hashing.

use hopscope_core::policy::balance::envoy::maglev_table;
use hopscope_core::policy::balance::{Key, Options, Peer, Picture, PolicyKind};
use hopscope_core::time::Instant;
use hopscope_core::world::NodeId;
use serde_json::{Value, json};

use crate::pool::{Pool, Request, text};
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// What of Envoy can be replayed.
pub(crate) const FAMILIES: &[Family] = &[Family { name: "Envoy hashing", fits, replay, leaves: &[] }];

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("Envoy") && trace.steps.iter().all(|step| step.kind == "lookup" && step.request["hosts"].is_array())
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    trace.steps.iter().map(|step| lookup(&step.request)).collect()
}

/// Addresses and weights.
fn hosts(request: &Value) -> Vec<(&str, u32)> {
    request["hosts"].as_array().into_iter().flatten().filter_map(host).collect()
}

/// `[address, weight]`, or an address alone.
fn host(host: &Value) -> Option<(&str, u32)> {
    host.as_str().map(|address| (address, 1)).or_else(|| Some((host[0].as_str()?, host[1].as_u64()? as u32)))
}

fn lookup(request: &Value) -> Result<Expect, String> {
    let hosts = hosts(request);
    if let Some(size) = request["table_size"].as_u64() {
        return maglev(request, &hosts, size as u32);
    }
    let least = request["minimum_ring_size"].as_u64().ok_or("not modelled yet: neither a table nor a ring")? as u32;
    let mut pool = pool(PolicyKind::RingHash, &hosts, least);
    let Some(Picture::Ring(ring)) = pool.balancer.picture() else { return Err("the policy has no ring".into()) };
    let points = ring.points;
    let Some(hash) = number(&request["hash"]) else {
        let ring: Vec<Value> = points.iter().map(|&(place, owner)| json!([place.to_string(), hosts[owner].0])).collect();
        return Ok(Expect::Is(json!({ "ring": ring })));
    };
    let at = points.iter().position(|(place, _)| *place >= hash).unwrap_or(0) + request["attempt"].as_u64().unwrap_or(0) as usize;
    let first = points.get(at % points.len().max(1)).map(|&(_, owner)| hosts[owner].0);
    if let Some(key) = request["hash_of"].as_str().filter(|_| request["attempt"].is_null()) {
        // The same by the policy, which hashes the key itself.
        let asked = Request { key: Key::Text(key.as_bytes()), ..Request::plain(Instant::START) };
        let (picked, first) = (pool.request(&asked), first.map(str::to_owned));
        if picked != first {
            return Ok(Expect::Holds(Box::new(move |_| Err(format!("the policy picks {picked:?}, the ring {first:?}")))));
        }
    }
    Ok(Expect::Is(json!({ "backend": first })))
}

/// A table, or the host of a key in it.
fn maglev(request: &Value, hosts: &[(&str, u32)], size: u32) -> Result<Expect, String> {
    let table = maglev_table(hosts, size);
    let Some(hash) = number(&request["hash"]) else {
        let names: Vec<&str> = table.iter().map(|&host| hosts[host as usize].0).collect();
        return Ok(Expect::Is(json!({ "table": names })));
    };
    let attempt = request["attempt"].as_u64().unwrap_or(0);
    let hash = if attempt == 0 { hash } else { hash ^ (u64::MAX - attempt + 1) };
    let slot = (hash % u64::from(size)) as usize;
    Ok(Expect::Is(json!({ "backend": hosts[table[slot] as usize].0 })))
}

fn pool(kind: PolicyKind, hosts: &[(&str, u32)], size: u32) -> Pool {
    let member = |&(address, weight): &(&str, u32)| (address.to_owned(), Peer::new(NodeId::default(), weight), address.to_owned());
    Pool::new(kind, Options { size, ..Options::default() }, hosts.iter().map(member).collect())
}

/// A whole number, or one that JSON cannot hold as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| text(&json!({ "n": value }), "n").parse().ok())
}
