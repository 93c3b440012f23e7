use super::*;
use crate::rng::{Draw, Purpose};

fn peers(spec: &[(u32, u32)]) -> Vec<Peer> {
    let peer = |(i, &(weight, active)): (usize, &(u32, u32))| Peer { active, ..Peer::new(NodeId::new(i), weight) };
    spec.iter().enumerate().map(peer).collect()
}

/// Picks once per address and names the members a, b, c …; each pick is checked against its record.
fn picks(kind: PolicyKind, peers: &[Peer], addresses: &[&str], tried: &[u16]) -> String {
    let mut balancer = Balancer::new(kind, Options::default(), peers.iter().map(|&peer| (peer, Label::default())));
    let mut decisions = Decisions::new(true);
    let mut names = String::new();
    for (n, address) in addresses.iter().enumerate() {
        let ask = Ask {
            client: address.parse().expect("an address in a test"),
            key: Key::Client,
            draw: Draw::new(1, Purpose::Balance, n as u64, 0),
            tried,
        };
        let picked = balancer.pick(&ask, &Occasion::default(), &mut decisions);
        names.push(picked.map_or('-', |i| (b'a' + i as u8) as char));
        let decision = decisions.all().last().expect("every pick is written down");
        assert_eq!(decision.chosen, picked.map(|i| peers[i].node));
        assert_eq!(decisions.candidates(decision).len(), peers.len().min(16));
    }
    names
}

fn check(kind: PolicyKind, members: &[(u32, u32)], n: usize, expect: &str) {
    assert_eq!(picks(kind, &peers(members), &vec!["192.0.2.1"; n], &[]), expect, "{kind:?} {members:?}");
}

#[test]
fn turns_and_weights() {
    check(PolicyKind::RoundRobin, &[(5, 0), (1, 0), (1, 0)], 7, "abcabca");
    check(PolicyKind::WeightedRoundRobin, &[(5, 0), (1, 0), (1, 0)], 8, "aabacaaa");
    check(PolicyKind::WeightedRoundRobin, &[(1, 0), (1, 0)], 4, "abab");
    check(PolicyKind::LeastConn, &[(1, 3), (1, 1), (1, 2)], 2, "bb");
    check(PolicyKind::LeastConn, &[(1, 2), (3, 4), (1, 2)], 1, "b");
    check(PolicyKind::LeastConn, &[(1, 0), (1, 0), (1, 5)], 4, "abab");
    check(PolicyKind::RoundRobin, &[], 1, "-");
    check(PolicyKind::LeastConn, &[], 1, "-");
    check(PolicyKind::IpHash, &[], 1, "-");
    check(PolicyKind::Random, &[], 1, "-");
}

#[test]
fn an_address_keeps_its_server_with_its_whole_network() {
    let three = peers(&[(1, 0), (1, 0), (1, 0)]);
    let same = picks(PolicyKind::IpHash, &three, &["203.0.113.1", "203.0.113.77", "203.0.113.255"], &[]);
    assert!(same == "aaa" || same == "bbb" || same == "ccc", "{same}");
    let many: Vec<String> = (0..60).map(|i| format!("10.{i}.7.1")).collect();
    let spread = picks(PolicyKind::IpHash, &three, &many.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    assert!(["a", "b", "c"].iter().all(|n| spread.matches(n).count() > 10), "{spread}");
}

#[test]
fn tried_and_absent_members_are_passed_over() {
    let mut three = peers(&[(1, 0), (1, 0), (1, 0)]);
    three[0].standing = Standing::Absent;
    for kind in [PolicyKind::RoundRobin, PolicyKind::WeightedRoundRobin, PolicyKind::LeastConn, PolicyKind::IpHash, PolicyKind::Random] {
        assert_eq!(picks(kind, &three, &["192.0.2.1"; 3], &[1]), "ccc", "{kind:?}");
        assert_eq!(picks(kind, &three, &["192.0.2.1"], &[1, 2]), "-", "{kind:?}");
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
        assert_eq!(counters.iter().map(|c| c.current).collect::<Vec<_>>(), expect);
        assert_eq!(counters.iter().map(|c| c.effective).collect::<Vec<_>>(), [5, 1, 1]);
    }
}

#[test]
fn a_picture_of_a_ring_leads_from_the_key_to_the_server() {
    let mut balancer = addressed(PolicyKind::Ketama, &[1, 2, 1]);
    for n in 0..200 {
        if n == 100 {
            balancer.set_standing(1, Standing::Down, Instant::START);
        }
        let picked = pick(&mut balancer, &format!("/page/{n}")).expect("somebody can be picked");
        let Some(Picture::Ring(ring)) = balancer.picture() else { panic!("ketama has a ring") };
        let key = ring.looked_up.expect("a key was looked up");
        let owner = |step: u32| ring.points[(key.first + step) as usize % ring.points.len()].1 as usize;
        assert_eq!(owner(key.passed), picked);
        assert!((0..key.passed).all(|step| owner(step) == 1 && n >= 100), "only a server that is down is passed");
        let first = ring.points.partition_point(|&(place, _)| place < key.place) % ring.points.len();
        assert_eq!(first, key.first as usize);
        assert_eq!(ring.points.len(), 640);
        assert!(ring.shares(3)[1] > 400, "twice the weight, about half of the ring");
    }
    assert!(addressed(PolicyKind::RoundRobin, &[1]).picture().is_none());
}
