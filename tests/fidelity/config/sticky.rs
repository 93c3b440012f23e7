//! HAProxy: what a `backend` says about who stays with whom, and about servers that cannot be reached.

use hopscope_core::policy::affinity::{Cookie, Limits, Retries};
use hopscope_core::time::Duration;

use super::haproxy::{Backend, Section, backend, millis};

/// A backend with what keeps its clients.
#[derive(Clone, Debug)]
pub(crate) struct Sticky {
    pub(crate) backend: Backend,
    pub(crate) cookie: Option<Cookie>,
    /// The cookie's value for each server.
    pub(crate) values: Vec<Option<String>>,
    pub(crate) retries: Retries,
    /// `option persist`: who is down keeps theirs.
    pub(crate) persist: bool,
    pub(crate) table: Option<Limits>,
    /// How many letters of a key count.
    pub(crate) letters: usize,
    pub(crate) rules: Vec<Rule>,
    /// The health checks of each server.
    pub(crate) checks: Vec<Option<Check>>,
}

/// `stick on`, `stick match`, `stick store-request`, `stick store-response`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) matches: bool,
    pub(crate) stores: bool,
    pub(crate) of_answer: bool,
    pub(crate) key: Key,
    pub(crate) lower: bool,
}

/// What a rule takes of a request or answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    Source,
    Header(String),
    WholeHeader(String),
    Cookie(String),
    UrlParam(String),
    Path,
    Url,
}

/// `check inter … fall … rise …` of a server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Check {
    inter: Duration,
    fast: Option<Duration>,
    down: Option<Duration>,
    fall: u32,
    rise: u32,
}

impl Check {
    const fn new() -> Self {
        Self { inter: Duration::from_secs(2), fast: None, down: None, fall: 3, rise: 2 }
    }

    /// At the latest how long after its checks begin to fail it is down. `fresh`: before any has passed.
    pub(crate) fn falls(&self, fresh: bool) -> Duration {
        let fails = if fresh { 1 } else { self.fall.max(1) };
        (1..fails).fold(self.inter, |sum, _| sum + self.fast.unwrap_or(self.inter))
    }

    /// At the latest how long after its checks begin to pass it is up.
    pub(crate) fn rises(&self) -> Duration {
        (1..self.rise.max(1)).fold(self.down.unwrap_or(self.inter), |sum, _| sum + self.fast.unwrap_or(self.inter))
    }
}

#[derive(Default)]
struct Reading {
    cookie: Option<Cookie>,
    retries: Retries,
    persist: bool,
    table: Option<Limits>,
    letters: usize,
    rules: Vec<Rule>,
    values: Vec<Option<String>>,
    checks: Vec<Option<Check>>,
    default_check: Option<Check>,
}

/// Reads what is here, and leaves the rest to [`backend`].
pub(crate) fn sticky(sections: &[Section]) -> Result<Sticky, String> {
    let mut reading = Reading { retries: Retries { most: 3, ..Retries::default() }, letters: 32, ..Reading::default() };
    let mut rest = sections.to_vec();
    for section in rest.iter_mut().filter(|s| s.kind != "global") {
        let mut lines = Vec::new();
        for line in &section.lines {
            lines.extend(reading.line(line)?);
        }
        section.lines = lines;
    }
    Ok(Sticky {
        backend: backend(&rest)?,
        cookie: reading.cookie,
        values: reading.values,
        retries: reading.retries,
        persist: reading.persist,
        table: reading.table,
        letters: reading.letters,
        rules: reading.rules,
        checks: reading.checks,
    })
}

impl Reading {
    /// Takes a line, and gives back what of it is for somebody else.
    fn line(&mut self, line: &[String]) -> Result<Option<Vec<String>>, String> {
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["cookie", name, options @ ..] => self.cookie = Some(cookie(name, options)?),
            ["stick-table", options @ ..] => self.stick_table(options)?,
            ["stick", what, key] => self.rules.push(rule(what, key)?),
            ["retries", n] => self.retries.most = number(n)?,
            ["option", "persist"] => self.persist = true,
            ["no", "option", "persist"] => self.persist = false,
            ["option", "httpchk" | "tcp-check", ..] | ["http-check", ..] => {}
            ["option", "redispatch"] => {
                self.retries.redispatch = -1;
                return Ok(Some(line.to_vec()));
            }
            ["option", "redispatch", every] => {
                self.retries.redispatch = every.parse().map_err(|_| format!("{every:?} is no interval"))?;
                return Ok(Some(line.to_vec()));
            }
            ["no", "option", "redispatch"] => {
                self.retries.redispatch = 0;
                return Ok(Some(line.to_vec()));
            }
            ["timeout", "connect", span] => {
                self.retries.connect = millis(span)?;
                return Ok(Some(line.to_vec()));
            }
            ["default-server", options @ ..] => {
                let mut check = Check::new();
                let (_, _, others) = server(options, &mut check)?;
                if !others.is_empty() {
                    return Err(format!("not modelled yet: HAProxy's default-server {}", others.join(" ")));
                }
                self.default_check = Some(check);
            }
            ["server", name, address, options @ ..] => {
                let mut check = self.default_check.unwrap_or(Check::new());
                let (value, checked, others) = server(options, &mut check)?;
                self.values.push(value);
                self.checks.push(checked.then_some(check));
                let start = ["server", name, address].map(str::to_owned);
                return Ok(Some(start.into_iter().chain(others).collect()));
            }
            _ => return Ok(Some(line.to_vec())),
        }
        Ok(None)
    }

    fn stick_table(&mut self, options: &[&str]) -> Result<(), String> {
        let (mut limits, mut options) = (Limits::default(), options.iter());
        while let Some(option) = options.next() {
            let mut value = || options.next().copied().unwrap_or_default();
            match *option {
                "type" | "store" | "srvkey" => drop(value()),
                "len" => self.letters = number(value())? as usize,
                "size" => limits.size = size(value())?,
                "expire" => limits.expire = millis(value())?,
                "nopurge" => limits.nopurge = true,
                other => return Err(format!("not modelled yet: HAProxy's stick-table {other}")),
            }
        }
        self.table = Some(limits);
        Ok(())
    }
}

fn cookie(name: &str, options: &[&str]) -> Result<Cookie, String> {
    let mut cookie = Cookie { name: name.to_owned(), ..Cookie::default() };
    let (mut inserts, mut flags, mut attributes, mut options) = (false, ("", ""), String::new(), options.iter());
    while let Some(option) = options.next() {
        match *option {
            "insert" => inserts = true,
            "indirect" => cookie.indirect = true,
            "nocache" => cookie.nocache = true,
            "postonly" => cookie.postonly = true,
            "preserve" => cookie.preserve = true,
            "httponly" => flags.0 = "; HttpOnly",
            "secure" => flags.1 = "; Secure",
            "domain" => cookie.attributes += &["; domain=", options.next().copied().unwrap_or_default()].concat(),
            "attr" => attributes += &["; ", options.next().copied().unwrap_or_default()].concat(),
            other => return Err(format!("not modelled yet: HAProxy's cookie {other}")),
        }
    }
    if !inserts {
        return Err("not modelled yet: a cookie of HAProxy's that it does not insert".into());
    }
    cookie.attributes += &[flags.0, flags.1, &attributes].concat();
    Ok(cookie)
}

fn rule(what: &str, key: &str) -> Result<Rule, String> {
    let unknown = || format!("not modelled yet: HAProxy's \"stick {what} {key}\"");
    let (matches, stores, of_answer) = match what {
        "on" => (true, true, false),
        "match" => (true, false, false),
        "store-request" => (false, true, false),
        "store-response" => (false, true, true),
        _ => return Err(unknown()),
    };
    let (sample, lower) = match key.split_once(',') {
        Some((sample, "lower")) => (sample, true),
        Some(_) => return Err(unknown()),
        None => (key, false),
    };
    let (name, inner) = sample.strip_suffix(')').and_then(|s| s.split_once('(')).unwrap_or((sample, ""));
    let inner = inner.to_owned();
    let key = match name {
        "src" => Key::Source,
        "req.hdr" | "hdr" => Key::Header(inner),
        "req.fhdr" => Key::WholeHeader(inner),
        "req.cook" | "cook" | "res.cook" => Key::Cookie(inner),
        "url_param" | "urlp" => Key::UrlParam(inner),
        "path" => Key::Path,
        "url" => Key::Url,
        _ => return Err(unknown()),
    };
    Ok(Rule { matches, stores, of_answer, key, lower })
}

/// The value of a server's cookie, whether it is checked, and what else stands in its line.
fn server(options: &[&str], check: &mut Check) -> Result<(Option<String>, bool, Vec<String>), String> {
    let (mut value, mut checked, mut others, mut options) = (None, false, Vec::new(), options.iter());
    while let Some(option) = options.next() {
        let mut next = || options.next().copied().unwrap_or_default();
        match *option {
            "check" => checked = true,
            "cookie" => value = Some(next().to_owned()),
            "inter" => check.inter = millis(next())?,
            "fastinter" => check.fast = Some(millis(next())?),
            "downinter" => check.down = Some(millis(next())?),
            "fall" => check.fall = number(next())?,
            "rise" => check.rise = number(next())?,
            other => others.push(other.to_owned()),
        }
    }
    Ok((value, checked, others))
}

/// A size: `k`, `m` and `g` are powers of 1,024.
fn size(text: &str) -> Result<u32, String> {
    let shift = ["k", "m", "g"].iter().position(|unit| text.to_ascii_lowercase().ends_with(unit));
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let n = number(digits)?;
    shift.map_or(Some(n), |i| n.checked_mul(1 << (10 * (i + 1)))).ok_or_else(|| format!("{text:?} is too large"))
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

#[cfg(test)]
mod tests {
    use super::super::haproxy::read;
    use super::*;

    #[test]
    fn what_keeps_clients_is_read() {
        let text = "defaults\n timeout connect 500ms\n retries 5\nbackend be\n cookie X insert nocache domain a.b attr S=1 secure\n \
                    option redispatch -2\n stick-table type string len 8 size 2k expire 3s nopurge\n stick on req.hdr(U),lower\n \
                    server a 1:1 cookie x weight 2 check inter 100 fall 4\n server b 1:2 backup\n";
        let read = sticky(&read(text)).expect("it is a configuration");
        let cookie = read.cookie.expect("there is one");
        assert_eq!(cookie.attributes, "; domain=a.b; Secure; S=1");
        assert!(cookie.nocache && !cookie.indirect);
        assert_eq!(read.values, [Some("x".to_owned()), None]);
        assert_eq!(read.retries, Retries { most: 5, redispatch: -2, connect: Duration::from_millis(500) });
        assert_eq!(read.table, Some(Limits { size: 2_048, expire: Duration::from_secs(3), nopurge: true }));
        assert_eq!(read.rules[0].key, Key::Header("U".into()));
        assert_eq!(read.checks[0].map(|c| (c.falls(false), c.falls(true))), Some((Duration::from_millis(400), Duration::from_millis(100))));
        assert_eq!((read.backend.names.as_slice(), read.backend.config.servers[0].weight), (&["a".to_owned(), "b".to_owned()][..], 2));
    }

    #[test]
    fn what_is_not_known_is_said() {
        let of = |line: &str| sticky(&read(&format!("backend be\n {line}\n server a 1:1\n"))).err();
        assert!(of("cookie X prefix").is_some_and(|why| why.contains("prefix")));
        assert!(of("stick on src table other").is_some());
        assert!(of("stick on rand").is_some_and(|why| why.contains("rand")));
        assert!(of("stick on src").is_none());
    }
}
