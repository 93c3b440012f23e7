//! Layer 7: a proxy reads each request, leads it through its stages, and asks an upstream
//! on a connection of its own.

use super::World;
use super::event::{Event, Outcome, StageAnswer, Why};
use super::flight::{FlightKind, Phase};
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::{AccessLine, Log};
use super::queue::Wake;
use super::stage::{Answer, Surroundings};
use super::state::Node;
use crate::http::Headers;
use crate::policy::balance::{Ask, Key};
use crate::policy::decision::Occasion;
use crate::policy::health::Finding;
use crate::rng::Purpose;
use crate::scenario::{HashedBy, NodeKind, Spec};
use crate::time::Duration;

/// Proxies that a request may pass; one that has passed more goes round in circles.
const MOST_HOPS: u8 = 16;

impl World {
    pub(crate) fn enter_proxy(&mut self, key: FlightKey, log: &mut Log) {
        if let Some(flight) = self.flights.get_mut(key) {
            flight.phase = Phase::AtProxy;
            flight.pool = 0;
        }
        self.run_stages(key, log);
    }

    /// A held request goes on where it was.
    pub(crate) fn resume(&mut self, key: FlightKey, log: &mut Log) {
        let Some(flight) = self.flights.get(key).filter(|f| f.phase == Phase::AtProxy) else { return };
        let (node, place) = (flight.at, usize::from(flight.stage).saturating_sub(1));
        let stage = match &self.nodes[node.index()] {
            Node::Proxy(proxy) => proxy.order.get(place).copied().unwrap_or(0),
            _ => return,
        };
        self.note_flight(log, key, |flight| Event::Staged { flight, node, stage, answer: StageAnswer::Continue });
        self.run_stages(key, log);
    }

    pub(crate) fn run_stages(&mut self, key: FlightKey, log: &mut Log) {
        loop {
            let Some((stage, answer)) = self.next_stage(key) else { return self.forward(key, log) };
            let Some(flight) = self.flights.get(key) else { return };
            let (node, draw_id) = (flight.at, flight.draw_id);
            let said = match &answer {
                Answer::Respond(status, ..) => StageAnswer::Respond(*status),
                Answer::Wait(_) => StageAnswer::Wait,
                Answer::Call { .. } => StageAnswer::Call,
                _ => StageAnswer::Continue,
            };
            self.note_flight(log, key, |flight| Event::Staged { flight, node, stage, answer: said });
            match answer {
                Answer::Continue => {}
                Answer::Respond(status, outcome, why) => {
                    self.flights[key].verdict = Some((outcome, why));
                    return self.respond(node, key, status, log);
                }
                Answer::Wait(hold) => return self.queue.plan(hold, Wake::Resume { flight: key }),
                Answer::Call { to, timeout, work } => {
                    let draw = self.draw(Purpose::Service, draw_id, 100 + u32::from(stage));
                    let work = work.unwrap_or_else(|| self.own_service(to)).sample(draw);
                    return self.ask_service(key, node, to, FlightKind::Call, work, timeout, log);
                }
                Answer::Copy(to) => {
                    let work = Duration(self.flights[key].work);
                    self.note_flight(log, key, |flight| Event::Copied { flight, node, to });
                    self.ask_service(key, node, to, FlightKind::Mirror, work, Duration::ZERO, log);
                }
                Answer::ByHost => self.flights[key].by_host = true,
            }
        }
    }

    /// Lets the request meet the next stage that is on; its index and answer.
    fn next_stage(&mut self, key: FlightKey) -> Option<(u8, Answer)> {
        let flight = self.flights.get_mut(key)?;
        let Node::Proxy(proxy) = &mut self.nodes[flight.at.index()] else { return None };
        loop {
            let position = flight.stage;
            let index = *proxy.order.get(usize::from(position))?;
            flight.stage += 1;
            let stage = &mut proxy.stages[usize::from(index)];
            if stage.on {
                let around = Surroundings {
                    class: &self.classes[usize::from(flight.class)],
                    method: method_of(&self.spec, flight.class).as_str(),
                    now: self.now,
                    draw: crate::rng::Draw::new(self.seed, Purpose::Balance, flight.draw_id, 500 + u32::from(index)),
                };
                return Some((index, stage.kind.meet(flight, &around)));
            }
        }
    }

    pub(crate) fn own_service(&self, node: NodeId) -> crate::scenario::Dist {
        match self.spec.node(node).kind {
            NodeKind::Backend(index) => self.spec.scenario.backends[index].service.clone(),
            _ => crate::scenario::Dist::default(),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one call site per kind; a struct would be filled once and taken apart at once")]
    fn ask_service(
        &mut self,
        parent: FlightKey,
        node: NodeId,
        to: NodeId,
        kind: FlightKind,
        work: Duration,
        timeout: Duration,
        log: &mut Log,
    ) {
        let child = self.begin_child(parent, node, kind);
        if let Some(flight) = self.flights.get_mut(child) {
            flight.work = work.as_micros();
        }
        self.plan_timeout(child, timeout);
        self.send_up(child, node, to, log);
    }

    /// Every stage has been met: the request goes to an upstream.
    pub(crate) fn forward(&mut self, key: FlightKey, log: &mut Log) {
        let Some(flight) = self.flights.get(key) else { return };
        let (node, by_host) = (flight.at, flight.by_host);
        if flight.depth >= MOST_HOPS {
            return self.refuse(key, node, 502, Why::Upstream, log);
        }
        if by_host {
            return self.forward_by_host(key, node, log);
        }
        let (root, pool, client, draw_id, attempt) = (flight.root, flight.pool, flight.client, flight.draw_id, flight.attempt);
        let draw = self.draw(Purpose::Balance, draw_id, u32::from(attempt));
        let stick = self.stick_key(node, key);
        let Some(flight) = self.flights.get(key) else { return };
        let occasion = Occasion { at: self.now, ordinal: self.ordinal, root, node, pool };
        let Node::Proxy(proxy) = &mut self.nodes[node.index()] else { return };
        let Some(state) = proxy.pools.get_mut(usize::from(pool)) else { return self.refuse(key, node, 503, Why::NobodyEligible, log) };
        let nobody = state.product.status(Why::NobodyEligible, true);
        let hashed = hashed(&state.by, &self.classes[usize::from(flight.class)].path, &flight.headers);
        let ask = Ask { client, key: hashed, draw, tried: &flight.tried };
        let target = state.pick(&ask, stick.as_deref(), &occasion, &mut log.decisions);
        if log.is_on() {
            let decision = log.decisions.len() as u32 - 1;
            self.note_flight(log, key, |flight| Event::Decided { flight, node, decision });
        }
        let Some((member, target)) = target else { return self.refuse(key, node, nobody, Why::NobodyEligible, log) };
        let child = self.begin_child(key, node, FlightKind::Attempt);
        if let Some(flight) = self.flights.get_mut(child) {
            flight.member = Some(member);
        }
        self.hide_cookie(node, child);
        self.send_to_member(child, node, (pool, member), target, log);
    }

    fn forward_by_host(&mut self, key: FlightKey, node: NodeId, log: &mut Log) {
        let host = self.flights[key].headers.get("host").unwrap_or("").to_owned();
        let backends = &self.spec.scenario.backends;
        let found = backends.iter().find(|b| b.hosts.iter().any(|h| h.eq_ignore_ascii_case(&host))).and_then(|b| self.spec.id(&b.name));
        match found {
            Some(target) => {
                let child = self.begin_child(key, node, FlightKind::Attempt);
                self.send_up(child, node, target, log);
            }
            None => self.refuse(key, node, 502, Why::UnknownHost, log),
        }
    }

    /// The proxy answers for an upstream that cannot.
    pub(crate) fn refuse(&mut self, key: FlightKey, node: NodeId, status: u16, why: Why, log: &mut Log) {
        if let Some(flight) = self.flights.get_mut(key) {
            flight.verdict = Some((Outcome::Failed, why));
        }
        self.respond(node, key, status, log);
    }

    /// An answer has come back to the proxy that asked.
    pub(crate) fn answered_to_proxy(&mut self, node: NodeId, child: FlightKey, conn: ConnKey, log: &mut Log) {
        self.carried(conn);
        if self.flights.get(child).is_some_and(|f| f.kind == FlightKind::Probe) {
            self.close(conn, log);
        } else {
            self.put_back(node, conn, log);
        }
        let Some(flight) = self.flights.get_mut(child) else { return };
        let late = flight.ended;
        let (status, kind, parent, upstream) = (flight.status, flight.kind, flight.parent, flight.at);
        let (pool, member, root) = (flight.picked_in, flight.member, flight.root);
        let verdict = Self::verdict(flight);
        let mut reply = core::mem::take(&mut flight.reply);
        self.note_flight(log, child, |flight| Event::Returned { flight, node, status });
        if late {
            return self.forget(child);
        }
        self.finish(child, verdict.0, verdict.1, log);
        if kind == FlightKind::Attempt {
            self.seen(node, pool, member, Finding::Status(status), root, log);
        }
        let Some(parent) = parent.filter(|&p| self.flights.contains_key(p)) else { return };
        match kind {
            FlightKind::Mirror => {}
            FlightKind::Call if verdict.0 == Outcome::Served => self.run_stages(parent, log),
            FlightKind::Call => self.refuse(parent, node, 503, Why::Upstream, log),
            _ => {
                if let Some(member) = member.filter(|_| kind == FlightKind::Attempt) {
                    self.remember(node, parent, member, &mut reply);
                }
                let flight = &mut self.flights[parent];
                flight.upstream = Some(upstream);
                flight.reply = reply;
                if verdict.0 != Outcome::Served {
                    flight.verdict = Some(verdict);
                } else if flight.attempt > flight.spared {
                    self.metrics.on_hide(node);
                }
                self.stages_meet_answer(parent, node, status);
                self.respond(node, parent, status, log);
            }
        }
    }

    fn stages_meet_answer(&mut self, key: FlightKey, node: NodeId, status: u16) {
        let Some(flight) = self.flights.get_mut(key) else { return };
        if flight.stage == 0 {
            return;
        }
        let Node::Proxy(proxy) = &mut self.nodes[node.index()] else { return };
        let name = &self.spec.node(node).name;
        let around = Surroundings {
            class: &self.classes[usize::from(flight.class)],
            method: method_of(&self.spec, flight.class).as_str(),
            now: self.now,
            draw: crate::rng::Draw::new(self.seed, Purpose::Balance, flight.draw_id, 500),
        };
        for &index in proxy.order.iter().take(usize::from(flight.stage)).rev() {
            let stage = &mut proxy.stages[usize::from(index)];
            if stage.on {
                stage.kind.meet_answer(flight, &around, status, name);
            }
        }
    }

    pub(crate) fn method(&self, class: u16) -> crate::http::Method {
        method_of(&self.spec, class)
    }

    pub(crate) fn write_access_line(&self, node: NodeId, key: FlightKey, log: &mut Log) {
        if !log.is_on() || self.log_format(node).is_none() {
            return;
        }
        let Some(f) = self.flights.get(key) else { return };
        log.access.push(AccessLine {
            at: self.now,
            ordinal: self.ordinal,
            root: f.root,
            node,
            client: f.client,
            class: f.class,
            status: f.status,
            took: self.now - f.reached,
            upstream: f.upstream,
        });
    }

    /// How a node writes its access log, if it keeps one.
    pub fn log_format(&self, node: NodeId) -> Option<crate::scenario::LogFormat> {
        let scenario = &self.spec.scenario;
        match self.spec.node(node).kind {
            NodeKind::Proxy(i) => scenario.proxies[i].log,
            NodeKind::Backend(i) => scenario.backends[i].log,
            NodeKind::Clients(_) | NodeKind::Forwarder(_) | NodeKind::Switch(_) => None,
        }
    }
}

fn method_of(spec: &Spec, class: u16) -> crate::http::Method {
    let mut index = usize::from(class);
    for group in &spec.scenario.clients {
        match group.requests.get(index) {
            Some(request) => return request.method,
            None => index -= group.requests.len(),
        }
    }
    crate::http::Method::Get
}

/// What of a request its policy may hash.
pub(super) fn hashed<'a>(by: &HashedBy, path: &'a str, headers: &'a Headers) -> Key<'a> {
    let text = match by {
        HashedBy::Client => return Key::Client,
        HashedBy::Uri => Some(path),
        HashedBy::Header(name) => headers.get(name),
        HashedBy::Cookie(name) => headers.cookie(name),
    };
    text.map_or(Key::Nothing, |text| Key::Text(text.as_bytes()))
}
