//! Header fields full of rubbish: no panic, and never a verdict that allows more than the same
//! response does without that field.
//!
//! What allows more is defined by four questions: may it be stored; how long is it fresh when it
//! comes; may it be used without asking; may it be used stale. A field with rubbish in it may
//! answer each of them like the response without it, or more strictly. `Age` and `Date` only make
//! a response older, so for them the response without the field is the most that is allowed.

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::field::{cache_status, control::Control, date, etag, members, range, seconds, structured};
use hopscope_core::policy::cache::reading::{Arrival, Terms};
use hopscope_core::policy::cache::{Ask, Cache, Outcome, Profile, Reason, Reply, Request, Response, Step, Verdict};
use hopscope_core::time::Instant;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use crate::config;

const CAME: i64 = 1_795_000_000_250_000;

/// Rubbish, with a taste for what is almost right.
fn rubbish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        select(vec![
            "max-age",
            "s-maxage",
            "no-store",
            "public",
            "private",
            "stale-while-revalidate",
            "stale-if-error",
            "=",
            "==",
            ",",
            ";",
            "\"",
            "\\",
            " ",
            "\t",
            "0",
            "5",
            "99999999999999999999",
            "-1",
            "1.5",
            "١٢",
            "é",
            "\u{0}",
            "*",
            "W/",
            "Mon, 20 Nov 2026",
            "GMT",
            "25:61:61",
            "bytes",
            "/",
            "-",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
        any::<i64>().prop_map(|n| n.to_string()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|list| list.concat())
}

/// What is malformed for certain: a number that is none, behind a directive that wants one.
fn malformed() -> impl Strategy<Value = String> {
    let names = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error", "MAX-AGE"];
    let wrong = ["", "=", "=-5", "=5 5", "=5x", "=x5", "= 5", "='5'", "=\"5", "=5.0", "=+5", "=٥", "=\"\"", "=\"x\"", "=5;5"];
    (select(names.to_vec()), select(wrong.to_vec())).prop_map(|(name, wrong)| [name, wrong].concat())
}

fn headers(list: &[(&str, &str)]) -> Headers {
    Headers(list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
}

fn terms(profile: &Profile, list: &[(&str, &str)]) -> Terms {
    let request = Request { method: "GET".into(), origin: "http://a.test".into(), target: "/".into(), ..Request::default() };
    let response = Response { status: 200, headers: headers(list), body: [].into() };
    profile.terms(&Arrival { request: &request, response: &response, asked: CAME, at: CAME })
}

/// Whether one allows no more than the other.
fn is_no_more(one: &Terms, other: &Terms) -> bool {
    let stored = |t: &Terms| t.refused.is_none();
    if !stored(one) {
        return true;
    }
    let fresh = |t: &Terms| t.lifetime.saturating_sub(t.age);
    let unasked = |t: &Terms| t.always.is_none();
    let stale = |t: &Terms| (t.must.is_none(), t.swr.unwrap_or(0), t.sie.unwrap_or(0));
    let no_more_stale = {
        let (a, b) = (stale(one), stale(other));
        a.0 <= b.0 && a.1 <= b.1 && a.2 <= b.2
    };
    stored(other) && (fresh(one) <= fresh(other).max(0)) && unasked(one) <= unasked(other) && no_more_stale
}

/// The reader of the RFCs: the servers' readers are as lax as the servers are.
fn profiles() -> [Profile; 2] {
    [Profile::rfc(), Profile::safe()]
}

#[test]
fn malformed_directives_allow_no_more_than_none() {
    let base = [("Date", date::write(CAME / 1_000_000)), ("Last-Modified", date::write(CAME / 1_000_000 - 10_000))];
    TestRunner::new(config(600))
        .run(&(proptest::collection::vec(malformed(), 1..4), any::<bool>()), |(list, heuristic)| {
            let value = list.join(", ");
            let without: Vec<(&str, &str)> = base.iter().filter(|_| heuristic).map(|(n, v)| (*n, v.as_str())).collect();
            let with = [&without[..], &[("Cache-Control", value.as_str())]].concat();
            for profile in profiles() {
                let (one, other) = (terms(&profile, &with), terms(&profile, &without));
                prop_assert!(is_no_more(&one, &other), "{}: {:?} against {:?}", value, one, other);
            }
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn rubbish_in_a_field_allows_no_more_than_its_absence() {
    let control = "max-age=60, stale-if-error=9";
    TestRunner::new(config(1_500))
        .run(
            &(select(vec!["Age", "Vary", "Surrogate-Control", "Warning", "Pragma", "ETag", "Content-Range", "Cache-Groups"]), rubbish()),
            |(name, value)| {
                for profile in profiles() {
                    let (one, other) =
                        (terms(&profile, &[("Cache-Control", control), (name, &value)]), terms(&profile, &[("Cache-Control", control)]));
                    prop_assert!(is_no_more(&one, &other), "{}: {}", name, value);
                }
                Ok(())
            },
        )
        .unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn dates_that_are_none_allow_no_more_than_none() {
    let year = date::year(CAME / 1_000_000);
    TestRunner::new(config(1_500))
        .run(&(select(vec!["Expires", "Last-Modified", "Date"]), rubbish()), |(name, value)| {
            prop_assume!(date::parse(&value, year).is_none());
            for profile in profiles() {
                let (one, other) = (terms(&profile, &[(name, &value)]), terms(&profile, &[]));
                prop_assert!(is_no_more(&one, &other), "{}: {}", name, value);
                prop_assert!(one.lifetime <= 0, "{}: {} is fresh", name, value);
            }
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
}

/// A targeted field that is no structured field is not there (RFC 9213 section 2.2).
#[test]
fn a_targeted_field_that_is_malformed_is_not_there() {
    TestRunner::new(config(1_000))
        .run(&rubbish(), |value| {
            prop_assume!(structured::dictionary([value.as_str()].into_iter()).is_none_or(|list| list.is_empty()));
            let control = ("Cache-Control", "max-age=60");
            let profile = Profile::rfc();
            prop_assert_eq!(terms(&profile, &[control, ("CDN-Cache-Control", &value)]), terms(&profile, &[control]));
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn no_reader_panics() {
    TestRunner::new(config(2_000))
        .run(&(rubbish(), rubbish()), |(one, other)| {
            let list = headers(&[("Cache-Control", &one), ("Cache-Control", &other), ("If-None-Match", &one)]);
            let control = Control::read(&list);
            prop_assert!(control.any || members(&one).next().is_none());
            if let Some(n) = seconds(&one) {
                prop_assert!(n <= 1 << 31);
            }
            if let Some(when) = date::parse(&one, 2026) {
                prop_assert_eq!(date::parse(&date::write(when), 2026), Some(when));
            }
            let _ = (etag::matches(list.all("if-none-match"), Some(&other)), range::Part::parse(&one));
            if let Some(Some((from, to))) = range::Asked::parse(&one).map(|asked| asked.of(1_000)) {
                prop_assert!(from < to && to <= 1_000);
            }
            let _ = structured::strings([one.as_str()].into_iter());
            let verdict = Verdict { outcome: Outcome::Hit, reason: Reason::Fresh, age: i64::from(one.len() as u32), lifetime: 5 };
            prop_assert!(cache_status::write("c", &verdict, None, false, false).starts_with("c; hit; ttl="));
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
}

/// Every profile, fed with rubbish in every field, still answers every request.
#[test]
fn no_profile_panics_or_loses_a_request() {
    const NAMES: [&str; 12] = [
        "Cache-Control",
        "Expires",
        "Date",
        "Age",
        "Vary",
        "Last-Modified",
        "ETag",
        "Content-Range",
        "X-Accel-Expires",
        "CDN-Cache-Control",
        "Location",
        "Content-Length",
    ];
    const ASKED: [&str; 6] = ["Cache-Control", "Range", "If-None-Match", "If-Modified-Since", "Accept-Language", "If-Range"];
    let fields = |names: &'static [&'static str]| proptest::collection::vec((select(names), rubbish()), 0..5);
    let methods = select(vec!["GET", "HEAD", "POST", "M-SEARCH"]);
    let exchange = (methods, fields(&ASKED), select(vec![200u16, 204, 206, 304, 301, 503, 999]), fields(&NAMES), 0u64..9_000);
    TestRunner::new(config(400))
        .run(&proptest::collection::vec(exchange, 1..6), |exchanges| {
            for profile in [Profile::rfc(), Profile::safe(), Profile::nginx(), Profile::varnish(), Profile::squid()] {
                let mut cache = Cache::new(profile, CAME);
                let mut now = 0;
                for (method, asked, status, sent, wait) in &exchanges {
                    now += wait * 1_000;
                    let list = |fields: &Vec<(&str, String)>| Headers(fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect());
                    let request =
                        Request { method: (*method).to_owned(), origin: "http://a.test".into(), target: "/".into(), headers: list(asked) };
                    let (ticket, mut step) = cache.request(Ask { request, ..Ask::default() }, Instant(now));
                    let reply = Reply::Response(Response { status: *status, headers: list(sent), body: b"0123456789"[..].into() });
                    if let Step::Forward(fetch) = &step {
                        let steps = cache.answered(fetch.ticket, reply.clone(), Instant(now));
                        let found = steps.into_iter().find(|(t, _)| *t == ticket).map(|(_, s)| s);
                        prop_assert!(found.is_some(), "{} is lost", method);
                        step = found.unwrap_or(step);
                    }
                    if let Step::AnswerAndRefresh(_, fetch) = &step {
                        cache.answered(fetch.ticket, reply, Instant(now));
                    }
                    let answered = matches!(step, Step::Answer(_) | Step::AnswerAndRefresh(..));
                    prop_assert!(answered, "{:?}", step);
                }
            }
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
}
