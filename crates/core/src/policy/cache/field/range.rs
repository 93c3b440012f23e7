//! `Range` and `Content-Range` in bytes (RFC 9110 section 14).

use super::trim;

/// One range as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// From the first to the last byte, both counted from 0; to the end without a last one.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Last(u64),
}

impl Asked {
    /// The one range of a `Range` field; `None` when it is malformed, in another unit, or several.
    pub fn parse(value: &str) -> Option<Self> {
        let (unit, set) = value.split_once('=')?;
        let (first, last) = trim(set).split_once('-')?;
        if !trim(unit).eq_ignore_ascii_case("bytes") || last.contains([',', '-']) {
            return None;
        }
        match (number(first), number(last)) {
            (None, Some(n)) if first.is_empty() => Some(Self::Last(n)),
            (Some(from), None) if last.is_empty() => Some(Self::From(from, None)),
            (Some(from), Some(to)) if from <= to => Some(Self::From(from, Some(to))),
            _ => None,
        }
    }

    /// The bytes meant, of so many: first and one past the last. `None` when there are none.
    pub fn of(self, length: u64) -> Option<(u64, u64)> {
        let (from, to) = match self {
            Self::From(from, to) => (from, to.map_or(length, |to| to.saturating_add(1)).min(length)),
            Self::Last(n) => (length.saturating_sub(n), length),
        };
        (from < to).then_some((from, to))
    }
}

/// A `Content-Range` that says where its bytes belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where the first byte belongs.
    pub from: u64,
    /// One past where the last byte belongs.
    pub to: u64,
    /// How many bytes the whole has, when that is known.
    pub length: Option<u64>,
}

impl Part {
    /// Reads `bytes 4-9/10` or `bytes 4-9/*`.
    pub fn parse(value: &str) -> Option<Self> {
        let (unit, rest) = trim(value).split_once(' ')?;
        let (range, length) = rest.split_once('/')?;
        let (from, last) = range.split_once('-')?;
        let (from, last) = (number(from)?, number(last)?);
        let length = if length == "*" { None } else { Some(number(length)?) };
        let sane = unit.eq_ignore_ascii_case("bytes") && from <= last && length.is_none_or(|n| last < n);
        sane.then(|| Self { from, to: last + 1, length })
    }

    /// The field's value.
    pub fn write(&self) -> String {
        let mut text = String::from("bytes ");
        text.push_str(&self.from.to_string());
        text.push('-');
        text.push_str(&self.to.saturating_sub(1).to_string());
        text.push('/');
        match self.length {
            Some(n) => text.push_str(&n.to_string()),
            None => text.push('*'),
        }
        text
    }
}

/// Digits only, and few enough that adding one never overflows.
fn number(text: &str) -> Option<u64> {
    let right = !text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit());
    right.then(|| text.bytes().fold(0, |n, b| n * 10 + u64::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        fn check(value: &str, length: u64, expect: Option<(u64, u64)>) {
            assert_eq!(Asked::parse(value).and_then(|asked| asked.of(length)), expect, "{value} of {length}");
        }
        check("bytes=0-1", 11, Some((0, 2)));
        check("bytes=-1", 11, Some((10, 11)));
        check("bytes=-99", 11, Some((0, 11)));
        check("bytes=6-", 10, Some((6, 10)));
        check("bytes=6-99", 10, Some((6, 10)));
        check("Bytes= 6-7", 10, Some((6, 8)));
        check("bytes=10-", 10, None);
        check("bytes=-0", 10, None);
        for wrong in ["bytes=5-4", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=", "0-1", "bytes=--1", "bytes=99999999999999999999-"] {
            check(wrong, 10, None);
        }
    }

    #[test]
    fn content_ranges_are_read_and_written() {
        for text in ["bytes 4-9/10", "bytes 0-0/*"] {
            assert_eq!(Part::parse(text).map(|part| part.write()).as_deref(), Some(text));
        }
        for wrong in ["bytes */10", "bytes 4-9/9", "bytes 9-4/10", "4-9/10", "junk"] {
            assert_eq!(Part::parse(wrong), None, "{wrong}");
        }
    }
}
