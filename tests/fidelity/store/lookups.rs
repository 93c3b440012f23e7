//! Recordings in which objects of known sizes are asked for, and each answer says whether it was a hit.

use hopscope_core::policy::cache::store::{New, Rules, Size, Store};
use hopscope_core::time::Instant;
use serde_json::{Value, json};

use crate::pool;
use crate::trace::{Step, Trace};

/// Whether every step asks for an object of some size.
pub(super) fn told(trace: &Trace) -> bool {
    let asks = |step: &Step| step.kind == "request" && step.request["key"].is_string() && step.request["size"].is_u64();
    !trace.steps.is_empty() && trace.steps.iter().all(asks)
}

/// The fields of the origin's answer, which the recordings leave out. Most sizes leave so much room
/// in a page or an allocation that a small header fits whatever it has.
pub(super) fn fields(size: u64) -> [String; 3] {
    ["Date: Sun, 06 Nov 1994 08:49:37 GMT".into(), format!("Content-Length: {size}"), "Cache-Control: max-age=3600".into()]
}

/// Whether each request is a hit, one after the other.
pub(super) fn hits(trace: &Trace, rules: Rules, head: impl Fn(u64) -> u64) -> Vec<bool> {
    let mut store = Store::new(rules);
    let ask = |step: &Step| {
        let (now, key) = (pool::moment(step), pool::text(&step.request, "key"));
        let hit = store.get(key, "", now).is_some();
        if !hit {
            let body = step.request["size"].as_u64().unwrap_or(0);
            fetch(&mut store, key, Size { head: head(body), body }, now);
        }
        hit
    };
    trace.steps.iter().map(ask).collect()
}

fn fetch(store: &mut Store<()>, key: &str, size: Size, now: Instant) {
    store.put(New { key, variant: "", size, tags: &[], asked: now, value: () }, now);
}

/// What the answer says.
pub(super) fn decision(hit: bool) -> Value {
    json!({ "hit": hit, "status": 200 })
}
