//! Squid 5.7: `HttpStateData::reusableReply` for storing, `HttpReply::hdrExpirationTime` and
//! `refreshStaleness` for freshness, and its own way of reading numbers.

use super::super::field::control::{Control, Scope, Seconds};
use super::super::field::{date, members, trim};
use super::super::message::{Request, Response};
use super::super::profile::{Profile, SECOND};
use super::super::vary;
use super::super::verdict::Reason;
use super::{Arrival, Terms};
use crate::http::Headers;

/// What is not fresh for this long, and has no content, is not worth storing (`minimum_expiry_time`).
const SOON: i64 = 60;

/// Times as Squid keeps them, in seconds since 1970; what is not known is `None`.
struct Times {
    /// When the origin made it, as far as that can be believed.
    served: i64,
    expires: Option<i64>,
    modified: Option<i64>,
}

pub(super) fn read(profile: &Profile, arrival: &Arrival<'_>) -> Terms {
    let control = control(&arrival.response.headers);
    let now = arrival.at.div_euclid(SECOND);
    let times = times(&arrival.response.headers, &control, now);
    let mut terms = Terms::none();
    terms.age = (now - times.served) * SECOND + arrival.at.rem_euclid(SECOND);
    let (lifetime, source) = lifetime(profile, &times, &control);
    (terms.lifetime, terms.source) = (lifetime.saturating_mul(SECOND), source);
    terms.always = always(&arrival.response.headers, &control, profile);
    terms.must = must(&control);
    terms.sie = control.sie.valid().map(|n| i64::from(n) * SECOND);
    terms.immutable = control.immutable;
    terms.refused = refusal(arrival, &control, &times, lifetime);
    terms
}

fn refusal(arrival: &Arrival<'_>, control: &Control, times: &Times, lifetime: i64) -> Option<Reason> {
    let (request, response) = (arrival.request, arrival.response);
    if !request.is("GET") {
        return Some(Reason::Method);
    }
    if surrogate_forbids(&response.headers) {
        return Some(Reason::Surrogate);
    }
    if self::control(&request.headers).no_store {
        return Some(Reason::RequestNoStore);
    }
    if control.no_store {
        return Some(Reason::NoStore);
    }
    if control.private != Scope::Absent {
        return Some(Reason::Private);
    }
    if matches!(control.no_cache, Scope::Fields(_)) {
        return Some(Reason::NoCache);
    }
    if request.headers.get("authorization").is_some() && !(control.public || control.must_revalidate || control.no_cache.is_all() || control.s_maxage.valid().is_some()) {
        return Some(Reason::Authorization);
    }
    by_status(response, times, arrival.at.div_euclid(SECOND), lifetime)
}

fn by_status(response: &Response, times: &Times, now: i64, lifetime: i64) -> Option<Reason> {
    match response.status {
        200 | 203 | 300 | 301 | 308 | 410 => {
            let soon = times.served + lifetime <= now + SOON;
            let empty = response.headers.get("content-length").is_some_and(|text| trim(text) == "0");
            (soon && empty).then_some(Reason::NoUse)
        }
        302 | 307 => {
            let later = times.expires.is_some_and(|when| when > times.served);
            let dated = response.headers.get("date").is_some();
            (!(later && dated)).then_some(Reason::NothingAllows)
        }
        204 | 305 | 400 | 403 | 404 | 405 | 414 | 500..=504 => Some(Reason::NegativeTtl),
        _ => Some(Reason::Status),
    }
}

fn always(headers: &Headers, control: &Control, profile: &Profile) -> Option<Reason> {
    let pragma = || !has_control(headers) && headers.all("pragma").flat_map(members).any(|m| m.eq_ignore_ascii_case("no-cache"));
    if control.no_cache.is_all() {
        Some(Reason::NoCache)
    } else if vary::is_star(&profile.vary, headers) {
        Some(Reason::VaryStar)
    } else {
        pragma().then_some(Reason::Pragma)
    }
}

fn has_control(headers: &Headers) -> bool {
    headers.get("cache-control").is_some()
}

fn must(control: &Control) -> Option<Reason> {
    if control.must_revalidate {
        Some(Reason::MustRevalidate)
    } else if control.proxy_revalidate {
        Some(Reason::ProxyRevalidate)
    } else {
        control.s_maxage.valid().map(|_| Reason::SharedRevalidate)
    }
}

/// `StoreEntry::timestampsSet`.
fn times(headers: &Headers, control: &Control, now: i64) -> Times {
    let year = date::year(now);
    let when = |name: &str| headers.get(name).and_then(|text| squid_date(text, year));
    let date = when("date");
    let mut served = date.filter(|date| (now - 86_400..=now).contains(date)).unwrap_or(now);
    let age = i64::from(headers.get("age").map_or(0, integer));
    if age > now - served && now > age {
        served = now - age;
    }
    let span = control.s_maxage.valid().or(control.max_age.valid());
    let expires = match span {
        Some(n) => Some(date.unwrap_or(now) + i64::from(n)),
        // What is no date expires now.
        None => headers.get("expires").map(|text| squid_date(text, year).unwrap_or(now)),
    };
    let expires = expires.map(|when| date.map_or(when, |date| served + when - date));
    Times { served, expires, modified: when("last-modified") }
}

fn lifetime(profile: &Profile, times: &Times, control: &Control) -> (i64, Reason) {
    if let Some(expires) = times.expires {
        let source = match (control.s_maxage.valid(), control.max_age.valid()) {
            (Some(_), _) => Reason::SMaxage,
            (_, Some(_)) => Reason::MaxAge,
            _ => Reason::Expires,
        };
        return (expires - times.served, source);
    }
    let (percent, most) = profile.heuristic;
    match times.modified {
        Some(modified) if modified < times.served => (((times.served - modified) * percent / 100).min(most), Reason::Heuristic),
        _ => (0, Reason::Unknown),
    }
}

/// `Surrogate-Control` is read because Squid tells origins that it is a surrogate.
fn surrogate_forbids(headers: &Headers) -> bool {
    headers.all("surrogate-control").flat_map(members).any(|member| member.split(';').next().is_some_and(|m| trim(m) == "no-store"))
}

/// Squid knows directives in small letters only, takes the first of two, and reads numbers as C does.
pub(in super::super) fn control(headers: &Headers) -> Control {
    let mut control = Control::default();
    for member in headers.all("cache-control").flat_map(members) {
        let (name, value) = member.split_once('=').map_or((member, None), |(n, v)| (n, Some(v)));
        let number = value.map_or(Seconds::Invalid, |text| match integer(text) {
            n if n < 0 || !begins_with_digit(text) => Seconds::Invalid,
            n => Seconds::Is(n as u32),
        });
        let first = |slot: &mut Seconds| {
            if *slot == Seconds::Absent {
                *slot = number;
            }
        };
        control.any = true;
        match name {
            "max-age" => first(&mut control.max_age),
            "s-maxage" => first(&mut control.s_maxage),
            "min-fresh" => first(&mut control.min_fresh),
            "max-stale" => {
                control.any_stale |= number == Seconds::Invalid;
                first(&mut control.max_stale);
            }
            "stale-if-error" => first(&mut control.sie),
            "no-cache" => control.no_cache = scope(value),
            "private" => control.private = scope(value),
            "no-store" => control.no_store = true,
            "public" => control.public = true,
            "must-revalidate" => control.must_revalidate = true,
            "proxy-revalidate" => control.proxy_revalidate = true,
            "only-if-cached" => control.only_if_cached = true,
            "immutable" => control.immutable = true,
            _ => {}
        }
    }
    control
}

fn scope(value: Option<&str>) -> Scope {
    value.map_or(Scope::All, |text| Scope::Fields(vec![text.to_owned()]))
}

fn begins_with_digit(text: &str) -> bool {
    text.trim_start_matches([' ', '\t']).starts_with(|c: char| c.is_ascii_digit())
}

/// `atoi`: digits after whitespace and a sign, cut to 32 bits.
fn integer(text: &str) -> i32 {
    let text = text.trim_start_matches([' ', '\t']);
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let run = digits.bytes().take_while(u8::is_ascii_digit);
    let value = run.fold(0i64, |n, b| n.saturating_mul(10).saturating_add(i64::from(b - b'0')));
    (sign * value) as i32
}

/// `parse_date` takes words apart at spaces, commas and dashes, and leaves out the name of the day.
fn squid_date(text: &str, year: i64) -> Option<i64> {
    if let Some(when) = date::parse(text, year) {
        // The zone has to be spelled as it is.
        return (!text.contains(',') || text.ends_with("GMT")).then_some(when);
    }
    let mut words = text.split([' ', ',', '-']).filter(|word| !word.is_empty());
    let (_, day, month, full) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let (clock, zone) = (words.next()?, words.next()?);
    let two = if day.len() == 1 { "0" } else { "" };
    let joined = ["Sun, ", two, day, " ", month, " ", full, " ", clock, " ", zone].concat();
    let when = date::parse(&joined, year)?;
    (zone == "GMT" && words.next().is_none()).then_some(when)
}
