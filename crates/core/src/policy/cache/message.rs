//! Requests and responses as a cache sees them.

use std::rc::Rc;

use crate::http::Headers;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, as it is written: methods are case-sensitive.
    pub method: String,
    /// Scheme and host: `http://shop.test`.
    pub origin: String,
    /// Path and query.
    pub target: String,
    /// The fields.
    pub headers: Headers,
}

impl Request {
    /// Whether the method is that one.
    pub fn is(&self, method: &str) -> bool {
        self.method == method
    }

    /// Whether the method asks for nothing to change (RFC 9110 section 9.2.1).
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY" | "PROPFIND" | "REPORT" | "SEARCH")
    }
}

/// A final response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The fields.
    pub headers: Headers,
    /// The content. It may be shorter than the fields say: a lab needs no megabytes.
    pub body: Rc<[u8]>,
}

impl Response {
    /// A response that the cache makes itself.
    pub fn own(status: u16) -> Self {
        Self { status, ..Self::default() }
    }
}

/// What came back from an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A response.
    Response(Response),
    /// No connection, none in time, or one that broke before a response was there.
    Failure,
}
