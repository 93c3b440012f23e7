//! The hash functions of the servers that are modelled here, where no small crate has them.

use std::rc::Rc;

/// CRC-32 (IEEE 802.3, reflected), as nginx and Memcached use it, four bytes at a time. The tables
/// are made when a policy is, and not compiled in: kilobytes that every visitor would download.
#[derive(Clone)]
pub(super) struct Crc32(Rc<[[u32; 256]; 4]>);

impl core::fmt::Debug for Crc32 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Crc32")
    }
}

impl Crc32 {
    pub(super) fn new() -> Self {
        let mut tables = [[0; 256]; 4];
        for byte in 0..256 {
            let mut crc = byte as u32;
            for table in &mut tables {
                crc = Self::byte(crc);
                table[byte] = crc;
            }
        }
        Self(Rc::new(tables))
    }

    /// What eight shifts make of the lowest byte of what stands so far.
    pub(super) fn byte(crc: u32) -> u32 {
        (0..8).fold(crc, |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    }

    /// What stands before the first byte.
    pub(super) const START: u32 = !0;

    /// Goes on from what stands so far; the hash is the complement of what stands in the end.
    pub(super) fn update(&self, crc: u32, bytes: &[u8]) -> u32 {
        let [first, second, third, fourth] = &*self.0;
        let (words, rest) = bytes.as_chunks::<4>();
        let crc = words.iter().fold(crc, |crc, word| {
            let [a, b, c, d] = (crc ^ u32::from_le_bytes(*word)).to_le_bytes().map(usize::from);
            fourth[a] ^ third[b] ^ second[c] ^ first[d]
        });
        rest.iter().fold(crc, |crc, byte| (crc >> 8) ^ first[usize::from(crc as u8 ^ byte)])
    }

    /// The hash of some bytes.
    pub(super) fn of(&self, bytes: &[u8]) -> u32 {
        !self.update(Self::START, bytes)
    }
}

/// FNV-1a with 32 bits (Fowler, Noll and Vo), as Caddy uses it.
pub(super) const FNV: u32 = 0x811c_9dc5;

/// FNV-1a, going on from what stands so far; [`FNV`] at first.
pub(super) fn fnv1a(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// MurmurHash2 with 32 bits and seed 0 (Appleby), as nginx uses it.
pub(super) fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut words = bytes.chunks_exact(4);
    let mut hash = bytes.len() as u32;
    for word in words.by_ref() {
        let k = word.iter().rev().fold(0, |k, byte| k << 8 | u32::from(*byte)).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ (k ^ k >> 24).wrapping_mul(M);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let tail = rest.iter().rev().fold(0, |k, byte| k << 8 | u32::from(*byte));
        hash = (hash ^ tail).wrapping_mul(M);
    }
    hash = (hash ^ hash >> 13).wrapping_mul(M);
    hash ^ hash >> 15
}

/// What Varnish hashes strings to (`VRT_HashStrands32`): the last four bytes of their SHA-256,
/// the lowest first.
pub(super) fn strands32(parts: &[&[u8]]) -> u32 {
    let mut sha = hmac_sha256::Hash::new();
    for part in parts {
        sha.update(part);
    }
    let digest = sha.finalize();
    u32::from_le_bytes([digest[28], digest[29], digest[30], digest[31]])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published check values and, for MurmurHash2, values of the reference implementation.
    #[test]
    fn hashes_are_those_that_are_published() {
        assert_eq!(Crc32::new().of(b"123456789"), 0xcbf4_3926);
        assert_eq!(fnv1a(FNV, b""), 0x811c_9dc5);
        assert_eq!(fnv1a(FNV, b"foobar"), 0xbf9c_f968);
        assert_eq!(murmur2(b""), 0);
        assert_eq!(strands32(&[b"a", b"bc"]), u32::from_le_bytes([0xf2, 0x00, 0x15, 0xad]));
    }
}
