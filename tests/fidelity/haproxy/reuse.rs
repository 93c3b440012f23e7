//! Which server connection carries each request (`http-reuse`).

use hopscope_core::policy::balance::haproxy::{Backend, Placed, Ticket};
use hopscope_core::policy::pool::haproxy::{HttpReuse, Mode};
use hopscope_core::policy::pool::{Answer, Ask, Order, Pool, Rules, Sharing};
use hopscope_core::time::{Duration, Instant};
use serde_json::json;

use super::request::arrival;
use crate::config::haproxy::{self as config, Section};
use crate::pool;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Requests on client connections that stay open: one after the other, or held and answered in
/// order before the next that is not.
pub(crate) const FAMILY: Family = Family { name: "haproxy http-reuse", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    let asks = |step: &Step| step.kind == "control" || step.request["client_conn"].is_string();
    trace.system.starts_with("haproxy") && trace.config.is_string() && trace.steps.iter().all(asks)
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let mut sections = config::read(trace.config.as_str().unwrap_or_default());
    let rules = rules(&mut sections)?;
    let closes = |line: &Vec<String>| line[0] == "option" && matches!(line[1].as_str(), "http-server-close" | "httpclose");
    let reusable = !sections.iter().flat_map(|section| &section.lines).any(closes);
    let read = config::backend(&sections)?;
    let mut run = Run {
        backend: Backend::new(read.config.clone()),
        read,
        connections: Pool::new(rules),
        reusable,
        closes: trace.steps.iter().any(|step| step.kind == "close"),
        clients: Vec::new(),
        opened: Vec::new(),
        held: Vec::new(),
        opened_at: Instant::START,
    };
    trace.steps.iter().map(|step| run.step(step)).collect()
}

/// What the configuration says about kept connections, which is taken out of it.
fn rules(sections: &mut [Section]) -> Result<Rules, String> {
    let mut mode = Mode::default();
    let (mut servers, mut default) = (Vec::new(), Line::default());
    for section in sections.iter_mut() {
        for words in &mut section.lines {
            match words[0].as_str() {
                "http-reuse" => mode = named(words.get(1).map_or("", String::as_str))?,
                "default-server" => default = line(default, words)?,
                "server" => servers.push(line(default, words)?),
                _ => {}
            }
        }
        section.lines.retain(|words| words[0] != "http-reuse" && words.as_slice() != ["default-server"]);
    }
    let first = servers.first().copied().unwrap_or_default();
    if servers.iter().any(|server| *server != first) {
        return Err("not modelled yet: servers of one backend that keep connections in different ways".into());
    }
    let reuse = HttpReuse { low: first.low, purge_delay: first.purge_delay, ..HttpReuse::new(mode) };
    Ok(Rules { sharing: Sharing::Http(reuse), order: Order::Fifo, ..Rules::per_member(first.most) })
}

fn named(mode: &str) -> Result<Mode, String> {
    Ok(match mode {
        "never" => Mode::Never,
        "safe" => Mode::Safe,
        "aggressive" => Mode::Aggressive,
        "always" => Mode::Always,
        other => return Err(format!("http-reuse {other} is not one that HAProxy has")),
    })
}

/// What a server line says about kept connections.
#[derive(Clone, Copy, PartialEq)]
struct Line {
    most: u32,
    low: u32,
    purge_delay: Duration,
}

impl Default for Line {
    fn default() -> Self {
        Self { most: u32::MAX, low: 0, purge_delay: Duration::from_secs(5) }
    }
}

/// Takes the words about kept connections out of a line.
fn line(mut line: Line, words: &mut Vec<String>) -> Result<Line, String> {
    while let Some(place) = words.iter().position(|word| word.starts_with("pool-")) {
        let name = words.remove(place);
        let value = if place < words.len() { words.remove(place) } else { String::new() };
        let number = || value.parse::<i64>().map_err(|_| format!("{name} {value} is no number"));
        match name.as_str() {
            "pool-max-conn" => line.most = u32::try_from(number()?).unwrap_or(u32::MAX),
            "pool-low-conn" => line.low = u32::try_from(number()?).unwrap_or(0),
            "pool-purge-delay" => line.purge_delay = config::millis(&value)?,
            _ => return Err(format!("not modelled yet: HAProxy's server option {name}")),
        }
    }
    Ok(line)
}

struct Run {
    read: config::Backend,
    backend: Backend,
    connections: Pool,
    reusable: bool,
    /// Whether the recording says itself when a held request is answered.
    closes: bool,
    /// Clients that have asked, by their numbers.
    clients: Vec<String>,
    /// The server of every connection that was opened, in order.
    opened: Vec<u32>,
    held: Vec<(String, u32, Ticket)>,
    /// When the last of them came.
    opened_at: Instant,
}

impl Run {
    fn step(&mut self, step: &Step) -> Result<Expect, String> {
        let now = pool::moment(step);
        // Held requests are answered as soon as the last of them has come.
        if step.kind != "open" && !self.closes {
            for (_, conn, ticket) in std::mem::take(&mut self.held) {
                self.answer(conn, ticket, self.opened_at);
            }
        }
        while self.connections.expire(now).is_some() {}
        let client = pool::text(&step.request, "client_conn");
        match step.kind.as_str() {
            "control" if pool::text(&step.control, "op") == "wait_ms" => Ok(Expect::Nothing),
            "close" => {
                let place = self.held.iter().position(|(name, ..)| name == client);
                let (_, conn, ticket) = self.held.remove(place.ok_or("a request is answered that was never asked")?);
                self.answer(conn, ticket, now);
                Ok(Expect::Nothing)
            }
            "request" | "open" => {
                let (server, conn, ticket) = self.ask(step, client, now)?;
                let nth = self.connections.busy().iter().find(|held| held.conn == conn).map(|held| held.carried);
                if step.kind == "open" {
                    self.opened_at = now;
                    self.held.push((client.to_owned(), conn, ticket));
                } else {
                    self.answer(conn, ticket, now);
                }
                Ok(self.told(server, conn, nth))
            }
            other => Err(format!("not modelled yet: {other} steps with kept connections")),
        }
    }

    /// Who gets a request, and on which connection.
    fn ask(&mut self, step: &Step, client: &str, now: Instant) -> Result<(u32, u32, Ticket), String> {
        let arrival = arrival(&self.read, &step.request, self.backend.usable(), 0, step.seq);
        let (ticket, Placed::Served(member)) = self.backend.arrive(&arrival) else {
            return Err("not modelled yet: a request that waits for a server".into());
        };
        let number = self.clients.iter().position(|name| name == client).unwrap_or(self.clients.len());
        let is_new = number == self.clients.len();
        if is_new {
            self.clients.push(client.to_owned());
        }
        let first = step.request["nth_on_client_conn"].as_u64().map_or(is_new, |nth| nth == 1);
        let ask = Ask { request: step.seq as u32, member, client: number as u32, first };
        match self.connections.ask(&ask, now).0 {
            Answer::Reuse(conn) => Ok((member, conn, ticket)),
            Answer::Open => {
                self.opened.push(member);
                let conn = self.opened.len() as u32;
                self.connections.opened(conn, &ask, now);
                Ok((member, conn, ticket))
            }
            answer => Err(format!("a pool without limits says {answer:?}")),
        }
    }

    /// A connection is numbered among all, or among those of its server where its name says whose it
    /// is.
    fn told(&self, server: u32, conn: u32, nth: Option<u32>) -> Expect {
        let backend = self.read.names[server as usize].clone();
        let of_server = self.opened.iter().take(conn as usize).filter(|&&other| other == server).count();
        let numbered = [json!(conn), json!(format!("{backend}#{of_server}"))];
        Expect::Holds(Box::new(move |decided| {
            let told = json!({ "backend": backend, "nth_on_upstream_conn": nth, "status": 200 });
            for (name, seen) in decided.as_object().into_iter().flatten() {
                let same = if name == "upstream_conn" { numbered.contains(seen) } else { told[name] == *seen };
                if !same {
                    let here = if name == "upstream_conn" { &numbered[0] } else { &told[name] };
                    return Err(format!("{name} is {here} here and {seen} in the recording"));
                }
            }
            if decided.get("upstream_conn").is_some() { Ok(()) } else { Err("the recording names no connection".into()) }
        }))
    }

    fn answer(&mut self, conn: u32, ticket: Ticket, now: Instant) {
        self.connections.release(conn, self.reusable, now);
        self.backend.finish(ticket);
    }
}
