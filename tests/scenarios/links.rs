//! Links that lose, links that are narrow, and links that are long.

use hopscope_core::world::{Event, FlightKind};
use hopscope_tests::Run;

fn sent(run: &Run, group: &str) -> usize {
    run.requests_of(group).len()
}

#[test]
fn tcp_sends_again_what_a_datagram_loses() {
    let run = Run::ended("links");
    let tcp = run.node("tcp");
    let resent = run.count(|event| matches!(event, Event::Resent { from, to, .. } if *from == tcp || *to == tcp));
    let messages = 2 * sent(&run, "tcp");
    assert!((messages / 20..messages / 6).contains(&resent), "about a tenth of {messages} is lost, {resent} were");
    let group = run.timeline.world().metrics().group(tcp);
    assert_eq!((group.failed, group.rejected), (0, 0), "TCP gets everything through");

    let udp = run.node("udp");
    let dropped = run.count(|event| matches!(event, Event::Dropped { from, .. } if *from == udp));
    assert!((sent(&run, "udp") / 20..sent(&run, "udp") / 6).contains(&dropped), "{dropped}");
    assert_eq!(run.fates(FlightKind::Datagram)[3], dropped as u64, "and a lost datagram is gone");
}

#[test]
fn a_lost_message_costs_tcp_a_timeout_of_200_ms() {
    let run = Run::ended("links");
    let lost_on_the_way_there = run.requests_of("tcp").into_iter().find(|&root| {
        let story = run.story(root);
        story.iter().filter(|line| line.contains("resent")).count() == 1 && story.iter().any(|line| line.ends_with("resent tcp to lossy"))
    });
    let story = run.story(lost_on_the_way_there.expect("in a minute one request is lost just once"));
    let at = |words: &str| {
        let line = story.iter().find(|line| line.ends_with(words)).expect("the request goes on");
        line.split(' ').next().and_then(|ms| ms.parse::<f64>().ok()).expect("a line begins with its time")
    };
    assert_eq!(at("lossy receives") - at("tcp sends"), 205.0, "{story:?}");
}

#[test]
fn on_a_narrow_link_a_message_waits_for_the_one_before_it() {
    let run = Run::ended("links");
    let films: Vec<_> = run.requests_of("download").iter().map(|&root| run.story(root).last().cloned()).collect();
    // There: 1 ms each for 1,000 bytes at 8 Mbit/s. Back: a megabyte takes one second, and the second waits.
    assert_eq!(films, [Some("2021 download is served".into()), Some("3021 download is served".into())]);
}

#[test]
fn distance_gives_latency() {
    let run = Run::ended("distance");
    let took = run.timeline.world().metrics().latency().mean().as_millis_f64();
    assert!((148.0..156.0).contains(&took), "Tokyo to New York and back takes about 150 ms, not {took}");
}
