//! Varnish 7.1: `RFC2616_Ttl`, and what the built-in VCL makes of it.

use super::super::field::{date, members, trim};
use super::super::profile::{Profile, SECOND};
use super::super::vary;
use super::super::verdict::Reason;
use super::{Arrival, Terms};
use crate::http::Headers;

/// How far `Date` may be from the own clock before `Expires` counts relative to it (`clock_skew`).
const SKEW: i64 = 10 * SECOND;

pub(super) fn read(profile: &Profile, arrival: &Arrival<'_>) -> Terms {
    let headers = &arrival.response.headers;
    let mut terms = Terms::none();
    terms.age = headers.get("age").map_or(0, number) * SECOND;
    // A VCL says how long from now on (`VRT_l_beresp_ttl`).
    (terms.lifetime, terms.source) = profile.ttl.map_or_else(|| ttl(profile, arrival), |span| (span + terms.age, Reason::Setting));
    if profile.heed_swr && terms.lifetime >= 0 {
        terms.swr = directive(headers, "stale-while-revalidate").map(|n| number(n) * SECOND);
    }
    terms.refused = refusal(profile, headers, &terms);
    terms
}

fn ttl(profile: &Profile, arrival: &Arrival<'_>) -> (i64, Reason) {
    let headers = &arrival.response.headers;
    let default = match arrival.response.status {
        200 | 203 | 204 | 300 | 301 | 304 | 404 | 410 | 414 => profile.default_ttl,
        302 | 307 => -SECOND,
        _ => return (-SECOND, Reason::Status),
    };
    for (name, reason) in [("s-maxage", Reason::SMaxage), ("max-age", Reason::MaxAge)] {
        if let Some(value) = directive(headers, name) {
            return (number(value) * SECOND, reason);
        }
    }
    let year = date::year(arrival.at.div_euclid(SECOND));
    let when = |name: &str| headers.get(name).and_then(|text| strict_date(text, year)).map_or(0, |s| s.saturating_mul(SECOND));
    let (expires, served) = (when("expires"), when("date"));
    if expires == 0 {
        return (default, Reason::DefaultTtl);
    }
    let span = if expires < served {
        0
    } else if served == 0 || (served - arrival.at).abs() < SKEW {
        (expires - arrival.at).max(0)
    } else {
        expires - served
    };
    (span, Reason::Expires)
}

/// `vcl_beresp_stale`, `vcl_beresp_cookie`, `vcl_beresp_control` and `vcl_beresp_vary`.
fn refusal(profile: &Profile, headers: &Headers, terms: &Terms) -> Option<Reason> {
    if terms.lifetime - terms.age <= 0 {
        return Some(Reason::NoTtl);
    }
    if !profile.stores_cookies && headers.get("set-cookie").is_some() {
        return Some(Reason::SetCookie);
    }
    // Regular expressions: they match anywhere.
    let contains = |name: &str, word: &str| headers.all(name).any(|value| value.to_ascii_lowercase().contains(word));
    if headers.get("surrogate-control").is_some() {
        if contains("surrogate-control", "no-store") {
            return Some(Reason::Surrogate);
        }
    } else {
        for (word, reason) in [("no-cache", Reason::NoCache), ("no-store", Reason::NoStore), ("private", Reason::Private)] {
            if contains("cache-control", word) {
                return Some(reason);
            }
        }
    }
    vary::is_star(&profile.vary, headers).then_some(Reason::VaryStar)
}

/// What stands behind the `=` of the first directive of that name.
fn directive<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let mut all = headers.all("cache-control").flat_map(members);
    all.find_map(|member| {
        let (n, value) = member.split_once('=')?;
        trim(n).eq_ignore_ascii_case(name).then_some(trim(value))
    })
}

/// `rfc2616_time`: digits, and behind them nothing, or what begins with a comma or a point.
fn number(text: &str) -> i64 {
    let text = trim(text);
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let rest = trim(&text[end..]);
    if !rest.is_empty() && !rest.starts_with([',', '.']) {
        return 0;
    }
    text[..end].bytes().fold(0i64, |n, b| (n * 10 + i64::from(b - b'0')).min(i64::from(u32::MAX)))
}

/// `VTIM_parse` wants the names of day and month spelled as they are, and the right day.
fn strict_date(text: &str, year: i64) -> Option<i64> {
    let when = date::parse(text, year)?;
    let right = date::write(when);
    let spelled = text.starts_with(&right[..3]) && text.contains(&right[8..11]);
    (spelled && (text.ends_with(" GMT") || !text.contains(','))).then_some(when)
}
