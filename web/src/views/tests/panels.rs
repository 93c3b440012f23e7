//! Panels, track and charts say what the run says.

use hopscope_core::scenario::{ActionKind, Value};
use hopscope_core::world::Event;

use super::{LABS, check_markup, choose, last_root, run, seek, shipped};
use crate::views::{access, charts, connections, decision, events, goals, marks, model, names, request, sequence, slots, track, words};

#[test]
fn every_panel_is_well_formed_on_every_lab() {
    for id in LABS {
        let lab = shipped(id);
        let mut timeline = run(&lab);
        for ms in [0, 40, 9_000, 29_000] {
            seek(&mut timeline, ms);
            let root = last_root(&timeline);
            for (what, markup) in [
                ("events", events::list(&timeline, &lab, 20)),
                ("decision", decision::panel(&timeline, &lab, root)),
                ("last decision", decision::panel(&timeline, &lab, None)),
                ("track", track::track(&timeline, &lab)),
                ("requests", charts::requests(&timeline, &lab)),
                ("latency", charts::latency(&timeline, &lab)),
                ("access", access::lines(timeline.log(), timeline.world(), &lab, timeline.position(), 10)),
                ("model", model::card(&lab.model)),
                ("messages", sequence::draw(&timeline, &lab, root)),
                ("connections", connections::draw(&timeline, &lab, root)),
                ("slots", slots::draw(&timeline, &lab)),
                ("legend", marks::legend()),
                ("sentence", words::sentence(timeline.world(), &lab)),
                (
                    "request",
                    root.and_then(|root| request::Trace::of(&timeline, root))
                        .map_or_else(String::new, |t| request::panel(&t, &timeline, &lab)),
                ),
            ] {
                check_markup(&markup, &format!("{what} of {id} at {ms} ms"));
            }
            for goal in &lab.scenario.goals {
                check_markup(&goals::meter(goal, timeline.world().measure(&goal.measure), None, false), &goal.id);
            }
        }
    }
}

#[test]
fn a_decision_names_who_could_not_be_picked() {
    let lab = shipped("one-then-four");
    let mut timeline = run(&lab);
    seek(&mut timeline, 5_000);
    let panel = decision::panel(&timeline, &lab, None);
    assert!(panel.contains("Why b1?") && panel.contains("not in the pool"), "{panel}");
    assert_eq!(panel.matches("<tr").count(), 5);
}

#[test]
fn at_layer_4_nobody_decides_about_a_request() {
    let lab = shipped("side-by-side");
    let mut timeline = run(&lab);
    seek(&mut timeline, 5_000);
    let panel = decision::panel(&timeline, &lab, last_root(&timeline));
    assert!(panel.contains("Nobody chose") && panel.contains("once per connection"), "{panel}");
    assert!(!panel.contains("<table"));
}

/// The attacker's last request that is over, with its hops.
fn attack(trusted: f64) -> (request::Trace, String) {
    let lab = shipped("xff-chain");
    let mut timeline = run(&lab);
    timeline.act(ActionKind::Set { knob: "trusted".into(), to: Value::Number(trusted) }).expect("a knob of the lab");
    seek(&mut timeline, 9_000);
    let attacker = timeline.spec().id("attacker").expect("a node of the lab");
    let records = timeline.log().until(timeline.position());
    let over = |root: u32| records.iter().any(|r| matches!(r.event, Event::Ended { flight, .. } if flight == root));
    let roots = records.iter().rev().filter_map(|r| match r.event {
        Event::Arrived { node, .. } if node == attacker && over(r.root) => Some(r.root),
        _ => None,
    });
    let root = roots.into_iter().next().expect("an attack by now");
    let trace = request::Trace::of(&timeline, root).expect("it has arrived");
    let panel = request::panel(&trace, &timeline, &lab);
    (trace, panel)
}

#[test]
fn headers_are_shown_as_sent_on_each_hop() {
    let (trace, panel) = attack(3.0);
    let chains: Vec<usize> = trace
        .hops
        .iter()
        .take(3)
        .map(|hop| hop.headers.iter().find(|(n, _)| n == "X-Forwarded-For").map_or(0, |(_, v)| v.split(',').count()))
        .collect();
    assert_eq!(chains, [1, 2, 3], "each proxy appends one address: {:?}", trace.hops);
    assert_eq!(
        trace.hops[2].believed.map(|ip| Some(ip) == trace.address),
        Some(false),
        "with three trusted hops the gate believes the forged entry"
    );
    assert!(panel.contains("fooled") && panel.contains("Gate (limiter)"), "{panel}");
    let (trace, panel) = attack(2.0);
    assert_eq!(trace.hops[2].believed, trace.address, "with two it believes what the edge wrote");
    assert!(!panel.contains("fooled"));
}

#[test]
fn a_layer_4_hop_is_passed_unread() {
    let lab = shipped("side-by-side");
    let mut timeline = run(&lab);
    seek(&mut timeline, 5_000);
    let root = last_root(&timeline).expect("a request by now");
    while timeline.log().until(timeline.position()).iter().all(|r| !matches!(r.event, Event::Ended { flight, .. } if flight == root)) {
        assert!(timeline.step());
    }
    let trace = request::Trace::of(&timeline, root).expect("it has arrived");
    assert_eq!((trace.hops.len(), trace.hops[0].through.len()), (1, 1));
    assert!(request::panel(&trace, &timeline, &lab).contains("Balancer, unread"));
}

#[test]
fn events_lead_back_to_their_moment_and_use_the_labs_names() {
    let lab = shipped("side-by-side");
    let mut timeline = run(&lab);
    choose(&mut timeline, "layer", "l7");
    seek(&mut timeline, 5_000);
    let list = events::list(&timeline, &lab, 12);
    assert_eq!(list.matches("data-ordinal=").count(), 12);
    assert!(list.contains(&format!("data-ordinal=\"{}\"", timeline.position())) && list.contains("Balancer picks"), "{list}");
    let turned = timeline.log().records().iter().find(|r| matches!(r.event, Event::Acted { .. })).expect("the layer was set");
    assert_eq!(names::say(turned, timeline.world(), timeline.log(), &lab), "You set Layer to Layer 7");
}

#[test]
fn the_track_marks_faults_changes_and_the_run_before() {
    let lab = shipped("one-then-four");
    let mut timeline = run(&lab);
    seek(&mut timeline, 47_000);
    let plain = track::track(&timeline, &lab);
    assert!(plain.contains("b3 killed") && plain.contains("b2 joins +2") && !plain.contains("before your change"));
    seek(&mut timeline, 20_000);
    timeline.act(ActionKind::Set { knob: "policy".into(), to: Value::Choice("least_conn".into()) }).expect("a knob of the lab");
    seek(&mut timeline, 30_000);
    let forked = track::track(&timeline, &lab);
    assert!(forked.contains("You: ") && forked.contains("before your change"), "{forked}");
    assert!(charts::latency(&timeline, &lab).contains("ch-ghost"));
}

#[test]
fn charts_are_classes_and_no_colours() {
    let lab = shipped("one-then-four");
    let mut timeline = run(&lab);
    seek(&mut timeline, 40_000);
    let chart = charts::requests(&timeline, &lab);
    assert!(chart.contains("<polygon") && chart.contains("class=\"ch-s1\"") && chart.contains("url(#hatch-one-then-four)"), "{chart}");
    assert!(!chart.contains("fill=\"#") && !chart.contains("stroke=\"#"));
    assert!(charts::latency(&timeline, &lab).contains("ch-line ch-p99"));
}
