//! A run that can be stepped, stepped back, sought and forked.
//!
//! A position is an event ordinal: many events share one moment, so time is for display.
//! Position 0 is before the run begins. The past is kept as snapshots of the world every so
//! many events; anything between is run again from the snapshot before it, so seeking to an
//! event is the same as running to it.

mod choices;
mod export;
mod ghost;

use std::rc::Rc;

pub use choices::{Choice, Choices, NEVER, differs, first_divergence, shared_arrivals};
pub use export::{Saved, SavedError};
pub use ghost::Ghost;

use crate::scenario::{Action, ActionKind, Spec};
use crate::time::Instant;
use crate::world::{Log, Mark, World};

/// Events between two snapshots. Running again so many takes a millisecond or two.
const SNAPSHOT_EVERY: u32 = 2_048;

#[derive(Clone, Debug)]
struct Snapshot {
    world: World,
    mark: Mark,
    taken: usize,
}

/// A world in the known past, and how many of the actions it has taken.
#[derive(Clone, Debug)]
struct Behind {
    world: World,
    taken: usize,
}

/// A run with its past.
#[derive(Clone, Debug)]
pub struct Timeline {
    spec: Rc<Spec>,
    seed: u64,
    actions: Vec<Action>,
    snapshots: Vec<Snapshot>,
    /// The world at the end of what is known; the log reaches so far.
    front: Snapshot,
    /// The world where the learner stands, when that is not the front.
    behind: Option<Behind>,
    log: Log,
    ghost: Option<Ghost>,
}

/// Where work that is done in slices stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The goal is reached, or the run is over.
    Done,
    /// There is more to do; call again.
    More,
}

/// What a seek is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A position.
    Ordinal(u32),
    /// The last position at or before a moment.
    Time(Instant),
    /// The end of the run.
    End,
}

impl Timeline {
    /// A run at its start.
    pub fn new(spec: Rc<Spec>, seed: u64) -> Self {
        let world = World::new(Rc::clone(&spec), seed);
        let log = Log::new(true);
        let first = Snapshot { world, mark: log.mark(), taken: 0 };
        Self { spec, seed, actions: Vec::new(), snapshots: vec![first.clone()], front: first, behind: None, log, ghost: None }
    }

    /// The world where the run stands.
    pub fn world(&self) -> &World {
        self.behind.as_ref().map_or(&self.front.world, |b| &b.world)
    }

    /// How many of the actions the world where the run stands has taken.
    pub(crate) fn taken(&self) -> usize {
        self.behind.as_ref().map_or(self.front.taken, |b| b.taken)
    }

    /// The scenario that runs.
    pub fn spec(&self) -> &Rc<Spec> {
        &self.spec
    }

    /// The seed that it runs on.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The log of everything known, which may reach past the position.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// The actions of the learner, in order.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Where the run stands: how many events have happened.
    pub fn position(&self) -> u32 {
        self.world().ordinal()
    }

    /// The moment of the position.
    pub fn now(&self) -> Instant {
        self.world().now()
    }

    /// How far the run is known: its last ordinal and moment.
    pub const fn known(&self) -> (u32, Instant) {
        (self.front.world.ordinal(), self.front.world.now())
    }

    /// Whether the run is over where it stands.
    pub fn is_over(&self) -> bool {
        self.world().is_over()
    }

    /// The world at the end of what is known.
    pub const fn front(&self) -> &World {
        &self.front.world
    }

    /// The run as it was before the last fork.
    pub const fn ghost(&self) -> Option<&Ghost> {
        self.ghost.as_ref()
    }

    /// Forgets the run before the last fork.
    pub fn drop_ghost(&mut self) {
        self.ghost = None;
    }

    /// A digest over everything that has happened up to the position.
    pub fn fingerprint(&self) -> u64 {
        self.log.until(self.position()).iter().fold(0, |digest, record| record.digest(digest))
    }

    /// Handles the next event. `false` when the run is over.
    pub fn step(&mut self) -> bool {
        let next = self.position() + 1;
        self.seek(next);
        self.position() == next
    }

    /// Goes back one event. `false` at the start.
    pub fn step_back(&mut self) -> bool {
        let back = self.position() > 0;
        if back {
            self.seek(self.position() - 1);
        }
        back
    }

    /// Goes to a position, or to the end of the run if that comes first.
    pub fn seek(&mut self, ordinal: u32) {
        while self.work(Goal::Ordinal(ordinal), u32::MAX) == Progress::More {}
    }

    /// Goes to the last position at or before a moment.
    pub fn seek_time(&mut self, at: Instant) {
        while self.work(Goal::Time(at), u32::MAX) == Progress::More {}
    }

    /// Goes some way towards a goal, handling at most about `budget` events, so that a page
    /// stays responsive. Until the goal is reached the position may follow what becomes known.
    pub fn work(&mut self, goal: Goal, budget: u32) -> Progress {
        let mut left = budget;
        while !self.is_known(goal) {
            if left == 0 {
                return Progress::More;
            }
            left -= 1;
            if !self.step_front() {
                break;
            }
        }
        let ordinal = match goal {
            Goal::Ordinal(ordinal) => ordinal.min(self.front.world.ordinal()),
            Goal::End => self.front.world.ordinal(),
            Goal::Time(at) => self.ordinal_at(at),
        };
        self.stand_at(ordinal);
        Progress::Done
    }

    fn is_known(&self, goal: Goal) -> bool {
        match goal {
            Goal::Ordinal(ordinal) => ordinal <= self.front.world.ordinal(),
            Goal::Time(at) => self.front.world.next_at().is_some_and(|next| next > at),
            Goal::End => false,
        }
    }

    /// The last position at or before a moment, as far as the run is known.
    pub fn ordinal_at(&self, at: Instant) -> u32 {
        let records = self.log.records();
        let after = records.partition_point(|r| r.at <= at);
        after.checked_sub(1).map_or(0, |last| records[last].ordinal)
    }

    /// The moment of a position, as far as the run is known.
    pub fn time_of(&self, ordinal: u32) -> Instant {
        let records = self.log.until(ordinal);
        records.last().map_or(Instant::START, |r| r.at)
    }

    /// The world as it was at a known position, without going there.
    pub fn world_at(&self, ordinal: u32) -> World {
        let snapshot = &self.snapshots[self.snapshots.partition_point(|s| s.world.ordinal() <= ordinal).saturating_sub(1)];
        let (mut world, mut taken, mut nothing) = (snapshot.world.clone(), snapshot.taken, Log::default());
        loop {
            take_due(&mut world, &mut taken, &self.actions, &mut nothing);
            if world.ordinal() >= ordinal || !world.step(&mut nothing) {
                return world;
            }
        }
    }

    /// Puts the world at a known position.
    fn stand_at(&mut self, ordinal: u32) {
        if ordinal == self.front.world.ordinal() {
            self.take_due_at_front();
            self.behind = None;
            return;
        }
        let snapshot = &self.snapshots[self.snapshots.partition_point(|s| s.world.ordinal() <= ordinal) - 1];
        let near = self.behind.take().filter(|b| (snapshot.world.ordinal()..=ordinal).contains(&b.world.ordinal()));
        let mut behind = near.unwrap_or_else(|| Behind { world: snapshot.world.clone(), taken: snapshot.taken });
        let mut nothing = Log::default();
        loop {
            take_due(&mut behind.world, &mut behind.taken, &self.actions, &mut nothing);
            if behind.world.ordinal() >= ordinal || !behind.world.step(&mut nothing) {
                break;
            }
        }
        self.behind = Some(behind);
    }

    fn take_due_at_front(&mut self) {
        take_due(&mut self.front.world, &mut self.front.taken, &self.actions, &mut self.log);
    }

    /// Runs one event further than is known.
    fn step_front(&mut self) -> bool {
        let last = self.snapshots.last().map_or(0, |s| s.world.ordinal());
        if self.front.world.ordinal() >= last + SNAPSHOT_EVERY {
            self.front.mark = self.log.mark();
            self.snapshots.push(self.front.clone());
            self.log.make_room(self.front.world.now(), self.front.world.horizon());
        }
        self.take_due_at_front();
        self.front.world.step(&mut self.log)
    }

    /// Takes an action where the run stands. What was known of the future is dropped, and kept
    /// as a [`Ghost`] for comparison.
    ///
    /// # Errors
    /// A sentence that says why the action cannot be taken; nothing has changed then.
    pub fn act(&mut self, kind: ActionKind) -> Result<(), String> {
        self.spec.settings(&kind)?;
        if self.known().0 > self.position() {
            self.ghost = Some(Ghost::of(self));
        }
        self.actions.truncate(self.taken());
        self.actions.push(Action { at: self.position(), kind });
        self.rerun_from_here();
        Ok(())
    }

    /// Sets a knob that holds from the start: the run begins anew with it, other actions are dropped
    /// except those taken before the start.
    ///
    /// # Errors
    /// A sentence that says why the action cannot be taken; nothing has changed then.
    pub fn act_at_start(&mut self, kind: ActionKind) -> Result<(), String> {
        self.spec.settings(&kind)?;
        self.seek(0);
        self.act(kind)
    }

    /// Takes back the last action, as if it had never been. `false` when there is none.
    pub fn undo(&mut self) -> bool {
        let Some(last) = self.actions.last() else { return false };
        let at = last.at;
        self.seek(at);
        self.actions.pop();
        // The world has taken it: go back to before, and run up to here without it.
        self.rerun_to(at);
        true
    }

    fn rerun_from_here(&mut self) {
        self.rerun_to(self.position());
    }

    /// Drops what was known past the last snapshot before `ordinal` and runs to it again, so
    /// that the log is written by the same hand throughout.
    fn rerun_to(&mut self, ordinal: u32) {
        let keep = self.snapshots.partition_point(|s| s.world.ordinal() < ordinal).max(1);
        self.snapshots.truncate(keep);
        let from = self.snapshots[keep - 1].clone();
        self.log.cut(from.mark);
        self.front = from;
        self.behind = None;
        loop {
            self.take_due_at_front();
            if self.front.world.ordinal() >= ordinal || !self.front.world.step(&mut self.log) {
                break;
            }
        }
    }

    /// A run of the same scenario, seed and actions as far as the position, to go its own way.
    pub fn fork(&self) -> Self {
        let mut fork = self.clone();
        fork.actions.truncate(fork.taken());
        fork.ghost = None;
        fork.rerun_from_here();
        fork
    }
}

/// Takes the actions that are due where a world stands.
fn take_due(world: &mut World, taken: &mut usize, actions: &[Action], log: &mut Log) {
    while let Some(action) = actions.get(*taken).filter(|a| a.at == world.ordinal()) {
        // Every action was checked before it was kept, so this cannot be refused.
        let _ = world.act(&action.kind, log);
        *taken += 1;
    }
}

#[cfg(test)]
mod tests;
