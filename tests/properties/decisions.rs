//! Invariant 5: every decision can be explained from its own record alone.

use std::net::{IpAddr, Ipv4Addr};

use hopscope_core::describe::explain;
use hopscope_core::policy::balance::{Ask, Balancer, Key, Label, Options, Peer, PolicyKind};
use hopscope_core::policy::decision::{Candidate, Decision, Decisions, KEPT, Occasion, Reason, Score, Standing};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::world::{Event, NodeId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

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
    // Exactly, where the score is rounded to thousandths.
    let fewer = |a: &Candidate, b: &Candidate| u64::from(a.active) * u64::from(b.weight) < u64::from(b.active) * u64::from(a.weight);
    let equal = |a: &Candidate| !fewer(a, chosen) && !fewer(chosen, a);
    let follows = match decision.reason {
        Reason::Turn => eligible.iter().all(|c| turns(c) >= turns(chosen)),
        Reason::HighestCurrentWeight | Reason::HashGaveUp | Reason::DrawGaveUp | Reason::NoKey => {
            weight(chosen).is_some() && eligible.iter().all(|c| weight(c) <= weight(chosen))
        }
        Reason::NextPoint => points(chosen).is_some() && eligible.iter().all(|c| points(c) >= points(chosen)),
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
        _ => false,
    };
    prop_assert!(follows, "the reason does not follow from the scores: {}", told);
    let fits = matches!(
        (decision.policy, decision.reason),
        (PolicyKind::RoundRobin, Reason::Turn)
            | (PolicyKind::WeightedRoundRobin, Reason::HighestCurrentWeight)
            | (PolicyKind::LeastConn, Reason::FewestActive | Reason::FewestActiveTie)
            | (PolicyKind::IpHash, Reason::AddressHash(_) | Reason::HashGaveUp)
            | (PolicyKind::Random, Reason::Drawn)
            | (PolicyKind::RandomTwo, Reason::BetterOfTwo | Reason::DrawGaveUp)
            | (PolicyKind::HashModulo, Reason::KeyHash(_) | Reason::HashGaveUp | Reason::NoKey)
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
fn standings() -> Vec<Standing> {
    vec![Standing::Eligible, Standing::Eligible, Standing::Eligible, Standing::Absent, Standing::Draining, Standing::Down]
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn every_policy_explains_itself_whatever_the_pool(
        kind in policy(),
        members in vec((0u32..6, 0u32..10, select(standings()), 0u32..12, any::<bool>()), 0..20),
        tried in vec(0u16..20, 0..4),
        asks in vec(any::<u32>(), 1..20),
    ) {
        let peer = |(i, (weight, active, standing, most_active, backup)): (usize, (u32, u32, Standing, u32, bool))| {
            Peer { active, standing, most_active, backup: backup && i % 4 == 3, ..Peer::new(NodeId::new(i), weight) }
        };
        let peers: Vec<Peer> = members.into_iter().enumerate().map(peer).collect();
        let label = |peer: &Peer| Label { name: format!("b{}", peer.node.index()).into(), address: format!("10.0.0.{}:80", peer.node.index()).into() };
        let mut balancer = Balancer::new(kind, Options::default(), peers.iter().map(|&peer| (peer, label(&peer))));
        let mut decisions = Decisions::new(true);
        for (n, address) in asks.into_iter().enumerate() {
            let draw = Draw::new(1, Purpose::Balance, n as u64, 0);
            let text = address.to_le_bytes();
            let key = [Key::Client, Key::Text(&text), Key::Nothing][n % 3];
            let ask = Ask { client: IpAddr::V4(Ipv4Addr::from(address)), key, draw, tried: &tried };
            let picked = balancer.pick(&ask, &Occasion::default(), &mut decisions);
            let decision = decisions.get(n as u32).copied();
            prop_assert_eq!(decision.and_then(|d| d.chosen), picked.map(|i| peers[i].node));
            if let Some(decision) = decision {
                let candidates = decisions.candidates(&decision);
                prop_assert_eq!(candidates.len(), peers.len().min(KEPT));
                check(&decision, candidates)?;
            }
        }
    }
}
