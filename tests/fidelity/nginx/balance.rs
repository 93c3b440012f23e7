//! Which server of an `upstream` block gets each request.

use serde_json::{Value, json};

use super::upstream::{Answer, Upstream, alone};
use crate::pool;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Requests one after the other or held open, on servers that work or fail.
pub(crate) const FAMILY: Family = Family { name: "nginx upstream", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    alone(trace) && trace.steps.iter().all(|step| matches!(step.kind.as_str(), "request" | "open" | "close" | "control"))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let mut upstream = Upstream::read(trace)?;
    trace.steps.iter().map(|step| decide(&mut upstream, step)).collect()
}

fn decide(upstream: &mut Upstream, step: &Step) -> Result<Expect, String> {
    match step.kind.as_str() {
        "control" => upstream.control(&step.control).map(|()| Expect::Nothing),
        "open" => upstream.open(step).map(|answer| told(&answer)),
        "close" => {
            let backend = upstream.pool.close(pool::text(&step.request, "id"), pool::moment(step));
            Ok(Expect::Covers(json!({ "backend": backend, "status": 200 })))
        }
        _ => upstream.ask(step).map(|answer| told(&answer)),
    }
}

/// As nginx logs it: `$upstream_addr` ends with the block's name when nobody could be tried.
fn told(answer: &Answer) -> Expect {
    let names: Vec<&str> = answer.tried.iter().map(|(name, _)| name.as_str()).collect();
    let statuses: Vec<Value> = answer.tried.iter().map(|(_, status)| status.to_string().into()).collect();
    Expect::Covers(json!({ "backend": names.last(), "status": answer.status, "upstream_addr": names, "upstream_status": statuses }))
}
