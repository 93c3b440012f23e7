//! Just enough HTTP: methods, and header fields as they stand on the wire. What proxies add about
//! the client is in [`crate::forwarded`].
//!
//! Header fields are an ordered list and not a map: a lab shows them in the order, the
//! spelling and the number in which they were sent, and RFC 9110 section 5.3 gives that
//! order a meaning for repeated fields.

use serde::{Deserialize, Serialize};

/// A request method (RFC 9110 section 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Safe and idempotent.
    #[default]
    Get,
    /// Safe and idempotent, without content.
    Head,
    /// Neither safe nor idempotent: a proxy may not repeat it unasked.
    Post,
    /// Idempotent.
    Put,
    /// Idempotent.
    Delete,
    /// Not idempotent.
    Patch,
}

impl Method {
    /// The method's name as it stands in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
        }
    }

    /// Whether sending it twice means the same as sending it once (RFC 9110 section 9.2.2).
    pub const fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch)
    }
}

/// Header fields in wire order; names compare without regard to case (RFC 9110 section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The value of the first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of every field of that name, in order.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// All fields of that name as one comma-separated list (RFC 9110 section 5.3).
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// Removes every field of that name and adds one.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// Removes every field of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// The value of a cookie in the request's `Cookie` fields (RFC 6265 section 4.2.1).
    pub fn cookie<'a>(&'a self, name: &str) -> Option<&'a str> {
        self.cookies(name).next()
    }

    /// The values of every cookie of that name, in order.
    pub fn cookies<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        let pairs = self.all("cookie").flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(move |(n, _)| *n == name).map(|(_, v)| v)
    }

    /// Takes every cookie of that name out of the `Cookie` fields, and fields that are empty then.
    pub fn remove_cookie(&mut self, name: &str) {
        self.0.retain_mut(|(field, value)| {
            if !field.eq_ignore_ascii_case("cookie") {
                return true;
            }
            let ours = |pair: &&str| pair.split('=').next().is_some_and(|n| n.trim() == name);
            *value = value.split(';').filter(|pair| !ours(pair)).map(str::trim).collect::<Vec<_>>().join("; ");
            !value.is_empty()
        });
    }
}

/// What a status code means for the one who waits, in a few words.
pub const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        407 => "Proxy Authentication Required",
        429 => "Too Many Requests",
        499 => "Client Closed Request",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_name() {
        let headers = Headers(vec![("Cookie".into(), "a=1; canary=yes".into())]);
        assert_eq!(headers.cookie("canary"), Some("yes"));
        assert_eq!(headers.cookie("can"), None);
        let mut headers = Headers(vec![("Cookie".into(), "a=1; b=2;a=3".into()), ("cookie".into(), "a=4".into())]);
        assert_eq!(headers.cookies("a").collect::<Vec<_>>(), ["1", "3", "4"]);
        headers.remove_cookie("a");
        assert_eq!(headers.0, [("Cookie".to_owned(), "b=2".to_owned())]);
    }
}
