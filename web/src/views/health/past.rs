//! What the log says of one member in a stretch of time.

use hopscope_core::lesson::Lab;
use hopscope_core::policy::health::{Finding, Reason};
use hopscope_core::scenario::Effect;
use hopscope_core::time::{Duration, Instant};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Event, HealthView, NodeId, Outcome};

use super::super::events::seconds;
use super::super::names;

/// A check that is over.
#[derive(Clone, Copy)]
pub(super) struct Check {
    pub(super) began: Instant,
    pub(super) over: Instant,
    pub(super) finding: Finding,
    pub(super) good: bool,
}

/// It was used from then on, or no longer.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) at: Instant,
    pub(super) up: bool,
    reason: Reason,
}

/// Something was broken there, or mended.
#[derive(Clone, Copy)]
pub(super) struct Deed {
    pub(super) at: Instant,
    pub(super) wrong: bool,
    action: u16,
}

/// One member's past, as one balancer saw it.
#[derive(Default)]
pub(super) struct Past {
    pub(super) checks: Vec<Check>,
    pub(super) turns: Vec<Turn>,
    /// Requests that went wrong there.
    pub(super) errors: Vec<Instant>,
    /// What was done to it, from the beginning of the run.
    pub(super) deeds: Vec<Deed>,
}

impl Past {
    /// What has happened since a moment.
    pub(super) fn of(run: &Timeline, by: NodeId, row: &HealthView, from: Instant) -> Self {
        let (log, position) = (run.log(), run.position());
        let rules = run.spec().node(by).pools()[usize::from(row.pool)].checks.as_ref();
        let known = log.until(position);
        let mut past = Self { deeds: deeds(run, row.node), ..Self::default() };
        // A fault that nobody has noticed may lie further back than the stretch; so do its checks.
        let since = past.deeds.iter().rev().find(|deed| deed.wrong).map_or(from, |deed| deed.at.min(from));
        let mut there: Vec<u32> = Vec::new();
        for record in &known[known.partition_point(|r| r.at < since)..] {
            match record.event {
                Event::Probed { node, to, finding, took } if (node, to) == (by, row.node) => {
                    let good = rules.is_some_and(|rules| rules.is_good(finding));
                    let began = Instant(record.at.as_micros().saturating_sub(took.as_micros()));
                    past.checks.push(Check { began, over: record.at, finding, good });
                }
                Event::WentDown { node, to, reason } if (node, to) == (by, row.node) => {
                    past.turns.push(Turn { at: record.at, up: false, reason });
                }
                Event::WentUp { node, to, reason } if (node, to) == (by, row.node) => {
                    past.turns.push(Turn { at: record.at, up: true, reason });
                }
                Event::Decided { node, decision, .. } if node == by => {
                    there.retain(|&root| root != record.root);
                    if log.decisions.get(decision).is_some_and(|d| d.chosen == Some(row.node)) {
                        there.push(record.root);
                    }
                }
                Event::Ended { node, outcome, status, .. } if node == by && there.contains(&record.root) => {
                    if outcome == Outcome::Failed || status >= 500 {
                        past.errors.push(record.at);
                    }
                    there.retain(|&root| root != record.root);
                }
                _ => {}
            }
        }
        past
    }

    /// The last fault before a moment, unless it was mended by then.
    fn fault_before(&self, at: Instant) -> Option<&Deed> {
        self.deeds.iter().rev().find(|deed| deed.at <= at).filter(|deed| deed.wrong)
    }

    /// The verdict on the last fault: when it was, and when the member was used no longer.
    pub(super) fn verdict(&self) -> Option<(&Deed, &Turn)> {
        let fault = self.deeds.iter().rev().find(|deed| deed.wrong)?;
        let turn = self.turns.iter().find(|turn| turn.at >= fault.at)?;
        (!turn.up && self.fault_before(turn.at).is_some_and(|deed| deed.at == fault.at)).then_some((fault, turn))
    }

    /// How the time from the last fault to its verdict adds up. `up`: whether it can be used now.
    pub(super) fn sum(&self, lab: &Lab, run: &Timeline, up: bool) -> Option<String> {
        let Some((fault, turn)) = self.verdict() else {
            let fault = self.fault_before(run.now())?;
            // Whoever was out already is not looked at for that.
            let words = self.deed(fault, lab, run);
            return up.then(|| format!("{words} at {}. Not noticed for {} so far.", seconds(fault.at), run.now() - fault.at));
        };
        let took = turn.at - fault.at;
        let begins = format!("{} at {}, out at {}", self.deed(fault, lab, run), seconds(fault.at), seconds(turn.at));
        let failed = |check: &&Check| !check.good && check.began >= fault.at && check.over <= turn.at;
        let failed: Vec<&Check> = self.checks.iter().filter(failed).collect();
        let by_requests = matches!(turn.reason, Reason::Errors(_) | Reason::Ejected(..));
        let (Some(first), false) = (failed.first(), by_requests) else {
            return Some(match turn.reason {
                Reason::Errors(n) | Reason::Ejected(n, _) => {
                    format!("{begins}: noticed after {took}, when {n} requests in a row had gone wrong.")
                }
                _ => format!("{begins}: noticed after {took}."),
            });
        };
        let asking = failed.iter().fold(Duration::ZERO, |sum, check| sum + (check.over - check.began));
        let wait = first.began - fault.at;
        let pauses = took.as_micros().saturating_sub(asking.as_micros() + wait.as_micros());
        let checks = if failed.len() == 1 { "1 check".to_owned() } else { format!("{} checks", failed.len()) };
        Some(format!(
            "{begins}: noticed after {took} = {wait} to the next check + {asking} in {checks} + {} between them.",
            Duration(pauses)
        ))
    }

    /// What was done to it, with its name.
    pub(super) fn deed(&self, deed: &Deed, lab: &Lab, run: &Timeline) -> String {
        run.log().actions.get(usize::from(deed.action)).map_or_else(String::new, |kind| names::action(kind, lab, run.spec()))
    }
}

/// What was done to a server so far.
fn deeds(run: &Timeline, server: NodeId) -> Vec<Deed> {
    let (log, spec) = (run.log(), run.spec());
    let mut deeds = Vec::new();
    for record in log.deeds().filter(|record| record.ordinal <= run.position()) {
        let Event::Acted { action, .. } = record.event else { continue };
        let Some(hopscope_core::scenario::ActionKind::Fault { id, on }) = log.actions.get(usize::from(action)) else { continue };
        let effect = spec.scenario.faults.iter().find(|fault| fault.id == *id).map(|fault| &fault.effect);
        let (Some(Effect::Kill { node } | Effect::Hang { node } | Effect::Slow { node, .. } | Effect::Fail { node, .. }), wrong) =
            (effect, *on)
        else {
            continue;
        };
        if spec.id(node) == Some(server) {
            deeds.push(Deed { at: record.at, wrong, action });
        }
    }
    deeds
}
