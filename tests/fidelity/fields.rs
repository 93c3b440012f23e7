//! The header fields and the peer of a recorded request.

use std::net::{IpAddr, Ipv4Addr};

use hopscope_core::http::Headers;
use serde_json::Value;

use crate::trace::{Step, Trace};

/// The fields of a request: a list of pairs, or an object in which a field that came more than once
/// has a list. Spaces around a value are not part of it (RFC 9110 section 5.5).
pub(crate) fn of(request: &Value) -> Headers {
    let text = |value: &Value| value.as_str().unwrap_or_default().trim_matches([' ', '\t']).to_owned();
    let several = |name: &str, value: &Value| match value {
        Value::Array(values) => values.iter().map(|value| (name.to_owned(), text(value))).collect(),
        value => vec![(name.to_owned(), text(value))],
    };
    Headers(match &request["headers"] {
        Value::Array(pairs) => pairs.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| several(name, value)).collect(),
        _ => Vec::new(),
    })
}

/// Who holds the connection; loopback where nobody wrote it down.
pub(crate) fn peer(request: &Value) -> IpAddr {
    let told = ["peer_ip", "client_ip"].iter().find_map(|field| request[field].as_str()?.parse().ok());
    told.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// Whether a recording is about what becomes of fields: each request says who holds its connection.
pub(crate) fn told(trace: &Trace) -> bool {
    let waits = |step: &Step| step.kind == "control" && step.control["op"] == "wait_ms";
    let asks = |step: &Step| step.kind == "request" && step.request["peer_ip"].is_string();
    trace.steps.iter().any(asks) && trace.steps.iter().all(|step| asks(step) || waits(step))
}

/// The configuration that a request met: the only one, or the one that it names.
pub(crate) fn config<'a>(trace: &'a Trace, request: &Value) -> Result<&'a str, String> {
    let named = request["config"].as_str().map(|name| &trace.config[name]);
    trace.config.as_str().or_else(|| named?.as_str()).ok_or_else(|| "a request names no configuration that is there".to_owned())
}

/// Holds the fields that the upstream saw against the model's: those with a name that was recorded,
/// or that is one of `always`, in their order.
pub(crate) fn same(sent: &Headers, seen: &Value, always: &[&str]) -> Result<(), String> {
    let seen: Vec<(String, String)> = serde_json::from_value(seen.clone()).map_err(|why| format!("the fields seen: {why}"))?;
    let counts = |name: &str| always.iter().copied().chain(seen.iter().map(|(n, _)| n.as_str())).any(|n| n.eq_ignore_ascii_case(name));
    let sent: Vec<(String, String)> = sent.0.iter().filter(|(name, _)| counts(name)).cloned().collect();
    if sent == seen { Ok(()) } else { Err(format!("the upstream sees {sent:?} here and {seen:?} in the recording")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_read_in_both_ways() {
        let pairs = of(&json!({ "headers": [["A", " 1 "], ["a", ""]] }));
        assert_eq!(pairs.all("a").collect::<Vec<_>>(), ["1", ""]);
        let object = of(&json!({ "headers": { "A": ["1", "2"], "B": "3" } }));
        assert_eq!((object.all("a").count(), object.get("b")), (2, Some("3")));
        assert_eq!(of(&json!({})), Headers::default());
    }

    #[test]
    fn a_field_that_was_not_seen_is_a_difference() {
        let sent = Headers(vec![("X-Real-IP".into(), "1.1.1.1".into()), ("Accept".into(), "*/*".into())]);
        let check = |seen| same(&sent, &seen, &["x-real-ip"]).is_ok();
        assert!(check(json!([["X-Real-IP", "1.1.1.1"]])));
        assert!(check(json!([["X-Real-IP", "1.1.1.1"], ["Accept", "*/*"]])));
        assert!(!check(json!([])));
        assert!(!check(json!([["x-real-ip", "1.1.1.1"]])));
        assert!(!check(json!([["X-Real-IP", "1.1.1.1"], ["Via", "a"]])));
        assert!(!check(json!(null)));
    }
}
