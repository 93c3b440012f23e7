//! Entity tags (RFC 9110 section 8.8.3) and lists of them.

use super::trim;

/// The opaque part of a tag, quotes included, and whether it is weak; `None` when malformed.
pub fn parse(text: &str) -> Option<(&str, bool)> {
    let (opaque, weak) = match text.strip_prefix("W/") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let inside = opaque.strip_prefix('"')?.strip_suffix('"')?;
    // etagc: no quote, no control, no space; bytes above 0x7f are allowed.
    let fits = |c: char| c != '"' && c > ' ' && c != '\u{7f}';
    (opaque.len() >= 2 && inside.chars().all(fits)).then_some((opaque, weak))
}

/// Whether the tag is well-formed and strong.
pub fn is_strong(text: &str) -> bool {
    matches!(parse(trim(text)), Some((_, false)))
}

/// Whether two tags name the same thing, weak or not (RFC 9110 section 8.8.3.2).
pub fn same(one: &str, other: &str) -> bool {
    match (parse(trim(one)), parse(trim(other))) {
        (Some((a, _)), Some((b, _))) => a == b,
        _ => false,
    }
}

/// Whether an `If-None-Match` list names the tag or everything (RFC 9110 section 13.1.2). Members
/// that are no entity tags match nothing.
pub fn matches<'a>(mut list: impl Iterator<Item = &'a str>, tag: Option<&str>) -> bool {
    list.any(|value| trim(value) == "*" || tag.is_some_and(|tag| members(value).any(|member| same(member, tag))))
}

/// The members of a list of tags. A backslash is an ordinary character here, which is why this
/// is not the common list.
fn members(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    core::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        let end = text.bytes().position(|byte| {
            quoted ^= byte == b'"';
            byte == b',' && !quoted
        });
        rest = end.and_then(|end| text.get(end + 1..));
        Some(trim(&text[..end.unwrap_or(text.len())]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        fn check(list: &str, tag: &str, expect: bool) {
            assert_eq!(matches([list].into_iter(), Some(tag)), expect, "{list} {tag}");
        }
        check("\"a\"", "\"a\"", true);
        check("W/\"a\"", "\"a\"", true);
        check("\"a\"", "W/\"a\"", true);
        check("\"b\", \"a,c\" , W/\"a\"", "\"a,c\"", true);
        check("\"x\\\",\"a\"", "\"a\"", true);
        check("*", "\"a\"", true);
        check("a", "\"a\"", false);
        check("\"a\"", "a", false);
        check("a", "a", false);
        check("w/\"a\"", "w/\"a\"", false);
        check("\"A\"", "\"a\"", false);
        check("\"a", "\"a\"", false);
        assert!(matches(["*"].into_iter(), None));
        assert!(!matches(["\"a\""].into_iter(), None));
    }
}
