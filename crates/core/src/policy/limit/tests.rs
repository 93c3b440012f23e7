//! What each limiter says, and what all of them have to keep.

use proptest::prelude::*;

use super::answer::{Style, retry_after};
use super::envoy::LocalRateLimit;
use super::haproxy::{Counter, RateAbove};
use super::nginx::ReqRate;
use super::varnish::Throttle;
use super::*;
use crate::time::{Duration, Instant};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

const fn at(n: u64) -> Instant {
    Instant(n * 1_000)
}

/// The rules that let through and turn away, at about two a second and a burst of three.
fn rules() -> [Rule; 10] {
    let meter = Meter { rate: 2_000, burst: 3 };
    let window = Window { limit: 3, window: ms(1_500) };
    [
        Rule::TokenBucket(meter),
        Rule::LeakyMeter(meter),
        Rule::LeakyQueue(Queue { interval: ms(500), room: 2 }),
        Rule::Gcra(Gcra { interval: ms(500), burst: 3 }),
        Rule::FixedWindow(window),
        Rule::SlidingLog(window),
        Rule::SlidingWindow(window),
        Rule::NginxReq(ReqRate { rate: 2_000, burst: 2, delay: None }),
        Rule::Vsthrottle(Throttle { limit: 3, period: ms(1_500), block: Duration::ZERO }),
        Rule::EnvoyLocal(LocalRateLimit { most: 3, per_fill: 1, interval: ms(500) }),
    ]
}

/// What becomes of requests at those milliseconds: `a`ccepted, rejected (`.`), or how long they wait.
fn check(rule: Rule, times: &[u64], expect: &str) {
    let mut limiter = Limiter::new(rule, 8);
    let key = Key::of(b"k");
    let said = times.iter().map(|&time| match limiter.decide(key, at(time), 1).verdict {
        Verdict::Accept => "a".to_owned(),
        Verdict::Delay(span) => (span.as_micros() / 1_000).to_string(),
        Verdict::Reject { .. } => ".".to_owned(),
    });
    assert_eq!(said.collect::<Vec<_>>().join(" "), expect, "{rule:?}");
}

#[test]
fn each_limiter_treats_one_burst_in_its_own_way() {
    let times = [0, 0, 0, 0, 400, 500, 1_000, 1_499, 1_500, 1_500, 1_500, 1_500];
    let expect = [
        "a a a . . a a . a . . .",
        "a a a . . a a . a . . .",
        "a 500 1000 . . 1000 1000 . 1000 . . .",
        "a a a . . a a . a . . .",
        "a a a . . . . . a a a .",
        "a a a . . . . . a a a .",
        "a a a . . . . . . . . .",
        "a a a . . a a . a . . .",
        "a a a . . a a . a . . .",
        "a a a . . a a . a . . .",
    ];
    for (rule, expect) in rules().into_iter().zip(expect) {
        check(rule, &times, expect);
    }
    check(Rule::HaproxyRate(RateAbove { period: 1_500, limit: 3 }), &times, "a a a . . . . . . . . .");
}

#[test]
fn who_keeps_asking_haproxy_stays_out_and_who_waits_gets_in() {
    let rule = Rule::HaproxyRate(RateAbove { period: 1_000, limit: 2 });
    check(rule, &[0, 0, 0, 300, 600, 900, 1_200, 1_500, 1_800, 2_100, 2_400, 2_700], "a a . . . . . . . . . .");
    check(rule, &[0, 0, 0, 1_900, 2_700], "a a . a a");
}

#[test]
fn a_lone_old_event_does_not_flap() {
    let mut counter = Counter::fresh(at(10));
    counter.update(1_000, at(10), 1);
    assert_eq!([10, 1_009, 1_500, 2_010, 2_011].map(|t| counter.rate(1_000, at(t))), [1, 1, 1, 1, 0]);
}

#[test]
fn nginx_delays_what_is_beyond_its_delay() {
    let rate = |delay| Rule::NginxReq(ReqRate { rate: 10_000, burst: 3, delay });
    let times = [0, 0, 0, 0, 0, 120];
    check(rate(Some(0)), &times, "a 100 200 300 . 280");
    check(rate(Some(2)), &times, "a a a 100 . 80");
    check(rate(None), &times, "a a a a . a");
}

#[test]
fn who_goes_over_a_throttle_is_shut_out() {
    let rule = Rule::Vsthrottle(Throttle { limit: 2, period: ms(1_000), block: ms(3_000) });
    check(rule, &[0, 0, 0, 1_000, 2_999, 3_000, 3_100, 3_100], "a a . . . a . .");
    check(rule, &[0, 0, 0, 5_000, 5_000, 5_000, 9_000], "a a . a a . a");
    let throttle = Throttle { limit: 4, period: ms(1_000), block: Duration::ZERO };
    let mut bucket = throttle.fresh(at(0));
    (0..4).for_each(|_| _ = throttle.decide(&mut bucket, at(0), 1));
    assert_eq!([250, 250].map(|t| throttle.remaining(&mut bucket, at(t))), [1, 2], "the same time drips twice for who asks");
}

#[test]
fn what_is_open_counts_until_it_ends() {
    let mut limiter = Limiter::new(Rule::Concurrency(2), 1);
    let (one, other) = (Key::of(b"one"), Key::of(b"other"));
    let open = |limiter: &mut Limiter, key| limiter.decide(key, at(0), 1).reason;
    assert_eq!([0; 3].map(|_| open(&mut limiter, one)), [Reason::Room, Reason::Room, Reason::TooManyOpen]);
    assert_eq!(open(&mut limiter, other), Reason::NoMemory, "nobody who is open is forgotten");
    assert_eq!(open(&mut limiter, None), Reason::NoKey);
    one.into_iter().for_each(|key| [0; 2].iter().for_each(|_| limiter.release(key, 1)));
    assert_eq!((limiter.keys(), open(&mut limiter, other)), (0, Reason::Room));
}

#[test]
fn a_state_is_short() {
    assert_eq!(size_of::<Option<State>>(), 24);
}

#[test]
fn an_answer_says_what_a_client_can_use() {
    let rule = Rule::FixedWindow(Window { limit: 2, window: ms(10_000) });
    let mut limiter = Limiter::new(rule, 8);
    let key = Key::address(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
    let told = |style: Style, limiter: &mut Limiter, time: u64| {
        let decision = limiter.decide(Some(key), at(time), 1);
        let fields = style.fields("per \"key\"", &rule, &decision, limiter.left(key, at(time)));
        fields.0.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
    };
    let policy = "RateLimit-Policy: \"per \\\"key\\\"\";q=2;w=10\nRateLimit: \"per \\\"key\\\"\"";
    assert_eq!(told(Style::Told, &mut limiter, 2_500), format!("{policy};r=1;t=8"));
    assert_eq!(told(Style::Nginx, &mut limiter, 2_500), "");
    assert_eq!(told(Style::Told, &mut limiter, 2_600), format!("{policy};r=0;t=8\nRetry-After: 8"));
    assert_eq!(told(Style::Envoy, &mut limiter, 2_600), "x-envoy-ratelimited: true");
    assert_eq!([Style::Told, Style::Nginx, Style::Haproxy].map(Style::status), [429, 503, 403]);
    let decision = limiter.decide(Some(key), at(2_600), 1);
    assert_eq!(retry_after(&Style::Told.fields("k", &rule, &decision, 0)), Some(ms(8_000)));
}

#[test]
fn a_full_limiter_forgets_who_was_not_seen_of_late() {
    let mut limiter = Limiter::new(Rule::FixedWindow(Window { limit: 1, window: ms(60_000) }), 100);
    let key = |n: u32| Key::of(&n.to_le_bytes());
    for n in 0..1_000 {
        assert!(limiter.decide(key(n), at(0), 1).is_admitted(), "each is new");
        assert!(!limiter.decide(key(n), at(0), 1).is_admitted());
    }
    assert_eq!(limiter.keys(), 100);
}

/// How many of 400 requests of one key, 5 ms apart and in turn by three proxies, are let through.
fn fleet(place: Place) -> Overshoot {
    let mut fleet = Fleet::new(Rule::TokenBucket(Meter { rate: 10_000, burst: 10 }), place, 3, 8);
    (0..400).for_each(|n| _ = fleet.decide(n as usize % 3, Key::of(b"k"), at(n * 5), 1));
    fleet.overshoot()
}

#[test]
fn where_the_counts_live_decides_how_much_more_gets_through() {
    // One bucket: 10 at once and 10 a second for 1,995 ms.
    let one = Overshoot { admitted: 29, beyond: 0, missed: 0 };
    assert_eq!(fleet(Place::Sharded), one);
    assert_eq!(fleet(Place::Shared { delay: Duration::ZERO }), one);
    let local = fleet(Place::Local);
    assert_eq!((local.admitted, local.admitted - local.beyond), (87, 29), "three times as much");
    let [near, far] = [20, 200].map(|delay| fleet(Place::Shared { delay: ms(delay) }));
    assert!(0 < near.beyond && near.beyond < far.beyond && far.beyond < local.beyond, "{near:?} {far:?} {local:?}");
    // A burst goes through as often as there are proxies before they hear of each other; then they owe.
    assert!(far.admitted <= 30 + 20, "{far:?}");
    let divided = fleet(Place::Divided);
    assert!(divided.admitted.abs_diff(one.admitted) <= 6, "{divided:?}");
}

#[test]
fn shards_share_the_keys_evenly() {
    let fleet = Fleet::new(Rule::Concurrency(1), Place::Sharded, 4, 8);
    let mut owned = [0; 4];
    for n in 0..4_000u32 {
        Key::of(&n.to_le_bytes()).into_iter().for_each(|key| owned[fleet.owner(0, key)] += 1);
    }
    assert!(owned.iter().all(|count| (900..1_100).contains(count)), "{owned:?}");
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let (rate, burst, span) = (100u64..20_000, 1u32..8, 10u64..3_000);
    (0usize..12, rate, burst, span, 0u32..4, 0u64..1_000).prop_map(|(which, rate, burst, span, delay, block)| {
        let (meter, window) = (Meter { rate, burst }, Window { limit: burst, window: ms(span) });
        match which {
            0 => Rule::TokenBucket(meter),
            1 => Rule::LeakyMeter(meter),
            2 => Rule::LeakyQueue(Queue { interval: ms(span), room: burst }),
            3 => Rule::Gcra(Gcra::at_rate(rate, burst)),
            4 => Rule::FixedWindow(window),
            5 => Rule::SlidingLog(window),
            6 => Rule::SlidingWindow(window),
            7 => Rule::NginxReq(ReqRate { rate, burst, delay: (delay > 0).then_some(delay) }),
            // An odd period ends in a millisecond that is not even, and then two of them end at once.
            8 => Rule::HaproxyRate(RateAbove { period: span * 2, limit: burst }),
            9 => Rule::Vsthrottle(Throttle { limit: burst, period: ms(span), block: ms(block) }),
            10 => Rule::Vsthrottle(Throttle { limit: burst, period: ms(span), block: Duration::ZERO }),
            _ => Rule::EnvoyLocal(LocalRateLimit { most: burst, per_fill: delay.max(1), interval: ms(span) }),
        }
    })
}

proptest! {
    /// Who comes when they were told to is let through, and a moment earlier would not have been.
    #[test]
    fn retry_is_the_first_moment_at_which_it_passes(rule in any_rule(), steps in prop::collection::vec((0u64..400_000, 1u32..3), 1..60)) {
        let (mut now, mut state) = (Instant(7_000_123), rule.fresh(Instant(7_000_123)));
        for (gap, cost) in steps {
            now += Duration::from_micros(gap);
            let decision = rule.decide(&mut state, now, cost);
            let Verdict::Reject { retry } = decision.verdict else { continue };
            let Some(retry) = retry else { continue };
            prop_assert!(rule.look(&state, now + retry, cost).is_admitted(), "{decision:?} {state:?}");
            if let Some(earlier) = retry.as_micros().checked_sub(1).filter(|&us| us > 0) {
                let earlier = rule.look(&state, now + Duration::from_micros(earlier), cost);
                prop_assert!(!earlier.is_admitted(), "{decision:?} {earlier:?}");
            }
        }
    }

    /// `left` is how many more pass now.
    #[test]
    fn left_is_how_many_more_pass(rule in any_rule(), gaps in prop::collection::vec(0u64..400_000, 1..40)) {
        let (mut now, mut state) = (Instant(9_000_000), rule.fresh(Instant(9_000_000)));
        for gap in gaps {
            now += Duration::from_micros(gap);
            let (mut then, left) = (state.clone(), rule.left(&state, now));
            let more = (0..100).take_while(|_| rule.decide(&mut then, now, 1).is_admitted()).count();
            prop_assert_eq!(left as usize, more, "{:?}", state);
            rule.decide(&mut state, now, 1);
        }
    }

    /// What is asked without being counted says what would have been decided.
    #[test]
    fn a_look_says_what_is_decided_then(rule in any_rule(), gaps in prop::collection::vec(0u64..400_000, 1..40)) {
        let (mut now, mut state) = (Instant(9_000_000), rule.fresh(Instant(9_000_000)));
        for gap in gaps {
            now += Duration::from_micros(gap);
            let looked = rule.look(&state, now, 1);
            prop_assert_eq!(looked, rule.decide(&mut state, now, 1));
        }
    }
}
