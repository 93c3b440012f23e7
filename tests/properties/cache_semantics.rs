//! The cache beside the crate `http-cache-semantics`: on random headers and clocks both say the
//! same, but for a list of divergences, each with the clause that says who is right and a case
//! that shows it.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::field::date;
use hopscope_core::policy::cache::{Ask, Cache, Profile, Reply, Request, Response, Step};
use hopscope_core::time::Instant;
use http_cache_semantics::{BeforeRequest, CacheOptions, CachePolicy};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;

use crate::config;

/// When a response comes, in seconds since 1970: a whole second, as the crate counts dates from it.
const CAME: i64 = 1_795_000_000;

type Fields = Vec<(&'static str, String)>;

/// A response to a first request, and a second one some time later.
#[derive(Clone, Debug, Default)]
struct Case {
    method: &'static str,
    first: Fields,
    status: u16,
    response: Fields,
    second: Fields,
    later_ms: u64,
}

/// What a cache made of a case: whether it may store, and whether it answers the second request
/// without asking.
type Said = (bool, bool);

fn ours(case: &Case) -> Said {
    let mut cache = Cache::new(Profile::rfc(), CAME * 1_000_000);
    let ask = |method: &str, fields: &Fields| {
        let headers = Headers(fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect());
        let request = Request { method: method.into(), origin: "http://a.test".into(), target: "/".into(), headers };
        Ask { request, ..Ask::default() }
    };
    let (ticket, _) = cache.request(ask(case.method, &case.first), Instant::START);
    let headers = Headers(case.response.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect());
    let reply = Reply::Response(Response { status: case.status, headers, body: b"body"[..].into() });
    cache.answered(ticket, reply, Instant::START);
    let stored = cache.entries().count() == 1;
    let (_, step) = cache.request(ask("GET", &case.second), Instant(case.later_ms * 1_000));
    let used = match step {
        Step::Answer(answer) | Step::AnswerAndRefresh(answer, _) => answer.verdict.outcome.is_reuse(),
        Step::Forward(_) | Step::Wait(_) => false,
    };
    (stored, used)
}

fn theirs(case: &Case) -> Said {
    let request = |method: &str, fields: &Fields| {
        let builder = http::Request::builder().method(method).uri("http://a.test/");
        fields.iter().fold(builder, |b, (n, v)| b.header(*n, v)).body(()).expect("the vocabulary is of valid fields")
    };
    let builder = http::Response::builder().status(case.status);
    let response = case.response.iter().fold(builder, |b, (n, v)| b.header(*n, v)).body(()).expect("the vocabulary is of valid fields");
    let came = SystemTime::UNIX_EPOCH + Duration::from_secs(CAME as u64);
    let policy = CachePolicy::new_options(&request(case.method, &case.first), &response, came, CacheOptions::default());
    let later = came + Duration::from_millis(case.later_ms);
    let fresh = matches!(policy.before_request(&request("GET", &case.second), later), BeforeRequest::Fresh(_));
    (policy.is_storable(), policy.is_storable() && fresh)
}

/// Where the two differ, and by which clause the cache is right.
struct Divergence {
    clause: &'static str,
    why: &'static str,
    applies: fn(&Case) -> bool,
    shown: fn() -> Case,
    ours: Said,
    theirs: Said,
}

impl Case {
    fn values<'a>(fields: &'a Fields, name: &'a str) -> impl Iterator<Item = &'a str> {
        fields.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    fn has(&self, name: &str) -> bool {
        Self::values(&self.response, name).next().is_some()
    }

    /// The directives of the response, as they are written.
    fn directives(&self) -> Vec<&str> {
        Self::values(&self.response, "cache-control").flat_map(|v| v.split(", ")).collect()
    }

    fn says(&self, directive: &str) -> bool {
        self.directives().iter().any(|d| d.split('=').next() == Some(directive))
    }

    fn wants(&self, directive: &str) -> bool {
        Self::values(&self.second, "cache-control").any(|d| d.split('=').next() == Some(directive))
    }

    /// A GET for a 200 with these fields, asked for again a second later.
    fn of(response: &[(&'static str, &str)]) -> Self {
        let response = response.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
        Self { method: "GET", status: 200, response, later_ms: 1_000, ..Self::default() }
    }

    fn then(mut self, name: &'static str, value: &str) -> Self {
        self.second.push((name, value.to_owned()));
        self
    }

    fn at(self, later_ms: u64) -> Self {
        Self { later_ms, ..self }
    }
}

fn cc(value: &str) -> Case {
    Case::of(&[("Cache-Control", value)])
}

const DIVERGENCES: &[Divergence] = &[
    Divergence {
        clause: "RFC 9111 5.2",
        why: "directives are known in any case",
        applies: |c| c.directives().iter().any(|d| d.bytes().any(|b| b.is_ascii_uppercase())),
        shown: || cc("MAX-AGE=60"),
        ours: (true, true),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 9111 4.2.3",
        why: "an old Date makes a response old",
        applies: |c| {
            let year = date::year(CAME);
            Case::values(&c.response, "date").any(|d| date::parse(d, year).is_some_and(|d| d < CAME))
        },
        shown: || Case::of(&[("Cache-Control", "max-age=60"), ("Date", &date::write(CAME - 100))]),
        ours: (true, false),
        theirs: (true, true),
    },
    Divergence {
        clause: "RFC 9111 5.1",
        why: "the first member of Age counts",
        applies: |c| Case::values(&c.response, "age").any(|a| a.contains(',')),
        shown: || Case::of(&[("Cache-Control", "max-age=60"), ("Age", "100, 0")]),
        ours: (true, false),
        theirs: (true, true),
    },
    Divergence {
        clause: "RFC 9111 5.2.2.8",
        why: "proxy-revalidate is about stale responses only",
        applies: |c| c.says("proxy-revalidate"),
        shown: || cc("max-age=60, proxy-revalidate"),
        ours: (true, true),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 9111 7.3",
        why: "Set-Cookie does not forbid reuse",
        applies: |c| c.has("set-cookie"),
        shown: || Case::of(&[("Cache-Control", "max-age=60"), ("Set-Cookie", "a=b")]),
        ours: (true, true),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 8246 2",
        why: "immutable gives no lifetime",
        applies: |c| c.says("immutable"),
        shown: || cc("immutable"),
        ours: (true, false),
        theirs: (true, true),
    },
    Divergence {
        clause: "RFC 9111 5.2.2.7",
        why: "private with fields is about these fields",
        applies: |c| c.directives().contains(&"private=\"x\""),
        shown: || cc("max-age=60, private=\"x\""),
        ours: (true, true),
        theirs: (false, false),
    },
    Divergence {
        clause: "RFC 9111 5.2.2.4",
        why: "no-cache with fields is about these fields",
        applies: |c| c.directives().contains(&"no-cache=\"x\""),
        shown: || cc("max-age=60, no-cache=\"x\""),
        ours: (true, true),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 9111 5.2.2.4",
        why: "max-stale does not stand in for validation",
        applies: |c| c.says("no-cache") && c.wants("max-stale"),
        shown: || cc("no-cache").then("Cache-Control", "max-stale"),
        ours: (true, false),
        theirs: (true, true),
    },
    Divergence {
        clause: "RFC 9111 5.2.2.10",
        why: "s-maxage forbids reuse when stale",
        applies: |c| c.says("s-maxage") && c.wants("max-stale"),
        shown: || cc("s-maxage=1").then("Cache-Control", "max-stale").at(9_000),
        ours: (true, false),
        theirs: (true, true),
    },
    Divergence {
        clause: "RFC 9111 4.2.1",
        why: "a lifetime that is no number, or two that differ, are stale",
        applies: |c| {
            let named = |name: &str| c.directives().into_iter().filter(|d| d.split('=').next() == Some(name)).collect::<Vec<_>>();
            ["max-age", "s-maxage"].into_iter().any(|name| {
                let list = named(name);
                let number = |d: &str| d.split_once('=').map(|(_, v)| v.trim_matches('"').parse::<u64>().is_ok());
                list.iter().any(|d| number(d) != Some(true)) || list.windows(2).any(|pair| pair[0] != pair[1])
            })
        },
        shown: || Case::of(&[("Cache-Control", "max-age"), ("Expires", &date::write(CAME + 60))]),
        ours: (true, false),
        theirs: (true, true),
    },
    Divergence {
        clause: "RFC 9111 3.5",
        why: "an extension that comes twice is not must-revalidate",
        applies: |c| {
            let list = c.directives();
            let name = |d: &str| d.split('=').next().map(str::to_owned);
            list.iter().enumerate().any(|(i, d)| list[..i].iter().any(|e| name(d) == name(e) && d != e))
        },
        shown: || Case { first: vec![("Authorization", "Basic x".to_owned())], ..cc("max-age=60, foo, foo=\"a b\"") },
        ours: (false, false),
        theirs: (true, true),
    },
    Divergence {
        clause: "RFC 9111 3",
        why: "any final status may be stored when it says for how long",
        applies: |c| !matches!(c.status, 200 | 203 | 204 | 300 | 301 | 302 | 303 | 307 | 308 | 404 | 405 | 410 | 414 | 501),
        shown: || Case { status: 500, ..cc("max-age=60") },
        ours: (true, true),
        theirs: (false, false),
    },
    Divergence {
        clause: "RFC 9111 5.2.2.3",
        why: "must-understand overrules no-store where the status is understood",
        applies: |c| c.says("must-understand"),
        shown: || cc("max-age=60, no-store, must-understand"),
        ours: (true, true),
        theirs: (false, false),
    },
    Divergence {
        clause: "RFC 9111 4.1",
        why: "what varies by everything is never found again, so it is not stored",
        applies: |c| Case::values(&c.response, "vary").any(|v| v.contains('*')),
        shown: || Case::of(&[("Cache-Control", "max-age=60"), ("Vary", "*")]),
        ours: (false, false),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 9111 5.4",
        why: "Pragma means nothing in a response, and no longer anything in a request",
        applies: |c| c.has("pragma") || Case::values(&c.second, "pragma").next().is_some(),
        shown: || cc("max-age=60").then("Pragma", "no-cache"),
        ours: (true, true),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 9110 5.6.7",
        why: "dates come in three forms",
        applies: |c| Case::values(&c.response, "expires").any(|e| e.ends_with("2050")),
        shown: || Case::of(&[("Expires", "Mon Aug  8 02:01:18 2050")]),
        ours: (true, true),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 9110 9.3.3",
        why: "a response to POST serves a GET only when it says that it is the same",
        applies: |c| c.method == "POST",
        shown: || Case { method: "POST", ..cc("max-age=60") },
        ours: (false, false),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 5861 3",
        why: "a stale response may be used while it is refreshed",
        applies: |c| c.says("stale-while-revalidate"),
        shown: || cc("max-age=1, stale-while-revalidate=60").at(9_000),
        ours: (true, true),
        theirs: (true, false),
    },
    Divergence {
        clause: "RFC 9111 5.2.1.2",
        why: "what expired before it was sent has been stale since then",
        applies: |c| {
            c.wants("max-stale")
                && Case::values(&c.response, "expires").any(|e| date::parse(e, date::year(CAME)).is_some_and(|when| when < CAME + 30))
        },
        shown: || Case::of(&[("Expires", &date::write(CAME - 60))]).then("Cache-Control", "max-stale=9"),
        ours: (true, false),
        theirs: (true, true),
    },
    Divergence {
        clause: "RFC 9111 5.2.1.2",
        why: "max-stale with something that is no number allows nothing",
        applies: |c| Case::values(&c.second, "cache-control").any(|v| v == "max-stale=x"),
        shown: || cc("max-age=1").then("Cache-Control", "max-stale=x").at(9_000),
        ours: (true, false),
        theirs: (true, true),
    },
];

const DIRECTIVES: &[&str] = &[
    "max-age=60",
    "max-age=5",
    "max-age=0",
    "max-age=99999999999",
    "max-age=\"60\"",
    "max-age=abc",
    "max-age",
    "MAX-AGE=60",
    "s-maxage=5",
    "s-maxage=60",
    "s-maxage=x",
    "no-cache",
    "no-cache=\"x\"",
    "no-store",
    "private",
    "private=\"x\"",
    "public",
    "must-revalidate",
    "proxy-revalidate",
    "must-understand",
    "immutable",
    "stale-while-revalidate=60",
    "stale-if-error=60",
    "foo",
    "foo=\"a b\"",
];

const STATUSES: &[u16] = &[200, 200, 200, 200, 203, 204, 206, 299, 301, 302, 303, 404, 410, 500, 501, 503];

const WANTS: &[&str] =
    &["no-cache", "no-store", "max-age=0", "max-age=3", "max-age=60", "min-fresh=3", "max-stale", "max-stale=9", "max-stale=x", "foo"];

/// A field that may be there.
fn maybe(name: &'static str, values: Vec<String>) -> impl Strategy<Value = Option<(&'static str, String)>> {
    proptest::option::weighted(0.4, select(values).prop_map(move |value| (name, value)))
}

/// Half of the responses are plain enough for no divergence to apply.
fn response() -> impl Strategy<Value = Fields> {
    let around = |list: &[i64]| list.iter().map(|d| date::write(CAME + d)).collect::<Vec<_>>();
    let texts = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let plain =
        ["max-age=60", "max-age=5", "max-age=0", "s-maxage=5", "no-cache", "no-store", "private", "public", "must-revalidate", "foo"];
    let control = prop_oneof![subsequence(plain.to_vec(), 0..=3), subsequence(DIRECTIVES.to_vec(), 0..=3),];
    let expires = [around(&[-60, 0, 5, 60, 9_000]), texts(&["0", "Mon Aug  8 02:01:18 2050"])].concat();
    let dates = [around(&[0, 0, 0, 30, -30]), texts(&["junk"])].concat();
    (
        (control, any::<u64>()).prop_map(|(list, mix)| shuffled(list, mix)),
        maybe("Expires", expires),
        maybe("Date", dates),
        maybe("Last-Modified", around(&[-100, -1_000, -86_000, 100])),
        maybe("Age", texts(&["0", "4", "100", "junk", "-7", "100, 0", "99999999999"])),
        maybe("Vary", texts(&["Foo", "foo", "Bar", "*", "Foo, *"])),
        proptest::option::weighted(0.1, select(vec![("Set-Cookie", "a=b".to_owned()), ("Pragma", "no-cache".to_owned())])),
    )
        .prop_map(|(control, a, b, c, d, e, f)| {
            let control = (!control.is_empty()).then(|| ("Cache-Control", control.join(", ")));
            [control, a, b, c, d, e, f].into_iter().flatten().collect()
        })
}

fn shuffled(mut list: Vec<&'static str>, mix: u64) -> Vec<&'static str> {
    if list.len() > 1 {
        let by = (mix % list.len() as u64) as usize;
        list.rotate_left(by);
    }
    list
}

fn case() -> impl Strategy<Value = Case> {
    let texts = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let selecting = || maybe("Foo", texts(&["1", "2"]));
    let first = (
        maybe("Authorization", texts(&["Basic x"])),
        proptest::option::weighted(0.1, Just(("Cache-Control", "no-store".to_owned()))),
        selecting(),
    );
    let second =
        (maybe("Cache-Control", texts(WANTS)), proptest::option::weighted(0.05, Just(("Pragma", "no-cache".to_owned()))), selecting());
    let method = prop_oneof![19 => Just("GET"), 1 => Just("POST")];
    (method, first, select(STATUSES), response(), second, prop_oneof![0u64..12_000, 0u64..200_000]).prop_map(
        |(method, first, status, response, second, later_ms)| {
            let list = |(a, b, c)| [a, b, c].into_iter().flatten().collect();
            Case { method, first: list(first), status, response, second: list(second), later_ms }
        },
    )
}

#[test]
fn each_divergence_is_shown_by_a_case() {
    for divergence in DIVERGENCES {
        let case = (divergence.shown)();
        let (clause, why) = (divergence.clause, divergence.why);
        assert!((divergence.applies)(&case), "{clause}, {why}: it does not apply to {case:?}");
        assert_eq!(ours(&case), divergence.ours, "{clause}, {why}: ours");
        assert_eq!(theirs(&case), divergence.theirs, "{clause}, {why}: the crate's");
        assert_ne!(divergence.ours, divergence.theirs, "{clause}, {why}: no difference");
    }
}

#[test]
fn apart_from_these_both_say_the_same() {
    let compared = Cell::new(0);
    TestRunner::new(config(4_000))
        .run(&case(), |case| {
            if DIVERGENCES.iter().any(|divergence| (divergence.applies)(&case)) {
                return Ok(());
            }
            compared.set(compared.get() + 1);
            prop_assert_eq!(ours(&case), theirs(&case), "ours and the crate's: {:?}", case);
            Ok(())
        })
        .unwrap_or_else(|why| panic!("{why}"));
    assert!(compared.get() > 1_000, "only {} cases were compared", compared.get());
}
