//! HAProxy: sections, what a `backend` says about balancing, and its servers.

use hopscope_core::policy::balance::haproxy::{Config, HashFunction, Hashing, Method, ServerLine, UriPart};
use hopscope_core::time::Duration;

/// A section with its lines, each as words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    /// `global`, `defaults`, `frontend`, `backend` or `listen`.
    pub(crate) kind: String,
    /// Its name, empty where it has none.
    pub(crate) name: String,
    /// Its lines.
    pub(crate) lines: Vec<Vec<String>>,
}

const SECTIONS: [&str; 5] = ["global", "defaults", "frontend", "backend", "listen"];

/// Reads a configuration into its sections.
pub(crate) fn read(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for words in text.lines().map(words).filter(|words| !words.is_empty()) {
        if SECTIONS.contains(&words[0].as_str()) {
            let name = words.get(1).cloned().unwrap_or_default();
            sections.push(Section { kind: words[0].clone(), name, lines: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(words);
        }
    }
    sections
}

/// The words of a line: spaces separate them unless quoted or escaped, `#` ends the line.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let word = words.last_mut().expect("there is always a last word");
        match (c, quote) {
            ('\\', None | Some('"')) => word.extend(chars.next()),
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.push(c),
            ('"' | '\'', None) => quote = Some(c),
            ('#', None) => break,
            (c, None) if c.is_whitespace() => words.push(String::new()),
            (c, None) => word.push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What of a request a `balance` by hash looks at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    Address,
    Uri(UriPart),
    UrlParam(String),
    Header { name: String, domain_only: bool },
}

/// What sets something of a request before it is balanced.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// `http-request set-src hdr(<name>)`.
    Address { header: String },
    /// `http-request set-priority-class int(<n>)`, with the header that it asks for.
    Class(i32, Option<Condition>),
    /// `http-request set-priority-offset int(<n>)`, likewise.
    Offset(i32, Option<Condition>),
}

/// `if { req.hdr(<name>) <value>… }`: whether the header has one of the values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) header: String,
    pub(crate) values: Vec<String>,
}

/// A backend, and what comes before it.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    pub(crate) config: Config,
    /// The names of its servers.
    pub(crate) names: Vec<String>,
    /// What is hashed, for a `balance` by hash.
    pub(crate) source: Option<Source>,
    pub(crate) hashing: Hashing,
    pub(crate) rules: Vec<Rule>,
}

/// Lines that say nothing about who gets a request.
const IDLE: &[&str] = &["bind", "mode", "default_backend", "log", "description", "id", "retries", "stats"];

/// The one backend of a configuration, with the rules and limits of the frontend before it.
pub(crate) fn backend(sections: &[Section]) -> Result<Backend, String> {
    let of_kind = |kind: &'static str| sections.iter().filter(move |s| s.kind == kind);
    let mut backends = of_kind("backend");
    let (Some(section), None) = (backends.next(), backends.next()) else { return Err("it has not one backend but several or none".into()) };
    let mut reading = Reading::default();
    let connections = |section: &Section| number_after(&section.lines, "maxconn");
    let global = of_kind("global").find_map(connections);
    let fronts: Vec<&Section> = of_kind("frontend").collect();
    let total: u32 = fronts.iter().map(|front| connections(front).or(global).unwrap_or(0)).sum();
    let defaults: Vec<&Section> = of_kind("defaults").collect();
    // `timeout queue` is as long as `timeout connect` where it is not said.
    for part in defaults.iter().chain(&fronts).copied().chain([section]) {
        for line in &part.lines {
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            reading.line(&words, part.kind == "backend")?;
        }
    }
    let method = reading.method()?;
    let config = Config {
        method,
        factor: reading.factor,
        servers: reading.servers.iter().map(|(_, line)| *line).collect(),
        all_backups: reading.all_backups,
        redispatch: reading.redispatch,
        fullconn: reading.fullconn.unwrap_or(total.div_ceil(10)),
        queue_timeout: reading.queue_timeout.or(reading.connect_timeout),
    };
    let names = reading.servers.iter().map(|(name, _)| name.clone()).collect();
    Ok(Backend { config, names, source: reading.source()?, hashing: reading.hashing, rules: reading.rules })
}

fn number_after(lines: &[Vec<String>], word: &str) -> Option<u32> {
    lines.iter().find(|line| line[0] == word)?.get(1)?.parse().ok()
}

#[derive(Clone, Debug, Default)]
struct Reading {
    balance: Vec<String>,
    consistent: bool,
    hashing: Hashing,
    factor: u32,
    servers: Vec<(String, ServerLine)>,
    all_backups: bool,
    redispatch: bool,
    fullconn: Option<u32>,
    queue_timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    rules: Vec<Rule>,
}

impl Reading {
    fn line(&mut self, words: &[&str], in_backend: bool) -> Result<(), String> {
        match words {
            ["timeout", "queue", span] => self.queue_timeout = Some(millis(span)?),
            ["timeout", "connect", span] => self.connect_timeout = Some(millis(span)?),
            ["timeout", ..] => {}
            ["maxconn", _] if !in_backend => {}
            ["fullconn", n] => self.fullconn = Some(number(n)?),
            ["option", "allbackups"] => self.all_backups = true,
            ["option", "redispatch", ..] => self.redispatch = true,
            ["no", "option", "redispatch"] => self.redispatch = false,
            ["option", "httplog" | "dontlognull" | "http-keep-alive" | "http-server-close" | "httpclose"] => {}
            ["balance", rest @ ..] => self.balance = rest.iter().map(|&word| word.to_owned()).collect(),
            ["hash-type", rest @ ..] => self.hash_type(rest)?,
            ["hash-balance-factor", n] => self.factor = number(n)?,
            ["http-request", rest @ ..] => self.rules.push(rule(rest)?),
            ["server", name, _address, rest @ ..] => {
                let id = self.servers.iter().map(|(_, line)| line.id).max().unwrap_or(0) + 1;
                self.servers.push(((*name).to_owned(), server(id, rest)?));
            }
            [word, ..] if IDLE.contains(word) => {}
            _ => return Err(format!("not modelled yet: HAProxy's \"{}\"", words.join(" "))),
        }
        Ok(())
    }

    fn hash_type(&mut self, words: &[&str]) -> Result<(), String> {
        self.consistent = match words.first() {
            Some(&"consistent") => true,
            Some(&"map-based") => false,
            other => return Err(format!("hash-type {other:?} is not one that HAProxy has")),
        };
        let function = match words.get(1) {
            None | Some(&"sdbm") => HashFunction::Sdbm,
            Some(&"djb2") => HashFunction::Djb2,
            Some(&"wt6") => HashFunction::Wt6,
            Some(&"crc32") => HashFunction::Crc32,
            Some(&"none") => HashFunction::None,
            Some(other) => return Err(format!("hash function {other} is not one that HAProxy has")),
        };
        // Only the consistent method without a function brings the avalanche by itself.
        let avalanche = words.get(2) == Some(&"avalanche") || (self.consistent && words.len() == 1);
        self.hashing = Hashing { function, avalanche };
        Ok(())
    }

    fn method(&self) -> Result<Method, String> {
        let name = self.balance.first().map_or("roundrobin", String::as_str);
        Ok(match name {
            "roundrobin" => Method::RoundRobin,
            "static-rr" => Method::StaticRoundRobin,
            "leastconn" => Method::LeastConn,
            "first" => Method::First,
            _ if name.starts_with("random") => Method::Random { draws: inside(name).map_or(Ok(2), number)? },
            _ if self.consistent => Method::HashRing,
            _ => Method::HashMap,
        })
    }

    fn source(&self) -> Result<Option<Source>, String> {
        let words: Vec<&str> = self.balance.iter().map(String::as_str).collect();
        Ok(Some(match words.as_slice() {
            ["source"] => Source::Address,
            ["uri", rest @ ..] => Source::Uri(uri_part(rest)?),
            ["url_param", name] => Source::UrlParam((*name).to_owned()),
            [name, rest @ ..] if name.starts_with("hdr(") => {
                let header = inside(name).ok_or("hdr() has no name in it")?.to_owned();
                Source::Header { name: header, domain_only: rest == ["use_domain_only"] }
            }
            ["hash" | "rdp-cookie" | "url_param", ..] => return Err(format!("not modelled yet: HAProxy's balance {}", words.join(" "))),
            _ => return Ok(None),
        }))
    }
}

fn uri_part(words: &[&str]) -> Result<UriPart, String> {
    let mut part = UriPart::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || number(words.next().copied().unwrap_or_default());
        match *word {
            "whole" => part.whole = true,
            "path-only" => part.path_only = true,
            "len" => part.len = value()?,
            "depth" => part.depth = value()?,
            other => return Err(format!("balance uri {other} is not one that HAProxy has")),
        }
    }
    Ok(part)
}

fn rule(words: &[&str]) -> Result<Rule, String> {
    let unknown = || format!("not modelled yet: HAProxy's \"http-request {}\"", words.join(" "));
    let condition = match words.get(2) {
        None => None,
        Some(&"if") => Some(condition(&words[3..]).ok_or_else(unknown)?),
        Some(_) => return Err(unknown()),
    };
    match (words, condition) {
        (["set-src", expression], None) => Ok(Rule::Address { header: header(expression).ok_or_else(unknown)? }),
        (["set-priority-class", n, ..], condition) => Ok(Rule::Class(integer(n).ok_or_else(unknown)?, condition)),
        (["set-priority-offset", n, ..], condition) => Ok(Rule::Offset(integer(n).ok_or_else(unknown)?, condition)),
        _ => Err(unknown()),
    }
}

fn condition(words: &[&str]) -> Option<Condition> {
    let ["{", expression, values @ .., "}"] = words else { return None };
    let values = if let ["-m", "str", rest @ ..] = values { rest } else { values };
    if values.is_empty() || values.iter().any(|value| value.starts_with('-')) {
        return None;
    }
    Some(Condition { header: header(expression)?, values: values.iter().map(|&value| value.to_owned()).collect() })
}

fn header(expression: &str) -> Option<String> {
    let name = ["req.hdr(", "hdr("].iter().find_map(|start| expression.strip_prefix(start))?;
    name.strip_suffix(')').map(str::to_owned)
}

fn integer(expression: &str) -> Option<i32> {
    expression.strip_prefix("int(")?.strip_suffix(')')?.parse().ok()
}

/// What stands in the parentheses of a word.
fn inside(word: &str) -> Option<&str> {
    word.split_once('(')?.1.strip_suffix(')').filter(|inner| !inner.is_empty())
}

fn server(id: u32, words: &[&str]) -> Result<ServerLine, String> {
    let mut line = ServerLine::new(id, 1);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().copied().unwrap_or_default();
        match *word {
            "weight" => line.weight = number(value())?,
            "id" => line.id = number(value())?,
            "maxconn" => line.maxconn = number(value())?,
            "minconn" => line.minconn = number(value())?,
            "maxqueue" => line.maxqueue = number(value())?,
            "slowstart" => line.slowstart = millis(value())?.as_micros().div_ceil(1_000_000) as u32,
            "backup" => line.backup = true,
            "disabled" => line.disabled = true,
            other => return Err(format!("not modelled yet: HAProxy's server option {other}")),
        }
    }
    Ok(line)
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

/// A span; a bare number is milliseconds.
pub(crate) fn millis(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let n = u64::from(number(&text[..digits])?);
    let micros = match &text[digits..] {
        "us" => 1,
        "" | "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        unit => return Err(format!("{unit:?} is no unit of time")),
    };
    Ok(Duration::from_micros(n * micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_read_with_what_is_before_it() {
        let text = "global\n maxconn 2000 # all\ndefaults\n mode http\n timeout connect 1s\nfrontend fe\n bind :80\n \
                    http-request set-priority-class int(-3) if { req.hdr(X-P) 1 2 }\n default_backend be\nbackend be\n \
                    balance uri depth 2\n hash-type consistent crc32\n server a 10.0.0.1:80 weight 3 maxconn 5\n \
                    server b 10.0.0.2:80 backup slowstart 1500ms id 9\n";
        let read = backend(&read(text)).expect("it is a configuration");
        assert_eq!(read.names, ["a", "b"]);
        let a = ServerLine { maxconn: 5, ..ServerLine::new(1, 3) };
        let b = ServerLine { backup: true, slowstart: 2, ..ServerLine::new(9, 1) };
        assert_eq!(read.config.servers, [a, b]);
        assert_eq!((read.config.method, read.config.fullconn), (Method::HashRing, 200));
        assert_eq!(read.config.queue_timeout, Some(Duration::from_secs(1)));
        assert_eq!(read.source, Some(Source::Uri(UriPart { depth: 2, ..UriPart::default() })));
        assert_eq!(read.hashing, Hashing { function: HashFunction::Crc32, avalanche: false });
        let condition = Condition { header: "X-P".into(), values: vec!["1".into(), "2".into()] };
        assert_eq!(read.rules, [Rule::Class(-3, Some(condition))]);
    }

    #[test]
    fn what_is_not_known_is_said() {
        let of = |line: &str| backend(&read(&format!("backend be\n {line}\n server a 1:1\n"))).err();
        assert!(of("stick on src").is_some_and(|why| why.contains("stick on src")));
        assert!(of("balance hash req.hdr(a)").is_some());
        assert!(of("balance random(3)").is_none());
    }
}
