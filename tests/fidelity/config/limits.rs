//! nginx: the zones of `limit_req` and `limit_conn`, and which limits a request meets.

use hopscope_core::policy::limit::nginx::{ConnLimit, ConnZone, ReqLimit, ReqZone};

use super::nginx::Directive;

/// A zone's key, and its place among its like.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Zone {
    pub(crate) name: String,
    /// The expression of its key.
    pub(crate) key: String,
}

/// `limit_req_zone <key> zone=<name>:<size> rate=<n>r/s`, in order.
pub(crate) fn req_zones(config: &Directive) -> Result<Vec<(Zone, u64, ReqZone)>, String> {
    config.all("limit_req_zone").into_iter().map(req_zone).collect()
}

fn req_zone(directive: &Directive) -> Result<(Zone, u64, ReqZone), String> {
    let (zone, bytes) = zone(directive)?;
    let text = word(directive, "rate=").ok_or("limit_req_zone has no rate")?;
    let (number, per) = match (text.strip_suffix("r/s"), text.strip_suffix("r/m")) {
        (Some(number), _) => (number, 1),
        (_, Some(number)) => (number, 60),
        _ => (text, 1),
    };
    // Thousandths, cut off: 10r/m are 166, and not 166.67.
    let rate = number.parse::<u64>().map_err(|_| format!("{text:?} is no rate"))? * 1_000 / per;
    let memory = ReqZone::new(rate, bytes, zone.name.len());
    Ok((zone, rate, memory))
}

/// `limit_conn_zone <key> zone=<name>:<size>`, in order.
pub(crate) fn conn_zones(config: &Directive) -> Result<Vec<(Zone, ConnZone)>, String> {
    let read = |directive: &Directive| {
        let (zone, bytes) = zone(directive)?;
        let memory = ConnZone::new(bytes, zone.name.len());
        Ok((zone, memory))
    };
    config.all("limit_conn_zone").into_iter().map(read).collect()
}

fn zone(directive: &Directive) -> Result<(Zone, usize), String> {
    let key = directive.args().first().ok_or("a zone has no key")?.clone();
    let (name, size) = word(directive, "zone=").and_then(|zone| zone.split_once(':')).ok_or("a zone has no name or size")?;
    Ok((Zone { name: name.to_owned(), key }, bytes(size)?))
}

/// A size such as `1m` or `64k`.
fn bytes(size: &str) -> Result<usize, String> {
    let digits = size.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &size[digits.len()..] {
        "" => 1,
        "k" | "K" => 1 << 10,
        "m" | "M" => 1 << 20,
        other => return Err(format!("{other:?} is no unit of size")),
    };
    Ok(digits.parse::<usize>().map_err(|_| format!("{size:?} is no size"))? * unit)
}

fn word<'a>(directive: &'a Directive, start: &str) -> Option<&'a str> {
    directive.args().iter().find_map(|word| word.strip_prefix(start))
}

/// The blocks around a request, from the outermost: `http`, `server`, `location`s.
#[derive(Clone, Debug)]
pub(crate) struct Path<'a>(Vec<&'a Directive>);

impl<'a> Path<'a> {
    /// The blocks that a request with that host and path meets.
    pub(crate) fn of(config: &'a Directive, host: &str, path: &str) -> Result<Self, String> {
        let http = config.find("http").ok_or("there is no http block")?;
        let servers: Vec<&Directive> = http.inside.iter().filter(|d| d.name() == "server").collect();
        let is_named = |server: &&&Directive| named(server).any(|name| name.eq_ignore_ascii_case(host));
        let server = servers.iter().find(is_named).or(servers.first()).ok_or("there is no server block")?;
        let mut blocks = vec![http, *server];
        while let Some(location) = location(blocks[blocks.len() - 1], path)? {
            blocks.push(location);
        }
        if blocks.iter().any(|block| block.inside.iter().any(|d| d.name() == "if")) {
            return Err("not modelled yet: nginx's if beside a limit".into());
        }
        Ok(Self(blocks))
    }

    /// `$server_name`.
    pub(crate) fn server_name(&self) -> String {
        named(self.0[1]).next().unwrap_or_default().to_owned()
    }

    /// Directives of that name in the innermost block that has any: a block that has one takes none
    /// from around it.
    pub(crate) fn directives(&self, name: &str) -> Vec<&'a Directive> {
        let of = |block: &&'a Directive| block.inside.iter().filter(|d| d.name() == name).collect::<Vec<_>>();
        self.0.iter().rev().map(of).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// A single argument.
    pub(crate) fn value(&self, name: &str) -> Option<&'a str> {
        self.directives(name).first()?.args().first().map(String::as_str)
    }

    /// The status of a `return`, which answers before any limit is looked at.
    pub(crate) fn returns(&self) -> Option<u16> {
        let answers = |block: &&Directive| block.inside.iter().find(|d| d.name() == "return").map(|d| d.args().to_vec());
        // One in the server block comes before any location; of locations the innermost counts.
        let words = answers(&self.0[1]).or_else(|| self.0[2..].last().and_then(answers))?;
        // `return <url>` is a redirect.
        Some(words.first()?.parse().unwrap_or(302))
    }

    /// `limit_req` of this place, with the zones by their places.
    pub(crate) fn req_limits(&self, zones: &[&Zone]) -> Result<Vec<ReqLimit>, String> {
        self.directives("limit_req").into_iter().map(|directive| req_limit(directive, zones)).collect()
    }

    /// `limit_conn` of this place, with the zones by their places.
    pub(crate) fn conn_limits(&self, zones: &[&Zone]) -> Result<Vec<ConnLimit>, String> {
        let read = |directive: &Directive| match directive.args() {
            [name, most] => Ok(ConnLimit { zone: place(zones, name)?, most: number(most)? }),
            other => Err(format!("limit_conn {other:?} is not a zone and a number")),
        };
        self.directives("limit_conn").into_iter().map(read).collect()
    }
}

fn named(server: &Directive) -> impl Iterator<Item = &str> {
    server.inside.iter().filter(|d| d.name() == "server_name").flat_map(|d| d.args().iter().map(String::as_str))
}

fn location<'a>(block: &'a Directive, path: &str) -> Result<Option<&'a Directive>, String> {
    let mut best: Option<(usize, &Directive)> = None;
    for location in block.inside.iter().filter(|d| d.name() == "location") {
        let (start, exact) = match location.args() {
            [start] => (start, false),
            [sign, start] if sign == "=" => (start, true),
            [sign, start] if sign == "^~" => (start, false),
            other => return Err(format!("not modelled yet: nginx's location {other:?}")),
        };
        if exact && start == path {
            return Ok(Some(location));
        }
        if !exact && path.starts_with(start.as_str()) && best.is_none_or(|(len, _)| start.len() > len) {
            best = Some((start.len(), location));
        }
    }
    Ok(best.map(|(_, location)| location))
}

fn req_limit(directive: &Directive, zones: &[&Zone]) -> Result<ReqLimit, String> {
    let mut limit = ReqLimit { zone: usize::MAX, burst: 0, delay: Some(0) };
    for word in directive.args() {
        match word.split_once('=') {
            Some(("zone", name)) => limit.zone = place(zones, name)?,
            Some(("burst", n)) => limit.burst = number(n)?,
            Some(("delay", n)) => limit.delay = Some(number(n)?),
            _ if word == "nodelay" => limit.delay = None,
            _ => return Err(format!("limit_req {word} is not one that nginx has")),
        }
    }
    Ok(limit)
}

fn place(zones: &[&Zone], name: &str) -> Result<usize, String> {
    zones.iter().position(|zone| zone.name == name).ok_or_else(|| format!("there is no zone {name}"))
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

#[cfg(test)]
mod tests {
    use super::super::nginx::read;
    use super::*;

    const TEXT: &str = "http { limit_req_zone $arg_k zone=a:1m rate=30r/m; limit_req_zone $server_name zone=b:64k rate=5r/s; limit_req zone=b;
        limit_req_status 429;
        server { server_name x y; location / { empty_gif; location /in { limit_req zone=a burst=3 delay=2; limit_req zone=b burst=9 nodelay; } }
                 location = /exact { return 204; } } server { server_name z; limit_req_status 444; location / { } } }";

    #[test]
    fn a_request_meets_the_limits_of_the_innermost_block_that_has_any() {
        let config = read(TEXT);
        let zones = req_zones(&config).expect("they can be read");
        assert_eq!(zones.iter().map(|(_, rate, _)| *rate).collect::<Vec<_>>(), [500, 5_000]);
        let names: Vec<&Zone> = zones.iter().map(|(zone, ..)| zone).collect();
        let path = |host: &str, path: &str| Path::of(&config, host, path).expect("it leads somewhere");
        let limits = |host: &str, at: &str| path(host, at).req_limits(&names);
        let outer = ReqLimit { zone: 1, burst: 0, delay: Some(0) };
        let inner = [ReqLimit { zone: 0, burst: 3, delay: Some(2) }, ReqLimit { zone: 1, burst: 9, delay: None }];
        assert_eq!(limits("x", "/"), Ok(vec![outer]));
        assert_eq!(limits("y", "/in/side"), Ok(inner.to_vec()));
        assert_eq!((path("x", "/exact").returns(), path("x", "/exactly").returns()), (Some(204), None));
        assert_eq!((path("z", "/").value("limit_req_status"), path("x", "/").value("limit_req_status")), (Some("444"), Some("429")));
        assert_eq!((path("nobody", "/").server_name(), path("z", "/").server_name()), ("x".into(), "z".into()));
    }
}
