//! The PROXY protocol: one line, or a few bytes, before everything else on a connection. It tells a
//! proxy that ends the connection who is at the other end of the one in front, where nobody reads
//! HTTP (HAProxy's `proxy-protocol.txt`).

use std::net::SocketAddr;

/// Who opened a connection, and to whom, as a proxy in front tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    /// The proxy's own connection, such as a health check (`UNKNOWN` in version 1, `LOCAL` in
    /// version 2): its peer is who it is.
    Local,
    /// A connection that it carries for somebody.
    For {
        /// The client.
        source: SocketAddr,
        /// Where the client connected to.
        destination: SocketAddr,
    },
}

/// Why a line is no header of version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeaderError {
    /// It does not begin with `PROXY ` or does not end with CR LF within 107 bytes.
    NoLine,
    /// Its protocol is none of `TCP4`, `TCP6` and `UNKNOWN`.
    Protocol,
    /// Its addresses or ports are not those of its protocol.
    Addresses,
}

impl core::fmt::Display for ProxyHeaderError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::NoLine => {
                "the connection does not begin with a line of the PROXY protocol: let the proxy in front send one, or expect none"
            }
            Self::Protocol => "the protocol of a PROXY line is TCP4, TCP6 or UNKNOWN",
            Self::Addresses => "a PROXY line has two addresses of its protocol and two ports, as in PROXY TCP4 192.0.2.1 10.0.0.1 5000 80",
        })
    }
}

impl core::error::Error for ProxyHeaderError {}

/// The longest line of version 1, with CR LF.
const LONGEST: usize = 107;
/// What version 2 begins with: signature, version and command, family, length.
const START: usize = 16;

impl ProxyHeader {
    /// Whether both addresses are of IPv4; mixed ones are told as IPv6.
    const fn is_v4(source: &SocketAddr, destination: &SocketAddr) -> bool {
        source.is_ipv4() && destination.is_ipv4()
    }

    /// The line of version 1, with its CR LF.
    pub fn line(&self) -> String {
        let Self::For { source, destination } = self else { return "PROXY UNKNOWN\r\n".to_owned() };
        let (protocol, from, to) = if Self::is_v4(source, destination) {
            ("TCP4", source.ip().to_string(), destination.ip().to_string())
        } else {
            let v6 = |address: &SocketAddr| match address {
                SocketAddr::V4(v4) => v4.ip().to_ipv6_mapped().to_string(),
                SocketAddr::V6(v6) => v6.ip().to_string(),
            };
            ("TCP6", v6(source), v6(destination))
        };
        format!("PROXY {protocol} {from} {to} {} {}\r\n", source.port(), destination.port())
    }

    /// How many bytes version 2 takes, without extensions.
    pub const fn bytes_v2(&self) -> usize {
        match self {
            Self::Local => START,
            Self::For { source, destination } if Self::is_v4(source, destination) => START + 12,
            Self::For { .. } => START + 36,
        }
    }

    /// Reads a line of version 1.
    ///
    /// # Errors
    /// What is wrong with it. A connection that begins so is closed: nobody knows whose it is.
    pub fn read(line: &str) -> Result<Self, ProxyHeaderError> {
        let inner = line.strip_prefix("PROXY ").and_then(|rest| rest.strip_suffix("\r\n")).filter(|_| line.len() <= LONGEST);
        let words: Vec<&str> = inner.ok_or(ProxyHeaderError::NoLine)?.split(' ').collect();
        let wants_v4 = match words[0] {
            "UNKNOWN" => return Ok(Self::Local),
            "TCP4" => true,
            "TCP6" => false,
            _ => return Err(ProxyHeaderError::Protocol),
        };
        let [_, source, destination, from, to] = words[..] else { return Err(ProxyHeaderError::Addresses) };
        let end = |address: &str, port: &str| {
            // A sign or a zero in front is none of the protocol's numbers.
            let plain = port.bytes().all(|b| b.is_ascii_digit()) && (port == "0" || !port.starts_with('0'));
            let end = SocketAddr::new(address.parse().ok()?, port.parse().ok().filter(|_| plain)?);
            (end.is_ipv4() == wants_v4).then_some(end)
        };
        match (end(source, from), end(destination, to)) {
            (Some(source), Some(destination)) => Ok(Self::For { source, destination }),
            _ => Err(ProxyHeaderError::Addresses),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str, destination: &str) -> ProxyHeader {
        let end = |text: &str| text.parse().expect("an address in a test");
        ProxyHeader::For { source: end(source), destination: end(destination) }
    }

    #[test]
    fn what_is_written_reads_back() {
        let check = |header: ProxyHeader, line: &str, bytes: usize| {
            assert_eq!(header.line(), line);
            assert_eq!(header.bytes_v2(), bytes);
            assert_eq!(ProxyHeader::read(line), Ok(header));
        };
        check(of("192.0.2.1:56324", "10.0.0.1:443"), "PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n", 28);
        check(of("[2001:db8::1]:5000", "[2001:db8::2]:80"), "PROXY TCP6 2001:db8::1 2001:db8::2 5000 80\r\n", 52);
        check(ProxyHeader::Local, "PROXY UNKNOWN\r\n", 16);
        assert_eq!(of("192.0.2.1:5000", "[2001:db8::2]:80").line(), "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 5000 80\r\n");
    }

    #[test]
    fn a_line_that_is_none_is_refused() {
        let check = |line: &str, expect: ProxyHeaderError| assert_eq!(ProxyHeader::read(line), Err(expect), "{line}");
        check("GET / HTTP/1.1\r\n", ProxyHeaderError::NoLine);
        check("PROXY TCP4 192.0.2.1 10.0.0.1 1 2", ProxyHeaderError::NoLine);
        check(&format!("PROXY UNKNOWN{}\r\n", " ".repeat(100)), ProxyHeaderError::NoLine);
        check("PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n", ProxyHeaderError::Protocol);
        check("PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n", ProxyHeaderError::Addresses);
        check("PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n", ProxyHeaderError::Addresses);
        check("PROXY TCP4 192.0.2.1 10.0.0.1 1 65536\r\n", ProxyHeaderError::Addresses);
        check("PROXY TCP4 192.0.2.1 10.0.0.1 01 2\r\n", ProxyHeaderError::Addresses);
        check("PROXY TCP4  192.0.2.1 10.0.0.1 1 2\r\n", ProxyHeaderError::Addresses);
        assert_eq!(ProxyHeader::read("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), Ok(ProxyHeader::Local));
    }
}
