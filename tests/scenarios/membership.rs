//! A server added and one removed while the run goes on.

use hopscope_core::policy::decision::Standing;
use hopscope_core::world::FlightKind;
use hopscope_tests::Run;

#[test]
fn who_joins_gets_requests_and_who_leaves_gets_no_more() {
    let run = Run::ended("membership");
    assert_eq!(
        run.picks("lb"),
        [
            "b1", "b2", "b1", "b2", "b1", "b2", // two servers until 310 ms
            "b3", "b1", "b2", "b3", "b1", "b2", // three until 610 ms
            "b3", "b2", "b3", "b2", "b3", "b2", "b3", // then b2 and b3
        ]
    );
}

#[test]
fn who_leaves_finishes_what_it_has() {
    let run = Run::ended("membership");
    let late = run.requests_of("web")[10];
    let story = run.story(late);
    assert!(story.contains(&"554 b1 works".to_owned()) || story.contains(&"552 b1 works".to_owned()), "{story:?}");
    assert!(story.contains(&"632 b1 answers 200".to_owned()), "b1 left at 610 ms, and yet: {story:?}");
    assert_eq!(run.fates(FlightKind::Client)[2..], [0, 0], "nobody's request is lost");
}

#[test]
fn the_record_says_why_one_was_passed_over() {
    let run = Run::ended("membership");
    let decisions = &run.timeline.log().decisions;
    let standing = |n: usize, name: &str| {
        let decision = &decisions.all()[n];
        decisions.candidates(decision).iter().find(|c| c.node == run.node(name)).map(|c| c.standing)
    };
    assert_eq!(standing(0, "b3"), Some(Standing::Absent));
    assert_eq!(standing(6, "b3"), Some(Standing::Eligible));
    assert_eq!(standing(18, "b1"), Some(Standing::Draining));
}
