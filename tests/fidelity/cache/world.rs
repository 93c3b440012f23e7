//! One run of a cache and its origin along a recording.

use std::collections::BTreeMap;
use std::rc::Rc;

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::{Answer, Ask, Cache, Fetch, Outcome, Profile, Reply, Request, Step as Do, Ticket};
use hopscope_core::time::{Duration, Instant};
use serde_json::Value;

use super::origin::{Free, Open, Origin, path};
use crate::pool::{moment, text};
use crate::trace::Step;
use crate::{fields, pool};

/// What a server does around its cache.
pub(super) trait Server {
    /// What the cache does.
    fn profile(&self) -> &Profile;
    /// A request as the cache gets it.
    fn ask(&self, request: Request, raw: &Value) -> Result<Ask, String>;
    /// What the server says itself, such as to a purge.
    fn own(&self, cache: &mut Cache, ask: &Ask) -> Option<Answer>;
    /// What it calls that outcome; `None` when it has no word for it.
    fn label(&self, outcome: Outcome) -> Option<&'static str>;
    /// Its own fields on what the origin is sent.
    fn write(&self, sent: &mut Headers, passes: bool);
    /// Fields of requests to the origin that are compared even where the recording has none.
    fn always(&self) -> &'static [&'static str];
    /// It keeps connections to the origin, and asks again when an old one breaks.
    fn keeps(&self) -> bool;
    /// Its clock counts in whole seconds.
    fn whole_seconds(&self) -> bool;
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) asked: Request,
    pub(super) done: Instant,
    pub(super) label: Option<&'static str>,
    pub(super) answer: Answer,
    /// When it was sent on, if it was.
    pub(super) fetched: Option<Instant>,
    /// How often what is stored was used.
    pub(super) hits: u32,
    /// How long what is stored stays fresh, in milliseconds.
    pub(super) ttl_ms: Option<i64>,
}

/// A request that the origin got.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) at: Instant,
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) headers: Headers,
}

/// What came of one step.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) told: Vec<Told>,
    pub(super) fetched: Vec<Sent>,
}

/// Why a step cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It depends on something that the setup leaves open.
    Open(Open),
    /// It is nothing that the model knows.
    Unknown(String),
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Unknown(why)
    }
}

impl From<Open> for Stop {
    fn from(open: Open) -> Self {
        Self::Open(open)
    }
}

#[derive(Clone)]
enum Event {
    Ask(usize),
    Reply(Ticket, Reply, bool),
    Again(Fetch, bool),
    Wake(Ticket),
}

/// How long the way to the origin and back takes, in microseconds.
const WAY: u64 = 800;
/// What requests are for that do not say it.
const HOST: &str = "lab.test";

/// The run.
#[derive(Clone)]
pub(super) struct World {
    server: Rc<dyn Server>,
    origin: Rc<Origin>,
    pub(super) free: Free,
    cache: Cache,
    now: Instant,
    mode: String,
    burst: bool,
    counts: BTreeMap<String, u32>,
    hits: BTreeMap<u64, u32>,
    /// Connections to the origin that wait for the next request.
    idle: u32,
    queue: BTreeMap<(Instant, u64), Event>,
    serial: u64,
    /// The requests of this step.
    asks: Vec<(Value, Request)>,
    by: BTreeMap<Ticket, usize>,
    labels: BTreeMap<usize, Outcome>,
    fetched: BTreeMap<usize, Instant>,
    told: BTreeMap<usize, Told>,
    sent: Vec<Sent>,
}

impl World {
    /// A run in which the clock on the wall shows `epoch` microseconds at the beginning.
    pub(super) fn new(server: Rc<dyn Server>, origin: Rc<Origin>, epoch: i64) -> Self {
        let cache = Cache::new(server.profile().clone(), epoch);
        Self {
            server,
            origin,
            free: Free::default(),
            cache,
            now: Instant(0),
            mode: "ok".into(),
            burst: false,
            counts: BTreeMap::new(),
            hits: BTreeMap::new(),
            idle: 0,
            queue: BTreeMap::new(),
            serial: 0,
            asks: Vec::new(),
            by: BTreeMap::new(),
            labels: BTreeMap::new(),
            fetched: BTreeMap::new(),
            told: BTreeMap::new(),
            sent: Vec::new(),
        }
    }

    /// The next step; what goes on behind it goes on until `next`.
    pub(super) fn step(&mut self, step: &Step, next: Option<Instant>) -> Result<Seen, Stop> {
        let at = moment(step);
        if step.kind == "control" {
            match text(&step.control, "op") {
                "wait_ms" => {}
                "origin_behaviour" => self.mode = mode(text(&step.control, "mode"))?,
                other => return Err(format!("not modelled yet: control {other} with a cache").into()),
            }
        }
        self.asks.clear();
        self.by.clear();
        self.labels.clear();
        self.fetched.clear();
        self.told.clear();
        self.sent.clear();
        self.burst = step.kind == "burst";
        self.come(step, at)?;
        while self.told.len() < self.asks.len() {
            let Some(first) = self.queue.pop_first() else { return Err(Stop::Unknown("a request is never answered".into())) };
            self.happen(first)?;
        }
        let next = next.unwrap_or(Instant(u64::MAX));
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at < next) {
            let Some(first) = self.queue.pop_first() else { break };
            self.happen(first)?;
        }
        let told = core::mem::take(&mut self.told).into_values().collect();
        Ok(Seen { told, fetched: core::mem::take(&mut self.sent) })
    }

    /// The requests of a step.
    fn come(&mut self, step: &Step, at: Instant) -> Result<(), String> {
        let n = match step.kind.as_str() {
            "request" => 1,
            "burst" => step.request["n"].as_u64().ok_or("a burst does not say how many requests it has")? as usize,
            _ => return Ok(()),
        };
        let gap = step.request["gap_ms"].as_f64().unwrap_or(10.0);
        for i in 0..n {
            self.asks.push((step.request.clone(), request(&step.request, i)));
            self.push(at + Duration::from_micros_f64(gap * 1e3 * i as f64), Event::Ask(i));
        }
        Ok(())
    }

    fn push(&mut self, at: Instant, event: Event) {
        self.serial += 1;
        self.queue.insert((at, self.serial), event);
    }

    fn happen(&mut self, ((at, _), event): ((Instant, u64), Event)) -> Result<(), Stop> {
        self.now = self.now.max(at);
        let steps = match event {
            Event::Ask(i) => self.arrive(i)?,
            Event::Reply(ticket, reply, kept) => {
                self.idle += u32::from(kept);
                self.cache.answered(ticket, reply, self.now)
            }
            Event::Again(fetch, background) => {
                self.send(fetch, background, true)?;
                Vec::new()
            }
            Event::Wake(ticket) => self.cache.wake(ticket, self.now).map(|step| (ticket, step)).into_iter().collect(),
        };
        for (ticket, step) in steps {
            self.go(ticket, step)?;
        }
        Ok(())
    }

    fn arrive(&mut self, i: usize) -> Result<Vec<(Ticket, Do)>, String> {
        let (raw, request) = &self.asks[i];
        let ask = self.server.ask(request.clone(), raw)?;
        if let Some(answer) = self.server.own(&mut self.cache, &ask) {
            self.tell(i, answer);
            return Ok(Vec::new());
        }
        let (ticket, step) = self.cache.request(ask, self.now);
        self.by.insert(ticket, i);
        Ok(vec![(ticket, step)])
    }

    fn go(&mut self, ticket: Ticket, step: Do) -> Result<(), Stop> {
        match step {
            Do::Answer(answer) => self.answer(ticket, answer),
            Do::Forward(fetch) => self.forward(ticket, fetch)?,
            Do::AnswerAndRefresh(answer, fetch) => {
                self.answer(ticket, answer);
                self.send(fetch, true, false)?;
            }
            Do::Wait(Some(until)) => self.push(until, Event::Wake(ticket)),
            Do::Wait(None) => {}
        }
        Ok(())
    }

    fn forward(&mut self, ticket: Ticket, fetch: Fetch) -> Result<(), Stop> {
        if let Some(i) = self.by.get(&ticket) {
            self.labels.insert(*i, fetch.verdict.outcome);
            self.fetched.insert(*i, self.now);
        }
        self.send(fetch, false, false)
    }

    fn answer(&mut self, ticket: Ticket, answer: Answer) {
        if let Some(i) = self.by.get(&ticket).copied() {
            self.tell(i, answer);
        }
    }

    fn tell(&mut self, i: usize, answer: Answer) {
        // An answer that failed is called by why it was sent on.
        let outcome = match answer.verdict.outcome {
            Outcome::Failed => self.labels.get(&i).copied().unwrap_or(Outcome::Failed),
            outcome => outcome,
        };
        let from_store = matches!(answer.verdict.outcome, Outcome::Hit | Outcome::Stale | Outcome::Updating);
        let hits = match answer.entry {
            Some(entry) => {
                let hits = self.hits.entry(entry).or_insert(0);
                *hits = if from_store { *hits + 1 } else { 0 };
                *hits
            }
            None => 0,
        };
        let entry = self.cache.entries().map(|(_, entry)| entry).find(|entry| Some(entry.id) == answer.entry);
        let wall = self.cache.wall(self.now);
        let left = entry.map(|entry| (entry.terms.lifetime - entry.age(self.cache.profile(), wall)) / 1_000);
        // A page that the server makes itself is over as it comes.
        let ttl_ms = left.or((answer.verdict.outcome == Outcome::Failed).then_some(0));
        let told = Told {
            asked: self.asks[i].1.clone(),
            done: self.now,
            label: self.server.label(outcome),
            answer,
            fetched: self.fetched.get(&i).copied(),
            hits,
            ttl_ms,
        };
        self.told.insert(i, told);
    }

    /// A request to the origin, on a connection that is there, or on a new one.
    fn send(&mut self, fetch: Fetch, background: bool, anew: bool) -> Result<(), Stop> {
        let mut headers = fetch.request.headers.clone();
        let passes = matches!(fetch.verdict.outcome, Outcome::Pass | Outcome::HitForPass | Outcome::Method);
        self.server.write(&mut headers, passes);
        let request = &fetch.request;
        self.sent.push(Sent { at: self.now, method: request.method.clone(), uri: request.target.clone(), headers });
        let count = self.counts.entry(path(&request.target).to_owned()).or_insert(0);
        *count += 1;
        let wall = self.cache.wall(self.now);
        let (delay, reply) = self.origin.answer(&self.free, request, &self.mode, *count, wall, self.burst)?;
        let reused = self.server.keeps() && !anew && self.idle > 0;
        self.idle -= u32::from(reused);
        let at = self.now + Duration(WAY + delay * 1_000);
        if reply == Reply::Failure && reused && request.is_safe() {
            self.push(at, Event::Again(fetch, background));
            return Ok(());
        }
        // Who forgets an answer without reading it cannot use the connection again.
        let status = if let Reply::Response(response) = &reply { Some(response.status) } else { None };
        let forgotten = background && self.server.profile().abandons && status.is_some_and(|status| status >= 500);
        let kept = self.server.keeps() && status.is_some() && !forgotten;
        self.push(at, Event::Reply(fetch.ticket, reply, kept));
        Ok(())
    }
}

fn mode(name: &str) -> Result<String, String> {
    let status = name.len() == 3 && name.bytes().all(|b| b.is_ascii_digit());
    if status || matches!(name, "ok" | "slow" | "drop") {
        Ok(name.to_owned())
    } else {
        Err(format!("not modelled yet: an origin that is {name}"))
    }
}

/// The `i`th request of a step. `x_a: "alternating 0,1"` is a field with one value after the other.
fn request(raw: &Value, i: usize) -> Request {
    let mut headers = fields::of(raw);
    for (name, value) in raw.as_object().into_iter().flatten() {
        if let Some(values) = value.as_str().and_then(|text| text.strip_prefix("alternating ")) {
            let values: Vec<&str> = values.split(',').map(str::trim).collect();
            headers.set(&name.replace('_', "-"), values[i % values.len()]);
        }
    }
    let origin = ["http://", headers.get("host").unwrap_or(HOST)].concat();
    let method = raw["method"].as_str().unwrap_or("GET").to_owned();
    Request { method, origin, target: pool::text(raw, "uri").to_owned(), headers }
}
