//! nginx 1.22 reads the fields in their order, and each as text: what forbids storing forbids it
//! for good, and what allows it may be overruled by what comes later.

use super::super::field::date;
use super::super::profile::{Profile, SECOND};
use super::super::vary;
use super::super::verdict::Reason;
use super::{Arrival, Terms};

/// What has been read so far; times in seconds since 1970.
struct Reader {
    now: i64,
    refused: Option<Reason>,
    valid: i64,
    source: Reason,
    accel: bool,
    updating: i64,
    error: i64,
}

pub(super) fn read(profile: &Profile, arrival: &Arrival<'_>) -> Terms {
    let now = arrival.at.div_euclid(SECOND);
    let mut reader = Reader { now, refused: None, valid: 0, source: Reason::Unknown, accel: false, updating: 0, error: 0 };
    for (name, value) in &arrival.response.headers.0 {
        let name = name.to_ascii_lowercase();
        if profile.ignores(&name) {
            continue;
        }
        match name.as_str() {
            "x-accel-expires" => reader.accel_expires(value),
            "expires" => reader.expires(value),
            "cache-control" => reader.cache_control(value),
            "set-cookie" => reader.refuse(Reason::SetCookie),
            _ => {}
        }
    }
    if !profile.ignores("vary") && vary::is_star(&profile.vary, &arrival.response.headers) {
        reader.refuse(Reason::VaryStar);
    }
    let mut terms = Terms::none();
    if reader.valid == 0
        && let Some(span) = profile.setting(arrival.response.status)
    {
        (reader.valid, reader.source) = (now + span / SECOND, Reason::Setting);
    }
    if reader.valid == 0 {
        reader.refuse(Reason::NothingAllows);
    }
    // The age counts from the second in which it came.
    terms.age = arrival.at.rem_euclid(SECOND);
    terms.lifetime = (reader.valid - now).saturating_mul(SECOND);
    (terms.refused, terms.source) = (reader.refused, reader.source);
    terms.swr = (reader.updating > 0).then_some(reader.updating * SECOND);
    terms.sie = (reader.error > 0).then_some(reader.error * SECOND);
    terms
}

impl Reader {
    fn refuse(&mut self, reason: Reason) {
        self.refused.get_or_insert(reason);
    }

    /// `X-Accel-Expires` overrules what was read before, but not that it may not be stored.
    fn accel_expires(&mut self, value: &str) {
        self.accel = true;
        let (at, digits) = value.strip_prefix('@').map_or((self.now, value), |rest| (0, rest));
        match number(digits) {
            Some(0) if at != 0 => self.refuse(Reason::XAccelExpires),
            Some(n) => (self.valid, self.source) = (at + n, Reason::XAccelExpires),
            None => {}
        }
    }

    fn expires(&mut self, value: &str) {
        if self.valid != 0 {
            return;
        }
        match loose_date(value, self.now) {
            Some(when) if when >= self.now => (self.valid, self.source) = (when, Reason::Expires),
            _ => self.refuse(Reason::Expires),
        }
    }

    fn cache_control(&mut self, value: &str) {
        let text = value.to_ascii_lowercase();
        if (self.valid == 0 || !self.accel) && !self.freshness(&text) {
            return;
        }
        if let Some(digits) = after(&text, "stale-while-revalidate=") {
            match until_separator(digits) {
                Some(n) => (self.updating, self.error) = (n, n),
                None => return self.refuse(Reason::Malformed),
            }
        }
        if let Some(digits) = after(&text, "stale-if-error=") {
            match until_separator(digits) {
                Some(n) => self.error = n,
                None => self.refuse(Reason::Malformed),
            }
        }
    }

    /// Whether reading goes on behind it.
    fn freshness(&mut self, text: &str) -> bool {
        for (word, reason) in [("no-cache", Reason::NoCache), ("no-store", Reason::NoStore), ("private", Reason::Private)] {
            if text.contains(word) {
                self.refuse(reason);
                return false;
            }
        }
        let found = after(text, "s-maxage=").map(|t| (t, Reason::SMaxage));
        let Some((digits, reason)) = found.or_else(|| after(text, "max-age=").map(|t| (t, Reason::MaxAge))) else { return true };
        match until_separator(digits) {
            Some(n) if n > 0 => {
                (self.valid, self.source) = (self.now + n, reason);
                true
            }
            Some(_) => {
                self.refuse(reason);
                false
            }
            None => {
                self.refuse(Reason::Malformed);
                false
            }
        }
    }
}

/// What stands behind the first occurrence of a word, wherever it is.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.find(word).and_then(|at| text.get(at + word.len()..))
}

/// Digits up to a comma, a semicolon or a space; none at all is zero.
fn until_separator(text: &str) -> Option<i64> {
    let end = text.find([',', ';', ' ']).unwrap_or(text.len());
    if end == 0 { Some(0) } else { number(&text[..end]) }
}

fn number(text: &str) -> Option<i64> {
    let right = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // As far as a date can be written; nginx counts in 64 bits.
    right.then(|| text.bytes().fold(0i64, |n, b| (n * 10 + i64::from(b - b'0')).min(1 << 40)))
}

/// `ngx_parse_http_time` looks only at the form and the numbers: the name of the day is whatever
/// stands before the comma, and nothing is read behind the seconds.
fn loose_date(text: &str, now: i64) -> Option<i64> {
    let year = date::year(now);
    if let Some(when) = date::parse(text, year) {
        return Some(when);
    }
    let (_, rest) = text.split_once(',')?;
    let rest = rest.trim_start_matches(' ');
    if rest.as_bytes().get(2) == Some(&b' ') {
        // The day of the week is not checked, so any will do.
        let clock = rest.get(..20)?;
        return ["Sun, ", "Sunday, "].iter().find_map(|day| date::parse(&[day, clock, " GMT"].concat(), year));
    }
    let clock = rest.get(..18)?;
    date::parse(&["Sunday, ", clock, " GMT"].concat(), year)
}
