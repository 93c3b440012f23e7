//! Invariant 5: every decision can be explained from its own record alone.

use std::net::{IpAddr, Ipv4Addr};

use hopscope_core::describe::explain;
use hopscope_core::policy::balance::{Ask, Balancer, Done, Key, Label, Options, Peer, PolicyKind};
use hopscope_core::policy::decision::{Candidate, Decision, Decisions, KEPT, Occasion, Reason, Score, Standing};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::time::{Duration, Instant};
use hopscope_core::world::{Event, NodeId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::any::{case, policy};
use crate::config;

/// Whether what is written down leads to the choice that was made.
fn check(decision: &Decision, candidates: &[Candidate]) -> Result<(), TestCaseError> {
    let told = format!("{decision:?} {candidates:?}");
    let eligible: Vec<&Candidate> = candidates.iter().filter(|c| c.standing == Standing::Eligible).collect();
    let Some(node) = decision.chosen else {
        prop_assert_eq!(decision.reason, Reason::NobodyEligible, "{}", told);
        prop_assert!(eligible.is_empty(), "nobody was picked though somebody could be: {}", told);
        return Ok(());
    };
    let Some(chosen) = candidates.iter().find(|c| c.node == node) else {
        return Err(TestCaseError::fail(format!("the one picked is no candidate: {told}")));
    };
    prop_assert_eq!(chosen.standing, Standing::Eligible, "{}", told);
    let turns = |c: &Candidate| if let Score::Turns(n) = c.score { Some(n) } else { None };
    let weight = |c: &Candidate| if let Score::CurrentWeight(n) = c.score { Some(n) } else { None };
    let points = |c: &Candidate| if let Score::Points(n) = c.score { Some(n) } else { None };
    let load = |c: &Candidate| if let Score::ActivePerWeight(n) = c.score { Some(n) } else { None };
    let requests = |c: &Candidate| if let Score::Requests(n) = c.score { Some(n) } else { None };
    let busy = |c: &Candidate| if let Score::Busy(n, status) = c.score { Some((n, -status)) } else { None };
    let cost = |c: &Candidate| if let Score::Time(n) | Score::Bytes(n) = c.score { Some(n) } else { None };
    let hash = |c: &Candidate| if let Score::Hash(n) = c.score { Some(n) } else { None };
    // Exactly, where the score is rounded to thousandths.
    let fewer = |a: &Candidate, b: &Candidate| u64::from(a.active) * u64::from(b.weight) < u64::from(b.active) * u64::from(a.weight);
    let equal = |a: &Candidate| !fewer(a, chosen) && !fewer(chosen, a);
    let follows = match decision.reason {
        Reason::Turn => eligible.iter().all(|c| turns(c) >= turns(chosen)),
        Reason::NoKey if turns(chosen).is_some() => eligible.iter().all(|c| turns(c) >= turns(chosen)),
        Reason::LeastLoaded => load(chosen).is_some() && eligible.iter().all(|c| load(c) >= load(chosen)),
        Reason::NearestPoint => points(chosen) == Some(0),
        Reason::HighestCurrentWeight | Reason::HashGaveUp | Reason::DrawGaveUp | Reason::NoKey => {
            weight(chosen).is_some() && eligible.iter().all(|c| weight(c) <= weight(chosen))
        }
        Reason::FirstInOrder => turns(chosen).is_some() && eligible.iter().all(|c| turns(c) >= turns(chosen)),
        Reason::FewestRequests => eligible.iter().all(|c| c.node == node || requests(c) > requests(chosen)),
        Reason::FewestRequestsDrawn => eligible.iter().all(|c| requests(c) >= requests(chosen)),
        Reason::LeastBusy => busy(chosen).is_some() && eligible.iter().all(|c| busy(c) >= busy(chosen)),
        Reason::HighestHash | Reason::Cookie => hash(chosen).is_some() && eligible.iter().all(|c| hash(c) <= hash(chosen)),
        Reason::TableSlot(_) => matches!(chosen.score, Score::Owns(1..)),
        Reason::LeastTime => cost(chosen).is_some() && eligible.iter().all(|c| cost(c) >= cost(chosen)),
        Reason::LeastBandwidth => eligible.iter().all(|c| cost(c) >= cost(chosen)),
        Reason::CheaperOfTwo => cost(chosen).is_some() && eligible.iter().filter_map(|c| cost(c)).all(|c| Some(c) >= cost(chosen)),
        Reason::NextPoint | Reason::NextPointWithRoom => points(chosen).is_some() && eligible.iter().all(|c| points(c) >= points(chosen)),
        Reason::BetterOfTwo => {
            let drawn: Vec<_> = eligible.iter().filter(|c| matches!(c.score, Score::DrawnAs(1 | 2))).collect();
            matches!(chosen.score, Score::DrawnAs(1 | 2)) && drawn.iter().all(|c| !fewer(c, chosen))
        }
        Reason::FewestActive => eligible.iter().all(|c| c.node == node || fewer(chosen, c)),
        Reason::FewestActiveTie => {
            eligible.iter().all(|c| !fewer(c, chosen)) && (decision.more > 0 || eligible.iter().filter(|c| equal(c)).count() > 1)
        }
        Reason::AddressHash(slot) | Reason::KeyHash(slot) => matches!(chosen.score, Score::Slots(from, to) if (from..to).contains(&slot)),
        Reason::Drawn => matches!(chosen.score, Score::Drawn(_)),
        Reason::PinnedByCookie | Reason::PinnedByRow => chosen.score == Score::NotAsked,
        _ => false,
    };
    prop_assert!(follows, "the reason does not follow from the scores: {}", told);
    // Who is known is not balanced, whatever the policy.
    let pinned = matches!(decision.reason, Reason::PinnedByCookie | Reason::PinnedByRow);
    let fits = pinned
        || matches!(
            (decision.policy, decision.reason),
            (PolicyKind::RoundRobin | PolicyKind::NaiveWeighted, Reason::Turn)
                | (PolicyKind::WeightedRoundRobin | PolicyKind::SlowStart, Reason::HighestCurrentWeight)
                | (PolicyKind::LeastTime, Reason::LeastTime)
                | (PolicyKind::LeastBandwidth, Reason::LeastBandwidth)
                | (PolicyKind::PeakEwma, Reason::CheaperOfTwo)
                | (PolicyKind::BoundedLoad, Reason::NextPointWithRoom)
                | (PolicyKind::LeastConn, Reason::FewestActive | Reason::FewestActiveTie)
                | (PolicyKind::IpHash, Reason::AddressHash(_) | Reason::HashGaveUp)
                | (PolicyKind::Random, Reason::Drawn)
                | (PolicyKind::RandomTwo, Reason::BetterOfTwo | Reason::DrawGaveUp)
                | (PolicyKind::HashModulo, Reason::KeyHash(_) | Reason::HashGaveUp | Reason::NoKey)
                | (PolicyKind::First, Reason::FirstInOrder)
                | (PolicyKind::LeastRequests, Reason::FewestRequests | Reason::FewestRequestsDrawn)
                | (PolicyKind::LeastBusy, Reason::LeastBusy)
                | (PolicyKind::Rendezvous, Reason::HighestHash | Reason::Drawn)
                | (PolicyKind::Cookie, Reason::Cookie | Reason::Drawn)
                | (PolicyKind::HashFraction, Reason::KeyHash(_))
                | (PolicyKind::Shard | PolicyKind::RingHash, Reason::NextPoint)
                | (PolicyKind::Maglev, Reason::TableSlot(_))
                | (PolicyKind::HaproxyRoundRobin | PolicyKind::HaproxyStaticRoundRobin, Reason::Turn)
                | (PolicyKind::HaproxyLeastConn, Reason::LeastLoaded)
                | (PolicyKind::HaproxyFirst, Reason::FirstInOrder)
                | (PolicyKind::HaproxyRandom, Reason::BetterOfTwo)
                | (PolicyKind::HaproxyHashMap, Reason::KeyHash(_) | Reason::NoKey)
                | (PolicyKind::HaproxyHashRing, Reason::NearestPoint | Reason::NextPoint | Reason::NoKey)
                | (PolicyKind::Ketama, Reason::NextPoint | Reason::HashGaveUp | Reason::NoKey)
        );
    prop_assert!(fits, "the reason is not one that this policy has: {}", told);
    Ok(())
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn every_decision_of_a_run_explains_itself(case in case()) {
        let run = case.run();
        let decisions = &run.log().decisions;
        for decision in decisions.all() {
            let candidates = decisions.candidates(decision);
            check(decision, candidates)?;
            let explained = explain(decision, candidates, run.spec());
            prop_assert_eq!(explained.rows.len() + explained.more as usize, run.spec().node(decision.node).pools()[usize::from(decision.pool)].members.len());
            prop_assert_eq!(explained.rows.iter().filter(|row| row.chosen).count(), usize::from(decision.chosen.is_some()));
        }
    }

    #[test]
    fn every_choice_has_its_decision_and_every_decision_its_event(case in case()) {
        let run = case.run();
        let told = run.log().records().iter().filter_map(|record| match record.event {
            Event::Decided { node, decision, .. } => Some((record.at, record.ordinal, node, decision)),
            _ => None,
        });
        let told: Vec<_> = told.collect();
        prop_assert_eq!(told.len(), run.log().decisions.len());
        for (at, ordinal, node, index) in told {
            let decision = run.log().decisions.get(index);
            prop_assert_eq!(decision.map(|d| (d.at, d.ordinal, d.node)), Some((at, ordinal, node)));
        }
    }
}

/// Mostly eligible.
fn standings() -> impl Strategy<Value = Standing> {
    select(vec![Standing::Eligible, Standing::Eligible, Standing::Eligible, Standing::Absent, Standing::Draining, Standing::Down])
}

/// A member with everything that can be special about one.
fn member() -> impl Strategy<Value = Peer> {
    let limits = (0u32..12, 0u32..3, 0u64..3);
    (0u32..6, 0u32..10, standings(), limits, any::<bool>()).prop_map(
        |(weight, active, standing, (most_active, max_fails, timeout), backup)| {
            let fail_timeout = Duration::from_secs(timeout);
            Peer { active, standing, most_active, backup, max_fails, fail_timeout, ..Peer::new(NodeId::default(), weight) }
        },
    )
}

fn label(index: usize) -> Label {
    Label { name: format!("b{index}").into(), address: format!("10.0.0.{index}:80").into() }
}

/// What happens between two choices.
#[derive(Clone, Copy, Debug)]
enum Step {
    Begin(Index),
    End(Index, Done),
    Weight(Index, u32),
    Standing(Index, Standing),
    List(Peer),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let done = (any::<bool>(), 0u64..90_000, 0u64..50_000);
    let done = done.prop_map(|(failed, us, bytes)| Done { failed, took: Duration::from_micros(us), bytes });
    prop_oneof![
        4 => any::<Index>().prop_map(Step::Begin),
        4 => (any::<Index>(), done).prop_map(|(who, done)| Step::End(who, done)),
        1 => (any::<Index>(), 0u32..6).prop_map(|(who, weight)| Step::Weight(who, weight)),
        1 => (any::<Index>(), standings()).prop_map(|(who, standing)| Step::Standing(who, standing)),
        1 => member().prop_map(Step::List),
        1 => (0u64..4_000_000).prop_map(Step::Wait),
    ]
}

fn take(step: Step, balancer: &mut Balancer, now: &mut Instant) {
    let who = |index: Index, balancer: &Balancer| index.index(balancer.table().len().max(1));
    match step {
        Step::Begin(i) => balancer.begin(who(i, balancer), *now),
        Step::End(i, done) => balancer.end(who(i, balancer), done, *now),
        Step::Weight(i, weight) => balancer.set_weight(who(i, balancer), weight, *now),
        Step::Standing(i, standing) => balancer.set_standing(who(i, balancer), standing, *now),
        Step::List(peer) => {
            let index = balancer.table().len();
            balancer.list(Peer { node: NodeId::new(index), ..peer }, label(index), *now);
        }
        Step::Wait(us) => *now = Instant(now.0 + us),
    }
}

proptest! {
    #![proptest_config(config(1_024))]

    #[test]
    fn every_policy_explains_itself_whatever_the_pool(
        kind in policy(),
        members in vec(member(), 0..20),
        tried in vec(0u16..20, 0..4),
        asks in vec((any::<u32>(), vec(step(), 0..4)), 1..30),
    ) {
        let listed = members.into_iter().enumerate().map(|(i, peer)| (Peer { node: NodeId::new(i), ..peer }, label(i)));
        // A small table is filled sooner.
        let mut balancer = Balancer::new(kind, Options { size: 31, ..Options::default() }, listed);
        let mut decisions = Decisions::new(true);
        let mut now = Instant::START;
        for (n, (address, steps)) in asks.into_iter().enumerate() {
            let draw = Draw::new(1, Purpose::Balance, n as u64, 0);
            let text = address.to_le_bytes();
            let key = [Key::Client, Key::Text(&text), Key::Nothing][n % 3];
            let tried = if n % 2 == 0 { &tried[..] } else { &[] };
            let ask = Ask { client: IpAddr::V4(Ipv4Addr::from(address)), key, draw, tried };
            let picked = balancer.pick(&ask, &Occasion { at: now, ..Occasion::default() }, &mut decisions);
            let decision = decisions.get(n as u32).copied();
            prop_assert_eq!(decision.and_then(|d| d.chosen), picked.map(NodeId::new));
            if let Some(decision) = decision {
                let candidates = decisions.candidates(&decision);
                prop_assert_eq!(candidates.len(), balancer.table().len().min(KEPT));
                check(&decision, candidates)?;
            }
            steps.into_iter().for_each(|step| take(step, &mut balancer, &mut now));
        }
    }
}

proptest! {
    #![proptest_config(config(192))]

    /// Many members are kept in order instead of being looked at one by one. One that never can
    /// be picked, but is a backup, keeps a pool from that, and must be all that differs.
    #[test]
    fn many_members_are_balanced_as_few_are(
        kind in select(vec![PolicyKind::WeightedRoundRobin, PolicyKind::LeastConn]),
        members in vec((0u32..5, 0u32..4, standings(), 0u32..8), 40..80),
        tried in vec(0u16..80, 0..4),
        asks in vec((any::<bool>(), vec(step(), 0..4)), 1..60),
    ) {
        let plain = |peer: Peer| Peer { backup: false, max_fails: 0, ..peer };
        let peer = |(i, &(weight, active, standing, most_active)): (usize, &(u32, u32, Standing, u32))| {
            (Peer { active, standing, most_active, ..Peer::new(NodeId::new(i), weight) }, label(i))
        };
        let never = (Peer { backup: true, standing: Standing::Down, ..Peer::new(NodeId::new(9_999), 1) }, label(9_999));
        let listed = || members.iter().enumerate().map(peer);
        let mut many = Balancer::new(kind, Options::default(), listed());
        let mut few = Balancer::new(kind, Options::default(), core::iter::once(never).chain(listed()));
        let (mut told, mut retold) = (Decisions::new(true), Decisions::new(true));
        let mut now = Instant::START;
        for (n, (again, steps)) in asks.into_iter().enumerate() {
            let tried: Vec<u16> = if again { tried.clone() } else { Vec::new() };
            let shifted: Vec<u16> = tried.iter().map(|i| i + 1).collect();
            let draw = Draw::new(1, Purpose::Balance, 0, 0);
            let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
            let occasion = Occasion { at: now, ..Occasion::default() };
            let picked = many.pick(&Ask { client, key: Key::Client, draw, tried: &tried }, &occasion, &mut told);
            let other = few.pick(&Ask { client, key: Key::Client, draw, tried: &shifted }, &occasion, &mut retold);
            prop_assert_eq!(picked.map(|i| i + 1), other);
            let scores = |told: &Decisions, skip: usize| -> Vec<(NodeId, Standing, Score)> {
                let decision = told.get(n as u32).copied();
                let kept = decision.map_or(&[][..], |decision| told.candidates(&decision));
                kept.iter().skip(skip).take(KEPT - 2).map(|c| (c.node, c.standing, c.score)).collect()
            };
            prop_assert_eq!(scores(&told, 0), scores(&retold, 1));
            for step in steps {
                let len = many.table().len();
                let of = |index: Index| index.index(len);
                match step {
                    Step::Begin(i) => { many.begin(of(i), now); few.begin(of(i) + 1, now); }
                    Step::End(i, done) => { many.end(of(i), done, now); few.end(of(i) + 1, done, now); }
                    Step::Weight(i, weight) => { many.set_weight(of(i), weight, now); few.set_weight(of(i) + 1, weight, now); }
                    Step::Standing(i, to) => { many.set_standing(of(i), to, now); few.set_standing(of(i) + 1, to, now); }
                    Step::List(peer) => {
                        let peer = Peer { node: NodeId::new(len), ..plain(peer) };
                        many.list(peer, label(len), now);
                        few.list(peer, label(len), now);
                    }
                    Step::Wait(us) => now = Instant(now.0 + us),
                }
            }
        }
    }
}
