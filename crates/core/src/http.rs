//! Just enough HTTP: methods, header fields as they stand on the wire, and the fields that
//! proxies add about the client.
//!
//! Header fields are an ordered list and not a map: a lab shows them in the order, the
//! spelling and the number in which they were sent, and RFC 9110 section 5.3 gives that
//! order a meaning for repeated fields.

use std::net::IpAddr;

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
        self.all("cookie")
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v)
    }

    /// Appends an address to `X-Forwarded-For`, as nginx's `$proxy_add_x_forwarded_for` does:
    /// the addresses that came are kept, joined by `, `, and the peer's is put last.
    pub fn append_forwarded_for(&mut self, peer: IpAddr) {
        let mut chain = self.all("x-forwarded-for").collect::<Vec<_>>().join(", ");
        if !chain.is_empty() {
            chain.push_str(", ");
        }
        chain.push_str(&peer.to_string());
        self.set("X-Forwarded-For", chain);
    }

    /// Appends an element to `Forwarded` (RFC 7239 section 4); IPv6 is quoted and bracketed.
    pub fn append_forwarded(&mut self, peer: IpAddr) {
        let node = match peer {
            IpAddr::V4(ip) => format!("for={ip}"),
            IpAddr::V6(ip) => format!("for=\"[{ip}]\""),
        };
        let mut chain = self.all("forwarded").collect::<Vec<_>>().join(", ");
        if !chain.is_empty() {
            chain.push_str(", ");
        }
        chain.push_str(&node);
        self.set("Forwarded", chain);
    }
}

/// Which address a request comes from, when `trusted` proxies stand in front.
///
/// The peer of the connection is the nearest proxy. Each trusted proxy vouches for the
/// address that it appended, so the chain is read from the right: with one trusted proxy
/// the last entry counts, with two the last but one. Everything further left was written by
/// somebody nobody vouches for. With too short a chain the leftmost entry is all there is.
/// An entry that is no address stops the walk at the hop that vouched for it.
pub fn client_address(peer: IpAddr, chain: &[&str], trusted: usize) -> IpAddr {
    let mut believed = peer;
    for entry in chain.iter().rev().take(trusted) {
        match entry.parse() {
            Ok(address) => believed = address,
            Err(_) => break,
        }
    }
    believed
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

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address in a test")
    }

    #[test]
    fn the_chain_is_appended_left_to_right() {
        let mut headers = Headers(vec![("x-forwarded-for".into(), "1.1.1.1".into()), ("X-Forwarded-For".into(), "2.2.2.2".into())]);
        headers.append_forwarded_for(ip("3.3.3.3"));
        assert_eq!(headers.0, vec![("X-Forwarded-For".to_owned(), "1.1.1.1, 2.2.2.2, 3.3.3.3".to_owned())]);
        headers.append_forwarded(ip("2001:db8::1"));
        assert_eq!(headers.get("forwarded"), Some("for=\"[2001:db8::1]\""));
    }

    fn check(chain: &str, trusted: usize, expect: &str) {
        let headers = Headers(vec![("X-Forwarded-For".into(), chain.into())]);
        assert_eq!(client_address(ip("10.0.0.9"), &headers.list("x-forwarded-for"), trusted), ip(expect), "{chain} with {trusted}");
    }

    #[test]
    fn the_client_is_read_from_the_right() {
        check("6.6.6.6, 203.0.113.7, 10.0.0.1", 0, "10.0.0.9");
        check("6.6.6.6, 203.0.113.7, 10.0.0.1", 1, "10.0.0.1");
        check("6.6.6.6, 203.0.113.7, 10.0.0.1", 2, "203.0.113.7");
        check("6.6.6.6, 203.0.113.7, 10.0.0.1", 3, "6.6.6.6");
        check("6.6.6.6, 203.0.113.7, 10.0.0.1", 9, "6.6.6.6");
        check("", 2, "10.0.0.9");
        check("203.0.113.7, not-an-address, 10.0.0.1", 3, "10.0.0.1");
    }

    #[test]
    fn cookies_are_found_by_name() {
        let headers = Headers(vec![("Cookie".into(), "a=1; canary=yes".into())]);
        assert_eq!(headers.cookie("canary"), Some("yes"));
        assert_eq!(headers.cookie("can"), None);
    }
}
