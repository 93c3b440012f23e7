//! Whether a test passed: the checks of the suite's client and, afterwards, on the origin's log.

use std::collections::BTreeMap;

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::field::date;
use serde_json::Value;

use crate::run::{Logged, Outcome, Seen, text};
use crate::suite::{Exchange, Kind, Test};

/// What is reported of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Pass,
    Fail,
    OptionalFail,
    Yes,
    No,
    SetupFail,
    DependencyFail,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::OptionalFail => "optional_fail",
            Self::Yes => "yes",
            Self::No => "no",
            Self::SetupFail => "setup_fail",
            Self::DependencyFail => "dependency_fail",
        }
    }
}

/// A check that failed.
#[derive(Debug)]
pub struct Failed {
    pub setup: bool,
    pub why: String,
}

/// The verdict on every test, from what failed in each; a test that needs another one that did
/// not pass says nothing.
pub fn verdicts(tests: &[Test], failed: &BTreeMap<&str, Option<Failed>>) -> BTreeMap<String, Verdict> {
    let by_id: BTreeMap<&str, &Test> = tests.iter().map(|test| (test.id.as_str(), test)).collect();
    failed.keys().map(|id| ((*id).to_owned(), verdict(id, &by_id, failed))).collect()
}

fn verdict(id: &str, tests: &BTreeMap<&str, &Test>, failed: &BTreeMap<&str, Option<Failed>>) -> Verdict {
    let Some(test) = tests.get(id) else { return Verdict::Pass };
    let stands = |dependency: &String| {
        !failed.contains_key(dependency.as_str()) || matches!(verdict(dependency, tests, failed), Verdict::Pass | Verdict::Yes)
    };
    if !test.depends_on.iter().all(stands) {
        return Verdict::DependencyFail;
    }
    match (failed.get(id).and_then(Option::as_ref), test.kind) {
        (Some(Failed { setup: true, .. }), _) => Verdict::SetupFail,
        (None, Kind::Check) => Verdict::Yes,
        (None, _) => Verdict::Pass,
        (Some(_), Kind::Required) => Verdict::Fail,
        (Some(_), Kind::Optimal) => Verdict::OptionalFail,
        (Some(_), Kind::Check) => Verdict::No,
    }
}

/// The first check of a test that fails.
pub fn check(test: &Test, outcome: &Outcome) -> Option<Failed> {
    let client = test.requests.iter().zip(&outcome.seen).enumerate().find_map(|(i, (exchange, seen))| {
        let name = |why: String| format!("response {}: {why}", i + 1);
        on_client(exchange, seen, i + 1, &outcome.uuid).map(|(setup, why)| Failed { setup, why: name(why) })
    });
    client.or_else(|| on_log(test, outcome))
}

/// A failed check of one request: whether it is part of the setting, and what is wrong.
type Wrong = Option<(bool, String)>;

fn on_client(exchange: &Exchange, seen: &Seen, number: usize, uuid: &str) -> Wrong {
    let is_setup = |name: &str| exchange.setup || exchange.setup_tests.iter().any(|n| n == name);
    let headers = &seen.response.headers;
    kind(exchange, seen, number)
        .map(|why| (is_setup("expected_type"), why))
        .or_else(|| status(exchange, seen, &is_setup))
        .or_else(|| {
            let mut wrong = exchange.expected_response_headers.iter().filter_map(|expected| field(expected, headers));
            wrong.next().map(|why| (is_setup("expected_response_headers"), why))
        })
        .or_else(|| {
            // With a value beside the name the suite compares nothing.
            let mut there =
                exchange.expected_response_headers_missing.iter().filter_map(Value::as_str).filter(|n| headers.get(n).is_some());
            there.next().map(|name| (is_setup("expected_response_headers_missing"), format!("{name} is there")))
        })
        .or_else(|| interim(exchange, seen).map(|why| (is_setup("expected_interim_responses"), why)))
        .or_else(|| body(exchange, seen, uuid, &is_setup))
}

fn kind(exchange: &Exchange, seen: &Seen, number: usize) -> Option<String> {
    let count = seen.response.headers.get("server-request-count").and_then(|n| n.parse::<usize>().ok());
    let cached = count.is_some_and(|count| count < number) || (seen.response.status == 304 && count.is_none());
    match exchange.expected_type.as_deref() {
        Some("cached") if !cached => Some("does not come from the cache".into()),
        Some("not_cached") if count != Some(number) => Some("comes from the cache".into()),
        _ => None,
    }
}

fn status(exchange: &Exchange, seen: &Seen, is_setup: &dyn Fn(&str) -> bool) -> Wrong {
    let got = seen.response.status;
    let differs = |expected: u16| (got != expected).then(|| format!("the status is {got}, not {expected}"));
    if let Some(expected) = &exchange.expected_status {
        let expected = expected.as_u64().map(|status| status as u16)?;
        return differs(expected).map(|why| (is_setup("expected_status"), why));
    }
    if let Some((expected, _)) = &exchange.response_status {
        return differs(*expected).map(|why| (true, why));
    }
    if got == 999 {
        return Some((is_setup("expected_type"), "it should have been conditional".into()));
    }
    differs(200).map(|why| (true, why))
}

/// A name; a name and a value; a name and another that is the same; a name and what it exceeds.
fn field(expected: &Value, headers: &Headers) -> Option<String> {
    let get = |name: &str| {
        let all: Vec<&str> = headers.all(name).collect();
        (!all.is_empty()).then(|| all.join(", "))
    };
    if let Some(name) = expected.as_str() {
        return get(name).is_none().then(|| format!("{name} is not there"));
    }
    let list = expected.as_array()?;
    let name = list.first()?.as_str()?;
    let got = get(name);
    let wanted = match (list.get(1)?, list.get(2)) {
        (Value::String(sign), Some(least)) if sign == ">" => {
            let exceeds = got.as_deref().and_then(|n| n.parse::<i64>().ok()) > least.as_i64();
            return (!exceeds).then(|| format!("{name} is {got:?}, not above {least}"));
        }
        (Value::String(sign), Some(other)) if sign == "=" => get(other.as_str()?),
        (Value::Number(delta), _) if is_date(name) => {
            let now = get("server-now").and_then(|ms| ms.parse::<i64>().ok())? / 1_000;
            Some(date::write(now + delta.as_i64()?))
        }
        (value, _) => Some(text(value)),
    };
    (got != wanted).then(|| format!("{name} is {got:?}, not {wanted:?}"))
}

fn is_date(name: &str) -> bool {
    ["date", "expires", "last-modified"].iter().any(|n| n.eq_ignore_ascii_case(name))
}

fn interim(exchange: &Exchange, seen: &Seen) -> Option<String> {
    let expected = exchange.expected_interim_responses.as_ref()?;
    let same = expected.len() == seen.interim.len()
        && expected.iter().zip(&seen.interim).all(|(expected, got)| {
            let ((status, fields), (got_status, got_fields)) = (expected.parts(), got.parts());
            status == got_status && fields.iter().all(|field| got_fields.contains(field))
        });
    (!same).then(|| format!("interim responses are {:?}", seen.interim))
}

fn body(exchange: &Exchange, seen: &Seen, uuid: &str, is_setup: &dyn Fn(&str) -> bool) -> Wrong {
    if exchange.check_body == Some(false) {
        return None;
    }
    let got = String::from_utf8_lossy(&seen.response.body);
    let differs = |expected: &str| (got != expected).then(|| format!("the body is {got:?}, not {expected:?}"));
    match (&exchange.expected_response_text, &exchange.response_body) {
        (Some(Value::String(expected)), _) => differs(expected).map(|why| (is_setup("expected_response_text"), why)),
        (Some(_), _) => None,
        (None, Some(Value::String(expected))) => differs(expected).map(|why| (true, why)),
        _ if matches!(seen.response.status, 204 | 304) || exchange.request_method.as_deref() == Some("HEAD") => None,
        _ => differs(uuid).map(|why| (true, why)),
    }
}

fn on_log(test: &Test, outcome: &Outcome) -> Option<Failed> {
    let mut log = outcome.log.iter().peekable();
    for (i, exchange) in test.requests.iter().enumerate() {
        if exchange.expected_type.as_deref() == Some("cached") {
            continue;
        }
        let is_setup = |name: &str| exchange.setup || exchange.setup_tests.iter().any(|n| n == name);
        let validated = exchange.expected_type.is_some();
        let expects = validated || !exchange.expected_request_headers.is_empty() || exchange.expected_method.is_some();
        if !expects && log.peek().is_none_or(|logged| logged.number > i + 1) {
            continue;
        }
        let wrong = match log.next() {
            None => Some((is_setup("expected_type"), "it was not sent to the origin".into())),
            Some(logged) => on_request(exchange, logged, &outcome.seen[i], i + 1, &is_setup),
        };
        if let Some((setup, why)) = wrong {
            return Some(Failed { setup, why: format!("request {}: {why}", i + 1) });
        }
    }
    None
}

fn on_request(exchange: &Exchange, logged: &Logged, seen: &Seen, number: usize, is_setup: &dyn Fn(&str) -> bool) -> Wrong {
    let conditional = match exchange.expected_type.as_deref() {
        Some("not_cached") if logged.number != number => return Some((is_setup("expected_type"), "another one was sent".into())),
        Some("etag_validated") => Some("if-none-match"),
        Some("lm_validated") => Some("if-modified-since"),
        _ => None,
    };
    if let Some(name) = conditional.filter(|name| logged.headers.get(name).is_none()) {
        return Some((is_setup("expected_type"), format!("it has no {name}")));
    }
    let mut wrong = exchange.expected_request_headers.iter().filter_map(|expected| field(expected, &logged.headers));
    if let Some(why) = wrong.next() {
        return Some((is_setup("expected_request_headers"), why));
    }
    let mut there = exchange.expected_request_headers_missing.iter().filter_map(Value::as_str).filter(|n| logged.headers.get(n).is_some());
    if let Some(name) = there.next() {
        return Some((is_setup("expected_request_headers_missing"), format!("{name} is there")));
    }
    for (name, value) in &logged.sent {
        let got: Vec<&str> = seen.response.headers.all(name).collect();
        if got.join(", ") != *value {
            return Some((is_setup("expected_type"), format!("{name} arrived as {got:?}, not {value:?}")));
        }
    }
    let method = exchange.expected_method.as_ref().filter(|method| **method != logged.method);
    method.map(|method| (is_setup("expected_method"), format!("its method is {}, not {method}", logged.method)))
}
