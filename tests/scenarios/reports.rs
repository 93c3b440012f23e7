//! A balancer that knows only from time to time what its servers have in hand.

use hopscope_core::scenario::Value;
use hopscope_tests::Run;

/// How many of these picks fell on the one picked most.
fn most(picks: &[String]) -> usize {
    let times = |name: &String| picks.iter().filter(|p| *p == name).count();
    picks.iter().map(times).max().unwrap_or(0)
}

#[test]
fn between_two_reports_everybody_is_sent_to_the_same_one() {
    let picks = Run::ended("reports").picks("lb");
    // The report at 100 ms finds least at b3, and it stays so until the next.
    let second = &picks[10..19];
    assert_eq!(most(second), second.len(), "{picks:?}");
}

#[test]
fn who_counts_for_itself_spreads_them() {
    let run = Run::of("reports").set("reports", Value::Number(0.0)).to_the_end();
    let picks = run.picks("lb");
    let second = &picks[10..19];
    assert!(most(second) < second.len(), "{picks:?}");
}
