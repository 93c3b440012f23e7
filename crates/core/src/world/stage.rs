//! One stage's answer to one request. Stages decide; the proxy carries it out.

use std::net::IpAddr;

use super::ClassState;
use super::flight::Flight;
use super::id::NodeId;
use super::state::StageDoing;
use crate::forwarded::client_address;
use crate::http::Headers;
use crate::policy::limit::TokenBucket;
use crate::rng::Draw;
use crate::scenario::{Dist, ForwardedMode, LimitKey, When};
use crate::time::{Duration, Instant};

use super::event::{Outcome, Why};

/// What a stage says to a request.
pub(crate) enum Answer {
    /// Go on.
    Continue,
    /// It is answered here.
    Respond(u16, Outcome, Why),
    /// It is held so long.
    Wait(Duration),
    /// Another service is asked first.
    Call { to: NodeId, timeout: Duration, work: Option<Dist> },
    /// Go on, and send a copy there.
    Copy(NodeId),
    /// Go on, to whoever the host names.
    ByHost,
}

/// What a stage may look at beside the request itself.
pub(crate) struct Surroundings<'a> {
    pub(crate) class: &'a ClassState,
    pub(crate) method: &'static str,
    pub(crate) now: Instant,
    pub(crate) draw: Draw,
}

impl StageDoing {
    /// Looks at a request, and may change it.
    pub(crate) fn meet(&mut self, flight: &mut Flight, around: &Surroundings<'_>) -> Answer {
        match self {
            Self::Route { rules } => {
                let matched = rules.iter().find(|(when, _)| matches(when, flight, around));
                if let Some((_, pool)) = matched {
                    flight.pool = *pool as u16;
                }
                Answer::Continue
            }
            Self::Forwarded { mode } => {
                forwarded(*mode, flight.peer, &mut flight.headers);
                Answer::Continue
            }
            Self::RealIp { trusted } => {
                let chain = flight.headers.list("x-forwarded-for");
                flight.client = client_address(flight.peer, &chain, *trusted as usize);
                Answer::Continue
            }
            Self::Limit { key, rate, burst, buckets } => {
                let address = match key {
                    LimitKey::Peer => flight.peer,
                    LimitKey::Client => flight.client,
                };
                let bucket = buckets.get_or(address, || TokenBucket::full(*burst, around.now));
                if bucket.admit((*rate * 1_000.0) as u64, *burst, around.now) {
                    Answer::Continue
                } else {
                    Answer::Respond(429, Outcome::Rejected, Why::Limited)
                }
            }
            Self::Deny { when, status } => {
                if matches(when, flight, around) {
                    Answer::Respond(*status, Outcome::Rejected, Why::Denied)
                } else {
                    Answer::Continue
                }
            }
            Self::Call { to, timeout, work } => Answer::Call { to: *to, timeout: *timeout, work: work.clone() },
            Self::Wait { hold } => Answer::Wait(*hold),
            Self::Mirror { to, percent } => {
                if around.draw.unit() * 100.0 < *percent {
                    Answer::Copy(*to)
                } else {
                    Answer::Continue
                }
            }
            Self::ByHost => Answer::ByHost,
            Self::Authenticate { header, value } => {
                if flight.headers.get(header) == Some(&**value) {
                    // RFC 9110 section 11.7.2: the first proxy that wanted the credentials consumes them.
                    std::rc::Rc::make_mut(&mut flight.headers).remove(header);
                    Answer::Continue
                } else {
                    Answer::Respond(407, Outcome::Rejected, Why::Denied)
                }
            }
            Self::Store { shelf, .. } => match shelf.get(&shelved(flight, around)) {
                Some(&until) if around.method == "GET" && around.now < until => Answer::Respond(200, Outcome::Served, Why::Answered),
                _ => Answer::Continue,
            },
        }
    }

    /// Looks at the answer on its way back through the proxy `name`.
    pub(crate) fn meet_answer(&mut self, flight: &mut Flight, around: &Surroundings<'_>, status: u16, name: &str) {
        if let Self::Store { keep, shelf } = self
            && around.method == "GET"
            && status == 200
        {
            *shelf.get_or(shelved(flight, around), || around.now) = around.now + *keep;
        }
        // RFC 9110 section 7.6.3: every proxy that forwards writes itself into Via.
        if matches!(self, Self::Forwarded { .. }) {
            match flight.reply.iter_mut().find(|(field, _)| field == "Via") {
                Some((_, value)) => value.push_str(&format!(", 1.1 {name}")),
                None => flight.reply.push(("Via".to_owned(), format!("1.1 {name}"))),
            }
        }
    }
}

/// What a shelf finds an answer by.
fn shelved(flight: &Flight, around: &Surroundings<'_>) -> (String, std::rc::Rc<str>) {
    (flight.headers.get("host").unwrap_or("").to_owned(), around.class.path.clone())
}

fn forwarded(mode: ForwardedMode, peer: IpAddr, headers: &mut std::rc::Rc<Headers>) {
    match mode {
        ForwardedMode::Pass => {}
        ForwardedMode::Append => std::rc::Rc::make_mut(headers).append_forwarded_for(peer),
        ForwardedMode::Replace => std::rc::Rc::make_mut(headers).set("X-Forwarded-For", peer.to_string()),
        ForwardedMode::Rfc7239 => std::rc::Rc::make_mut(headers).append_forwarded(peer),
    }
}

fn matches(when: &When, flight: &Flight, around: &Surroundings<'_>) -> bool {
    let path = || around.class.path.split('?').next().unwrap_or("");
    let valued = |found: Option<&str>, wanted: &Option<String>| match wanted {
        Some(value) => found == Some(value.as_str()),
        None => found.is_some(),
    };
    match when {
        When::Any => true,
        When::PathPrefix(prefix) => path().starts_with(prefix.as_str()),
        When::PathIs(exact) => path() == exact,
        When::Host(host) => flight.headers.get("host").is_some_and(|h| h.eq_ignore_ascii_case(host)),
        When::Method(method) => around.method.eq_ignore_ascii_case(method),
        When::Header(name, value) => valued(flight.headers.get(name), value),
        When::Cookie(name, value) => valued(flight.headers.cookie(name), value),
    }
}
