//! Answering a range from what is stored, and joining parts (RFC 9111 sections 3.3 and 3.4).

use super::entry::Entry;
use super::field::etag;
use super::field::range::{Asked, Part};
use super::message::{Request, Response};
use super::profile::{Profile, Ranges};
use super::validate;

/// Whether a stored response holds all that is asked for.
pub fn holds(entry: &Entry, request: &Request) -> bool {
    let Some(part) = entry.part else { return true };
    let Some(range) = request.headers.get("range") else { return false };
    entry.asked_range.as_deref() == Some(range) || within(&part, range).is_some()
}

/// The bytes asked for, when the part has all of them.
fn within(part: &Part, range: &str) -> Option<(u64, u64)> {
    let asked = Asked::parse(range)?;
    let (from, to) = match (part.length, asked) {
        (Some(length), asked) => asked.of(length)?,
        (None, Asked::From(from, Some(last))) => (from, last + 1),
        _ => return None,
    };
    (from >= part.from && to <= part.to).then_some((from, to))
}

/// Cuts a whole or a part down to what is asked for. The bytes are as many as there are: what a
/// part holds is said by its `Content-Range`, and a lab's content may be shorter.
pub fn cut(profile: &Profile, entry: &Entry, request: &Request, response: &mut Response) {
    let Some(range) = request.headers.get("range").filter(|_| request.is("GET")) else { return };
    let may = match profile.ranges {
        Ranges::Never => false,
        Ranges::Accepted => response.headers.get("accept-ranges").is_some_and(|v| v.eq_ignore_ascii_case("bytes")),
        Ranges::Whole | Ranges::Parts => true,
    };
    if !may || !validate::range_holds(request, response) {
        return;
    }
    match entry.part {
        Some(part) if entry.asked_range.as_deref() != Some(range) => {
            if let Some((from, to)) = within(&part, range) {
                // What is counted from the end is also taken from the end.
                let body = response.body.len() as u64;
                let ends = matches!(Asked::parse(range), Some(Asked::Last(_)));
                let first = if ends { to.saturating_sub(body) } else { part.from };
                slice(response, Part { from, to, length: part.length }, first);
            }
        }
        None if response.status == 200 => {
            let length = response.body.len() as u64;
            match Asked::parse(range).map(|asked| asked.of(length)) {
                Some(Some((from, to))) => slice(response, Part { from, to, length: Some(length) }, 0),
                Some(None) => refuse(response, length),
                None => {}
            }
        }
        _ => {}
    }
}

fn slice(response: &mut Response, part: Part, first: u64) {
    let at = |n: u64| usize::try_from(n.saturating_sub(first)).unwrap_or(usize::MAX).min(response.body.len());
    let body = response.body[at(part.from)..at(part.to)].into();
    response.body = body;
    response.status = 206;
    response.headers.set("Content-Range", part.write());
    response.headers.set("Content-Length", response.body.len().to_string());
}

fn refuse(response: &mut Response, length: u64) {
    response.status = 416;
    response.body = [].into();
    response.headers.set("Content-Range", ["bytes */", &length.to_string()].concat());
    response.headers.set("Content-Length", "0");
}

/// The range that is missing behind or before a stored part, to be asked for.
pub fn missing(entry: &Entry, request: &Request) -> Option<String> {
    let part = entry.part?;
    if request.headers.get("range").is_some() || !request.is("GET") {
        return None;
    }
    if part.from == 0 {
        return Some(["bytes=", &part.to.to_string(), "-"].concat());
    }
    let ends = part.length == Some(part.to);
    ends.then(|| ["bytes=0-", &(part.from - 1).to_string()].concat())
}

/// A stored part and one that came, as one, when they are of the same strong tag and touch.
pub fn join(stored: &Entry, came: &Response) -> Option<Response> {
    let (old, new) = (stored.part?, validate::part_of(came)?);
    let tag = |response: &Response| response.headers.get("etag").filter(|tag| etag::is_strong(tag)).map(str::to_owned);
    let same = tag(&stored.response).is_some() && tag(&stored.response) == tag(came) && old.length == new.length;
    let (low, high, first, second) =
        if old.from <= new.from { (old, new, &stored.response.body, &came.body) } else { (new, old, &came.body, &stored.response.body) };
    // Bytes that are said and not there would shift those behind them.
    let whole = |part: &Part, body: &[u8]| body.len() as u64 == part.to - part.from;
    if !same || high.from > low.to || !whole(&low, first) || !whole(&high, second) {
        return None;
    }
    let mut body = first.to_vec();
    let known = usize::try_from(low.to - high.from).ok()?;
    body.extend_from_slice(second.get(known..).unwrap_or(&[]));
    let part = Part { from: low.from, to: low.to.max(high.to), length: old.length };
    let mut joined = came.clone();
    joined.body = body.into();
    if part.from == 0 && part.length == Some(part.to) {
        joined.status = 200;
        joined.headers.remove("content-range");
    } else {
        joined.headers.set("Content-Range", part.write());
    }
    joined.headers.set("Content-Length", joined.body.len().to_string());
    Some(joined)
}
