//! What can be wrong with what a scenario says of health.

use super::check::Checked;
use super::compile::invalid;
use super::{Field, HealthNumber, NodeKind, Pool, Spec};
use crate::policy::health::Checks;

impl Spec {
    pub(super) fn check_health(&self) -> Checked {
        for (index, node) in self.nodes.iter().enumerate() {
            for (place, pool) in node.pools().iter().enumerate() {
                let at = |field: &str| format!("{}.{}.{field}", node.name, pool.name);
                let by_knob = |wanted: HealthNumber| {
                    let sets = |field: &Field| matches!(field, Field::Health { pool, of } if *pool == place && *of == wanted);
                    self.targets.iter().flatten().any(|target| target.node.index() == index && sets(&target.field))
                };
                if let Some(checks) = &pool.checks {
                    check_checks(checks, by_knob(HealthNumber::Interval)).map_err(|why| invalid(&at("checks"), &why))?;
                }
                check_rules(pool).map_err(|(field, why)| invalid(&at(field), &why))?;
                if matches!(node.kind, NodeKind::Forwarder(_)) && (pool.observe.is_some() || pool.outlier.is_some()) {
                    return Err(invalid(&at("outlier"), &"a packet forwarder reads no answers; leave observe and outlier out"));
                }
                self.check_health_knobs(index, place, pool)?;
            }
        }
        for backend in &self.scenario.backends {
            let at = format!("backends.{}.health.deep", backend.name);
            for name in &backend.health.deep {
                let id = self.find(name, &at)?;
                if *name == backend.name || !matches!(self.node(id).kind, NodeKind::Backend(_)) {
                    return Err(invalid(&at, &"a server depends on other backends; name those"));
                }
            }
        }
        Ok(())
    }

    /// A knob sets only what is there.
    fn check_health_knobs(&self, node: usize, place: usize, pool: &Pool) -> Checked {
        for (knob, targets) in self.scenario.knobs.iter().zip(&self.targets) {
            for target in targets.iter().filter(|target| target.node.index() == node) {
                let Field::Health { pool: of_pool, of } = target.field else { continue };
                let missing = match of {
                    _ if of_pool != place => None,
                    HealthNumber::Panic => None,
                    HealthNumber::ObserveErrors => pool.observe.is_none().then_some("observe"),
                    HealthNumber::OutlierErrors | HealthNumber::OutlierEject | HealthNumber::OutlierMost => {
                        pool.outlier.is_none().then_some("outlier")
                    }
                    _ => pool.checks.is_none().then_some("checks"),
                };
                if let Some(missing) = missing {
                    let why = format!("its pool \"{}\" has no {missing}; add it there first", pool.name);
                    return Err(invalid(&format_args!("knobs.{}", knob.id), &why));
                }
            }
        }
        Ok(())
    }
}

fn check_checks(checks: &Checks, by_knob: bool) -> Result<(), &'static str> {
    let Checks { fall, rise, window, threshold, initial, status, jitter_percent, .. } = *checks;
    if checks.interval.is_zero() && !by_knob {
        return Err("checks without an interval never come; give one, such as interval = \"2s\"");
    }
    if fall == 0 || rise == 0 {
        return Err("fall and rise are at least 1");
    }
    if window > 64 || (window > 0 && (threshold == 0 || threshold > window || initial.is_some_and(|n| n > window))) {
        return Err("a window has at most 64 checks, a threshold of 1 to all of them, and no more initial ones");
    }
    if status != 0 && !(100..=599).contains(&status) {
        return Err("the status that is good is 100 to 599, or 0 for any 2xx or 3xx");
    }
    if jitter_percent > 100 {
        return Err("jitter_percent is at most 100");
    }
    if checks.path.starts_with('/') { Ok(()) } else { Err("the path begins with a slash, such as \"/health\"") }
}

fn check_rules(pool: &Pool) -> Result<(), (&'static str, &'static str)> {
    if pool.observe.is_some() && pool.checks.is_none() {
        return Err(("observe", "errors count as checks here, and there are none; add checks"));
    }
    if pool.outlier.as_ref().is_some_and(|o| o.eject.is_zero() || o.max_percent > 100) {
        return Err(("outlier", "eject is above zero, and max_percent at most 100"));
    }
    if pool.panic_percent > 100 {
        return Err(("panic_percent", "it is at most 100"));
    }
    if pool.panic_percent > 0 && pool.checks.is_none() && pool.outlier.is_none() {
        return Err(("panic_percent", "nobody is ever left out here; add checks or outlier"));
    }
    Ok(())
}
