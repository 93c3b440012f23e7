//! The origin of a recording: what it answers, from what its setup says.
//!
//! Where the setup names fields (`origin_headers`), they are taken as they are. Where it uses words
//! ([`super::prose`]), what these leave [`Open`] has a value of its own in each run: the model runs for
//! a few ordinary ones, and a recording has to be one of these runs from its first step to its last.

use std::collections::{BTreeMap, BTreeSet};

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::field::date;
use hopscope_core::policy::cache::{Reply, Request, Response};
use serde_json::Value;

use super::prose::{self, Directive, Page, Prose, Tag, Told, Vary};
use crate::pool::text;
use crate::trace::Trace;
use crate::{fields, here, trace};

/// What a setup may leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Open {
    /// Seconds that a page is fresh.
    Life,
    /// Seconds of `stale-while-revalidate` and `stale-if-error`.
    Span,
    /// Seconds in `Age`.
    Age,
    /// Seconds since the last modification.
    Modified,
    /// Milliseconds that a slow origin takes.
    Slow,
    /// Milliseconds that a page takes in a burst, where others say how long they take.
    Untold,
    /// Whether pages that the setup does not speak of vary by what the requests for them bring.
    Varies,
}

/// What is open, as one run has it. It is asked for only where it matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Free(BTreeMap<Open, u32>);

impl Free {
    fn get(&self, open: Open) -> Result<u32, Open> {
        self.0.get(&open).copied().ok_or(open)
    }

    /// The same with one more value.
    pub(super) fn with(&self, open: Open, value: u32) -> Self {
        let mut free = self.clone();
        free.0.insert(open, value);
        free
    }
}

/// An origin.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// Fields by path, where they are named.
    fields: BTreeMap<String, (u16, Vec<(String, String)>)>,
    prose: Prose,
    /// The fields of requests, by path.
    asked: BTreeMap<String, BTreeSet<String>>,
    /// When what has a last modification was modified.
    modified: String,
    /// It writes `Date`.
    dated: bool,
    /// The fields by which a rule of the cache passes an answer on.
    passed_by: Vec<String>,
}

/// Fields of a request by which pages do not vary.
const OWN: &[&str] = &["host", "cache-control", "pragma", "range", "cookie", "authorization"];

impl Origin {
    /// The origin of a recording.
    pub(super) fn of(recording: &Trace, dated: bool, passed_by: Vec<String>) -> Result<Self, String> {
        let words = words(recording)?;
        let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut modified = None;
        for step in &recording.steps {
            let names = asked.entry(path(text(&step.request, "uri")).to_owned()).or_default();
            let came = fields::of(&step.request);
            let kept = |name: &str| !OWN.contains(&name) && !name.starts_with("if-");
            names.extend(came.0.iter().map(|(name, _)| name.to_ascii_lowercase()).filter(|name| kept(name)));
            modified = modified.or(came.get("if-modified-since").map(str::to_owned));
        }
        let row = |(path, page): (&String, &Value)| {
            let pair = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
            let list = page["headers"].as_array().into_iter().flatten().filter_map(pair).collect();
            (path.clone(), (page["status"].as_u64().unwrap_or(200) as u16, list))
        };
        Ok(Self {
            fields: recording.setup["origin_headers"].as_object().into_iter().flatten().map(row).collect(),
            prose: prose::read(&words),
            asked,
            // Nobody says when; those who ask since when say it.
            modified: modified.unwrap_or_else(|| "Mon, 01 Jan 2024 00:00:00 GMT".into()),
            dated,
            passed_by,
        })
    }

    /// Ordinary values of what is open.
    pub(super) fn values(&self, open: Open) -> Vec<u32> {
        match open {
            Open::Life => vec![60, 2, 1, 10, 5, 3, 4, 6, 8, 15, 20, 30, 120, 300, 600, 3_600],
            Open::Span => vec![4, 10, 5, 1, 2, 3, 6, 8, 20, 30, 60, 600],
            Open::Age => vec![4, 1, 2, 3, 5, 6, 7, 8, 9, 10, 20, 30, 60, 100],
            Open::Modified => vec![20, 10, 15, 25, 30, 40, 50, 60, 80, 100, 200, 500, 1_000, 3_600, 86_400, 864_000],
            Open::Slow => vec![700, 500, 300, 400, 600, 800, 1_000, 1_500, 2_000],
            Open::Untold => {
                let told = self.prose.pages.values().filter_map(|page| page.delay_ms).filter_map(|ms| u32::try_from(ms).ok());
                let told: BTreeSet<u32> = told.collect();
                std::iter::once(0).chain(told).collect()
            }
            Open::Varies => vec![0, 1],
        }
    }

    /// Whether it writes dates other than `Date`, so that it counts when its seconds begin.
    pub(super) fn dates(&self) -> bool {
        let relative = |(_, value): &(String, String)| value.starts_with("<Date");
        self.fields.values().any(|(_, list)| list.iter().any(relative))
    }

    /// Whether nobody says if it varies.
    fn may_vary(&self, path: &str) -> bool {
        !self.fields.contains_key(path) && !self.prose.pages.contains_key(path) && !self.prose.pages.is_empty()
    }

    fn page(&self, path: &str) -> Page {
        if let Some(page) = self.prose.pages.get(path) {
            return page.clone();
        }
        if self.prose.named {
            let page = prose::page(path.trim_start_matches('/'));
            let vary = page.control.is_empty().then_some(Vary::Asked);
            return Page { vary, ..page };
        }
        self.prose.other.clone().unwrap_or_default()
    }

    /// What it answers to the `n`th request for a path, and after how many milliseconds.
    pub(super) fn answer(&self, free: &Free, request: &Request, mode: &str, n: u32, wall: i64, burst: bool) -> Result<(u64, Reply), Open> {
        let path = path(&request.target);
        let seconds = wall.div_euclid(1_000_000);
        if mode == "drop" {
            return Ok((0, Reply::Failure));
        }
        if let Ok(status) = mode.parse() {
            let mut headers = Headers::default();
            self.date(&mut headers, seconds, 0);
            return Ok((0, Reply::Response(Response { status, headers, body: body(request, "err") })));
        }
        let page = self.page(path);
        let page = match page.before {
            Some((times, first)) if n <= times => *first,
            _ => page,
        };
        let told = match page.delay_ms {
            Some(told) => told,
            None if burst && mode != "slow" => u64::from(free.get(Open::Untold)?),
            None => 0,
        };
        let delay = match (mode, self.prose.slow_ms) {
            ("slow", Some(slow)) => slow.max(told),
            ("slow", None) => u64::from(free.get(Open::Slow)?).max(told),
            _ => told,
        };
        let response = match self.fields.get(path) {
            Some((status, list)) => named(*status, list, seconds),
            None => self.described(&page, free, request, n, seconds)?,
        };
        let unchanged = response.status == 200 && is_unchanged(&page, &request.headers, &response.headers);
        let response = Response { status: if unchanged { 304 } else { response.status }, ..response };
        let content = if matches!(response.status, 204 | 304) { body(request, "") } else { body(request, &format!("v{n}")) };
        Ok((delay, Reply::Response(Response { body: content, ..response })))
    }

    fn date(&self, headers: &mut Headers, seconds: i64, ago: i64) {
        if self.dated || ago != 0 {
            headers.set("Date", date::write(seconds - ago));
        }
    }

    fn described(&self, page: &Page, free: &Free, request: &Request, n: u32, seconds: i64) -> Result<Response, Open> {
        let mut headers = Headers::default();
        let path = path(&request.target);
        self.date(&mut headers, seconds, page.date_ago.unwrap_or(0));
        let control = control(page, free)?;
        if !control.is_empty() {
            headers.set("Cache-Control", control);
        }
        match &page.tag {
            Some(Tag::Is(tag)) => headers.set("ETag", tag.clone()),
            // What nobody wrote down is called so, and found out once: see `compare`.
            Some(Tag::Some) => headers.set("ETag", format!("\"?{path}\"")),
            Some(Tag::New) => headers.set("ETag", format!("\"?{path}-{n}\"")),
            None => {}
        }
        if page.modified {
            headers.set("Last-Modified", self.modified.clone());
        }
        if page.modified_before {
            headers.set("Last-Modified", date::write(seconds - i64::from(free.get(Open::Modified)?)));
        }
        if page.cookie && !(page.unless_cookie && request.headers.get("cookie").is_some()) {
            headers.set("Set-Cookie", "s=1");
        }
        if let Some(age) = page.age {
            headers.set("Age", if let Told::Is(age) = age { age } else { free.get(Open::Age)? }.to_string());
        }
        if let Some(place) = &page.location {
            headers.set("Location", place.clone());
        }
        for name in self.passed_by.iter().filter(|_| page.passes) {
            headers.set(name, "1");
        }
        if self.prose.numbered || page.tag.is_some() {
            headers.set("X-New", format!("n{n}"));
        }
        for name in self.varies_by(page, free, path, n)? {
            headers.0.push(("Vary".into(), name));
        }
        Ok(Response { status: page.status.unwrap_or(200), headers, body: [].into() })
    }

    fn varies_by(&self, page: &Page, free: &Free, path: &str, n: u32) -> Result<Vec<String>, Open> {
        let asked: Vec<String> = self.asked.get(path).into_iter().flatten().cloned().collect();
        Ok(match &page.vary {
            Some(Vary::By(name)) => vec![name.clone()],
            Some(Vary::Asked) => asked,
            Some(Vary::AskedLater) if n > 1 => asked,
            None if self.may_vary(path) && !asked.is_empty() && free.get(Open::Varies)? == 1 => asked,
            _ => Vec::new(),
        })
    }
}

/// The words; `as <another>` and `same` are those of another recording of ours.
fn words(recording: &Trace) -> Result<String, String> {
    let said = recording.setup["origin"].as_str().unwrap_or_default().trim();
    let wanted: Box<dyn Fn(&Trace) -> bool> = match said.strip_prefix("as ") {
        _ if said == "same" => {
            let family = recording.id.rsplit_once('-').map_or("", |(start, _)| start).to_owned();
            Box::new(move |other| other.id.starts_with(&family))
        }
        Some(id) if id.contains('-') => {
            let id = id.to_owned();
            Box::new(move |other| other.id == id)
        }
        _ => return Ok(said.to_owned()),
    };
    let own = trace::read_all(&here("tests/fidelity/traces"))?;
    let found = own.into_iter().map(|recording| recording.trace).find(|other| wanted(other) && other.setup["origin"] != said);
    found.and_then(|other| other.setup["origin"].as_str().map(str::to_owned)).ok_or_else(|| format!("nobody knows the origin \"{said}\""))
}

/// The path of a target: an origin counts by it.
pub(super) fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or(target)
}

fn body(request: &Request, content: &str) -> std::rc::Rc<[u8]> {
    if request.is("HEAD") { [].into() } else { content.as_bytes().into() }
}

/// The directive that says how long a page is fresh, or that it is not.
fn life(page: &Page) -> Option<&str> {
    let says = |d: &Directive| match d {
        Directive::Is(text) if ["max-age=", "s-maxage=", "no-store", "no-cache", "private"].iter().any(|s| text.starts_with(s)) => Some(()),
        _ => None,
    };
    page.control.iter().find(|d| says(d).is_some()).map(|d| if let Directive::Is(text) = d { text.as_str() } else { "" })
}

fn control(page: &Page, free: &Free) -> Result<String, Open> {
    let mut list: Vec<String> = Vec::new();
    if !page.bare && life(page).is_none() {
        list.push(format!("max-age={}", free.get(Open::Life)?));
    }
    for directive in &page.control {
        list.push(match directive {
            Directive::Is(text) => text.clone(),
            Directive::For(name) => format!("{name}={}", free.get(Open::Span)?),
        });
    }
    Ok(list.join(", "))
}

/// Whether a request asks for what it has, and the page is one that says so.
fn is_unchanged(page: &Page, asked: &Headers, answer: &Headers) -> bool {
    let same = |field: &str, condition: &str| asked.get(condition).is_some() && asked.get(condition) == answer.get(field);
    (page.tag.is_some() && page.tag != Some(Tag::New) && same("etag", "if-none-match"))
        || (page.modified && asked.get("if-none-match").is_none() && same("last-modified", "if-modified-since"))
}

/// Fields as they are named; `<Date+5s>` is a date relative to the answer's.
fn named(status: u16, list: &[(String, String)], seconds: i64) -> Response {
    let value = |text: &String| moment(text, seconds).unwrap_or_else(|| text.clone());
    Response { status, headers: Headers(list.iter().map(|(name, text)| (name.clone(), value(text))).collect()), body: [].into() }
}

fn moment(text: &str, seconds: i64) -> Option<String> {
    let inner = text.strip_prefix('<')?.strip_suffix('>')?;
    let Some(at) = inner.find(['+', '-']) else { return Some(date::write(seconds)) };
    let (number, unit) = inner[at..].split_at(inner.len() - at - 1);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    Some(date::write(seconds + number.parse::<i64>().ok()? * unit))
}
