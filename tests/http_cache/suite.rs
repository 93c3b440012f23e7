//! The conformance suite as data: http-tests/cache-tests, read from where it lies.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// A set of tests about one thing.
#[derive(Debug, Deserialize)]
pub struct Suite {
    pub tests: Vec<Test>,
}

/// One test.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Test {
    pub id: String,
    pub kind: Kind,
    pub depends_on: Vec<String>,
    pub browser_only: bool,
    pub requests: Vec<Exchange>,
}

/// What failing means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Required,
    Optimal,
    Check,
}

/// A client's request, the origin's answer to it, and what is expected of both.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Exchange {
    pub request_method: Option<String>,
    pub request_headers: Vec<(String, Value)>,
    pub query_arg: Option<String>,
    pub filename: Option<String>,
    pub pause_after: bool,
    pub magic_ims: bool,
    pub rfc850date: Vec<String>,
    pub response_status: Option<(u16, String)>,
    pub response_headers: Vec<Field>,
    /// Absent, null or a text, which are three things.
    #[serde(deserialize_with = "present")]
    pub response_body: Option<Value>,
    pub response_pause: f64,
    pub interim_responses: Vec<Interim>,
    pub magic_locations: bool,
    pub disconnect: bool,
    pub expected_type: Option<String>,
    #[serde(deserialize_with = "present")]
    pub expected_status: Option<Value>,
    pub expected_response_headers: Vec<Value>,
    pub expected_response_headers_missing: Vec<Value>,
    pub expected_interim_responses: Option<Vec<Interim>>,
    pub check_body: Option<bool>,
    #[serde(deserialize_with = "present")]
    pub expected_response_text: Option<Value>,
    pub expected_request_headers: Vec<Value>,
    pub expected_request_headers_missing: Vec<Value>,
    pub expected_method: Option<String>,
    pub setup: bool,
    pub setup_tests: Vec<String>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A field of a response: its name, its value, and whether it is compared afterwards.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Field {
    Plain(String, Value),
    Marked(String, Value, bool),
}

impl Field {
    pub fn parts(&self) -> (&str, &Value, bool) {
        match self {
            Self::Plain(name, value) => (name, value, true),
            Self::Marked(name, value, compared) => (name, value, *compared),
        }
    }
}

/// A response that is not final.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Interim {
    Bare((u16,)),
    With(u16, Vec<(String, String)>),
}

impl Interim {
    pub fn parts(&self) -> (u16, &[(String, String)]) {
        match self {
            Self::Bare((status,)) => (*status, &[]),
            Self::With(status, fields) => (*status, fields),
        }
    }
}

/// Reads every test.
pub fn read(path: &Path) -> Result<Vec<Test>, String> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let suites: Vec<Suite> = serde_json::from_str(&text).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(suites.into_iter().flat_map(|suite| suite.tests).collect())
}
