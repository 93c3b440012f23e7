//! One connection: HTTP/1.1 carries one request at a time, HTTP/2 many at once.

use hopscope_core::world::Event;
use hopscope_tests::Run;

fn served_at(run: &Run, group: &str) -> Vec<String> {
    run.requests_of(group).iter().filter_map(|&root| run.story(root).last().cloned()).collect()
}

#[test]
fn http1_waits_for_the_connection() {
    let run = Run::ended("multiplexing");
    assert_eq!(served_at(&run, "one"), ["62 one is served", "114 one is served", "166 one is served"]);
    let one = run.node("one");
    assert_eq!(run.count(|event| matches!(event, Event::Held { node, .. } if *node == one)), 2);
}

#[test]
fn http2_sends_them_all_at_once() {
    let run = Run::ended("multiplexing");
    assert_eq!(served_at(&run, "two"), ["552 two is served"; 3]);
    assert_eq!(run.timeline.world().metrics().connections(run.node("server")), 2, "one connection each");
    let streams = Run::of("multiplexing").until_ms(510);
    let most = streams.timeline.world().connections().iter().map(|conn| conn.streams).max();
    assert_eq!(most, Some(3));
}
