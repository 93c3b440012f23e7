//! What holds for users who are kept, and how many lose their session when one server of several dies.

use std::collections::BTreeSet;
use std::rc::Rc;

use hopscope_core::policy::affinity::{Limits, Rows};
use hopscope_core::policy::balance::PolicyKind;
use hopscope_core::scenario::{
    ActionKind, AppCookie, Arrivals, Backend, Clients, CookieRule, Dist, Effect, Fault, Knob, KnobKind, LinkQuality, Measure, Member, Pool,
    Proxy, Scenario, Sticky, TableRule, Value,
};
use hopscope_core::time::{Duration, Instant};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::NodeId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::config;

/// By what users are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Cookie,
    AppCookie,
    Table,
    /// By the hash of their address, over the servers that are left (HAProxy `source`, map-based).
    SourceHash,
    /// The same on a list that stays as long as it is (nginx `ip_hash`).
    SourceHashMarked,
    /// By nothing; the servers keep nothing about them.
    Store,
}

/// So many users, kept in that way, on so many servers.
fn lab(way: Way, servers: usize, users: u32) -> Scenario {
    let names: Vec<String> = (1..=servers).map(|i| format!("b{i}")).collect();
    let sticky = Sticky { redispatch: true, at_once: true, ..Sticky::default() };
    let table = TableRule { size: 100_000, ..TableRule::default() };
    let (policy, sticky) = match way {
        Way::Cookie => {
            (PolicyKind::RoundRobin, Some(Sticky { cookie: Some(CookieRule { name: "SRV".into(), ..CookieRule::default() }), ..sticky }))
        }
        Way::AppCookie => {
            (PolicyKind::RoundRobin, Some(Sticky { app_cookie: Some(AppCookie { name: "SID".into(), ..AppCookie::default() }), ..sticky }))
        }
        Way::Table => (PolicyKind::RoundRobin, Some(Sticky { table: Some(table), ..sticky })),
        Way::SourceHash => (PolicyKind::HaproxyHashMap, None),
        Way::SourceHashMarked => (PolicyKind::IpHash, None),
        Way::Store => (PolicyKind::RoundRobin, None),
    };
    let cold = Duration::from_millis(if way == Way::Store { 0 } else { 1 });
    let states = ["ready", "drain", "maint"].map(str::to_owned).to_vec();
    let members = names.iter().map(|name| Member { node: name.clone(), ..Member::default() }).collect();
    let pool = Pool { name: "main".into(), policy, members, keepalive: 64, retries: 2, sticky, ..Pool::default() };
    Scenario {
        horizon: Duration::from_secs(60),
        clients: vec![Clients {
            name: "web".into(),
            target: "lb".into(),
            users,
            // Another last and another third octet: HAProxy's hash goes by the one, nginx's by the other.
            apart: 257,
            arrivals: Arrivals::Closed { think: Dist::Exponential { mean: Duration::from_millis(200) } },
            ..Clients::default()
        }],
        proxies: vec![Proxy { name: "lb".into(), pools: vec![pool], ..Proxy::default() }],
        backends: names.iter().map(|name| Backend { name: name.clone(), workers: 64, cold, ..Backend::default() }).collect(),
        link: LinkQuality { latency: Duration::from_millis(1), ..LinkQuality::default() },
        knobs: vec![Knob {
            id: "state".into(),
            sets: vec!["lb.main.state.b1".into()],
            kind: KnobKind::Choice { of: states, default: "ready".into() },
            at_start: false,
        }],
        faults: vec![Fault { id: "kill".into(), effect: Effect::Kill { node: "b1".into() } }],
        ..Scenario::default()
    }
}

fn until(run: &mut Timeline, secs: u64) {
    while run.world().next_at().is_some_and(|at| at <= Instant(secs * 1_000_000)) && run.step() {}
}

/// Who knows each user, by index.
fn known(run: &Timeline) -> Vec<Option<NodeId>> {
    run.world().sessions().iter().map(|session| session.server).collect()
}

/// Runs until everybody has a server, lets the first die, and runs on until everybody has asked again:
/// the users whom it knew, and those who lost their session.
fn death(way: Way, servers: usize, users: u32, seed: u64, noticed: bool) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let spec = lab(way, servers, users).compile().unwrap_or_else(|why| panic!("{why}"));
    let mut run = Timeline::new(Rc::new(spec), seed);
    until(&mut run, 5);
    let b1 = run.world().spec().id("b1");
    let theirs = known(&run).iter().enumerate().filter(|(_, server)| **server == b1).map(|(i, _)| i).collect();
    run.act(ActionKind::Fault { id: "kill".into(), on: true }).unwrap_or_else(|why| panic!("{why}"));
    if noticed {
        run.act(ActionKind::Set { knob: "state".into(), to: Value::Choice("maint".into()) }).unwrap_or_else(|why| panic!("{why}"));
    }
    until(&mut run, 12);
    let lost: BTreeSet<usize> = run.world().sessions().iter().enumerate().filter(|(_, s)| s.lost > 0).map(|(i, _)| i).collect();
    assert_eq!(run.world().measure(&Measure::Lost { clients: None }), lost.len() as f64);
    assert_eq!(run.world().metrics().users().failed, 0, "retries hide it: {way:?}");
    (theirs, lost)
}

proptest! {
    #![proptest_config(config(24))]

    /// A cookie with redispatch, a session cookie, or a table: those of the dead server, which are one in
    /// `servers` because turns pin evenly, and nobody else. A store: nobody.
    #[test]
    fn those_of_the_dead_server_lose_their_session(
        way in select(vec![Way::Cookie, Way::AppCookie, Way::Table, Way::Store]),
        servers in 2usize..7,
        users in 1u32..40,
        seed in any::<u64>(),
        noticed in any::<bool>(),
    ) {
        let (theirs, lost) = death(way, servers, users, seed, noticed);
        if way == Way::Store {
            prop_assert!(lost.is_empty());
            return Ok(());
        }
        prop_assert_eq!(&lost, &theirs);
        let even = f64::from(users) / servers as f64;
        prop_assert!((lost.len() as f64 - even).abs() < 1.0, "{} of {users} on {servers}", lost.len());
    }

    /// A hash that is counted over the servers that are left moves all but one in `servers`, one whose
    /// list stays as long as it is only those of the dead server.
    #[test]
    fn a_source_hash_moves_nearly_all_or_one_share(servers in 2usize..6, seed in any::<u64>()) {
        const USERS: u32 = 300;
        let share = 1.0 / servers as f64;
        let spread = 4.0 * (share * (1.0 - share) * f64::from(USERS)).sqrt();
        let (theirs, lost) = death(Way::SourceHash, servers, USERS, seed, true);
        prop_assert!(theirs.is_subset(&lost));
        let expect = (1.0 - share) * f64::from(USERS);
        prop_assert!((lost.len() as f64 - expect).abs() <= spread, "{} of {USERS} on {servers}, and not {expect}", lost.len());
        let (theirs, lost) = death(Way::SourceHashMarked, servers, USERS, seed, true);
        prop_assert_eq!(&lost, &theirs);
        prop_assert!((lost.len() as f64 - share * f64::from(USERS)).abs() <= spread, "{} of {USERS} on {servers}", lost.len());
    }
}

/// What is done to a table, each after so many milliseconds.
#[derive(Clone, Debug)]
enum Act {
    Serve { key: u8, member: u16, late: u64 },
    Resize(u32),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        9 => (0u8..12, 0u16..4, 0u64..3).prop_map(|(key, member, late)| Act::Serve { key, member, late }),
        1 => (1u32..9).prop_map(Act::Resize),
    ]
}

proptest! {
    #![proptest_config(config(256))]

    /// Never more rows than the size; a key is led to who served it last, or to nobody; what has run out is
    /// not found.
    #[test]
    fn a_table_keeps_within_its_size(
        size in 1u32..9,
        expire in prop_oneof![Just(0u64), 1u64..60],
        nopurge in any::<bool>(),
        acts in vec((0u64..20, act()), 0..120),
    ) {
        let mut limits = Limits { size, expire: Duration::from_millis(expire), nopurge };
        let mut rows = Rows::new(limits);
        let mut served: [Option<(u16, u64)>; 12] = [None; 12];
        let mut now = 0;
        for (after, act) in acts {
            now += after;
            let at = |ms: u64| Instant(ms * 1_000);
            match act {
                Act::Resize(size) => {
                    limits.size = size;
                    rows.set_limits(limits);
                }
                Act::Serve { key, member, late } => {
                    let (name, place) = (format!("user {key}"), usize::from(key));
                    let found = rows.look_up(&name, at(now));
                    prop_assert!(found.is_none() || found == served[place].map(|(member, _)| member));
                    if let (Some(_), Some((_, used))) = (found, served[place]) {
                        prop_assert!(expire == 0 || now < used + expire, "it has run out");
                        served[place] = served[place].map(|(member, _)| (member, now));
                    }
                    if rows.make_room(at(now)) {
                        rows.store(&name, member, at(now), at(now + late));
                        now += late;
                        // A table that was made smaller has no row for each that asks.
                        if rows.find(&name, at(now)).is_some() {
                            prop_assert_eq!(rows.find(&name, at(now)), Some(member));
                            served[place] = Some((member, now));
                        }
                    }
                }
            }
            prop_assert!(rows.rows(at(now)).count() <= limits.size as usize);
        }
    }
}
