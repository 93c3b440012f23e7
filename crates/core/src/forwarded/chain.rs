//! `X-Forwarded-For`, the chain that everybody appends to.

use std::net::IpAddr;

use crate::http::Headers;

impl Headers {
    /// Appends an address to `X-Forwarded-For`, as nginx's `$proxy_add_x_forwarded_for` and Varnish
    /// do: the values that came are kept, joined by `, `, and the peer's is put last. A value that
    /// came empty stays in the chain.
    pub fn append_forwarded_for(&mut self, peer: IpAddr) {
        self.append_list("X-Forwarded-For", &peer.to_string());
    }

    /// Joins every field of that name by `, `, appends an element, and leaves one field.
    pub(super) fn append_list(&mut self, name: &str, element: &str) {
        let values: Vec<&str> = self.all(name).chain(Some(element)).collect();
        let chain = values.join(", ");
        self.set(name, chain);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address in a test")
    }

    fn appended(values: &[&str], expect: &str) {
        let mut headers = Headers(values.iter().map(|&value| ("x-forwarded-for".to_owned(), value.to_owned())).collect());
        headers.append_forwarded_for(ip("3.3.3.3"));
        assert_eq!(headers.0, vec![("X-Forwarded-For".to_owned(), expect.to_owned())], "{values:?}");
    }

    #[test]
    fn the_chain_is_appended_left_to_right() {
        appended(&[], "3.3.3.3");
        appended(&["1.1.1.1", "2.2.2.2"], "1.1.1.1, 2.2.2.2, 3.3.3.3");
        appended(&["1.1.1.1,2.2.2.2"], "1.1.1.1,2.2.2.2, 3.3.3.3");
        appended(&[""], ", 3.3.3.3");
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
}
