//! HAProxy's hash functions (`hash.c`, `full_hash` of `intops.h`).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::policy::balance::hash::Crc32;

/// The function named by `hash-type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HashFunction {
    /// Made for a database library of the eighties; HAProxy's own choice when none is named.
    #[default]
    Sdbm,
    /// Bernstein's: 33 times the sum so far plus the byte.
    Djb2,
    /// Made for HAProxy: two words that rotate by each other's bits.
    Wt6,
    /// The CRC of Ethernet and gzip (reflected polynomial `0xedb88320`).
    Crc32,
    /// The key is a number already (from HAProxy 3.0 on).
    None,
}

/// How a key becomes a number: `hash-type <method> <function> [avalanche]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Hashing {
    /// The function for keys that are text.
    pub function: HashFunction,
    /// Whether the result is mixed once more. `hash-type consistent` alone mixes; any function
    /// that is named does not, unless `avalanche` is written after it.
    pub avalanche: bool,
}

impl Hashing {
    /// The number of a key of bytes (`gen_hash`).
    pub fn bytes(self, key: &[u8]) -> u32 {
        self.finish(self.function.of(key))
    }

    /// The number of an address (`get_server_sh`): its 32-bit words combined by exclusive or.
    /// The function has no say in it, the avalanche does.
    pub fn address(self, address: IpAddr) -> u32 {
        self.finish(match address {
            IpAddr::V4(ip) => u32::from(ip),
            IpAddr::V6(ip) => {
                let bits = u128::from(ip);
                (0..4).fold(0, |hash, word| hash ^ (bits >> (32 * word)) as u32)
            }
        })
    }

    const fn finish(self, hash: u32) -> u32 {
        if self.avalanche { avalanche(hash) } else { hash }
    }
}

impl HashFunction {
    fn of(self, key: &[u8]) -> u32 {
        match self {
            Self::Sdbm => key.iter().fold(0, |hash, &byte| {
                let grown = (hash << 6).wrapping_add(hash << 16).wrapping_sub(hash);
                grown.wrapping_add(u32::from(byte))
            }),
            Self::Djb2 => key.iter().fold(5381, |hash: u32, &byte| hash.wrapping_mul(33).wrapping_add(u32::from(byte))),
            Self::Wt6 => wt6(key),
            Self::Crc32 => !key.iter().fold(Crc32::START, |hash, &byte| Crc32::byte(hash ^ u32::from(byte))),
            Self::None => digits(key),
        }
    }
}

fn wt6(key: &[u8]) -> u32 {
    let (mut h0, mut h1) = (0xa53c_965a_u32, 0x5ca6_953a_u32);
    let (mut step0, mut step1) = (6, 18);
    for &byte in key {
        let byte = u32::from(byte);
        h0 = !(h0 ^ byte);
        h1 = !h1.wrapping_add(byte);
        (h0, h1) = (h1.rotate_left(step0), h0.rotate_left(step1));
        let mixed = ((h0 >> 16) ^ h1) & 0xffff;
        (step0, step1) = (mixed & 31, mixed >> 11);
    }
    h0 ^ h1
}

/// The leading decimal number of a key; what does not fit into 64 bits stays at their end.
fn digits(key: &[u8]) -> u32 {
    let (sign, key) = key.strip_prefix(b"-").map_or((1, key), |rest| (-1, rest));
    let digits = key.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0i64, |n, &byte| n.saturating_mul(10).saturating_add(sign * i64::from(byte - b'0'))) as u32
}

/// `full_hash`: Bob Jenkins' full avalanche of a 32-bit integer, times a large prime, so that
/// numbers that lie close together end up all over the range. No two numbers share a result.
pub const fn avalanche(number: u32) -> u32 {
    let mut a = number;
    a = a.wrapping_add(0x7ed5_5d16).wrapping_add(a << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    a = (a ^ 0xb55a_4f09) ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(function: HashFunction, key: &str, expect: u32) {
        assert_eq!(Hashing { function, avalanche: false }.bytes(key.as_bytes()), expect, "{function:?} {key}");
    }

    /// Published check values: CRC-32 of "123456789", djb2 and sdbm of short words.
    #[test]
    fn functions_give_their_published_values() {
        check(HashFunction::Crc32, "123456789", 0xcbf4_3926);
        check(HashFunction::Crc32, "", 0);
        check(HashFunction::Djb2, "", 5381);
        check(HashFunction::Djb2, "a", 5381 * 33 + 97);
        check(HashFunction::Sdbm, "", 0);
        check(HashFunction::Sdbm, "a", 97);
        check(HashFunction::Sdbm, "ab", 97u32.wrapping_mul(65_599) + 98);
        check(HashFunction::Wt6, "", 0xa53c_965a ^ 0x5ca6_953a);
        check(HashFunction::None, "1234x", 1234);
        check(HashFunction::None, "-1", u32::MAX);
        check(HashFunction::None, "user", 0);
    }

    #[test]
    fn an_address_is_its_words_combined() {
        let hashing = Hashing::default();
        let of = |text: &str| hashing.address(text.parse().expect("an address in a test"));
        assert_eq!(of("1.2.3.4"), 0x0102_0304);
        assert_eq!(of("1:2:3:4:5:6:7:8"), 0x0001_0002 ^ 0x0003_0004 ^ 0x0005_0006 ^ 0x0007_0008);
        let mixed = Hashing { function: HashFunction::Djb2, avalanche: true };
        assert_eq!(mixed.address("1.2.3.4".parse().expect("an address")), avalanche(0x0102_0304));
    }

    #[test]
    fn the_avalanche_sends_no_two_numbers_to_one() {
        let mut seen: Vec<u32> = (0..100_000).map(avalanche).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 100_000);
        assert!(seen[1_000..].iter().zip(&seen).all(|(high, low)| high - low < 60_000_000), "spread over the range");
    }
}
