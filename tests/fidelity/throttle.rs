//! Varnish: vmod vsthrottle.

use std::collections::BTreeMap;

use hopscope_core::policy::limit::varnish::Bucket;
use hopscope_core::time::Instant;
use serde_json::{Value, json};

use crate::config::throttle::{Call, Step, read};
use crate::pool::{client, moment};
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// Requests that are throttled.
pub(crate) const FAMILIES: &[Family] = &[Family { name: "Varnish vsthrottle", fits, replay, leaves: &[] }];

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("varnish") && trace.config.as_str().is_some_and(|vcl| vcl.contains("vsthrottle.is_denied"))
}

/// One bucket for each key with its numbers.
#[derive(Default)]
struct Buckets(BTreeMap<(String, u32, u64, u64), Bucket>);

impl Buckets {
    fn of(&mut self, call: &Call, key: String, now: Instant) -> &mut Bucket {
        let numbers = call.throttle;
        let key = (key, numbers.limit, numbers.period.as_micros(), numbers.block.as_micros());
        self.0.entry(key).or_insert_with(|| numbers.fresh(now))
    }

    fn is_denied(&mut self, call: &Call, request: &Value, now: Instant) -> Result<bool, String> {
        // Nobody without a key passes.
        let Some(key) = key(&call.key, request)? else { return Ok(true) };
        Ok(!call.throttle.decide(self.of(call, key, now), now, 1).is_admitted())
    }

    fn remaining(&mut self, call: &Call, request: &Value, now: Instant) -> Result<i64, String> {
        let Some(key) = key(&call.key, request)? else { return Ok(-1) };
        Ok(i64::from(call.throttle.remaining(self.of(call, key, now), now)))
    }
}

/// The value of a key's expression; `None` for a lone header that is not there.
fn key(expression: &str, request: &Value) -> Result<Option<String>, String> {
    let terms = expression.split('+').map(str::trim).map(|term| part(term, request)).collect::<Result<Vec<_>, _>>()?;
    match <[Option<String>; 1]>::try_from(terms) {
        Ok([alone]) => Ok(alone),
        Err(terms) => Ok(Some(terms.into_iter().flatten().collect())),
    }
}

fn part(term: &str, request: &Value) -> Result<Option<String>, String> {
    if let Some(text) = term.strip_prefix('"').and_then(|term| term.strip_suffix('"')) {
        return Ok(Some(text.to_owned()));
    }
    if let Some(name) = term.strip_prefix("req.http.") {
        let Some(fields) = request["headers"].as_object() else {
            // Recordings that are about one key say it in so many words.
            return Ok(request["key"].as_str().map(str::to_owned));
        };
        let found = fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        return Ok(found.and_then(|(_, value)| value.as_str()).map(str::to_owned));
    }
    match term {
        "client.ip" | "client.identity" => Ok(Some(client(request).to_string())),
        "req.url" => Ok(Some(request["uri"].as_str().unwrap_or("/").to_owned())),
        other => Err(format!("not modelled yet: {other} as a key")),
    }
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let (recv, shown) = read(trace.config.as_str().unwrap_or_default())?;
    let mut buckets = Buckets::default();
    let mut expected = Vec::new();
    for step in &trace.steps {
        if step.kind == "control" && step.control["op"] == "wait_ms" {
            expected.push(Expect::Nothing);
            continue;
        }
        if step.kind != "request" {
            return Err(format!("not modelled yet: {} of vsthrottle", step.kind));
        }
        let (now, request) = (moment(step), &step.request);
        let mut status = 200;
        for action in &recv {
            match action {
                Step::Deny(call, denied) if buckets.is_denied(call, request, now)? => {
                    status = *denied;
                    break;
                }
                Step::Deny(..) => {}
                Step::Remaining(call) => _ = buckets.remaining(call, request, now)?,
                Step::Return(told) => {
                    status = *told;
                    break;
                }
            }
        }
        let mut fields = json!({ "status": status });
        if let Some(call) = &shown {
            fields["remaining"] = json!(buckets.remaining(call, request, now)?);
        }
        expected.push(Expect::Is(fields));
    }
    Ok(expected)
}
