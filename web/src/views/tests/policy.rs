//! Pictures of policies: what they show is what the policy kept and the decision recorded.

use hopscope_core::lesson::Lab;
use hopscope_core::policy::balance::PolicyKind;
use hopscope_core::policy::decision::{Decision, Reason, Score};
use hopscope_core::scenario::ActionKind;
use hopscope_core::timeline::Timeline;

use super::{check_markup, run, seek, written};
use crate::views::policy::{is_pictured, picture};

/// A policy's name in a scenario.
fn name(policy: PolicyKind) -> String {
    toml::Value::try_from(policy).ok().and_then(|value| value.as_str().map(str::to_owned)).expect("policies are written as words")
}

const WEIGHTS: [u32; 3] = [5, 1, 1];

fn lab(policy: &str) -> Lab {
    let members: Vec<String> = WEIGHTS.iter().zip(["a", "b", "c"]).map(|(w, n)| format!("{{ node = \"{n}\", weight = {w} }}")).collect();
    let servers: String = ["a", "b", "c"].iter().map(|n| format!("[[backends]]\nname = \"{n}\"\nworkers = 2\n")).collect();
    let faults: String =
        ["a", "b", "c"].iter().map(|n| format!("[[faults]]\nid = \"leave-{n}\"\neffect = {{ leave = {{ node = \"{n}\" }} }}\n")).collect();
    written(&format!(
        "horizon = \"20s\"\n[[clients]]\nname = \"web\"\ntarget = \"lb\"\nusers = 200\narrivals = {{ poisson = {{ rate = 50 }} }}\n\
         [[proxies]]\nname = \"lb\"\nlayer = \"l7\"\npools = [{{ name = \"pool\", policy = \"{policy}\", members = [{}] }}]\n{servers}{faults}",
        members.join(", ")
    ))
}

/// The decision that a timeline shows.
fn last(timeline: &Timeline) -> &Decision {
    crate::views::decision::latest(timeline, None).expect("a decision by now")
}

/// Steps to the next decision.
fn next(timeline: &mut Timeline) {
    let before = timeline.log().decisions.len();
    while timeline.log().decisions.len() == before {
        assert!(timeline.step(), "the run goes on");
    }
}

#[test]
fn every_policy_is_drawn_well_whoever_is_there() {
    for &policy in PolicyKind::ALL {
        let lab = lab(&name(policy));
        let mut timeline = run(&lab);
        assert_eq!(picture(&timeline, &lab, None), "", "nothing has been decided: {policy:?}");
        let mut seen = 0;
        for ms in [1_000, 3_000] {
            seek(&mut timeline, ms);
            for _ in 0..12 {
                next(&mut timeline);
                let drawn = picture(&timeline, &lab, None);
                check_markup(&drawn, &name(policy));
                if drawn.is_empty() && is_pictured(policy) {
                    // A hash or draw that found nobody leaves it to a turn, which has no picture.
                    assert!(
                        matches!(last(&timeline).reason, Reason::HashGaveUp | Reason::NobodyEligible | Reason::Drawn),
                        "{:?}",
                        last(&timeline)
                    );
                }
                assert!(is_pictured(policy) || drawn.is_empty(), "{policy:?}");
                seen += usize::from(!drawn.is_empty());
                if !drawn.is_empty() {
                    assert!(drawn.contains("role=\"img\" aria-label=\"") && drawn.contains("picture-words"), "{drawn}");
                    assert!(!drawn.contains("fill=\"#") && !drawn.contains("stroke=\"#"));
                }
            }
            for id in ["leave-a", "leave-b"] {
                timeline.act(ActionKind::Fault { id: id.into(), on: ms == 1_000 }).expect("a fault of the lab");
            }
        }
        assert_eq!(seen > 12, is_pictured(policy), "{policy:?} was drawn {seen} times");
    }
}

#[test]
fn counters_rise_by_what_is_gained_and_fall_by_what_is_paid() {
    let lab = lab("weighted_round_robin");
    let mut timeline = run(&lab);
    // What each reaches in the first seven rounds of weights 5, 1, 1: nginx's own table.
    for (reached, winner, goes_on) in [
        ([5, 1, 1], "a", "−2"),
        ([3, 2, 2], "a", "−4"),
        ([1, 3, 3], "b", "−4"),
        ([6, -3, 4], "a", "−1"),
        ([4, -2, 5], "c", "−2"),
        ([9, -1, -1], "a", "2"),
        ([7, 0, 0], "a", "0"),
    ] {
        next(&mut timeline);
        let drawn = picture(&timeline, &lab, None);
        for ((name, value), weight) in ["a", "b", "c"].iter().zip(reached).zip(WEIGHTS) {
            let minus = |n: i32| if n < 0 { format!("−{}", -n) } else { n.to_string() };
            let sum = format!("{name}: {} + {weight} = {}.", minus(value - weight as i32), minus(value));
            assert!(drawn.contains(&sum), "{sum} is missing: {drawn}");
        }
        let paid = format!(
            "{winner} reached {}, the highest. It pays 7, what all gained together, and goes on with {goes_on}.",
            reached.iter().max().expect("three")
        );
        assert!(drawn.contains(&paid), "{paid} is missing: {drawn}");
    }
}

#[test]
fn a_past_decision_has_the_picture_that_it_had_when_it_was_made() {
    for policy in ["weighted_round_robin", "ketama", "ring_hash", "maglev"] {
        let lab = lab(policy);
        let mut timeline = run(&lab);
        seek(&mut timeline, 2_000);
        next(&mut timeline);
        let (root, then) = (last(&timeline).root, picture(&timeline, &lab, None));
        assert_eq!(picture(&timeline, &lab, Some(root)), then, "{policy}");
        seek(&mut timeline, 9_000);
        timeline.act(ActionKind::Fault { id: "leave-b".into(), on: true }).expect("a fault of the lab");
        seek(&mut timeline, 12_000);
        assert_eq!(picture(&timeline, &lab, Some(root)), then, "{policy}");
        assert_ne!(picture(&timeline, &lab, None), then, "{policy}");
    }
}

#[test]
fn the_ring_shows_whom_a_key_passes_over() {
    let lab = lab("ketama");
    let mut timeline = run(&lab);
    seek(&mut timeline, 1_000);
    let first = picture(&timeline, &lab, None);
    assert!(first.contains("A ring with 1120 points.") && first.contains("<td class=\"number\">800</td>"), "{first}");
    timeline.act(ActionKind::Fault { id: "leave-a".into(), on: true }).expect("a fault of the lab");
    let mut passed = 0;
    for _ in 0..60 {
        next(&mut timeline);
        let drawn = picture(&timeline, &lab, None);
        let crosses = drawn.matches("ring-passed").count();
        assert_eq!(drawn.contains("From the key it passes "), crosses > 0, "{drawn}");
        assert_eq!(drawn.matches("ring-chosen").count(), 1, "{drawn}");
        let steps = last(&timeline);
        let chosen = timeline.log().decisions.candidates(steps).iter().find(|c| steps.chosen == Some(c.node)).expect("somebody is there");
        assert_eq!(chosen.score == Score::Points(0), crosses == 0, "as the record counts the points");
        passed += usize::from(crosses > 0);
    }
    assert!(passed > 30, "most keys belong to a: {passed}");
}

#[test]
fn the_slot_is_that_of_the_record() {
    let lab = lab("ip_hash");
    let mut timeline = run(&lab);
    seek(&mut timeline, 1_000);
    let drawn = picture(&timeline, &lab, None);
    assert!(drawn.contains("modulo 7, is ") && drawn.contains("Slots by server: a: 0 to 4, b: 5, c: 6."), "{drawn}");
}

#[test]
fn a_table_of_slots_frames_the_slot_of_the_record() {
    let lab = lab("maglev");
    let mut timeline = run(&lab);
    seek(&mut timeline, 1_000);
    let drawn = picture(&timeline, &lab, None);
    let Reason::TableSlot(slot) = last(&timeline).reason else { panic!("Maglev decides by a slot") };
    assert!(drawn.contains(&format!("modulo 65537, leads to slot {slot}: ")), "{drawn}");
    assert_eq!((drawn.matches("class=\"pp-part").count(), drawn.matches("ring-frame").count()), (80, 1));
    assert_eq!(drawn.matches("<td class=\"number\">").count(), 6, "slots and share of each server");
}

#[test]
fn bars_say_who_wins_and_by_what() {
    for (policy, title, value) in [
        ("least_conn", "Active ÷ weight, the shortest bar wins", "÷ 5 = "),
        ("least_busy", "Requests under way, then status, the shortest bar wins", ", status "),
        ("rendezvous", "The key’s hash with each server, the longest bar wins", "a: "),
        ("least_time", "What it would cost, the shortest bar wins", " ms"),
        ("least_bandwidth", "Bytes of late, the shortest bar wins", "a: "),
    ] {
        let lab = lab(policy);
        let mut timeline = run(&lab);
        seek(&mut timeline, 5_000);
        let drawn = picture(&timeline, &lab, None);
        assert!(drawn.contains(title) && drawn.contains(value), "{policy}: {drawn}");
        assert_eq!(drawn.matches("pp-bar chosen").count(), 1, "{policy}: {drawn}");
    }
}
