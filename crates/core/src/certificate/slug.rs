//! Which lesson a proof is about, in one byte for those of the course.

/// Lessons by their number, from 1. A number is for ever: links say it. A lesson is added at the
/// end, in the same change that adds it to the course; one that is not here is spelled out.
static NUMBERED: [&str; 18] = [
    "what-reverse-proxies-do",
    "l4-vs-l7",
    "balancing-algorithms",
    "connection-pooling",
    "tls-termination",
    "request-routing",
    "api-gateway",
    "health-and-failover",
    "sticky-sessions",
    "rate-limiting",
    "rollouts-and-draining",
    "proxy-caching",
    "cdn-edge",
    "dns-and-gslb",
    "delivery-modes",
    "trace-a-request",
    "incident-room",
    "config-review",
];

/// The most bytes of a slug that is spelled out.
const MOST_BYTES: usize = 60;

/// The number of a lesson; zero when it has none.
pub fn number(slug: &str) -> u8 {
    NUMBERED.iter().position(|known| *known == slug).map_or(0, |place| place as u8 + 1)
}

/// The lesson of that number.
pub(super) fn numbered(number: u8) -> Option<&'static str> {
    NUMBERED.get(usize::from(number).wrapping_sub(1)).copied()
}

/// Whether a text can be a slug: lower-case letters, digits and hyphens.
pub(super) fn is_slug(text: &str) -> bool {
    (1..=MOST_BYTES).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_leads_back_to_its_lesson() {
        for (place, slug) in NUMBERED.iter().enumerate() {
            assert_eq!((number(slug), numbered(place as u8 + 1)), (place as u8 + 1, Some(*slug)));
            assert!(is_slug(slug));
        }
        assert_eq!((number("other"), numbered(0), numbered(19), numbered(255)), (0, None, None, None));
    }

    #[test]
    fn other_texts_are_no_slugs() {
        for text in ["", "a b", "A", "é", "a/b", "..", &"x".repeat(61)] {
            assert!(!is_slug(text), "{text}");
        }
    }
}
