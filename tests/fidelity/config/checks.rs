//! HAProxy: what servers say about their checks, taken out of a configuration.

use hopscope_core::policy::health::{Action, CheckKind, Checks, Observe, Rules};
use hopscope_core::time::Duration;

use super::haproxy::{Section, millis};

/// The rules of each server that is checked, in the order of the `server` lines; `None` for others.
/// What is about checks is taken out, so that the rest can be read as of any backend.
pub(crate) fn take(sections: &mut [Section]) -> Result<Vec<Option<Rules>>, String> {
    let mut whole = Checks { kind: CheckKind::Tcp, status: 0, ..Checks::default() };
    let mut default = Line::default();
    let mut servers = Vec::new();
    for section in sections.iter_mut() {
        for words in &mut section.lines {
            match words[0].as_str() {
                "server" => servers.push(line(default.clone(), words)?),
                "default-server" => default = line(default, words)?,
                "spread-checks" => whole.jitter_percent = number(words.get(1))?,
                "option" if words[1] == "httpchk" => whole.kind = CheckKind::Http,
                "http-check" => match words[1..].iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    ["expect", "status", status] => whole.status = status.parse().map_err(|_| format!("{status} is no status"))?,
                    ["send", ..] => {}
                    _ => return Err(format!("not modelled yet: HAProxy's \"{}\"", words.join(" "))),
                },
                "timeout" if words[1] == "check" => whole.timeout = millis(&words[2])?,
                _ => {}
            }
        }
        section.lines.retain(|words| !is_about_checks(words));
    }
    Ok(servers.into_iter().map(|line| line.rules(&whole)).collect())
}

fn is_about_checks(words: &[String]) -> bool {
    match words[0].as_str() {
        "http-check" | "spread-checks" => true,
        "default-server" => words.len() == 1,
        "option" => matches!(words[1].as_str(), "httpchk" | "tcp-check" | "log-health-checks"),
        _ => false,
    }
}

#[derive(Clone, Default)]
struct Line {
    checked: bool,
    checks: Checks,
    observed: bool,
    observe: Observe,
}

impl Line {
    fn rules(self, whole: &Checks) -> Option<Rules> {
        let Checks { kind, status, jitter_percent, timeout, .. } = *whole;
        let checks = Checks { kind, status, jitter_percent, timeout, ..self.checks };
        let observe = self.observed.then_some(self.observe);
        self.checked.then_some(Rules { checks: Some(checks), observe, ..Rules::default() })
    }
}

/// Takes the words about checks out of a line.
fn line(mut line: Line, words: &mut Vec<String>) -> Result<Line, String> {
    // A server's name may be any word.
    let first = if words[0] == "server" { 3 } else { 1 };
    let mut place = first;
    while place < words.len() {
        let name = words[place].clone();
        let value = words.get(place + 1).cloned();
        let span = || -> Result<Duration, String> { millis(value.as_deref().unwrap_or_default()) };
        let taken = match name.as_str() {
            "check" | "no-check" => {
                line.checked = name == "check";
                1
            }
            "inter" => take_one(&mut line.checks.interval, span()?),
            "fastinter" => take_one(&mut line.checks.fast_interval, span()?),
            "downinter" => take_one(&mut line.checks.down_interval, span()?),
            "fall" => take_one(&mut line.checks.fall, number(value.as_ref())?),
            "rise" => take_one(&mut line.checks.rise, number(value.as_ref())?),
            "error-limit" => take_one(&mut line.observe.errors, number(value.as_ref())?),
            "observe" if value.as_deref() == Some("layer7") => take_one(&mut line.observed, true),
            "on-error" => take_one(&mut line.observe.action, action(value.as_deref().unwrap_or_default())?),
            _ => 0,
        };
        words.drain(place..(place + taken).min(words.len()));
        place += usize::from(taken == 0);
    }
    Ok(line)
}

fn take_one<T>(field: &mut T, value: T) -> usize {
    *field = value;
    2
}

fn number(text: Option<&String>) -> Result<u32, String> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| format!("{text:?} is no number"))
}

fn action(name: &str) -> Result<Action, String> {
    Ok(match name {
        "fastinter" => Action::Fastinter,
        "fail-check" => Action::FailCheck,
        "sudden-death" => Action::SuddenDeath,
        "mark-down" => Action::MarkDown,
        other => return Err(format!("on-error {other} is not one that HAProxy has")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::haproxy::{backend, read};

    #[test]
    fn what_is_about_checks_is_taken_out() {
        let text = "global\n spread-checks 5\ndefaults\n timeout check 300ms\nbackend be\n option httpchk GET /up\n \
                    http-check expect status 204\n default-server inter 1s fall 4 weight 1\n \
                    server check 1:1 check rise 5 observe layer7 error-limit 7 on-error sudden-death weight 3\n server b 1:2\n";
        let mut sections = read(text);
        let rules = take(&mut sections).expect("they are rules");
        let checks = Checks {
            kind: CheckKind::Http,
            interval: Duration::from_secs(1),
            timeout: Duration::from_millis(300),
            fall: 4,
            rise: 5,
            status: 204,
            jitter_percent: 5,
            ..Checks::default()
        };
        let observe = Observe { errors: 7, action: Action::SuddenDeath };
        assert_eq!(rules, [Some(Rules { checks: Some(checks), observe: Some(observe), ..Rules::default() }), None]);
        assert!(backend(&sections).is_err_and(|why| why.contains("default-server weight 1")));
        sections[2].lines.retain(|words| words[0] != "default-server");
        assert_eq!(backend(&sections).expect("the rest is a backend").names, ["check", "b"]);
    }
}
