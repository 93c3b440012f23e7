//! The machine, step by step.

use super::*;
use crate::http::Headers;
use crate::time::{Duration, Instant};

use super::profile::Collapse;

/// Monday, the first of January 2024.
const EPOCH: i64 = 1_704_067_200_000_000;

fn at(ms: u64) -> Instant {
    Instant::START + Duration::from_millis(ms)
}

fn fields(list: &[(&str, &str)]) -> Headers {
    Headers(list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
}

fn get(target: &str, list: &[(&str, &str)]) -> Ask {
    ask("GET", target, list)
}

fn ask(method: &str, target: &str, list: &[(&str, &str)]) -> Ask {
    let request = Request { method: method.into(), origin: "http://shop.test".into(), target: target.into(), headers: fields(list) };
    Ask { request, ..Ask::default() }
}

fn response(status: u16, list: &[(&str, &str)], body: &str) -> Reply {
    Reply::Response(Response { status, headers: fields(list), body: body.as_bytes().into() })
}

/// What a step is, in a word and with its body.
fn told(step: &Step) -> String {
    let body = |answer: &Answer| String::from_utf8_lossy(&answer.response.body).into_owned();
    match step {
        Step::Answer(a) => format!("{:?} {} {}", a.verdict.outcome, a.response.status, body(a)),
        Step::Forward(f) => format!("ask {:?}", f.verdict.outcome),
        Step::AnswerAndRefresh(a, _) => format!("{:?} {} {} and ask", a.verdict.outcome, a.response.status, body(a)),
        Step::Wait(None) => "wait".into(),
        Step::Wait(Some(until)) => format!("wait until {}", until.as_micros() / 1_000),
    }
}

/// A cache whose origin always sends the same.
struct Shop {
    cache: Cache,
    sent: u32,
}

impl Shop {
    fn new(profile: Profile) -> Self {
        Self { cache: Cache::new(profile, EPOCH), sent: 0 }
    }

    /// A request to its end, answered by the origin at once.
    fn serve(&mut self, ask: Ask, now: Instant, reply: &Reply) -> Answer {
        let (ticket, step) = self.cache.request(ask, now);
        match step {
            Step::Answer(answer) => answer,
            Step::AnswerAndRefresh(answer, fetch) => {
                self.sent += 1;
                self.cache.answered(fetch.ticket, reply.clone(), now);
                answer
            }
            Step::Forward(fetch) => {
                self.sent += 1;
                let steps = self.cache.answered(fetch.ticket, reply.clone(), now);
                match steps.into_iter().find(|(t, _)| *t == ticket) {
                    Some((_, Step::Answer(answer))) => answer,
                    other => panic!("{other:?}"),
                }
            }
            Step::Wait(_) => panic!("nobody else is there"),
        }
    }
}

#[test]
fn one_fetch_serves_all_who_wait_for_it() {
    let mut cache = Cache::new(Profile::rfc(), EPOCH);
    let steps: Vec<_> = (0..100).map(|i| cache.request(get("/", &[]), at(i))).collect();
    let asked: Vec<_> = steps.iter().filter(|(_, step)| matches!(step, Step::Forward(_))).collect();
    assert_eq!(asked.len(), 1);
    let done = cache.answered(asked[0].0, response(200, &[("Cache-Control", "max-age=60")], "v1"), at(200));
    assert_eq!(done.len(), 100);
    assert_eq!(told(&done[0].1), "Miss 200 v1");
    assert!(done[1..].iter().all(|(_, step)| told(step) == "Hit 200 v1"));
}

#[test]
fn without_collapse_everybody_fetches() {
    let mut cache = Cache::new(Profile { collapse: Collapse::Off, ..Profile::rfc() }, EPOCH);
    let asked = (0..100).filter(|i| matches!(cache.request(get("/", &[]), at(*i)).1, Step::Forward(_))).count();
    assert_eq!(asked, 100);
}

#[test]
fn what_cannot_be_shared_is_fetched_by_each_at_once() {
    let mut cache = Cache::new(Profile::rfc(), EPOCH);
    let first = cache.request(get("/", &[]), at(0)).0;
    for i in 1..4 {
        assert_eq!(told(&cache.request(get("/", &[]), at(i)).1), "wait");
    }
    let done = cache.answered(first, response(200, &[("Cache-Control", "no-store")], "v1"), at(9));
    assert_eq!(done.iter().map(|(_, s)| told(s)).collect::<Vec<_>>(), ["Miss 200 v1", "ask Miss", "ask Miss", "ask Miss"]);
}

#[test]
fn nginx_looks_again_every_half_second() {
    let lock = Collapse::Poll { every: Duration::from_millis(500), timeout: Duration::from_secs(1), age: Duration::from_secs(5) };
    let mut cache = Cache::new(Profile { collapse: lock, ..Profile::nginx() }, EPOCH);
    let first = cache.request(get("/slow", &[]), at(0)).0;
    let (waiter, step) = cache.request(get("/slow", &[]), at(10));
    assert_eq!(told(&step), "wait until 510");
    let told_at = |cache: &mut Cache, ms| cache.wake(waiter, at(ms)).map(|step| told(&step));
    assert_eq!(told_at(&mut cache, 510).as_deref(), Some("wait until 1010"));
    // Its patience is over: it fetches for itself, and what comes is not stored.
    assert_eq!(told_at(&mut cache, 1_010).as_deref(), Some("ask Miss"));
    assert_eq!(told_at(&mut cache, 1_020), None);
    let own = cache.answered(waiter, response(200, &[("Cache-Control", "max-age=60")], "v2"), at(1_500));
    let Step::Answer(answer) = &own[0].1 else { panic!("{own:?}") };
    assert_eq!(answer.stored, Some(Err(Reason::LockTimeout)));
    cache.answered(first, response(200, &[("Cache-Control", "max-age=60")], "v1"), at(1_600));
    assert_eq!(told(&cache.request(get("/slow", &[]), at(1_700)).1), "Hit 200 v1");
}

#[test]
fn an_old_lock_lets_the_next_one_through() {
    let lock = Collapse::Poll { every: Duration::from_millis(500), timeout: Duration::from_secs(5), age: Duration::from_millis(800) };
    let mut cache = Cache::new(Profile { collapse: lock, ..Profile::nginx() }, EPOCH);
    let first = cache.request(get("/", &[]), at(0)).0;
    let second = cache.request(get("/", &[]), at(11)).0;
    let third = cache.request(get("/", &[]), at(22)).0;
    let wake = |cache: &mut Cache, who, ms| cache.wake(who, at(ms)).map(|step| told(&step));
    assert_eq!(wake(&mut cache, second, 511).as_deref(), Some("wait until 800"));
    assert_eq!(wake(&mut cache, third, 522).as_deref(), Some("wait until 800"));
    assert_eq!(wake(&mut cache, second, 800).as_deref(), Some("ask Miss"));
    assert_eq!(wake(&mut cache, third, 800).as_deref(), Some("wait until 1300"));
    cache.answered(first, response(200, &[("Cache-Control", "max-age=60")], "v1"), at(1_200));
    assert_eq!(wake(&mut cache, third, 1_300).as_deref(), Some("Hit 200 v1"));
}

#[test]
fn varnish_serves_stale_in_grace_until_a_note_hides_it() {
    let profile = Profile { grace: 4_000_000, keep: Some(0), default_ttl: 120_000_000, ..Profile::varnish() };
    let mut cache = Cache::new(profile, EPOCH);
    let good = |body| response(200, &[("Cache-Control", "max-age=1")], body);
    let first = cache.request(get("/g", &[]), at(0)).0;
    cache.answered(first, good("v1"), at(1));
    let (_, step) = cache.request(get("/g", &[]), at(1_685));
    assert_eq!(told(&step), "Stale 200 v1 and ask");
    assert_eq!(told(&cache.request(get("/g", &[]), at(1_736)).1), "Updating 200 v1");
    let Step::AnswerAndRefresh(_, fetch) = step else { return };
    assert!(cache.answered(fetch.ticket, good("v2"), at(2_385)).is_empty());
    assert_eq!(told(&cache.request(get("/g", &[]), at(2_739)).1), "Hit 200 v2");
    let (_, step) = cache.request(get("/g", &[]), at(4_382));
    let Step::AnswerAndRefresh(_, fetch) = step else { panic!("{step:?}") };
    cache.answered(fetch.ticket, response(503, &[], "err"), at(4_383));
    let (ticket, step) = cache.request(get("/g", &[]), at(4_683));
    assert_eq!(told(&step), "ask HitForMiss");
    let steps = cache.answered(ticket, good("v3"), at(4_700));
    assert_eq!(told(&steps[0].1), "HitForMiss 200 v3");
    assert_eq!(told(&cache.request(get("/g", &[]), at(4_800)).1), "Hit 200 v3");
}

#[test]
fn a_stale_answer_needs_a_reason() {
    fn check(control: &str, reply: &Reply, ms: u64, expect: (Outcome, Reason)) {
        let mut shop = Shop::new(Profile::rfc());
        shop.serve(get("/", &[]), at(0), &response(200, &[("Cache-Control", control)], "v1"));
        let verdict = shop.serve(get("/", &[]), at(ms), reply).verdict;
        assert_eq!((verdict.outcome, verdict.reason), expect, "{control} at {ms}");
    }
    let error = || response(503, &[], "error");
    check("max-age=1", &Reply::Failure, 3_000, (Outcome::Stale, Reason::Disconnected));
    check("max-age=1", &error(), 3_000, (Outcome::Stale, Reason::OriginError));
    check("max-age=1", &error(), 90_000_000, (Outcome::Expired, Reason::Over));
    check("max-age=1, stale-if-error=5", &error(), 3_000, (Outcome::Stale, Reason::StaleIfError));
    check("max-age=1, stale-if-error=5", &error(), 9_000, (Outcome::Expired, Reason::Over));
    check("max-age=1, stale-if-error=5", &Reply::Failure, 9_000, (Outcome::Failed, Reason::NoAnswer));
    check("max-age=1, must-revalidate, stale-if-error=5", &Reply::Failure, 3_000, (Outcome::Failed, Reason::NoAnswer));
    check("max-age=1, proxy-revalidate", &error(), 3_000, (Outcome::Expired, Reason::ProxyRevalidate));
    check("s-maxage=1", &Reply::Failure, 3_000, (Outcome::Failed, Reason::NoAnswer));
    check("no-cache", &Reply::Failure, 3_000, (Outcome::Failed, Reason::NoAnswer));
    check("max-age=1", &response(404, &[], ""), 3_000, (Outcome::Expired, Reason::Over));
    check("max-age=1, stale-while-revalidate=5", &error(), 3_000, (Outcome::Stale, Reason::StaleWhileRevalidate));
    check("max-age=1, stale-while-revalidate=1", &error(), 3_000, (Outcome::Stale, Reason::OriginError));
}

#[test]
fn clients_may_ask_for_more() {
    fn check(control: &str, wants: &str, ms: u64, expect: (Outcome, Reason)) {
        let mut shop = Shop::new(Profile::rfc());
        let reply = response(200, &[("Cache-Control", control), ("ETag", "\"a\"")], "v1");
        shop.serve(get("/", &[]), at(0), &reply);
        let verdict = shop.serve(get("/", &[("Cache-Control", wants)]), at(ms), &reply).verdict;
        assert_eq!((verdict.outcome, verdict.reason), expect, "{control}; {wants} at {ms}");
    }
    check("max-age=9", "no-cache", 1_000, (Outcome::Asked, Reason::RequestNoCache));
    check("max-age=9", "max-age=1", 1_000, (Outcome::Hit, Reason::Fresh));
    check("max-age=9", "max-age=1", 1_001, (Outcome::Asked, Reason::RequestMaxAge));
    check("max-age=9", "max-age=0", 0, (Outcome::Hit, Reason::Fresh));
    check("max-age=9", "max-age=0", 1, (Outcome::Asked, Reason::RequestMaxAge));
    check("max-age=9, immutable", "max-age=0", 1_000, (Outcome::Hit, Reason::Fresh));
    check("max-age=9, immutable", "no-cache", 1_000, (Outcome::Asked, Reason::RequestNoCache));
    check("max-age=9", "min-fresh=8", 1_000, (Outcome::Hit, Reason::Fresh));
    check("max-age=9", "min-fresh=8", 1_001, (Outcome::Asked, Reason::RequestMinFresh));
    check("max-age=9", "max-stale=5", 13_000, (Outcome::Stale, Reason::RequestMaxStale));
    check("max-age=9", "max-stale=5", 14_000, (Outcome::Expired, Reason::Over));
    check("max-age=9", "max-stale", 90_000, (Outcome::Stale, Reason::RequestMaxStale));
    check("max-age=9", "max-stale=x", 13_000, (Outcome::Expired, Reason::Over));
    check("max-age=9, must-revalidate", "max-stale=5", 13_000, (Outcome::Expired, Reason::MustRevalidate));
    check("max-age=9", "only-if-cached", 1_000, (Outcome::Hit, Reason::Fresh));
    check("max-age=9", "only-if-cached", 13_000, (Outcome::NotCached, Reason::OnlyIfCached));
}

#[test]
fn a_304_renews_what_is_stored() {
    let mut shop = Shop::new(Profile::rfc());
    let first = [("Cache-Control", "max-age=1"), ("ETag", "\"a\""), ("X", "1"), ("Content-Length", "2"), ("Age", "1")];
    shop.serve(get("/", &[]), at(0), &response(200, &first, "v1"));
    let again = response(304, &[("Cache-Control", "max-age=60"), ("ETag", "\"a\""), ("X", "2"), ("Content-Length", "9")], "");
    let answer = shop.serve(get("/", &[]), at(3_000), &again);
    assert_eq!((answer.verdict.outcome, &*answer.response.body), (Outcome::Revalidated, &b"v1"[..]));
    assert_eq!((answer.response.headers.get("x"), answer.response.headers.get("content-length")), (Some("2"), Some("2")));
    let answer = shop.serve(get("/", &[]), at(33_000), &Reply::Failure);
    assert_eq!((answer.verdict.outcome, answer.response.headers.get("age")), (Outcome::Hit, Some("30")));
    // Another strong tag is about something else.
    let other = response(304, &[("ETag", "\"b\""), ("X", "3")], "");
    let answer = shop.serve(get("/", &[]), at(99_000), &other);
    assert_eq!(answer.response.headers.get("x"), Some("2"));
}

#[test]
fn unsafe_methods_and_groups_take_out_what_they_change() {
    fn check(method: &str, reply: &Reply, stored: [bool; 3]) {
        let mut shop = Shop::new(Profile::rfc());
        for (target, groups) in [("/a", "\"x\""), ("/b", "\"y\""), ("/c", "\"x\", \"z\"")] {
            shop.serve(get(target, &[]), at(0), &response(200, &[("Cache-Control", "max-age=60"), ("Cache-Groups", groups)], "v"));
        }
        shop.serve(ask(method, "/a", &[]), at(1), reply);
        let there: Vec<&str> = shop.cache.entries().map(|(key, _)| key).collect();
        let expect: Vec<&str> = ["http://shop.test/a", "http://shop.test/b", "http://shop.test/c"]
            .into_iter()
            .zip(stored)
            .filter(|(_, s)| *s)
            .map(|(k, _)| k)
            .collect();
        assert_eq!(there, expect, "{method}");
    }
    check("POST", &response(200, &[], ""), [false, true, true]);
    check("POST", &response(303, &[("Location", "/b")], ""), [false, false, true]);
    check("POST", &response(200, &[("Location", "http://other.test/b")], ""), [false, true, true]);
    check("POST", &response(500, &[("Location", "/b")], ""), [true, true, true]);
    check("OPTIONS", &response(200, &[], ""), [true, true, true]);
    check("FROBNICATE", &response(200, &[], ""), [false, true, true]);
    check("PUT", &response(204, &[("Cache-Group-Invalidation", "\"z\"")], ""), [false, true, false]);
    check("PUT", &response(204, &[("Cache-Group-Invalidation", "\"x\"")], ""), [false, true, false]);
}

#[test]
fn parts_are_kept_cut_and_joined() {
    let mut shop = Shop::new(Profile::rfc());
    let part =
        |range: &str, body: &str| response(206, &[("Cache-Control", "max-age=60"), ("ETag", "\"a\""), ("Content-Range", range)], body);
    shop.serve(get("/", &[("Range", "bytes=0-4")]), at(0), &part("bytes 0-4/10", "01234"));
    let answer = shop.serve(get("/", &[("Range", "bytes=1-2")]), at(1), &Reply::Failure);
    assert_eq!((answer.response.status, &*answer.response.body), (206, &b"12"[..]));
    let (ticket, step) = shop.cache.request(get("/", &[]), at(2));
    let Step::Forward(fetch) = step else { panic!("{step:?}") };
    assert_eq!((fetch.request.headers.get("range"), fetch.request.headers.get("if-range")), (Some("bytes=5-"), Some("\"a\"")));
    let steps = shop.cache.answered(ticket, part("bytes 5-9/10", "56789"), at(3));
    assert_eq!(told(&steps[0].1), "Partial 200 0123456789");
    assert_eq!(told(&shop.cache.request(get("/", &[]), at(4)).1), "Hit 200 0123456789");
    let answer = shop.serve(get("/", &[("Range", "bytes=20-")]), at(5), &Reply::Failure);
    assert_eq!(answer.response.status, 416);
}

#[test]
fn a_head_says_what_is_no_longer_right() {
    fn check(list: &[(&str, &str)], expect: usize) {
        let mut shop = Shop::new(Profile::rfc());
        shop.serve(get("/", &[]), at(0), &response(200, &[("Cache-Control", "max-age=1"), ("ETag", "\"a\"")], "v1"));
        shop.serve(ask("HEAD", "/", &[]), at(3_000), &response(200, list, ""));
        assert_eq!(shop.cache.entries().count(), expect, "{list:?}");
    }
    check(&[("ETag", "\"a\""), ("Cache-Control", "max-age=60")], 1);
    check(&[("ETag", "\"b\""), ("Cache-Control", "max-age=60")], 0);
}

#[test]
fn few_uses_and_rules_keep_things_out() {
    let mut shop = Shop::new(Profile { min_uses: 3, ..Profile::nginx() });
    let reply = response(200, &[("Cache-Control", "max-age=60")], "v");
    let outcomes: Vec<Outcome> = (0..4).map(|i| shop.serve(get("/", &[]), at(i), &reply).verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::Miss, Outcome::Miss, Outcome::Miss, Outcome::Hit]);
    let bypass = Ask { bypass: true, ..get("/", &[]) };
    assert_eq!(shop.serve(bypass, at(9), &response(200, &[("Cache-Control", "max-age=60")], "new")).verdict.outcome, Outcome::Bypass);
    assert_eq!(&*shop.serve(get("/", &[]), at(10), &reply).response.body, b"new");
}

#[test]
fn early_expiry_is_by_chance() {
    let profile = Profile { early: 100, ..Profile::rfc() };
    let check = |draw: f64, ms: u64, expect: &str| {
        let mut cache = Cache::new(profile.clone(), EPOCH);
        let ticket = cache.request(get("/", &[]), at(0)).0;
        cache.answered(ticket, response(200, &[("Cache-Control", "max-age=10")], "v"), at(500));
        let step = cache.request(Ask { draw, ..get("/", &[]) }, at(ms)).1;
        assert_eq!(told(&step), expect, "{draw} at {ms}");
    };
    check(1.0, 9_900, "Hit 200 v");
    check(0.001, 9_900, "Hit 200 v and ask");
    check(0.001, 5_000, "Hit 200 v");
}

#[test]
fn the_safe_profile_refuses_what_leaks() {
    let mut shop = Shop::new(Profile::safe());
    let reply = response(200, &[("Cache-Control", "max-age=60"), ("Set-Cookie", "session=1")], "mine");
    assert_eq!(shop.serve(get("/", &[]), at(0), &reply).stored, Some(Err(Reason::SetCookie)));
    assert_eq!(Reason::SetCookie.cite().header, "Set-Cookie");
}

#[test]
fn a_note_passes_requests_until_it_is_over() {
    let profile = Profile { hit_for_pass: Some(("x-pass", 3_000_000)), keep: Some(0), ..Profile::varnish() };
    let mut shop = Shop::new(profile);
    let reply = response(200, &[("Cache-Control", "max-age=60"), ("X-Pass", "1")], "v");
    let outcomes: Vec<Outcome> =
        [0, 1_000, 2_900, 3_100].iter().map(|ms| shop.serve(get("/p", &[]), at(*ms), &reply).verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::Miss, Outcome::HitForPass, Outcome::HitForPass, Outcome::Miss]);
}

#[test]
fn a_failure_is_kept_where_a_setting_says_so() {
    let mut shop = Shop::new(Profile { valid: vec![(502, 2_000_000)], ..Profile::nginx() });
    let mut outcome = |ms: u64| {
        let answer = shop.serve(get("/", &[]), at(ms), &Reply::Failure);
        (answer.verdict.outcome, answer.response.status)
    };
    assert_eq!(outcome(100), (Outcome::Failed, 502));
    assert_eq!(outcome(2_900), (Outcome::Hit, 502));
    // Two seconds last until the third has begun.
    assert_eq!(outcome(3_000), (Outcome::Failed, 502));
    let mut other = Shop::new(Profile { valid: vec![(200, 2_000_000), (502, 0)], ..Profile::nginx() });
    let outcomes: Vec<Outcome> = [0, 100].iter().map(|ms| other.serve(get("/", &[]), at(*ms), &Reply::Failure).verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Failed]);
}

#[test]
fn squid_keeps_errors_and_what_says_nothing_for_as_long_as_it_is_told() {
    fn outcomes(profile: Profile, status: u16) -> Vec<Outcome> {
        let mut shop = Shop::new(profile);
        [0, 1_000, 5_000].iter().map(|ms| shop.serve(get("/", &[]), at(*ms), &response(status, &[], "v")).verdict.outcome).collect()
    }
    use Outcome::{Expired, Hit, Miss};
    let negative = Profile { negative_ttl: 3_000_000, ..Profile::squid() };
    assert_eq!(outcomes(Profile::squid(), 404), [Miss, Miss, Miss]);
    assert_eq!(outcomes(negative, 404), [Miss, Hit, Expired]);
    let least = Profile { heuristic_least: 3, ..Profile::squid() };
    assert_eq!(outcomes(Profile::squid(), 200), [Miss, Expired, Expired]);
    assert_eq!(outcomes(least, 200), [Miss, Hit, Expired]);
}
