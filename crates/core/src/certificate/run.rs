//! What a learner did in a challenge, and when.

use super::bits::{Reader, Writer};
use super::value;
use crate::scenario::{Action, ActionKind, Scenario};
use crate::time::{Duration, Instant};
use crate::timeline::Timeline;

/// Something that was done, and when.
///
/// The moment is a time and not an event's ordinal: the run of a certificate has a seed of its own,
/// where the same ordinal is another moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// Milliseconds of the run, all events of that moment included; 0 is before the run begins.
    pub at: u32,
    /// What was done.
    pub kind: ActionKind,
}

/// A challenge as it was played.
#[derive(Clone, Debug, PartialEq)]
pub struct LabRun {
    /// The lab.
    pub lab: String,
    /// What was done, in order of time.
    pub taken: Vec<Taken>,
}

/// Why an action cannot be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unwritable {
    /// There are too many.
    Many,
    /// It comes before the one before it, or after the end.
    Late,
    /// The lab has no such knob or fault, or the knob no such value.
    Unknown,
}

impl Taken {
    /// The moment whose events come before this; `None` before the run begins.
    pub(super) fn moment(&self) -> Option<Instant> {
        (self.at > 0).then(|| Instant::START + Duration::from_millis(self.at.into()))
    }
}

impl LabRun {
    /// What was done in a run up to where it stands.
    ///
    /// A moment is taken to the next whole millisecond, which mostly lies before the next event.
    /// What a knob was set to before the run began counts once, as it was last.
    pub fn of(lab: &str, timeline: &Timeline) -> Self {
        let actions = &timeline.actions()[..timeline.taken()];
        let is_undone = |i: usize, action: &Action| {
            let later = actions[i + 1..].iter().take_while(|later| later.at == 0);
            action.at == 0 && later.into_iter().any(|later| same_thing(&later.kind, &action.kind))
        };
        let kept = actions.iter().enumerate().filter(|(i, action)| !is_undone(*i, action));
        let taken = |action: &Action| Taken { at: moment(timeline, action.at), kind: action.kind.clone() };
        Self { lab: lab.to_owned(), taken: kept.map(|(_, action)| taken(action)).collect() }
    }
}

/// Whether both set the same knob, or switch the same fault.
fn same_thing(a: &ActionKind, b: &ActionKind) -> bool {
    match (a, b) {
        (ActionKind::Set { knob: a, .. }, ActionKind::Set { knob: b, .. }) => a == b,
        (ActionKind::Fault { id: a, .. }, ActionKind::Fault { id: b, .. }) => a == b,
        _ => false,
    }
}

fn moment(timeline: &Timeline, ordinal: u32) -> u32 {
    if ordinal == 0 {
        return 0;
    }
    let ms = timeline.time_of(ordinal).as_micros().div_ceil(1_000).max(1);
    u32::try_from(ms).unwrap_or(u32::MAX)
}

/// The last moment of a lab, in milliseconds.
const fn end(scenario: &Scenario) -> u64 {
    scenario.horizon.as_micros().div_ceil(1_000)
}

/// Writes what was done in a lab.
pub(super) fn write(w: &mut Writer, scenario: &Scenario, taken: &[Taken], most: usize) -> Result<(), Unwritable> {
    if taken.len() > most {
        return Err(Unwritable::Many);
    }
    w.number(taken.len() as u64);
    let mut last = 0;
    for Taken { at, kind } in taken {
        let after = at.checked_sub(last).filter(|_| u64::from(*at) <= end(scenario)).ok_or(Unwritable::Late)?;
        w.number(u64::from(after));
        last = *at;
        write_kind(w, scenario, kind).ok_or(Unwritable::Unknown)?;
    }
    Ok(())
}

fn write_kind(w: &mut Writer, scenario: &Scenario, kind: &ActionKind) -> Option<()> {
    let (knobs, faults) = (&scenario.knobs, &scenario.faults);
    let all = knobs.len() + faults.len();
    match kind {
        ActionKind::Set { knob, to } => {
            let index = knobs.iter().position(|k| k.id == *knob)?;
            w.index(index, all);
            value::write(w, &knobs[index].kind, to)
        }
        ActionKind::Fault { id, on } => {
            w.index(knobs.len() + faults.iter().position(|f| f.id == *id)?, all);
            w.flag(*on);
            Some(())
        }
    }
}

/// Reads what [`write`] wrote.
pub(super) fn read(r: &mut Reader<'_>, scenario: &Scenario, most: usize) -> Vec<Taken> {
    let (mut taken, mut at) = (Vec::new(), 0u64);
    for _ in 0..r.count(most) {
        at = at.saturating_add(r.number());
        let kind = read_kind(r, scenario);
        if r.failed() || at > end(scenario) {
            r.fail();
            return Vec::new();
        }
        // No lab is as long as 32 bits of milliseconds, and the check above says so.
        taken.extend(kind.map(|kind| Taken { at: at as u32, kind }));
    }
    taken
}

fn read_kind(r: &mut Reader<'_>, scenario: &Scenario) -> Option<ActionKind> {
    let (knobs, faults) = (&scenario.knobs, &scenario.faults);
    let index = r.index(knobs.len() + faults.len());
    if let Some(knob) = knobs.get(index) {
        return Some(ActionKind::Set { knob: knob.id.clone(), to: value::read(r, &knob.kind) });
    }
    let fault = faults.get(index - knobs.len())?;
    Some(ActionKind::Fault { id: fault.id.clone(), on: r.flag() })
}
