//! nginx `real_ip` (`ngx_http_realip_module`, `ngx_http_get_forwarded_addr` of 1.22).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Network;

/// Whose request it is by the values of `real_ip_header`, in wire order, or `None` when the peer's
/// address stays (`set_real_ip_from`, `real_ip_recursive`).
///
/// The last entry is believed if the peer is trusted. With `recursive` an entry that is trusted
/// itself vouches for the one before it, and the first that is not trusted, or the leftmost, is the
/// client. An entry that is no address ends the walk.
pub fn real_ip(peer: IpAddr, values: &[&str], trusted: &[Network], recursive: bool) -> Option<IpAddr> {
    let mut believed = None;
    for value in values.iter().rev() {
        let (address, goes_on) = walk(believed.unwrap_or(peer), value, trusted, recursive);
        believed = address.or(believed);
        // Without `recursive` the last field alone is looked at.
        if !recursive || !goes_on {
            break;
        }
    }
    believed
}

/// Walks through one value from its end; what it believes, and whether it came to the beginning.
fn walk(peer: IpAddr, value: &str, trusted: &[Network], recursive: bool) -> (Option<IpAddr>, bool) {
    let (mut believed, mut rest) = (None, value.as_bytes());
    loop {
        if !trusted.iter().any(|network| network.contains(believed.unwrap_or(peer))) {
            return (believed, false);
        }
        let (start, entry) = last(rest);
        let Some(address) = core::str::from_utf8(entry).ok().and_then(address) else { return (believed, false) };
        believed = Some(address);
        if !recursive || start == 0 {
            return (believed, true);
        }
        rest = &rest[..start - 1];
    }
}

/// The last entry and where it begins. Spaces and commas part entries, but nginx does not look at
/// the first byte of a value for one.
fn last(value: &[u8]) -> (usize, &[u8]) {
    let parts = |b: &u8| matches!(b, b' ' | b',');
    let end = value.iter().rposition(|b| !parts(b)).map_or(1, |last| last + 1).min(value.len());
    let value = &value[..end];
    let start = value.iter().skip(1).rposition(parts).map_or(0, |place| place + 2);
    (start, &value[start..])
}

/// An address with or without a port, in what forms nginx reads (`ngx_parse_addr_port`).
fn address(text: &str) -> Option<IpAddr> {
    if let Some(address) = bare(text) {
        return Some(address);
    }
    let (address, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once("]:")?,
        None => text.split_once(':')?,
    };
    let is_port = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    if is_port { bare(address) } else { None }
}

fn bare(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    dotted(text).map(IpAddr::V4)
}

/// Four numbers up to 255. One may be empty, or have zeros in front; what would be all ones is
/// nginx's sign for no address.
fn dotted(text: &str) -> Option<Ipv4Addr> {
    let mut bytes = [0u8; 4];
    let mut parts = text.split('.');
    for byte in &mut bytes {
        let part = parts.next()?;
        *byte = part.bytes().try_fold(0u8, |n, digit| {
            let digit = char::from(digit).to_digit(10)? as u8;
            n.checked_mul(10)?.checked_add(digit)
        })?;
    }
    (parts.next().is_none() && bytes != [255; 4]).then_some(Ipv4Addr::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `values` are parted by `|`; nobody is `-`.
    fn check(values: &str, recursive: bool, expect: &str) {
        let trusted = ["127.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"].map(|text| text.parse().expect("a network in a test"));
        let values: Vec<&str> = values.split('|').collect();
        let client = real_ip(IpAddr::V4(Ipv4Addr::LOCALHOST), &values, &trusted, recursive);
        assert_eq!(client.map_or("-".to_owned(), |ip| ip.to_string()), expect, "{values:?}, recursive {recursive}");
    }

    #[test]
    fn the_last_entry_is_believed() {
        check("1.2.3.4, 10.0.0.1", false, "10.0.0.1");
        check("1.2.3.4|5.6.7.8", false, "5.6.7.8");
        check("1.2.3.4,5.6.7.8", false, "5.6.7.8");
        check("1.2.3.4 ,, ", false, "1.2.3.4");
        check("unknown", false, "-");
        check("1.2.3.4, unknown", false, "-");
        check("", false, "-");
        check(",", false, "-");
        check("a|", false, "-");
    }

    #[test]
    fn one_who_is_trusted_vouches_for_the_one_before() {
        check("7.7.7.7, 10.0.0.9, 10.0.0.8", true, "7.7.7.7");
        check("6.6.6.6, 7.7.7.7, 10.0.0.8", true, "7.7.7.7");
        check("10.0.0.9, 10.0.0.8", true, "10.0.0.9");
        check("evil, 10.0.0.9", true, "10.0.0.9");
        check("1.2.3.4|10.0.0.8", true, "1.2.3.4");
        check("1.2.3.4|evil, 10.0.0.8", true, "10.0.0.8");
        check("1.2.3.4|10.0.0.7|5.6.7.8", true, "5.6.7.8");
        check("1.2.3.4|unknown", true, "-");
        check("1.2.3.4|unknown|10.0.0.8", true, "10.0.0.8");
        check("7.7.7.7, 2001:db8::1", true, "7.7.7.7");
    }

    #[test]
    fn only_a_trusted_peer_is_believed() {
        let trusted = ["10.0.0.0/8".parse().expect("a network in a test")];
        assert_eq!(real_ip(IpAddr::V4(Ipv4Addr::LOCALHOST), &["1.2.3.4"], &trusted, true), None);
        assert_eq!(real_ip(IpAddr::V4(Ipv4Addr::LOCALHOST), &["1.2.3.4"], &[], true), None);
    }

    #[test]
    fn addresses_are_read_as_nginx_reads_them() {
        check("1.2.3.4:8080", false, "1.2.3.4");
        check("1.2.3.4:0", false, "-");
        check("1.2.3.4:+80", false, "-");
        check("1.2.3.4:65536", false, "-");
        check("[2001:db8::1]:443", false, "2001:db8::1");
        check("[2001:db8::1]", false, "-");
        check("2001:db8::1", false, "2001:db8::1");
        check("010.0.0.1", false, "10.0.0.1");
        check("1..2.3", false, "1.0.2.3");
        check("1.2.3", false, "-");
        check("1.2.3.4.5", false, "-");
        check("256.2.3.4", false, "-");
        check("255.255.255.255", false, "-");
        check("\"1.2.3.4\"", false, "-");
        check("for=1.2.3.4", false, "-");
        // A comma at the very beginning belongs to the entry.
        check(",1.2.3.4", false, "-");
        check(", 1.2.3.4", false, "1.2.3.4");
    }
}
