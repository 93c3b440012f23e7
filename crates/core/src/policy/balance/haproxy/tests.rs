//! Sequences that are known, and what must hold whatever is done.

use proptest::collection::vec;
use proptest::prelude::*;

use super::hash::avalanche;
use super::*;
use crate::policy::balance::{Balancer, Done, Key, Label, Options, Peer};
use crate::policy::decision::{Decisions, Occasion, Standing};
use crate::rng::{Draw, Purpose};
use crate::time::{Duration, Instant};
use crate::world::NodeId;

fn config(method: Method, servers: Vec<ServerLine>) -> Config {
    Config { method, factor: 0, servers, all_backups: false, redispatch: false, fullconn: 1, queue_timeout: None }
}

fn lines(weights: &[u32]) -> Vec<ServerLine> {
    weights.iter().zip(1..).map(|(&weight, id)| ServerLine::new(id, weight)).collect()
}

fn arrival(hash: Option<u32>, nth: u64) -> Arrival {
    Arrival { ask: Ask { hash, avoid: None, draw: Draw::new(5, Purpose::Balance, nth, 0) }, class: 0, offset: 0 }
}

/// Who gets so many requests, one after the other: a, b, c …; `-` for nobody.
fn sequence(backend: &mut Backend, n: u64) -> String {
    let mut names = String::new();
    for nth in 0..n {
        let (ticket, placed) = backend.arrive(&arrival(None, nth));
        match placed {
            Placed::Served(server) => {
                names.push((b'a' + server as u8) as char);
                backend.finish(ticket);
            }
            _ => names.push('-'),
        }
    }
    names
}

fn check(method: Method, weights: &[u32], expect: &str) {
    let mut backend = Backend::new(config(method, lines(weights)));
    assert_eq!(sequence(&mut backend, expect.len() as u64), expect, "{method:?} {weights:?}");
}

/// As HAProxy 2.6.12 was seen to decide, from a fresh start.
#[test]
fn known_sequences() {
    check(Method::RoundRobin, &[1, 1, 1], "abcabcabc");
    check(Method::RoundRobin, &[3, 2, 1], "abacababacab");
    check(Method::RoundRobin, &[5, 1, 1], "aaabaacaaabaac");
    check(Method::RoundRobin, &[0, 1], "bbb");
    check(Method::StaticRoundRobin, &[3, 2, 1], "aababcaababc");
    check(Method::StaticRoundRobin, &[10, 20, 30], "acbcbcacbcbc");
    check(Method::LeastConn, &[1, 9], "ababab");
    check(Method::First, &[1, 9], "aaaa");
    check(Method::RoundRobin, &[], "-");
    check(Method::HashRing, &[0, 0], "-");
}

#[test]
fn the_first_backup_alone_or_all_of_them() {
    let mut servers = lines(&[1, 1, 1]);
    servers[1].backup = true;
    servers[2].backup = true;
    for method in [Method::RoundRobin, Method::StaticRoundRobin, Method::LeastConn, Method::HashRing] {
        let mut one = Backend::new(config(method, servers.clone()));
        let mut all = Backend::new(Config { all_backups: true, ..config(method, servers.clone()) });
        assert_eq!(sequence(&mut one, 2), "aa", "{method:?}");
        for backend in [&mut one, &mut all] {
            backend.set_state(0, AdminState::Maintenance);
        }
        assert_eq!(sequence(&mut one, 4), "bbbb", "{method:?}");
        let shared = sequence(&mut all, 32);
        assert!(shared.contains('b') && shared.contains('c'), "{method:?} {shared}");
        one.set_state(1, AdminState::Drain);
        assert_eq!(sequence(&mut one, 2), "cc", "{method:?}");
        one.set_state(0, AdminState::Ready);
        assert_eq!(sequence(&mut one, 2), "aa", "{method:?}");
    }
}

#[test]
fn a_static_algorithm_refuses_weights_that_a_dynamic_one_takes() {
    let set = |method, weight| Backend::new(config(method, lines(&[2, 4]))).set_weight(0, weight);
    assert_eq!(set(Method::StaticRoundRobin, NewWeight::Absolute(1)), Err(WeightRefused::Static));
    assert_eq!(set(Method::StaticRoundRobin, NewWeight::Percent(0)), Ok(()));
    assert_eq!(set(Method::HashMap, NewWeight::Percent(100)), Ok(()));
    assert_eq!(set(Method::HashRing, NewWeight::Percent(50)), Ok(()));
    assert_eq!(set(Method::RoundRobin, NewWeight::Absolute(257)), Err(WeightRefused::TooHigh(257)));
    assert!(WeightRefused::Static.to_string().contains("0% or 100%"));
}

#[test]
fn a_slow_start_goes_up_each_second() {
    let mut servers = lines(&[10, 10]);
    servers[0].slowstart = 4;
    let mut backend = Backend::new(config(Method::RoundRobin, servers));
    backend.advance(Instant(300_000));
    backend.set_state(0, AdminState::Maintenance);
    assert_eq!(backend.status(0), "MAINT");
    backend.set_state(0, AdminState::Ready);
    let weights: Vec<u32> = (0..5)
        .map(|second| {
            backend.advance(Instant(300_000 + second * 1_000_000));
            backend.weight(0)
        })
        .collect();
    assert_eq!(weights, [1, 4, 6, 9, 10]);
    assert_eq!(sequence(&mut backend, 20).matches('a').count(), 10);
}

/// Requests that are held by name, and what is told of them.
struct Held {
    backend: Backend,
    told: String,
}

impl Held {
    fn ask(&mut self, class: i32) -> Ticket {
        let (ticket, placed) = self.backend.arrive(&Arrival { class, ..arrival(None, 0) });
        self.told += &match placed {
            Placed::Served(server) => format!("{ticket}:{server} "),
            Placed::Queued(server) => format!("{ticket}?{server:?} "),
            Placed::NoServer | Placed::QueueFull => format!("{ticket}! "),
        };
        ticket
    }

    fn tell(&mut self) {
        for event in self.backend.events() {
            self.told += &match event {
                Event::Served(ticket, server) => format!("{ticket}:{server} "),
                Event::Refused(ticket) => format!("{ticket}! "),
            };
        }
    }
}

#[test]
fn who_waits_is_served_by_class_and_gives_up_in_time() {
    let mut servers = lines(&[1]);
    servers[0].maxconn = 1;
    let waits = Some(Duration::from_millis(500));
    let mut held =
        Held { backend: Backend::new(Config { queue_timeout: waits, ..config(Method::RoundRobin, servers) }), told: String::new() };
    let first = held.ask(0);
    held.ask(0);
    held.backend.advance(Instant(200_000));
    held.ask(-5);
    held.ask(5);
    held.backend.finish(first);
    held.tell();
    held.backend.advance(Instant(600_000));
    held.tell();
    held.backend.set_state(0, AdminState::Maintenance);
    held.ask(0);
    assert_eq!(held.told, "0:0 1?None 2?None 3?None 2:0 1! 1! ");
    assert_eq!((held.backend.present(), held.backend.served(0)), ((2, 1), 1));
    held.backend.set_maxconn(0, 2);
    held.backend.set_state(0, AdminState::Ready);
    held.tell();
    assert!(held.told.ends_with("1! 3:0 "), "{}", held.told);
}

#[test]
fn a_hash_waits_for_its_own_server_until_that_goes_away() {
    let mut servers = lines(&[1, 1]);
    servers.iter_mut().for_each(|server| (server.maxconn, server.maxqueue) = (1, 1));
    let mut backend = Backend::new(Config { redispatch: true, ..config(Method::HashMap, servers) });
    let placed: Vec<Placed> = (0..3).map(|nth| backend.arrive(&arrival(Some(1), nth)).1).collect();
    assert_eq!(placed, [Placed::Served(1), Placed::Queued(Some(1)), Placed::QueueFull]);
    backend.set_state(1, AdminState::Drain);
    assert_eq!(backend.events(), [Event::Served(1, 0)]);
    assert_eq!((backend.queued(1), backend.served(0), backend.status(1)), (0, 1, "DRAIN"));
}

#[test]
fn minconn_grows_with_the_load_of_the_backend() {
    let mut servers = lines(&[1]);
    (servers[0].minconn, servers[0].maxconn) = (1, 10);
    let mut backend = Backend::new(Config { fullconn: 20, ..config(Method::RoundRobin, servers) });
    let placed: Vec<bool> = (0..6).map(|nth| matches!(backend.arrive(&arrival(None, nth)).1, Placed::Served(_))).collect();
    // With n requests in the backend the server may have n / 2, and at least one.
    assert_eq!(placed, [true, false, false, false, false, false]);
    assert_eq!(backend.served(0), 1);
    backend.finish(0);
    assert_eq!(backend.served(0), 3);
}

fn method() -> impl Strategy<Value = Method> {
    prop::sample::select(KINDS.map(|(method, _)| method).to_vec())
}

fn server_line() -> impl Strategy<Value = ServerLine> {
    (0u32..=256, any::<bool>(), any::<bool>(), 0u32..4, 0u32..4, 0u32..3, 0u32..3).prop_map(
        |(weight, backup, disabled, maxconn, minconn, maxqueue, slowstart)| {
            let weight = if weight % 3 == 0 { weight } else { weight % 5 };
            ServerLine { id: 0, weight, backup, disabled, maxconn, minconn, maxqueue, slowstart }
        },
    )
}

/// The same way as a policy of a pool.
fn balancer(method: Method, servers: &[ServerLine]) -> Balancer {
    let kind = KINDS.into_iter().find(|(own, _)| *own == method).map_or_else(Default::default, |(_, kind)| kind);
    let member = |line: &ServerLine| {
        let mut peer = Peer::new(NodeId::default(), line.weight);
        (peer.id, peer.backup, peer.most_active) = (line.id, line.backup, line.maxconn);
        if line.disabled {
            peer.standing = Standing::Down;
        }
        (peer, Label::default())
    };
    Balancer::new(kind, Options::default(), servers.iter().map(member))
}

/// Picks once for a request with this key that has tried these in vain.
fn pick(pool: &mut Balancer, tried: &[u16]) -> Option<usize> {
    let (client, draw) = (std::net::IpAddr::from([192, 0, 2, 1]), Draw::new(1, Purpose::Balance, 0, 0));
    let ask = crate::policy::balance::Ask { client, key: Key::Client, draw, tried };
    pool.pick(&ask, &Occasion::default(), &mut Decisions::new(false))
}

#[test]
fn only_the_server_before_is_avoided_and_only_if_there_is_another() {
    for (method, _) in KINDS {
        let mut servers = lines(&[1, 1, 1]);
        servers[0].disabled = true;
        let mut pool = balancer(method, &servers);
        assert_eq!(pick(&mut pool, &[2]), Some(if method == Method::HashMap { 2 } else { 1 }), "a map knows one server: {method:?}");
        assert_eq!(pick(&mut pool, &[1, 2]), Some(if method == Method::HashMap { 2 } else { 1 }), "{method:?}");
        pool.set_standing(1, Standing::Down, Instant(0));
        assert_eq!(pick(&mut pool, &[2]), Some(2), "{method:?}");
    }
}

#[test]
fn backups_do_not_help_those_that_are_full() {
    for (method, _) in KINDS {
        let mut servers = lines(&[1, 1]);
        (servers[0].maxconn, servers[1].backup) = (1, true);
        let mut pool = balancer(method, &servers);
        assert_eq!(pick(&mut pool, &[]), Some(0), "{method:?}");
        pool.begin(0, Instant(0));
        assert_eq!(pick(&mut pool, &[]), None, "{method:?}");
        pool.set_standing(0, Standing::Down, Instant(0));
        assert_eq!(pick(&mut pool, &[]), Some(1), "{method:?}");
    }
}

proptest! {
    /// A pool that follows one of HAProxy's ways decides as a backend does, whether or not its
    /// decisions are written down, until somebody would have to wait.
    #[test]
    fn a_pool_decides_as_a_backend(
        method in method(),
        mut servers in vec(server_line(), 1..6),
        written in any::<bool>(),
        steps in vec((0u8..7, 0u32..6, any::<u32>()), 1..80),
    ) {
        for (server, id) in servers.iter_mut().zip(1..) {
            *server = ServerLine { id, minconn: 0, maxqueue: 0, slowstart: 0, ..*server };
        }
        let count = servers.len();
        let mut pool = balancer(method, &servers);
        let mut decisions = Decisions::new(written);
        // What a hash type is when no function is named.
        let hashing = Hashing { avalanche: method == Method::HashRing, ..Hashing::default() };
        let mut backend = Backend::new(config(method, servers));
        let mut held: Vec<(Ticket, usize)> = Vec::new();
        for (nth, (what, who, number)) in steps.into_iter().enumerate() {
            let (index, at) = (who as usize % count, Instant(0));
            match what {
                0..=2 => {
                    let text = number.to_be_bytes();
                    let key = if number % 4 > 0 { Key::Text(&text) } else { Key::Nothing };
                    let hash = (number % 4 > 0).then(|| hashing.bytes(&text));
                    let tried: Vec<u16> = (number % 5 == 0).then_some(index as u16).into_iter().collect();
                    let arrival = arrival(hash, nth as u64);
                    let ask = super::Ask { avoid: tried.first().map(|&i| u32::from(i)), ..arrival.ask };
                    let (ticket, placed) = backend.arrive(&Arrival { ask, ..arrival });
                    let client = std::net::IpAddr::from([192, 0, 2, 1]);
                    let asked = crate::policy::balance::Ask { client, key, draw: ask.draw, tried: &tried };
                    let picked = pool.pick(&asked, &Occasion::default(), &mut decisions);
                    match placed {
                        Placed::Served(server) => {
                            prop_assert_eq!(picked, Some(server as usize));
                            pool.begin(server as usize, at);
                            held.push((ticket, server as usize));
                        }
                        _ => {
                            prop_assert_eq!(picked, None);
                            break;
                        }
                    }
                }
                3 | 4 if !held.is_empty() => {
                    let (ticket, server) = held.swap_remove(number as usize % held.len());
                    backend.finish(ticket);
                    pool.end(server, Done::default(), at);
                }
                5 if method.is_dynamic() => {
                    let weight = number % 257;
                    // In maintenance HAProxy keeps a weight for later; here it counts at once.
                    if backend.status(index as u32) != "MAINT" {
                        prop_assert!(backend.set_weight(index as u32, NewWeight::Absolute(weight)).is_ok());
                        pool.set_weight(index, weight, at);
                    }
                }
                6 => {
                    let (wish, standing) = [
                        (AdminState::Ready, Standing::Eligible),
                        (AdminState::Drain, Standing::Draining),
                        (AdminState::Maintenance, Standing::Down),
                    ][number as usize % 3];
                    backend.set_state(index as u32, wish);
                    pool.set_standing(index, standing, at);
                }
                _ => {}
            }
        }
    }

    /// Over as many requests as the weights add up to, again and again, everyone gets its weight.
    #[test]
    fn weights_are_honoured(weights in vec(1u32..12, 1..6), rounds in 1u64..4) {
        let total: u32 = weights.iter().sum();
        for (method, off) in [(Method::StaticRoundRobin, 0), (Method::RoundRobin, 1)] {
            let mut backend = Backend::new(config(method, lines(&weights)));
            let picks = sequence(&mut backend, u64::from(total) * rounds);
            for (i, &weight) in weights.iter().enumerate() {
                let got = picks.matches((b'a' + i as u8) as char).count() as i64;
                prop_assert!((got - i64::from(weight) * rounds as i64).abs() <= off, "{method:?} {weights:?} {picks}");
            }
        }
    }

    /// Without a server, exactly its keys move, and it had about its share of them.
    #[test]
    fn a_ring_moves_only_the_keys_of_the_one_that_leaves(n in 2u32..20, gone in 0u32..20) {
        let gone = gone % n;
        let owners = |backend: &mut Backend| -> Vec<u32> {
            (0..2_000u32).map(|key| match backend.arrive(&arrival(Some(avalanche(key)), 0)) {
                (ticket, Placed::Served(server)) => { backend.finish(ticket); server }
                other => panic!("{other:?}"),
            }).collect()
        };
        let mut backend = Backend::new(config(Method::HashRing, lines(&vec![8; n as usize])));
        let before = owners(&mut backend);
        backend.set_state(gone, AdminState::Maintenance);
        let after = owners(&mut backend);
        let moved = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        prop_assert!(before.iter().zip(&after).all(|(&a, &b)| a == b || a == gone));
        prop_assert_eq!(moved, before.iter().filter(|&&server| server == gone).count());
        // 128 points each leave a share that is within half of what it should be.
        let share = 2_000 / n as usize;
        prop_assert!((share / 2..share * 2).contains(&moved), "{} of 2000 moved with {} servers", moved, n);
        backend.set_state(gone, AdminState::Ready);
        prop_assert_eq!(owners(&mut backend), before);
    }

    /// With a bound, nobody gets more than its part of what there is.
    #[test]
    fn a_bounded_ring_keeps_the_bound(n in 1usize..8, factor in 101u32..200, keys in vec(any::<u32>(), 1..100)) {
        let mut backend = Backend::new(Config { factor, ..config(Method::HashRing, lines(&vec![3; n])) });
        for (nth, key) in keys.into_iter().enumerate() {
            backend.arrive(&arrival(Some(key), nth as u64));
            let most = ((nth as u32 + 1) * factor).div_ceil(100).div_ceil(n as u32);
            let loads: Vec<u32> = (0..n as u32).map(|i| backend.served(i)).collect();
            prop_assert!(loads.iter().all(|&load| load <= most), "{loads:?} with at most {most}");
        }
    }

    /// Whatever is done: every request is in one place, no limit is broken by balancing, time
    /// and the admin socket panic nowhere, and what is idle and usable serves who comes.
    #[test]
    fn nothing_is_lost_whatever_is_done(
        method in method(),
        mut servers in vec(server_line(), 0..6),
        (all_backups, redispatch, factor, waits) in (any::<bool>(), any::<bool>(), prop::sample::select(vec![0, 125]), any::<bool>()),
        steps in vec((0u8..9, 0u32..8, any::<u32>()), 1..120),
    ) {
        servers.iter_mut().zip(1..).for_each(|(server, id)| server.id = id);
        let count = servers.len() as u32;
        let queue_timeout = waits.then_some(Duration::from_millis(1_500));
        let mut backend = Backend::new(Config { method, factor, servers, all_backups, redispatch, fullconn: 7, queue_timeout });
        let (mut serving, mut waiting): (Vec<Ticket>, Vec<Ticket>) = (Vec::new(), Vec::new());
        let mut now = 0;
        for (nth, (what, who, number)) in steps.into_iter().enumerate() {
            let server = who.checked_rem(count);
            match (what, server) {
                (0..=2, _) => {
                    let hash = (number % 4 > 0).then_some(number);
                    let avoid = server.filter(|_| number % 3 == 0);
                    let ask = Ask { hash, avoid, ..arrival(None, nth as u64).ask };
                    let (ticket, placed) = backend.arrive(&Arrival { ask, class: (number % 3) as i32, offset: 0 });
                    match placed {
                        Placed::Served(_) => serving.push(ticket),
                        Placed::Queued(_) => waiting.push(ticket),
                        Placed::NoServer => prop_assert_eq!(backend.usable(), 0),
                        Placed::QueueFull => {}
                    }
                }
                (3 | 4, _) if !serving.is_empty() => backend.finish(serving.swap_remove(number as usize % serving.len())),
                (5, Some(server)) => {
                    let _ = backend.set_weight(server, if number % 2 == 0 { NewWeight::Absolute(number % 300) } else { NewWeight::Percent(number % 200) });
                }
                (6, Some(server)) => {
                    let wish = [AdminState::Ready, AdminState::Drain, AdminState::Maintenance][number as usize % 3];
                    backend.set_state(server, wish);
                }
                (7, Some(server)) => backend.set_maxconn(server, number % 5),
                (8, _) => {
                    now += u64::from(number % 3_000_000);
                    backend.advance(Instant(now));
                }
                _ => {}
            }
            for event in backend.events() {
                let (Event::Served(ticket, _) | Event::Refused(ticket)) = event;
                let at = waiting.iter().position(|&t| t == ticket);
                prop_assert!(at.is_some(), "{event:?} of one that did not wait");
                waiting.swap_remove(at.unwrap_or(0));
                if matches!(event, Event::Served(..)) {
                    serving.push(ticket);
                }
            }
            let served: u32 = (0..count).map(|i| backend.served(i)).sum();
            let queued: u32 = (0..count).map(|i| backend.queued(i)).sum();
            prop_assert_eq!(served as usize, serving.len());
            prop_assert_eq!(backend.present(), ((serving.len() + waiting.len()) as u32, waiting.len() as u32 - queued));
        }
    }
}
