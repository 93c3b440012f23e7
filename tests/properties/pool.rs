//! What holds for a pool of upstream connections, whatever is asked of it.

use std::collections::{BTreeMap, VecDeque};

use hopscope_core::policy::pool::haproxy::{HttpReuse, Mode};
use hopscope_core::policy::pool::{Answer, Ask, Expired, Order, Pool, Release, Rules, Sharing};
use hopscope_core::time::{Duration, Instant};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::config;

/// What is done to a pool, each after so many milliseconds.
#[derive(Clone, Debug)]
enum Act {
    Ask { member: u32, client: u32 },
    Answer { which: Index, reusable: bool },
    Break { which: Index },
    GiveUp { which: Index },
    Limit { max_idle: u32 },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0u32..3, 0u32..4).prop_map(|(member, client)| Act::Ask { member, client }),
        6 => (any::<Index>(), prop::bool::weighted(0.9)).prop_map(|(which, reusable)| Act::Answer { which, reusable }),
        1 => any::<Index>().prop_map(|which| Act::Break { which }),
        1 => any::<Index>().prop_map(|which| Act::GiveUp { which }),
        1 => (0u32..4).prop_map(|max_idle| Act::Limit { max_idle }),
    ]
}

fn ms(range: core::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    prop_oneof![Just(Duration::ZERO), range.prop_map(Duration::from_millis)]
}

fn rules() -> impl Strategy<Value = Rules> {
    let modes = [Mode::Never, Mode::Safe, Mode::Aggressive, Mode::Always];
    let http = (select(modes.to_vec()), 0u32..3, ms(1..40))
        .prop_map(|(mode, low, purge_delay)| Sharing::Http(HttpReuse { low, purge_delay, ..HttpReuse::new(mode) }));
    let sharing = prop_oneof![3 => Just(Sharing::Member), 2 => Just(Sharing::Cache), 1 => http];
    let order = select(vec![Order::Lifo, Order::Fifo]);
    let limits = (0u32..4, 0u32..4, 0u32..4, 0u32..4);
    (sharing, order, limits, ms(1..40), ms(1..80), ms(1..40)).prop_map(|(sharing, order, counts, idle_timeout, lifetime, wait_timeout)| {
        let (max_idle, max_requests, max_connections, max_waiting) = counts;
        Rules { sharing, order, max_idle, idle_timeout, lifetime, max_requests, max_connections, max_waiting, wait_timeout }
    })
}

/// What the pool was told and has said, kept apart from it.
struct Told {
    pool: Pool,
    now: Instant,
    conns: u32,
    requests: u32,
    /// Who has which connection: its member, how many requests it has carried, when it was opened.
    open: BTreeMap<u32, (u32, u32, Instant)>,
    busy: Vec<u32>,
    /// Idle ones with the moment since when, in the order in which they came back.
    idle: Vec<(u32, Instant)>,
    waiting: VecDeque<(u32, u32)>,
}

impl Told {
    fn act(&mut self, act: &Act) {
        match act {
            Act::Ask { member, client } => {
                self.requests += 1;
                let ask = Ask { request: self.requests, member: *member, client: *client, first: self.requests.is_multiple_of(2) };
                let (answer, _) = self.pool.ask(&ask, self.now);
                self.answered(&ask, answer);
            }
            Act::Answer { which, reusable } if !self.busy.is_empty() => self.release(self.busy[which.index(self.busy.len())], *reusable),
            Act::Break { which } if !self.open.is_empty() => {
                let conn = *which.get(&self.open.keys().copied().collect::<Vec<_>>());
                self.pool.closed(conn);
                self.gone(conn);
            }
            Act::GiveUp { which } if !self.waiting.is_empty() => {
                let (request, _) = self.waiting.remove(which.index(self.waiting.len())).expect("it is there");
                self.pool.withdraw(request);
            }
            Act::Limit { max_idle } => self.pool.set_rules(Rules { max_idle: *max_idle, ..*self.pool.rules() }),
            _ => {}
        }
        self.expire();
        self.hand_out();
    }

    fn answered(&mut self, ask: &Ask<u32>, answer: Answer<u32>) {
        let rules = *self.pool.rules();
        match answer {
            Answer::Reuse(conn) => self.reuse(conn, ask),
            Answer::Open => {
                self.conns += 1;
                self.pool.opened(self.conns, ask, self.now);
                self.open.insert(self.conns, (ask.member, 1, self.now));
                self.busy.push(self.conns);
            }
            Answer::Wait => {
                assert!(rules.max_connections > 0, "a request waits where nothing is limited");
                self.waiting.push_back((ask.request, ask.member));
            }
            Answer::Refuse => assert!(self.waits(ask.member) >= rules.max_waiting, "a request is refused though it might wait"),
        }
    }

    /// A reused connection is one of the pool's idle ones to that member, in the order that the
    /// rules ask for, and none that is over.
    fn reuse(&mut self, conn: u32, ask: &Ask<u32>) {
        let rules = *self.pool.rules();
        let place = self.idle.iter().position(|(idle, _)| *idle == conn).expect("a connection is reused that is not idle");
        let (_, since) = self.idle.remove(place);
        let held = self.open.get_mut(&conn).expect("a connection is reused that is closed");
        assert_eq!(held.0, ask.member, "a connection to somebody else");
        assert!(rules.max_requests == 0 || held.1 < rules.max_requests, "it is used up");
        assert!(rules.idle_timeout.is_zero() || self.now.since(since) < rules.idle_timeout, "it has expired");
        held.1 += 1;
        let others = |range: core::ops::Range<usize>| self.idle[range].iter().any(|(other, _)| self.open[other].0 == ask.member);
        match (rules.sharing, rules.order) {
            (Sharing::Http(_), _) => {}
            (_, Order::Lifo) => assert!(!others(place..self.idle.len()), "another was used later"),
            (_, Order::Fifo) => assert!(!others(0..place), "another has been idle for longer"),
        }
        self.busy.push(conn);
    }

    fn release(&mut self, conn: u32, reusable: bool) {
        let rules = *self.pool.rules();
        let (member, carried, opened) = self.open[&conn];
        self.busy.retain(|&other| other != conn);
        let (release, _) = self.pool.release(conn, reusable, self.now);
        if release != Release::Close {
            assert!(reusable && (rules.max_requests == 0 || carried < rules.max_requests), "it may not be used again");
            assert!(rules.lifetime.is_zero() || self.now.since(opened) <= rules.lifetime, "it is too old");
        }
        match release {
            Release::Keep => self.idle.push((conn, self.now)),
            Release::KeepAndClose(other) => {
                assert_eq!(self.idle.first().map(|(longest, _)| *longest), Some(other), "not the one that has been idle for longest");
                self.gone(other);
                self.idle.push((conn, self.now));
            }
            Release::Pass(request) => {
                let place = self.waiting.iter().position(|(_, wanted)| *wanted == member).expect("nobody waits for it");
                assert_eq!(self.waiting.remove(place).map(|(request, _)| request), Some(request), "another has waited for longer");
                self.open.get_mut(&conn).expect("it is open").1 += 1;
                self.busy.push(conn);
            }
            Release::Close => self.gone(conn),
        }
        self.idle_within_limits();
    }

    fn idle_within_limits(&self) {
        let Rules { sharing, max_idle, .. } = *self.pool.rules();
        let idle = |member: u32| self.idle.iter().filter(|(conn, _)| self.open[conn].0 == member).count() as u32;
        match sharing {
            Sharing::Member => assert!((0..3).all(|member| idle(member) <= max_idle), "one member has too many idle connections"),
            Sharing::Cache => assert!(self.idle.len() as u32 <= max_idle, "the cache is over its limit"),
            Sharing::Http(_) => {}
        }
    }

    fn expire(&mut self) {
        while let Some((expired, _)) = self.pool.expire(self.now) {
            match expired {
                Expired::Idle(conn) => {
                    assert!(self.idle.iter().any(|(idle, _)| *idle == conn), "a connection expires that is not idle");
                    self.gone(conn);
                }
                Expired::Waited(request) => {
                    assert_eq!(self.waiting.pop_front().map(|(first, _)| first), Some(request), "another has waited for longer");
                }
            }
        }
        assert!(self.pool.deadline().is_none_or(|at| at > self.now), "something should have run out");
    }

    /// Whoever has room now goes, in the order in which they came.
    fn hand_out(&mut self) {
        for member in 0..3 {
            while let Some((ask, answer, _)) = self.pool.next(member, self.now) {
                let place = self.waiting.iter().position(|(_, wanted)| *wanted == member).expect("nobody waits");
                assert_eq!(self.waiting.remove(place), Some((ask.request, ask.member)), "another has waited for longer");
                assert!(matches!(answer, Answer::Reuse(_) | Answer::Open), "who is handed out waits no longer");
                self.answered(&ask, answer);
            }
        }
    }

    fn gone(&mut self, conn: u32) {
        self.open.remove(&conn).expect("it was open");
        self.busy.retain(|&other| other != conn);
        self.idle.retain(|(other, _)| *other != conn);
    }

    fn waits(&self, member: u32) -> u32 {
        self.waiting.iter().filter(|(_, wanted)| *wanted == member).count() as u32
    }

    /// The limits, and that both say the same.
    fn check(&self) {
        let rules = *self.pool.rules();
        assert_eq!(self.pool.busy().iter().map(|held| held.conn).collect::<Vec<_>>(), self.busy);
        assert_eq!(self.pool.idle().iter().map(|held| (held.conn, held.since)).collect::<Vec<_>>(), self.idle);
        for held in self.pool.busy().iter().chain(self.pool.idle()) {
            assert_eq!((held.member, held.carried, held.opened), self.open[&held.conn]);
        }
        for member in 0..3 {
            let to_member = |conn: &u32| self.open[conn].0 == member;
            let all = self.open.keys().filter(|conn| to_member(conn)).count() as u32;
            assert!(rules.max_connections == 0 || all <= rules.max_connections, "{all} connections to one member");
            assert!(self.waits(member) <= rules.max_waiting, "more wait than may");
            assert!(self.waits(member) == 0 || all == rules.max_connections, "a request waits though there is room");
            assert_eq!(self.pool.waiting(member), self.waits(member));
        }
        self.idle_within_limits();
    }
}

proptest! {
    #![proptest_config(config(400))]

    /// Never more connections than may be, nothing that is closed, expired or used up is reused,
    /// idle ones stay within their limit and are taken in order, and who waits goes first.
    #[test]
    fn a_pool_keeps_its_limits(rules in rules(), acts in vec((0u64..12, any::<bool>(), act()), 1..120)) {
        let mut told = Told {
            pool: Pool::new(rules),
            now: Instant::START,
            conns: 0,
            requests: 0,
            open: BTreeMap::new(),
            busy: Vec::new(),
            idle: Vec::new(),
            waiting: VecDeque::new(),
        };
        for (after, late, act) in &acts {
            told.now += Duration::from_millis(*after);
            // What has run out may be noticed only after the next request has come.
            if !late {
                told.expire();
                told.hand_out();
            }
            told.act(act);
            told.check();
        }
    }
}
