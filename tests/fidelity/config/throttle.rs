//! Varnish: what a VCL does with vmod vsthrottle.

use hopscope_core::policy::limit::varnish::Throttle;
use hopscope_core::time::Duration;

use super::varnish::{argument, block, brackets, span};

/// A call: the expression of its key, and the numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) key: String,
    pub(crate) throttle: Throttle,
}

/// What `vcl_recv` does, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// `if (vsthrottle.is_denied(…)) { return (synth(<status>)); }`
    Deny(Call, u16),
    /// `set … = vsthrottle.remaining(…)`
    Remaining(Call),
    /// `return (…)`, with the status that comes of it.
    Return(u16),
}

/// `vcl_recv` of a VCL, and the call that shows what is left when the answer is sent.
pub(crate) fn read(text: &str) -> Result<(Vec<Step>, Option<Call>), String> {
    let body = block(text, "sub", "vcl_recv").ok_or("there is no vcl_recv")?;
    let steps = steps(body)?;
    let shown = ["vcl_synth", "vcl_deliver"]
        .iter()
        .filter_map(|name| block(text, "sub", name))
        .find_map(|body| body.split_once("vsthrottle.remaining("));
    let shown = shown.map(|(_, rest)| call(rest)).transpose()?;
    Ok((steps, shown))
}

fn steps(body: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = body.trim_start();
    while !rest.is_empty() {
        rest = match (rest.strip_prefix("if"), rest.strip_prefix("set")) {
            (Some(after), _) => denial(after, &mut steps)?,
            (_, Some(after)) => {
                let (statement, after) = after.split_once(';').ok_or("a statement does not end")?;
                if let Some((_, arguments)) = statement.split_once("vsthrottle.remaining(") {
                    steps.push(Step::Remaining(call(arguments)?));
                }
                after
            }
            _ => {
                let (statement, after) = rest.split_once(';').ok_or("a statement does not end")?;
                if let Some(what) = statement.trim().strip_prefix("return") {
                    steps.push(Step::Return(status(what)));
                } else if statement.contains("vsthrottle") {
                    return Err(format!("not modelled yet: Varnish's {}", statement.trim()));
                }
                after
            }
        }
        .trim_start();
    }
    Ok(steps)
}

/// `(vsthrottle.is_denied(…)) { … }`, and what follows it.
fn denial<'a>(after: &'a str, steps: &mut Vec<Step>) -> Result<&'a str, String> {
    let unknown = || "not modelled yet: a condition of Varnish's that is not is_denied alone".to_owned();
    let (condition, rest) = after.split_once('{').ok_or_else(unknown)?;
    let (inside, rest) = rest.split_once('}').ok_or_else(unknown)?;
    let condition = condition.trim().strip_prefix('(').and_then(|c| c.strip_suffix(')')).ok_or_else(unknown)?.trim();
    let arguments = condition.strip_prefix("vsthrottle.is_denied(").ok_or_else(unknown)?;
    let after_call = inside.trim().strip_prefix("return").ok_or_else(unknown)?;
    if arguments.matches('(').count() + 1 != arguments.matches(')').count() || rest.trim_start().starts_with("else") {
        return Err(unknown());
    }
    steps.push(Step::Deny(call(arguments)?, status(after_call)));
    Ok(rest)
}

/// The status of `(synth(429, "…"))`; anything else ends with an answer.
fn status(what: &str) -> u16 {
    let inside = what.split_once("synth(").map_or("", |(_, inside)| inside);
    inside.split([',', ')']).next().and_then(|number| number.trim().parse().ok()).unwrap_or(200)
}

/// `key, limit, period[, block]`, named or not, up to the closing bracket.
fn call(text: &str) -> Result<Call, String> {
    let words = brackets(text);
    let word = |name: &str, place: usize| argument(&words, name, place);
    let key = word("key", 0).ok_or("vsthrottle has no key")?.to_owned();
    let limit = word("limit", 1).and_then(|n| n.parse().ok()).ok_or("vsthrottle has no limit")?;
    let period = span(word("period", 2).ok_or("vsthrottle has no period")?)?;
    let block = word("block", 3).map_or(Ok(Duration::ZERO), |text| if text == "0" { Ok(Duration::ZERO) } else { span(text) })?;
    Ok(Call { key, throttle: Throttle { limit, period, block } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vcl_is_read() {
        let text = "sub vcl_recv { set req.http.T = now; if (vsthrottle.is_denied(\"a\" + req.http.K, 5, 500ms, 2s)) {\n return (synth(429, \"Slow\")); }
            if (vsthrottle.is_denied(client.ip, limit=9, period=1m)) { return (synth(503)); } return (pass); }
            sub vcl_deliver { set resp.http.L = vsthrottle.remaining(client.ip, 9, 60s); }";
        let throttle = |limit, ms, block| Throttle { limit, period: Duration::from_millis(ms), block: Duration::from_millis(block) };
        let (first, second) = (throttle(5, 500, 2_000), throttle(9, 60_000, 0));
        let expect = [
            Step::Deny(Call { key: "\"a\" + req.http.K".into(), throttle: first }, 429),
            Step::Deny(Call { key: "client.ip".into(), throttle: second }, 503),
            Step::Return(200),
        ];
        assert_eq!(read(text), Ok((expect.to_vec(), Some(Call { key: "client.ip".into(), throttle: second }))));
        assert!(read("sub vcl_recv { if (req.url == \"/\" && vsthrottle.is_denied(client.ip, 1, 1s)) { return (synth(429)); } }").is_err());
    }
}
