//! Sending a request on: what is taken out, what is asked instead, and who else waits for it.

use std::rc::Rc;

use crate::time::{Duration, Instant};

use super::entry::Entry;
use super::field::etag;
use super::machine::{Ask, Busy, Cache, Fetch, Fetching, Pending, State, Step, Ticket};
use super::message::Request;
use super::profile::Collapse;
use super::validate;
use super::verdict::{Reason, Verdict};

impl Cache {
    /// Sends a request to the origin.
    pub(super) fn forward(&mut self, ticket: Ticket, ask: Ask, key: String, plan: Plan, now: Instant) -> Step {
        let (sent, ours, stripped) = self.outgoing(&ask.request, &plan);
        if !plan.alone && !plan.pass {
            self.lock(ticket, &key, plan.base.as_deref(), now);
        }
        let fetch = Fetch { ticket, request: sent.clone(), verdict: plan.verdict };
        let fetching = Fetching {
            sent,
            ours,
            stripped,
            background: plan.background,
            pass: plan.pass,
            unstored: plan.unstored.or(ask.keep_out.then_some(Reason::KeptOut)),
            completes: plan.range.is_some(),
            base: plan.base,
            verdict: plan.verdict,
            asked: self.wall(now),
        };
        self.pending.insert(ticket, Pending { ask, key, state: State::Fetching(fetching) });
        Step::Forward(fetch)
    }

    /// The request as the origin gets it; whether its conditions are ours, and whether the
    /// client's were taken out, so that they are answered here.
    fn outgoing(&self, request: &Request, plan: &Plan) -> (Request, bool, bool) {
        let p = &self.profile;
        let mut sent = request.clone();
        validate::drop_hops(&mut sent.headers, p.output.listed);
        for name in p.withheld {
            sent.headers.remove(name);
        }
        if plan.pass {
            return (sent, false, false);
        }
        if p.head_as_get && sent.is("HEAD") {
            "GET".clone_into(&mut sent.method);
        }
        if !p.vary.encoding {
            sent.headers.set("Accept-Encoding", "gzip");
        }
        if plan.anew || !p.forwards_conditions {
            validate::strip(&mut sent.headers);
        }
        let Some(base) = plan.base.as_ref().filter(|_| !plan.anew) else { return (sent, false, plan.anew || !p.forwards_conditions) };
        if let Some(range) = &plan.range {
            sent.headers.set("Range", range.clone());
            if let Some(tag) = base.response.headers.get("etag").filter(|tag| etag::is_strong(tag)) {
                sent.headers.set("If-Range", tag);
            }
            return (sent, false, !p.forwards_conditions);
        }
        let own = sent.headers.clone();
        validate::strip(&mut sent.headers);
        let ours = validate::ask(p, base, &mut sent.headers);
        if !ours && p.forwards_conditions {
            // Nothing to ask by: the client's own conditions and range may do.
            sent.headers = own;
            return (sent, false, false);
        }
        (sent, ours, true)
    }

    /// Notes who fetches, so that others wait or use what is stored.
    fn lock(&mut self, ticket: Ticket, key: &str, base: Option<&Entry>, now: Instant) {
        let age = match self.profile.collapse {
            Collapse::Poll { age, .. } => age,
            Collapse::Off | Collapse::Wake => Duration(u64::MAX),
        };
        let collapses = self.profile.collapse != Collapse::Off && (base.is_none() || self.profile.collapse_stale);
        if collapses && self.busy.get(key).is_none_or(|busy| busy.until <= now) {
            self.busy.insert(key.to_owned(), Busy { owner: ticket, until: now + age });
        }
        if let Some(base) = base {
            self.refreshing.entry(base.id).or_insert(ticket);
        }
    }
}

/// What is sent, and what is done with what comes.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub verdict: Verdict,
    pub base: Option<Rc<Entry>>,
    pub range: Option<String>,
    pub background: bool,
    pub pass: bool,
    /// Nobody waits for it.
    pub alone: bool,
    /// Without conditions although something is stored.
    pub anew: bool,
    pub unstored: Option<Reason>,
}

impl Plan {
    pub fn to(verdict: Verdict) -> Self {
        Self { verdict, base: None, range: None, background: false, pass: false, alone: false, anew: false, unstored: None }
    }

    pub fn about(self, entry: Rc<Entry>) -> Self {
        Self { base: Some(entry), ..self }
    }

    pub fn passing(self) -> Self {
        Self { pass: true, ..self }
    }

    pub fn alone(self) -> Self {
        Self { alone: true, ..self }
    }

    pub fn unstored(self, reason: Reason) -> Self {
        Self { unstored: Some(reason), ..self }
    }
}
