//! What one kind of cache does: data, with a few documented quirks. The machine is the same for
//! all of them.

use crate::time::Duration;

use super::key::KeyRules;
use super::reading::Reading;
use super::vary::VaryRules;

/// Microseconds in a second.
pub(super) const SECOND: i64 = 1_000_000;

/// How finely a cache's clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// As finely as time goes here.
    Exact,
    /// In whole seconds; the second in which the lifetime ends is stale (Squid).
    Seconds,
    /// In whole seconds; the second in which the lifetime ends is still fresh, so five seconds
    /// last from five to six (nginx).
    SecondsThrough,
}

/// What a cache asks an origin about a stale response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validate {
    /// For the whole response again.
    Never,
    /// Whether it changed, by its entity tag and its last modification.
    Validators,
    /// The same; without a last modification, by the moment at which it was served (Squid).
    ServedAt,
}

/// What a 304 changes in what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// How long it is fresh, and no field (nginx).
    Nothing,
    /// Every field but these (RFC 9111 section 3.2).
    Except(&'static [&'static str]),
}

/// How a cache answers a client's `If-None-Match` and `If-Modified-Since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Both have to hold when both are there; else the entity tag alone counts (RFC 9110 section 13.2.2).
    pub both: bool,
    /// The date has to be the same, not only as late (nginx `if_modified_since exact`).
    pub exact: bool,
    /// Tags are compared as text, well-formed or not.
    pub as_text: bool,
    /// The whole field is one tag (Varnish).
    pub one_tag: bool,
    /// What stands in for a missing `Last-Modified`.
    pub without: Without,
    /// Only a stored 200 is answered with 304.
    pub only_200: bool,
}

/// What stands in for a missing `Last-Modified` when a client asks since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Nothing: the whole response is sent.
    Nothing,
    /// `Date`, or when it was received (RFC 9111 section 4.3.2).
    Date,
    /// A fresh response is taken as unmodified. Section 4.3.2 does not ask for this; the
    /// conformance suite calls it optimal.
    Freshness,
}

/// When a stale response is used because the origin fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors {
    /// It is used when no response comes at all, without anybody allowing it.
    pub failure: bool,
    /// These statuses count as failing, without anybody allowing it.
    pub statuses: Vec<u16>,
    /// These statuses count as failing when `stale-if-error` allows it; without any, only a
    /// failed connection does (nginx).
    pub allowed: &'static [u16],
    /// `stale-if-error` counts.
    pub directive: bool,
    /// When `stale-if-error` has run out, nothing stale is used, whatever else would allow it.
    pub ends: bool,
    /// How long past its lifetime, when nobody allows it; `None` is for ever.
    pub limit: Option<i64>,
    /// What the client gets when nothing can be used.
    pub status: u16,
}

/// What happens to requests for something that is being fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collapse {
    /// Each fetches for itself.
    Off,
    /// They wait until the fetch ends.
    Wake,
    /// They look again at intervals (nginx `proxy_cache_lock`).
    Poll {
        /// At the latest after this long: 500 ms.
        every: Duration,
        /// For how long at most before they fetch for themselves, without storing.
        timeout: Duration,
        /// After how long the next one may fetch although the first has not come back.
        age: Duration,
    },
}

/// How ranges are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranges {
    /// With the whole.
    Never,
    /// With the part, when the stored response says `Accept-Ranges` (nginx).
    Accepted,
    /// With the part.
    Whole,
    /// With the part; parts are stored and joined too (RFC 9111 sections 3.3 and 3.4).
    Parts,
}

/// What unsafe methods take out of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalidate {
    /// Nothing.
    Nothing,
    /// What they are for, and what the response names, when they succeed (RFC 9111 section 4.4).
    Success,
    /// The same; methods that are not known take out what they are for although they fail (Squid).
    UnknownAlways,
}

/// What of a response is changed on its way to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// `Age` is written on what comes from the store.
    pub age: bool,
    /// `Age` is written on everything (Varnish).
    pub age_always: bool,
    /// `Date` is that of the answer, not of the response (nginx).
    pub own_date: bool,
    /// Fields named in `Connection` are taken out, and those of one connection only.
    pub listed: bool,
    /// Taken out of what comes from the store.
    pub hidden: &'static [&'static str],
    /// A 304 of the cache has only these fields.
    pub in_304: Option<&'static [&'static str]>,
    /// The `Warning` on what is stale.
    pub warning: Option<&'static str>,
    /// The name under which `Cache-Status` is written.
    pub status: Option<&'static str>,
}

/// What is made of responses that are not final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interim {
    /// They are passed on.
    Pass,
    /// They are passed on, and nothing behind them is stored (nginx 1.22).
    PassUncached,
    /// They are a failure (Varnish 7.1).
    Fail,
}

/// One kind of cache.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// How it reads what a response says about storing and freshness.
    pub reading: Reading,
    /// Fields that count instead of `Cache-Control`, the first that is there (RFC 9213).
    pub targets: &'static [&'static str],
    /// How finely its clock counts.
    pub grain: Grain,
    /// Responses with `Set-Cookie` are stored.
    pub stores_cookies: bool,
    /// Methods besides GET and HEAD that are answered from the store (nginx `proxy_cache_methods`).
    pub methods: &'static [&'static str],
    /// A response to POST is stored for GET when it says so (RFC 9110 section 9.3.3).
    pub post_for_get: bool,
    /// The client's `Cache-Control` counts.
    pub heed_client: bool,
    /// The client's `Pragma: no-cache` counts.
    pub heed_pragma: bool,
    /// Requests with one of these fields are passed.
    pub pass_on: &'static [&'static str],
    /// Taken out of requests to the origin.
    pub withheld: &'static [&'static str],
    /// HEAD is asked for as GET, and stored.
    pub head_as_get: bool,
    /// A client's conditions and `Range` go to the origin when nothing is stored.
    pub forwards_conditions: bool,
    /// How a stale response is validated.
    pub validate: Validate,
    /// How long a stale response is kept to be validated; `None` is for ever.
    pub keep: Option<i64>,
    /// What a 304 changes.
    pub update: Update,
    /// A 304 with another strong tag than the stored one changes nothing (RFC 9111 section 4.3.4).
    pub checks_304: bool,
    /// A 304 goes to a client who asked since when, as the origin sent it (Squid).
    pub passes_304: bool,
    /// An answer with an older `Date` than what is stored is not used (Squid).
    pub refuses_older: bool,
    /// How clients' conditions are answered.
    pub conditions: Conditions,
    /// How long everything may be used stale while it is refreshed (Varnish `default_grace`).
    pub grace: i64,
    /// Stale responses are refreshed behind the answer (nginx `proxy_cache_background_update`).
    pub background: bool,
    /// What is stale is used while another request refreshes it (nginx `use_stale updating`).
    pub updating: bool,
    /// `stale-while-revalidate` counts.
    pub heed_swr: bool,
    /// When the origin fails.
    pub errors: Errors,
    /// Requests for what is being fetched.
    pub collapse: Collapse,
    /// They wait for what is refreshed, too, and not only for what is new.
    pub collapse_stale: bool,
    /// How long a note stays that something is not cacheable (Varnish 120 s).
    pub hit_for_miss: Option<i64>,
    /// Responses with this field are passed on, and so are later requests for so long
    /// (VCL `return (pass(3s))`).
    pub hit_for_pass: Option<(&'static str, i64)>,
    /// A refresh behind an answer that brings an error is forgotten (VCL `return (abandon)`).
    pub abandons: bool,
    /// A client's `no-cache` fetches the whole anew, without conditions, and its `max-age=0` asks
    /// the origin even about what has just come (Squid).
    pub reloads: bool,
    /// From which request on a response is stored (nginx `proxy_cache_min_uses`).
    pub min_uses: u32,
    /// Lifetimes in microseconds by status, 0 for any, where nothing else says one
    /// (nginx `proxy_cache_valid`).
    pub valid: Vec<(u16, i64)>,
    /// The lifetime in microseconds of what says nothing (Varnish `default_ttl`).
    pub default_ttl: i64,
    /// The lifetime in microseconds of everything, whatever it says (VCL `set beresp.ttl`).
    pub ttl: Option<i64>,
    /// How long errors that say nothing are fresh, in microseconds (Squid `negative_ttl`).
    pub negative_ttl: i64,
    /// Fields that do not count, in small letters (nginx `proxy_ignore_headers`).
    pub ignored: Vec<&'static str>,
    /// The part of the time since the last change that is assumed fresh, in hundredths, and the
    /// most that is assumed, in seconds.
    pub heuristic: (i64, i64),
    /// How many seconds what says nothing at all is fresh (the first number of Squid's
    /// `refresh_pattern`).
    pub heuristic_least: i64,
    /// How variants are told apart.
    pub vary: VaryRules,
    /// How ranges are answered.
    pub ranges: Ranges,
    /// What unsafe methods take out.
    pub invalidate: Invalidate,
    /// What is changed on the way to the client.
    pub output: Output,
    /// What is made of responses that are not final.
    pub interim: Interim,
    /// Responses that are malformed are failures: a transfer coding that does not exist, a status
    /// beyond 599, a `Content-Range` on anything but a 206.
    pub strict: Strict,
    /// How much earlier than at its end a response may be refreshed by chance, as a multiple of
    /// the time that fetching it took, in hundredths; 0 is never (XFetch's beta).
    pub early: u32,
    /// What tells one stored response from another.
    pub keys: KeyRules,
}

/// What a cache will not take from an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strict {
    /// A transfer coding other than `chunked`.
    pub coding: bool,
    /// A status beyond 599.
    pub status: bool,
    /// `Content-Range` where none was asked for, or a 206 to a request without `Range`.
    pub range: bool,
}
