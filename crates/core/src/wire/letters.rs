//! Bytes as letters that stand in an address as they are: base64url without padding (RFC 4648 section 5).

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes bytes as letters.
pub fn to_letters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(char::from(LETTERS[index as usize]));
        }
    }
    text
}

/// Reads what [`to_letters`] wrote; `None` for any other text.
pub fn from_letters(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for &letter in group {
            bits = bits << 6 | sextet(letter)?;
        }
        bits <<= 6 * (4 - group.len());
        // One letter alone holds no byte, and what hangs over is written as zeros.
        let whole = group.len() - 1;
        if whole == 0 || bits & (0x00ff_ffff >> (8 * whole)) != 0 {
            return None;
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..=whole]);
    }
    Some(bytes)
}

fn sextet(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_the_standard() {
        // RFC 4648 section 10, without padding.
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")] {
            assert_eq!(to_letters(bytes.as_bytes()), text);
            assert_eq!(from_letters(text), Some(bytes.as_bytes().to_vec()));
        }
        assert_eq!(to_letters(&[0xfb, 0xff, 0xfe]), "-__-");
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(from_letters(&to_letters(&all)), Some(all));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["A", "AAAAA", "Zg==", "Z+8", "Z/8", "Zh", "Zm9", "Zg ", "é"] {
            assert_eq!(from_letters(text), None, "{text}");
        }
    }
}
