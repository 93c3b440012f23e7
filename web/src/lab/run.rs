//! What a lab holds while a learner works in it, and how the parts of the page get at it.

use std::rc::Rc;

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{ActionKind, Knob, Spec, Value};
use hopscope_core::time::Instant;
use hopscope_core::timeline::{Goal, Progress, Timeline};
use hopscope_core::world::{NO_ROOT, Record};
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::aside::Kept;
use super::predict;
use crate::progress::{self, LabKey};
use crate::views::decision;
use crate::views::request::Trace;

/// What the copy button says at rest.
pub const COPY: &str = "Copy link";

/// Events handled between two looks at the clock: a millisecond or two.
pub const SLICE: u32 = 500;

/// A run and what it is called when it stands beside others.
pub struct Run {
    /// What it is called beside others; empty for the lab's own run.
    pub name: String,
    /// The run.
    pub timeline: Timeline,
}

/// The state of a lab.
pub struct State {
    /// The lesson's slug.
    pub lesson: String,
    /// The lab with its words.
    pub lab: Rc<Lab>,
    /// The compiled scenario.
    pub spec: Rc<Spec>,
    /// The run, or several side by side on the same arrivals.
    pub runs: Vec<Run>,
    /// Which of the runs is inspected.
    pub shown: usize,
    /// The learner's own run, while variants are compared.
    pub parked: Option<Timeline>,
    /// Whether the runs that are compared are those before and after the last change.
    pub by_change: bool,
    /// The clock between events; the runs stand at the last event before it.
    pub clock: Instant,
    /// A seek that takes more than one slice, and how far it was to go.
    pub seeking: Option<Goal>,
    /// The request that the learner chose to follow.
    pub selected: Option<u32>,
    /// The prediction at which the lab has stopped.
    pub asking: Option<usize>,
    /// Predictions answered since the page was opened, by index: (option, revealed).
    pub answers: Vec<Option<predict::Given>>,
    /// Hints shown.
    pub hints: usize,
    /// Something to tell the learner.
    pub notice: Option<String>,
    /// Whether the learner has done anything here.
    pub touched: bool,
    /// Whether a solution is being shown: nothing is asked on the way.
    pub showing: bool,
    /// Whether time runs.
    pub playing: bool,
    /// Simulated seconds per second, in hundredths.
    pub speed: u32,
    /// The width of the stage, in CSS pixels.
    pub width: u32,
    /// Whether the long list of events is shown.
    pub many_events: bool,
    /// Tables that have been written in but not taken over: knob and rows.
    pub drafts: Vec<(String, Vec<Vec<String>>)>,
    /// What the copy button says.
    pub copied: &'static str,
    /// The request that was traced for the inspector, and for which run and changes it holds.
    pub traced: Option<(u32, usize, usize, Trace)>,
    /// Whether the lab has ever been in view.
    pub seen: bool,
    /// Whether the choices of the runs are listed as a table.
    pub listed: bool,
    /// What the regions whose code comes later keep.
    pub aside: Kept,
}

impl State {
    /// A lab as it opens.
    pub fn new(lesson: &str, lab: &Rc<Lab>, spec: Rc<Spec>) -> Self {
        let predictions = spec.scenario.predictions.len();
        let mut state = Self {
            lesson: lesson.to_owned(),
            lab: Rc::clone(lab),
            runs: vec![Run { name: String::new(), timeline: Timeline::new(Rc::clone(&spec), spec.scenario.seed) }],
            spec,
            shown: 0,
            parked: None,
            by_change: false,
            clock: Instant::START,
            seeking: None,
            selected: None,
            asking: None,
            answers: vec![None; predictions],
            hints: 0,
            notice: None,
            touched: false,
            showing: false,
            playing: false,
            speed: 10,
            width: 1_000,
            many_events: false,
            drafts: Vec::new(),
            copied: COPY,
            traced: None,
            seen: false,
            listed: false,
            aside: Kept::default(),
        };
        state.seek_time(Instant::START + state.spec.scenario.opens_at);
        state.asking = predict::asked_at(&state);
        state
    }

    /// The run that is inspected.
    pub fn timeline(&self) -> &Timeline {
        &self.runs[self.shown].timeline
    }

    /// The learner's own run, compared or not.
    pub fn own(&self) -> &Timeline {
        self.parked.as_ref().unwrap_or(&self.runs[0].timeline)
    }

    /// Names this lab in the learner's progress.
    pub fn key(&self) -> LabKey<'_> {
        LabKey { lesson: &self.lesson, lab: &self.lab.id }
    }

    /// The moment at which the run ends.
    pub fn horizon(&self) -> Instant {
        Instant::START + self.spec.scenario.horizon
    }

    /// Whether every run is over.
    pub fn is_over(&self) -> bool {
        self.runs.iter().all(|run| run.timeline.is_over())
    }

    /// Puts the clock at a moment and every run at its last event before it. A far seek goes on
    /// in slices, see [`State::work`].
    pub fn seek_time(&mut self, at: Instant) {
        self.clock = at.min(self.horizon());
        self.seeking = Some(Goal::Time(self.clock));
        self.work();
    }

    /// Puts the inspected run at an event and the others at the same moment.
    pub fn seek_event(&mut self, ordinal: u32) {
        self.seeking = Some(Goal::Ordinal(ordinal));
        self.work();
    }

    /// Does one slice of what a seek has left. `true` when it is done.
    pub fn work(&mut self) -> bool {
        let Some(goal) = self.seeking else { return true };
        if self.runs[self.shown].timeline.work(goal, SLICE) == Progress::More {
            return false;
        }
        if let Goal::Ordinal(_) | Goal::End = goal {
            self.clock = self.timeline().now();
        }
        let others = Goal::Time(self.clock);
        for index in (0..self.runs.len()).filter(|&i| i != self.shown) {
            if self.runs[index].timeline.work(others, SLICE) == Progress::More {
                self.seeking = Some(goal);
                return false;
            }
        }
        self.seeking = None;
        true
    }

    /// How far a seek is, in percent of the way that is not yet known.
    pub fn seek_percent(&self) -> u32 {
        let known = self.timeline().known().1.as_micros();
        let goal = match self.seeking {
            Some(Goal::Time(at)) => at.as_micros(),
            _ => self.horizon().as_micros(),
        };
        (known * 100).checked_div(goal).map_or(100, |percent| percent.min(100) as u32)
    }

    /// One event on: the earliest of all runs.
    pub fn step(&mut self) {
        self.touched = true;
        if self.runs.len() == 1 {
            self.runs[0].timeline.step();
            self.clock = self.timeline().now();
            return;
        }
        let next = self.runs.iter().filter_map(|run| run.timeline.world().next_at()).min();
        if let Some(at) = next {
            self.seek_time(at);
        }
    }

    /// One event back.
    pub fn step_back(&mut self) {
        self.touched = true;
        let here = self.timeline().position();
        self.seek_event(here.saturating_sub(1));
    }

    /// Takes an action in every run, where they stand. Knobs that hold from the start begin anew.
    pub fn act(&mut self, kind: &ActionKind) {
        self.touched = true;
        self.showing = false;
        self.notice = None;
        self.drafts.clear();
        let at_start = matches!(kind, ActionKind::Set { knob, .. } if self.knob(knob).is_some_and(|k| k.at_start));
        let clock = self.clock;
        for run in &mut self.runs {
            let done = if at_start { run.timeline.act_at_start(kind.clone()) } else { run.timeline.act(kind.clone()) };
            if let Err(why) = done {
                self.notice = Some(format!("That cannot be set: {why}."));
                return;
            }
        }
        if at_start {
            self.seek_time(clock);
        }
    }

    /// Begins anew without the learner's changes.
    pub fn start_over(&mut self) {
        let spec = Rc::clone(&self.spec);
        let fresh = Self::new(&self.lesson, &self.lab, spec);
        let answers = core::mem::take(&mut self.answers);
        let same_run = fresh.timeline().seed() == self.own().seed();
        *self = Self { answers, hints: self.hints, speed: self.speed, width: self.width, touched: true, seen: true, ..fresh };
        if !same_run {
            predict::recall(self);
        }
    }

    /// Begins anew on other arrivals, with the changes that hold from the start.
    pub fn reseed(&mut self, seed: u64) {
        self.touched = true;
        self.selected = None;
        let clock = self.clock;
        for run in &mut self.runs {
            let kept: Vec<ActionKind> = run.timeline.actions().iter().filter(|a| a.at == 0).map(|a| a.kind.clone()).collect();
            run.timeline = Timeline::new(Rc::clone(&self.spec), seed);
            for kind in kept {
                // It could be taken before, so it can be taken now.
                let _ = run.timeline.act(kind);
            }
        }
        self.seek_time(clock);
        // What was predicted about other arrivals says nothing about these.
        predict::recall(self);
    }

    /// Takes back the last change.
    pub fn undo(&mut self) {
        for run in &mut self.runs {
            run.timeline.undo();
            run.timeline.drop_ghost();
        }
        self.clock = self.timeline().now();
    }

    /// The knob of that id.
    pub fn knob(&self, id: &str) -> Option<&Knob> {
        self.spec.scenario.knobs.iter().find(|k| k.id == id)
    }

    /// Where a knob stands now: what was last set, by the learner or the script, or its default.
    pub fn knob_value(&self, knob: &Knob) -> Value {
        let timeline = self.timeline();
        let set = timeline.log().actions_until(timeline.position());
        let last = set.iter().rev().find_map(|action| match action {
            ActionKind::Set { knob: id, to } if *id == knob.id => Some(to.clone()),
            _ => None,
        });
        last.unwrap_or_else(|| knob.kind.default_value())
    }

    /// The request to explain: the one that was chosen, or that of the last decision.
    pub fn request(&self) -> Option<u32> {
        self.selected.or_else(|| {
            let decided = decision::latest(self.timeline(), None).map(|d| d.root).filter(|&root| root != NO_ROOT);
            decided.or_else(|| self.records().iter().rev().map(|r| r.root).find(|&root| root != NO_ROOT))
        })
    }

    /// The records up to where the inspected run stands.
    pub fn records(&self) -> &[Record] {
        self.timeline().log().until(self.timeline().position())
    }

    /// Keeps where the learner stands, for the next visit. A solution that is shown is nobody's work.
    pub fn remember(&self) {
        if self.touched && !self.showing {
            progress::record_lab_seen(self.key());
            let saved = self.own().save(&self.lab.id, &self.lab.digest);
            progress::remember_lab(self.key(), &saved.to_text());
        }
    }
}

/// A lab's state, its place in the page, and the signals that tell when to look at it again.
#[derive(Clone, Copy)]
pub struct Handle {
    state: StoredValue<State, LocalStorage>,
    place: StoredValue<HtmlElement, LocalStorage>,
    /// Something has changed.
    pub tick: RwSignal<u32>,
    /// Something has changed, told at most five times a second while it plays.
    pub slow: RwSignal<u32>,
}

impl Handle {
    /// Wraps a state.
    pub fn new(state: State, place: HtmlElement) -> Self {
        Self { state: StoredValue::new_local(state), place: StoredValue::new_local(place), tick: RwSignal::new(0), slow: RwSignal::new(0) }
    }

    /// The lab's place in the page.
    pub fn place(&self) -> HtmlElement {
        self.place.get_value()
    }

    /// Looks at the state.
    pub fn with<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        self.state.with_value(look)
    }

    /// Changes the state without telling.
    pub fn change_quietly(&self, change: impl FnOnce(&mut State)) {
        self.state.update_value(change);
    }

    /// Changes the state and tells everyone.
    pub fn change(&self, change: impl FnOnce(&mut State)) {
        self.change_quietly(change);
        self.settle();
    }

    /// Tells everyone of a change, and keeps it once it has come to rest.
    pub fn settle(&self) {
        self.tell();
        if self.with(|s| s.playing) {
            return;
        }
        if self.with(|s| s.seeking.is_some()) {
            super::player::work_on(*self);
        } else {
            self.with(State::remember);
            super::link::keep(*self);
        }
    }

    /// Tells everyone that the state has changed.
    pub fn tell(&self) {
        bump(self.tick);
        bump(self.slow);
    }
}

/// Lets whoever watches a signal look again.
pub fn bump(signal: RwSignal<u32>) {
    signal.update(|n| *n = n.wrapping_add(1));
}
