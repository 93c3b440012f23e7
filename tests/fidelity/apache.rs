//! Apache httpd: `mod_proxy_balancer`.

use hopscope_core::policy::balance::{Options, Peer, PolicyKind};
use hopscope_core::policy::decision::Standing;
use hopscope_core::world::NodeId;
use serde_json::json;

use crate::config::apache;
use crate::pool::{self, Pool, Request};
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// What of Apache httpd can be replayed.
pub(crate) const FAMILIES: &[Family] = &[Family { name: "Apache balancer", fits, replay, leaves: &[] }];

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("Apache") && trace.config.as_str().is_some_and(|text| !apache::read(text).members.is_empty())
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let balancer = apache::read(trace.config.as_str().unwrap_or_default());
    let kind = match balancer.method.as_str() {
        "byrequests" => PolicyKind::WeightedRoundRobin,
        "bybusyness" => PolicyKind::LeastBusy,
        other => return Err(format!("not modelled yet: lbmethod={other}")),
    };
    let member = |(place, worker): (usize, apache::Worker)| {
        let mut peer = Peer::new(NodeId::default(), worker.factor);
        peer.backup = worker.standby;
        if worker.disabled {
            peer.standing = Standing::Down;
        }
        (pool::name_of(trace, place, &worker.address), peer, worker.address)
    };
    let mut pool = Pool::new(kind, Options::default(), balancer.members.into_iter().enumerate().map(member).collect());
    let step = |step: &crate::trace::Step| {
        let (at, id) = (pool::moment(step), pool::text(&step.request, "id"));
        let request = Request::plain(at);
        let backend = match step.kind.as_str() {
            "open" => pool.open(id, &request),
            "close" => pool.close(id, at),
            "request" => pool.request(&request),
            other => return Err(format!("not modelled yet: {other} at Apache")),
        };
        let status = if backend.is_some() { 200 } else { 503 };
        Ok(Expect::Covers(json!({ "backend": backend, "status": status })))
    };
    trace.steps.iter().map(step).collect()
}
