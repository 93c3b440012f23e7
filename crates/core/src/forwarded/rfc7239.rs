//! `Forwarded` (RFC 7239): one field that says for whom, by whom, for which host and how.

use std::net::IpAddr;

use crate::http::Headers;

/// One element: what one proxy says about the request that it forwards (RFC 7239 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// `for`: who sent it; `unknown` without an address.
    pub client: Option<IpAddr>,
    /// `by`: the address at which the proxy took it.
    pub by: Option<IpAddr>,
    /// `host`: the `Host` that it came with.
    pub host: Option<&'a str>,
    /// `proto`: the scheme that it came with.
    pub proto: Option<&'a str>,
}

impl core::fmt::Display for Element<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("for=")?;
        match self.client {
            Some(ip) => node(f, ip)?,
            None => f.write_str("unknown")?,
        }
        if let Some(by) = self.by {
            f.write_str(";by=")?;
            node(f, by)?;
        }
        for (name, value) in [("host", self.host), ("proto", self.proto)] {
            if let Some(value) = value {
                let is_token = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
                let quote = if is_token { "" } else { "\"" };
                write!(f, ";{name}={quote}")?;
                for c in value.chars() {
                    // RFC 9110 section 5.6.4: what would end a quoted string is escaped.
                    f.write_str(if matches!(c, '"' | '\\') { "\\" } else { "" })?;
                    write!(f, "{c}")?;
                }
                f.write_str(quote)?;
            }
        }
        Ok(())
    }
}

/// An address; one of IPv6 is quoted and bracketed (RFC 7239 section 6.1).
fn node(f: &mut core::fmt::Formatter<'_>, ip: IpAddr) -> core::fmt::Result {
    match ip {
        IpAddr::V4(ip) => write!(f, "{ip}"),
        IpAddr::V6(ip) => write!(f, "\"[{ip}]\""),
    }
}

impl Headers {
    /// Appends an element to `Forwarded` that says who the peer is, and nothing else (RFC 7239
    /// section 4).
    pub fn append_forwarded(&mut self, peer: IpAddr) {
        // Not by way of `Element`, whose other words no lab has and every visitor would download.
        let element = match peer {
            IpAddr::V4(ip) => format!("for={ip}"),
            IpAddr::V6(ip) => format!("for=\"[{ip}]\""),
        };
        self.append_list("Forwarded", &element);
    }
}

/// The `for` of every element of one field's value, in order: an address without its port, or
/// `None` for `unknown`, for a name that hides one (section 6.3), and where there is none.
pub fn forwarded_for(value: &str) -> Vec<Option<IpAddr>> {
    let address = |element: &str| {
        let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.trim().to_owned(), unquoted(value.trim())));
        let (_, node) = split(element, ';').into_iter().filter_map(pair).find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
        let node = node.as_str();
        match node.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?.0.parse().ok().map(IpAddr::V6),
            None => node.split(':').next()?.parse().ok().map(IpAddr::V4),
        }
    };
    split(value, ',').into_iter().map(str::trim).filter(|element| !element.is_empty()).map(address).collect()
}

/// Parts a text at a sign that stands outside quotes.
fn split(text: &str, sign: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let outside = move |c: char| {
        let escapes = quoted && !escaped && c == '\\';
        let was_escaped = core::mem::replace(&mut escaped, escapes);
        quoted ^= c == '"' && !was_escaped;
        c == sign && !quoted
    };
    text.split(outside).collect()
}

/// A value without its quotes and escapes.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.to_owned() };
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn an_element_is_written() {
        let check = |element: Element<'_>, expect: &str| assert_eq!(element.to_string(), expect);
        let plain = Element { client: ip("192.0.2.60"), by: None, host: None, proto: None };
        check(plain, "for=192.0.2.60");
        check(Element { client: ip("2001:db8:cafe::17"), ..plain }, "for=\"[2001:db8:cafe::17]\"");
        check(
            Element { by: ip("203.0.113.43"), host: Some("shop.example:8080"), proto: Some("http"), ..plain },
            "for=192.0.2.60;by=203.0.113.43;host=\"shop.example:8080\";proto=http",
        );
        check(Element { client: None, host: Some("a\"b"), ..plain }, "for=unknown;host=\"a\\\"b\"");
    }

    #[test]
    fn elements_are_appended() {
        let mut headers = Headers(vec![("forwarded".into(), "for=192.0.2.43".into()), ("Forwarded".into(), "for=unknown".into())]);
        headers.append_forwarded("2001:db8::1".parse().expect("an address in a test"));
        assert_eq!(headers.0, [("Forwarded".to_owned(), "for=192.0.2.43, for=unknown, for=\"[2001:db8::1]\"".to_owned())]);
    }

    #[test]
    fn the_chain_is_read() {
        let check = |value: &str, expect: &[Option<IpAddr>]| assert_eq!(forwarded_for(value), expect, "{value}");
        check("for=192.0.2.43, for=\"[2001:db8:cafe::17]\"", &[ip("192.0.2.43"), ip("2001:db8:cafe::17")]);
        check("For=\"[2001:db8:cafe::17]:4711\"", &[ip("2001:db8:cafe::17")]);
        check("for=192.0.2.60;proto=http;by=203.0.113.43", &[ip("192.0.2.60")]);
        check("proto=http; for=\"192.0.2.60:80\"", &[ip("192.0.2.60")]);
        check("for=_hidden, for=unknown,, by=203.0.113.43", &[None, None, None]);
        check("host=\"a,b;for=6.6.6.6\";for=192.0.2.1", &[ip("192.0.2.1")]);
        check("host=\"a\\\",b\";for=\"192.\\0.2.1\"", &[ip("192.0.2.1")]);
        check("", &[]);
    }
}
