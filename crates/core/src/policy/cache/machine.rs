//! The machine without I/O: a request goes in, and what to do comes out. Whoever runs it carries
//! requests to the origin and tells what came back, or that it is time to look again.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::time::{Duration, Instant};

use super::answer::{self, Answer, How};
use super::entry::{Entry, Note, Standing};
use super::field::control::Control;
use super::forward::Plan;
use super::message::Request;
use super::profile::{Collapse, Profile};
use super::shelf::Shelf;
use super::verdict::{Outcome, Reason, Verdict};
use super::{ranges, vary};

/// Names a request from its beginning to its answer, and a fetch behind an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u32);

/// A request, and what the operator's rules say about it.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The request.
    pub request: Request,
    /// The key, where it is not made by the profile's rules.
    pub key: Option<String>,
    /// Go around what is stored; what comes is stored (nginx `proxy_cache_bypass`).
    pub bypass: bool,
    /// Do not store what comes (nginx `proxy_no_cache`).
    pub keep_out: bool,
    /// A draw above 0 and at most 1, for early expiry by chance; 0 is without.
    pub draw: f64,
}

/// What to send to the origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetch {
    /// With whom the reply comes back: [`Cache::answered`].
    pub ticket: Ticket,
    /// What to send.
    pub request: Request,
    /// Why.
    pub verdict: Verdict,
}

/// What to do next for a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Answer the client.
    Answer(Answer),
    /// Ask the origin; the client waits.
    Forward(Fetch),
    /// Answer the client, and ask the origin behind it.
    AnswerAndRefresh(Answer, Fetch),
    /// Wait: someone else is fetching this. With a time, look again then: [`Cache::wake`].
    Wait(Option<Instant>),
}

/// How often a request has been through the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// For the first time.
    First,
    /// It waited, and looks again.
    Again,
    /// It waited, and what came cannot be shared: it does not wait again.
    Alone,
    /// It waited for too long: it does not wait again, and what comes is not stored.
    TooLong,
}

/// A request that is waiting or being fetched.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub ask: Ask,
    pub key: String,
    pub state: State,
}

#[derive(Clone, Debug)]
pub(super) enum State {
    Waiting { since: Instant },
    Fetching(Fetching),
}

#[derive(Clone, Debug)]
pub(super) struct Fetching {
    /// What was sent: its method and its range decide what may be done with the reply.
    pub sent: Request,
    /// The stored response that it is about.
    pub base: Option<Rc<Entry>>,
    /// The conditions in it are ours: a 304 is about what is stored.
    pub ours: bool,
    /// The client's conditions were taken out.
    pub stripped: bool,
    /// Nobody waits for it.
    pub background: bool,
    /// The reply only passes.
    pub pass: bool,
    /// Why it may not be stored, whatever it says.
    pub unstored: Option<Reason>,
    /// It asks for the part that is missing.
    pub completes: bool,
    pub verdict: Verdict,
    pub asked: i64,
}

/// Who is fetching what is under a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Busy {
    pub owner: Ticket,
    /// Until when nobody else does (nginx `proxy_cache_lock_age`).
    pub until: Instant,
}

/// A cache.
#[derive(Clone, Debug)]
pub struct Cache {
    pub(super) profile: Profile,
    /// What the clock on the wall says at the beginning, in microseconds since 1970.
    epoch: i64,
    pub(super) shelf: Shelf,
    pub(super) pending: BTreeMap<Ticket, Pending>,
    pub(super) busy: BTreeMap<String, Busy>,
    /// Who refreshes an entry, by the entry's number.
    pub(super) refreshing: BTreeMap<u64, Ticket>,
    uses: BTreeMap<String, u32>,
    next: u32,
    pub(super) next_entry: u64,
}

impl Cache {
    /// An empty cache. `epoch` is what the clock on the wall says at the beginning, in
    /// microseconds since 1970.
    pub fn new(profile: Profile, epoch: i64) -> Self {
        Self {
            profile,
            epoch,
            shelf: Shelf::default(),
            pending: BTreeMap::new(),
            busy: BTreeMap::new(),
            refreshing: BTreeMap::new(),
            uses: BTreeMap::new(),
            next: 0,
            next_entry: 0,
        }
    }

    /// What it does.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Every entry with its key, in the order of keys.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.shelf.iter()
    }

    /// Microseconds since 1970 at a moment of the run.
    pub fn wall(&self, now: Instant) -> i64 {
        self.epoch.saturating_add(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
    }

    /// Takes out everything under a key. Says how many entries that were.
    pub fn remove(&mut self, key: &str) -> usize {
        self.shelf.remove(key)
    }

    /// Takes out what a request like this would get, and leaves other variants (Squid `PURGE`).
    /// Says how many entries that were.
    pub fn remove_variant(&mut self, request: &Request) -> usize {
        let key = self.profile.keys.key(request);
        let before = self.shelf.get(&key).len();
        let rules = self.profile.vary;
        self.shelf.retain(&key, |entry| !vary::matches(&rules, &entry.selecting, &entry.response.headers, &request.headers));
        before - self.shelf.get(&key).len()
    }

    /// A request has come.
    pub fn request(&mut self, mut ask: Ask, now: Instant) -> (Ticket, Step) {
        if !self.profile.vary.encoding {
            vary::gzip_only(&mut ask.request.headers);
        }
        let ticket = self.ticket();
        let step = self.decide(ticket, ask, Turn::First, now, now);
        (ticket, step)
    }

    /// It is time to look again for a request that was told to wait.
    pub fn wake(&mut self, ticket: Ticket, now: Instant) -> Option<Step> {
        let Pending { key, state: State::Waiting { since }, .. } = self.pending.get(&ticket)? else { return None };
        let since = *since;
        let Collapse::Poll { every, timeout, .. } = self.profile.collapse else { return None };
        let late = now >= since + timeout;
        if let Some(busy) = self.busy.get(key).filter(|busy| !late && busy.until > now) {
            return Some(Step::Wait(Some(now + Duration(every.0.min(busy.until.since(now).0)))));
        }
        let pending = self.pending.remove(&ticket)?;
        let turn = if late { Turn::TooLong } else { Turn::Again };
        Some(self.decide(ticket, pending.ask, turn, since, now))
    }

    fn ticket(&mut self) -> Ticket {
        self.next = self.next.wrapping_add(1);
        Ticket(self.next)
    }

    pub(super) fn entry_number(&mut self) -> u64 {
        self.next_entry += 1;
        self.next_entry
    }

    /// What to do with a request; `since` is when it came.
    pub(super) fn decide(&mut self, ticket: Ticket, ask: Ask, turn: Turn, since: Instant, now: Instant) -> Step {
        let request = &ask.request;
        let key = ask.key.clone().unwrap_or_else(|| self.profile.keys.key(request));
        let plain = |outcome, reason| Plan::to(Verdict::plain(outcome, reason));
        if !(request.is("GET") || request.is("HEAD") || self.profile.methods.contains(&request.method.as_str())) {
            return self.forward(ticket, ask, key, plain(Outcome::Method, Reason::Method).passing(), now);
        }
        if self.profile.pass_on.iter().any(|name| request.headers.get(name).is_some()) {
            return self.forward(ticket, ask, key, plain(Outcome::Pass, Reason::PassRule).passing(), now);
        }
        if self.profile.min_uses > 1 && turn == Turn::First {
            *self.uses.entry(key.clone()).or_insert(0) += 1;
        }
        if ask.bypass {
            return self.forward(ticket, ask, key, plain(Outcome::Bypass, Reason::BypassRule), now);
        }
        let wants = self.profile.wants(&request.headers);
        let wall = self.wall(now);
        let found = match self.find(&key, request, wall) {
            Ok(entry) => entry,
            Err((outcome, reason)) => return self.miss(ticket, ask, key, &wants, turn, since, (outcome, reason), now),
        };
        match found.note {
            Some(Note::HitForPass) => {
                let plan = plain(Outcome::HitForPass, Reason::Uncacheable).passing();
                return self.forward(ticket, ask, key, plan, now);
            }
            Some(Note::HitForMiss) => return self.forward(ticket, ask, key, plain(Outcome::HitForMiss, Reason::Uncacheable).alone(), now),
            None => {}
        }
        if !ranges::holds(&found, request) {
            return self.complete(ticket, ask, key, &wants, &found, now);
        }
        let (standing, reason) = found.weigh(&self.profile, &wants, ask.draw, wall);
        let collapsed = turn != Turn::First;
        match standing {
            Standing::Fresh => self.reuse(&ask.request, &found, Outcome::Hit, reason, collapsed, now),
            Standing::Allowed => self.reuse(&ask.request, &found, Outcome::Stale, reason, collapsed, now),
            Standing::Refresh => self.refresh(ticket, ask, key, &wants, found, reason, now),
            Standing::Asked | Standing::Stale => self.ask_origin(ticket, ask, key, &wants, found, (standing, reason), turn, since, now),
        }
    }

    /// The stored response that fits best: one that may be used before one that may not, and the
    /// newest of these.
    fn find(&self, key: &str, request: &Request, wall: i64) -> Result<Rc<Entry>, (Outcome, Reason)> {
        let list = self.shelf.get(key);
        let p = &self.profile;
        let mut best: Option<(u8, &Rc<Entry>)> = None;
        let mut other = false;
        for entry in list.iter().rev() {
            if !vary::matches(&p.vary, &entry.selecting, &entry.response.headers, &request.headers) {
                other |= entry.note.is_none();
                continue;
            }
            let kept = p.keep.is_none_or(|keep| entry.lasts(p, entry.grace(p).saturating_add(keep), wall));
            let fresh = entry.lasts(p, 0, wall);
            if !kept || (entry.note.is_some() && !fresh) {
                continue;
            }
            let rank = u8::from(fresh) + 2 * u8::from(ranges::holds(entry, request));
            if best.is_none_or(|(most, _)| rank > most) {
                best = Some((rank, entry));
            }
        }
        let missed = if other { (Outcome::Variant, Reason::VaryMismatch) } else { (Outcome::Miss, Reason::NothingStored) };
        best.map(|(_, entry)| Rc::clone(entry)).ok_or(missed)
    }

    /// Answers from the store.
    fn reuse(&self, request: &Request, entry: &Entry, outcome: Outcome, reason: Reason, collapsed: bool, now: Instant) -> Step {
        let wall = self.wall(now);
        let verdict = entry.verdict(&self.profile, outcome, reason, wall);
        let how = How { reused: true, conditions: true, origin: None, stored: false, collapsed };
        Step::Answer(answer::make(&self.profile, entry, request, verdict, how, wall))
    }

    #[expect(clippy::too_many_arguments, reason = "one call; a struct would only give the arguments a second name")]
    fn miss(
        &mut self,
        ticket: Ticket,
        ask: Ask,
        key: String,
        wants: &Control,
        turn: Turn,
        since: Instant,
        why: (Outcome, Reason),
        now: Instant,
    ) -> Step {
        if wants.only_if_cached {
            return Step::Answer(Answer::own(504, Outcome::NotCached, Reason::OnlyIfCached));
        }
        if let Some(until) = self.must_wait(&key, turn, since, now) {
            self.pending.insert(ticket, Pending { ask, key, state: State::Waiting { since } });
            return Step::Wait(until);
        }
        let mut plan = Plan::to(Verdict::plain(why.0, why.1));
        match turn {
            Turn::Alone => plan = plan.alone(),
            Turn::TooLong => plan = plan.alone().unstored(Reason::LockTimeout),
            Turn::First | Turn::Again => {}
        }
        if self.profile.min_uses > 1 && self.uses.get(&key).is_none_or(|n| *n < self.profile.min_uses) {
            plan = plan.unstored(Reason::TooFew);
        }
        self.forward(ticket, ask, key, plan, now)
    }

    /// Whether a request waits for who is fetching the same, and when it looks again.
    fn must_wait(&self, key: &str, turn: Turn, since: Instant, now: Instant) -> Option<Option<Instant>> {
        let busy = self.busy.get(key).filter(|_| !matches!(turn, Turn::Alone | Turn::TooLong))?;
        match self.profile.collapse {
            Collapse::Off => None,
            Collapse::Wake => Some(None),
            Collapse::Poll { every, timeout, .. } => {
                let left = (since + timeout).since(now);
                (busy.until > now).then(|| Some(now + Duration(every.0.min(left.0))))
            }
        }
    }

    /// A part is stored that does not hold what is asked for: fetch what is missing.
    fn complete(&mut self, ticket: Ticket, ask: Ask, key: String, wants: &Control, found: &Rc<Entry>, now: Instant) -> Step {
        if wants.only_if_cached {
            return Step::Answer(Answer::own(504, Outcome::NotCached, Reason::OnlyIfCached));
        }
        let wall = self.wall(now);
        let verdict = found.verdict(&self.profile, Outcome::Partial, Reason::PartOnly, wall);
        let fresh = found.weigh(&self.profile, wants, 0.0, wall).0 == Standing::Fresh;
        let mut plan = Plan::to(verdict).alone();
        if fresh && let Some(range) = ranges::missing(found, &ask.request) {
            plan.range = Some(range);
            plan.base = Some(Rc::clone(found));
        }
        self.forward(ticket, ask, key, plan, now)
    }

    /// What is stored may be used while somebody refreshes it: the first does, the others use it.
    #[expect(clippy::too_many_arguments, reason = "one call; a struct would only give the arguments a second name")]
    fn refresh(&mut self, ticket: Ticket, ask: Ask, key: String, wants: &Control, found: Rc<Entry>, reason: Reason, now: Instant) -> Step {
        let collapses = self.profile.collapse == Collapse::Wake && self.busy.contains_key(&key);
        if self.refreshing.contains_key(&found.id) || collapses || wants.only_if_cached {
            return self.reuse(&ask.request, &found, Outcome::Updating, reason, false, now);
        }
        let wall = self.wall(now);
        if !self.profile.background && reason != Reason::EarlyExpiry {
            let verdict = found.verdict(&self.profile, Outcome::Expired, reason, wall);
            return self.forward(ticket, ask, key, Plan::to(verdict).about(found), now);
        }
        let outcome = if reason == Reason::EarlyExpiry { Outcome::Hit } else { Outcome::Stale };
        let Step::Answer(answer) = self.reuse(&ask.request, &found, outcome, reason, false, now) else { return Step::Wait(None) };
        let behind = self.ticket();
        let verdict = found.verdict(&self.profile, Outcome::Expired, reason, wall);
        let plan = Plan { background: true, ..Plan::to(verdict).about(found) };
        match self.forward(behind, ask, key, plan, now) {
            Step::Forward(fetch) => Step::AnswerAndRefresh(answer, fetch),
            _ => Step::Answer(answer),
        }
    }

    /// What is stored may not be used before the origin was asked.
    #[expect(clippy::too_many_arguments, reason = "one call; a struct would only give the arguments a second name")]
    fn ask_origin(
        &mut self,
        ticket: Ticket,
        ask: Ask,
        key: String,
        wants: &Control,
        found: Rc<Entry>,
        (standing, reason): (Standing, Reason),
        turn: Turn,
        since: Instant,
        now: Instant,
    ) -> Step {
        if wants.only_if_cached {
            return Step::Answer(Answer::own(504, Outcome::NotCached, Reason::OnlyIfCached));
        }
        let shared = standing == Standing::Stale && found.terms.always.is_none();
        if shared
            && self.profile.collapse_stale
            && let Some(until) = self.must_wait(&key, turn, since, now)
        {
            self.pending.insert(ticket, Pending { ask, key, state: State::Waiting { since } });
            return Step::Wait(until);
        }
        let outcome = if standing == Standing::Asked { Outcome::Asked } else { Outcome::Expired };
        let verdict = found.verdict(&self.profile, outcome, reason, self.wall(now));
        let mut plan = Plan::to(verdict).about(found);
        if !shared || turn == Turn::Alone {
            plan = plan.alone();
        }
        plan.anew = reason == Reason::RequestNoCache && self.profile.reloads;
        self.forward(ticket, ask, key, plan, now)
    }
}
