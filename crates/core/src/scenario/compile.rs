//! From names to indexes: checks a scenario and gives what a world runs on.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use super::error::ScenarioError;
use super::knob::{ActionKind, Effect, Value};
use super::node::{LinkQuality, Place, Pool};
use super::stage::{Stage, StageKind};
use super::target::{Setting, Target};
use super::{Ask, Measure, Scenario};
use crate::http::Headers;
use crate::world::NodeId;

/// A scenario whose names are all resolved.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The scenario as it was written.
    pub scenario: Scenario,
    /// Every node, in the order clients, proxies, forwarders, backends, switches.
    pub nodes: Vec<NodeSpec>,
    /// Every class of requests, over all groups of clients.
    pub classes: Vec<ClassSpec>,
    /// What each knob sets, in the order of `scenario.knobs`.
    pub targets: Vec<Vec<Target>>,
    names: BTreeMap<String, NodeId>,
    links: BTreeMap<(NodeId, NodeId), LinkQuality>,
}

/// A node of the scenario, whatever its kind.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// Its name.
    pub name: String,
    /// What it is, with its index in the scenario's list.
    pub kind: NodeKind,
    /// Its address.
    pub address: IpAddr,
    /// Where it is.
    pub place: Option<Place>,
    pools: Vec<Pool>,
    stages: Vec<Stage>,
}

/// What a node is, with its index in the scenario's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A group of users.
    Clients(usize),
    /// A layer 4 or 7 proxy.
    Proxy(usize),
    /// A packet forwarder.
    Forwarder(usize),
    /// A server.
    Backend(usize),
    /// A copier of datagrams.
    Switch(usize),
}

/// A class of requests.
#[derive(Clone, Debug)]
pub struct ClassSpec {
    /// The group it belongs to.
    pub clients: NodeId,
    /// Its name.
    pub name: String,
    /// Its header fields, with `Host`, as the client sends them.
    pub headers: Rc<Headers>,
}

/// A pool by its place: the node that has it and its index there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSpec {
    /// The proxy or forwarder.
    pub node: NodeId,
    /// The index of the pool.
    pub pool: usize,
}

impl NodeSpec {
    /// The pools of a proxy or forwarder; none for others.
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// The stages of a proxy; none for others.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }
}

impl Scenario {
    /// Checks every name and value.
    ///
    /// # Errors
    /// [`ScenarioError`], which says what is wrong, where, and what would be right.
    pub fn compile(&self) -> Result<Spec, ScenarioError> {
        let mut spec = Spec {
            scenario: self.clone(),
            nodes: Vec::new(),
            classes: Vec::new(),
            targets: Vec::new(),
            names: BTreeMap::new(),
            links: BTreeMap::new(),
        };
        spec.add_nodes()?;
        spec.check_numbers()?;
        spec.add_links()?;
        spec.check_members()?;
        spec.add_classes()?;
        spec.add_targets()?;
        spec.check_actions()?;
        spec.check_measures()?;
        Ok(spec)
    }
}

fn invalid(at: impl Into<String>, why: impl Into<String>) -> ScenarioError {
    ScenarioError::Invalid { at: at.into(), why: why.into() }
}

impl Spec {
    /// The node of that index.
    pub fn node(&self, id: NodeId) -> &NodeSpec {
        &self.nodes[id.index()]
    }

    /// The index of the node of that name.
    pub fn id(&self, name: &str) -> Option<NodeId> {
        self.names.get(name).copied()
    }

    /// The link between two nodes: its own, or the default with the latency of their distance.
    pub fn link(&self, a: NodeId, b: NodeId) -> LinkQuality {
        if let Some(link) = self.links.get(&(a.min(b), a.max(b))) {
            return link.clone();
        }
        let mut link = self.scenario.link.clone();
        if let (true, Some(here), Some(there)) = (link.latency.is_zero(), self.node(a).place, self.node(b).place) {
            link.latency = here.latency_to(there);
        }
        link
    }

    /// The index of a knob.
    pub fn knob(&self, id: &str) -> Option<usize> {
        self.scenario.knobs.iter().position(|k| k.id == id)
    }

    /// Checks an action and gives what it sets.
    ///
    /// # Errors
    /// A sentence that says why the action cannot be taken.
    pub fn settings(&self, kind: &ActionKind) -> Result<Vec<(Target, Setting)>, String> {
        match kind {
            ActionKind::Set { knob, to } => {
                let index = self.knob(knob).ok_or_else(|| format!("this lab has no knob \"{knob}\""))?;
                self.knob_settings(index, to)
            }
            ActionKind::Fault { id, .. } => {
                let known = self.scenario.faults.iter().any(|f| f.id == *id);
                if known { Ok(Vec::new()) } else { Err(format!("this lab has no fault \"{id}\"")) }
            }
        }
    }

    /// Checks a value for a knob and gives what it sets.
    ///
    /// # Errors
    /// A sentence that says why the value cannot be taken.
    pub fn knob_settings(&self, knob: usize, value: &Value) -> Result<Vec<(Target, Setting)>, String> {
        if let Some(why) = self.scenario.knobs[knob].kind.refuses(value) {
            return Err(why);
        }
        let set = |target: &Target| Ok((target.clone(), target.field.check(target.node, value, self)?));
        self.targets[knob].iter().map(set).collect()
    }

    pub(super) fn find(&self, name: &str, at: &str) -> Result<NodeId, ScenarioError> {
        self.id(name).ok_or_else(|| ScenarioError::Unknown {
            what: "node",
            name: name.to_owned(),
            at: at.to_owned(),
            known: self.names.keys().cloned().collect(),
        })
    }

    fn add(&mut self, name: &str, kind: NodeKind, address: Option<IpAddr>, place: Option<Place>) -> Result<(), ScenarioError> {
        if name.is_empty() || name == "link" || name.contains('.') {
            return Err(invalid("a node's name", format!("\"{name}\" cannot be used; take letters, digits and hyphens")));
        }
        let id = NodeId::new(self.nodes.len());
        if self.names.insert(name.to_owned(), id).is_some() {
            return Err(ScenarioError::Twice { what: "node", name: name.to_owned() });
        }
        let (net, index) = match kind {
            NodeKind::Clients(i) => (Ipv4Addr::new(203, 0, 113, 1), i * 40),
            NodeKind::Proxy(i) => (Ipv4Addr::new(10, 0, 0, 1), i),
            NodeKind::Forwarder(i) => (Ipv4Addr::new(10, 0, 8, 1), i),
            NodeKind::Backend(i) => (Ipv4Addr::new(10, 0, 16, 1), i),
            NodeKind::Switch(i) => (Ipv4Addr::new(10, 0, 12, 1), i),
        };
        let default = IpAddr::V4(Ipv4Addr::from(u32::from(net).wrapping_add(index as u32)));
        let (pools, stages) = match kind {
            NodeKind::Proxy(i) => (self.scenario.proxies[i].pools.clone(), self.scenario.proxies[i].stages.clone()),
            NodeKind::Forwarder(i) => (vec![self.scenario.forwarders[i].pool.clone()], Vec::new()),
            _ => (Vec::new(), Vec::new()),
        };
        self.nodes.push(NodeSpec { name: name.to_owned(), kind, address: address.unwrap_or(default), place, pools, stages });
        Ok(())
    }

    fn add_nodes(&mut self) -> Result<(), ScenarioError> {
        let scenario = self.scenario.clone();
        for (i, n) in scenario.clients.iter().enumerate() {
            self.add(&n.name, NodeKind::Clients(i), n.address, n.place)?;
        }
        for (i, n) in scenario.proxies.iter().enumerate() {
            self.add(&n.name, NodeKind::Proxy(i), n.address, n.place)?;
        }
        for (i, n) in scenario.forwarders.iter().enumerate() {
            self.add(&n.name, NodeKind::Forwarder(i), n.address, n.place)?;
        }
        for (i, n) in scenario.backends.iter().enumerate() {
            self.add(&n.name, NodeKind::Backend(i), n.address, n.place)?;
        }
        for (i, n) in scenario.switches.iter().enumerate() {
            self.add(&n.name, NodeKind::Switch(i), n.address, n.place)?;
        }
        if self.nodes.len() > usize::from(u16::MAX) {
            return Err(invalid("the scenario", "it has more than 65,535 nodes"));
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), ScenarioError> {
        if self.scenario.horizon.is_zero() {
            return Err(invalid("horizon", "a run needs a length, such as horizon = \"30s\""));
        }
        if self.scenario.opens_at > self.scenario.horizon {
            return Err(invalid("opens_at", "the lab opens after its run has ended; make it less than the horizon"));
        }
        for b in &self.scenario.backends {
            if b.workers == 0 {
                return Err(invalid(format!("backends.{}.workers", b.name), "a backend needs at least one worker"));
            }
            if !(b.speed > 0.0 && b.speed <= 1e6) {
                return Err(invalid(format!("backends.{}.speed", b.name), "the speed must be above 0, with 1 for normal"));
            }
        }
        for c in &self.scenario.clients {
            if c.users == 0 || c.connections == 0 || c.users > 60_000 {
                return Err(invalid(format!("clients.{}", c.name), "users must be 1 to 60,000 and connections at least 1"));
            }
            if c.requests.iter().all(|r| r.weight == 0) {
                return Err(invalid(format!("clients.{}.requests", c.name), "at least one class needs a weight above 0"));
            }
        }
        Ok(())
    }

    fn add_links(&mut self) -> Result<(), ScenarioError> {
        for link in self.scenario.links.clone() {
            let (a, b) = (self.find(&link.from, "links")?, self.find(&link.to, "links")?);
            let quality = LinkQuality { latency: link.latency, mbit_per_s: link.mbit_per_s, loss_percent: link.loss_percent };
            if !(0.0..100.0).contains(&quality.loss_percent) {
                return Err(invalid(format!("links.{}-{}", link.from, link.to), "loss_percent must be 0 or more and below 100"));
            }
            self.links.insert((a.min(b), a.max(b)), quality);
        }
        Ok(())
    }

    fn check_members(&self) -> Result<(), ScenarioError> {
        for c in &self.scenario.clients {
            self.find(&c.target, &format!("clients.{}.target", c.name))?;
        }
        for node in &self.nodes {
            for pool in &node.pools {
                for member in &pool.members {
                    self.find(&member.node, &format!("{}.{}.members", node.name, pool.name))?;
                }
            }
            for stage in &node.stages {
                let at = format!("{}.{}", node.name, stage.name);
                match &stage.kind {
                    StageKind::Call { to, .. } | StageKind::Mirror { to, .. } => {
                        self.find(to, &at)?;
                    }
                    StageKind::Route { rules } => {
                        for rule in rules {
                            if !node.pools.iter().any(|p| p.name == rule.pool) {
                                return Err(ScenarioError::Unknown {
                                    what: "pool",
                                    name: rule.pool.clone(),
                                    at,
                                    known: node.pools.iter().map(|p| p.name.clone()).collect(),
                                });
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        for s in &self.scenario.switches {
            for name in s.attached.iter().chain(&s.group) {
                self.find(name, &format!("switches.{}", s.name))?;
            }
        }
        Ok(())
    }

    fn add_classes(&mut self) -> Result<(), ScenarioError> {
        for (i, clients) in self.scenario.clients.clone().iter().enumerate() {
            for class in &clients.requests {
                let mut headers = class.headers.clone();
                if headers.get("host").is_none() {
                    headers.0.insert(0, ("Host".to_owned(), class.host.clone()));
                }
                self.classes.push(ClassSpec { clients: NodeId::new(i), name: class.name.clone(), headers: Rc::new(headers) });
            }
        }
        Ok(())
    }

    fn add_targets(&mut self) -> Result<(), ScenarioError> {
        for (i, knob) in self.scenario.knobs.clone().iter().enumerate() {
            let at = format!("knobs.{}", knob.id);
            if self.scenario.knobs[..i].iter().any(|k| k.id == knob.id) {
                return Err(ScenarioError::Twice { what: "knob", name: knob.id.clone() });
            }
            let targets = knob.sets.iter().map(|path| Target::resolve(path, &at, self)).collect::<Result<Vec<_>, _>>()?;
            self.targets.push(targets);
            self.knob_settings(i, &knob.kind.default_value()).map_err(|why| invalid(format!("{at}.default"), why))?;
            if let super::KnobKind::Choice { of, .. } = &knob.kind {
                for choice in of {
                    self.knob_settings(i, &Value::Choice(choice.clone())).map_err(|why| invalid(&at, why))?;
                }
            }
        }
        Ok(())
    }

    fn check_actions(&self) -> Result<(), ScenarioError> {
        let scenario = &self.scenario;
        for fault in &scenario.faults {
            let at = format!("faults.{}", fault.id);
            match &fault.effect {
                Effect::Kill { node }
                | Effect::Hang { node }
                | Effect::Slow { node, .. }
                | Effect::Join { node }
                | Effect::Leave { node } => {
                    let id = self.find(node, &at)?;
                    if !matches!(self.node(id).kind, NodeKind::Backend(_)) {
                        return Err(invalid(at, format!("\"{node}\" is no backend")));
                    }
                }
                Effect::Lossy { from, to, .. } => {
                    self.find(from, &at)?;
                    self.find(to, &at)?;
                }
            }
        }
        let scripted = scenario.script.iter().map(|s| ("script".to_owned(), &s.kind));
        let solution = scenario.challenge.iter().flat_map(|c| &c.solution).map(|kind| ("challenge.solution".to_owned(), kind));
        let variants = scenario.variants.iter().flat_map(|v| v.set.iter().map(|kind| (format!("variants.{}", v.id), kind)));
        let predicted = scenario.predictions.iter().flat_map(|p| p.with.iter().map(|kind| (format!("predictions.{}", p.id), kind)));
        for (at, kind) in scripted.chain(solution).chain(variants).chain(predicted) {
            self.settings(kind).map_err(|why| invalid(at, why))?;
        }
        for name in scenario.challenge.iter().flat_map(|c| &c.mechanism) {
            if self.knob(name).is_none() {
                return Err(ScenarioError::Unknown {
                    what: "knob",
                    name: name.clone(),
                    at: "challenge.mechanism".to_owned(),
                    known: scenario.knobs.iter().map(|k| k.id.clone()).collect(),
                });
            }
        }
        Ok(())
    }

    fn check_measures(&self) -> Result<(), ScenarioError> {
        let goals = self.scenario.goals.iter().map(|g| (format!("goals.{}", g.id), &g.measure));
        let asked = self.scenario.predictions.iter().filter_map(|p| match &p.ask {
            Ask::Value { measure, .. } => Some((format!("predictions.{}", p.id), measure)),
            Ask::NextPick { .. } => None,
        });
        for (at, measure) in goals.chain(asked) {
            match measure {
                Measure::Served { clients } | Measure::Failed { clients } | Measure::Rejected { clients } => {
                    if let Some(name) = clients {
                        self.find(name, &at)?;
                    }
                }
                Measure::Spread { nodes } => {
                    for name in nodes {
                        self.find(name, &at)?;
                    }
                }
                Measure::AnsweredBy { class, nodes } => {
                    for name in nodes {
                        self.find(name, &at)?;
                    }
                    if !self.classes.iter().any(|c| c.name == *class) {
                        return Err(ScenarioError::Unknown {
                            what: "class of requests",
                            name: class.clone(),
                            at,
                            known: self.classes.iter().map(|c| c.name.clone()).collect(),
                        });
                    }
                }
                Measure::Share { node } | Measure::Received { node } | Measure::Connections { node } | Measure::Waiting { node } => {
                    self.find(node, &at)?;
                }
                Measure::Latency { percentile } => {
                    if !(0.0..=100.0).contains(percentile) {
                        return Err(invalid(at, "a percentile lies between 0 and 100"));
                    }
                }
            }
        }
        for p in &self.scenario.predictions {
            if let Ask::NextPick { node } = &p.ask {
                self.find(node, &format!("predictions.{}", p.id))?;
            }
        }
        Ok(())
    }
}
