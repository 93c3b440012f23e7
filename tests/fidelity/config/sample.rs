//! HAProxy: what is taken of a request, as a key or to be compared.

use hopscope_core::policy::balance::haproxy::{header_value, url_param};
use serde_json::Value;

use crate::pool::client;

/// What a rule takes of a request as a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    what: What,
    lower: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Source,
    Header(String),
    UrlParam(String),
    Path,
    Url,
}

/// Reads a sample expression with its converters.
pub(crate) fn sample(expression: &str) -> Result<Sample, String> {
    let mut parts = expression.split(',');
    let first = parts.next().unwrap_or_default();
    let mut lower = false;
    for converter in parts {
        match converter {
            "lower" => lower = true,
            other => return Err(format!("not modelled yet: HAProxy's converter {other}")),
        }
    }
    let inside = |start: &str| first.strip_prefix(start).and_then(|rest| rest.strip_suffix(')')).map(str::to_owned);
    let header = || ["req.hdr(", "hdr(", "req.fhdr(", "fhdr("].iter().find_map(|start| inside(start));
    let what = match first {
        "src" => What::Source,
        "path" => What::Path,
        "url" => What::Url,
        _ => match (header(), inside("url_param(").or_else(|| inside("urlp("))) {
            (Some(name), _) => What::Header(name),
            (_, Some(name)) => What::UrlParam(name),
            _ => return Err(format!("not modelled yet: HAProxy's sample {first}")),
        },
    };
    Ok(Sample { what, lower })
}

impl Sample {
    /// Whether it is the path, whose values have slashes in them.
    pub(crate) fn is_path(&self) -> bool {
        self.what == What::Path
    }

    /// What it takes of a request; `None` when that is not there.
    pub(crate) fn of(&self, request: &Value) -> Option<String> {
        let uri = request["uri"].as_str().unwrap_or("/");
        // Recordings that are about one key say it in so many words.
        let told = |field: &str| request["key"].as_str().filter(|_| request[field].is_null()).map(str::to_owned);
        let value = match &self.what {
            What::Source => client(request).to_string(),
            What::Path => uri.split('?').next().unwrap_or_default().to_owned(),
            What::Url => uri.to_owned(),
            What::UrlParam(name) => match url_param(uri.as_bytes(), name.as_bytes()) {
                Some(value) => String::from_utf8_lossy(value).into_owned(),
                None => told("uri")?,
            },
            What::Header(name) => {
                let fields = request["headers"].as_object();
                match fields.and_then(|fields| fields.iter().rev().find(|(n, _)| n.eq_ignore_ascii_case(name))) {
                    Some((_, value)) => {
                        let value = value.as_str().or_else(|| value.as_array()?.last()?.as_str())?;
                        String::from_utf8_lossy(header_value(value.as_bytes(), false)?).into_owned()
                    }
                    None => told("headers")?,
                }
            }
        };
        Some(if self.lower { value.to_ascii_lowercase() } else { value })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sample_is_taken_of_a_request() {
        let request = json!({ "uri": "/a?k=V", "headers": { "X-K": "One, Two" }, "client_ip": "10.0.0.9" });
        let check = |expression: &str, expect: Option<&str>| {
            let taken = sample(expression).expect("it is known").of(&request);
            assert_eq!(taken.as_deref(), expect, "{expression}");
        };
        check("src", Some("10.0.0.9"));
        check("url_param(k),lower", Some("v"));
        check("path", Some("/a"));
        check("hdr(x-none)", None);
        assert!(sample("base32+src").is_err());
    }
}
