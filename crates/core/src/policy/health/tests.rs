use proptest::prelude::*;

use super::*;
use crate::rng::{Draw, Purpose};
use crate::time::Instant;

const OK: Finding = Finding::Status(200);
const BAD: Finding = Finding::Status(503);

fn draw(n: u64) -> Draw {
    Draw::new(3, Purpose::Probe, n, 0)
}

fn monitor(rules: Rules) -> Monitor {
    Monitor::new(rules, 4)
}

fn row(fall: u32, rise: u32) -> Rules {
    Rules { checks: Some(Checks { fall, rise, ..Checks::default() }), ..Rules::default() }
}

/// After which of the checks (`+` good, `-` failed) a member turned, and why.
fn check(rules: Rules, findings: &str, expect: &[(usize, Reason)]) {
    let mut monitor = monitor(rules);
    let mut turns = Vec::new();
    for (i, c) in findings.chars().enumerate() {
        let turn = monitor.checked(1, if c == '+' { OK } else { BAD }, Instant(i as u64));
        turns.extend(turn.map(|turn| (i + 1, turn.reason)));
        assert_eq!(turn.map(|turn| turn.up), turn.map(|_| monitor.is_up(1)));
    }
    assert_eq!(turns, expect, "{findings}");
}

#[test]
fn checks_in_a_row_decide() {
    check(row(3, 2), "+--+--+---", &[(10, Reason::ChecksFailed(3))]);
    check(row(3, 2), "+---+-++", &[(4, Reason::ChecksFailed(3)), (8, Reason::ChecksPassed(2))]);
    check(row(1, 1), "+-+", &[(2, Reason::ChecksFailed(1)), (3, Reason::ChecksPassed(1))]);
    check(row(3, 2), "-", &[(1, Reason::FirstCheckFailed)]);
    check(row(3, 2), "-++---", &[(1, Reason::FirstCheckFailed), (3, Reason::ChecksPassed(2)), (6, Reason::ChecksFailed(3))]);
}

fn window(window: u32, threshold: u32, initial: Option<u32>) -> Rules {
    Rules { checks: Some(Checks { window, threshold, initial, ..Checks::default() }), ..Rules::default() }
}

#[test]
fn the_last_checks_decide() {
    check(window(5, 3, Some(3)), "++-----+++", &[(5, Reason::TooFewGood(2, 5)), (10, Reason::EnoughGood(3, 5))]);
    check(window(8, 3, None), "+", &[(1, Reason::EnoughGood(3, 8))]);
    check(window(8, 3, None), "-+", &[(2, Reason::EnoughGood(3, 8))]);
    check(window(4, 2, Some(9)), "-", &[]);
    check(window(64, 64, Some(64)), "+", &[]);
    assert!(!monitor(window(8, 3, Some(2))).is_up(0), "it begins as sick as it is told to");
}

#[test]
fn the_pause_is_that_of_the_state() {
    let second = Duration::from_secs;
    let checks = Checks { interval: second(4), fast_interval: second(1), down_interval: second(9), ..Checks::default() };
    let mut monitor = monitor(Rules { checks: Some(checks), ..Rules::default() });
    let mut pauses = Vec::new();
    for finding in [OK, BAD, BAD, BAD, BAD, OK, OK] {
        monitor.checked(0, finding, Instant::START);
        pauses.push(monitor.pause(0, draw(0)).as_micros() / 1_000_000);
    }
    assert_eq!(pauses, [4, 1, 1, 9, 9, 1, 4]);
    assert_eq!([0, 1, 2, 3].map(|i| monitor.first(i)), [0, 1, 2, 3].map(second), "spread over one interval");
}

#[test]
fn jitter_stays_within_its_share() {
    let checks = Checks { interval: Duration::from_millis(1_000), jitter_percent: 20, ..Checks::default() };
    let mut monitor = monitor(Rules { checks: Some(checks), ..Rules::default() });
    monitor.checked(0, OK, Instant::START);
    let pauses: Vec<u64> = (0..2_000).map(|i| monitor.pause(0, draw(i)).as_micros() / 1_000).collect();
    assert!(pauses.iter().all(|ms| (800..=1_200).contains(ms)));
    assert!(pauses.iter().any(|&ms| ms < 810) && pauses.iter().any(|&ms| ms > 1_190));
}

/// How many errors in a row, each followed by the same, take a member down that was found well.
fn errors_until_down(action: Action, errors: u32, fall: u32) -> Option<u32> {
    let rules = Rules { observe: Some(Observe { errors, action }), ..row(fall, 2) };
    let mut monitor = monitor(rules);
    monitor.checked(2, OK, Instant::START);
    (1..=1_000).find(|_| monitor.answered(2, BAD, Instant::START).1.is_some_and(|turn| turn.reason == Reason::Errors(errors)))
}

#[test]
fn errors_of_requests_count_as_their_action_says() {
    assert_eq!(errors_until_down(Action::MarkDown, 3, 5), Some(3));
    assert_eq!(errors_until_down(Action::FailCheck, 3, 5), Some(15));
    assert_eq!(errors_until_down(Action::SuddenDeath, 3, 5), Some(6));
    assert_eq!(errors_until_down(Action::Fastinter, 3, 5), None);
}

#[test]
fn a_good_answer_or_check_begins_the_count_anew() {
    let rules = Rules { observe: Some(Observe { errors: 2, action: Action::MarkDown }), ..row(3, 2) };
    let mut monitor = monitor(rules);
    for finding in [BAD, OK, BAD, Finding::Status(501), Finding::Reset] {
        assert_eq!(monitor.answered(0, finding, Instant::START), (false, None), "{finding:?}");
    }
    monitor.checked(0, OK, Instant::START);
    assert_eq!(monitor.answered(0, Finding::TimedOut, Instant::START), (false, None));
    assert!(monitor.answered(0, Finding::Refused, Instant::START).1.is_some());
}

fn outlier(max_percent: u32) -> Rules {
    let outlier = Outlier { errors: 2, window: Duration::from_secs(10), eject: Duration::from_secs(30), max_percent };
    Rules { outlier: Some(outlier), ..Rules::default() }
}

/// Two errors for a member; for how long it is out.
fn fail(monitor: &mut Monitor, member: usize, at: u64) -> Option<u64> {
    let now = Instant(at * 1_000_000);
    monitor.answered(member, BAD, now);
    match monitor.answered(member, BAD, now).1?.reason {
        Reason::Ejected(2, span) => Some(span.as_micros() / 1_000_000),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_ejection_takes_longer_each_time() {
    let mut monitor = monitor(outlier(50));
    assert_eq!(fail(&mut monitor, 0, 5), Some(35), "30 s, and until it is looked next");
    assert_eq!(monitor.let_back(Instant(39_000_000)), None);
    assert_eq!(monitor.back_at(), Some(Instant(40_000_000)));
    let back = Turn { member: 0, up: true, reason: Reason::EjectionOver };
    assert_eq!(monitor.let_back(Instant(40_000_000)), Some(back));
    assert_eq!(fail(&mut monitor, 0, 41), Some(69), "60 s");
    monitor.let_back(Instant(110_000_000));
    assert_eq!(fail(&mut monitor, 0, 140), Some(30), "three looks found it well, so it begins anew");
}

#[test]
fn no_more_than_a_share_is_out_at_once() {
    let mut monitor = monitor(outlier(50));
    let out = [0, 1, 2, 3].map(|i| fail(&mut monitor, i, 1).is_some());
    assert_eq!(out, [true, true, false, false]);
    let mut few = self::monitor(outlier(10));
    assert_eq!([0, 1].map(|i| fail(&mut few, i, 1).is_some()), [true, false], "one goes while none is out");
}

#[test]
fn in_panic_all_are_used() {
    let mut monitor = monitor(Rules { panic_percent: 50, ..row(1, 1) });
    let panics: Vec<bool> = (0..4)
        .map(|i| {
            monitor.checked(i, BAD, Instant::START);
            monitor.panics(|_| true)
        })
        .collect();
    assert_eq!(panics, [false, false, true, true], "half of them is enough");
    assert!(!monitor.panics(|_| false), "nobody is no reason to panic");
}

proptest! {
    /// Whatever comes, a turn is told exactly when the answer to "can it be used" changes.
    #[test]
    fn turns_are_told_once(
        fall in 1u32..5, rise in 1u32..5, window in 0u32..9, threshold in 1u32..6, errors in 1u32..4,
        happened in proptest::collection::vec((0usize..3, any::<bool>(), 0u8..3, 0u64..20), 0..200),
    ) {
        let checks = Checks { fall, rise, window, threshold, ..Checks::default() };
        let rules = Rules {
            checks: Some(checks),
            observe: Some(Observe { errors: errors + 1, action: Action::MarkDown }),
            outlier: Some(Outlier { errors, max_percent: 60, ..Outlier::default() }),
            panic_percent: 0,
        };
        let mut monitor = Monitor::new(rules, 3);
        let mut now = Instant::START;
        for (member, good, what, passed) in happened {
            now += Duration::from_secs(passed);
            let before: Vec<bool> = (0..3).map(|i| monitor.is_up(i)).collect();
            let finding = if good { OK } else { BAD };
            let mut turns = Vec::new();
            match what {
                0 => turns.extend(monitor.checked(member, finding, now)),
                1 => turns.extend(monitor.answered(member, finding, now).1),
                _ => while let Some(turn) = monitor.let_back(now) { turns.push(turn) },
            }
            for (i, &before) in before.iter().enumerate() {
                let told: Vec<bool> = turns.iter().filter(|turn| turn.member == i).map(|turn| turn.up).collect();
                let expect = if before == monitor.is_up(i) { vec![] } else { vec![monitor.is_up(i)] };
                prop_assert_eq!(told, expect, "member {}", i);
            }
        }
    }
}
