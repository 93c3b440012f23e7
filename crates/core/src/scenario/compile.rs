//! From names to indexes: what a world runs on.

use core::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use super::Scenario;
use super::error::ScenarioError;
use super::knob::{ActionKind, Value};
use super::node::{LinkQuality, Names, Place, Pool};
use super::parts::Parts;
use super::stage::Stage;
use super::target::{Setting, Target};
use crate::http::Headers;
use crate::world::NodeId;

/// A scenario whose names are all resolved.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The scenario as it was written.
    pub scenario: Rc<Scenario>,
    /// Every node, in the order clients, proxies, forwarders, backends, switches.
    pub nodes: Vec<NodeSpec>,
    /// Every class of requests, over all groups of clients.
    pub classes: Vec<ClassSpec>,
    /// What each knob sets, in the order of `scenario.knobs`.
    pub targets: Vec<Vec<Target>>,
    /// Who makes the policies of its pools, and who watches their members.
    pub parts: Parts,
    /// The nodes in the order of their names.
    by_name: Vec<NodeId>,
    /// Links that differ from the default, by their two ends.
    links: Vec<((NodeId, NodeId), LinkQuality)>,
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
    scenario: Rc<Scenario>,
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

impl NodeSpec {
    /// The pools of a proxy or forwarder; none for others.
    pub fn pools(&self) -> &[Pool] {
        match self.kind {
            NodeKind::Proxy(i) => &self.scenario.proxies[i].pools,
            NodeKind::Forwarder(i) => core::slice::from_ref(&self.scenario.forwarders[i].pool),
            _ => &[],
        }
    }

    /// What it says beside addresses, if it is a resolver.
    pub fn names(&self) -> Option<Names> {
        match self.kind {
            NodeKind::Proxy(i) => self.scenario.proxies[i].names,
            _ => None,
        }
    }

    /// The stages of a proxy; none for others.
    pub fn stages(&self) -> &[Stage] {
        match self.kind {
            NodeKind::Proxy(i) => &self.scenario.proxies[i].stages,
            _ => &[],
        }
    }
}

impl Scenario {
    /// Checks every name and value.
    ///
    /// # Errors
    /// [`ScenarioError`], which says what is wrong, where, and what would be right.
    pub fn compile(&self) -> Result<Spec, ScenarioError> {
        let spec = Spec::resolve(&Rc::new(self.clone()), Parts::every())?;
        spec.check()?;
        Ok(spec)
    }
}

pub(super) fn invalid(at: &dyn Display, why: &dyn Display) -> ScenarioError {
    ScenarioError::Invalid { at: at.to_string(), why: why.to_string() }
}

impl Spec {
    /// Finds what every name means in a scenario that was checked before, as those of compiled
    /// lessons were. In one that was not, wrong values are found by a panic while it runs: use
    /// [`Scenario::compile`].
    ///
    /// # Errors
    /// [`ScenarioError`] when a name that the world goes by is missing or there twice.
    pub fn resolve(scenario: &Rc<Scenario>, parts: Parts) -> Result<Self, ScenarioError> {
        let mut spec = Self {
            scenario: Rc::clone(scenario),
            nodes: Vec::new(),
            classes: Vec::new(),
            targets: Vec::new(),
            parts,
            by_name: Vec::new(),
            links: Vec::new(),
        };
        spec.add_nodes(scenario)?;
        spec.add_links(scenario)?;
        spec.add_classes(scenario);
        spec.add_targets(scenario)?;
        Ok(spec)
    }

    /// The node of that index.
    pub fn node(&self, id: NodeId) -> &NodeSpec {
        &self.nodes[id.index()]
    }

    /// The index of the node of that name.
    pub fn id(&self, name: &str) -> Option<NodeId> {
        let place = self.place_of(name).ok()?;
        Some(self.by_name[place])
    }

    /// Where a name stands among all names, or would stand.
    fn place_of(&self, name: &str) -> Result<usize, usize> {
        self.by_name.binary_search_by(|&id| self.node(id).name.as_str().cmp(name))
    }

    /// The link between two nodes: its own, or the default with the latency of their distance.
    pub fn link(&self, a: NodeId, b: NodeId) -> LinkQuality {
        let ends = (a.min(b), a.max(b));
        if let Some((_, link)) = self.links.iter().rev().find(|(of, _)| *of == ends) {
            return self.with_distance(link.clone(), a, b);
        }
        self.with_distance(self.scenario.link.clone(), a, b)
    }

    /// Between two places, a link without a latency of its own takes as long as the distance needs.
    fn with_distance(&self, mut link: LinkQuality, a: NodeId, b: NodeId) -> LinkQuality {
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
        let mut settings = Vec::new();
        for target in &self.targets[knob] {
            settings.push((target.clone(), target.field.check(target.node, value, self)?));
        }
        Ok(settings)
    }

    pub(super) fn find(&self, name: &str, at: &dyn Display) -> Result<NodeId, ScenarioError> {
        self.id(name).ok_or_else(|| ScenarioError::Unknown {
            what: "node",
            name: name.to_owned(),
            at: at.to_string(),
            known: self.by_name.iter().map(|&id| self.node(id).name.clone()).collect(),
        })
    }

    fn add(&mut self, name: &str, kind: NodeKind, address: Option<IpAddr>, place: Option<Place>) -> Result<(), ScenarioError> {
        if name.is_empty() || name == "link" || name.contains('.') {
            return Err(invalid(&"a node's name", &format_args!("\"{name}\" cannot be used; take letters, digits and hyphens")));
        }
        match self.place_of(name) {
            Ok(_) => return Err(ScenarioError::Twice { what: "node", name: name.to_owned() }),
            Err(place) => self.by_name.insert(place, NodeId::new(self.nodes.len())),
        }
        let (net, index) = match kind {
            NodeKind::Clients(i) => (Ipv4Addr::new(203, 0, 113, 1), i * 40),
            NodeKind::Proxy(i) => (Ipv4Addr::new(10, 0, 0, 1), i),
            NodeKind::Forwarder(i) => (Ipv4Addr::new(10, 0, 8, 1), i),
            NodeKind::Backend(i) => (Ipv4Addr::new(10, 0, 16, 1), i),
            NodeKind::Switch(i) => (Ipv4Addr::new(10, 0, 12, 1), i),
        };
        let default = IpAddr::V4(Ipv4Addr::from(u32::from(net).wrapping_add(index as u32)));
        let (address, scenario) = (address.unwrap_or(default), Rc::clone(&self.scenario));
        self.nodes.push(NodeSpec { name: name.to_owned(), kind, address, place, scenario });
        Ok(())
    }

    fn add_nodes(&mut self, scenario: &Scenario) -> Result<(), ScenarioError> {
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
            return Err(invalid(&"the scenario", &"it has more than 65,535 nodes"));
        }
        Ok(())
    }

    fn add_links(&mut self, scenario: &Scenario) -> Result<(), ScenarioError> {
        for link in &scenario.links {
            let (a, b) = (self.find(&link.from, &"links")?, self.find(&link.to, &"links")?);
            let quality = LinkQuality { latency: link.latency, mbit_per_s: link.mbit_per_s, loss_percent: link.loss_percent };
            self.links.push(((a.min(b), a.max(b)), quality));
        }
        Ok(())
    }

    fn add_classes(&mut self, scenario: &Scenario) {
        for (i, clients) in scenario.clients.iter().enumerate() {
            for class in &clients.requests {
                let mut headers = class.headers.clone();
                if headers.get("host").is_none() {
                    headers.0.insert(0, ("Host".to_owned(), class.host.clone()));
                }
                self.classes.push(ClassSpec { clients: NodeId::new(i), name: class.name.clone(), headers: Rc::new(headers) });
            }
        }
    }

    fn add_targets(&mut self, scenario: &Scenario) -> Result<(), ScenarioError> {
        for knob in &scenario.knobs {
            let at = format!("knobs.{}", knob.id);
            let mut targets = Vec::new();
            for path in &knob.sets {
                targets.push(Target::resolve(path, &at, self)?);
            }
            self.targets.push(targets);
        }
        Ok(())
    }
}
