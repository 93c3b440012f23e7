//! An `upstream` block with its servers, how they behave, and what nginx does when one fails
//! (`ngx_http_upstream_next`, `ngx_http_upstream_test_next`).

use std::collections::BTreeMap;

use hopscope_core::policy::balance::{Done, Key, Options, Peer, PolicyKind};
use hopscope_core::policy::decision::Standing;
use hopscope_core::time::{Duration, Instant};
use hopscope_core::world::NodeId;
use serde_json::Value;

use super::variables;
use crate::config::nginx::{self, Directive};
use crate::pool::{self, Pool, Request};
use crate::trace::{Step, Trace};

/// How a server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behaviour {
    /// With this status.
    Status(u16),
    /// It closes the connection without an answer.
    Drop,
    /// Later than nginx waits, if it has a limit.
    Slow,
    /// It takes no connection.
    Refuse,
}

/// What came of a request: every server that was tried, with the status that it gave.
pub(crate) struct Answer {
    pub(crate) tried: Vec<(String, u16)>,
    pub(crate) status: u16,
}

/// An `upstream` block.
pub(crate) struct Upstream {
    pub(crate) pool: Pool,
    name: String,
    key: Option<String>,
    behaviours: BTreeMap<String, Behaviour>,
    /// How many servers may be tried: all that are not down, or `proxy_next_upstream_tries`.
    tries: usize,
    next: Vec<String>,
    read_timeout: Option<Duration>,
}

impl Upstream {
    /// The block of a recording's configuration.
    pub(crate) fn read(trace: &Trace) -> Result<Self, String> {
        let config = nginx::read(trace.config.as_str().unwrap_or_default());
        let upstream = config.find("upstream").ok_or("its configuration has no upstream block")?;
        let (kind, key) = policy(upstream);
        let servers = nginx::servers(upstream);
        let member = |(place, server): (usize, &nginx::Server)| {
            let mut peer = Peer::new(NodeId::default(), server.weight);
            peer.backup = server.backup;
            peer.most_active = server.max_conns;
            peer.max_fails = server.max_fails;
            peer.fail_timeout = Duration::from_millis(server.fail_timeout_ms);
            if server.down {
                peer.standing = Standing::Down;
            }
            (pool::name_of(trace, place, &server.address), peer, server.address.clone())
        };
        let words = |name: &str| config.find(name).map(|d| d.args().to_vec());
        let all = servers.iter().filter(|s| !s.down).count();
        let limit = words("proxy_next_upstream_tries").and_then(|words| words.first()?.parse().ok()).unwrap_or(0);
        Ok(Self {
            pool: Pool::new(kind, Options::default(), servers.iter().enumerate().map(member).collect()),
            name: upstream.args().first().cloned().unwrap_or_default(),
            key,
            behaviours: BTreeMap::new(),
            tries: if limit == 0 { all } else { all.min(limit) },
            next: words("proxy_next_upstream").unwrap_or_else(|| vec!["error".into(), "timeout".into()]),
            read_timeout: words("proxy_read_timeout").and_then(|words| Some(Duration::from_millis(nginx::millis(words.first()?)))),
        })
    }

    /// What the request brings that the policy may look at.
    fn request<'a>(&self, step: &Step, text: &'a mut String) -> Result<Request<'a>, String> {
        let plain = Request::plain(pool::moment(step));
        let client = pool::client(&step.request);
        let Some(key) = &self.key else { return Ok(Request { key: Key::Client, client, ..plain }) };
        *text = variables::expand(key, &step.request)?;
        Ok(Request { key: Key::Text(text.as_bytes()), client, ..plain })
    }

    /// A request that stays until it is closed; the server that has it, if it is not refused.
    pub(crate) fn open(&mut self, step: &Step) -> Result<Answer, String> {
        let mut text = String::new();
        let request = self.request(step, &mut text)?;
        let name = self.pool.open(pool::text(&step.request, "id"), &request);
        let status = if name.is_some() { 200 } else { 502 };
        Ok(Answer { tried: vec![(name.unwrap_or_else(|| self.name.clone()), status)], status })
    }

    /// A request that is answered at once, by as many servers as it takes.
    pub(crate) fn ask(&mut self, step: &Step) -> Result<Answer, String> {
        let mut text = String::new();
        let mut request = self.request(step, &mut text)?;
        let post = matches!(pool::text(&step.request, "method"), "POST" | "LOCK" | "PATCH");
        let (mut tried, mut members) = (Vec::new(), Vec::new());
        // A single server is never tried again, whatever is allowed.
        let mut left = if self.pool.balancer.table().len() == 1 { 1 } else { self.tries };
        loop {
            let Some(index) = self.pool.pick(&request, &members) else {
                tried.push((self.name.clone(), 502));
                return Ok(Answer { tried, status: 502 });
            };
            members.push(index as u16);
            self.pool.balancer.begin(index, request.at);
            let name = self.pool.name(index).to_owned();
            let behaviour = self.behaviours.get(&name).copied().unwrap_or(Behaviour::Status(200));
            let (status, failed, again) = self.outcome(behaviour, post, left);
            if behaviour == Behaviour::Slow {
                request.at = Instant(request.at.0 + self.read_timeout.unwrap_or_default().0);
            }
            self.pool.balancer.end(index, Done { failed, ..Done::default() }, request.at);
            tried.push((name, status));
            left -= 1;
            if !again {
                return Ok(Answer { tried, status });
            }
        }
    }

    /// The status that a server gives, whether it counts as a failure, and whether another server
    /// is tried. An answer of the last try goes to the client and counts as none; 403 and 404
    /// never count.
    fn outcome(&self, behaviour: Behaviour, post: bool, left: usize) -> (u16, bool, bool) {
        let again = left > 1 && self.passed_on(behaviour, post);
        match behaviour {
            Behaviour::Status(status) => (status, again && !matches!(status, 403 | 404), again),
            Behaviour::Slow if self.read_timeout.is_none() => (200, false, false),
            Behaviour::Slow => (504, true, again),
            Behaviour::Drop | Behaviour::Refuse => (502, true, again),
        }
    }

    /// Whether `proxy_next_upstream` lets a request that met this go to another server. One that
    /// changes something does not once it has been sent.
    fn passed_on(&self, behaviour: Behaviour, post: bool) -> bool {
        let has = |word: &str| self.next.iter().any(|w| w == word);
        let sent = behaviour != Behaviour::Refuse;
        let listed = match behaviour {
            Behaviour::Status(status) => has(&format!("http_{status}")),
            Behaviour::Slow => has("timeout"),
            Behaviour::Drop | Behaviour::Refuse => has("error"),
        };
        listed && !(post && sent && !has("non_idempotent"))
    }

    /// Something is done to the servers.
    pub(crate) fn control(&mut self, control: &Value) -> Result<(), String> {
        let backend = pool::text(control, "backend").to_owned();
        match pool::text(control, "op") {
            "wait_ms" => {}
            "backend_refuses_connections" => {
                self.behaviours.insert(backend, Behaviour::Refuse);
            }
            "backend_up" => {
                self.behaviours.remove(&backend);
            }
            "backend_behaviour" => {
                for (name, how) in control.as_object().into_iter().flatten().filter(|(name, _)| *name != "op") {
                    self.behaviours.insert(name.clone(), behaviour(how.as_str().unwrap_or_default())?);
                }
            }
            other => return Err(format!("not modelled yet: control {other}")),
        }
        Ok(())
    }
}

fn behaviour(how: &str) -> Result<Behaviour, String> {
    match how {
        "ok" => Ok(Behaviour::Status(200)),
        "drop" => Ok(Behaviour::Drop),
        "slow" => Ok(Behaviour::Slow),
        status => status.parse().map(Behaviour::Status).map_err(|_| format!("not modelled yet: a backend that does \"{how}\"")),
    }
}

/// The policy that an `upstream` block asks for, and the expression that it hashes.
fn policy(upstream: &Directive) -> (PolicyKind, Option<String>) {
    let words = |name: &str| upstream.inside.iter().find(|d| d.name() == name).map(Directive::args);
    if let Some(words) = words("hash") {
        let consistent = words.get(1).is_some_and(|word| word == "consistent");
        let kind = if consistent { PolicyKind::Ketama } else { PolicyKind::HashModulo };
        return (kind, words.first().cloned());
    }
    if let Some(words) = words("random") {
        let two = words.first().is_some_and(|word| word == "two");
        return (if two { PolicyKind::RandomTwo } else { PolicyKind::Random }, None);
    }
    let kind = match (words("least_conn"), words("ip_hash")) {
        (Some(_), _) => PolicyKind::LeastConn,
        (_, Some(_)) => PolicyKind::IpHash,
        _ => PolicyKind::WeightedRoundRobin,
    };
    (kind, None)
}

/// Whether a configuration is about an `upstream` block, and nothing that comes before or after it.
pub(crate) fn alone(trace: &Trace) -> bool {
    let Some(text) = trace.config.as_str() else { return false };
    let config = nginx::read(text);
    let others = ["keepalive", "proxy_cache", "limit_req", "limit_conn"];
    trace.system.starts_with("nginx") && config.has("upstream") && !others.iter().any(|name| config.has(name))
}
