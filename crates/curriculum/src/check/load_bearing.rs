//! Whether a challenge can be met only by what it teaches.
//!
//! The reference solution has to meet every goal. Doing nothing must not, nor the reference without one of the
//! mechanism knobs, nor any other knob alone. All of it over twenty seeds, because one seed may be lucky.

use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

use hopscope_core::scenario::{ActionKind, Challenge, Knob, KnobKind, Scenario, Value};
use hopscope_core::world::{Log, World};
use serde::Serialize;

use crate::load::{Lab, Lesson};
use crate::problem::Problems;

/// Seeds on which each way is played.
pub const SEEDS: u32 = 20;

/// A way to play a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// As the reference does.
    Solution,
    /// The run is left alone.
    Nothing,
    /// As the reference does, but for this mechanism knob.
    Without(String),
    /// Only this knob is turned, and it is none of the mechanism.
    Alone(String),
}

/// One way to play a challenge and how often it met the goals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Which way.
    pub way: Way,
    /// What was done, in words.
    pub what: String,
    /// Seeds on which every goal was met.
    pub wins: u32,
}

/// A challenge, played in every way that matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The lab.
    pub lab: String,
    /// Seeds tried for each way.
    pub seeds: u32,
    /// Whether the solution wins on every seed and nothing else on any.
    pub load_bearing: bool,
    /// The reference solution; it has to win on every seed.
    pub solution: Trial,
    /// Every other way; none of them may win on any seed.
    pub decoys: Vec<Trial>,
}

impl Outcome {
    fn of(lab: &str, solution: Trial, decoys: Vec<Trial>) -> Self {
        let load_bearing = solution.wins == SEEDS && decoys.iter().all(|trial| trial.wins == 0);
        Self { lab: lab.to_owned(), seeds: SEEDS, load_bearing, solution, decoys }
    }
}

/// A table: who must win, who must lose, and who does not do as it must. Knobs that lose as they
/// must share a line.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { lab, seeds, solution, decoys, .. } = self;
        writeln!(f, "  {:<52} {:>5}  must", format!("challenge   {lab}"), "wins")?;
        let mut row = |what: &str, wins: u32, must_win: bool| {
            let right = if must_win { wins == *seeds } else { wins == 0 };
            let must = if must_win { "win" } else { "lose" };
            let mark = if right { "" } else { "   <- it does not" };
            writeln!(f, "    {what:<50} {:>5}  {must}{mark}", format!("{wins}/{seeds}"))
        };
        row(&solution.what, solution.wins, true)?;
        let (quiet, shown): (Vec<&Trial>, Vec<&Trial>) =
            decoys.iter().partition(|trial| matches!(trial.way, Way::Alone(_)) && trial.wins == 0);
        for trial in shown {
            row(&trial.what, trial.wins, false)?;
        }
        let knobs: BTreeSet<&str> =
            quiet.iter().filter_map(|trial| if let Way::Alone(knob) = &trial.way { Some(knob.as_str()) } else { None }).collect();
        match (quiet.len(), knobs.len()) {
            (0, _) => Ok(()),
            (settings, 1) => row(&format!("one other knob alone, {settings} settings"), 0, false),
            (settings, knobs) => row(&format!("{knobs} other knobs alone, {settings} settings"), 0, false),
        }
    }
}

/// Plays the challenges of a lesson; what should not win and does, or the reverse, is a problem.
pub(crate) fn run(lesson: &Lesson, problems: &mut Problems) -> Vec<Outcome> {
    let runnable = lesson.labs.iter().filter(|lab| lab.scenario.compile().is_ok());
    runnable.filter_map(|lab| Some(run_lab(lab, lab.scenario.challenge.as_ref()?, problems))).collect()
}

fn run_lab(lab: &Lab, challenge: &Challenge, problems: &mut Problems) -> Outcome {
    let outcome = play(&lab.id, &lab.scenario, challenge);
    let line = lab.file.text.find("[challenge]").unwrap_or(0);
    if outcome.solution.wins < SEEDS {
        problems.push(lab.file.problem(
            line,
            format!("The solution of `{}` meets the goals on {} of {SEEDS} seeds only.", lab.id, outcome.solution.wins),
            "Loosen a limit, or correct the solution.",
        ));
    }
    for trial in outcome.decoys.iter().filter(|trial| trial.wins > 0) {
        problems.push(lab.file.problem(
            line,
            format!("`{}` can be won by {}, on {} of {SEEDS} seeds.", lab.id, trial.what, trial.wins),
            "Tighten a goal until only the taught mechanism meets it.",
        ));
    }
    outcome
}

/// Plays a challenge in every way that matters.
pub fn play(lab: &str, scenario: &Scenario, challenge: &Challenge) -> Outcome {
    let trial = |way: Way, what: String, actions: &[ActionKind]| Trial { way, what, wins: wins(scenario, actions) };
    let solution = trial(Way::Solution, "the solution".into(), &challenge.solution);
    let decoys = decoys(scenario, challenge).into_iter().map(|(way, what, actions)| trial(way, what, &actions));
    Outcome::of(lab, solution, decoys.collect())
}

/// Ways that must not win: each with its words and what is done before the run begins.
fn decoys(scenario: &Scenario, challenge: &Challenge) -> Vec<(Way, String, Vec<ActionKind>)> {
    let mut ways = vec![(Way::Nothing, "doing nothing".to_owned(), Vec::new())];
    for knob in &challenge.mechanism {
        let rest = challenge.solution.iter().filter(|action| !sets(action, knob)).cloned().collect();
        ways.push((Way::Without(knob.clone()), format!("the solution without `{knob}`"), rest));
    }
    let mechanism: BTreeSet<&str> = challenge.mechanism.iter().map(String::as_str).collect();
    for knob in scenario.knobs.iter().filter(|knob| !mechanism.contains(knob.id.as_str())) {
        for to in settings(&knob.kind) {
            ways.push((Way::Alone(knob.id.clone()), format!("`{}` alone at {}", knob.id, shown(&to)), vec![turn(knob, to)]));
        }
    }
    ways
}

fn turn(knob: &Knob, to: Value) -> ActionKind {
    ActionKind::Set { knob: knob.id.clone(), to }
}

fn sets(action: &ActionKind, id: &str) -> bool {
    matches!(action, ActionKind::Set { knob, .. } if knob == id)
}

/// Least, quartiles and most of a number; every choice; both positions; the order reversed.
fn settings(kind: &KnobKind) -> Vec<Value> {
    match kind {
        KnobKind::Number { min, max, step, .. } => {
            let snapped = |share: f64| if *step > 0.0 { ((max - min) * share / step).round() * step } else { (max - min) * share };
            let mut values: Vec<f64> = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| (min + snapped(share)).min(*max)).to_vec();
            values.dedup();
            values.into_iter().map(Value::Number).collect()
        }
        KnobKind::Choice { of, .. } => of.iter().cloned().map(Value::Choice).collect(),
        KnobKind::Toggle { .. } => vec![Value::Toggle(false), Value::Toggle(true)],
        KnobKind::Order { default } => vec![Value::Order(default.iter().rev().cloned().collect())],
        // What a learner may write has no extremes; what stands there at first is tried by doing nothing.
        KnobKind::Text { .. } | KnobKind::Table { .. } => Vec::new(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Choice(text) | Value::Text(text) => format!("\"{text}\""),
        Value::Toggle(true) => "on".into(),
        Value::Toggle(false) => "off".into(),
        Value::Order(names) => names.join(", "),
        Value::Table(rows) => format!("{} rows", rows.len()),
    }
}

/// Seeds on which every goal is met; an action that the engine refuses wins nowhere.
fn wins(scenario: &Scenario, actions: &[ActionKind]) -> u32 {
    let first = scenario.seed;
    let won = (0..u64::from(SEEDS)).filter(|offset| is_won(scenario, first.wrapping_add(*offset), actions));
    u32::try_from(won.count()).unwrap_or(SEEDS)
}

fn is_won(scenario: &Scenario, seed: u64, actions: &[ActionKind]) -> bool {
    let Ok(spec) = scenario.compile() else { return false };
    let mut world = World::new(Rc::new(spec), seed);
    let mut log = Log::default();
    if actions.iter().any(|action| world.act(action, &mut log).is_err()) {
        return false;
    }
    world.run(&mut log);
    scenario.goals.iter().all(|goal| goal.holds(world.measure(&goal.measure)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_tried_from_end_to_end() {
        let kind = KnobKind::Number { min: 1.0, max: 4.0, step: 1.0, unit: String::new(), default: 1.0 };
        let tried: Vec<String> = settings(&kind).iter().map(shown).collect();
        assert_eq!(tried, ["1", "2", "3", "4"]);
    }

    #[test]
    fn the_table_names_whoever_does_not_do_as_it_must() {
        let trial = |way: Way, what: &str, wins| Trial { way, what: what.to_owned(), wins };
        let alone = |wins| trial(Way::Alone("rate".into()), "`rate` alone at 5", wins);
        let outcome = |wins, decoys| Outcome::of("even-out", trial(Way::Solution, "the solution", wins), decoys);
        let sound = outcome(20, vec![trial(Way::Nothing, "doing nothing", 0), alone(0), alone(0)]);
        assert!(sound.load_bearing);
        assert_eq!(
            sound.to_string(),
            "  challenge   even-out                                  wins  must
    the solution                                       20/20  win
    doing nothing                                       0/20  lose
    one other knob alone, 2 settings                    0/20  lose
"
        );
        let weak = outcome(19, vec![alone(3)]);
        assert!(!weak.load_bearing);
        assert_eq!(weak.to_string().matches("<- it does not").count(), 2, "{weak}");
    }
}
