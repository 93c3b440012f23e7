//! HAProxy: stick tables that count rates, what is tracked in them, and what is denied because of them.

use hopscope_core::policy::affinity::Limits;
use hopscope_core::time::Duration;

use super::haproxy::{Section, millis};
use super::sample::{Sample, sample};

/// `stick-table`, with the periods of the rates that it stores.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    /// The section that it stands in.
    pub(crate) name: String,
    /// How many letters of a key count.
    pub(crate) letters: usize,
    pub(crate) limits: Limits,
    /// `http_req_rate(<period>)` in milliseconds.
    pub(crate) requests: Option<u64>,
    /// `conn_rate(<period>)`.
    pub(crate) connections: Option<u64>,
}

/// One of the two rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rate {
    Requests,
    Connections,
}

/// Where a rate is read: of what a counter tracks, or of a key in a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Read {
    Tracked(u8),
    Key(Sample),
}

/// A rate in a table; the table of the counter, or of the section, unless it is named.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fetch {
    pub(crate) rate: Rate,
    pub(crate) read: Read,
    pub(crate) table: Option<String>,
}

/// A test.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    Rate(Fetch, String, i64),
    /// Whether what is taken of the request is one of these, begins with one, or is there at all.
    Is(Sample, Match, Vec<String>),
    Not(Box<Test>),
    Always(bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Match {
    Exactly,
    Beginning,
    Found,
}

/// `if` and `unless`: one of these rows of tests has to hold whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) any: Vec<Vec<Test>>,
    pub(crate) unless: bool,
}

/// What is done, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Track {
        counter: u8,
        key: Sample,
        table: Option<String>,
    },
    Deny {
        status: u16,
    },
    /// A rate is shown to the client.
    Show(Fetch),
}

/// An action with its condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) action: Action,
    pub(crate) condition: Option<Condition>,
}

/// The tables of a configuration, and the rules of its frontend.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rates {
    pub(crate) tables: Vec<Table>,
    pub(crate) rules: Vec<Rule>,
    /// The name of the section that the rules stand in.
    pub(crate) section: String,
    /// The server that everybody gets who is not denied.
    pub(crate) server: Option<String>,
}

fn unknown(words: &[&str]) -> String {
    format!("not modelled yet: HAProxy's \"{}\"", words.join(" "))
}

/// Reads tables and rules.
pub(crate) fn rates(sections: &[Section]) -> Result<Rates, String> {
    let mut read = Rates::default();
    let mut servers = Vec::new();
    let mut acls: Vec<(String, Test)> = Vec::new();
    for section in sections.iter().filter(|s| matches!(s.kind.as_str(), "frontend" | "backend" | "listen")) {
        if matches!(section.kind.as_str(), "frontend" | "listen") {
            if !read.section.is_empty() {
                return Err("it has several frontends".into());
            }
            read.section.clone_from(&section.name);
        }
        for line in &section.lines {
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["stick-table", rest @ ..] => read.tables.push(table(&section.name, rest)?),
                ["server", name, ..] => servers.push((*name).to_owned()),
                ["acl", name, test @ ..] => acls.push(((*name).to_owned(), single(test)?)),
                ["http-request" | "tcp-request", rest @ ..] => {
                    let rest = match rest {
                        ["connection" | "content" | "session", inner @ ..] => inner,
                        other => other,
                    };
                    read.rules.extend(rule(rest, &acls)?);
                }
                [
                    "http-after-response"
                    | "http-response"
                    | "bind"
                    | "mode"
                    | "default_backend"
                    | "balance"
                    | "timeout"
                    | "option"
                    | "log"
                    | "maxconn"
                    | "description"
                    | "retries",
                    ..,
                ] => {}
                other => return Err(unknown(other)),
            }
        }
    }
    read.server = Some(servers).filter(|servers| servers.len() == 1).and_then(|mut servers| servers.pop());
    Ok(read)
}

fn table(name: &str, words: &[&str]) -> Result<Table, String> {
    let mut table = Table { name: name.to_owned(), letters: 32, ..Table::default() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().copied().unwrap_or_default();
        match *word {
            "type" => table.letters = if value() == "string" { 32 } else { usize::MAX },
            "len" => table.letters = value().parse().map_err(|_| "stick-table has no len".to_owned())?,
            "size" => table.limits.size = size(value())?,
            "expire" => table.limits.expire = millis(value())?,
            "nopurge" => table.limits.nopurge = true,
            "store" => value().split(',').try_for_each(|item| store(&mut table, item))?,
            other => return Err(format!("not modelled yet: HAProxy's stick-table {other}")),
        }
    }
    Ok(table)
}

fn store(table: &mut Table, item: &str) -> Result<(), String> {
    let (name, rest) = item.split_once('(').unwrap_or((item, ""));
    let period = || Ok::<_, String>(Some(millis(rest.trim_end_matches(')'))?.max(Duration::from_millis(1)).as_micros() / 1_000));
    match name {
        "http_req_rate" => table.requests = period()?,
        "conn_rate" => table.connections = period()?,
        // What is stored besides, nobody here looks at.
        _ => {}
    }
    Ok(())
}

fn size(text: &str) -> Result<u32, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        other => return Err(format!("{other:?} is no unit of size")),
    };
    Ok(digits.parse::<u32>().map_err(|_| format!("{text:?} is no size"))? * unit)
}

fn rule(words: &[&str], acls: &[(String, Test)]) -> Result<Option<Rule>, String> {
    let split = words.iter().position(|word| matches!(*word, "if" | "unless")).unwrap_or(words.len());
    let (act, test) = words.split_at(split);
    let condition = match test {
        [] => None,
        [how, rest @ ..] => Some(Condition { any: tests(rest, acls)?, unless: *how == "unless" }),
    };
    let action = match act {
        [track, expression, rest @ ..] if track.starts_with("track-sc") => {
            let counter = track[8..].parse().map_err(|_| unknown(words))?;
            let table = match rest {
                [] => None,
                ["table", name] => Some((*name).to_owned()),
                _ => return Err(unknown(words)),
            };
            Action::Track { counter, key: sample(expression)?, table }
        }
        ["deny" | "reject" | "tarpit" | "return", rest @ ..] => {
            let at = rest.iter().position(|word| matches!(*word, "deny_status" | "status"));
            let told = at.and_then(|at| rest.get(at + 1)).map(|status| status.parse().map_err(|_| unknown(words))).transpose()?;
            let usual = match act[0] {
                "tarpit" => 500,
                "return" => 200,
                _ => 403,
            };
            Action::Deny { status: told.unwrap_or(usual) }
        }
        [set, expression] if set.starts_with("set-var") => match fetch(expression) {
            Ok(fetch) => Action::Show(fetch),
            Err(_) => return Ok(None),
        },
        [set, ..] if ["set-", "add-", "del-", "capture"].iter().any(|start| set.starts_with(start)) => return Ok(None),
        ["inspect-delay" | "accept" | "allow", ..] if condition.is_none() => return Ok(None),
        _ => return Err(unknown(words)),
    };
    Ok(Some(Rule { action, condition }))
}

fn tests(words: &[&str], acls: &[(String, Test)]) -> Result<Vec<Vec<Test>>, String> {
    let mut any = vec![Vec::new()];
    let mut words = words.iter().copied().peekable();
    let mut negated = false;
    while let Some(word) = words.next() {
        let (not, word) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
        negated ^= not;
        let test = match word {
            "" => continue,
            "or" | "||" => {
                any.push(Vec::new());
                continue;
            }
            "{" => {
                let inner: Vec<&str> = words.by_ref().take_while(|word| *word != "}").collect();
                single(&inner)?
            }
            "TRUE" => Test::Always(true),
            "FALSE" => Test::Always(false),
            name => {
                // Lines of one name add up.
                let named: Vec<Test> = acls.iter().filter(|(n, _)| n == name).map(|(_, test)| test.clone()).collect();
                match <[Test; 1]>::try_from(named) {
                    Ok([test]) => test,
                    Err(_) => return Err(format!("acl {name} is not there, or not once")),
                }
            }
        };
        let test = if core::mem::take(&mut negated) { Test::Not(Box::new(test)) } else { test };
        any.last_mut().into_iter().for_each(|row| row.push(test.clone()));
    }
    Ok(any)
}

/// `<fetch> [<operator>] <values>`.
fn single(words: &[&str]) -> Result<Test, String> {
    let [expression, rest @ ..] = words else { return Err("an empty condition".into()) };
    if let Ok(fetch) = fetch(expression) {
        let number = |text: &str| text.parse::<i64>().map_err(|_| unknown(words));
        return match rest {
            [operator @ ("gt" | "ge" | "lt" | "le" | "eq"), n] => Ok(Test::Rate(fetch, (*operator).to_owned(), number(n)?)),
            [n] => Ok(Test::Rate(fetch, "eq".into(), number(n)?)),
            _ => Err(unknown(words)),
        };
    }
    let owned = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
    let (taken, beginning) = match expression.strip_suffix("_beg") {
        Some(start) => (sample(start)?, true),
        None => (sample(expression)?, false),
    };
    match rest {
        ["-m", "found"] => Ok(Test::Is(taken, Match::Found, Vec::new())),
        ["-m", "beg", values @ ..] => Ok(Test::Is(taken, Match::Beginning, owned(values))),
        ["-m", "str", values @ ..] => Ok(Test::Is(taken, Match::Exactly, owned(values))),
        values if values.iter().all(|value| !value.starts_with('-') && !value.contains('/') || beginning || taken.is_path()) => {
            Ok(Test::Is(taken, if beginning { Match::Beginning } else { Match::Exactly }, owned(values)))
        }
        _ => Err(unknown(words)),
    }
}

/// `sc_http_req_rate(0)`, `sc0_http_req_rate`, `src_conn_rate(table)`.
fn fetch(expression: &str) -> Result<Fetch, String> {
    let not_one = || format!("{expression} is no rate");
    let (name, inside) = match expression.split_once('(') {
        Some((name, inside)) => (name, inside.strip_suffix(')').ok_or_else(not_one)?),
        None => (expression, ""),
    };
    let arguments: Vec<&str> = inside.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let (whose, rate) = match name {
        _ if name.ends_with("_http_req_rate") => (&name[..name.len() - 14], Rate::Requests),
        _ if name.ends_with("_conn_rate") => (&name[..name.len() - 10], Rate::Connections),
        _ => return Err(not_one()),
    };
    let table = |at: usize| arguments.get(at).map(|&name| name.to_owned());
    match whose {
        "sc" => {
            let counter = arguments.first().and_then(|n| n.parse().ok()).ok_or_else(not_one)?;
            Ok(Fetch { rate, read: Read::Tracked(counter), table: table(1) })
        }
        "src" => Ok(Fetch { rate, read: Read::Key(sample("src")?), table: table(0) }),
        _ => {
            let counter = whose.strip_prefix("sc").and_then(|n| n.parse().ok()).ok_or_else(not_one)?;
            Ok(Fetch { rate, read: Read::Tracked(counter), table: table(0) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::haproxy::read;
    use super::*;

    #[test]
    fn tables_and_rules_are_read() {
        let text = "frontend fe\n acl fast sc0_http_req_rate(st) ge 7\n http-request track-sc0 req.hdr(X-K),lower table st\n \
                    http-request deny if fast !{ path_beg /free } or { src_conn_rate gt 2 }\n \
                    http-request deny deny_status 429 unless { sc_http_req_rate(0) le 9 }\n default_backend be\n\
                    backend be\n server s1 1:1\n\
                    backend st\n stick-table type string len 5 size 2k expire 1m store http_req_rate(10s),conn_rate(500)\n";
        let read = rates(&read(text)).expect("it is a configuration");
        let limits = Limits { size: 2_048, expire: Duration::from_secs(60), nopurge: false };
        let table = Table { name: "st".into(), letters: 5, limits, requests: Some(10_000), connections: Some(500) };
        assert_eq!((read.tables, read.server.as_deref()), (vec![table], Some("s1")));
        let statuses = read.rules.iter().map(|rule| match rule.action {
            Action::Deny { status } => status,
            _ => 0,
        });
        let statuses: Vec<u16> = statuses.collect();
        assert_eq!(statuses, [0, 403, 429]);
        let any = &read.rules[1].condition.as_ref().expect("it has one").any;
        assert_eq!(any.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    }
}
