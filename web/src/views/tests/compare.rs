//! Runs side by side: what is told of them is what their logs say, and drawing a long raster costs
//! no more than a short one.

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{ActionKind, Value};
use hopscope_core::timeline::{Choices, Timeline, first_divergence};

use super::{LABS, check_markup, run, seek, shipped, written};
use crate::views::compare::{COLUMN, Found, LETTERS, Side, Sides, arrived, differences, latency, parting, raster, table};

/// Four servers, one of them slow, and the knobs that tell variants apart.
fn pool(rate: u32, arrivals: &str) -> Lab {
    let servers: String = (1..=4).map(|n| format!("[[backends]]\nname = \"server-{n}\"\nworkers = 2\n")).collect();
    written(&format!(
        "horizon = \"40s\"\n[[clients]]\nname = \"web\"\ntarget = \"lb\"\nusers = 40\narrivals = {arrivals}\n\
         [[clients.requests]]\nname = \"page\"\nservice = {{ exponential = {{ mean = \"{}us\" }} }}\n\
         [[proxies]]\nname = \"lb\"\nlayer = \"l7\"\npools = [{{ name = \"pool\", keepalive = 32, members = [{{ node = \"server-1\", weight = 3 }}, {{ node = \"server-2\" }}, {{ node = \"server-3\" }}, {{ node = \"server-4\" }}] }}]\n\
         {servers}[[knobs]]\nid = \"policy\"\nsets = [\"lb.pool.policy\"]\nkind = {{ choice = {{ of = [\"round_robin\", \"weighted_round_robin\", \"least_conn\", \"ip_hash\", \"ketama\"], default = \"round_robin\" }} }}\n\
         [[faults]]\nid = \"kill\"\neffect = {{ kill = {{ node = \"server-2\" }} }}\n",
        1_000_000 * 3 / rate
    ))
}

fn open(rate: u32) -> Lab {
    pool(rate, &format!("{{ poisson = {{ rate = {rate} }} }}"))
}

fn policy(name: &str) -> ActionKind {
    ActionKind::Set { knob: "policy".into(), to: Value::Choice(name.into()) }
}

fn kill() -> ActionKind {
    ActionKind::Fault { id: "kill".into(), on: true }
}

/// Runs that each begin with one action, at a moment.
fn runs(lab: &Lab, first: &[ActionKind], ms: u64) -> Vec<Timeline> {
    let one = |kind: &ActionKind| {
        let mut timeline = run(lab);
        timeline.act(kind.clone()).unwrap_or_else(|error| panic!("{error}"));
        seek(&mut timeline, ms);
        timeline
    };
    first.iter().map(one).collect()
}

/// Looks at runs side by side, the first inspected, at the last request to have arrived.
fn look<T>(lab: &Lab, runs: &[Timeline], see: impl FnOnce(&Sides<'_>) -> T) -> T {
    let mut choices = vec![Choices::default(); runs.len()];
    choices.iter_mut().zip(runs).for_each(|(choices, run)| choices.follow(run));
    let all = runs.iter().zip(LETTERS).map(|(run, name)| Side { name, run }).collect();
    let arrived = arrived(&runs[0]);
    let found = Found::default().again(&choices, arrived);
    see(&Sides { lab, all, choices: &choices, shown: 0, followed: arrived.saturating_sub(1), found })
}

fn check_all(sides: &Sides<'_>, what: &str) {
    for (part, markup) in [
        ("differences", differences(sides)),
        ("raster", raster(sides, (0, 12))),
        ("table", table(sides, true)),
        ("parting", parting(sides)),
        ("latency", latency(sides)),
    ] {
        check_markup(&markup, &format!("{part} of {what}"));
        assert!(!markup.contains("fill=\"#") && !markup.contains("stroke=\"#"), "colours come from classes: {part} of {what}");
    }
}

#[test]
fn every_lab_can_be_compared_at_every_moment() {
    for id in LABS {
        let lab = shipped(id);
        let (mut a, mut b) = (run(&lab), run(&lab));
        if let Some(fault) = lab.scenario.faults.last() {
            seek(&mut b, 500);
            b.act(ActionKind::Fault { id: fault.id.clone(), on: true }).expect("a fault of the lab");
        }
        for ms in [0, 40, 9_000, 29_000, 2_000] {
            seek(&mut a, ms);
            seek(&mut b, ms);
            look(&lab, &[a.clone(), b.clone()], |sides| check_all(sides, &format!("{id} at {ms} ms")));
        }
    }
    let lab = open(100);
    let four = ["round_robin", "weighted_round_robin", "least_conn", "ip_hash"].map(policy);
    look(&lab, &runs(&lab, &four, 9_000), |sides| check_all(sides, "four variants"));
}

#[test]
fn the_first_divergence_is_flagged_where_the_runs_part() {
    let lab = open(100);
    let runs = runs(&lab, &[policy("round_robin"), policy("weighted_round_robin")], 3_000);
    look(&lab, &runs, |sides| {
        let parted = first_divergence(sides.choices).expect("the weights differ");
        let drawn = raster(sides, (parted, 10));
        assert_eq!(drawn.matches("first divergence").count(), 1, "{drawn}");
        let first = format!("is request {}: A chose", parted + 1);
        assert!(drawn.contains(&first) && table(sides, false).contains(&first), "{drawn}");
        assert!(differences(sides).contains(&format!("First divergence: request {}", parted + 1)));
        let target = format!("data-id=\"0,{},{}\"", sides.choices[0].all()[parted].root, sides.choices[0].all()[parted].chosen);
        assert!(differences(sides).contains(&target) && parting(sides).contains(&target), "all lead to the same event");
        let before = drawn.find("rs-differs").expect("a column that differs");
        assert_eq!(drawn[..before].matches("rs-same").count(), 2 * parted, "up to there every cell is hollow");
    });
    let same = [run(&lab), run(&lab)];
    look(&lab, &same, |sides| {
        assert!(parting(sides).is_empty() && differences(sides).contains("Go to the first divergence"));
        assert!(table(sides, false).contains("no difference"));
    });
}

#[test]
fn cells_name_the_server_and_tell_what_failed_or_is_still_open() {
    let lab = open(100);
    let mut runs = runs(&lab, &[policy("round_robin"), policy("least_conn")], 2_000);
    for run in &mut runs {
        run.act(kill()).expect("a fault of the lab");
        seek(run, 4_000);
    }
    look(&lab, &runs, |sides| {
        let drawn = raster(sides, (sides.followed, 12));
        assert!(drawn.contains(">1</text>") && drawn.contains(">4</text>"), "labels are what tells the names apart: {drawn}");
        assert!(drawn.contains("rs-failed"), "a dead server fails");
        assert!(table(sides, true).contains("server-2") && table(sides, false).contains("server-2"), "full names in table and legend");
    });
    let mut early = runs;
    early.iter_mut().for_each(|run| seek(run, 3_000));
    look(&lab, &early, |sides| {
        let drawn = raster(sides, (sides.followed, 12));
        assert!(drawn.contains("rs-ahead") && drawn.contains("rs-now"), "what is known beyond the clock is paler");
    });
}

#[test]
fn a_row_marks_its_best_in_words() {
    let lab = open(300);
    let runs = runs(&lab, &[policy("round_robin"), policy("ip_hash"), policy("least_conn")], 20_000);
    look(&lab, &runs, |sides| {
        let table = differences(sides);
        let row = |name: &str| {
            let from = table.find(&format!(">{name}<")).unwrap_or_else(|| panic!("{name} is missing: {table}"));
            table[from..].split("</tr>").next().unwrap_or_default().to_owned()
        };
        let variation = sides.all.iter().map(|side| side.run.world().variation());
        let least = variation.clone().fold(f64::MAX, f64::min);
        let cells: Vec<bool> = row("Variation").split("<td").skip(1).map(|cell| cell.contains("best: ")).collect();
        let expect: Vec<bool> = variation.map(|value| value <= least + 0.005).collect();
        assert_eq!(cells, expect, "{}", row("Variation"));
        assert_eq!(row("Failed").matches("best: ").count(), 0, "where all are the same none is best");
    });
}

#[test]
fn a_closed_loop_says_that_requests_are_compared_by_their_order() {
    let words = |lab: &Lab| {
        let runs = runs(lab, &[policy("round_robin"), policy("ip_hash")], 8_000);
        look(lab, &runs, |sides| table(sides, false))
    };
    let closed = pool(100, "{ closed = { think = { constant = { value = \"10ms\" } } } }");
    assert!(words(&closed).contains("compares them by their order"));
    assert!(!words(&open(100)).contains("compares them by their order"));
}

#[test]
fn of_a_hundred_thousand_requests_only_those_in_view_are_drawn() {
    let lab = open(2_600);
    let runs = runs(&lab, &[policy("round_robin"), policy("least_conn")], 40_000);
    look(&lab, &runs, |sides| {
        let known = sides.choices[0].all().len();
        assert!(known > 100_000, "{known}");
        let middle = raster(sides, (known / 2, 35));
        assert!(middle.contains(&format!("width=\"{}\"", known * COLUMN + 4)));
        assert!(middle.matches("data-do").count() < 2 * 120 && middle.len() < 60_000, "{} bytes", middle.len());
        assert_eq!(middle, raster(sides, (known / 2 - known / 2 % 16 + 15, 35)), "scrolling a little draws nothing anew");
        check_markup(&middle, "the middle of a long run");
    });
}

#[test]
fn behind_a_row_of_balancers_the_first_real_choice_counts() {
    let lb = |name: &str| {
        format!("[[proxies]]\nname = \"{name}\"\nlayer = \"l7\"\npools = [{{ name = \"pool\", members = [{{ node = \"b\" }}] }}]\n")
    };
    let lab = written(&format!(
        "horizon = \"10s\"\n[[clients]]\nname = \"web\"\ntarget = \"edge\"\narrivals = {{ poisson = {{ rate = 50 }} }}\n\
         [[proxies]]\nname = \"edge\"\nlayer = \"l7\"\npools = [{{ name = \"next\", members = [{{ node = \"lb1\" }}, {{ node = \"lb2\" }}] }}]\n{}{}\
         [[backends]]\nname = \"b\"\n",
        lb("lb1"),
        lb("lb2")
    ));
    let mut timeline = run(&lab);
    seek(&mut timeline, 5_000);
    look(&lab, &[timeline.clone(), timeline], |sides| {
        let drawn = raster(sides, (0, 12));
        assert!(drawn.contains(">lb1</text>") && drawn.contains(">lb2</text>") && !drawn.contains(">b</text>"), "{drawn}");
        assert!(!drawn.contains("rs-open"), "whoever was chosen has a mark: {drawn}");
    });
}
