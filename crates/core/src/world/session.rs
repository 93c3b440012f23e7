//! Users and who knows them: the cookies that they keep, who led them where, and what they lost.

use std::rc::Rc;

use super::World;
use super::event::Why;
use super::flight::FlightKind;
use super::id::{FlightKey, NodeId};
use super::log::Log;
use super::queue::Wake;
use super::state::{Health, Node, User};
use crate::http::Headers;
use crate::policy::affinity::{Failed, Limits, Next, Persistence, Row};
use crate::policy::balance::Key;
use crate::policy::decision::Standing;
use crate::rng::Purpose;
use crate::scenario::Stick;
use crate::time::{Duration, Instant};

/// Why a user was served by somebody who does not know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The server that knew them was started again and remembers nobody.
    Restarted,
    /// The server that knew them is gone or does not answer.
    Gone,
    /// The balancer sends nothing more to the server that knew them.
    Out,
    /// Nothing led them back: no cookie, no row, and the balancer chose another.
    Balanced,
}

/// What a user has and who knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionView {
    /// The group.
    pub clients: NodeId,
    /// Which of its users.
    pub user: u16,
    /// Cookies as (host, name, value).
    pub cookies: Vec<Cookie>,
    /// The server that served them last and knows them.
    pub server: Option<NodeId>,
    /// Whether it was killed since, and their session with it; they have not noticed yet.
    pub stale: bool,
    /// How often they met one that did not know them.
    pub lost: u32,
    /// The last time: when, who knew them, and why they did not get there.
    pub last: Option<(Instant, NodeId, Loss)>,
}

/// By what a pool keeps its users, and what it remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StickView {
    /// By what.
    pub by: Stick,
    /// How much its table holds, and for how long.
    pub limits: Limits,
    /// The rows of its table that have not run out.
    pub rows: Vec<Row>,
}

/// A cookie that a user keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// For which host.
    pub host: Rc<str>,
    /// Its name.
    pub name: Rc<str>,
    /// Its value.
    pub value: Rc<str>,
}

/// What a user keeps and has lost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    pub(crate) jar: Vec<Cookie>,
    /// The server that served them last and knows them, with its epoch.
    pub(crate) known_at: Option<(NodeId, u16)>,
    pub(crate) lost: u32,
    pub(crate) last: Option<(Instant, NodeId, Loss)>,
}

impl Session {
    /// Puts the cookies for its host into a request (RFC 6265 section 5.4).
    pub(crate) fn add_cookies(&self, headers: &mut Rc<Headers>) {
        if self.jar.is_empty() {
            return;
        }
        let host = headers.get("host").unwrap_or_default();
        let mut field = headers.get("cookie").unwrap_or_default().to_owned();
        for cookie in self.jar.iter().filter(|cookie| &*cookie.host == host) {
            for part in [if field.is_empty() { "" } else { "; " }, &cookie.name, "=", &cookie.value] {
                field.push_str(part);
            }
        }
        if !field.is_empty() {
            Rc::make_mut(headers).set("Cookie", field);
        }
    }

    /// Keeps what an answer sets (RFC 6265 section 5.3), without looking at attributes.
    fn keep(&mut self, host: &str, reply: &[(String, String)]) {
        for (_, value) in reply.iter().filter(|(field, _)| field == "Set-Cookie") {
            let Some((name, value)) = value.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            match self.jar.iter_mut().find(|cookie| &*cookie.host == host && &*cookie.name == name) {
                Some(cookie) => cookie.value = value.into(),
                None => self.jar.push(Cookie { host: host.into(), name: name.into(), value: value.into() }),
            }
        }
    }
}

impl World {
    fn session(&mut self, class: u16, user: u16) -> Option<&mut Session> {
        // Checks are nobody's.
        let group = self.spec.classes.get(usize::from(class))?.clients;
        match &mut self.nodes[group.index()] {
            Node::Clients(clients) => clients.users.get_mut(usize::from(user)).map(|user| &mut user.session),
            _ => None,
        }
    }

    /// An answer has reached its user, who keeps the cookies that it sets.
    pub(crate) fn keep_cookies(&mut self, key: FlightKey) {
        let Some(flight) = self.flights.get(key).filter(|f| !f.reply.is_empty()) else { return };
        let (class, user, reply, headers) = (flight.class, flight.user, flight.reply.clone(), Rc::clone(&flight.headers));
        if let Some(session) = self.session(class, user) {
            session.keep(headers.get("host").unwrap_or_default(), &reply);
        }
    }

    /// Who knows the users of a proxy's pool.
    fn keeper(&self, node: NodeId, pool: u16) -> Option<&dyn Persistence> {
        match &self.nodes[node.index()] {
            Node::Proxy(proxy) => proxy.pools.get(usize::from(pool))?.balancer.persistence(),
            _ => None,
        }
    }

    /// What of a request its pool keeps users by; `None` where it keeps nobody.
    pub(crate) fn stick_key(&self, node: NodeId, key: FlightKey) -> Option<String> {
        let flight = self.flights.get(key)?;
        let by = self.keeper(node, flight.pool)?.by()?;
        match super::proxy::hashed(&by, &self.classes.get(usize::from(flight.class))?.path, &flight.headers) {
            Key::Client => Some(flight.client.to_string()),
            Key::Text(text) if !text.is_empty() => core::str::from_utf8(text).ok().map(str::to_owned),
            _ => None,
        }
    }

    /// Takes out of a try what its server is not to see.
    pub(crate) fn hide_cookie(&mut self, node: NodeId, child: FlightKey) {
        let Some(mut headers) = self.flights.get(child).map(|f| Rc::clone(&f.headers)) else { return };
        let Some(kept) = self.keeper(node, self.flights[child].pool) else { return };
        kept.hide(&mut headers);
        self.flights[child].headers = headers;
    }

    /// A member has answered a try for `parent`: the pool remembers, and the client is told.
    pub(crate) fn remember(&mut self, node: NodeId, parent: FlightKey, member: u16, reply: &mut Vec<(String, String)>) {
        let Some(began) = self.flights.get(parent).map(|f| f.reached) else { return };
        let (key, now, pool) = (self.stick_key(node, parent), self.now, usize::from(self.flights[parent].pool));
        let Some(pool) = self.proxy(node).and_then(|proxy| proxy.pools.get_mut(pool)) else { return };
        pool.balancer.answered(key.as_deref(), usize::from(member), began, now, reply);
    }

    /// What becomes of somebody whose server could not be reached, where a cookie or a row had led
    /// them there; `None` where the balancer had chosen. `again`: how many retries were made.
    pub(crate) fn next_for_pinned(&self, node: NodeId, parent: FlightKey, member: u16, again: u32, why: Why) -> Option<Next> {
        let of = self.flights.get(parent)?.pool;
        let kept = self.keeper(node, of)?;
        let Node::Proxy(proxy) = &self.nodes[node.index()] else { return None };
        let pool = proxy.pools.get(usize::from(of))?;
        let (key, member) = (self.stick_key(node, parent)?, usize::from(member));
        let failed = Failed { key: &key, member, table: pool.balancer.table(), most: pool.retries, before: again, now: self.now };
        let tried = self.flights[parent].tried.contains(&(member as u16));
        if tried { None } else { kept.failed(&failed, why == Why::TimedOut) }
    }

    /// A try is made again, at once or after a pause.
    pub(crate) fn try_again(&mut self, parent: FlightKey, pause: Duration, log: &mut Log) {
        if pause.is_zero() {
            self.forward(parent, log);
        } else {
            self.queue.plan(pause, Wake::Again { flight: parent });
        }
    }

    /// A server begins a session with a user who brings none that it knows. What it sets says nothing
    /// to anybody else; one that was started again knows none of those that it began before.
    pub(crate) fn begin_session(&mut self, node: NodeId, epoch: u16, key: FlightKey) {
        let Some(flight) = self.flights.get(key).filter(|f| f.kind == FlightKind::Attempt && f.member.is_some()) else { return };
        let Some(kept) = self.keeper(flight.from, flight.pool) else { return };
        // Checks are nobody's.
        let Some(group) = self.spec.classes.get(usize::from(flight.class)).map(|class| class.clients) else { return };
        let whose = (node.index() as u64) << 48 | (group.index() as u64) << 32 | u64::from(epoch) << 16 | u64::from(flight.user);
        let value = self.draw(Purpose::User, whose, 1).bits() as u32;
        if let Some(said) = kept.session(value, &flight.headers) {
            self.flights[key].reply.push(("Set-Cookie".to_owned(), said));
        }
    }

    /// From now on this server knows the user: what it costs that another one, or this one before
    /// it was killed, served them last; `None` when none did.
    pub(crate) fn greet(&mut self, node: NodeId, key: FlightKey) -> Option<Duration> {
        let Node::Backend(backend) = &self.nodes[node.index()] else { return None };
        let (cold, knows) = (backend.cold, Some((node, backend.epoch)));
        if !backend.keeps_users() {
            return None;
        }
        let (class, user, from, pool) = self.flights.get(key).map(|f| (f.class, f.user, f.from, f.pool))?;
        let last = core::mem::replace(&mut self.session(class, user)?.known_at, knows);
        if last == knows {
            return None;
        }
        let (was, _) = last?;
        let (why, now) = (self.loss(was, node, from, pool), self.now);
        let session = self.session(class, user)?;
        session.lost += 1;
        session.last = Some((now, was, why));
        self.metrics.on_cold(node);
        Some(cold)
    }

    fn loss(&self, was: NodeId, now: NodeId, by: NodeId, pool: u16) -> Loss {
        if was == now {
            return Loss::Restarted;
        }
        let is_up = |id: NodeId| matches!(&self.nodes[id.index()], Node::Backend(b) if b.health == Health::Up && b.present);
        let standing = match &self.nodes[by.index()] {
            Node::Proxy(proxy) => proxy.pools.get(usize::from(pool)).and_then(|pool| {
                let table = pool.balancer.table();
                (0..table.len()).find(|&i| table.peers()[i].node == was).map(|i| table.standing(i, &[]))
            }),
            _ => None,
        };
        match standing {
            _ if !is_up(was) => Loss::Gone,
            Some(Standing::Absent | Standing::Down | Standing::Maintenance | Standing::Failing | Standing::Draining) => Loss::Out,
            _ => Loss::Balanced,
        }
    }

    /// Every user with what they keep and who knows them, in order.
    pub fn sessions(&self) -> Vec<SessionView> {
        let mut views = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let Node::Clients(clients) = node else { continue };
            for (user, User { session, .. }) in (0..).zip(&clients.users) {
                let known_at = session.known_at.filter(|&(node, _)| self.keeps_users(node));
                let epoch = |node: NodeId| if let Node::Backend(backend) = &self.nodes[node.index()] { backend.epoch } else { 0 };
                views.push(SessionView {
                    clients: NodeId::new(index),
                    user,
                    cookies: session.jar.clone(),
                    server: known_at.map(|(node, _)| node),
                    stale: known_at.is_some_and(|(node, began)| began != epoch(node)),
                    lost: session.lost,
                    last: session.last,
                });
            }
        }
        views
    }

    /// By what a pool of a proxy keeps its users now, and the rows of its table.
    pub fn stick_rows(&self, id: NodeId, pool: u16) -> Option<StickView> {
        let kept = self.keeper(id, pool)?;
        Some(StickView { by: kept.method(), limits: kept.rows().limits(), rows: kept.rows().rows(self.now).cloned().collect() })
    }

    /// Whether this node is a server that keeps something about its users now.
    pub fn keeps_users(&self, id: NodeId) -> bool {
        matches!(&self.nodes[id.index()], Node::Backend(backend) if backend.keeps_users())
    }

    /// Users who met a server that did not know them, of one group or of all.
    pub(crate) fn losers(&self, clients: Option<NodeId>) -> usize {
        self.users(clients).filter(|session| session.lost > 0).count()
    }

    /// How many users each of these servers knows.
    pub(crate) fn known(&self, nodes: &[NodeId]) -> Vec<u32> {
        let mut counts = vec![0; nodes.len()];
        for (node, _) in self.users(None).filter_map(|session| session.known_at).filter(|&(node, _)| self.keeps_users(node)) {
            if let Some(place) = nodes.iter().position(|&id| id == node) {
                counts[place] += 1;
            }
        }
        counts
    }

    fn users(&self, clients: Option<NodeId>) -> impl Iterator<Item = &Session> {
        let of = self.nodes.iter().enumerate().filter(move |&(i, _)| clients.is_none_or(|id| id.index() == i));
        let users = of.filter_map(|(_, node)| if let Node::Clients(group) = node { Some(&group.users) } else { None });
        users.flatten().map(|user| &user.session)
    }
}
