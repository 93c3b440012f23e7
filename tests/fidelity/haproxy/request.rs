//! What a recorded request brings to a backend.

use std::net::IpAddr;

use hopscope_core::policy::balance::haproxy::{Arrival, Ask, header_value, url_param};
use hopscope_core::rng::{Draw, Purpose};
use serde_json::Value;

use crate::config::haproxy::{Backend, Condition, Rule, Source};

/// The first field of that name, whatever its case.
fn header<'a>(request: &'a Value, name: &str) -> Option<&'a str> {
    let (_, value) = request["headers"].as_object()?.iter().find(|(field, _)| field.eq_ignore_ascii_case(name))?;
    value.as_str().or_else(|| value.get(0)?.as_str())
}

fn holds(request: &Value, condition: Option<&Condition>) -> bool {
    condition.is_none_or(|c| header(request, &c.header).is_some_and(|value| c.values.iter().any(|v| v == value)))
}

/// Whose request it is, after the rules before the backend.
fn client(backend: &Backend, request: &Value) -> Option<IpAddr> {
    let connected = request["client_ip"].as_str().unwrap_or("127.0.0.1");
    let set = backend.rules.iter().rev().find_map(|rule| match rule {
        Rule::Address { header: name } => header(request, name)?.parse().ok(),
        Rule::Class(..) | Rule::Offset(..) => None,
    });
    set.or_else(|| connected.parse().ok())
}

/// The number of a request's key. `usable`: how many servers there are to choose from.
fn hash(backend: &Backend, request: &Value, usable: u32) -> Option<u32> {
    let uri = request["uri"].as_str().unwrap_or("/").as_bytes();
    match backend.source.as_ref()? {
        Source::UrlParam(name) => url_param(uri, name.as_bytes()).map(|value| backend.hashing.bytes(value)),
        // With one server left nothing is hashed, and nothing is missed.
        _ if usable == 1 => Some(0),
        Source::Address => client(backend, request).map(|ip| backend.hashing.address(ip)),
        Source::Uri(part) => Some(backend.hashing.bytes(part.of(uri))),
        Source::Header { name, domain_only } => {
            let value = header_value(header(request, name)?.as_bytes(), *domain_only)?;
            Some(backend.hashing.bytes(value))
        }
    }
}

/// A recorded request as it comes to the backend, as number `nth` of a run with that seed.
pub(crate) fn arrival(backend: &Backend, request: &Value, usable: u32, seed: u64, nth: u64) -> Arrival {
    let mut arrival = Arrival {
        ask: Ask { hash: hash(backend, request, usable), avoid: None, draw: Draw::new(seed, Purpose::Balance, nth, 0) },
        class: 0,
        offset: 0,
    };
    for rule in &backend.rules {
        match rule {
            Rule::Class(n, condition) if holds(request, condition.as_ref()) => arrival.class = *n,
            Rule::Offset(n, condition) if holds(request, condition.as_ref()) => arrival.offset = *n,
            _ => {}
        }
    }
    arrival
}
