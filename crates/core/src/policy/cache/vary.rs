//! Variants: which request fields a response was chosen by, and whether another request would
//! get the same one (RFC 9111 section 4.1).

use crate::http::Headers;

use super::field::{self, is_token, members, trim};

/// Which `Vary` says that nothing matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Star {
    /// One with `*` as any of its members, or with a member that is no name.
    Member,
    /// One with a field line that is `*` alone (nginx).
    Line,
    /// One that is `*` when all its lines are joined (Varnish).
    Whole,
}

/// Which whitespace in a selecting field does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Around every member of the list.
    Members,
    /// Around every member, in fields that begin with `Accept` (nginx).
    Accept,
    /// Around the whole.
    Ends,
}

/// How variants are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaryRules {
    /// When nothing matches.
    pub star: Star,
    /// Only the last `Vary` line counts (nginx).
    pub last_line: bool,
    /// Which whitespace does not count.
    pub space: Space,
    /// In fields of preferences, order among equals and letter case do not count.
    pub preferences: bool,
    /// A stored language serves whoever likes it best (`Content-Language`).
    pub language: bool,
    /// `Accept-Encoding` is rewritten before anything is looked up, so it does not count (Varnish).
    pub encoding: bool,
    /// What is longer than so many bytes is not stored; 0 is no limit (nginx).
    pub longest: usize,
}

impl VaryRules {
    /// As much as has the same meaning for every origin.
    pub const RFC: Self =
        Self { star: Star::Member, last_line: false, space: Space::Members, preferences: true, language: true, encoding: true, longest: 0 };
    /// nginx 1.22.
    pub const NGINX: Self =
        Self { star: Star::Line, last_line: true, space: Space::Accept, preferences: false, language: false, encoding: true, longest: 128 };
    /// Varnish 7.1 with `http_gzip_support`.
    pub const VARNISH: Self =
        Self { star: Star::Whole, last_line: false, space: Space::Ends, preferences: false, language: false, encoding: false, longest: 0 };
    /// Squid 5.7.
    pub const SQUID: Self = Self { star: Star::Member, encoding: true, ..Self::VARNISH };
}

/// Whether no later request matches.
pub fn is_star(rules: &VaryRules, headers: &Headers) -> bool {
    let mut lines = headers.all("vary");
    match rules.star {
        Star::Member => lines.any(|line| members(line).any(|name| !is_token(name) || name == "*")),
        Star::Line => lines.any(|line| trim(line) == "*" || (rules.longest > 0 && line.len() > rules.longest)),
        Star::Whole => {
            let only = lines.next().is_some_and(|line| trim(line) == "*");
            only && lines.next().is_none()
        }
    }
}

/// What a request's selecting fields say, by name, in a form in which equals are equal. A field
/// that is not there differs from one that is empty.
pub type Selecting = Vec<(String, Option<String>)>;

/// What of a request a response was chosen by.
pub fn selecting(rules: &VaryRules, response: &Headers, request: &Headers) -> Selecting {
    let mut names: Vec<String> = Vec::new();
    let line = if rules.last_line { response.all("vary").last() } else { None };
    let add = |names: &mut Vec<String>, line: &str| {
        for name in members(line) {
            let name = name.to_ascii_lowercase();
            if !names.contains(&name) && (rules.encoding || name != "accept-encoding") {
                names.push(name);
            }
        }
    };
    match line {
        Some(line) => add(&mut names, line),
        None => response.all("vary").for_each(|line| add(&mut names, line)),
    }
    names
        .into_iter()
        .map(|name| {
            let value = normal(rules, &name, request);
            (name, value)
        })
        .collect()
}

/// Whether a request gets what was chosen by these.
pub fn matches(rules: &VaryRules, stored: &Selecting, response: &Headers, request: &Headers) -> bool {
    stored.iter().all(|(name, value)| {
        normal(rules, name, request) == *value
            || (rules.language && name == "accept-language" && likes_best(request, response.get("content-language")))
    })
}

/// The field's value with everything taken out that has no meaning.
fn normal(rules: &VaryRules, name: &str, request: &Headers) -> Option<String> {
    let mut lines = request.all(name).peekable();
    lines.peek()?;
    let accept = name == "accept" || name.starts_with("accept-");
    if rules.preferences && accept {
        return Some(preferences(lines));
    }
    let apart = rules.space == Space::Members || (rules.space == Space::Accept && accept);
    let mut text = String::new();
    for (i, line) in lines.enumerate() {
        if apart {
            for member in members(line) {
                if !text.is_empty() {
                    text.push(',');
                }
                text.push_str(member);
            }
        } else {
            if i > 0 {
                text.push_str(", ");
            }
            text.push_str(trim(line));
        }
    }
    Some(text)
}

/// A list of preferences in small letters, the liked first, equals by name.
fn preferences<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut list: Vec<(u32, String)> = Vec::new();
    for member in lines.flat_map(members) {
        let (name, weight) = weighed(member);
        let place = list.iter().take_while(|(w, n)| *w > weight || (*w == weight && *n <= name)).count();
        list.insert(place, (weight, name));
    }
    let mut text = String::new();
    for (weight, name) in list {
        text.push_str(&name);
        text.push(';');
        text.push_str(&weight.to_string());
        text.push(',');
    }
    text
}

/// A member in small letters without whitespace, and its weight in thousandths (RFC 9110 section 12.4.2).
fn weighed(member: &str) -> (String, u32) {
    let (mut name, mut weight) = (String::new(), 1_000);
    for (i, part) in member.split(';').map(trim).enumerate() {
        match part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")) {
            Some(q) if i > 0 => weight = thousandths(q),
            _ => {
                if i > 0 {
                    name.push(';');
                }
                name.extend(part.chars().map(|c| c.to_ascii_lowercase()));
            }
        }
    }
    (name, weight)
}

fn thousandths(q: &str) -> u32 {
    let (whole, places) = q.split_once('.').unwrap_or((q, ""));
    let well = places.len() <= 3 && places.bytes().all(|b| b.is_ascii_digit());
    let part = places.bytes().chain([b'0'; 3]).take(3).fold(0, |n, b| n * 10 + u32::from(b.wrapping_sub(b'0')));
    match whole {
        "1" => 1_000,
        "0" if well => part,
        // Malformed: as if nothing were said.
        _ => 1_000,
    }
}

/// Whether the stored language is the one that the client likes best, alone. An origin that has
/// it would choose it, whatever else is in the list.
fn likes_best(request: &Headers, stored: Option<&str>) -> bool {
    let Some(stored) = stored.map(|text| trim(text).to_ascii_lowercase()) else { return false };
    let mut best: Option<(String, u32)> = None;
    let mut alone = false;
    for (name, weight) in request.all("accept-language").flat_map(members).map(weighed) {
        match &best {
            Some((_, most)) if weight < *most => {}
            Some((_, most)) if weight == *most => alone = false,
            _ => {
                best = Some((name, weight));
                alone = true;
            }
        }
    }
    // Basic filtering (RFC 4647 section 3.3.1): `de` also means `de-AT`.
    best.is_some_and(|(range, weight)| {
        let tail = stored.strip_prefix(range.as_str());
        alone && weight > 0 && tail.is_some_and(|tail| tail.is_empty() || tail.starts_with('-'))
    })
}

/// What Varnish makes of `Accept-Encoding` before it looks anything up: `gzip`, or nothing.
pub fn gzip_only(headers: &mut Headers) {
    let takes = headers.all("accept-encoding").flat_map(field::members).map(weighed);
    let gzip = takes.fold(None, |found: Option<u32>, (name, weight)| match name.as_str() {
        "gzip" | "x-gzip" => Some(weight),
        _ => found,
    });
    headers.remove("accept-encoding");
    if gzip.is_some_and(|weight| weight > 0) {
        headers.set("Accept-Encoding", "gzip");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(list: &[(&str, &str)]) -> Headers {
        Headers(list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    /// Whether a response to the first request serves the second.
    fn check(rules: &VaryRules, response: &[(&str, &str)], one: &[(&str, &str)], other: &[(&str, &str)], expect: bool) {
        let response = fields(response);
        let stored = selecting(rules, &response, &fields(one));
        assert_eq!(matches(rules, &stored, &response, &fields(other)), expect, "{one:?} {other:?}");
    }

    #[test]
    fn fields_that_mean_the_same_are_the_same() {
        let rfc = &VaryRules::RFC;
        check(rfc, &[("Vary", "Foo")], &[("Foo", "1,2")], &[("foo", " 1, 2 ")], true);
        check(rfc, &[("Vary", "Foo")], &[("Foo", "1, 2")], &[("foo", "1"), ("foo", "2")], true);
        check(rfc, &[("Vary", "Foo")], &[("Foo", "1")], &[], false);
        check(rfc, &[("Vary", "Foo")], &[], &[("Foo", "")], false);
        check(rfc, &[("Vary", "Foo")], &[("Foo", "a b")], &[("Foo", "a  b")], false);
        check(rfc, &[("Vary", "Foo")], &[("Foo", "A")], &[("Foo", "a")], false);
        check(rfc, &[("Vary", "Foo")], &[("Foo", "\"1, 2\"")], &[("Foo", "\"1,2\"")], false);
        check(rfc, &[("Vary", "A"), ("Vary", "B")], &[("A", "1"), ("B", "1")], &[("A", "1"), ("B", "2")], false);
        check(rfc, &[("Vary", "Accept-Language")], &[("Accept-Language", "en, de")], &[("Accept-Language", "dE ,EN;q=1.0")], true);
        check(rfc, &[("Vary", "Accept-Language")], &[("Accept-Language", "en, de")], &[("Accept-Language", "de, en;q=0.9")], false);
        check(rfc, &[("Vary", "Accept-Encoding")], &[("Accept-Encoding", "gzip, br")], &[("Accept-Encoding", "br,gzip")], true);
    }

    #[test]
    fn a_stored_language_serves_who_likes_it_best() {
        fn language(stored: &str, asked: &str, expect: bool) {
            let response = [("Vary", "Accept-Language"), ("Content-Language", stored)];
            check(&VaryRules::RFC, &response, &[("Accept-Language", "en, de")], &[("Accept-Language", asked)], expect);
        }
        language("de", "fr;q=0.5, de;q=1.0", true);
        language("de-AT", "de", true);
        language("de", "de-AT", false);
        language("de", "fr, de", false);
        language("de", "fr, de;q=0.9", false);
        language("de", "de;q=0", false);
        language("de", "", false);
    }

    #[test]
    fn servers_compare_as_they_do() {
        check(
            &VaryRules::NGINX,
            &[("Vary", "Accept-Language")],
            &[("Accept-Language", "en, de")],
            &[("Accept-Language", "en ,   de")],
            true,
        );
        check(&VaryRules::NGINX, &[("Vary", "Foo")], &[("Foo", "1, 2")], &[("Foo", "1,2")], false);
        check(&VaryRules::VARNISH, &[("Vary", "Accept-Encoding")], &[("Accept-Encoding", "gzip")], &[], true);
        check(&VaryRules::SQUID, &[("Vary", "Accept-Encoding")], &[("Accept-Encoding", "gzip")], &[], false);
    }

    #[test]
    fn stars_are_found() {
        fn star(rules: &VaryRules, lines: &[&str], expect: bool) {
            let headers = Headers(lines.iter().map(|l| ("Vary".to_owned(), (*l).to_owned())).collect());
            assert_eq!(is_star(rules, &headers), expect, "{lines:?}");
        }
        for lines in [&["*"][..], &["a, *"], &["", "*"], &[", *"], &["a b"], &["ü"]] {
            star(&VaryRules::RFC, lines, true);
        }
        star(&VaryRules::RFC, &["a", "b"], false);
        star(&VaryRules::NGINX, &["a, *"], false);
        star(&VaryRules::NGINX, &["a", "*"], true);
        star(&VaryRules::VARNISH, &["*"], true);
        star(&VaryRules::VARNISH, &["*", "*"], false);
    }

    #[test]
    fn varnish_keeps_gzip_alone() {
        fn gzip(value: &str, expect: Option<&str>) {
            let mut headers = fields(&[("Accept-Encoding", value)]);
            gzip_only(&mut headers);
            assert_eq!(headers.get("accept-encoding"), expect, "{value}");
        }
        gzip("gzip, deflate, br", Some("gzip"));
        gzip("identity", None);
        gzip("gzip;q=0", None);
    }
}
