//! Holds a run against a recorded decision.

use std::collections::BTreeMap;

use hopscope_core::policy::cache::field::date;
use serde_json::Value;

use super::world::{Seen, Sent, Told};

/// What a recording shows that its setup does not say, found out once and the same from then on.
#[derive(Clone, Debug, Default)]
pub(super) struct Bound {
    /// Entity tags that nobody wrote down, by what they are called here.
    tags: BTreeMap<String, String>,
    /// How far the recording's clock is from ours, in seconds.
    clock: Option<i64>,
}

/// How a recording is compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    pub(super) tolerance_ms: f64,
    /// Fields of requests to the origin that count even where the recording has none.
    pub(super) always: &'static [&'static str],
}

/// The difference, where there is one.
pub(super) fn same(seen: &Seen, decided: &Value, how: &How, bound: &mut Bound) -> Result<(), String> {
    if decided.is_null() {
        return if seen.told.is_empty() && seen.fetched.is_empty() { Ok(()) } else { Err("the recording says nothing".into()) };
    }
    match decided["responses"].as_array() {
        Some(list) => {
            if list.len() != seen.told.len() {
                return Err(format!("{} answers here and {} in the recording", seen.told.len(), list.len()));
            }
            for (i, (told, decided)) in seen.told.iter().zip(list).enumerate() {
                answer(told, decided, how, bound, false).map_err(|why| format!("answer {}: {why}", i + 1))?;
            }
            bodies(&seen.told, list)?;
        }
        None => {
            let [told] = &seen.told[..] else { return Err("one answer in the recording, and not here".into()) };
            answer(told, decided, how, bound, true)?;
        }
    }
    origin(&seen.fetched, decided["origin_requests"].as_array().map_or(&[][..], Vec::as_slice), how, bound)
}

/// Names that every answer has to have in a recording when it has them here.
const CORE: [&str; 3] = ["x_cache", "status", "body"];

fn answer(told: &Told, decided: &Value, how: &How, bound: &mut Bound, with_body: bool) -> Result<(), String> {
    let names = decided.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let missing = CORE.into_iter().filter(|name| decided.get(*name).is_none());
    for name in names.chain(missing) {
        let there = &decided[name];
        let differs = |here: &dyn core::fmt::Debug| Err(format!("{name} is {here:?} here and {there} in the recording"));
        match name {
            "responses" | "origin_requests" | "sent_ms" => {}
            "x_cache" if there.as_str() == told.label => {}
            "x_cache" => return differs(&told.label),
            "status" if there.as_u64() == Some(u64::from(told.answer.response.status)) => {}
            "status" => return differs(&told.answer.response.status),
            "body" if !with_body || is_body(told, there) => {}
            "body" => return differs(&body(told)),
            "done_ms" => near(told.done.as_micros() as f64 / 1e3, there, how.tolerance_ms).map_err(|why| format!("done_ms: {why}"))?,
            "age" => age(told, there)?,
            "x-hits" if there.as_str() == Some(&told.hits.to_string()) => {}
            "x-hits" => return differs(&told.hits),
            "x-uncacheable" => {
                let here = is_uncacheable(told);
                if there.as_str() != Some(if here { "true" } else { "false" }) {
                    return differs(&here);
                }
            }
            "x-ttl" => {
                let seconds = there.as_str().and_then(|text| text.parse::<f64>().ok()).map(|seconds| Value::from(seconds * 1e3));
                let here = told.ttl_ms.ok_or("x-ttl: nothing is stored here")?;
                near(here as f64, &seconds.unwrap_or(Value::Null), how.tolerance_ms).map_err(|why| format!("x-ttl: {why}"))?;
            }
            name if name.starts_with("x_") => {
                let here = told.asked.headers.get(&name.replace('_', "-")).unwrap_or_default();
                let sent = there.as_str().map_or_else(|| there.to_string(), str::to_owned);
                if here != sent {
                    return differs(&here);
                }
            }
            field => {
                let field = field.replace('_', "-");
                let here = told.answer.response.headers.get(&field);
                if !value(here, there.as_str(), bound) {
                    return differs(&here);
                }
            }
        }
    }
    // A warning is told whenever there is one.
    let warning = told.answer.response.headers.get("warning");
    if warning.is_some() && decided["warning"].is_null() {
        return Err(format!("warning is {warning:?} here and not in the recording"));
    }
    Ok(())
}

/// The age up to a second: its clock may be a little further.
fn age(told: &Told, there: &Value) -> Result<(), String> {
    let here = told.answer.response.headers.get("age").and_then(|text| text.parse::<i64>().ok());
    let recorded = there.as_str().and_then(|text| text.parse::<i64>().ok());
    match (here, recorded) {
        (Some(here), Some(there)) if here.abs_diff(there) <= 1 => Ok(()),
        (None, None) => Ok(()),
        _ => Err(format!("age is {here:?} here and {there} in the recording")),
    }
}

/// What came and was not stored; a page that Varnish makes itself is none.
fn is_uncacheable(told: &Told) -> bool {
    matches!(told.answer.stored, Some(Err(_)))
        || (told.answer.stored.is_none() && told.fetched.is_some() && told.answer.entry.is_none() && !is_own(told))
}

/// A page of the server's own.
fn is_own(told: &Told) -> bool {
    told.answer.response.status >= 400 && told.answer.response.body.is_empty() && !told.asked.is("HEAD")
}

fn body(told: &Told) -> String {
    String::from_utf8_lossy(&told.answer.response.body).into_owned()
}

/// The body; the words of a page of the server's own do not count.
fn is_body(told: &Told, there: &Value) -> bool {
    let there = there.as_str().unwrap_or_default();
    if is_own(told) { there.is_empty() || there.starts_with('<') } else { there == body(told) }
}

/// The bodies of a burst. Whoever was sent on at the same moment may have got the other's.
fn bodies(told: &[Told], list: &[Value]) -> Result<(), String> {
    for (i, (one, decided)) in told.iter().zip(list).enumerate() {
        let together = |other: &Told| other.fetched.is_some() && other.fetched == one.fetched;
        if is_body(one, &decided["body"]) {
            continue;
        }
        let sorted = |mut bodies: Vec<String>| {
            bodies.sort_unstable();
            bodies
        };
        let group = || told.iter().zip(list).filter(|(other, _)| together(other));
        let here = sorted(group().map(|(other, _)| body(other)).collect());
        let there = sorted(group().map(|(_, decided)| decided["body"].as_str().unwrap_or_default().to_owned()).collect());
        if one.fetched.is_none() || here != there {
            return Err(format!("answer {}: body is {:?} here and {} in the recording", i + 1, body(one), decided["body"]));
        }
    }
    Ok(())
}

fn near(here: f64, there: &Value, tolerance: f64) -> Result<(), String> {
    let near = there.as_f64().is_some_and(|there| (here - there).abs() <= tolerance);
    if near { Ok(()) } else { Err(format!("{here} here and {there} in the recording")) }
}

fn origin(here: &[Sent], there: &[Value], how: &How, bound: &mut Bound) -> Result<(), String> {
    let list = |list: Vec<String>| list.join(", ");
    if here.len() != there.len() {
        let sent = list(here.iter().map(|sent| format!("{} {}", sent.method, sent.uri)).collect());
        return Err(format!("the origin gets {} requests here ({sent}) and {} in the recording", here.len(), there.len()));
    }
    for (sent, seen) in here.iter().zip(there) {
        if seen["method"] != sent.method.as_str() || seen["uri"] != sent.uri.as_str() {
            return Err(format!("the origin is sent {} {} here, and in the recording {seen}", sent.method, sent.uri));
        }
        near(sent.at.as_micros() as f64 / 1e3, &seen["t_ms"], how.tolerance_ms).map_err(|why| format!("the origin is asked at {why}"))?;
        let names = seen["headers"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        for name in names.chain(how.always.iter().copied()) {
            let (here, there) = (sent.headers.get(name), seen["headers"][name].as_str());
            if !value(here, there, bound) {
                return Err(format!("the origin is sent {name} {here:?} here and {there:?} in the recording"));
            }
        }
    }
    Ok(())
}

/// Whether two values of a field are the same: a tag that nobody wrote down is what it is first found
/// to be, and dates are by clocks that are as far apart as they first are.
fn value(here: Option<&str>, there: Option<&str>, bound: &mut Bound) -> bool {
    let (Some(here), Some(there)) = (here, there) else { return here.is_none() == there.is_none() };
    if here == there {
        return true;
    }
    if here.starts_with("\"?") {
        let taken = bound.tags.iter().any(|(name, tag)| name != here && tag == there);
        return !taken && *bound.tags.entry(here.to_owned()).or_insert_with(|| there.to_owned()) == there;
    }
    match (date::parse(here, 2_026), date::parse(there, 2_026)) {
        (Some(here), Some(there)) => *bound.clock.get_or_insert(there - here) == there - here,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_found_out_once() {
        let mut bound = Bound::default();
        assert!(value(Some("\"?/e\""), Some("\"k\""), &mut bound));
        assert!(value(Some("\"?/e\""), Some("\"k\""), &mut bound));
        assert!(!value(Some("\"?/e\""), Some("\"l\""), &mut bound));
        assert!(!value(Some("\"?/f\""), Some("\"k\""), &mut bound));
        let (a, b, c) = ("Thu, 01 Jan 1970 00:00:10 GMT", "Thu, 01 Jan 1970 00:00:15 GMT", "Thu, 01 Jan 1970 00:00:16 GMT");
        assert!(value(Some(a), Some(b), &mut bound));
        assert!(!value(Some(a), Some(c), &mut bound));
        assert!(!value(Some("v1"), Some("v2"), &mut bound));
        assert!(!value(None, Some("v2"), &mut bound));
    }
}
