use super::super::decision::{Reason, Seen, Verdict};
use super::*;
use crate::time::{Duration, Instant};

const fn at(ms: u64) -> Instant {
    Instant(ms * 1_000)
}

fn text(key: &str) -> Option<Text> {
    Text::of(key.as_bytes(), 65_535)
}

fn zone(rate: u64, bytes: usize) -> ReqZone {
    ReqZone::new(rate, bytes, 4)
}

fn quiet(_: usize, _: Lookup) {}

#[test]
fn no_zone_is_charged_unless_all_accept() {
    let mut zones = [zone(1_000, 1 << 20), zone(1_000, 1 << 20)];
    let limits = [ReqLimit { zone: 0, burst: 9, delay: None }, ReqLimit { zone: 1, burst: 1, delay: None }];
    let mut ask = |key: &str, ms: u64| {
        let mut heard = Vec::new();
        let decision = decide(&mut zones, &limits, &[text(key), text("all")], at(ms), &mut |_, said| heard.push(said));
        (decision.verdict == Verdict::Accept, heard)
    };
    assert_eq!(ask("a", 0), (true, vec![Lookup::Accepted(0), Lookup::Counted(0)]));
    assert_eq!(ask("a", 0), (true, vec![Lookup::Accepted(1_000), Lookup::Counted(1_000)]));
    for _ in 0..2 {
        assert_eq!(ask("a", 0), (false, vec![Lookup::Accepted(2_000), Lookup::Over(2_000)]), "a was not charged");
    }
    // A new key that is turned away is known, and its first request still has no excess.
    assert_eq!(ask("b", 0), (false, vec![Lookup::Accepted(0), Lookup::Over(2_000)]));
    assert_eq!(ask("b", 2_000), (true, vec![Lookup::Accepted(0), Lookup::Counted(0)]));
    assert_eq!(zones.map(|zone| zone.keys()), [2, 1]);
}

#[test]
fn it_waits_for_the_zone_that_asks_for_longest() {
    let mut zones = [zone(1_000, 1 << 20), zone(10_000, 1 << 20)];
    let limits = [ReqLimit { zone: 0, burst: 9, delay: Some(0) }, ReqLimit { zone: 1, burst: 9, delay: Some(0) }];
    let mut ask = |ms: u64| decide(&mut zones, &limits, &[text("a"), text("all")], at(ms), &mut quiet);
    assert_eq!(ask(0).verdict, Verdict::Accept);
    let second = ask(100);
    assert_eq!((second.delay(), second.seen), (Duration::from_millis(900), Seen::Excess(900, 9_000)));
}

#[test]
fn nobody_without_a_key_is_counted() {
    let mut zones = [zone(1_000, 1 << 20)];
    let limits = [ReqLimit { zone: 0, burst: 0, delay: Some(0) }];
    let mut ask = |text| decide(&mut zones, &limits, &[text], at(0), &mut quiet).reason;
    assert_eq!([text(""), None, Text::of(&[b'x'; 70_000], 65_535)].map(&mut ask), [Reason::NoKey; 3]);
    assert_eq!([text("x"), text("x")].map(&mut ask), [Reason::Room, Reason::BucketFull]);
}

#[test]
fn a_full_zone_lets_go_of_the_key_not_used_for_longest() {
    // Seven pages: six for keys, one for the message that the zone writes when it is full.
    let most = 6 * 32 - 1;
    let mut zones = [zone(1_000, 32 << 10)];
    let limits = [ReqLimit { zone: 0, burst: 0, delay: Some(0) }];
    let mut ask = |n: u32, ms: u64| decide(&mut zones, &limits, &[text(&format!("key {n}"))], at(ms), &mut quiet).is_admitted();
    assert!((0..most).all(|n| ask(n, 0)));
    assert!(!ask(0, 0), "it is known, and used now");
    assert!(ask(most, 0), "there is room for another");
    assert!(!ask(0, 0), "0 was not the oldest");
    assert!(ask(1, 0), "1 was, and is new again");
    assert!(!ask(3, 0));
    assert_eq!(zones[0].keys(), most);
}

#[test]
fn idle_keys_go_two_at_a_time() {
    let mut zones = [zone(1_000, 1 << 20)];
    let limits = [ReqLimit { zone: 0, burst: 0, delay: Some(0) }];
    let mut ask = |n: u32, ms: u64| {
        decide(&mut zones, &limits, &[text(&format!("{n}"))], at(ms), &mut quiet);
        zones[0].keys()
    };
    assert_eq!([0, 1, 2, 3].map(|n| ask(n, 0)), [1, 2, 3, 4]);
    assert_eq!(ask(4, 59_999), 5, "nobody has been idle for a minute");
    assert_eq!(ask(5, 60_000), 4, "0 and 1 are gone, and 5 is new");
    assert_eq!(ask(6, 60_000), 3, "2 and 3 are gone");
    assert_eq!(ask(7, 60_000), 4);
}

#[test]
fn a_request_counts_in_all_zones_or_in_none() {
    let mut zones = [ConnZone::new(1 << 20, 4), ConnZone::new(1 << 20, 4)];
    let limits = [ConnLimit { zone: 0, most: 2 }, ConnLimit { zone: 1, most: 3 }];
    let texts = |key| [text(key), text("all")];
    let reasons: Vec<Reason> = ["a", "a", "a", "b", "b"].iter().map(|key| open(&mut zones, &limits, &texts(key), at(0)).reason).collect();
    assert_eq!(reasons, [Reason::Room, Reason::Room, Reason::TooManyOpen, Reason::Room, Reason::TooManyOpen]);
    let counts =
        |zones: &[ConnZone; 2]| [("a", 0), ("b", 0), ("all", 1)].map(|(key, zone)| text(key).map_or(0, |text| zones[zone].count(text)));
    assert_eq!(counts(&zones), [2, 1, 3]);
    close(&mut zones, &limits, &texts("a"));
    assert_eq!(open(&mut zones, &limits, &texts("b"), at(0)).reason, Reason::Room);
    assert_eq!(counts(&zones), [1, 2, 3]);
}

#[test]
fn a_full_zone_of_open_requests_turns_new_keys_away() {
    let mut zones = [ConnZone::new(32 << 10, 4)];
    let limits = [ConnLimit { zone: 0, most: 2 }];
    let opened = (0..1_000).take_while(|n| open(&mut zones, &limits, &[text(&format!("{n}"))], at(0)).is_admitted()).count();
    // Keys of three letters fit into 64 bytes; the zone's own head takes one place, its message a page.
    assert_eq!(opened, 6 * 64 - 1);
    assert_eq!(open(&mut zones, &limits, &[text("new")], at(0)).reason, Reason::NoMemory);
    assert_eq!(open(&mut zones, &limits, &[text("7")], at(0)).reason, Reason::Room, "a known key needs no room");
}
