//! A lab under a name: which seed serves it, what its predictions come to, and how a challenge ended.

use std::rc::Rc;

use super::report::{GoalReport, LabReport};
use super::rules::Rules;
use super::run::Taken;
use super::seed::seed_for;
use crate::assess::truth;
use crate::lesson::Lab;
use crate::scenario::{ActionKind, Challenge, Prediction, Spec};
use crate::time::Instant;
use crate::timeline::{Goal, Progress, Timeline};
use crate::world::World;

/// Events between two looks at what is left.
const SLICE: u32 = 10_000;

/// What is being run.
#[derive(Debug)]
enum Phase {
    /// Nothing is done: a challenge must be lost by that, and every prediction must have an answer.
    Idle(Timeline),
    /// The challenge's own solution, which must win.
    Reference(Timeline),
    /// What the learner did, as far as the action of that index.
    Own(Timeline, usize),
    /// The report is whole.
    Over,
}

/// A lab that is being tried.
#[derive(Debug)]
pub(super) struct Trial {
    rules: &'static Rules,
    spec: Rc<Spec>,
    /// The name and the lesson that seed it.
    of: (String, String),
    nonce: u64,
    /// The predictions that the quiz asks for.
    asked: Vec<usize>,
    /// What the learner did, if the lab is a challenge that was played.
    taken: Option<Vec<Taken>>,
    phase: Phase,
    report: LabReport,
}

impl Trial {
    /// A lab that nothing was run of yet.
    pub(super) fn new(rules: &'static Rules, of: (&str, &str), lab: &Lab, asked: &[&str], taken: Option<Vec<Taken>>) -> Option<Self> {
        let spec = Rc::new(lab.spec().ok()?);
        let place = |id: &&str| spec.scenario.predictions.iter().position(|p| p.id == *id);
        let mut trial = Self {
            rules,
            of: (of.0.to_owned(), of.1.to_owned()),
            nonce: 0,
            asked: asked.iter().filter_map(place).collect(),
            taken,
            phase: Phase::Over,
            report: LabReport::of(lab),
            spec,
        };
        trial.phase = Phase::Idle(trial.fresh());
        Some(trial)
    }

    /// What came of it.
    pub(super) fn into_report(self) -> LabReport {
        self.report
    }

    fn fresh(&self) -> Timeline {
        let seed = seed_for(&self.of.0, &self.of.1, &self.report.lab, self.nonce);
        Timeline::new(Rc::clone(&self.spec), seed)
    }

    fn challenge(&self) -> Option<&Challenge> {
        self.spec.scenario.challenge.as_ref()
    }

    /// Goes some way; takes what it costs, in events, from `left`. `true` when the report is whole.
    pub(super) fn work(&mut self, left: &mut u32) -> bool {
        while *left > 0 {
            self.phase = match core::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Idle(run) => self.idle(run, left),
                Phase::Reference(run) => self.reference(run, left),
                Phase::Own(run, next) => self.own(run, next, left),
                Phase::Over => return true,
            };
        }
        matches!(self.phase, Phase::Over)
    }

    fn idle(&mut self, mut run: Timeline, left: &mut u32) -> Phase {
        if self.challenge().is_some() {
            if !advance(&mut run, Goal::End, left) {
                return Phase::Idle(run);
            }
            if is_won(run.world()) {
                return self.next_seed();
            }
        }
        self.report.truths.clear();
        let spec = Rc::clone(&self.spec);
        for &place in &self.asked {
            let prediction = &spec.scenario.predictions[place];
            let Some(option) = answer_to(&mut run, prediction, left) else { return self.next_seed() };
            self.report.truths.push((prediction.id.clone(), option));
        }
        let Some(challenge) = self.challenge() else { return self.settle() };
        let mut reference = self.fresh();
        let takes_all = challenge.solution.iter().all(|kind| reference.act(kind.clone()).is_ok());
        if takes_all { Phase::Reference(reference) } else { self.next_seed() }
    }

    fn reference(&mut self, mut run: Timeline, left: &mut u32) -> Phase {
        if !advance(&mut run, Goal::End, left) {
            Phase::Reference(run)
        } else if is_won(run.world()) {
            self.settle()
        } else {
            self.next_seed()
        }
    }

    /// The seed serves: it is the one that counts.
    fn settle(&mut self) -> Phase {
        let run = self.fresh();
        self.report.seed = Some(run.seed());
        if self.taken.is_some() { Phase::Own(run, 0) } else { Phase::Over }
    }

    fn next_seed(&mut self) -> Phase {
        self.nonce += 1;
        if self.nonce < self.rules.seeds { Phase::Idle(self.fresh()) } else { Phase::Over }
    }

    fn own(&mut self, mut run: Timeline, next: usize, left: &mut u32) -> Phase {
        let action = self.taken.as_ref().and_then(|taken| taken.get(next)).cloned();
        // One more than may be shows that it is too many, however much is left.
        let mut allowed = (self.rules.events + 1).saturating_sub(run.known().0).min(*left);
        *left -= allowed;
        let is_there = advance(&mut run, action.as_ref().map_or(Goal::End, Taken::goal), &mut allowed);
        *left += allowed;
        if run.known().0 > self.rules.events {
            self.report.trouble = Some(format!("the run takes more than the {} events that a certificate allows", self.rules.events));
            return Phase::Over;
        }
        match action {
            _ if !is_there => Phase::Own(run, next),
            Some(action) => match self.act(&mut run, &action) {
                Ok(()) => Phase::Own(run, next + 1),
                Err(why) => {
                    self.report.trouble = Some(why);
                    Phase::Over
                }
            },
            None => {
                let world = run.world();
                let goals = self.spec.scenario.goals.iter().zip(&mut self.report.goals);
                goals.for_each(|(goal, report)| *report = GoalReport { value: Some(world.measure(&goal.measure)), ..report.clone() });
                self.report.won = is_won(world);
                Phase::Over
            }
        }
    }

    fn act(&self, run: &mut Timeline, action: &Taken) -> Result<(), String> {
        if let ActionKind::Set { knob, .. } = &action.kind {
            let is_late = |k: &crate::scenario::Knob| k.id == *knob && k.at_start && action.at > 0;
            if self.spec.scenario.knobs.iter().any(is_late) {
                return Err(format!("\"{knob}\" can only be set before the run begins"));
            }
        }
        run.act(action.kind.clone())
    }
}

/// Goes towards a goal; `true` when it is reached.
fn advance(run: &mut Timeline, goal: Goal, left: &mut u32) -> bool {
    loop {
        let before = run.known().0;
        let progress = run.work(goal, SLICE.min(*left));
        // Going nowhere costs something too, so that the work always ends.
        *left = left.saturating_sub((run.known().0 - before).max(1));
        match progress {
            Progress::Done => return true,
            Progress::More if *left == 0 => return false,
            Progress::More => {}
        }
    }
}

/// The right option of a prediction in a run in which nothing was done.
fn answer_to(run: &mut Timeline, prediction: &Prediction, left: &mut u32) -> Option<String> {
    run.seek_time(Instant::START + prediction.at);
    // It runs on from there by itself, about as far as the lab goes.
    *left = left.saturating_sub(SLICE);
    truth(run, prediction).option
}

/// Whether every goal is met, and there are some.
fn is_won(world: &World) -> bool {
    let goals = &world.spec().scenario.goals;
    !goals.is_empty() && goals.iter().all(|goal| goal.holds(world.measure(&goal.measure)))
}
