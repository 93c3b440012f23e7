//! A lab under a name: which seed serves it, what its predictions come to, and how a challenge ended.
//!
//! Worlds are run bare, without a log and without a past: a hostile certificate may ask for the
//! greatest load that a lab's knobs allow.

use std::rc::Rc;

use super::report::LabReport;
use super::rules::Rules;
use super::run::Taken;
use super::seed::seed_for;
use crate::assess::truth;
use crate::lesson::Lab;
use crate::scenario::{ActionKind, Challenge, Parts, Prediction, Spec};
use crate::time::Instant;
use crate::timeline::Timeline;
use crate::world::{Log, World};

/// What finding the right option of a prediction is taken to cost, in events.
const PREDICTION: u32 = 10_000;

/// What is being run.
#[derive(Debug)]
enum Phase {
    /// Nothing is done: a challenge must be lost by that, and every prediction must have an answer.
    Idle(Box<World>),
    /// The challenge's own solution, which must win.
    Reference(Box<World>),
    /// What the learner did, as far as the action of that index.
    Own(Box<World>, usize),
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
        let spec = Rc::new(lab.spec(Parts::every()).ok()?);
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

    fn seed(&self) -> u64 {
        seed_for(&self.of.0, &self.of.1, &self.report.lab, self.nonce)
    }

    fn fresh(&self) -> Box<World> {
        Box::new(World::new(Rc::clone(&self.spec), self.seed()))
    }

    fn challenge(&self) -> Option<&Challenge> {
        self.spec.scenario.challenge.as_ref()
    }

    /// Goes some way; takes what it costs, in events, from `left`. `true` when the report is whole.
    pub(super) fn work(&mut self, left: &mut u32) -> bool {
        while *left > 0 {
            self.phase = match core::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Idle(world) => self.idle(world, left),
                Phase::Reference(world) => self.reference(world, left),
                Phase::Own(world, next) => self.own(world, next, left),
                Phase::Over => return true,
            };
        }
        matches!(self.phase, Phase::Over)
    }

    fn idle(&mut self, mut world: Box<World>, left: &mut u32) -> Phase {
        if self.challenge().is_some() {
            if !advance(&mut world, None, left) {
                return Phase::Idle(world);
            }
            if is_won(&world) {
                return self.next_seed();
            }
        }
        self.report.truths.clear();
        let spec = Rc::clone(&self.spec);
        for &place in &self.asked {
            let prediction = &spec.scenario.predictions[place];
            *left = left.saturating_sub(PREDICTION);
            let Some(option) = self.answer_to(prediction) else { return self.next_seed() };
            self.report.truths.push((prediction.id.clone(), option));
        }
        let Some(challenge) = self.challenge() else { return self.settle() };
        let mut reference = self.fresh();
        let takes_all = challenge.solution.iter().all(|kind| reference.act(kind, &mut Log::default()).is_ok());
        if takes_all { Phase::Reference(reference) } else { self.next_seed() }
    }

    /// The right option of a prediction in a run in which nothing was done.
    fn answer_to(&self, prediction: &Prediction) -> Option<String> {
        let mut run = Timeline::new(Rc::clone(&self.spec), self.seed());
        run.seek_time(Instant::START + prediction.at);
        truth(&run, prediction).option
    }

    fn reference(&mut self, mut world: Box<World>, left: &mut u32) -> Phase {
        if !advance(&mut world, None, left) {
            Phase::Reference(world)
        } else if is_won(&world) {
            self.settle()
        } else {
            self.next_seed()
        }
    }

    /// The seed serves: it is the one that counts.
    fn settle(&mut self) -> Phase {
        self.report.seed = Some(self.seed());
        if self.taken.is_some() { Phase::Own(self.fresh(), 0) } else { Phase::Over }
    }

    fn next_seed(&mut self) -> Phase {
        self.nonce += 1;
        if self.nonce < self.rules.seeds { Phase::Idle(self.fresh()) } else { Phase::Over }
    }

    fn own(&mut self, mut world: Box<World>, next: usize, left: &mut u32) -> Phase {
        let action = self.taken.as_ref().and_then(|taken| taken.get(next)).cloned();
        // One event more than may be shows that it is too many, however much is left.
        let mut allowed = (self.rules.events + 1).saturating_sub(world.ordinal()).min(*left);
        *left -= allowed;
        let is_there = advance(&mut world, action.as_ref(), &mut allowed);
        *left += allowed;
        if world.ordinal() > self.rules.events {
            return self.give_up(format!("the run takes more than the {} events that a certificate allows", self.rules.events));
        }
        match action {
            _ if !is_there => Phase::Own(world, next),
            Some(action) => match self.act(&mut world, &action) {
                Ok(()) => Phase::Own(world, next + 1),
                Err(why) => self.give_up(why),
            },
            None => {
                for (goal, report) in self.spec.scenario.goals.iter().zip(&mut self.report.goals) {
                    let value = world.measure(&goal.measure);
                    (report.value, report.met) = (Some(value), goal.holds(value));
                }
                self.report.won = is_won(&world);
                Phase::Over
            }
        }
    }

    fn give_up(&mut self, why: String) -> Phase {
        self.report.trouble = Some(why);
        Phase::Over
    }

    fn act(&self, world: &mut World, action: &Taken) -> Result<(), String> {
        if let ActionKind::Set { knob, .. } = &action.kind
            && action.at > 0
            && self.spec.knob(knob).is_some_and(|index| self.spec.scenario.knobs[index].at_start)
        {
            return Err(format!("\"{knob}\" can only be set before the run begins"));
        }
        world.act(&action.kind, &mut Log::default())
    }
}

/// Runs to where an action is taken, or to the end; `false` when too little was left for that.
fn advance(world: &mut World, to: Option<&Taken>, left: &mut u32) -> bool {
    let moment = match to.map(Taken::moment) {
        Some(None) => return true,
        Some(Some(moment)) => moment,
        None => world.horizon(),
    };
    let mut nothing = Log::default();
    while *left > 0 {
        *left -= 1;
        if !world.step_by(moment, &mut nothing) {
            return true;
        }
    }
    false
}

/// Whether every goal is met, and there are some.
fn is_won(world: &World) -> bool {
    let goals = &world.spec().scenario.goals;
    !goals.is_empty() && goals.iter().all(|goal| goal.holds(world.measure(&goal.measure)))
}
