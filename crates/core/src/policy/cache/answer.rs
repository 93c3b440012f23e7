//! What a client gets: the stored response, or the one that came, as this cache hands it on.

use super::entry::Entry;
use super::field::{cache_status, date};
use super::message::{Request, Response};
use super::profile::{Profile, SECOND};
use super::verdict::{Outcome, Reason, Verdict};
use super::{ranges, validate};

/// A response for a client, and why it is this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the client gets.
    pub response: Response,
    /// Why.
    pub verdict: Verdict,
    /// Whether what came was stored, or why not. `None` when nothing came.
    pub stored: Option<Result<Reason, Reason>>,
    /// The client has it already, and this is a 304.
    pub not_modified: Option<Reason>,
    /// The stored response that it comes from, or what became of it in the store: [`Entry::id`].
    pub entry: Option<u64>,
}

impl Answer {
    /// A response that the cache makes itself.
    pub fn own(status: u16, outcome: Outcome, reason: Reason) -> Self {
        Self { response: Response::own(status), verdict: Verdict::plain(outcome, reason), stored: None, not_modified: None, entry: None }
    }
}

/// How an answer came about.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// It comes from the store.
    pub reused: bool,
    /// The client's conditions were not sent on, so they are answered here.
    pub conditions: bool,
    /// The status that the origin sent, when it was asked.
    pub origin: Option<u16>,
    /// What came was stored.
    pub stored: bool,
    /// It was fetched for another request.
    pub collapsed: bool,
}

/// Makes the answer of an entry to a request.
pub fn make(profile: &Profile, entry: &Entry, request: &Request, verdict: Verdict, how: How, now: i64) -> Answer {
    let mut response = entry.response.clone();
    let mut not_modified = None;
    if how.conditions {
        not_modified = validate::has(&profile.conditions, request, &response, entry.came);
        if not_modified.is_some() {
            response.status = 304;
            response.body = [].into();
            response.headers.remove("content-length");
        } else {
            ranges::cut(profile, entry, request, &mut response);
        }
    }
    if request.is("HEAD") {
        response.body = [].into();
    }
    finish(profile, entry, &mut response, &verdict, how, now);
    Answer { response, verdict, stored: None, not_modified, entry: Some(entry.id).filter(|_| how.reused) }
}

fn finish(profile: &Profile, entry: &Entry, response: &mut Response, verdict: &Verdict, how: How, now: i64) {
    let out = &profile.output;
    let headers = &mut response.headers;
    if how.reused {
        let names = entry.terms.hidden.iter().map(String::as_str).filter(|_| verdict.outcome != Outcome::Revalidated);
        for name in names.chain(out.hidden.iter().copied()) {
            headers.remove(name);
        }
    }
    if out.age_always || (out.age && how.reused) {
        headers.set("Age", entry.age(profile, now).div_euclid(SECOND).max(0).to_string());
    }
    if out.own_date {
        headers.set("Date", date::write(now.div_euclid(SECOND)));
    }
    if let Some(list) = out.in_304.filter(|_| response.status == 304) {
        let kept = |name: &String| name.eq_ignore_ascii_case("age") || list.iter().any(|n| n.eq_ignore_ascii_case(name));
        headers.0.retain(|(name, _)| kept(name));
    }
    // Who takes it stale needs no warning.
    let unasked = verdict.outcome == Outcome::Stale && verdict.reason != Reason::RequestMaxStale;
    if let Some(warning) = out.warning.filter(|_| unasked) {
        headers.set("Warning", warning);
    }
    if let Some(name) = out.status {
        headers.0.push(("Cache-Status".to_owned(), cache_status::write(name, verdict, how.origin, how.stored, how.collapsed)));
    }
}
