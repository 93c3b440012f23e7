//! Users who ask a resolver where to go, and what a dead site costs them.

use hopscope_core::scenario::{Measure, Value};
use hopscope_core::world::{Event, FlightKind, Outcome, Why};
use hopscope_tests::Run;

const KILL_AT: u64 = 20_000;

/// A run with a time to live and a time that users keep addresses at least, in milliseconds, whose
/// near site dies at 20 s.
fn killed(ttl: f64, hold: f64) -> Run {
    let run = Run::of("names").set("ttl", Value::Number(ttl)).set("hold", Value::Number(hold));
    run.until_ms(KILL_AT).fault("kill", true).until_ms(60_000)
}

/// When each request failed, in milliseconds, and why.
fn failures(run: &Run) -> Vec<(f64, Why)> {
    let users = run.node("web");
    let ends = run.timeline.log().records().iter().filter_map(|r| match r.event {
        Event::Ended { flight, node, outcome: Outcome::Failed, why, .. } if flight == r.root && node == users => {
            Some((r.at.as_millis_f64(), why))
        }
        _ => None,
    });
    ends.collect()
}

/// How many questions the resolver was asked.
fn questions(run: &Run) -> u64 {
    run.timeline.world().metrics().fates(FlightKind::Dns).started
}

fn served_by(run: &Run, name: &str) -> f64 {
    run.timeline.world().measure(&Measure::Received { node: name.to_owned() })
}

#[test]
fn an_answer_is_kept_for_as_long_as_it_says() {
    let run = Run::of("names").until_ms(60_000);
    assert!(failures(&run).is_empty());
    assert_eq!(served_by(&run, "far"), 0.0, "who only helps out is not named");
    // Each of ten users asks twice a second and keeps an answer for ten: they ask again at about
    // 0, 10, 20, 30, 40 and 50 s.
    let asked = questions(&run);
    assert!((50..=60).contains(&asked), "{asked}");
    let never = Run::of("names").set("ttl", Value::Number(0.0)).until_ms(60_000);
    let requests = never.timeline.world().metrics().fates(FlightKind::Client).started;
    assert_eq!(questions(&never), requests, "what may not be kept is asked for each time");
}

#[test]
fn failing_over_takes_the_checks_and_the_rest_of_the_ttl() {
    let run = killed(10_000.0, 0.0);
    let failed = failures(&run);
    let (first, last) = (failed.first().expect("some").0, failed.last().expect("some").0);
    assert!(failed.iter().all(|&(_, why)| why == Why::Reset), "{failed:?}");
    assert!(first >= KILL_AT as f64);
    // Two checks, 1 s apart, then the answers that were given before run out.
    let noticed =
        run.timeline.log().records().iter().find(|r| matches!(r.event, Event::WentDown { .. })).expect("noticed").at.as_millis_f64();
    assert!(noticed <= KILL_AT as f64 + 2_100.0, "{noticed}");
    assert!(last > noticed && last <= noticed + 10_000.0 + 20.0, "{last} after {noticed}");
    assert!(served_by(&run, "far") > 0.0);
}

#[test]
fn who_keeps_addresses_for_longer_fails_for_longer() {
    let [obeys, short, holds] =
        [(10_000.0, 0.0), (1_000.0, 0.0), (10_000.0, 60_000.0)].map(|(ttl, hold)| failures(&killed(ttl, hold)).len());
    assert!(short < obeys && obeys < holds, "{short} {obeys} {holds}");
    // Nobody asks again within the minute: every request after the death of the near site fails.
    let run = killed(10_000.0, 60_000.0);
    let after =
        run.timeline.log().records().iter().filter(|r| matches!(r.event, Event::Arrived { .. }) && r.at.as_millis_f64() >= KILL_AT as f64);
    let still_there = after.count() as i64 - holds as i64;
    assert!((0..=1).contains(&still_there), "{still_there}");
}

#[test]
fn a_name_with_nobody_behind_it_leads_nowhere() {
    let run = Run::of("names").set("ttl", Value::Number(0.0)).until_ms(5_000).fault("kill", true).fault("both", true).until_ms(20_000);
    let late: Vec<_> = failures(&run).into_iter().filter(|&(at, _)| at > 8_000.0).collect();
    assert!(!late.is_empty() && late.iter().all(|&(_, why)| why == Why::UnknownHost), "{late:?}");
}

#[test]
fn a_resolver_that_is_not_heard_is_asked_again() {
    let run =
        Run::of("names").set("ttl", Value::Number(1_000.0)).until_ms(10_000).fault("loss", true).until_ms(22_000).fault("loss", false);
    let run = run.until_ms(40_000);
    let failed = failures(&run);
    assert!(failed.iter().all(|&(_, why)| why == Why::TimedOut), "they wait for the address until their own time is up: {failed:?}");
    assert!(!failed.iter().any(|&(at, _)| at > 29_000.0), "then somebody asks again: {failed:?}");
    assert!(failed.len() > 100, "{}", failed.len());
}
