//! Datagrams have no connection; a switch delivers one to many.

use hopscope_core::world::{Event, FlightKind};
use hopscope_tests::Run;

#[test]
fn a_datagram_needs_no_connection_and_no_answer() {
    let run = Run::ended("datagram");
    assert_eq!(run.story(run.request_of("sensor")), ["10 sensor sends", "12 collector receives", "12 sensor is served"]);
    assert_eq!(
        run.story(run.request_of("stub")),
        [
            "20 stub sends",
            "22 collector receives",
            "22 collector works",
            "27 collector answers 200",
            "29 stub has 200",
            "29 stub is served"
        ]
    );
    let opened = |event: &Event| matches!(event, Event::Dialed { .. } | Event::Accepted { .. } | Event::Connected { .. });
    assert_eq!(run.count(opened), 0, "nobody opens a connection for a datagram");
    assert_eq!(run.fates(FlightKind::Datagram), [2, 2, 0, 0]);
}

#[test]
fn a_broadcast_reaches_everyone_attached() {
    let run = Run::ended("broadcast");
    assert_eq!(
        run.story(run.request_of("caller")),
        [
            "10 caller sends",
            "11 switch receives",
            "11 switch copies to h1",
            "11 switch copies to h2",
            "11 switch copies to h3",
            "11 caller is served",
            "12 h1 receives",
            "12 switch is served",
            "12 h2 receives",
            "12 switch is served",
            "15 h3 receives",
            "15 switch is served",
        ]
    );
    assert_eq!(run.fates(FlightKind::Datagram), [4, 4, 0, 0], "the one sent and a copy for each receiver");
}

#[test]
fn a_multicast_reaches_the_group_and_no_one_else() {
    let run = Run::ended("multicast");
    let received = |name: &str| run.timeline.world().metrics().received(run.node(name));
    assert_eq!(["h1", "h2", "h3", "h4"].map(received), [1, 1, 0, 1]);
    assert_eq!(run.path(run.request_of("ticker")), "ticker > switch > h1 > h2 > h4");
}
