//! Networks, for lists of whom to trust.

use core::str::FromStr;
use std::net::{IpAddr, Ipv4Addr};

/// A network: an address and how many of its first bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkError(String);

impl core::fmt::Display for NetworkError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "\"{}\" is no network: write an address, or one with the bits that count, as in 10.0.0.0/8", self.0)
    }
}

impl core::error::Error for NetworkError {}

impl FromStr for Network {
    type Err = NetworkError;

    /// Reads `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0` or `2001:db8::/32`.
    ///
    /// # Errors
    /// A sentence with the forms, when it is none of them.
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let error = || NetworkError(text.to_owned());
        let (address, mask) = text.split_once('/').map_or((text, None), |(address, mask)| (address, Some(mask)));
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match mask {
            None => most,
            Some(mask) => bits(mask).filter(|&bits| bits <= most).ok_or_else(error)?,
        };
        Ok(Self { address, bits })
    }
}

/// `8`, or `255.0.0.0`, whose ones must all come first.
fn bits(mask: &str) -> Option<u8> {
    if let Ok(dotted) = mask.parse::<Ipv4Addr>() {
        let ones = dotted.to_bits().leading_ones();
        return (dotted.to_bits().count_ones() == ones).then_some(ones as u8);
    }
    mask.parse().ok()
}

impl Network {
    /// Whether an address lies in it. An IPv4 address written as an IPv6 one counts as what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(u128::from(own.to_bits()) << 96, u128::from(other.to_bits()) << 96, self.bits),
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.to_bits(), other.to_bits(), self.bits),
            _ => false,
        }
    }
}

/// Whether two numbers have the same first bits.
const fn same(a: u128, b: u128, bits: u8) -> bool {
    bits == 0 || (a ^ b) >> (128 - bits as u32) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(network: &str, address: &str, expect: bool) {
        let network: Network = network.parse().unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(network.contains(address.parse().expect("an address in a test")), expect, "{address} in {network:?}");
    }

    #[test]
    fn an_address_lies_in_a_network_by_its_first_bits() {
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("10.9.9.9/8", "10.0.0.1", true);
        check("127.0.0.8", "127.0.0.8", true);
        check("127.0.0.8", "127.0.0.9", false);
        check("192.168.4.0/255.255.252.0", "192.168.7.255", true);
        check("192.168.4.0/255.255.252.0", "192.168.8.0", false);
        check("0.0.0.0/0", "203.0.113.7", true);
        check("0.0.0.0/0", "::1", false);
        check("10.0.0.0/8", "::ffff:10.0.0.1", true);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
        check("::/0", "2001:db9::1", true);
    }

    #[test]
    fn what_is_no_network_is_said() {
        for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/255.0.255.0", "::/129", "localhost", "10.0.0.0/-1"] {
            let why = text.parse::<Network>().expect_err(text).to_string();
            assert!(why.contains("10.0.0.0/8") && why.contains(text), "{why}");
        }
    }
}
