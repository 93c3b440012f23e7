//! What a client is told about a limit: the status, `Retry-After` (RFC 9110 section 10.2.3), and
//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).

use super::decision::{Decision, Seen, Verdict};
use super::rule::Rule;
use crate::http::Headers;
use crate::time::Duration;

/// Who answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// 429 with all that a client can use.
    #[default]
    Told,
    /// nginx: 503, unless `limit_req_status` or `limit_conn_status` says otherwise, and no more.
    Nginx,
    /// HAProxy: 403, unless `deny_status` says otherwise, and no more.
    Haproxy,
    /// Varnish: what the VCL's `synth` says, 429 in the documentation of vsthrottle, and no more.
    Varnish,
    /// Envoy: 429 and `x-envoy-ratelimited`.
    Envoy,
}

impl Style {
    /// The status of an answer that turns a request away (429: RFC 6585 section 4).
    pub const fn status(self) -> u16 {
        match self {
            Self::Told | Self::Varnish | Self::Envoy => 429,
            Self::Nginx => 503,
            Self::Haproxy => 403,
        }
    }

    /// The fields that an answer gets, whether the request was let through or not. `name` is the
    /// policy's, `left` what [`Rule::left`] says after the decision.
    pub fn fields(self, name: &str, rule: &Rule, decision: &Decision, left: u32) -> Headers {
        let mut fields = Headers::default();
        match self {
            Self::Told => told(&mut fields, name, rule, decision, left),
            Self::Envoy if !decision.is_admitted() => fields.set("x-envoy-ratelimited", "true"),
            _ => {}
        }
        fields
    }
}

fn told(fields: &mut Headers, name: &str, rule: &Rule, decision: &Decision, left: u32) {
    let name = quoted(name);
    let (quota, window) = rule.quota();
    let window = seconds(window);
    let mut policy = name.clone() + ";q=" + &number(u64::from(quota));
    match window {
        // It is about requests at once, which the draft calls a unit of its own.
        0 => policy += ";qu=\"concurrent-requests\"",
        window => policy = policy + ";w=" + &number(window),
    }
    let mut state = name + ";r=" + &number(u64::from(left.min(quota)));
    if let Some(until) = reset(rule, decision, left) {
        state = state + ";t=" + &number(seconds(until));
    }
    fields.set("RateLimit-Policy", policy);
    fields.set("RateLimit", state);
    if let Verdict::Reject { retry: Some(retry) } = decision.verdict {
        fields.set("Retry-After", number(seconds(retry)));
    }
}

/// Until there is more: for who was turned away, until the same request would be let through, as in
/// `Retry-After`; otherwise until the window ends, or everything has dripped in.
fn reset(rule: &Rule, decision: &Decision, left: u32) -> Option<Duration> {
    let (quota, window) = rule.quota();
    match (decision.verdict, decision.seen) {
        (Verdict::Reject { retry }, _) => retry,
        (_, Seen::Nothing | Seen::Open(_)) => None,
        (_, Seen::Window(start, _)) => Some((start + window).since(decision.at)),
        (_, Seen::Windows(..)) => Some(window),
        (_, Seen::Log(_, first)) => Some((first + window).since(decision.at)),
        _ => {
            let spent = u64::from(quota.saturating_sub(left));
            Some(Duration::from_micros(window.as_micros().saturating_mul(spent).div_ceil(u64::from(quota.max(1)))))
        }
    }
}

/// Whole seconds, so that nobody comes too early.
fn seconds(span: Duration) -> u64 {
    span.as_micros().div_ceil(1_000_000)
}

fn number(n: u64) -> String {
    n.to_string()
}

/// A string of structured fields (RFC 9651 section 3.3.3); what it cannot hold is left out.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars().filter(|c| matches!(c, ' '..='~')) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out + "\""
}

/// How long an answer asks to wait: `Retry-After` in seconds. A date is not understood here, where no
/// clock tells one.
pub fn retry_after(fields: &Headers) -> Option<Duration> {
    let seconds: u64 = fields.get("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_micros(seconds.saturating_mul(1_000_000)))
}
