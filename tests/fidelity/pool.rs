//! A balancer of the core as the replayers use it: backends by name, requests held open by id.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use hopscope_core::policy::balance::{Ask, Balancer, Done, Key, Label, Options, Peer, PolicyKind};
use hopscope_core::policy::decision::{Decisions, Occasion};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::time::Instant;
use hopscope_core::world::NodeId;
use serde_json::Value;

use crate::trace::{Step, Trace};

/// A balancer with its backends by name.
pub(crate) struct Pool {
    pub(crate) balancer: Balancer,
    decisions: Decisions,
    names: Vec<String>,
    held: BTreeMap<String, usize>,
    asked: u64,
}

/// What a request brings that a policy may look at.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) at: Instant,
    pub(crate) key: Key<'a>,
    pub(crate) client: IpAddr,
}

impl Request<'_> {
    /// One with nothing to hash.
    pub(crate) const fn plain(at: Instant) -> Self {
        Self { at, key: Key::Nothing, client: IpAddr::V4(Ipv4Addr::LOCALHOST) }
    }
}

impl Pool {
    /// A pool whose backends have these names.
    pub(crate) fn new(kind: PolicyKind, options: Options, members: Vec<(String, Peer, String)>) -> Self {
        let names = members.iter().map(|(name, ..)| name.clone()).collect();
        let member = |(i, (name, mut peer, address)): (usize, (String, Peer, String))| {
            peer.node = NodeId::new(i);
            (peer, Label { name: name.into(), address: address.into() })
        };
        let balancer = Balancer::new(kind, options, members.into_iter().enumerate().map(member));
        Self { balancer, decisions: Decisions::new(false), names, held: BTreeMap::new(), asked: 0 }
    }

    /// Picks for a request that has tried others in vain; the member's index.
    pub(crate) fn pick(&mut self, request: &Request<'_>, tried: &[u16]) -> Option<usize> {
        let draw = Draw::new(0x5eed, Purpose::Balance, self.asked, tried.len() as u32);
        self.asked += 1;
        let ask = Ask { client: request.client, key: request.key, draw, tried };
        self.balancer.pick(&ask, &Occasion { at: request.at, ..Occasion::default() }, &mut self.decisions)
    }

    /// Picks, and lets the request end at once; the backend's name.
    pub(crate) fn request(&mut self, request: &Request<'_>) -> Option<String> {
        let index = self.pick(request, &[])?;
        self.balancer.begin(index, request.at);
        self.balancer.end(index, Done::default(), request.at);
        Some(self.names[index].clone())
    }

    /// Picks for a request that stays until [`Pool::close`]; the backend's name.
    pub(crate) fn open(&mut self, id: &str, request: &Request<'_>) -> Option<String> {
        let index = self.pick(request, &[])?;
        self.balancer.begin(index, request.at);
        self.held.insert(id.to_owned(), index);
        Some(self.names[index].clone())
    }

    /// Ends a request that was opened; its backend's name.
    pub(crate) fn close(&mut self, id: &str, at: Instant) -> Option<String> {
        let index = self.held.remove(id)?;
        self.balancer.end(index, Done::default(), at);
        Some(self.names[index].clone())
    }

    /// Everybody whom the policy could pick for a request, as far as chance goes.
    pub(crate) fn possible(&mut self, request: &Request<'_>) -> BTreeSet<usize> {
        let balancer = self.balancer.clone();
        let picked = (0..1_000).filter_map(|_| {
            self.balancer = balancer.clone();
            self.pick(request, &[])
        });
        picked.collect()
    }

    /// The backend of that name.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// A backend's name.
    pub(crate) fn name(&self, index: usize) -> &str {
        &self.names[index]
    }
}

/// When a step was taken.
pub(crate) fn moment(step: &Step) -> Instant {
    Instant((step.t_ms * 1_000.0) as u64)
}

/// The name of the backend with that address, or of the one at that place where no addresses
/// were recorded.
pub(crate) fn name_of(trace: &Trace, place: usize, address: &str) -> String {
    let backends = trace.setup["backends"].as_array().map_or(&[][..], Vec::as_slice);
    let found = backends.iter().find(|b| b["addr"] == address).or_else(|| backends.get(place).filter(|b| b["addr"].is_null()));
    found.and_then(|b| b["name"].as_str()).unwrap_or(address).to_owned()
}

/// A request header's value, whatever the spelling of its name; empty where there is none.
pub(crate) fn header<'a>(request: &'a Value, name: &str) -> &'a str {
    let mut headers = request["headers"].as_object().into_iter().flatten();
    headers.find(|(n, _)| n.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str()).unwrap_or_default()
}

/// The client's address; loopback where none was recorded.
pub(crate) fn client(request: &Value) -> IpAddr {
    text(request, "client_ip").parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// A field of a request as text, empty where there is none.
pub(crate) fn text<'a>(request: &'a Value, field: &str) -> &'a str {
    request[field].as_str().unwrap_or_default()
}
