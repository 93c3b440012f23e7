//! Conditional requests: ours to an origin, a client's to us, and what a 304 changes
//! (RFC 9111 section 4.3).

use crate::http::Headers;

use super::entry::Entry;
use super::field::range::Part;
use super::field::{date, etag, members, trim};
use super::message::{Request, Response};
use super::profile::{Conditions, Profile, SECOND, Update, Validate, Without};
use super::reading::{Arrival, Reading};
use super::verdict::Reason;

/// Fields that make a request depend on what the client has.
const CONDITIONS: [&str; 5] = ["if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"];

/// Takes a client's conditions and its range out of a request.
pub fn strip(headers: &mut Headers) {
    for name in CONDITIONS {
        headers.remove(name);
    }
    headers.remove("range");
}

/// Asks whether a stored response is still right. `false` when it has nothing to be asked by.
pub fn ask(profile: &Profile, entry: &Entry, headers: &mut Headers) -> bool {
    if profile.validate == Validate::Never {
        return false;
    }
    let stored = &entry.response.headers;
    // nginx keeps validators of these only.
    let keeps = profile.reading != Reading::Nginx || matches!(entry.response.status, 200 | 206);
    let tag = stored.get("etag").filter(|tag| keeps && (profile.conditions.as_text || etag::parse(trim(tag)).is_some()));
    let since = stored.get("last-modified").filter(|_| keeps).map(str::to_owned);
    let since = match (profile.validate, since) {
        (Validate::ServedAt, None) => Some(date::write(entry.born.div_euclid(SECOND))),
        (_, since) => since,
    };
    let asked = tag.is_some() || since.is_some();
    if asked {
        headers.remove("if-none-match");
        headers.remove("if-modified-since");
    }
    if let Some(since) = since {
        headers.set("If-Modified-Since", since);
    }
    if let Some(tag) = tag {
        headers.set("If-None-Match", tag);
    }
    asked
}

/// Whether the client has what the response holds: then it gets a 304 (RFC 9111 section 4.3.2).
pub fn has(rules: &Conditions, request: &Request, response: &Response, came: i64) -> Option<Reason> {
    if !(request.is("GET") || request.is("HEAD")) || (rules.only_200 && response.status != 200) || response.status >= 300 {
        return None;
    }
    let tags = request.headers.get("if-none-match").is_some();
    let since = request.headers.get("if-modified-since");
    let by_tag = tags && matches_tag(rules, request, response);
    let by_date = since.is_some_and(|since| is_since(rules, since, response, came));
    match (tags, since.is_some()) {
        (true, true) if rules.both => (by_tag && by_date).then_some(Reason::ClientHas),
        (true, _) => by_tag.then_some(Reason::ClientHas),
        (false, _) => by_date.then_some(Reason::ClientHasSince),
    }
}

fn matches_tag(rules: &Conditions, request: &Request, response: &Response) -> bool {
    let tag = response.headers.get("etag");
    if !rules.as_text {
        return etag::matches(request.headers.all("if-none-match"), tag);
    }
    let Some(tag) = tag.map(opaque) else { return false };
    let mut values = request.headers.all("if-none-match");
    if rules.one_tag {
        return values.next().is_some_and(|value| opaque(value) == tag);
    }
    values.any(|value| trim(value) == "*" || value.split(',').any(|member| opaque(member) == tag))
}

/// What is compared: the tag without its mark of weakness.
fn opaque(text: &str) -> &str {
    let text = trim(text);
    text.strip_prefix("W/").unwrap_or(text)
}

fn is_since(rules: &Conditions, since: &str, response: &Response, came: i64) -> bool {
    let year = date::year(came.div_euclid(SECOND));
    let when = |name: &str| response.headers.get(name).and_then(|text| date::parse(text, year));
    let Some(since) = date::parse(since, year) else { return false };
    match (when("last-modified"), rules.without) {
        (Some(modified), _) if rules.exact => modified == since,
        (Some(modified), _) => modified <= since,
        (None, Without::Nothing) => false,
        (None, Without::Date) => when("date").unwrap_or(came.div_euclid(SECOND)) <= since,
        (None, Without::Freshness) => true,
    }
}

/// Whether an `If-Range` still holds, so that a part may be sent (RFC 9110 section 13.1.5).
pub fn range_holds(request: &Request, response: &Response) -> bool {
    let Some(value) = request.headers.get("if-range").map(trim) else { return true };
    if etag::parse(value).is_some() {
        let tag = response.headers.get("etag").map(trim);
        return etag::is_strong(value) && tag == Some(value);
    }
    response.headers.get("last-modified").map(trim) == Some(value)
}

/// Whether a 304 is about the stored response (RFC 9111 section 4.3.4): a strong tag in it has to
/// be the stored one.
pub fn is_about(entry: &Entry, fresh: &Headers) -> bool {
    match (fresh.get("etag"), entry.response.headers.get("etag")) {
        (Some(new), Some(old)) if etag::is_strong(new) => trim(new) == trim(old),
        _ => true,
    }
}

/// The stored response after a 304 (or, by `headers`, after a 200 to HEAD).
pub fn freshen(profile: &Profile, entry: &Entry, fresh: &Response, request: &Request, asked: i64, at: i64) -> Entry {
    let mut renewed = entry.clone();
    let mut counted = fresh.clone();
    if let Update::Except(names) = profile.update {
        renewed.response.headers.remove("age");
        merge(&mut renewed.response.headers, &fresh.headers, names);
        if fresh.headers.get("date").is_none() {
            renewed.response.headers.set("Date", date::write(at.div_euclid(SECOND)));
        }
        counted.headers = renewed.response.headers.clone();
    }
    counted.status = renewed.response.status;
    let arrival = |response| Arrival { request, response, asked, at };
    let mut terms = profile.terms(&arrival(&counted));
    if profile.update == Update::Nothing && terms.refused.is_some() {
        terms = profile.terms(&arrival(&entry.response));
    }
    renewed.born = at - terms.age;
    renewed.came = at;
    renewed.took = at - asked;
    renewed.terms = terms;
    renewed
}

/// Replaces the fields that are there with those of a newer response (RFC 9111 section 3.2).
fn merge(stored: &mut Headers, fresh: &Headers, except: &[&str]) {
    let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    let skipped = |name: &str| except.iter().any(|e| is(name, e)) || is_hop(fresh, name, true);
    stored.0.retain(|(name, _)| skipped(name) || !fresh.0.iter().any(|(n, _)| is(n, name)));
    stored.0.extend(fresh.0.iter().filter(|(name, _)| !skipped(name)).cloned());
}

/// Fields of one connection, or about the proxy itself, that are not stored or passed on
/// (RFC 9110 section 7.6.1, RFC 9111 section 3.1).
const HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Whether a field belongs to the connection; with `listed`, also by being named in `Connection`.
pub fn is_hop(headers: &Headers, name: &str, listed: bool) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    let always = if listed { &HOP[..] } else { &["connection", "keep-alive", "transfer-encoding"][..] };
    always.iter().any(|hop| is(hop)) || (listed && headers.all("connection").flat_map(members).any(is))
}

/// Takes out what belongs to the connection.
pub fn drop_hops(headers: &mut Headers, listed: bool) {
    let all = headers.clone();
    headers.0.retain(|(name, _)| !is_hop(&all, name, listed));
}

/// The part of a response, when it is one.
pub fn part_of(response: &Response) -> Option<Part> {
    let is_part = response.status == 206;
    response.headers.get("content-range").filter(|_| is_part).and_then(Part::parse)
}
