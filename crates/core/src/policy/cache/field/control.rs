//! `Cache-Control` (RFC 9111 section 5.2), of responses and of requests, and what targets this
//! kind of cache instead of it (RFC 9213).

use super::structured::{self, Item};
use super::{is_token, members, seconds, trim};
use crate::http::Headers;

/// A directive that takes a number of seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seconds {
    /// It is not there.
    #[default]
    Absent,
    /// It says so many.
    Is(u32),
    /// It is there and says no number, or two that differ. RFC 9111 section 4.2.1 has caches take
    /// a response with such freshness information as stale.
    Invalid,
}

impl Seconds {
    /// The number, when it is one.
    pub fn valid(self) -> Option<u32> {
        if let Self::Is(n) = self { Some(n) } else { None }
    }

    /// Takes in another occurrence.
    fn join(&mut self, value: Option<u32>) {
        *self = match (*self, value) {
            (Self::Absent, Some(n)) => Self::Is(n),
            (Self::Is(a), Some(b)) if a == b => Self::Is(a),
            _ => Self::Invalid,
        };
    }
}

/// A directive that may name fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// It is not there.
    #[default]
    Absent,
    /// It holds for these fields only.
    Fields(Vec<String>),
    /// It holds for the whole response.
    All,
}

impl Scope {
    /// Whether it holds for the whole response.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    fn join(&mut self, argument: Argument<'_>) {
        // Without quotes it is malformed; it still cannot be meant to allow anything.
        let names = match argument {
            Argument::Quoted(text) => text.split(',').map(trim).filter(|n| !n.is_empty()).collect(),
            _ => Vec::new(),
        };
        if names.is_empty() || !names.iter().all(|name| is_token(name)) {
            *self = Self::All;
        }
        match self {
            Self::Absent => *self = Self::Fields(names.into_iter().map(str::to_owned).collect()),
            Self::Fields(list) => list.extend(names.into_iter().map(str::to_owned)),
            Self::All => {}
        }
    }
}

/// What stands behind the `=` of a directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Argument<'a> {
    None,
    Token(&'a str),
    Quoted(&'a str),
}

/// The directives of all `Cache-Control` fields of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Whether there was any directive at all.
    pub any: bool,
    /// `no-store`.
    pub no_store: bool,
    /// `no-cache`, for everything or for some fields.
    pub no_cache: Scope,
    /// `private`, for everything or for some fields.
    pub private: Scope,
    /// `public`.
    pub public: bool,
    /// `must-revalidate`.
    pub must_revalidate: bool,
    /// `proxy-revalidate`.
    pub proxy_revalidate: bool,
    /// `must-understand`.
    pub must_understand: bool,
    /// `immutable` (RFC 8246).
    pub immutable: bool,
    /// `only-if-cached`, of a request.
    pub only_if_cached: bool,
    /// `max-age`.
    pub max_age: Seconds,
    /// `s-maxage`.
    pub s_maxage: Seconds,
    /// `min-fresh`, of a request.
    pub min_fresh: Seconds,
    /// `max-stale`, of a request.
    pub max_stale: Seconds,
    /// `max-stale` without a number: any staleness will do.
    pub any_stale: bool,
    /// `stale-while-revalidate` (RFC 5861 section 3).
    pub swr: Seconds,
    /// `stale-if-error` (RFC 5861 section 4).
    pub sie: Seconds,
    /// It was read from a field that targets this kind of cache, so `Expires` does not count.
    pub targeted: bool,
}

impl Control {
    /// Reads `Cache-Control`.
    pub fn read(headers: &Headers) -> Self {
        let mut control = Self::default();
        for value in headers.all("cache-control") {
            for member in members(value) {
                let (name, argument) = split(member);
                control.add(name, argument);
            }
        }
        control
    }

    /// Reads the first of these fields that is there, well-formed and not empty, else
    /// `Cache-Control` (RFC 9213 section 2.2).
    pub fn of_response(headers: &Headers, targets: &[&str]) -> Self {
        for target in targets {
            match structured::dictionary(headers.all(target)) {
                Some(list) if !list.is_empty() => return Self::targeted(&list),
                _ => {}
            }
        }
        Self::read(headers)
    }

    fn targeted(list: &[(String, Item)]) -> Self {
        let mut control = Self { targeted: true, ..Self::default() };
        for (name, item) in list {
            let digits;
            let argument = match item {
                Item::Flag(true) => Argument::None,
                Item::Flag(false) => continue,
                Item::Integer(n) => {
                    digits = n.to_string();
                    Argument::Token(&digits)
                }
                Item::Text(text) if matches!(name.as_str(), "no-cache" | "private") => Argument::Quoted(text),
                _ => Argument::Token("?"),
            };
            control.add(name, argument);
        }
        control
    }

    fn add(&mut self, name: &str, argument: Argument<'_>) {
        self.any = true;
        let number = match argument {
            // Section 5.2: take both forms, whichever the directive is defined with.
            Argument::Token(text) | Argument::Quoted(text) => seconds(text),
            Argument::None => None,
        };
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("max-age") {
            self.max_age.join(number);
        } else if is("s-maxage") {
            self.s_maxage.join(number);
        } else if is("no-cache") {
            self.no_cache.join(argument);
        } else if is("private") {
            self.private.join(argument);
        } else if is("no-store") {
            self.no_store = true;
        } else if is("must-revalidate") {
            self.must_revalidate = true;
        } else if is("proxy-revalidate") {
            self.proxy_revalidate = true;
        } else if is("only-if-cached") {
            self.only_if_cached = true;
        } else if is("stale-while-revalidate") {
            self.swr.join(number);
        } else if is("stale-if-error") {
            self.sie.join(number);
        } else if is("min-fresh") {
            self.min_fresh.join(number);
        } else if is("max-stale") {
            self.any_stale |= argument == Argument::None;
            self.max_stale.join(number);
        } else if argument == Argument::None {
            // What allows more counts only as it is defined: without an argument.
            self.public |= is("public");
            self.immutable |= is("immutable");
            self.must_understand |= is("must-understand");
        }
    }
}

/// A directive's name and what stands behind its `=`.
fn split(member: &str) -> (&str, Argument<'_>) {
    let Some((name, value)) = member.split_once('=') else { return (member, Argument::None) };
    let inside = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    match inside {
        Some(text) => (name, Argument::Quoted(text)),
        None => (name, Argument::Token(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Control {
        Control::read(&Headers(vec![("Cache-Control".into(), value.into())]))
    }

    #[test]
    fn numbers_are_taken_or_refused() {
        fn check(value: &str, expect: Seconds) {
            assert_eq!(read(value).max_age, expect, "{value}");
        }
        check("max-age=5", Seconds::Is(5));
        check("MaX-aGe=5", Seconds::Is(5));
        check("max-age=\"5\"", Seconds::Is(5));
        check("max-age=5, max-age=5", Seconds::Is(5));
        check("max-age=5, max-age=6", Seconds::Invalid);
        check("x=\"max-age=9\", max-age=1", Seconds::Is(1));
        for wrong in ["max-age", "max-age=", "max-age=-1", "max-age= 5", "max-age='5'", "max-age=5.0", "max-age=5 6", "max-age=\"5"] {
            check(wrong, Seconds::Invalid);
        }
        // Another name, so it is not there.
        check("max-age =5", Seconds::Absent);
    }

    #[test]
    fn restrictions_hold_however_they_are_written() {
        assert!(read("No-StOrE").no_store && read("no-store=1").no_store);
        assert!(read("no-cache=x").no_cache.is_all() && read("no-cache=\"\"").no_cache.is_all());
        assert!(read("no-cache=\"a, b c\"").no_cache.is_all());
        assert_eq!(read("no-cache=\"a, b\"").no_cache, Scope::Fields(vec!["a".into(), "b".into()]));
        assert!(read("no-cache=\"a\", no-cache").no_cache.is_all());
        assert!(read("private=\"a\", private=?").private.is_all());
        assert!(!read("public=1").public && read("public").public);
    }

    #[test]
    fn a_targeted_field_replaces_cache_control_when_it_is_valid() {
        fn check(target: &str, expect: Seconds) {
            let headers = Headers(vec![("Cache-Control".into(), "max-age=1".into()), ("CDN-Cache-Control".into(), target.into())]);
            assert_eq!(Control::of_response(&headers, &["cdn-cache-control"]).max_age, expect, "{target}");
        }
        check("max-age=9", Seconds::Is(9));
        check("max-age=99999999999", Seconds::Is(1 << 31));
        check("private", Seconds::Absent);
        check("max-age=9, &&&", Seconds::Is(1));
        check("max-age =9", Seconds::Is(1));
        check("", Seconds::Is(1));
        check("max-age=\"9\"", Seconds::Invalid);
        check("max-age=-9", Seconds::Invalid);
    }
}
