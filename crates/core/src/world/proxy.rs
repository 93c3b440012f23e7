//! Layer 7: a proxy reads each request, leads it through its stages, and asks an upstream
//! on a connection of its own.

use super::event::{Event, Outcome, StageAnswer, Why};
use super::flight::{FlightKind, Phase};
use super::id::{ConnKey, FlightKey, NodeId};
use super::log::{AccessLine, Log};
use super::queue::Wake;
use super::stage::{Answer, Surroundings};
use super::state::{Node, ProxyState};
use super::{NO_ROOT, World};
use crate::http::Headers;
use crate::policy::balance::{Ask, Key};
use crate::policy::decision::Occasion;
use crate::rng::Purpose;
use crate::scenario::{HashedBy, NodeKind, Protocol, Spec};
use crate::time::Duration;

/// Idle connections that a proxy keeps to a service outside its pools.
const SERVICE_KEEPALIVE: usize = 16;
/// Proxies that a request may pass; one that has passed more goes round in circles.
const MOST_HOPS: u8 = 16;

impl World {
    fn proxy(&mut self, node: NodeId) -> Option<&mut ProxyState> {
        match &mut self.nodes[node.index()] {
            Node::Proxy(proxy) => Some(proxy),
            _ => None,
        }
    }

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

    fn run_stages(&mut self, key: FlightKey, log: &mut Log) {
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

    fn own_service(&self, node: NodeId) -> crate::scenario::Dist {
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
    fn forward(&mut self, key: FlightKey, log: &mut Log) {
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
        let occasion = Occasion { at: self.now, ordinal: self.ordinal, root, node, pool };
        let Node::Proxy(proxy) = &mut self.nodes[node.index()] else { return };
        let Some(state) = proxy.pools.get_mut(usize::from(pool)) else { return self.refuse(key, node, 503, Why::NobodyEligible, log) };
        let hashed = hashed(&state.by, &self.classes[usize::from(flight.class)].path, &flight.headers);
        let ask = Ask { client, key: hashed, draw, tried: &flight.tried };
        let target = state.pick(&ask, &occasion, &mut log.decisions);
        let timeout = state.timeout;
        if log.is_on() {
            let decision = log.decisions.len() as u32 - 1;
            self.note_flight(log, key, |flight| Event::Decided { flight, node, decision });
        }
        let Some((member, target)) = target else { return self.refuse(key, node, 503, Why::NobodyEligible, log) };
        let child = self.begin_child(key, node, FlightKind::Attempt);
        if let Some(flight) = self.flights.get_mut(child) {
            flight.member = Some(member);
        }
        self.plan_timeout(child, timeout);
        self.send_up(child, node, target, log);
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
    fn refuse(&mut self, key: FlightKey, node: NodeId, status: u16, why: Why, log: &mut Log) {
        if let Some(flight) = self.flights.get_mut(key) {
            flight.verdict = Some((Outcome::Failed, why));
        }
        self.respond(node, key, status, log);
    }

    /// Sends on an idle connection, the one used last, or opens another.
    fn send_up(&mut self, child: FlightKey, node: NodeId, target: NodeId, log: &mut Log) {
        let idle = self.proxy(node).and_then(|p| p.idle.to(target).pop());
        let conn = match idle {
            Some(conn) => conn,
            None => {
                let address = self.spec.node(node).address;
                let (serial, root) = self.flights.get(child).map_or((0, NO_ROOT), |f| (u64::from(f.serial), f.root));
                let draw = self.draw(Purpose::Loss, serial, 3 << 16);
                let conn = self.dial(node, target, Protocol::Http1, 0, address, draw, false, root, log);
                if let Some(held) = self.conns.get_mut(conn) {
                    held.pending.push_back(child);
                }
                if let Some(flight) = self.flights.get_mut(child) {
                    flight.sent_on = conn;
                }
                return;
            }
        };
        self.send_request(conn, child, log);
    }

    /// An answer has come back to the proxy that asked.
    pub(crate) fn answered_to_proxy(&mut self, node: NodeId, child: FlightKey, conn: ConnKey, log: &mut Log) {
        if let Some(held) = self.conns.get_mut(conn) {
            held.streams = held.streams.saturating_sub(1);
        }
        self.put_back(node, conn, child, log);
        let Some(flight) = self.flights.get(child) else { return };
        let late = flight.ended;
        let (status, kind, parent, upstream) = (flight.status, flight.kind, flight.parent, flight.at);
        let verdict = Self::verdict(flight);
        let reply = flight.reply.clone();
        self.note_flight(log, child, |flight| Event::Returned { flight, node, status });
        if late {
            return self.forget(child);
        }
        self.finish(child, verdict.0, verdict.1, log);
        let Some(parent) = parent.filter(|&p| self.flights.contains_key(p)) else { return };
        match kind {
            FlightKind::Mirror => {}
            FlightKind::Call if verdict.0 == Outcome::Served => self.run_stages(parent, log),
            FlightKind::Call => self.refuse(parent, node, 503, Why::Upstream, log),
            _ => {
                let flight = &mut self.flights[parent];
                flight.upstream = Some(upstream);
                flight.reply = reply;
                if verdict.0 != Outcome::Served {
                    flight.verdict = Some(verdict);
                }
                self.stages_meet_answer(parent, node, status);
                self.respond(node, parent, status, log);
            }
        }
    }

    fn stages_meet_answer(&mut self, key: FlightKey, node: NodeId, status: u16) {
        let Some(flight) = self.flights.get_mut(key) else { return };
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

    /// A connection is free again: it is kept for the next request, or closed when enough are.
    fn put_back(&mut self, node: NodeId, conn: ConnKey, child: FlightKey, log: &mut Log) {
        let Some(held) = self.conns.get(conn).filter(|c| c.is_idle()) else { return };
        let target = held.nodes[1];
        let pool = self.flights.get(child).filter(|f| f.member.is_some()).map(|f| usize::from(f.pool));
        let Some(proxy) = self.proxy(node) else { return };
        let keep = match pool.and_then(|p| proxy.pools.get(p)) {
            Some(pool) => pool.links.keepalive as usize,
            None => SERVICE_KEEPALIVE,
        };
        let idle = proxy.idle.to(target);
        if idle.len() < keep {
            idle.push(conn);
        } else {
            self.close(conn, log);
        }
    }

    /// A connection to an upstream is gone, and with it the request on it.
    pub(crate) fn proxy_cut_off(&mut self, node: NodeId, conn: ConnKey, log: &mut Log) {
        let target = self.conns[conn].nodes[1];
        if let Some(proxy) = self.proxy(node) {
            proxy.idle.to(target).retain(|&c| c != conn);
        }
        for child in self.sent_on(conn) {
            let unsent = self.flights[child].phase == Phase::Held;
            self.attempt_failed(child, Why::Reset, 502, unsent, log);
        }
    }

    /// A try has failed: the next member is tried where that is allowed, else the proxy answers.
    fn attempt_failed(&mut self, child: FlightKey, why: Why, status: u16, unsent: bool, log: &mut Log) {
        let Some(flight) = self.flights.get(child) else { return };
        let (node, kind, parent, member, class) = (flight.from, flight.kind, flight.parent, flight.member, flight.class);
        self.end_flight(child, Outcome::Failed, why, log);
        if unsent || why == Why::Reset {
            self.forget(child);
        }
        let Some(parent) = parent.filter(|&p| kind != FlightKind::Mirror && self.flights.contains_key(p)) else { return };
        let idempotent = self.method(class).is_idempotent();
        let pool = usize::from(self.flights[parent].pool);
        let retries = self.pool_mut(node, pool).map_or(0, |p| p.retries);
        let flight = &mut self.flights[parent];
        // nginx proxy_next_upstream: a request that may have been acted on is not repeated
        // unless repeating it changes nothing.
        if kind == FlightKind::Attempt && u32::from(flight.attempt) < retries && (unsent || idempotent) {
            flight.attempt += 1;
            flight.tried.extend(member);
            let attempt = flight.attempt;
            self.note_flight(log, parent, |flight| Event::Retried { flight, node, attempt });
            self.forward(parent, log);
        } else {
            self.refuse(parent, node, status, if kind == FlightKind::Call { Why::Upstream } else { why }, log);
        }
    }

    /// A try took too long. Its connection may still bring an answer, so it cannot be used again.
    pub(crate) fn attempt_timed_out(&mut self, child: FlightKey, log: &mut Log) {
        let conn = self.flights[child].sent_on;
        let unsent = self.flights[child].phase == Phase::Held;
        if let Some(held) = self.conns.get_mut(conn) {
            held.pending.retain(|&f| f != child);
        }
        self.attempt_failed(child, Why::TimedOut, 504, unsent, log);
        self.close(conn, log);
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
fn hashed<'a>(by: &HashedBy, path: &'a str, headers: &'a Headers) -> Key<'a> {
    let text = match by {
        HashedBy::Client => return Key::Client,
        HashedBy::Uri => Some(path),
        HashedBy::Header(name) => headers.get(name),
        HashedBy::Cookie(name) => headers.cookie(name),
    };
    text.map_or(Key::Nothing, |text| Key::Text(text.as_bytes()))
}
