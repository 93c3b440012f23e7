use super::*;
use crate::rng::{Draw, Purpose};
use crate::time::Duration;

fn member(i: usize, weight: u32, active: u32) -> (Peer, Label) {
    let label = Label { name: format!("b{i}").into(), address: format!("10.0.0.{i}:80").into() };
    (Peer { active, ..Peer::new(NodeId::new(i), weight) }, label)
}

/// A balancer with members of these weights and active requests.
fn balancer(kind: PolicyKind, options: Options, members: &[(u32, u32)]) -> Balancer {
    Balancer::new(kind, options, members.iter().enumerate().map(|(i, &(weight, active))| member(i, weight, active)))
}

/// A balancer with a clock, whose members are called a, b, c ….
struct Run {
    balancer: Balancer,
    decisions: Decisions,
    now: Instant,
}

impl Run {
    fn new(kind: PolicyKind, options: Options, members: &[(u32, u32)]) -> Self {
        Self { balancer: balancer(kind, options, members), decisions: Decisions::new(true), now: Instant::START }
    }

    fn pick(&mut self, address: &str, tried: &[u16]) -> Option<usize> {
        let n = self.decisions.len() as u64;
        let client = address.parse().expect("an address in a test");
        let ask = Ask { client, key: Key::Client, draw: Draw::new(1, Purpose::Balance, n, 0), tried };
        let picked = self.balancer.pick(&ask, &Occasion { at: self.now, ..Occasion::default() }, &mut self.decisions);
        let decision = self.decisions.all().last().expect("every pick is written down");
        assert_eq!(decision.chosen, picked.map(NodeId::new));
        picked
    }

    /// Picks once per address.
    fn picks(&mut self, addresses: &[&str], tried: &[u16]) -> String {
        addresses.iter().map(|address| name(self.pick(address, tried))).collect()
    }

    /// Picks so many times, and holds each request or lets it end at once, with so many bytes.
    fn send(&mut self, n: usize, held: bool, bytes: u64) -> String {
        let send = |_| {
            let picked = self.pick("192.0.2.1", &[]);
            if let Some(index) = picked {
                self.balancer.begin(index, self.now);
                if !held {
                    self.balancer.end(index, Done { bytes, ..Done::default() }, self.now);
                }
            }
            name(picked)
        };
        (0..n).map(send).collect()
    }

    /// A request to one member that took so long.
    fn took(&mut self, index: usize, ms: u64) {
        self.balancer.begin(index, self.now);
        self.balancer.end(index, Done { took: Duration::from_millis(ms), ..Done::default() }, self.now);
    }

    fn wait(&mut self, ms: u64) {
        self.now = Instant(self.now.0 + ms * 1_000);
    }
}

fn name(picked: Option<usize>) -> char {
    picked.map_or('-', |i| (b'a' + i as u8) as char)
}

fn check(kind: PolicyKind, members: &[(u32, u32)], n: usize, expect: &str) {
    let mut run = Run::new(kind, Options::default(), members);
    assert_eq!(run.picks(&vec!["192.0.2.1"; n], &[]), expect, "{kind:?} {members:?}");
}

#[test]
fn turns_and_weights() {
    check(PolicyKind::RoundRobin, &[(5, 0), (1, 0), (1, 0)], 7, "abcabca");
    check(PolicyKind::WeightedRoundRobin, &[(5, 0), (1, 0), (1, 0)], 8, "aabacaaa");
    check(PolicyKind::WeightedRoundRobin, &[(1, 0), (1, 0)], 4, "abab");
    check(PolicyKind::NaiveWeighted, &[(5, 0), (1, 0), (1, 0)], 8, "aaaaabca");
    check(PolicyKind::SlowStart, &[(5, 0), (1, 0), (1, 0)], 8, "aabacaaa");
    check(PolicyKind::LeastConn, &[(1, 3), (1, 1), (1, 2)], 2, "bb");
    check(PolicyKind::LeastConn, &[(1, 2), (3, 4), (1, 2)], 1, "b");
    check(PolicyKind::LeastConn, &[(1, 0), (1, 0), (1, 5)], 4, "abab");
    check(PolicyKind::LeastBusy, &[(1, 2), (3, 1), (3, 1)], 4, "bcbc");
    check(PolicyKind::First, &[(1, 9), (1, 0)], 3, "aaa");
}

#[test]
fn nobody_can_be_picked_among_nobody() {
    for &kind in PolicyKind::ALL {
        check(kind, &[], 1, "-");
        check(kind, &[(0, 0), (0, 0)], 2, "--");
    }
}

#[test]
fn an_address_keeps_its_server_with_its_whole_network() {
    let three = [(1, 0), (1, 0), (1, 0)];
    let mut run = Run::new(PolicyKind::IpHash, Options::default(), &three);
    let same = run.picks(&["203.0.113.1", "203.0.113.77", "203.0.113.255"], &[]);
    assert!(same == "aaa" || same == "bbb" || same == "ccc", "{same}");
}

#[test]
fn keys_stay_where_they_are_and_spread() {
    let hashes =
        [PolicyKind::IpHash, PolicyKind::HashModulo, PolicyKind::Ketama, PolicyKind::HashFraction, PolicyKind::Shard, PolicyKind::Maglev];
    for kind in hashes.into_iter().chain([PolicyKind::RingHash, PolicyKind::BoundedLoad]) {
        let mut run = Run::new(kind, Options::default(), &[(1, 0), (1, 0), (1, 0)]);
        let many: Vec<String> = (0..60).map(|i| format!("10.{i}.7.1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let spread = run.picks(&many, &[]);
        assert!(["a", "b", "c"].iter().all(|n| spread.matches(n).count() > 8), "{kind:?} {spread}");
        assert_eq!(run.picks(&many, &[]), spread, "{kind:?}");
    }
}

/// HAProxy keeps a request only from the server that it was with last, and does not turn to backups
/// when the others are full: requests wait. Its own tests hold that.
fn others() -> impl Iterator<Item = PolicyKind> {
    PolicyKind::ALL.iter().copied().filter(|kind| !haproxy::KINDS.iter().any(|(_, own)| own == kind))
}

#[test]
fn tried_and_absent_members_are_passed_over() {
    for kind in others() {
        let mut run = Run::new(kind, Options::default(), &[(1, 0), (1, 0), (1, 0)]);
        run.balancer.set_standing(0, Standing::Absent, run.now);
        assert_eq!(run.picks(&["192.0.2.1"; 3], &[1]), "ccc", "{kind:?}");
        assert_eq!(run.picks(&["192.0.2.1"], &[1, 2]), "-", "{kind:?}");
    }
}

#[test]
fn backups_wait_and_the_full_are_passed_over() {
    for kind in others() {
        let mut run = Run::new(kind, Options::default(), &[]);
        let (backup, label) = member(1, 1, 0);
        run.balancer.list(Peer { most_active: 1, ..member(0, 1, 0).0 }, member(0, 1, 0).1, run.now);
        run.balancer.list(Peer { backup: true, ..backup }, label, run.now);
        assert_eq!(run.send(2, true, 0), "ab", "{kind:?}");
        run.balancer.end(0, Done::default(), run.now);
        assert_eq!(run.send(1, true, 0), "a", "{kind:?}");
    }
}

/// The example in NetScaler's documentation of the method.
#[test]
fn the_least_response_time_is_netscalers() {
    let mut run = Run::new(PolicyKind::LeastTime, Options::default(), &[(1, 3), (1, 7), (1, 0)]);
    for (index, ms) in [(0, 2_000), (1, 1_000), (2, 2_000)] {
        run.took(index, ms);
    }
    assert_eq!(run.send(6, true, 0), "cccacb");
}

/// The example in NetScaler's documentation of the method.
#[test]
fn the_least_bandwidth_is_netscalers() {
    let mut run = Run::new(PolicyKind::LeastBandwidth, Options::default(), &[(1, 0), (1, 0), (1, 0)]);
    for (index, megabits) in [(0, 3), (1, 5), (2, 2)] {
        run.balancer.begin(index, run.now);
        run.balancer.end(index, Done { bytes: megabits * 125_000, ..Done::default() }, run.now);
    }
    assert_eq!(run.send(8, false, 125_000), "cacacabc");
    run.wait(15_000);
    assert_eq!(run.send(3, false, 1), "abc", "after 14 seconds everything is forgotten");
}

#[test]
fn a_slow_answer_counts_at_once_and_is_forgotten_slowly() {
    let mut run = Run::new(PolicyKind::PeakEwma, Options::default(), &[(1, 0), (1, 0)]);
    run.took(0, 10);
    run.took(1, 20);
    assert_eq!(run.picks(&["192.0.2.1"; 20], &[]), "a".repeat(20));
    run.took(0, 500);
    assert_eq!(run.picks(&["192.0.2.1"; 20], &[]), "b".repeat(20));
    // The decay time is 10 s: 500 ms falls below 20 ms in about 32 s, if the other stays fresh.
    run.wait(40_000);
    run.took(1, 20);
    assert_eq!(run.picks(&["192.0.2.1"; 20], &[]), "a".repeat(20));
}

#[test]
fn a_member_that_is_back_gets_its_share_little_by_little() {
    let options = Options { window: Duration::from_secs(10), ..Options::default() };
    let mut run = Run::new(PolicyKind::SlowStart, options, &[(1, 0), (1, 0)]);
    run.balancer.set_standing(1, Standing::Down, run.now);
    assert_eq!(run.send(3, false, 0), "aaa");
    run.balancer.set_standing(1, Standing::Eligible, run.now);
    for weight in [0.1, 0.4, 0.8, 1.0, 1.0] {
        let (got, expect) = (run.send(110, false, 0).matches('b').count() as f64, 110.0 * weight / (1.0 + weight));
        assert!((got - expect).abs() <= 1.0, "{got} of 110 with {weight} of its weight, not {expect}");
        run.wait(4_000);
    }
}

#[test]
fn one_hot_key_cannot_drown_one_member() {
    let mut run = Run::new(PolicyKind::BoundedLoad, Options::default(), &[(1, 0), (1, 0), (1, 0), (1, 0)]);
    let held = run.send(40, true, 0);
    let counts = ["a", "b", "c", "d"].map(|n| held.matches(n).count());
    assert!(counts.iter().all(|&n| n <= 13), "{counts:?}: 1.25 times the average of 40 is 12.5");
    assert!(counts.iter().any(|&n| n >= 12), "{counts:?}: the key's own member is filled first");
}

#[test]
fn a_cookie_names_its_member_and_a_forged_one_nobody() {
    let options = Options { secret: "s".into(), ..Options::default() };
    let mut balancer = balancer(PolicyKind::Cookie, options, &[(1, 0), (1, 0), (1, 0)]);
    let mut decisions = Decisions::new(true);
    for index in 0..3 {
        let value = caddy::cookie_value("s", &format!("10.0.0.{index}:80"));
        let forged = value.replace(|c: char| c.is_ascii_digit(), "0");
        for (value, reason) in [(value, Reason::Cookie), (forged, Reason::Drawn), ("x".repeat(64), Reason::Drawn)] {
            let client = std::net::Ipv4Addr::LOCALHOST.into();
            let draw = Draw::new(1, Purpose::Balance, 0, 0);
            let ask = Ask { client, key: Key::Text(value.as_bytes()), draw, tried: &[] };
            let picked = balancer.pick(&ask, &Occasion::default(), &mut decisions);
            let told = decisions.all().last().map(|d| d.reason);
            assert_eq!(told, Some(reason));
            assert!(reason == Reason::Drawn || picked == Some(index));
        }
    }
}

/// A balancer of these weights, with addresses of its own.
fn addressed(kind: PolicyKind, weights: &[u32]) -> Balancer {
    let member = |(i, &weight): (usize, &u32)| {
        let label = Label { name: format!("b{i}").into(), address: format!("10.0.0.{i}:80").into() };
        (Peer::new(NodeId::new(i), weight), label)
    };
    Balancer::new(kind, Options::default(), weights.iter().enumerate().map(member))
}

fn pick(balancer: &mut Balancer, key: &str) -> Option<usize> {
    let ask = Ask { client: [192, 0, 2, 1].into(), key: Key::Text(key.as_bytes()), draw: Draw::new(1, Purpose::Balance, 0, 0), tried: &[] };
    balancer.pick(&ask, &Occasion::default(), &mut Decisions::new(false))
}

#[test]
fn a_picture_of_counters_is_what_the_round_left() {
    let mut balancer = addressed(PolicyKind::WeightedRoundRobin, &[5, 1, 1]);
    // As in the message of the change that brought this algorithm to nginx (1.3.1, 2012).
    for expect in [[-2, 1, 1], [-4, 2, 2], [1, -4, 3], [-1, -3, 4], [4, -2, -2], [2, -1, -1], [0, 0, 0]] {
        pick(&mut balancer, "");
        let Some(Picture::Counters(counters)) = balancer.picture() else { panic!("smooth weighted round robin has counters") };
        assert_eq!(counters, expect);
    }
}

#[test]
fn a_picture_of_a_ring_leads_from_the_key_to_the_server() {
    for kind in [PolicyKind::Ketama, PolicyKind::RingHash, PolicyKind::Shard, PolicyKind::BoundedLoad] {
        let mut balancer = addressed(kind, &[1, 2, 1]);
        for n in 0..200 {
            if n == 100 {
                balancer.set_standing(1, Standing::Down, Instant::START);
            }
            let picked = pick(&mut balancer, &format!("/page/{n}")).expect("somebody can be picked");
            let Some(Picture::Ring(ring)) = balancer.picture() else { panic!("{kind:?} has a ring") };
            let key = ring.looked_up.expect("a key was looked up");
            let owner = |step: u32| ring.points[(key.first + step) as usize % ring.points.len()].1;
            assert_eq!(owner(key.passed), picked, "{kind:?}");
            assert!((0..key.passed).all(|step| owner(step) == 1 && n >= 100), "only a server that is down is passed");
            let next = ring.points.partition_point(|&(place, _)| place < key.place) % ring.points.len();
            let open = kind == PolicyKind::Shard && next == 0 && key.first as usize == ring.points.len() - 1;
            assert!(next == key.first as usize || open, "{kind:?}: {key:?}");
            if n < 100 {
                assert!(ring.shares(3)[1] > 400, "twice the weight, about half of the ring: {kind:?}");
            }
        }
    }
    assert!(addressed(PolicyKind::RoundRobin, &[1]).picture().is_none());
}

#[test]
fn a_picture_of_a_table_has_the_picked_server_in_the_slot_of_the_record() {
    let options = Options { size: 31, ..Options::default() };
    let members =
        |n: usize| (0..n).map(|i| (Peer::new(NodeId::new(i), 1), Label { name: "".into(), address: format!("10.0.0.{i}:80").into() }));
    let mut balancer = Balancer::new(PolicyKind::Maglev, options, members(3));
    for n in 0..50 {
        let mut decisions = Decisions::new(true);
        let key = format!("/page/{n}");
        let ask =
            Ask { client: [192, 0, 2, 1].into(), key: Key::Text(key.as_bytes()), draw: Draw::new(1, Purpose::Balance, 0, 0), tried: &[] };
        let picked = balancer.pick(&ask, &Occasion::default(), &mut decisions);
        let Some(Picture::Table(slots)) = balancer.picture() else { panic!("Maglev has a table") };
        let Reason::TableSlot(slot) = decisions.all()[0].reason else { panic!("Maglev decides by a slot") };
        assert_eq!((slots.len(), Some(slots[slot as usize] as usize)), (31, picked));
    }
}
