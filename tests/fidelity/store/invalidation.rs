//! Varnish: purges, bans and surrogate keys of a VCL.
//!
//! Everything that the origin sends here can be stored, so nothing of caching is needed but that an
//! object is fresh for a while, may be used for a while after that, and has variants.

use std::collections::BTreeMap;

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::store::ban::{Asked, BanError, Bannable, Facts, Verdict};
use hopscope_core::policy::cache::store::{New, PatternError, Rules, Size, Store, keys_of};
use hopscope_core::time::{Duration, Instant};
use serde_json::{Value, json};

use super::vcl::{self, Act, Origin, Vcl};
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};
use crate::{fields, pool};

/// Requests that fetch, purge, ban and name surrogate keys.
pub(crate) const FAMILY: Family = Family { name: "Varnish invalidation", fits, replay, leaves: &[] };

/// `default_ttl` and `default_grace`.
const TTL: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(10);
/// How a page begins that Varnish made itself.
const SYNTHETIC: &str = "<!DOCTYPE html>\n<html>\n  <head>\n    <tit";

fn read(trace: &Trace) -> Option<(Vcl, Origin)> {
    Some((vcl::read(trace.config["vcl"].as_str()?)?, vcl::origin(trace.setup["origin"].as_str()?)?))
}

fn fits(trace: &Trace) -> bool {
    let known = |step: &Step| match step.kind.as_str() {
        "request" => step.request["method"].is_string() && step.request["uri"].is_string(),
        "control" => step.control["op"] == "wait_ms",
        _ => false,
    };
    trace.system.starts_with("varnish") && read(trace).is_some() && trace.steps.iter().all(known)
}

/// A stored answer.
struct Page {
    headers: Headers,
    body: String,
    origin: Instant,
    ttl: Duration,
    hits: u32,
}

impl Page {
    fn until(&self) -> Instant {
        self.origin + self.ttl
    }

    /// Lets it run out now, if it has not.
    fn soften(&mut self, now: Instant) -> bool {
        let fresh = now < self.until();
        if fresh {
            self.ttl = now.since(self.origin);
        }
        fresh
    }
}

impl Bannable for Page {
    fn facts(&self) -> Facts<'_> {
        Facts { headers: &self.headers, status: 200, origin: self.origin, ttl: self.ttl, grace: GRACE, keep: Duration::ZERO }
    }
}

struct World {
    vcl: Vcl,
    origin: Origin,
    fetched: BTreeMap<String, u32>,
    store: Store<Page>,
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let (vcl, origin) = read(trace).ok_or("its VCL takes nothing out")?;
    let store = Store::new(Rules::varnish(u64::MAX / 2, Duration::from_secs(2), 50));
    let mut world = World { vcl, origin, fetched: BTreeMap::new(), store };
    trace.steps.iter().map(|step| world.step(step)).collect()
}

/// Which variant a request asks for, of an answer that varies by these fields.
fn variant(vary: &str, asked: &Headers) -> String {
    let value = |name: &str| asked.get(name).map_or_else(|| format!("{name};"), |value| format!("{name}={value};"));
    vary.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| value(&name.to_ascii_lowercase())).collect()
}

impl World {
    fn step(&mut self, step: &Step) -> Result<Expect, String> {
        if step.kind == "control" {
            return Ok(Expect::Nothing);
        }
        let (now, headers) = (pool::moment(step), fields::of(&step.request));
        let (method, uri) = (pool::text(&step.request, "method"), pool::text(&step.request, "uri"));
        let field = |name: &str| headers.get(name).unwrap_or_default();
        let said = |status: u16, reason: String| synthetic(status, &reason);
        Ok(match self.vcl.acts.get(method).cloned() {
            None if method == "GET" => self.get(uri, &headers, now),
            Some(Act::LookUp) | None => return Err(format!("not modelled yet: a request with {method}")),
            Some(Act::Purge) => {
                self.store.purge(uri);
                said(200, "Purged".into())
            }
            Some(Act::Ban(name)) => match self.store.ban(field(&name), now) {
                Ok(_) => said(200, "banned".into()),
                Err(why) => said(400, in_varnish(&why)),
            },
            Some(Act::PurgeKeys(name)) => said(200, self.store.purge_keys(keys_of(field(&name))).count.to_string()),
            Some(Act::SoftPurgeKeys(name)) => {
                let count = self.store.soft_purge_keys(keys_of(field(&name)), |page| page.soften(now));
                said(200, count.to_string())
            }
        })
    }

    fn get(&mut self, uri: &str, headers: &Headers, now: Instant) -> Expect {
        let asked = Asked { url: uri, headers };
        let mut stale = None;
        let variants: Vec<String> = self.store.variants(uri).map(|object| object.variant.to_string()).collect();
        for kept in variants {
            if matches!(self.store.check_bans(uri, &kept, &asked), Some(Verdict::Killed { .. })) {
                continue;
            }
            let Some(page) = self.store.get(uri, &kept, now) else { continue };
            if variant(page.headers.get("Vary").unwrap_or_default(), headers) != kept {
                continue;
            }
            if now < page.until() {
                return hit(page, now, &[]);
            }
            if stale.is_none() && now < page.until() + GRACE {
                stale = Some(kept);
            }
        }
        // Whoever asks within the grace gets the old one, and somebody fetches behind their back.
        let answer = stale.and_then(|kept| Some(hit(self.store.get(uri, &kept, now)?, now, &[uri])));
        let body = self.fetch(uri, headers, now);
        answer.unwrap_or_else(|| answered("miss", &body, 0, 0, &[uri]))
    }

    fn fetch(&mut self, uri: &str, headers: &Headers, now: Instant) -> String {
        let fetched = self.fetched.entry(uri.to_owned()).or_default();
        *fetched += 1;
        let body = format!("v{fetched}");
        let mut answer = Headers(self.origin.get(uri).cloned().unwrap_or_default());
        for name in &self.vcl.url_fields {
            answer.set(name, uri);
        }
        let kept = variant(answer.get("Vary").unwrap_or_default(), headers);
        let tagged = answer.get("xkey").unwrap_or_default().to_owned();
        let tags: Vec<&str> = keys_of(&tagged).collect();
        let value = Page { headers: answer, body: body.clone(), origin: now, ttl: TTL, hits: 0 };
        let size = Size { head: 0, body: body.len() as u64 };
        self.store.put(New { key: uri, variant: &kept, size, tags: &tags, asked: now, value }, now);
        body
    }
}

fn hit(page: &mut Page, now: Instant, fetches: &[&str]) -> Expect {
    page.hits += 1;
    answered("hit", &page.body, now.since(page.origin).as_micros() / 1_000_000, page.hits, fetches)
}

fn answered(x_cache: &str, body: &str, age: u64, hits: u32, fetches: &[&str]) -> Expect {
    let told = json!({ "x_cache": x_cache, "status": 200, "body": body, "x-hits": hits.to_string(), "x-uncacheable": "false" });
    let fetches: Vec<Value> = fetches.iter().map(|uri| json!({ "method": "GET", "uri": uri })).collect();
    Expect::Holds(Box::new(move |decided| compare(&told, Some(age), &fetches, decided)))
}

fn synthetic(status: u16, reason: &str) -> Expect {
    let told = json!({ "x_cache": null, "status": status, "body": SYNTHETIC, "x-reason": reason });
    Expect::Holds(Box::new(move |decided| compare(&told, None, &[], decided)))
}

/// All fields; the age up to a second (its clock may be a little further), and of what the origin was
/// asked the methods and URLs.
fn compare(told: &Value, age: Option<u64>, fetches: &[Value], decided: &Value) -> Result<(), String> {
    for (name, there) in decided.as_object().into_iter().flatten() {
        match name.as_str() {
            "age" => {
                let recorded = there.as_str().and_then(|text| text.parse::<u64>().ok());
                if age.zip(recorded).is_none_or(|(here, there)| here.abs_diff(there) > 1) {
                    return Err(format!("age is {age:?} here and {there} in the recording"));
                }
            }
            "origin_requests" => {
                let asked = |request: &Value| json!({ "method": request["method"], "uri": request["uri"] });
                let recorded: Vec<Value> = there.as_array().into_iter().flatten().map(asked).collect();
                if recorded != fetches {
                    return Err(format!("the origin is asked {fetches:?} here and {recorded:?} in the recording"));
                }
            }
            _ if told[name] == *there => {}
            _ => return Err(format!("{name} is {} here and {there} in the recording", told[name])),
        }
    }
    let silent = told.as_object().into_iter().flatten().find(|(name, value)| !value.is_null() && decided[name.as_str()].is_null());
    silent.map_or(Ok(()), |(name, value)| Err(format!("{name} is {value} here and not in the recording")))
}

/// What Varnish says of a wrong ban (`VRT_ban_string`, `BAN_AddTest`, 7.1).
fn in_varnish(why: &BanError) -> String {
    match why {
        BanError::Empty => "No ban conditions found.".into(),
        BanError::NoOperator => "Expected comparison operator.".into(),
        BanError::NoValue => "Expected second operand.".into(),
        BanError::Quote => "Missing '\"'".into(),
        BanError::NotAnd(found) => format!("Expected && between conditions, found \"{found}\""),
        BanError::Field(found) => format!("Unknown or unsupported field \"{found}\""),
        BanError::Operator(field, found) => {
            let spans = ["obj.ttl", "obj.age", "obj.grace", "obj.keep"].iter().any(|name| field.starts_with(name));
            let known = if spans { "==, !=, >, >=, < or <=" } else { "==, !=, ~ or !~" };
            format!("expected conditional ({known}) got \"{found}\"")
        }
        BanError::Span(found) => format!("expected duration <n.nn>[ms|s|m|h|d|w|y] got \"{found}\""),
        BanError::Pattern(PatternError::Bracket) => "Regex compile error: missing closing parenthesis".into(),
        BanError::Pattern(why) => format!("Regex compile error: {why}"),
    }
}
