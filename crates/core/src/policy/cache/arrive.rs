//! What comes back from an origin: what is stored of it, who gets it, and who may look again.

use std::rc::Rc;

use crate::http::Headers;
use crate::time::Instant;

use super::answer::{self, Answer, How};
use super::entry::{Entry, Note};
use super::field::{date, etag, trim};
use super::machine::{Ask, Cache, Fetching, Pending, State, Step, Ticket, Turn};
use super::message::{Reply, Request, Response};
use super::profile::{Collapse, Interim, Invalidate, Profile, Ranges, SECOND};
use super::reading::{Arrival, Terms};
use super::verdict::{Outcome, Reason};
use super::{invalidate, ranges, validate, vary};

impl Cache {
    /// A response that is not final has come (RFC 9110 section 15.2). `true`: pass it on;
    /// `false`: what comes next is a failure.
    pub fn interim(&mut self, ticket: Ticket) -> bool {
        if self.profile.interim == Interim::PassUncached
            && let Some(Pending { state: State::Fetching(fetching), .. }) = self.pending.get_mut(&ticket)
        {
            fetching.unstored = Some(Reason::Status);
        }
        self.profile.interim != Interim::Fail
    }

    /// The origin has answered, or failed. What to do for the request, when somebody waits for it,
    /// and for those who waited for the same.
    pub fn answered(&mut self, ticket: Ticket, reply: Reply, now: Instant) -> Vec<(Ticket, Step)> {
        if !matches!(self.pending.get(&ticket), Some(Pending { state: State::Fetching(_), .. })) {
            return Vec::new();
        }
        let Some(Pending { ask, key, state: State::Fetching(fetching) }) = self.pending.remove(&ticket) else { return Vec::new() };
        let reply = if is_malformed(&self.profile, &fetching.sent, &reply) { Reply::Failure } else { reply };
        let held = self.unlock(ticket, &key);
        let (step, shared) = self.settle(&ask, &key, &fetching, reply, now);
        let mut steps = Vec::new();
        if let Some(step) = step {
            steps.push((ticket, step));
        }
        if shared && matches!(self.profile.collapse, Collapse::Poll { .. }) {
            // What is stored ends everybody's turn (nginx `ngx_http_file_cache_update`).
            self.busy.remove(&key);
        }
        if held {
            self.release(&key, shared, now, &mut steps);
        }
        steps
    }

    /// Those who waited look again.
    fn release(&mut self, key: &str, shared: bool, now: Instant, steps: &mut Vec<(Ticket, Step)>) {
        if self.profile.collapse != Collapse::Wake {
            return;
        }
        let waits = |p: &Pending| p.key == key && matches!(p.state, State::Waiting { .. });
        let waiting: Vec<Ticket> = self.pending.iter().filter(|(_, p)| waits(p)).map(|(t, _)| *t).collect();
        // What cannot be shared is fetched by each; else they would come one after the other.
        // A note (Varnish) says the same to each of them.
        let turn = if shared || self.profile.hit_for_miss.is_some() { Turn::Again } else { Turn::Alone };
        for ticket in waiting {
            if let Some(Pending { ask, state: State::Waiting { since }, .. }) = self.pending.remove(&ticket) {
                let step = self.decide(ticket, ask, turn, since, now);
                steps.push((ticket, step));
            }
        }
    }

    fn unlock(&mut self, ticket: Ticket, key: &str) -> bool {
        self.refreshing.retain(|_, owner| *owner != ticket);
        let held = self.busy.get(key).is_some_and(|busy| busy.owner == ticket);
        if held {
            self.busy.remove(key);
        }
        held
    }

    /// What the client gets, and whether others can use it too.
    fn settle(&mut self, ask: &Ask, key: &str, fetching: &Fetching, reply: Reply, now: Instant) -> (Option<Step>, bool) {
        let wanted = !fetching.background;
        let done = |answer: Option<Answer>| answer.filter(|_| wanted).map(Step::Answer);
        let response = match reply {
            Reply::Failure => {
                let answer = self.failed(ask, fetching, None, now);
                self.keep_failure(ask, key, fetching, &answer, now);
                return (done(Some(answer)), false);
            }
            Reply::Response(response) => response,
        };
        if fetching.pass {
            self.passed(ask, &response);
            if ask.request.is("POST") && self.profile.post_for_get {
                let stored = self.keep(key, ask, fetching, &response, now).0;
                let mut answer = self.hand_on(&ask.request, fetching, &response, Some(stored.is_ok()), now);
                answer.stored = Some(stored);
                return (done(Some(answer)), false);
            }
            return (done(Some(self.hand_on(&ask.request, fetching, &response, None, now))), false);
        }
        if let (304, true, Some(base)) = (response.status, fetching.ours, fetching.base.clone()) {
            return (done(Some(self.revalidated(ask, key, fetching, &base, &response, now))), true);
        }
        if response.status >= 400 && fetching.base.is_some() {
            if fetching.background && self.profile.abandons && response.status >= 500 {
                return (None, false);
            }
            let answer = self.failed(ask, fetching, Some(response.status), now);
            if answer.verdict.outcome != Outcome::Failed {
                return (done(Some(answer)), true);
            }
        }
        let (answer, shared) = self.arrived(ask, key, fetching, response, now);
        (done(Some(answer)), shared)
    }

    /// The origin failed: what is stored, if it may be used, or an answer that says so.
    fn failed(&mut self, ask: &Ask, fetching: &Fetching, status: Option<u16>, now: Instant) -> Answer {
        let wall = self.wall(now);
        let wants = self.profile.wants(&ask.request.headers);
        if let Some(base) = &fetching.base
            && let Some(reason) = base.despite(&self.profile, &wants, status, wall)
            && ranges::holds(base, &ask.request)
        {
            let verdict = base.verdict(&self.profile, Outcome::Stale, reason, wall);
            let how = How { reused: true, conditions: true, origin: status, stored: false, collapsed: false };
            return answer::make(&self.profile, base, &ask.request, verdict, how, wall);
        }
        let mut answer = Answer::own(self.profile.errors.status, Outcome::Failed, Reason::NoAnswer);
        if self.profile.output.age_always {
            answer.response.headers.set("Age", "0");
        }
        answer
    }

    /// A page of its own that says that the origin failed is stored where a setting gives it a
    /// lifetime (nginx `proxy_cache_valid 502`, `ngx_http_upstream_finalize_request`).
    fn keep_failure(&mut self, ask: &Ask, key: &str, fetching: &Fetching, answer: &Answer, now: Instant) {
        let refused = fetching.pass || fetching.unstored.is_some() || answer.verdict.outcome != Outcome::Failed;
        let Some(lifetime) = self.profile.setting(answer.response.status).filter(|_| !refused) else { return };
        let wall = self.wall(now);
        // The second in which it came counts from its beginning.
        let terms = Terms { source: Reason::Setting, age: wall.rem_euclid(SECOND), ..Terms::of_note(lifetime) };
        self.store(key, ask, fetching, &answer.response, terms, wall);
    }

    /// A 304 to a question of ours.
    fn revalidated(&mut self, ask: &Ask, key: &str, fetching: &Fetching, base: &Rc<Entry>, fresh: &Response, now: Instant) -> Answer {
        let wall = self.wall(now);
        let mut entry = Rc::clone(base);
        if !self.profile.checks_304 || validate::is_about(base, &fresh.headers) {
            entry = self.renew(key, base, fresh, &fetching.sent, fetching.asked, wall);
        }
        let verdict = entry.verdict(&self.profile, Outcome::Revalidated, Reason::NotModified, wall);
        let how = How { reused: true, conditions: true, origin: Some(304), stored: false, collapsed: false };
        if self.profile.passes_304 && validate::has(&self.profile.conditions, &ask.request, &entry.response, entry.came).is_some() {
            let mut passed = (*entry).clone();
            passed.response = Response { body: [].into(), ..fresh.clone() };
            validate::drop_hops(&mut passed.response.headers, self.profile.output.listed);
            let how = How { conditions: false, ..how };
            return answer::make(&self.profile, &passed, &ask.request, verdict, how, wall);
        }
        answer::make(&self.profile, &entry, &ask.request, verdict, how, wall)
    }

    /// Brings what is stored up to date; takes it out when it may no longer be stored.
    fn renew(&mut self, key: &str, base: &Rc<Entry>, fresh: &Response, sent: &Request, asked: i64, wall: i64) -> Rc<Entry> {
        let mut request = sent.clone();
        "GET".clone_into(&mut request.method);
        let renewed = Rc::new(validate::freshen(&self.profile, base, fresh, &request, asked, wall));
        if renewed.terms.refused.is_some() {
            self.shelf.retain(key, |entry| entry.id != base.id);
        } else {
            self.shelf.replace(key, Rc::clone(&renewed));
        }
        renewed
    }

    /// A whole response, or a part, to be looked at.
    fn arrived(&mut self, ask: &Ask, key: &str, fetching: &Fetching, mut response: Response, now: Instant) -> (Answer, bool) {
        let wall = self.wall(now);
        if let Some(base) = fetching.base.as_ref().filter(|base| self.is_older(base, &response)) {
            let verdict = base.verdict(&self.profile, Outcome::Stale, Reason::Older, wall);
            let how = How { reused: true, conditions: true, origin: Some(response.status), stored: false, collapsed: false };
            let mut answer = answer::make(&self.profile, base, &ask.request, verdict, how, wall);
            answer.stored = Some(Err(Reason::Older));
            return (answer, false);
        }
        if ask.request.is("HEAD") && !self.profile.head_as_get {
            self.head(key, fetching, &response, wall);
        }
        if let Some(base) = fetching.base.as_ref().filter(|_| fetching.completes && response.status == 206) {
            match ranges::join(base, &response) {
                Some(joined) => response = joined,
                // The two cannot be joined, and the client asked for the whole.
                None => self.shelf.retain(key, |entry| entry.id != base.id),
            }
        }
        let (verdict, usable) = self.keep(key, ask, fetching, &response, now);
        let noted = verdict.is_err() && self.note(ask, key, fetching, &response, wall);
        let mut answer = self.hand_on(&ask.request, fetching, &response, Some(verdict.is_ok()), now);
        answer.stored = Some(verdict);
        answer.entry = (noted || verdict.is_ok()).then_some(self.next_entry);
        (answer, verdict.is_ok() && usable)
    }

    /// Stores a response if it may be stored. Says why or why not, and whether it may be used
    /// without asking again.
    fn keep(&mut self, key: &str, ask: &Ask, fetching: &Fetching, response: &Response, now: Instant) -> (Result<Reason, Reason>, bool) {
        let wall = self.wall(now);
        // What the client asked, by the method that was sent: the origin may have been told less.
        let request = Request { method: fetching.sent.method.clone(), ..ask.request.clone() };
        let mut terms = self.profile.terms(&Arrival { request: &request, response, asked: fetching.asked, at: wall });
        let passed = self.profile.hit_for_pass.is_some_and(|(field, _)| response.headers.get(field).is_some());
        terms.refused = terms.refused.or(fetching.unstored).or(passed.then_some(Reason::PassRule));
        let verdict = terms.refused.map_or(Ok(terms.source), Err);
        let usable = terms.always.is_none();
        if verdict.is_ok() {
            self.store(key, ask, fetching, response, terms, wall);
        }
        (verdict, usable)
    }

    /// Squid uses the newer of two by `Date` (RFC 9111 section 4).
    fn is_older(&self, base: &Entry, response: &Response) -> bool {
        let when = |headers: &Headers| {
            let text = headers.get("date")?;
            date::parse(text, date::year(base.came.div_euclid(SECOND)))
        };
        let dates = (when(&response.headers), when(&base.response.headers));
        self.profile.refuses_older && response.status < 500 && matches!(dates, (Some(new), Some(old)) if new < old)
    }

    /// Leaves a note that this is not cacheable, or to be passed (Varnish). Says whether it did.
    fn note(&mut self, ask: &Ask, key: &str, fetching: &Fetching, response: &Response, wall: i64) -> bool {
        let pass = self.profile.hit_for_pass.filter(|(field, _)| response.headers.get(field).is_some());
        let (note, span) = match (pass, self.profile.hit_for_miss) {
            (Some((_, span)), _) => (Note::HitForPass, span),
            (None, Some(span)) => (Note::HitForMiss, span),
            (None, None) => return false,
        };
        let mut entry = self.entry(ask, fetching, response, Terms::of_note(span), wall);
        entry.note = Some(note);
        entry.response.body = [].into();
        self.shelf.retain(key, |old| old.note.is_none() || old.selecting != entry.selecting);
        self.shelf.put(key, Rc::new(entry));
        true
    }

    fn entry(&mut self, ask: &Ask, fetching: &Fetching, response: &Response, terms: Terms, wall: i64) -> Entry {
        let mut stored = response.clone();
        validate::drop_hops(&mut stored.headers, self.profile.output.listed);
        for name in &terms.dropped {
            stored.headers.remove(name);
        }
        Entry {
            id: self.entry_number(),
            part: validate::part_of(response).filter(|_| self.profile.ranges == Ranges::Parts),
            asked_range: fetching.sent.headers.get("range").filter(|_| !fetching.completes).map(str::to_owned),
            selecting: vary::selecting(&self.profile.vary, &response.headers, &ask.request.headers),
            born: wall - terms.age,
            came: wall,
            took: wall - fetching.asked,
            note: None,
            groups: invalidate::groups(&ask.request, response),
            response: stored,
            terms,
        }
    }

    /// Stores a response in the place of what it replaces.
    fn store(&mut self, key: &str, ask: &Ask, fetching: &Fetching, response: &Response, terms: Terms, wall: i64) {
        let entry = self.entry(ask, fetching, response, terms, wall);
        let (whole, base) = (entry.part.is_none(), fetching.base.as_ref().map(|base| base.id));
        self.shelf.retain(key, |old| {
            let replaced = old.selecting == entry.selecting && (whole || old.part.is_some());
            !replaced && (base != Some(old.id) || old.selecting != entry.selecting)
        });
        self.shelf.put(key, Rc::new(entry));
    }

    /// What a response to HEAD says about what is stored for GET (RFC 9111 section 4.3.5).
    fn head(&mut self, key: &str, fetching: &Fetching, response: &Response, wall: i64) {
        let Some(base) = fetching.base.clone().filter(|_| response.status == 200) else { return };
        let differs = |name: &str, same: fn(&str, &str) -> bool| match (response.headers.get(name), base.response.headers.get(name)) {
            (Some(new), Some(old)) => !same(new, old),
            _ => false,
        };
        let equal = |a: &str, b: &str| trim(a) == trim(b);
        if differs("etag", etag::same) || differs("last-modified", equal) || differs("content-length", equal) {
            self.shelf.retain(key, |entry| entry.id != base.id);
        } else if !self.profile.refuses_older {
            self.renew(key, &base, response, &fetching.sent, fetching.asked, wall);
        }
    }

    /// An unsafe method has been answered: what it changes is no longer right (RFC 9111 section 4.4).
    fn passed(&mut self, ask: &Ask, response: &Response) {
        let request = &ask.request;
        let known = matches!(request.method.as_str(), "POST" | "PUT" | "DELETE" | "PATCH");
        let succeeded = (200..400).contains(&response.status);
        if request.is_safe() || self.profile.invalidate == Invalidate::Nothing {
            return;
        }
        let rules = self.profile.keys.clone();
        if succeeded || (self.profile.invalidate == Invalidate::UnknownAlways && !known) {
            self.shelf.remove(&rules.of(&request.origin, &request.target, None));
        }
        if succeeded {
            for target in invalidate::named(request, response) {
                self.shelf.remove(&rules.of(&request.origin, &target, None));
            }
            for group in invalidate::invalidated_groups(request, response) {
                self.shelf.remove_group(&group);
            }
        }
    }

    /// What came, as the client gets it.
    fn hand_on(&mut self, request: &Request, fetching: &Fetching, response: &Response, stored: Option<bool>, now: Instant) -> Answer {
        let wall = self.wall(now);
        let arrival = Arrival { request: &fetching.sent, response, asked: fetching.asked, at: wall };
        let mut answer_headers = response.clone();
        validate::drop_hops(&mut answer_headers.headers, self.profile.output.listed);
        // Parts of a whole are cut out of it where the client's range was not sent on.
        let entry = Entry {
            id: 0,
            part: None,
            asked_range: None,
            selecting: Vec::new(),
            born: wall - self.profile.terms(&arrival).age,
            came: wall,
            took: 0,
            note: None,
            groups: Vec::new(),
            terms: Terms::of_note(0),
            response: answer_headers,
        };
        let how = How {
            reused: false,
            conditions: fetching.stripped,
            origin: Some(response.status),
            stored: stored == Some(true),
            collapsed: false,
        };
        answer::make(&self.profile, &entry, request, fetching.verdict, how, wall)
    }
}

/// Whether a reply is one that this cache takes for a failure.
fn is_malformed(profile: &Profile, sent: &Request, reply: &Reply) -> bool {
    let Reply::Response(response) = reply else { return false };
    let strict = profile.strict;
    let coding = |value: &str| !trim(value).eq_ignore_ascii_case("chunked");
    let ranged = response.headers.get("content-range").is_some();
    let asked = sent.headers.get("range").is_some();
    (strict.coding && response.headers.all("transfer-encoding").any(coding))
        || (strict.status && !(100..600).contains(&response.status))
        || (strict.range && ranged && !(asked && response.status == 206))
        || (response.status == 304 && profile.hit_for_miss.is_some() && !is_conditional(sent))
}

/// Whether a 304 can be an answer to it.
fn is_conditional(sent: &Request) -> bool {
    sent.headers.get("if-none-match").is_some() || sent.headers.get("if-modified-since").is_some()
}
