//! Squid and Varnish: what becomes of `X-Forwarded-For` on the way through a cache.

use std::collections::BTreeMap;

use hopscope_core::forwarded::SquidForwardedFor;
use hopscope_core::http::Headers;
use serde_json::{Value, json};

use crate::fields;
use crate::pool::text;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// What of both can be replayed here.
pub(crate) const FAMILIES: &[Family] = &[
    Family { name: "squid forwarded_for", fits: of_squid, replay: squid, leaves: &[] },
    Family { name: "varnish X-Forwarded-For", fits: of_varnish, replay: varnish, leaves: &[] },
];

/// Whether some of the requests bring the field, and nothing happens but requests.
fn brings(trace: &Trace) -> bool {
    let waits = |step: &Step| step.kind == "control" && step.control["op"] == "wait_ms";
    let has = |step: &Step| fields::of(&step.request).get("x-forwarded-for").is_some();
    trace.steps.iter().any(has) && trace.steps.iter().all(|step| step.kind == "request" || waits(step))
}

fn of_squid(trace: &Trace) -> bool {
    trace.system.starts_with("squid") && brings(trace)
}

fn of_varnish(trace: &Trace) -> bool {
    trace.system.starts_with("varnish") && brings(trace)
}

fn squid(trace: &Trace) -> Result<Vec<Expect>, String> {
    let misses = |_: u32| json!({ "x_cache": "MISS", "cache_status": null });
    replay(trace, &misses, &|step, headers| {
        let config = fields::config(trace, &step.request)?;
        let lines: Vec<Vec<&str>> = config.lines().map(|line| line.split_whitespace().collect()).collect();
        if let Some(words) = lines.iter().find(|words| words.first().is_some_and(|word| word.starts_with("request_header"))) {
            return Err(format!("not modelled yet: Squid's {}", words.join(" ")));
        }
        let words = |name: &str| lines.iter().rfind(|words| words.first() == Some(&name));
        let word = |name: &str| words(name).and_then(|words| words.get(1).copied());
        let mode = word("forwarded_for").unwrap_or("on");
        let mode = SquidForwardedFor::named(mode).ok_or_else(|| format!("forwarded_for {mode} is not one that Squid has"))?;
        mode.apply(headers, fields::peer(&step.request));
        // An accelerator says who it is, and every Squid how old an answer may be: as old as the
        // pattern's last number of minutes lets it stay fresh.
        if words("http_port").is_some_and(|words| words.contains(&"accel")) {
            add(headers, "Surrogate-Capability", format!("{}=\"Surrogate/1.0\"", word("visible_hostname").unwrap_or_default()))?;
        }
        let minutes = words("refresh_pattern").and_then(|words| words.get(4)?.parse::<u64>().ok()).unwrap_or(3 * 24 * 60);
        add(headers, "Cache-Control", format!("max-age={}", minutes * 60))
    })
}

/// Adds a field of the cache's own. One that came would be put together with it, which is about
/// caching and not about the client.
fn add(headers: &mut Headers, name: &str, value: String) -> Result<(), String> {
    if headers.get(name).is_some() {
        return Err(format!("not modelled yet: a request with {name} through Squid"));
    }
    headers.set(name, value);
    Ok(())
}

/// Varnish appends before `vcl_recv`, which may do something else with the field.
fn varnish(trace: &Trace) -> Result<Vec<Expect>, String> {
    // An answer that may not be stored leaves a mark, so that nobody waits for the next.
    let misses = |n: u32| json!({ "x_cache": if n == 1 { "miss" } else { "hitmiss" }, "age": "0", "x-hits": "0", "x-uncacheable": "true" });
    replay(trace, &misses, &|step, headers| {
        let vcl = trace.config["vcl"].as_str().map_or_else(|| fields::config(trace, &step.request), Ok)?;
        let peer = fields::peer(&step.request);
        headers.append_forwarded_for(peer);
        for statement in vcl.split([';', '{', '}']).filter(|part| part.to_ascii_lowercase().contains("x-forwarded-for")) {
            match statement.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["unset" | "remove", "req.http.X-Forwarded-For"] => headers.remove("x-forwarded-for"),
                ["set", "req.http.X-Forwarded-For", "=", "client.ip"] => headers.set("X-Forwarded-For", peer.to_string()),
                words => return Err(format!("not modelled yet: \"{}\" in a VCL", words.join(" "))),
            }
        }
        // Whatever the client can read, it is fetched compressed.
        headers.set("Accept-Encoding", "gzip");
        Ok(())
    })
}

/// What the cache does to the fields of a request.
type Forward<'a> = &'a dyn Fn(&Step, &mut Headers) -> Result<(), String>;

/// Every request goes to the origin: what is asked for may not be stored, or there would be nothing
/// to see. `misses` is what the cache says of the nth request for something.
fn replay(trace: &Trace, misses: &dyn Fn(u32) -> Value, forward: Forward<'_>) -> Result<Vec<Expect>, String> {
    let mut asked: BTreeMap<String, u32> = BTreeMap::new();
    let mut decide = |step: &Step| {
        let uri = text(&step.request, "uri");
        let n = asked.entry(uri.to_owned()).or_insert(0);
        *n += 1;
        let mut headers = fields::of(&step.request);
        forward(step, &mut headers)?;
        let sent = json!({ "method": step.request["method"].as_str().unwrap_or("GET"), "uri": uri });
        let mut told = misses(*n);
        told["status"] = json!(200);
        told["body"] = json!(format!("v{n}"));
        Ok(Expect::Holds(Box::new(move |decided| check(decided, &told, &sent, &headers))))
    };
    let step = |step: &Step| match step.kind.as_str() {
        "control" => Ok(Expect::Nothing),
        _ => decide(step),
    };
    trace.steps.iter().map(step).collect()
}

/// One request at the origin, with those fields. One that came and was not written down is no
/// difference; one that the cache writes is.
fn check(decided: &Value, told: &Value, sent: &Value, headers: &Headers) -> Result<(), String> {
    for (name, seen) in decided.as_object().into_iter().flatten().filter(|(name, _)| *name != "origin_requests") {
        if told[name] != *seen {
            return Err(format!("{name} is {} here and {seen} in the recording", told[name]));
        }
    }
    let [seen] = decided["origin_requests"].as_array().map_or(&[][..], Vec::as_slice) else {
        return Err("the origin gets one request here, and another number in the recording".into());
    };
    if seen["method"] != sent["method"] || seen["uri"] != sent["uri"] {
        return Err(format!("the origin is sent {sent} here, and in the recording {seen}"));
    }
    let written = fields::of(seen);
    let own = ["X-Forwarded-For", "Surrogate-Capability", "Cache-Control", "Accept-Encoding"];
    for name in own.into_iter().chain(written.0.iter().map(|(name, _)| name.as_str())) {
        let (here, there) = (headers.get(name), written.get(name));
        if here != there {
            return Err(format!("{name} is {here:?} here and {there:?} in the recording"));
        }
    }
    Ok(())
}
