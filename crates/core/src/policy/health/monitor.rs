//! The members of a pool, and what checks and answers say about each.

use super::outlier::Ejection;
use super::{Action, Checks, Finding, Observe, Outlier, Reason, Tally, Turn};
use crate::rng::Draw;
use crate::time::{Duration, Instant};

/// By which rules a pool's members are judged; what is not said is not done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// It checks them on its own.
    pub checks: Option<Checks>,
    /// What requests that went wrong in a row count in those checks.
    pub observe: Option<Observe>,
    /// It leaves out who answers with errors.
    pub outlier: Option<Outlier>,
    /// Below which share of members that can be used all are used, in percent; 0 never.
    pub panic_percent: u32,
}

#[derive(Clone, Debug)]
struct Member {
    tally: Tally,
    /// Requests that went wrong in a row, for [`Observe`].
    errors: u32,
    ejection: Ejection,
    last: Option<(Instant, Finding)>,
    since: Instant,
}

/// Who of a pool can be used.
#[derive(Clone, Debug)]
pub struct Monitor {
    rules: Rules,
    members: Vec<Member>,
}

impl Monitor {
    /// So many members, before anything is known about them.
    pub fn new(rules: Rules, members: usize) -> Self {
        let tally = Tally::new(rules.checks.as_ref().unwrap_or(&Checks::default()));
        let fresh = Member { tally, errors: 0, ejection: Ejection::default(), last: None, since: Instant::START };
        Self { rules, members: vec![fresh; members] }
    }

    /// Its rules.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Its rules, to be changed; what was counted stays.
    pub const fn rules_mut(&mut self) -> &mut Rules {
        &mut self.rules
    }

    /// What checks have said is void: there are none any more.
    pub fn forget_checks(&mut self) {
        let mut tally = Tally::new(self.rules.checks.as_ref().unwrap_or(&Checks::default()));
        tally.up = true;
        for member in &mut self.members {
            member.tally = tally;
        }
    }

    /// How many members it has.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// How long after the start the first check of a member begins: they are spread over one
    /// interval (HAProxy `start_checks`).
    pub fn first(&self, member: usize) -> Duration {
        let each = self.rules.checks.as_ref().map_or(0, |checks| checks.interval.as_micros());
        Duration(each * member as u64 / self.members.len().max(1) as u64)
    }

    /// How long after the end of a member's last check the next begins (HAProxy `srv_getinter`).
    pub fn pause(&self, member: usize, draw: Draw) -> Duration {
        let Some(checks) = &self.rules.checks else { return Duration::ZERO };
        let tally = &self.members[member].tally;
        let special = match tally {
            _ if checks.window > 0 => Duration::ZERO,
            tally if tally.is_turning() => checks.fast_interval,
            Tally { up: false, .. } => checks.down_interval,
            _ => Duration::ZERO,
        };
        let usual = if special.is_zero() { checks.interval } else { special }.as_micros();
        let most = usual * u64::from(checks.jitter_percent.min(100)) / 100;
        Duration((usual - most + draw.below(2 * most + 1)).max(1))
    }

    /// A check of a member came to this.
    pub fn checked(&mut self, member: usize, finding: Finding, now: Instant) -> Option<Turn> {
        let checks = self.rules.checks.as_ref()?;
        let state = &mut self.members[member];
        let good = checks.is_good(finding);
        state.last = Some((now, finding));
        if good {
            state.errors = 0;
        }
        let reason = state.tally.count(good, checks)?;
        self.turn(member, reason, now)
    }

    /// A request to a member came to this. Whether a check should come sooner, and what turned.
    pub fn answered(&mut self, member: usize, finding: Finding, now: Instant) -> (bool, Option<Turn>) {
        let error = finding.is_error();
        let (sooner, observed) = self.observe(member, error);
        let reason = observed.or_else(|| self.detect(member, finding, now));
        (sooner, reason.and_then(|reason| self.turn(member, reason, now)))
    }

    /// HAProxy `__health_adjust`.
    fn observe(&mut self, member: usize, error: bool) -> (bool, Option<Reason>) {
        let (Some(checks), Some(observe)) = (&self.rules.checks, &self.rules.observe) else { return (false, None) };
        let state = &mut self.members[member];
        state.errors = if error { state.errors + 1 } else { 0 };
        let limit = observe.errors;
        if limit == 0 || state.errors < limit {
            return (false, None);
        }
        state.errors = 0;
        match observe.action {
            Action::Fastinter => return (true, None),
            Action::FailCheck => {}
            Action::SuddenDeath => state.tally.bring_down_to(2, checks),
            Action::MarkDown => state.tally.bring_down_to(1, checks),
        }
        (true, state.tally.count(false, checks).map(|_| Reason::Errors(limit)))
    }

    fn detect(&mut self, member: usize, finding: Finding, now: Instant) -> Option<Reason> {
        let rules = self.rules.outlier.as_ref()?;
        // Envoy counts every 5xx.
        let error = finding.is_error() || matches!(finding, Finding::Status(500..));
        if !self.members[member].ejection.count(error, rules) {
            return None;
        }
        let out = self.members.iter().filter(|m| m.ejection.until.is_some()).count();
        if out * 100 >= rules.max_percent as usize * self.members.len() {
            return None;
        }
        let span = self.members[member].ejection.eject(rules, now);
        Some(Reason::Ejected(rules.errors, span))
    }

    /// When the next ejection is over.
    pub fn back_at(&self) -> Option<Instant> {
        self.members.iter().filter_map(|m| m.ejection.until).min()
    }

    /// Lets a member back whose ejection is over; ask again until there is none.
    pub fn let_back(&mut self, now: Instant) -> Option<Turn> {
        let member = self.members.iter_mut().position(|m| m.ejection.let_back(now))?;
        self.turn(member, Reason::EjectionOver, now)
    }

    /// A turn is one only when nothing else keeps the member as it was.
    fn turn(&mut self, member: usize, reason: Reason, now: Instant) -> Option<Turn> {
        let state = &mut self.members[member];
        let up = !matches!(
            reason,
            Reason::ChecksFailed(_) | Reason::FirstCheckFailed | Reason::TooFewGood(..) | Reason::Errors(_) | Reason::Ejected(..)
        );
        let otherwise = match reason {
            Reason::Ejected(..) | Reason::EjectionOver => state.tally.up,
            _ => state.ejection.until.is_none(),
        };
        if !otherwise {
            return None;
        }
        state.since = now;
        Some(Turn { member, up, reason })
    }

    /// Whether a member can be used.
    pub fn is_up(&self, member: usize) -> bool {
        self.members.get(member).is_none_or(|m| m.tally.up && m.ejection.until.is_none())
    }

    /// Until when a member is left out for its errors, if it is.
    pub fn ejected(&self, member: usize) -> Option<Instant> {
        self.members.get(member)?.ejection.until
    }

    /// What the checks of a member have come to.
    pub fn tally(&self, member: usize) -> Tally {
        self.members[member].tally
    }

    /// Requests to a member that went wrong in a row.
    pub fn errors(&self, member: usize) -> u32 {
        self.members[member].errors.max(self.members[member].ejection.errors)
    }

    /// When a member was last checked, and what was found.
    pub fn last(&self, member: usize) -> Option<(Instant, Finding)> {
        self.members[member].last
    }

    /// Since when a member is up or down.
    pub fn since(&self, member: usize) -> Instant {
        self.members[member].since
    }

    /// Whether so few of those who count can be used that all are used.
    pub fn panics(&self, counts: impl Fn(usize) -> bool) -> bool {
        let all = (0..self.members.len()).filter(|&i| counts(i));
        let (all, up) = all.fold((0, 0), |(all, up), i| (all + 1, up + u64::from(self.is_up(i))));
        up * 100 < u64::from(self.rules.panic_percent) * all
    }
}
