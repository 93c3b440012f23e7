//! How long a cache takes to decide, beside the crate `http-cache-semantics`.
//!
//! `cargo bench -p hopscope-bench --bench cache -- [filter]`
//!
//! `store` reads a response and says whether it may be stored and for how long; `reuse` says of
//! what is stored whether it answers a request. `exchange` is both through the whole machine, with
//! keys, variants and collapse, for which the crate has no counterpart.

use std::time::{Duration, SystemTime};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use hopscope_core::http::Headers;
use hopscope_core::policy::cache::reading::Arrival;
use hopscope_core::policy::cache::{Ask, Cache, Entry, Profile, Reply, Request, Response, Step};
use hopscope_core::time::Instant;
use http_cache_semantics::{BeforeRequest, CacheOptions, CachePolicy};

/// When the response comes, in seconds since 1970.
const CAME: i64 = 1_795_000_000;

/// One field list per way to be fresh.
const RESPONSES: [(&str, &[(&str, &str)]); 3] = [
    (
        "max-age",
        &[("Content-Type", "text/html"), ("Cache-Control", "public, max-age=60"), ("ETag", "\"abc\""), ("Vary", "Accept-Encoding")],
    ),
    (
        "expires",
        &[
            ("Content-Type", "text/html"),
            ("Date", "Wed, 18 Nov 2026 13:46:40 GMT"),
            ("Expires", "Wed, 18 Nov 2026 14:46:40 GMT"),
            ("Server", "origin"),
        ],
    ),
    (
        "heuristic",
        &[
            ("Content-Type", "text/html"),
            ("Date", "Wed, 18 Nov 2026 13:46:40 GMT"),
            ("Last-Modified", "Wed, 11 Nov 2026 13:46:40 GMT"),
            ("Server", "o"),
        ],
    ),
];

const REQUEST: &[(&str, &str)] =
    &[("Accept", "*/*"), ("Accept-Encoding", "gzip"), ("User-Agent", "bench"), ("Cache-Control", "max-stale=5")];

fn headers(list: &[(&str, &str)]) -> Headers {
    Headers(list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
}

fn request() -> Request {
    Request { method: "GET".into(), origin: "http://shop.test".into(), target: "/".into(), headers: headers(REQUEST) }
}

fn response(list: &[(&str, &str)]) -> Response {
    Response { status: 200, headers: headers(list), body: b"content"[..].into() }
}

fn their_request() -> http::Request<()> {
    let builder = http::Request::builder().uri("http://shop.test/");
    REQUEST.iter().fold(builder, |b, (n, v)| b.header(*n, *v)).body(()).expect("the fields are valid")
}

fn their_response(list: &[(&str, &str)]) -> http::Response<()> {
    list.iter().fold(http::Response::builder(), |b, (n, v)| b.header(*n, *v)).body(()).expect("the fields are valid")
}

fn came() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(CAME as u64)
}

/// What the cache has stored after one exchange.
fn stored(list: &[(&str, &str)]) -> Entry {
    let mut cache = Cache::new(Profile::rfc(), CAME * 1_000_000);
    let (ticket, _) = cache.request(Ask { request: request(), ..Ask::default() }, Instant::START);
    cache.answered(ticket, Reply::Response(response(list)), Instant::START);
    let entry = cache.entries().next().map(|(_, entry)| entry.clone());
    entry.expect("each of the responses may be stored")
}

fn store(criterion: &mut Criterion) {
    for (name, list) in RESPONSES {
        let mut group = criterion.benchmark_group(format!("store/{name}"));
        let (profile, request, response) = (Profile::rfc(), request(), response(list));
        group.bench_function("hopscope", |bencher| {
            bencher.iter(|| {
                let arrival = Arrival { request: &request, response: &response, asked: CAME * 1_000_000, at: CAME * 1_000_000 };
                let terms = profile.terms(&arrival);
                (terms.refused.is_none(), terms.lifetime)
            });
        });
        let (theirs, answer) = (their_request(), their_response(list));
        group.bench_function("http-cache-semantics", |bencher| {
            bencher.iter(|| {
                let policy = CachePolicy::new_options(&theirs, &answer, came(), CacheOptions::default());
                (policy.is_storable(), policy.time_to_live(came()))
            });
        });
        group.finish();
    }
}

fn reuse(criterion: &mut Criterion) {
    for (name, list) in RESPONSES {
        let mut group = criterion.benchmark_group(format!("reuse/{name}"));
        let (profile, request, entry) = (Profile::rfc(), request(), stored(list));
        let later = (CAME + 10) * 1_000_000;
        group.bench_function("hopscope", |bencher| {
            bencher.iter(|| {
                let wants = profile.wants(&request.headers);
                let rules = &profile.vary;
                let fits = hopscope_core::policy::cache::vary::matches(rules, &entry.selecting, &entry.response.headers, &request.headers);
                (fits, entry.weigh(&profile, &wants, 0.0, later))
            });
        });
        let (theirs, answer) = (their_request(), their_response(list));
        let policy = CachePolicy::new_options(&theirs, &answer, came(), CacheOptions::default());
        let later = came() + Duration::from_secs(10);
        group.bench_function("http-cache-semantics", |bencher| {
            bencher.iter(|| matches!(policy.before_request(&theirs, later), BeforeRequest::Fresh(_)));
        });
        group.finish();
    }
}

fn exchange(criterion: &mut Criterion) {
    let (_, list) = RESPONSES[0];
    let mut cache = Cache::new(Profile::rfc(), CAME * 1_000_000);
    let ask = || Ask { request: request(), ..Ask::default() };
    let (ticket, _) = cache.request(ask(), Instant::START);
    cache.answered(ticket, Reply::Response(response(list)), Instant::START);
    criterion.bench_function("exchange/hit", |bencher| {
        bencher.iter_batched(ask, |ask| matches!(cache.request(ask, Instant(10_000_000)).1, Step::Answer(_)), BatchSize::SmallInput);
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_millis(900));
    targets = store, reuse, exchange
}
criterion_main!(benches);
