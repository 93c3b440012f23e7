//! Squid 5.7: `HttpStateData::reusableReply` for storing, `HttpReply::hdrExpirationTime` and
//! `refreshStaleness` for freshness, and its own way of reading numbers.

use super::super::field::control::{Control, Scope, Seconds};
use super::super::field::{date, members, trim};
use super::super::message::Response;
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
    /// `Date` is there, so that `expires` is relative to it.
    dated: bool,
    modified: Option<i64>,
}

pub(super) fn read(profile: &Profile, arrival: &Arrival<'_>) -> Terms {
    let control = control(&arrival.response.headers);
    let now = arrival.at.div_euclid(SECOND);
    let mut times = times(&arrival.response.headers, &control, now);
    // How long the origin took counts in whole seconds.
    let took = (arrival.at - arrival.asked).max(0).div_euclid(SECOND);
    times.served -= took;
    times.expires = times.expires.map(|when| if times.dated { when - took } else { when });
    let mut terms = Terms::none();
    terms.age = (now - times.served) * SECOND + arrival.at.rem_euclid(SECOND);
    let (mut lifetime, mut source) = lifetime(profile, &times, &control);
    // `StoreEntry::negativeCache`: an error that says nothing is kept for as long as a setting says.
    let negative = is_negative(arrival.response.status) && profile.negative_ttl > 0;
    if negative && times.expires.is_none() {
        (lifetime, source) = (now - times.served + profile.negative_ttl.div_euclid(SECOND), Reason::NegativeTtl);
    }
    (terms.lifetime, terms.source) = (lifetime.saturating_mul(SECOND), source);
    terms.always = always(&arrival.response.headers, &control, profile);
    terms.must = must(&control);
    terms.sie = control.sie.valid().map(|n| i64::from(n) * SECOND);
    terms.immutable = control.immutable;
    terms.refused = refusal(arrival, &control, &times, lifetime).filter(|reason| !negative || *reason != Reason::NegativeTtl);
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
    if request.headers.get("authorization").is_some()
        && !(control.public || control.must_revalidate || control.no_cache.is_all() || control.s_maxage.valid().is_some())
    {
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
        status if is_negative(status) => Some(Reason::NegativeTtl),
        _ => Some(Reason::Status),
    }
}

/// Statuses that are stored only for `negative_ttl`.
fn is_negative(status: u16) -> bool {
    matches!(status, 204 | 305 | 400 | 403 | 404 | 405 | 414 | 500..=504)
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
    Times { served, expires, dated: date.is_some(), modified: when("last-modified") }
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
        None if profile.heuristic_least > 0 => (profile.heuristic_least, Reason::Setting),
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

/// `parse_date` takes words apart at commas and spaces, and knows them by what they look like: the
/// first is the name of the day, whatever it says.
fn squid_date(text: &str, _year: i64) -> Option<i64> {
    let (mut name, mut day, mut month, mut full, mut clock, mut zone) = (None, None, None, None, None, None);
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            if day.is_none() {
                let mut parts = word.splitn(3, '-');
                day = parts.next();
                if let Some(second) = parts.next() {
                    (month, full) = (Some(second), Some(parts.next()?));
                }
            } else if word.contains(':') {
                clock = Some(word);
            } else if full.is_none() {
                full = Some(word);
            } else {
                return None;
            }
        } else if name.is_none() {
            name = Some(word);
        } else if month.is_none() {
            month = Some(word);
        } else if zone.is_none() {
            zone = Some(word);
        } else {
            return None;
        }
    }
    if zone.is_some_and(|zone| zone != "GMT") {
        return None;
    }
    moment(integer(day?), month?, full?, clock?)
}

/// `parse_date_elements`: numbers as C reads them, and the hour from two characters.
fn moment(day: i32, month: &str, full: &str, clock: &str) -> Option<i64> {
    let full = match (full.len(), integer(full)) {
        (4, n) => n,
        (_, n) if n < 70 => n + 2_000,
        (_, n) if n > 19_000 => n - 17_100,
        (_, n) => n + 1_900,
    };
    let mut fields = clock.split(':');
    let hour = fields.next()?.as_bytes();
    let digit = |b: Option<&u8>| i32::from(*b.unwrap_or(&b':')) - 48;
    let hour = digit(hour.first()) * 10 + digit(hour.get(1));
    let (minute, second) = (integer(fields.next()?), integer(fields.next().unwrap_or("0")));
    let two = |n: i32| if (0..100).contains(&n) { Some([b'0' + (n / 10) as u8, b'0' + (n % 10) as u8]) } else { None };
    let text = |n: i32| two(n).map(|d| String::from_utf8_lossy(&d).into_owned());
    let month = month.get(..3)?;
    let full = text(full / 100)? + &text(full % 100)?;
    date::parse(
        &["Sun, ", &text(day)?, " ", month, " ", &full, " ", &text(hour)?, ":", &text(minute)?, ":", &text(second)?, " GMT"].concat(),
        0,
    )
}
