//! `Cache-Status` (RFC 9211): what a cache did with a request, written into its response.

use super::super::verdict::{Outcome, Verdict};

/// One member of the field: the cache's name and what it did.
///
/// `status` is the origin's answer, when one was asked.
pub fn write(cache: &str, verdict: &Verdict, status: Option<u16>, stored: bool, collapsed: bool) -> String {
    let mut text = String::from(cache);
    match verdict.outcome {
        Outcome::Hit | Outcome::Stale | Outcome::Updating => text.push_str("; hit"),
        outcome => {
            text.push_str("; fwd=");
            text.push_str(forwarded(outcome));
        }
    }
    if verdict.outcome.is_reuse() {
        text.push_str("; ttl=");
        text.push_str(&(verdict.lifetime - verdict.age).to_string());
    }
    if let Some(status) = status {
        text.push_str("; fwd-status=");
        text.push_str(&status.to_string());
    }
    if stored {
        text.push_str("; stored");
    }
    if collapsed {
        text.push_str("; collapsed");
    }
    text
}

/// Why a request went forward (RFC 9211 section 2.2).
const fn forwarded(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass | Outcome::Bypass | Outcome::HitForPass => "bypass",
        Outcome::Method => "method",
        Outcome::Expired | Outcome::Revalidated => "stale",
        Outcome::Asked => "request",
        Outcome::Variant => "vary-miss",
        Outcome::Partial => "partial",
        _ => "uri-miss",
    }
}
