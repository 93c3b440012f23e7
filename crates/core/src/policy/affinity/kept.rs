//! A policy with somebody before it who knows where users are known.

use std::rc::Rc;

use super::{Cookie, Failure, Limits, Next, Retries, Rows};
use crate::http::Headers;
use crate::policy::balance::{Change, Note, Picture, Policy, Table};
use crate::policy::decision::{Reason, Score, Standing};
use crate::scenario::{HashedBy, MOST_ROWS, Stick, Sticky, StickyField};
use crate::time::{Duration, Instant};

/// What a pool asks of the one who knows its users.
pub trait Persistence {
    /// By what it keeps them now.
    fn method(&self) -> Stick;

    /// What of a request says whose it is; `None` while nobody is kept.
    fn by(&self) -> Option<Rc<HashedBy>>;

    /// What becomes of a request whose server could not be reached, where its key had led it there;
    /// `None` where the policy had chosen.
    fn failed(&self, request: &Failed<'_>, timed_out: bool) -> Option<Next>;

    /// What a server sets that begins the session of that number, where servers have a cookie of their
    /// own and the request does not bring it already.
    fn session(&self, value: u32, headers: &Headers) -> Option<String>;

    /// Takes out of a request what its server is not to see.
    fn hide(&self, headers: &mut Rc<Headers>);

    /// A member has answered a request. Adds to the answer what the client is to keep.
    fn answered(&mut self, request: &Answered<'_>, reply: &mut Vec<(String, String)>);

    /// Goes by another way from now on; a way that is not written keeps nobody.
    fn set_method(&mut self, method: Stick);

    /// Sets a number or a switch; spans are in milliseconds.
    fn set(&mut self, which: StickyField, n: f64);

    /// Puts another policy behind it.
    fn follow(&mut self, policy: Box<dyn Policy>);

    /// What it remembers.
    fn rows(&self) -> &Rows;
}

/// A request that a member has answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// What it brought of what [`Persistence::by`] says.
    pub key: Option<&'a str>,
    /// Who answered, by index.
    pub member: usize,
    /// The pool's members.
    pub table: &'a Table,
    /// When it came.
    pub begun: Instant,
    /// When it was answered.
    pub now: Instant,
}

/// A request whose server could not be reached.
#[derive(Clone, Copy, Debug)]
pub struct Failed<'a> {
    /// What it brought of what [`Persistence::by`] says.
    pub key: &'a str,
    /// Who could not be reached, by index.
    pub member: usize,
    /// The pool's members.
    pub table: &'a Table,
    /// How often it may be tried again.
    pub most: u32,
    /// How often it was.
    pub before: u32,
    /// When.
    pub now: Instant,
}

/// A policy of a pool whose users are kept.
pub struct Kept {
    inner: Box<dyn Policy>,
    rule: Rc<Sticky>,
    method: Stick,
    redispatch: (bool, bool),
    by: Rc<HashedBy>,
    rows: Rows,
    /// What a knob has set the limits of the table to.
    turned: (Option<u32>, Option<Duration>),
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        let (rule, by, rows) = (self.rule.clone(), self.by.clone(), self.rows.clone());
        Self { inner: self.inner.copied(), rule, method: self.method, redispatch: self.redispatch, by, rows, turned: self.turned }
    }
}

/// Puts somebody before a policy who keeps users as the rule says.
///
/// Whoever builds a world says whether it uses [`keep`] or [`keep_nobody`]: what names the first carries
/// all that is needed to keep users.
pub type Keep = fn(Box<dyn Policy>, Sticky) -> Box<dyn Policy>;

/// Leaves the policy alone.
pub fn keep_nobody(inner: Box<dyn Policy>, _rule: Sticky) -> Box<dyn Policy> {
    inner
}

/// Puts somebody who knows its users before the policy of a pool.
pub fn keep(inner: Box<dyn Policy>, rule: Sticky) -> Box<dyn Policy> {
    let (first, rule) = (rule.first(), Rc::new(rule));
    let rows = Rows::new(Limits::default());
    let redispatch = (rule.redispatch, rule.at_once);
    let mut kept = Kept { inner, rule, method: Stick::None, redispatch, by: Rc::default(), rows, turned: (None, None) };
    kept.set_method(first);
    Box::new(kept)
}

impl Kept {
    fn named(&self, key: &str, table: &Table, remembered: Option<u16>) -> Option<usize> {
        match self.method {
            Stick::None => None,
            // The cookie's value is the name of its server.
            Stick::Cookie => (0..table.len()).find(|&i| &*table.label(i).name == key),
            Stick::AppCookie | Stick::Table => remembered.map(usize::from).filter(|&i| i < table.len()),
        }
    }
}

impl Policy for Kept {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let Some(key) = note.stick else { return self.inner.pick(note) };
        let remembered = self.rows.look_up(key, note.at());
        if self.method == Stick::Table && note.ask.tried.is_empty() {
            // Every request with a key needs room, whatever there is already.
            self.rows.make_room(note.at());
        }
        let able = |&index: &usize| {
            let standing = note.table.standing(index, &[]);
            matches!(standing, Standing::Eligible | Standing::Draining) && !note.ask.tried.contains(&(index as u16))
        };
        let Some(index) = self.named(key, note.table, remembered).filter(able) else { return self.inner.pick(note) };
        let reason = if self.method == Stick::Cookie { Reason::PinnedByCookie } else { Reason::PinnedByRow };
        note.decide(Some(index), reason, &|_| Score::NotAsked)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.inner.told(table, index, change, at);
    }

    fn picture(&self, table: &Table) -> Option<Picture> {
        self.inner.picture(table)
    }

    fn persistence(&self) -> Option<&dyn Persistence> {
        Some(self)
    }

    fn persistence_mut(&mut self) -> Option<&mut dyn Persistence> {
        Some(self)
    }
}

impl Persistence for Kept {
    fn method(&self) -> Stick {
        self.method
    }

    fn by(&self) -> Option<Rc<HashedBy>> {
        (self.method != Stick::None).then(|| Rc::clone(&self.by))
    }

    fn failed(&self, request: &Failed<'_>, timed_out: bool) -> Option<Next> {
        let Failed { key, member, table, most, before, now } = *request;
        if self.named(key, table, self.rows.find(key, now)) != Some(member) {
            return None;
        }
        let redispatch = match self.redispatch {
            (false, _) => 0,
            (true, false) => -1,
            (true, true) => 1,
        };
        let standing = |index| table.standing(index, &[]);
        let down = !matches!(standing(member), Standing::Eligible | Standing::Draining | Standing::Full);
        let up = (0..table.len()).filter(|&i| standing(i) == Standing::Eligible).count() as u32;
        let retries = Retries { most, redispatch, connect: Duration::ZERO };
        Some(retries.after(&Failure { before, pinned: true, turns: true, up, down, timed_out }))
    }

    fn session(&self, value: u32, headers: &Headers) -> Option<String> {
        let cookie = self.rule.app_cookie.as_ref().filter(|_| self.method == Stick::AppCookie)?;
        let digit = |place: u32| char::from(b"0123456789abcdef"[(value >> (4 * place)) as usize & 15]);
        let value: String = (0..8).rev().map(digit).collect();
        let known = headers.cookie(&cookie.name) == Some(&value);
        (!known).then(|| [&cookie.name, "=", &value, "; path=/"].concat())
    }

    fn hide(&self, headers: &mut Rc<Headers>) {
        if let (Stick::Cookie, Some(cookie)) = (self.method, &self.rule.cookie)
            && cookie.indirect
            && headers.cookie(&cookie.name).is_some()
        {
            Rc::make_mut(headers).remove_cookie(&cookie.name);
        }
    }

    fn answered(&mut self, request: &Answered<'_>, reply: &mut Vec<(String, String)>) {
        let Answered { key, member, table, begun, now } = *request;
        match (self.method, &self.rule.cookie, &self.rule.app_cookie) {
            (Stick::Cookie, Some(rule), _) => {
                let own = &*table.label(member).name;
                let cookie = Cookie { name: rule.name.clone(), indirect: rule.indirect, nocache: rule.nocache, ..Cookie::default() };
                cookie.answer(Some(own), key == Some(own), false, reply);
            }
            (Stick::AppCookie, _, Some(rule)) => {
                // Only what a server sets is remembered: what a client makes up stays unknown.
                let set = reply.iter().filter(|(field, _)| field == "Set-Cookie").find_map(|(_, value)| {
                    let (name, value) = value.split(';').next()?.split_once('=')?;
                    (name == rule.name).then_some(value)
                });
                if let Some(value) = set
                    && self.rows.make_room(now)
                {
                    self.rows.store(value, member as u16, now, now);
                }
            }
            (Stick::Table, ..) => {
                if let Some(key) = key
                    && (self.rows.find(key, now).is_some() || self.rows.make_room(now))
                {
                    self.rows.store(key, member as u16, begun, now);
                }
            }
            _ => {}
        }
    }

    fn set_method(&mut self, method: Stick) {
        let (turned, now) = (self.turned, self.rows.limits());
        let limits = |size, expire| Limits { size: turned.0.unwrap_or(size), expire: turned.1.unwrap_or(expire), nopurge: false };
        let (by, limits) = match (method, &self.rule.cookie, &self.rule.app_cookie, &self.rule.table) {
            (Stick::Cookie, Some(cookie), ..) => (HashedBy::Cookie(cookie.name.clone()), now),
            (Stick::AppCookie, _, Some(cookie), _) => (HashedBy::Cookie(cookie.name.clone()), limits(cookie.size, cookie.expire)),
            (Stick::Table, _, _, Some(table)) => (table.on.clone(), limits(table.size, table.expire)),
            _ => return self.method = Stick::None,
        };
        if method != self.method {
            self.rows = Rows::new(limits);
        }
        (self.method, self.by) = (method, Rc::new(by));
    }

    fn set(&mut self, which: StickyField, n: f64) {
        match which {
            StickyField::Redispatch => self.redispatch.0 = n > 0.0,
            StickyField::AtOnce => self.redispatch.1 = n > 0.0,
            StickyField::Size => self.turned.0 = Some((n as u32).clamp(1, MOST_ROWS)),
            StickyField::Expire => self.turned.1 = Some(Duration::from_micros_f64(n * 1_000.0)),
            StickyField::Method => {}
        }
        let mut limits = self.rows.limits();
        (limits.size, limits.expire) = (self.turned.0.unwrap_or(limits.size), self.turned.1.unwrap_or(limits.expire));
        self.rows.set_limits(limits);
    }

    fn follow(&mut self, policy: Box<dyn Policy>) {
        self.inner = policy;
    }

    fn rows(&self) -> &Rows {
        &self.rows
    }
}
