//! Sets of bytes.

/// Bytes that fit, one bit each.
pub(super) type Set = [u64; 4];

/// Whether a byte is in a set.
pub(super) const fn has(set: &Set, byte: u8) -> bool {
    set[byte as usize / 64] >> (byte % 64) & 1 == 1
}

/// Whether a byte belongs to a word.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The bytes that fit.
pub(super) fn set_of(fits: impl Fn(u8) -> bool) -> Set {
    let mut set = [0; 4];
    for byte in (0..=u8::MAX).filter(|&byte| fits(byte)) {
        set[byte as usize / 64] |= 1 << (byte % 64);
    }
    set
}
