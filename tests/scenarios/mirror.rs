//! A mirrored copy is a flight of its own that nobody waits for.

use hopscope_core::world::FlightKind;
use hopscope_tests::Run;

#[test]
fn the_user_does_not_feel_the_copy() {
    let run = Run::ended("mirror");
    let second = run.requests_of("web")[1];
    assert_eq!(
        run.story(second),
        [
            "200 web sends",
            "201 proxy receives",
            "201 proxy copy lets through",
            "201 proxy copies to shadow",
            "201 proxy picks app",
            "202 shadow receives",
            "202 shadow works",
            "202 app receives",
            "202 app works",
            "212 app answers 200",
            "213 proxy has 200",
            "213 proxy is served",
            "213 proxy answers 200",
            "214 web has 200",
            "214 web is served",
            "302 shadow answers 200",
            "303 proxy has 200",
            "303 proxy is served",
        ]
    );
    assert_eq!(run.fates(FlightKind::Mirror), [2, 2, 0, 0]);
    assert_eq!(run.fates(FlightKind::Client), [2, 2, 0, 0]);
}

#[test]
fn a_dead_shadow_fails_the_copies_alone() {
    let run = Run::of("mirror").fault("kill-shadow", true).to_the_end();
    assert_eq!(run.fates(FlightKind::Mirror), [2, 0, 0, 2]);
    assert_eq!(run.fates(FlightKind::Client), [2, 2, 0, 0]);
}
