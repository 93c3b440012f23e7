//! One test on one cache: client, cache and scripted origin in simulated time.

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::field::date;
use hopscope_core::policy::cache::{Ask, Cache, Fetch, Profile, Reply, Request, Response, Step, Ticket};
use hopscope_core::time::{Duration, Instant};
use serde_json::Value;

use crate::suite::{Exchange, Interim, Test};

/// What the clock on the wall says when a test begins: some second and a part of one, in
/// microseconds since 1970.
const EPOCH: i64 = 1_795_000_000_400_000;
/// How long a request takes from the client to the cache.
const WAY: Duration = Duration::from_millis(1);
/// How long a request takes to the origin and back.
const TRIP: Duration = Duration::from_millis(4);
/// How long a client pauses that is told to.
const PAUSE: Duration = Duration::from_secs(3);

/// What a client saw.
#[derive(Debug, Default)]
pub struct Seen {
    pub response: Response,
    pub interim: Vec<Interim>,
}

/// What the origin saw and sent.
#[derive(Debug)]
pub struct Logged {
    pub number: usize,
    pub method: String,
    pub headers: Headers,
    /// The fields that are compared afterwards, one per name.
    pub sent: Vec<(String, String)>,
}

/// What a test left behind.
#[derive(Debug, Default)]
pub struct Outcome {
    pub seen: Vec<Seen>,
    pub log: Vec<Logged>,
    /// The body where none is named.
    pub uuid: String,
}

/// Runs a test to its end.
pub fn run(profile: &Profile, test: &Test, number: usize) -> Outcome {
    let uuid = format!("00000000-0000-4000-8000-{number:012}");
    let mut stage = Stage {
        test,
        path: format!("/test/{uuid}"),
        cache: Cache::new(profile.clone(), EPOCH),
        now: Instant::START,
        fields: vec![Headers::default(); test.requests.len()],
        done: Outcome { uuid, ..Outcome::default() },
    };
    for i in 0..test.requests.len() {
        let seen = stage.exchange(i);
        stage.done.seen.push(seen);
        if test.requests[i].pause_after {
            stage.now += PAUSE;
        }
    }
    stage.done
}

struct Stage<'a> {
    test: &'a Test,
    path: String,
    cache: Cache,
    now: Instant,
    /// What the origin last sent for each request: a validator of the one before is asked for.
    fields: Vec<Headers>,
    done: Outcome,
}

impl Stage<'_> {
    fn exchange(&mut self, i: usize) -> Seen {
        self.now += WAY;
        let ask = Ask { request: self.request(i), ..Ask::default() };
        let (ticket, step) = self.cache.request(ask, self.now);
        let mut seen = Seen::default();
        let mut behind = Vec::new();
        let mut next = Some(step);
        while let Some(step) = next.take() {
            match step {
                Step::Answer(answer) => seen.response = answer.response,
                Step::AnswerAndRefresh(answer, fetch) => {
                    seen.response = answer.response;
                    behind.push(fetch);
                }
                Step::Forward(fetch) => {
                    next = self.fetch(&fetch, &mut seen.interim).into_iter().find(|(t, _)| *t == ticket).map(|(_, s)| s);
                }
                Step::Wait(_) => panic!("{}: nobody else is fetching anything", self.test.id),
            }
        }
        for fetch in behind {
            self.fetch(&fetch, &mut Vec::new());
        }
        seen
    }

    fn fetch(&mut self, fetch: &Fetch, interim: &mut Vec<Interim>) -> Vec<(Ticket, Step)> {
        self.now += TRIP;
        let (reply, before) = self.origin(&fetch.request);
        let mut passed = true;
        for response in before {
            passed &= self.cache.interim(fetch.ticket);
            if passed {
                interim.push(response);
            }
        }
        let reply = if passed { reply } else { Reply::Failure };
        self.cache.answered(fetch.ticket, reply, self.now)
    }

    fn wall(&self) -> i64 {
        self.cache.wall(self.now)
    }

    /// What the suite's client sends, with what fetch in Node adds.
    fn request(&self, i: usize) -> Request {
        let exchange = &self.test.requests[i];
        let mut headers = Headers::default();
        let number = (i + 1).to_string();
        for (name, value) in [
            ("Pragma", "foo"),
            ("Cache-Control", "nothing-to-see-here"),
            ("Test-Name", "-"),
            ("Test-ID", self.test.id.as_str()),
            ("Req-Num", number.as_str()),
        ] {
            join(&mut headers, name, value.to_owned());
        }
        for (name, value) in &exchange.request_headers {
            join(&mut headers, name, self.client_value(exchange, i, name, value));
        }
        let encoding = if headers.get("range").is_some() { "identity" } else { "gzip, deflate" };
        for (name, value) in
            [("accept", "*/*"), ("accept-language", "*"), ("sec-fetch-mode", "cors"), ("user-agent", "node"), ("accept-encoding", encoding)]
        {
            if headers.get(name).is_none() {
                join(&mut headers, name, value.to_owned());
            }
        }
        Request {
            method: exchange.request_method.clone().unwrap_or_else(|| "GET".into()),
            origin: "http://cache.test".into(),
            target: self.target(exchange),
            headers,
        }
    }

    fn target(&self, exchange: &Exchange) -> String {
        let mut target = self.path.clone();
        if let Some(name) = &exchange.filename {
            target = format!("{target}/{name}");
        }
        if let Some(query) = &exchange.query_arg {
            target = format!("{target}?{query}");
        }
        target
    }

    /// A number in `If-Modified-Since` counts from the last response, in any other date from now.
    fn client_value(&self, exchange: &Exchange, i: usize, name: &str, value: &Value) -> String {
        let Some(delta) = value.as_i64() else { return text(value).trim().to_owned() };
        let before = i.checked_sub(1).and_then(|i| self.done.seen[i].response.headers.get("server-now"));
        let base =
            before.filter(|_| exchange.magic_ims).and_then(|ms| ms.parse::<i64>().ok()).map_or(self.wall() / 1_000_000, |ms| ms / 1_000);
        let written = date::write(base + delta);
        if exchange.rfc850date.iter().any(|n| n.eq_ignore_ascii_case(name)) { rfc850(&written) } else { written }
    }

    /// The suite's origin: it answers with what the request's number says.
    fn origin(&mut self, request: &Request) -> (Reply, Vec<Interim>) {
        let number: usize = request.headers.get("req-num").and_then(|n| n.parse().ok()).unwrap_or(0);
        let test = self.test;
        let Some(exchange) = number.checked_sub(1).and_then(|i| test.requests.get(i)) else { return (Reply::Failure, Vec::new()) };
        let pause = (exchange.response_pause * 1e6) as u64;
        self.now += Duration(pause);
        let now = self.wall();
        let mut headers = Headers::default();
        let mut compared = Vec::new();
        let count = self.done.log.len() + 1;
        for (name, value) in [
            ("Server-Base-Url", self.path.clone()),
            ("Server-Request-Count", count.to_string()),
            ("Client-Request-Count", number.to_string()),
            ("Server-Now", (now / 1_000).to_string()),
        ] {
            headers.0.push((name.into(), value));
        }
        for field in &exchange.response_headers {
            let (name, value, is_compared) = field.parts();
            let value = self.origin_value(exchange, request, name, value);
            headers.0.push((name.to_owned(), value.clone()));
            if is_compared && !name.eq_ignore_ascii_case("date") {
                join(&mut Pairs(&mut compared), name, value);
            }
        }
        self.done.log.push(Logged { number, method: request.method.clone(), headers: request.headers.clone(), sent: compared });
        let status = self.status(exchange, request, number - 1);
        self.fields[number - 1] = headers.clone();
        if exchange.disconnect {
            return (Reply::Failure, Vec::new());
        }
        let body = self.body(exchange, request, status);
        if headers.get("content-type").is_none() {
            headers.0.push(("Content-Type".into(), "text/plain".into()));
        }
        if headers.get("date").is_none() {
            headers.0.push(("Date".into(), date::write(now / 1_000_000)));
        }
        let silent = matches!(status, 204 | 304) || request.is("HEAD");
        if headers.get("content-length").is_none() && headers.get("transfer-encoding").is_none() && !silent {
            headers.0.push(("Content-Length".into(), body.len().to_string()));
        }
        (Reply::Response(Response { status, headers, body: body.as_bytes().into() }), exchange.interim_responses.clone())
    }

    /// A number in a date counts from now; bytes beyond ASCII go out as UTF-8, and headers are
    /// read as Latin-1 everywhere.
    fn origin_value(&self, exchange: &Exchange, request: &Request, name: &str, value: &Value) -> String {
        if let Some(delta) = value.as_i64() {
            let written = date::write(self.wall() / 1_000_000 + delta);
            return if exchange.rfc850date.iter().any(|n| n.eq_ignore_ascii_case(name)) { rfc850(&written) } else { written };
        }
        let value = text(value);
        let located = ["location", "content-location"].iter().any(|n| n.eq_ignore_ascii_case(name));
        if exchange.magic_locations && located {
            return if value.is_empty() { request.target.clone() } else { format!("{}/{value}", request.target) };
        }
        value.bytes().map(char::from).collect()
    }

    fn status(&self, exchange: &Exchange, request: &Request, i: usize) -> u16 {
        if exchange.expected_type.as_deref().is_some_and(|t| t.ends_with("validated")) {
            let before = i.checked_sub(1).map(|i| self.last_sent(i));
            let same = |asked: &str, stored: &str| {
                let asked = request.headers.get(asked);
                asked.is_some() && asked == before.as_ref().and_then(|fields| fields.get(stored))
            };
            return if same("if-none-match", "etag") || same("if-modified-since", "last-modified") { 304 } else { 999 };
        }
        exchange.response_status.as_ref().map_or(200, |(status, _)| *status)
    }

    /// What the origin sent for a request, or would send now if it has not seen it.
    fn last_sent(&self, i: usize) -> Headers {
        let exchange = &self.test.requests[i];
        if !self.fields[i].0.is_empty() {
            return self.fields[i].clone();
        }
        let request = self.request(i);
        let fields = exchange.response_headers.iter().map(|field| {
            let (name, value, _) = field.parts();
            (name.to_owned(), self.origin_value(exchange, &request, name, value))
        });
        Headers(fields.collect())
    }

    fn body(&self, exchange: &Exchange, request: &Request, status: u16) -> String {
        if matches!(status, 204 | 304) || request.is("HEAD") {
            return String::new();
        }
        match &exchange.response_body {
            Some(Value::String(body)) => body.clone(),
            _ => self.done.uuid.clone(),
        }
    }
}

/// Whatever takes fields and joins those of one name, as fetch does.
trait Fields {
    fn list(&mut self) -> &mut Vec<(String, String)>;
}

impl Fields for Headers {
    fn list(&mut self) -> &mut Vec<(String, String)> {
        &mut self.0
    }
}

struct Pairs<'a>(&'a mut Vec<(String, String)>);

impl Fields for Pairs<'_> {
    fn list(&mut self) -> &mut Vec<(String, String)> {
        self.0
    }
}

fn join(fields: &mut impl Fields, name: &str, value: String) {
    match fields.list().iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
        Some((_, old)) => *old = format!("{old}, {value}"),
        None => fields.list().push((name.to_owned(), value)),
    }
}

/// A value of the data as text.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The second form of a date (RFC 9110 section 5.6.7), from the first.
fn rfc850(date: &str) -> String {
    let long = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let day = long.iter().find(|name| name[..3] == date[..3]).unwrap_or(&"");
    format!("{day}, {}-{}-{} {} GMT", &date[5..7], &date[8..11], &date[14..16], &date[17..25])
}
