//! The stage: nothing overlaps, strands say who is pinned where, dots stay on it.

use hopscope_core::scenario::ActionKind;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::NodeId;

use super::{LABS, SHAPES, check_markup, choose, labels, run, scene, seek, shipped, written};
use crate::views::geometry::Geometry;
use crate::views::{Shape, dots, stage, words};
use hopscope_core::lesson::Lab;

/// Draws a run in every shape and looks for what must not be.
fn check(lab: &Lab, timeline: &Timeline, what: &str) {
    for shape in SHAPES {
        let scene = scene(lab, timeline, shape);
        let geometry = Geometry::new(&scene);
        let svg = stage::draw(&scene, &geometry);
        let what = format!("{what} at {} {shape:?}", timeline.now());
        check_markup(&svg, &what);
        labels::check(&svg, geometry.width, geometry.height, &what);
        check_boxes(&geometry, &what);
        for dot in dots::dots(&geometry, timeline.world(), timeline.now()) {
            assert!(
                dot.x >= 0.0 && dot.x <= f64::from(geometry.width) && dot.y >= 0.0 && dot.y <= f64::from(geometry.height),
                "{what}: {dot:?}"
            );
        }
    }
    check_markup(&words::state(timeline.world(), lab), what);
}

fn picture(lab: &Lab, timeline: &Timeline) -> String {
    let scene = scene(lab, timeline, Shape::Wide);
    stage::draw(&scene, &Geometry::new(&scene))
}

fn check_boxes(geometry: &Geometry, what: &str) {
    let drawn: Vec<_> =
        (0..geometry.boxes.len()).filter(|&i| geometry.is_drawn(NodeId::new(i))).map(|i| geometry.boxes[i]).chain(geometry.rest).collect();
    for (i, a) in drawn.iter().enumerate() {
        assert!(a.x >= 0 && a.y >= 0 && a.right() <= geometry.width && a.bottom() <= geometry.height, "{what}: {a:?} leaves the picture");
        for b in &drawn[i + 1..] {
            let apart = a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
            assert!(apart, "{what}: {a:?} lies on {b:?}");
        }
    }
}

#[test]
fn shipped_labs_are_drawn_without_overlap() {
    for id in LABS {
        let lab = shipped(id);
        let mut timeline = run(&lab);
        for ms in [0, 100, 3_000, 12_000, 24_000, 39_500] {
            seek(&mut timeline, ms);
            check(&lab, &timeline, id);
        }
        if lab.scenario.knobs.iter().any(|k| k.id == "layer") {
            choose(&mut timeline, "layer", "l7");
            seek(&mut timeline, 9_000);
            check(&lab, &timeline, &format!("{id} at layer 7"));
        }
        for fault in lab.scenario.faults.iter().rev().take(3) {
            let _ = timeline.act(ActionKind::Fault { id: fault.id.clone(), on: true });
            for _ in 0..60 {
                timeline.step();
            }
            check(&lab, &timeline, &format!("{id} with {}", fault.id));
        }
    }
}

#[test]
fn every_protocol_can_be_patched_through() {
    let lab = shipped("side-by-side");
    for protocol in ["http1", "http1_close", "http2"] {
        for policy in ["ip_hash", "least_conn"] {
            let mut timeline = run(&lab);
            choose(&mut timeline, "protocol", protocol);
            choose(&mut timeline, "policy", policy);
            seek(&mut timeline, 8_000);
            for _ in 0..40 {
                timeline.step();
                check(&lab, &timeline, protocol);
            }
        }
    }
}

#[test]
fn layer_4_shows_whose_connection_is_pinned_where() {
    let lab = shipped("side-by-side");
    let mut timeline = run(&lab);
    seek(&mut timeline, 5_000);
    let svg = picture(&lab, &timeline);
    assert!(svg.contains("users 1, 5") && svg.contains("users 2, 6"), "{svg}");
    assert_eq!(svg.matches("class=\"st-tag").count() / 2, 6, "one number per connection");
    assert!(svg.contains(">pinned<") && svg.contains("role=\"img\"") && svg.contains("aria-label=\"The stage at "));
    assert!(words::state(timeline.world(), &lab).contains("connections of users 1, 5"));

    choose(&mut timeline, "layer", "l7");
    seek(&mut timeline, 5_000);
    let svg = picture(&lab, &timeline);
    assert!(!svg.contains("users 1, 5") && !svg.contains("st-tag") && svg.contains("st-hub"));
    assert!(svg.contains(">chosen<"));
}

#[test]
fn dots_travel_on_their_users_strand() {
    let lab = shipped("side-by-side");
    let mut timeline = run(&lab);
    seek(&mut timeline, 2_000);
    let mut seen = 0;
    for _ in 0..400 {
        timeline.step();
        let geometry = Geometry::new(&scene(&lab, &timeline, Shape::Wide));
        for message in timeline.world().messages() {
            let half = hopscope_core::time::Instant((message.sent.0 + message.arrives.0) / 2);
            let dots = dots::dots(&geometry, timeline.world(), half);
            let on_strand = |d: &dots::Dot| {
                geometry.strands.iter().flat_map(|s| &s.legs).any(|l| {
                    (0..=100).any(|n| {
                        let (x, y) = l.curve.at(f64::from(n) / 100.0);
                        (x - d.x).abs() + (y - d.y).abs() < 12.0
                    })
                })
            };
            assert!(dots.iter().all(on_strand), "{dots:?}");
            seen += dots.len();
        }
    }
    assert!(seen > 100, "{seen} dots were looked at");
}

#[test]
fn many_backends_are_summed_up() {
    let members: String = (1..=20).map(|n| format!("{{ node = \"b{n}\" }}, ")).collect();
    let backends: String = (1..=20).map(|n| format!("[[backends]]\nname = \"b{n}\"\nworkers = {n}\n")).collect();
    let text = format!(
        "horizon = \"10s\"\n[[clients]]\nname = \"an uncommonly long name of a group\"\ntarget = \"lb\"\nusers = 900\narrivals = {{ poisson = {{ rate = 900 }} }}\n[[proxies]]\nname = \"lb\"\npools = [{{ name = \"a pool with a long name\", members = [{members}] }}]\n{backends}"
    );
    let lab = written(&text);
    let mut timeline = run(&lab);
    seek(&mut timeline, 5_000);
    check(&lab, &timeline, "twenty backends");
    assert!(picture(&lab, &timeline).contains("13 more backends"));
}

#[test]
fn odd_topologies_are_drawn() {
    let store = r#"
horizon = "10s"
[[clients]]
name = "app"
target = "proxy"
[[proxies]]
name = "proxy"
stages = [
  { name = "auth", do = { call = { to = "store" } } },
  { name = "shadow", do = { mirror = { to = "copy", percent = 50 } } },
  { name = "slow", do = { wait = { hold = "5ms" } } },
]
pools = [{ name = "p", members = [{ node = "b", weight = 3 }, { node = "c" }] }]
[[backends]]
name = "b"
workers = 40
[[backends]]
name = "c"
[[backends]]
name = "store"
[[backends]]
name = "copy"
[[faults]]
id = "slow-b"
effect = { slow = { node = "b", factor = 7.5 } }
[[faults]]
id = "hang-c"
effect = { hang = { node = "c" } }
[[faults]]
id = "leave-c"
effect = { leave = { node = "c" } }
"#;
    let cast = r#"
horizon = "5s"
[[clients]]
name = "sender"
target = "switch"
protocol = "udp"
requests = [{ name = "beacon", answered = false }]
[[switches]]
name = "switch"
attached = ["r1", "r2", "r3"]
[[backends]]
name = "r1"
[[backends]]
name = "r2"
[[backends]]
name = "r3"
"#;
    let straight = "horizon = \"5s\"\n[[clients]]\nname = \"c\"\ntarget = \"b\"\narrivals = { closed = { think = { constant = { value = \"10ms\" } } } }\n[[backends]]\nname = \"b\"\n";
    for text in [store, cast, straight] {
        let lab = written(text);
        let mut timeline = run(&lab);
        seek(&mut timeline, 1_000);
        check(&lab, &timeline, text);
        for fault in &lab.scenario.faults {
            let _ = timeline.act(ActionKind::Fault { id: fault.id.clone(), on: true });
            timeline.step();
            check(&lab, &timeline, &fault.id);
        }
    }
}
