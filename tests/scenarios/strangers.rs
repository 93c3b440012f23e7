//! Servers that know their users, and what it costs when one is sent elsewhere.

use hopscope_core::scenario::{Measure, Value};
use hopscope_core::world::{Event, FlightKind};
use hopscope_tests::Run;

/// How many requests came to another server than the last one of their user.
fn strangers(run: &Run) -> f64 {
    run.timeline.world().measure(&Measure::Cold { node: None })
}

/// The same for each second of the run under a policy.
fn by_second(policy: &str) -> [f64; 4] {
    let run = Run::of("strangers").set("policy", Value::Choice(policy.to_owned()));
    let mut before = 0.0;
    let mut run = Some(run);
    [1_000, 2_000, 3_000, 4_000].map(|ms| {
        let now = run.take().map(|r| r.until_ms(ms - 1));
        let all = now.as_ref().map_or(0.0, strangers);
        run = now;
        let added = all - before;
        before = all;
        added
    })
}

#[test]
fn on_a_ring_only_the_keys_of_one_server_move() {
    let [first, listed, unlisted, marked] = by_second("ketama");
    assert_eq!(first, 0.0, "everybody has come to one server only");
    assert!((5.0..=21.0).contains(&listed), "about a third of 40 moves to the new one: {listed}");
    assert!((listed - unlisted).abs() <= 1.0, "they move back: {unlisted}");
    assert!((10.0..=30.0).contains(&marked), "about half has to leave b2: {marked}");
}

#[test]
fn with_modulo_most_keys_move_unless_the_list_stays_as_long() {
    let [_, listed, unlisted, marked] = by_second("hash_modulo");
    assert!(listed > 21.0 && unlisted > 21.0, "two thirds move: {listed}, {unlisted}");
    assert!((10.0..=30.0).contains(&marked), "one marked down keeps its place in the count: {marked}");
}

#[test]
fn a_user_is_known_at_one_server_at_a_time() {
    let run = Run::of("strangers").set("policy", Value::Choice("round_robin".into())).until_ms(900);
    let served = run.fates(FlightKind::Client)[1];
    assert!(strangers(&run) > served as f64 * 0.25, "by turns a user meets another server again and again");
}

#[test]
fn a_stranger_takes_longer_and_the_log_says_so() {
    let run = Run::of("strangers").until_ms(1_990);
    let records = run.timeline.log().records();
    let root = records.iter().find_map(|r| matches!(r.event, Event::Cold { .. }).then_some(r.root)).expect("somebody has moved");
    let story = run.story(root);
    let at = |what: &str| story.iter().find(|line| line.ends_with(what)).and_then(|line| line.split(' ').next()?.parse::<u64>().ok());
    assert_eq!(at("answers 200").zip(at("works")).map(|(end, start)| end - start), Some(12), "{story:?}");
    assert!(story.iter().any(|line| line.ends_with("does not know the user")), "{story:?}");
}

#[test]
fn a_killed_server_forgets() {
    let run = Run::of("strangers").until_ms(990);
    let before = strangers(&run);
    let again = run.fault("kill-b1", true).fault("kill-b1", false).until_ms(999);
    assert_eq!(strangers(&again), before, "nobody has asked yet");
    let later = strangers(&again.until_ms(1_990)) - before;
    let alone = by_second("ketama")[1];
    assert!(later > alone + 5.0, "those of b1 are strangers again: {later} and not {alone}");
}
