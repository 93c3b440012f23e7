//! RFC 9111, sections 3 (storing) and 4.2 (freshness).

use super::super::field::control::{Control, Scope, Seconds};
use super::super::field::range::Part;
use super::super::field::{date, members, seconds, trim};
use super::super::message::{Request, Response};
use super::super::profile::{Profile, Ranges, SECOND};
use super::super::vary;
use super::super::verdict::Reason;
use super::{Arrival, Terms};

pub(super) fn read(profile: &Profile, arrival: &Arrival<'_>) -> Terms {
    let control = Control::of_response(&arrival.response.headers, profile.targets);
    let mut terms = Terms::none();
    let served = served(arrival);
    terms.age = age(arrival, served);
    (terms.lifetime, terms.source) = lifetime(profile, arrival, &control, served);
    terms.refused = refusal(profile, arrival, &control, terms.source);
    terms.always = control.no_cache.is_all().then_some(Reason::NoCache);
    terms.must = if control.must_revalidate {
        Some(Reason::MustRevalidate)
    } else if control.proxy_revalidate {
        Some(Reason::ProxyRevalidate)
    } else if control.s_maxage != Seconds::Absent {
        Some(Reason::SharedRevalidate)
    } else {
        terms.always
    };
    let span = |directive: Seconds| directive.valid().map(|n| i64::from(n) * SECOND);
    if profile.heed_swr && terms.must.is_none() {
        terms.swr = span(control.swr);
    }
    if profile.errors.directive {
        terms.sie = span(control.sie);
    }
    terms.immutable = control.immutable;
    if let Scope::Fields(names) = control.no_cache {
        terms.hidden = names;
    }
    if let Scope::Fields(names) = control.private {
        terms.dropped = names;
    }
    terms
}

/// Why it may not be stored (section 3).
fn refusal(profile: &Profile, arrival: &Arrival<'_>, control: &Control, source: Reason) -> Option<Reason> {
    let (request, response) = (arrival.request, arrival.response);
    let understood = is_understood(response.status);
    if !stores_method(profile, request, response, source) {
        return Some(Reason::Method);
    }
    if response.status < 200 || response.status == 304 {
        return Some(Reason::Status);
    }
    if response.status == 206 && !is_storable_part(profile, response) {
        return Some(Reason::Incomplete);
    }
    if control.must_understand && !understood {
        return Some(Reason::MustUnderstand);
    }
    // Section 5.2.2.3: who understands the status is meant to pass over no-store.
    if control.no_store && !control.must_understand {
        return Some(Reason::NoStore);
    }
    if Control::read(&request.headers).no_store {
        return Some(Reason::RequestNoStore);
    }
    if control.private.is_all() {
        return Some(Reason::Private);
    }
    if request.headers.get("authorization").is_some() && !shares_authorized(control) {
        return Some(Reason::Authorization);
    }
    if vary::is_star(&profile.vary, &response.headers) {
        return Some(Reason::VaryStar);
    }
    if !profile.stores_cookies && response.headers.get("set-cookie").is_some() {
        return Some(Reason::SetCookie);
    }
    let explicit = !matches!(source, Reason::Unknown | Reason::Heuristic) || control.public;
    let allowed = explicit || is_heuristic(response.status) || matches!(control.private, Scope::Fields(_));
    (!allowed).then_some(Reason::NothingAllows)
}

/// GET; HEAD only brings what is stored up to date; POST when the response says that it is what
/// a GET would bring, and for how long (RFC 9110 section 9.3.3).
fn stores_method(profile: &Profile, request: &Request, response: &Response, source: Reason) -> bool {
    match request.method.as_str() {
        "GET" => true,
        "POST" if profile.post_for_get => {
            let explicit = !matches!(source, Reason::Unknown | Reason::Heuristic | Reason::Malformed);
            let same = |place: &str| super::super::invalidate::target(request, place).as_deref() == Some(request.target.as_str());
            explicit && response.status < 300 && response.headers.get("content-location").is_some_and(same)
        }
        _ => false,
    }
}

fn is_storable_part(profile: &Profile, response: &Response) -> bool {
    let part = response.headers.get("content-range").and_then(Part::parse);
    profile.ranges == Ranges::Parts && part.is_some() && response.headers.all("content-range").count() == 1
}

/// Section 3.5: what lets a response to an authenticated request be shared.
fn shares_authorized(control: &Control) -> bool {
    control.public || control.must_revalidate || control.s_maxage.valid().is_some()
}

/// How long it is fresh, and by what (section 4.2.1).
fn lifetime(profile: &Profile, arrival: &Arrival<'_>, control: &Control, served: i64) -> (i64, Reason) {
    let by = |reason| if control.targeted { Reason::Targeted } else { reason };
    for (directive, reason) in [(control.s_maxage, Reason::SMaxage), (control.max_age, Reason::MaxAge)] {
        match directive {
            Seconds::Absent => {}
            Seconds::Is(n) => return (i64::from(n) * SECOND, by(reason)),
            Seconds::Invalid => return (0, Reason::Malformed),
        }
    }
    let headers = &arrival.response.headers;
    let year = date::year(arrival.at.div_euclid(SECOND));
    if !control.targeted {
        let mut expires = headers.all("expires").map(|text| date::parse(text, year));
        if let Some(first) = expires.next() {
            // Section 5.3: what is no date is in the past; so are two that differ (section 4.2.1).
            return match first {
                Some(when) if expires.all(|other| other == first) => ((when - served).saturating_mul(SECOND), Reason::Expires),
                _ => (0, Reason::Expires),
            };
        }
    }
    heuristic(profile, arrival, control, served)
}

/// Section 4.2.2: a part of the time since the last change, where storing is allowed without
/// being told how long.
fn heuristic(profile: &Profile, arrival: &Arrival<'_>, control: &Control, served: i64) -> (i64, Reason) {
    let headers = &arrival.response.headers;
    let year = date::year(arrival.at.div_euclid(SECOND));
    let changed = headers.get("last-modified").and_then(|text| date::parse(text, year));
    match changed {
        Some(changed) if changed < served && (control.public || is_heuristic(arrival.response.status)) => {
            let (percent, most) = profile.heuristic;
            ((served - changed).min(most * 100 / percent.max(1)) * percent * SECOND / 100, Reason::Heuristic)
        }
        _ => (0, Reason::Unknown),
    }
}

/// When the origin made it, in seconds since 1970; when it came, where `Date` does not say
/// (RFC 9110 section 6.6.1).
fn served(arrival: &Arrival<'_>) -> i64 {
    let came = arrival.at.div_euclid(SECOND);
    let date = arrival.response.headers.get("date").and_then(|text| date::parse(text, date::year(came)));
    date.unwrap_or(came)
}

/// How old it was when it came (section 4.2.3), in microseconds.
fn age(arrival: &Arrival<'_>, served: i64) -> i64 {
    let apparent = (arrival.at.div_euclid(SECOND) - served).max(0).saturating_mul(SECOND);
    let first = arrival.response.headers.get("age").and_then(|line| members(line).next());
    // Section 5.1: of several the first counts; what is no number does not count.
    let said = first.map(trim).and_then(seconds).unwrap_or(0);
    let corrected = i64::from(said) * SECOND + (arrival.at - arrival.asked).max(0);
    apparent.max(corrected)
}

/// Whether a status may be stored without being told how long (RFC 9110 section 15.1).
fn is_heuristic(status: u16) -> bool {
    matches!(status, 200 | 203 | 204 | 206 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
}

/// Whether this cache knows what caching the status means: those that are registered.
fn is_understood(status: u16) -> bool {
    matches!(status, 200..=206 | 300..=305 | 307 | 308 | 400..=417 | 421..=426 | 428 | 429 | 431 | 451 | 500..=505 | 511)
}
