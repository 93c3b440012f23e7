//! Header fields that a cache reads: lists, numbers, dates, entity tags, ranges and structured
//! fields. Each reader says what is malformed instead of guessing; what follows from that is
//! decided where the field is used, and never in the direction that allows more.

pub mod cache_status;
pub mod control;
pub mod date;
pub mod etag;
pub mod range;
pub mod structured;

/// The members of a comma-separated list (RFC 9110 section 5.6.1), trimmed, without empty ones.
/// A comma inside a quoted string separates nothing; a quoted string that never ends takes the
/// rest of the field.
pub fn members(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    core::iter::from_fn(move || {
        let text = rest?;
        let end = end_of_member(text);
        rest = text.get(end + 1..);
        Some(trim(&text[..end]))
    })
    .filter(|member| !member.is_empty())
}

/// Where the first member ends: at a comma, or at the end.
fn end_of_member(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return i,
            _ => {}
        }
    }
    text.len()
}

/// The text without optional whitespace around it: spaces and tabs (RFC 9110 section 5.6.3).
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// A number of seconds: digits and nothing else (RFC 9111 section 1.2.2). What does not fit
/// becomes 2^31, which the section names for that.
pub fn seconds(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    const MOST: u32 = 1 << 31;
    let digits = text.trim_start_matches('0');
    let fits = digits.len() <= 10;
    let value = if fits { digits.bytes().fold(0u64, |n, b| n * 10 + u64::from(b - b'0')) } else { u64::MAX };
    Some(u32::try_from(value).map_or(MOST, |n| n.min(MOST)))
}

/// Whether the text is a token (RFC 9110 section 5.6.2), as every field name is.
pub fn is_token(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_outside_quotes() {
        fn check(value: &str, expect: &[&str]) {
            assert_eq!(members(value).collect::<Vec<_>>(), expect, "{value}");
        }
        check("a, b", &["a", "b"]);
        check(",a,, b\t,", &["a", "b"]);
        check("no-cache=\"x, y\", z", &["no-cache=\"x, y\"", "z"]);
        check("x=\"\\\", y\", z", &["x=\"\\\", y\"", "z"]);
        check("x=\"never, ends", &["x=\"never, ends"]);
        check("", &[]);
        check("é,ü", &["é", "ü"]);
    }

    #[test]
    fn seconds_are_digits() {
        fn check(text: &str, expect: Option<u32>) {
            assert_eq!(seconds(text), expect, "{text}");
        }
        check("0", Some(0));
        check("003600", Some(3_600));
        check("2147483648", Some(1 << 31));
        check("4294967296", Some(1 << 31));
        check("99999999999999999999999999", Some(1 << 31));
        check("0000000000000000000000000007", Some(7));
        for wrong in ["", "-1", "+1", "1.5", " 1", "1 ", "1a", "٣", "\"1\""] {
            check(wrong, None);
        }
    }
}
