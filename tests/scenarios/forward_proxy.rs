//! A forward proxy goes where the request's host says, as far as it is allowed to.

use hopscope_core::world::FlightKind;
use hopscope_tests::Run;

#[test]
fn it_forwards_by_name() {
    let run = Run::ended("forward-proxy");
    assert_eq!(run.path(run.request_of("office")), "office > proxy > news < proxy < office");
    assert!(run.picks("proxy").is_empty(), "nothing is balanced: the name says it all");
}

#[test]
fn it_refuses_what_is_forbidden_before_anyone_is_asked() {
    let run = Run::ended("forward-proxy");
    assert_eq!(
        run.story(run.request_of("bored")),
        [
            "100 bored sends",
            "101 proxy receives",
            "101 proxy policy answers",
            "101 proxy answers 403",
            "102 bored has 403",
            "102 bored is refused: Denied"
        ]
    );
    assert_eq!(run.timeline.world().metrics().connections(run.node("games")), 0);
}

#[test]
fn it_says_so_when_it_knows_no_such_host() {
    let run = Run::ended("forward-proxy");
    assert_eq!(run.story(run.request_of("typist"))[4..], ["201 proxy answers 502", "202 typist has 502", "202 typist fails: UnknownHost"]);
    assert_eq!(run.fates(FlightKind::Client), [3, 1, 1, 1]);
}
