//! What can be wrong with a scenario whose names are resolved: members, numbers, actions, measures.
//!
//! Compiled lessons were checked when the site was built, so a browser that runs only those need
//! not load any of this.

use core::fmt::Display;

use super::compile::invalid;
use super::knob::{ActionKind, Effect, KnobKind, Value};
use super::stage::StageKind;
use super::{Arrivals, Ask, Field, MOST_WEIGHT, Measure, NodeKind, NodeSpec, Panel, PoolNumber, ScenarioError, Spec, Target, Tls};

/// The most requests per second: one a microsecond, the shortest gap that time can count.
const MOST_RATE: f64 = 1e6;

pub(super) type Checked = Result<(), ScenarioError>;

impl Spec {
    /// Checks everything that [`Spec::resolve`] takes for granted.
    ///
    /// # Errors
    /// [`ScenarioError`], which says what is wrong, where, and what would be right.
    pub fn check(&self) -> Checked {
        self.check_numbers()?;
        self.check_panels()?;
        self.check_links()?;
        self.check_members()?;
        self.check_pools()?;
        self.check_health()?;
        self.check_sticky()?;
        self.check_knobs()?;
        self.check_faults()?;
        self.check_actions()?;
        self.check_measures()
    }

    fn check_panels(&self) -> Checked {
        let panels = &self.scenario.panels;
        if panels.contains(&Panel::Sequence) && !self.scenario.messages {
            return Err(invalid(&"panels", &"messages are drawn one by one only where they are kept; add messages = true"));
        }
        if panels.iter().enumerate().any(|(i, panel)| panels[..i].contains(panel)) {
            return Err(invalid(&"panels", &"a picture is shown once; name each only once"));
        }
        Ok(())
    }

    fn check_numbers(&self) -> Checked {
        if self.scenario.horizon.is_zero() {
            return Err(invalid(&"horizon", &"a run needs a length, such as horizon = \"30s\""));
        }
        if self.scenario.opens_at > self.scenario.horizon {
            return Err(invalid(&"opens_at", &"the lab opens after its run has ended; make it less than the horizon"));
        }
        for b in &self.scenario.backends {
            if b.workers == 0 {
                return Err(invalid(&format_args!("backends.{}.workers", b.name), &"a backend needs at least one worker"));
            }
            if !(b.speed > 0.0 && b.speed <= 1e6) {
                return Err(invalid(&format_args!("backends.{}.speed", b.name), &"the speed must be above 0, with 1 for normal"));
            }
        }
        for c in &self.scenario.clients {
            if c.users == 0 || c.connections == 0 || c.users > 60_000 {
                return Err(invalid(&format_args!("clients.{}", c.name), &"users must be 1 to 60,000 and connections at least 1"));
            }
            let weight = |user: u32| c.weights.get(user as usize).copied().unwrap_or(1);
            if (0..c.users).all(|user| weight(user) == 0) {
                return Err(invalid(&format_args!("clients.{}.weights", c.name), &"at least one user needs a weight above 0"));
            }
            if let Arrivals::Poisson { rate } | Arrivals::Even { rate } = c.arrivals
                && !(0.0..=MOST_RATE).contains(&rate)
            {
                return Err(invalid(
                    &format_args!("clients.{}.arrivals", c.name),
                    &"a rate lies between 0 and 1,000,000 requests per second",
                ));
            }
            if c.requests.iter().all(|r| r.weight == 0) {
                return Err(invalid(&format_args!("clients.{}.requests", c.name), &"at least one class needs a weight above 0"));
            }
        }
        Ok(())
    }

    fn check_links(&self) -> Checked {
        for link in &self.scenario.links {
            if !(0.0..100.0).contains(&link.loss_percent) {
                let at = format_args!("links.{}-{}", link.from, link.to);
                return Err(invalid(&at, &"loss_percent must be 0 or more and below 100"));
            }
        }
        Ok(())
    }

    fn check_members(&self) -> Checked {
        for c in &self.scenario.clients {
            let target = self.find(&c.target, &format_args!("clients.{}.target", c.name))?;
            if c.warm && self.node(target).names().is_some() {
                let at = format_args!("clients.{}.warm", c.name);
                return Err(invalid(&at, &"nobody knows where to go before a resolver was asked. Leave warm out"));
            }
        }
        if let Some(proxy) = self.scenario.proxies.iter().find(|p| p.names.is_some() && p.pools.is_empty()) {
            return Err(invalid(&format_args!("proxies.{}.names", proxy.name), &"a resolver needs a pool whose members it can name"));
        }
        for node in &self.nodes {
            for pool in node.pools() {
                for member in &pool.members {
                    let at = format_args!("{}.{}.members", node.name, pool.name);
                    self.find(&member.node, &at)?;
                    if member.node == node.name {
                        return Err(invalid(&at, &"a proxy cannot be a member of its own pool"));
                    }
                    if member.weight > MOST_WEIGHT {
                        return Err(invalid(&at, &"a weight is at most 65,535"));
                    }
                }
            }
            self.check_stages(node)?;
        }
        for s in &self.scenario.switches {
            for name in s.attached.iter().chain(&s.group) {
                self.find(name, &format_args!("switches.{}", s.name))?;
            }
        }
        Ok(())
    }

    /// Limits that only make sense together.
    fn check_pools(&self) -> Checked {
        let by_knob = |t: &Target| matches!(t.field, Field::PoolNumber { of: PoolNumber::MaxConnections, .. });
        for node in &self.nodes {
            for pool in node.pools() {
                let at = |field: &str| format!("{}.{}.{field}", node.name, pool.name);
                let waits = pool.max_waiting > 0 || !pool.wait_timeout.is_zero();
                if waits && pool.max_connections == 0 && !self.targets.iter().flatten().any(by_knob) {
                    return Err(invalid(
                        &at("max_waiting"),
                        &"nobody waits for a connection while there is no max_connections; set it too",
                    ));
                }
                if pool.max_connections > 0 && pool.warm > pool.max_connections {
                    return Err(invalid(&at("warm"), &"more connections are warm than max_connections allows"));
                }
                if matches!(node.kind, NodeKind::Forwarder(_)) && (pool.max_connections > 0 || pool.tls != Tls::None) {
                    return Err(invalid(
                        &at("max_connections"),
                        &"a packet forwarder has no connections of its own; leave this and tls out",
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_stages(&self, node: &NodeSpec) -> Checked {
        for stage in node.stages() {
            let at = format!("{}.{}", node.name, stage.name);
            match &stage.kind {
                StageKind::Call { to, .. } | StageKind::Mirror { to, .. } => {
                    self.find(to, &at)?;
                }
                StageKind::Route { rules } => {
                    let pools = || node.pools().iter().map(|p| &p.name);
                    if let Some(rule) = rules.iter().find(|rule| pools().all(|name| *name != rule.pool)) {
                        return Err(unknown("pool", &rule.pool, &at, pools()));
                    }
                }
                StageKind::Authenticate { header, value } if header.is_empty() || value.is_empty() => {
                    return Err(invalid(&at, &"name the header field and the value that lets a request through"));
                }
                StageKind::Store { keep } if keep.is_zero() => {
                    return Err(invalid(&at, &"an answer must be kept for some time, such as keep = \"30s\""));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_knobs(&self) -> Checked {
        for (i, knob) in self.scenario.knobs.iter().enumerate() {
            if self.scenario.knobs[..i].iter().any(|k| k.id == knob.id) {
                return Err(ScenarioError::Twice { what: "knob", name: knob.id.clone() });
            }
            self.knob_settings(i, &knob.kind.default_value()).map_err(|why| invalid(&format_args!("knobs.{}.default", knob.id), &why))?;
            if let KnobKind::Choice { of, .. } = &knob.kind {
                for choice in of {
                    let settings = self.knob_settings(i, &Value::Choice(choice.clone()));
                    settings.map_err(|why| invalid(&format_args!("knobs.{}", knob.id), &why))?;
                }
            }
        }
        Ok(())
    }

    fn check_faults(&self) -> Checked {
        for fault in &self.scenario.faults {
            let at = format!("faults.{}", fault.id);
            match &fault.effect {
                Effect::Kill { node }
                | Effect::Hang { node }
                | Effect::Slow { node, .. }
                | Effect::Fail { node, .. }
                | Effect::Join { node }
                | Effect::Leave { node } => {
                    let id = self.find(node, &at)?;
                    if !matches!(self.node(id).kind, NodeKind::Backend(_)) {
                        return Err(invalid(&at, &format_args!("\"{node}\" is no backend")));
                    }
                }
                Effect::Lossy { from, to, .. } => {
                    self.find(from, &at)?;
                    self.find(to, &at)?;
                }
            }
        }
        Ok(())
    }

    fn check_actions(&self) -> Checked {
        let scenario = &self.scenario;
        for scripted in &scenario.script {
            self.check_action(&scripted.kind, &"script")?;
        }
        for variant in &scenario.variants {
            variant.set.iter().try_for_each(|kind| self.check_action(kind, &format_args!("variants.{}", variant.id)))?;
        }
        for prediction in &scenario.predictions {
            prediction.with.iter().try_for_each(|kind| self.check_action(kind, &format_args!("predictions.{}", prediction.id)))?;
        }
        let Some(challenge) = &scenario.challenge else { return Ok(()) };
        challenge.solution.iter().try_for_each(|kind| self.check_action(kind, &"challenge.solution"))?;
        match challenge.mechanism.iter().find(|name| self.knob(name).is_none()) {
            Some(name) => Err(unknown("knob", name, &"challenge.mechanism", scenario.knobs.iter().map(|k| &k.id))),
            None => Ok(()),
        }
    }

    fn check_action(&self, kind: &ActionKind, at: &dyn Display) -> Checked {
        self.settings(kind).map(drop).map_err(|why| invalid(at, &why))
    }

    fn check_measures(&self) -> Checked {
        for goal in &self.scenario.goals {
            self.check_measure(&goal.measure, &format_args!("goals.{}", goal.id))?;
        }
        for p in &self.scenario.predictions {
            let at = format_args!("predictions.{}", p.id);
            match &p.ask {
                Ask::Value { measure, .. } => self.check_measure(measure, &at)?,
                Ask::NextPick { node } => self.find(node, &at).map(drop)?,
            }
        }
        Ok(())
    }

    fn check_measure(&self, measure: &Measure, at: &dyn Display) -> Checked {
        let all_known = |names: &[String]| names.iter().try_for_each(|name| self.find(name, at).map(drop));
        match measure {
            Measure::Served { clients: name }
            | Measure::Failed { clients: name }
            | Measure::Rejected { clients: name }
            | Measure::Probes { node: name }
            | Measure::Retried { node: name }
            | Measure::Hidden { node: name }
            | Measure::Lost { clients: name }
            | Measure::Cold { node: name } => all_known(name.as_slice()),
            Measure::Spread { nodes } | Measure::Pinned { nodes } => all_known(nodes),
            Measure::AnsweredBy { class, nodes } => {
                all_known(nodes)?;
                let classes = || self.classes.iter().map(|c| &c.name);
                if classes().any(|name| name == class) { Ok(()) } else { Err(unknown("class of requests", class, at, classes())) }
            }
            Measure::Share { node }
            | Measure::Received { node }
            | Measure::Connections { node }
            | Measure::Waiting { node }
            | Measure::Handshakes { node }
            | Measure::MostOpen { node }
            | Measure::Detection { node }
            | Measure::Waited { node } => self.find(node, at).map(drop),
            Measure::Latency { percentile } if (0.0..=100.0).contains(percentile) => Ok(()),
            Measure::Latency { .. } => Err(invalid(at, &"a percentile lies between 0 and 100")),
        }
    }
}

fn unknown<'a>(what: &'static str, name: &str, at: &dyn Display, known: impl Iterator<Item = &'a String>) -> ScenarioError {
    ScenarioError::Unknown { what, name: name.to_owned(), at: at.to_string(), known: known.cloned().collect() }
}
