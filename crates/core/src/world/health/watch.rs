//! What a balancer knows of the members that it watches, and when it asks them next.

use crate::policy::health::{Checks, Monitor, Rules};
use crate::scenario::{HealthNumber, Pool};
use crate::time::{Duration, Instant};

/// The members of a pool as their balancer watches them.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(super) monitor: Monitor,
    /// What a check is among the classes of requests.
    pub(super) class: u16,
    pub(super) lanes: Vec<Lane>,
}

/// The checks of one member.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    /// Grows when what was planned no longer holds.
    pub(super) turn: u16,
    /// Checks begun so far.
    pub(super) begun: u32,
    /// When the next begins, unless one is under way.
    pub(super) next: Option<Instant>,
    pub(super) under_way: bool,
    /// When the last one began.
    pub(super) asked: Instant,
}

impl Watch {
    /// What watches a pool, if anything shall.
    pub(super) fn of(pool: &Pool) -> Option<Box<Self>> {
        let Pool { checks, observe, outlier, panic_percent, .. } = pool;
        if checks.is_none() && outlier.is_none() {
            return None;
        }
        let rules = Rules { checks: checks.clone(), observe: observe.clone(), outlier: outlier.clone(), panic_percent: *panic_percent };
        let members = pool.members.len();
        Some(Box::new(Self { monitor: Monitor::new(rules, members), class: 0, lanes: vec![Lane::default(); members] }))
    }

    pub(super) fn checks(&self) -> Option<&Checks> {
        self.monitor.rules().checks.as_ref().filter(|checks| !checks.interval.is_zero())
    }

    /// Sets a number; spans are in milliseconds.
    pub(super) fn set(&mut self, which: HealthNumber, n: f64) {
        let (span, count) = (Duration::from_micros_f64(n * 1_000.0), n as u32);
        let rules = self.monitor.rules_mut();
        if let Some(checks) = &mut rules.checks {
            match which {
                HealthNumber::Interval => checks.interval = span,
                HealthNumber::Timeout => checks.timeout = span,
                HealthNumber::Fall => checks.fall = count.max(1),
                HealthNumber::Rise => checks.rise = count.max(1),
                HealthNumber::Jitter => checks.jitter_percent = count.min(100),
                HealthNumber::FastInterval => checks.fast_interval = span,
                HealthNumber::DownInterval => checks.down_interval = span,
                HealthNumber::Threshold => checks.threshold = count.clamp(1, checks.window.max(1)),
                _ => {}
            }
        }
        match (which, &mut rules.observe, &mut rules.outlier) {
            (HealthNumber::ObserveErrors, Some(observe), _) => observe.errors = count,
            (HealthNumber::OutlierErrors, _, Some(outlier)) => outlier.errors = count,
            (HealthNumber::OutlierEject, _, Some(outlier)) => outlier.eject = Duration(span.as_micros().max(1)),
            (HealthNumber::OutlierMost, _, Some(outlier)) => outlier.max_percent = count.min(100),
            (HealthNumber::Panic, ..) => rules.panic_percent = count.min(100),
            _ => {}
        }
        if self.checks().is_none() {
            self.monitor.forget_checks();
        }
    }
}
