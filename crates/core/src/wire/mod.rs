//! The compact form of lessons and links: the postcard format, and bytes as letters.

mod letters;
mod name;
mod read;

pub use letters::{from_letters, to_letters};
pub use name::variant;
pub use read::read;

/// A digest of bytes that tells mangled ones apart. It guards against accidents, not against intent.
pub fn check(bytes: &[u8]) -> u64 {
    // FNV-1a (Fowler, Noll and Vo), 64 bits: a few instructions, and links are short.
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |digest, &byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
