//! What HAProxy and Squid write into `X-Forwarded-For`.

use std::net::IpAddr;

use super::Network;
use crate::http::Headers;

/// HAProxy's `option forwardfor`: a field of its own beside those that came, which keeps what
/// somebody else wrote apart from what this proxy vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardFor {
    /// The field's name (`header`).
    pub header: String,
    /// Peers for whom nothing is written, such as a proxy in front that has done it (`except`).
    pub except: Vec<Network>,
    /// Whether nothing is written where the field is there already (`if-none`): right only behind
    /// somebody who takes away what clients send.
    pub if_none: bool,
}

impl Default for ForwardFor {
    fn default() -> Self {
        Self { header: "X-Forwarded-For".to_owned(), except: Vec::new(), if_none: false }
    }
}

impl ForwardFor {
    /// Adds the field to a request.
    pub fn apply(&self, headers: &mut Headers, peer: IpAddr) {
        let there = self.if_none && headers.get(&self.header).is_some();
        if !there && !self.except.iter().any(|network| network.contains(peer)) {
            headers.0.push((self.header.clone(), peer.to_string()));
        }
    }
}

/// Squid's `forwarded_for`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SquidForwardedFor {
    /// The client's address is appended.
    #[default]
    On,
    /// The word `unknown` is appended.
    Off,
    /// The chain is passed on.
    Transparent,
    /// The chain is thrown away, and the client's address is all there is.
    Truncate,
    /// The field is taken away.
    Delete,
}

impl SquidForwardedFor {
    /// The mode of that name, as it stands in `squid.conf`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "on" => Self::On,
            "off" => Self::Off,
            "transparent" => Self::Transparent,
            "truncate" => Self::Truncate,
            "delete" => Self::Delete,
            _ => return None,
        })
    }

    /// Writes the field of a request anew. Values that came empty before any other are left out,
    /// and so is a field that would be empty.
    pub fn apply(self, headers: &mut Headers, peer: IpAddr) {
        let own = match self {
            Self::On | Self::Truncate => Some(peer.to_string()),
            Self::Off => Some("unknown".to_owned()),
            Self::Transparent | Self::Delete => None,
        };
        let came = headers.all("x-forwarded-for").filter(|_| !matches!(self, Self::Truncate | Self::Delete));
        let values: Vec<&str> = came.chain(own.as_deref()).skip_while(|value| value.is_empty()).collect();
        let chain = values.join(", ");
        headers.remove("x-forwarded-for");
        if !chain.is_empty() {
            headers.set("X-Forwarded-For", chain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> Headers {
        Headers(values.iter().map(|&value| ("X-Forwarded-For".to_owned(), value.to_owned())).collect())
    }

    fn check(rule: &ForwardFor, peer: &str, came: &[&str], expect: &[&str]) {
        let mut headers = headers(came);
        rule.apply(&mut headers, peer.parse().expect("an address in a test"));
        let values: Vec<&str> = headers.0.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, expect, "{rule:?} for {peer} with {came:?}");
    }

    #[test]
    fn haproxy_adds_a_field_of_its_own() {
        let plain = ForwardFor::default();
        check(&plain, "127.0.0.5", &[], &["127.0.0.5"]);
        check(&plain, "127.0.0.5", &["1.2.3.4", "5.6.7.8"], &["1.2.3.4", "5.6.7.8", "127.0.0.5"]);
        let if_none = ForwardFor { if_none: true, ..plain.clone() };
        check(&if_none, "127.0.0.5", &[], &["127.0.0.5"]);
        check(&if_none, "127.0.0.5", &[""], &[""]);
        let except = ForwardFor { except: vec!["127.0.0.8/31".parse().expect("a network in a test")], ..plain.clone() };
        check(&except, "127.0.0.9", &["1.2.3.4"], &["1.2.3.4"]);
        check(&except, "127.0.0.7", &["1.2.3.4"], &["1.2.3.4", "127.0.0.7"]);
        let named = ForwardFor { header: "X-Client".into(), if_none: true, ..plain };
        check(&named, "127.0.0.5", &["1.2.3.4"], &["1.2.3.4", "127.0.0.5"]);
    }

    fn squid(mode: &str, came: &[&str], expect: Option<&str>) {
        let mut headers = headers(came);
        SquidForwardedFor::named(mode).expect(mode).apply(&mut headers, "127.0.0.5".parse().expect("an address in a test"));
        assert_eq!(headers.get("x-forwarded-for"), expect, "{mode} with {came:?}");
    }

    #[test]
    fn squid_has_five_ways() {
        squid("on", &[], Some("127.0.0.5"));
        squid("on", &["unknown, 5.6.7.8", "1.2.3.4"], Some("unknown, 5.6.7.8, 1.2.3.4, 127.0.0.5"));
        squid("on", &["", "1.2.3.4", ""], Some("1.2.3.4, , 127.0.0.5"));
        squid("off", &["1.2.3.4"], Some("1.2.3.4, unknown"));
        squid("off", &[], Some("unknown"));
        squid("transparent", &["1.2.3.4"], Some("1.2.3.4"));
        squid("transparent", &[""], None);
        squid("truncate", &["1.2.3.4"], Some("127.0.0.5"));
        squid("delete", &["1.2.3.4"], None);
        assert_eq!(SquidForwardedFor::named("maybe"), None);
    }
}
