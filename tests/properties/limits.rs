//! What a limiter never lets through, and how far those stray that only estimate.

use hopscope_core::policy::limit::nginx::ReqRate;
use hopscope_core::policy::limit::{Fleet, Gcra, Key, Limiter, Meter, Place, Queue, Rule, TokenBucket, Verdict, Window};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::time::{Duration, Instant};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::config;

/// Requests: how long after the one before, and what they cost.
type Stream = Vec<(u64, u32)>;

/// Gaps of every size: bursts, about the rate, and pauses.
fn stream() -> impl Strategy<Value = Stream> {
    let gap = prop_oneof![3 => Just(0u64), 3 => 0u64..2_000, 3 => 0u64..600_000, 1 => 0u64..20_000_000];
    vec((gap, 1u32..4), 1..120)
}

/// When each request came that was let through, and what it cost.
fn admitted(rule: Rule, stream: &Stream) -> Vec<(Instant, u32)> {
    let (mut now, mut state) = (Instant(5_000_000), rule.fresh(Instant(5_000_000)));
    let mut passed = Vec::new();
    for &(gap, cost) in stream {
        now += Duration::from_micros(gap);
        if rule.decide(&mut state, now, cost).is_admitted() {
            passed.push((now, cost));
        }
    }
    passed
}

/// Whether in every interval at most `burst` passed, and `rate` thousandths of one for each second.
fn keeps_to(passed: &[(Instant, u32)], rate: u64, burst: u32) -> Result<(), TestCaseError> {
    for (i, (from, _)) in passed.iter().enumerate() {
        let mut sum = 0u128;
        for (to, cost) in &passed[i..] {
            sum += u128::from(*cost);
            // In billionths, so that nothing rounds.
            let most = u128::from(burst) * 1_000_000_000 + u128::from(rate) * u128::from(to.since(*from).as_micros());
            prop_assert!(sum * 1_000_000_000 <= most, "{sum} from {from} to {to}");
        }
    }
    Ok(())
}

/// The most that passed in any window of that length, from one moment until just before another.
fn busiest(passed: &[(Instant, u32)], window: Duration) -> u32 {
    let within = |from: Instant| passed.iter().filter(|(at, _)| *at >= from && at.since(from) < window).map(|(_, cost)| cost).sum();
    passed.iter().map(|(from, _)| within(*from)).max().unwrap_or(0)
}

/// Rates whose interval is a whole number of microseconds, in thousandths per second.
const WHOLE: [u64; 12] = [1, 100, 500, 1_000, 1_600, 2_000, 2_500, 10_000, 12_500, 64_000, 1_000_000, 8_000_000];

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_bucket_never_lets_more_through_than_its_burst_and_its_rate(rate in 1u64..50_000, burst in 1u32..20, stream in stream()) {
        let meter = Meter { rate, burst };
        keeps_to(&admitted(Rule::TokenBucket(meter), &stream), rate, burst)?;
        keeps_to(&admitted(Rule::LeakyMeter(meter), &stream), rate, burst)?;
        let gcra = Gcra::at_rate(rate, burst);
        // Its own rate is what its interval says, which is rounded.
        keeps_to(&admitted(Rule::Gcra(gcra), &stream), 1_000_000_000u64.div_ceil(gcra.interval.as_micros()), burst)?;
        // nginx counts the burst beside the request, knows no costs, and its clock has whole milliseconds.
        let ones: Stream = stream.iter().map(|&(gap, _)| (gap / 1_000 * 1_000, 1)).collect();
        keeps_to(&admitted(Rule::NginxReq(ReqRate { rate, burst, delay: None }), &ones), rate, burst + 1)?;
    }

    #[test]
    fn the_bucket_of_the_stage_keeps_to_its_rate_too(rate in 1u64..50_000, burst in 1u32..20, stream in stream()) {
        let (mut now, mut bucket) = (Instant::START, TokenBucket::full(burst, Instant::START));
        let mut passed = Vec::new();
        for (gap, _) in stream {
            now += Duration::from_micros(gap);
            if bucket.admit(rate, burst, now) {
                passed.push((now, 1));
            }
        }
        keeps_to(&passed, rate, burst)?;
    }

    #[test]
    fn gcra_decides_as_a_token_bucket_where_its_interval_is_whole(rate in select(&WHOLE), burst in 1u32..20, stream in stream()) {
        let (bucket, gcra) = (Rule::TokenBucket(Meter { rate, burst }), Rule::Gcra(Gcra::at_rate(rate, burst)));
        let mut now = Instant(5_000_000);
        let (mut tokens, mut arrival) = (bucket.fresh(now), gcra.fresh(now));
        for (gap, cost) in stream {
            now += Duration::from_micros(gap);
            let (one, other) = (bucket.decide(&mut tokens, now, cost), gcra.decide(&mut arrival, now, cost));
            prop_assert_eq!(one.verdict, other.verdict, "{:?} and {:?}", one.seen, other.seen);
        }
    }

    #[test]
    fn whoever_waits_in_a_queue_leaves_evenly(ms in 1u64..3_000, room in 0u32..10, stream in stream()) {
        let queue = Rule::LeakyQueue(Queue { interval: Duration::from_millis(ms), room });
        let (mut now, mut state) = (Instant(5_000_000), queue.fresh(Instant(5_000_000)));
        let mut free = Instant::START;
        for (gap, cost) in stream {
            now += Duration::from_micros(gap);
            let decision = queue.decide(&mut state, now, cost);
            if decision.is_admitted() {
                let leaves = now + decision.delay();
                prop_assert!(leaves >= free, "{leaves} is before {free}");
                prop_assert!(decision.delay() <= Duration::from_millis(ms * u64::from(room + 2)), "nobody waits behind more than may wait");
                free = leaves + Duration::from_millis(ms * u64::from(cost));
            }
        }
    }

    #[test]
    fn proxies_that_share_at_once_or_own_their_keys_are_one_limiter(rate in 1u64..50_000, burst in 1u32..20, stream in stream()) {
        let rule = Rule::TokenBucket(Meter { rate, burst });
        let places = [Place::Sharded, Place::Shared { delay: Duration::ZERO }];
        let mut fleets = places.map(|place| Fleet::new(rule, place, 4, 1_000));
        let (mut now, mut one) = (Instant(5_000_000), Limiter::new(rule, 1_000));
        for (i, (gap, cost)) in stream.into_iter().enumerate() {
            now += Duration::from_micros(gap);
            let key = Key::of(&[i as u8 % 3]);
            let expect = one.decide(key, now, cost).verdict;
            for fleet in &mut fleets {
                prop_assert_eq!(fleet.decide(i % 4, key, now, cost).verdict, expect);
            }
        }
        for fleet in fleets {
            prop_assert_eq!((fleet.overshoot().beyond, fleet.overshoot().missed), (0, 0));
        }
    }

    #[test]
    fn a_sliding_log_never_lets_more_through_than_its_limit(limit in 1u32..30, ms in 1u64..5_000, stream in stream()) {
        let window = Window { limit, window: Duration::from_millis(ms) };
        prop_assert!(busiest(&admitted(Rule::SlidingLog(window), &stream), window.window) <= limit);
    }

    #[test]
    fn windows_never_let_twice_their_limit_through(limit in 1u32..30, ms in 1u64..5_000, stream in stream()) {
        let window = Window { limit, window: Duration::from_millis(ms) };
        prop_assert!(busiest(&admitted(Rule::FixedWindow(window), &stream), window.window) <= 2 * limit, "twice, and no more");
        prop_assert!(busiest(&admitted(Rule::SlidingWindow(window), &stream), window.window) < 2 * limit, "just under twice");
    }
}

/// A search that knows nothing of limiters: it moves requests about, and keeps what lets no less
/// through in the busiest window. The most that it found.
fn search(rule: Rule, window: Duration, requests: u64, rounds: u64) -> u32 {
    let length = window.as_micros();
    let draw = |round: u64, n: u32| Draw::new(11, Purpose::Generate, round, n);
    let run = |times: &[u64]| {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let mut last = 0;
        let gaps = sorted.iter().map(|&time| (time - core::mem::replace(&mut last, time), 1)).collect();
        busiest(&admitted(rule, &gaps), window)
    };
    let mut times: Vec<u64> = (0..requests).map(|i| draw(i, 0).below(3 * length)).collect();
    let mut best = run(&times);
    for round in 0..rounds {
        let mut tried = times.clone();
        // Some go elsewhere, all to one place or each to its own, or a little to and fro.
        let (many, place) = (1 + draw(round, 1).below(requests / 4), draw(round, 2).below(3 * length));
        for n in 0..many as u32 {
            let which = draw(round, 3).nth(n).below(requests) as usize;
            tried[which] = match draw(round, 4).below(3) {
                0 => place,
                1 => draw(round, 5).nth(n).below(3 * length),
                _ => (tried[which] + draw(round, 5).nth(n).below(length / 8)).saturating_sub(length / 16),
            };
        }
        let found = run(&tried);
        if found >= best {
            (best, times) = (found, tried);
        }
    }
    best
}

#[test]
fn a_search_finds_the_edge_of_a_fixed_window() {
    let window = Window { limit: 8, window: Duration::from_millis(1_000) };
    assert_eq!(search(Rule::FixedWindow(window), window.window, 48, 4_000), 16, "twice the limit");
}

#[test]
fn a_search_finds_how_far_a_sliding_counter_strays() {
    let window = Window { limit: 8, window: Duration::from_millis(1_000) };
    let found = search(Rule::SlidingWindow(window), window.window, 96, 12_000);
    assert!((14..16).contains(&found), "just under twice the limit of 8, and not {found}");
}

#[test]
fn a_search_finds_nothing_against_a_log() {
    let window = Window { limit: 8, window: Duration::from_millis(1_000) };
    assert_eq!(search(Rule::SlidingLog(window), window.window, 48, 4_000), 8);
}

#[test]
fn where_ticks_round_gcra_and_token_bucket_part() {
    // Three a second: a third of a second is no whole number of microseconds.
    let (bucket, gcra) = (Rule::TokenBucket(Meter { rate: 3_000, burst: 2 }), Rule::Gcra(Gcra::at_rate(3_000, 2)));
    let mut now = Instant::START;
    let (mut tokens, mut arrival) = (bucket.fresh(now), gcra.fresh(now));
    let mut parted = 0;
    for _ in 0..200 {
        // Always as soon as the first of the two says that it may come again.
        let (one, other) = (bucket.look(&tokens, now, 1), gcra.look(&arrival, now, 1));
        parted += u32::from(one.is_admitted() != other.is_admitted());
        bucket.decide(&mut tokens, now, 1);
        gcra.decide(&mut arrival, now, 1);
        let wait = |rule: &Rule, state| match rule.look(state, now, 1).verdict {
            Verdict::Reject { retry: Some(retry) } => retry,
            _ => Duration::ZERO,
        };
        now += wait(&bucket, &tokens).min(wait(&gcra, &arrival));
    }
    assert!(parted > 0, "the rounded interval is a third of a microsecond too short");
}
