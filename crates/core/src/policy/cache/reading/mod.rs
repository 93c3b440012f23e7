//! How a cache reads a response: whether it may be stored, how long it is fresh, and what has to
//! happen when it no longer is. One reader each for the RFCs and for the servers, which read the
//! same fields in ways of their own; everything else is shared.

mod nginx;
mod rfc;
mod squid;
mod varnish;

use super::field::control::{Control, Scope};
use super::field::members;
use super::message::{Request, Response};
use super::profile::Profile;
use super::verdict::Reason;
use crate::http::Headers;

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// RFC 9111.
    Rfc,
    /// nginx: `ngx_http_upstream_process_*`, in the order of the fields.
    Nginx,
    /// Varnish: `RFC2616_Ttl` and the built-in `vcl_backend_response`.
    Varnish,
    /// Squid: `HttpStateData::reusableReply` and `refreshCheck`.
    Squid,
}

/// A response that has arrived. Times are microseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// What was asked.
    pub request: &'a Request,
    /// What came.
    pub response: &'a Response,
    /// When it was asked for.
    pub asked: i64,
    /// When it came.
    pub at: i64,
}

/// The terms under which a response may be used again. Spans are in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Why it may not be stored, when it may not.
    pub refused: Option<Reason>,
    /// How old it may get; below zero when it was over before it began.
    pub lifetime: i64,
    /// What says so.
    pub source: Reason,
    /// How old it was when it came.
    pub age: i64,
    /// Why it has to be validated before every use.
    pub always: Option<Reason>,
    /// Why it may not be used stale.
    pub must: Option<Reason>,
    /// How long past its lifetime it may be used while it is refreshed.
    pub swr: Option<i64>,
    /// How long past its lifetime it may be used when the origin fails.
    pub sie: Option<i64>,
    /// It will not change while it is fresh.
    pub immutable: bool,
    /// Fields that are not used again without validation.
    pub hidden: Vec<String>,
    /// Fields that are not stored.
    pub dropped: Vec<String>,
}

impl Terms {
    /// Terms under which nothing is stored or fresh, to be filled in.
    const fn none() -> Self {
        Self {
            refused: None,
            lifetime: 0,
            source: Reason::Unknown,
            age: 0,
            always: None,
            must: None,
            swr: None,
            sie: None,
            immutable: false,
            hidden: Vec::new(),
            dropped: Vec::new(),
        }
    }
}

impl Terms {
    /// The terms of a note that stays for so long.
    pub fn of_note(span: i64) -> Self {
        Self { lifetime: span, ..Self::none() }
    }
}

impl Profile {
    /// What a client asks of a cache, as far as this one listens.
    pub fn wants(&self, headers: &Headers) -> Control {
        if !self.heed_client {
            return Control::default();
        }
        let mut wants = if self.reading == Reading::Squid { squid::control(headers) } else { Control::read(headers) };
        if self.heed_pragma && !wants.any && headers.all("pragma").flat_map(members).any(|m| m.eq_ignore_ascii_case("no-cache")) {
            wants.no_cache = Scope::All;
        }
        wants
    }

    /// The terms of a response.
    pub fn terms(&self, arrival: &Arrival<'_>) -> Terms {
        match self.reading {
            Reading::Rfc => rfc::read(self, arrival),
            Reading::Nginx => nginx::read(self, arrival),
            Reading::Varnish => varnish::read(self, arrival),
            Reading::Squid => squid::read(self, arrival),
        }
    }

    /// The lifetime in microseconds that a setting gives to a status; one of nothing is none.
    pub(super) fn setting(&self, status: u16) -> Option<i64> {
        self.valid.iter().find(|(s, _)| *s == status || *s == 0).map(|(_, span)| *span).filter(|span| *span > 0)
    }

    fn ignores(&self, field: &str) -> bool {
        self.ignored.contains(&field)
    }
}
