//! The name on a certificate.
//!
//! The seeds come from the name, so a name has one spelling: spaces are trimmed and collapsed, and
//! what cannot be seen is dropped. Letters stay as they were typed. The same letters in another
//! Unicode normalisation form are another name here: putting both into one form takes tables that
//! every visitor would have to load.

use core::fmt;

/// The most characters of a name.
pub const MOST: usize = 64;

/// Why a name cannot stand on a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing is left of it.
    Empty,
    /// It is longer than [`MOST`].
    Long,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("A certificate needs a name. Type the name that it is to be made out to."),
            Self::Long => write!(f, "The name is longer than {MOST} characters. Shorten it."),
        }
    }
}

impl std::error::Error for NameError {}

/// The one spelling of a name.
///
/// # Errors
/// [`NameError`] when nothing is left of it, or too much.
pub fn tidy(name: &str) -> Result<String, NameError> {
    let mut tidy = String::new();
    for word in name.split(char::is_whitespace) {
        let start = tidy.len();
        tidy.extend(word.chars().filter(|&c| !is_unseen(c)));
        if tidy.len() > start && start > 0 {
            tidy.insert(start, ' ');
        }
    }
    match tidy.chars().count() {
        0 => Err(NameError::Empty),
        count if count > MOST => Err(NameError::Long),
        _ => Ok(tidy),
    }
}

/// Control characters, marks that turn the direction of what follows (Unicode UAX 9), the byte
/// order mark, and what XML cannot hold. Joiners stay: Persian and Hindi names need them.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        for (typed, expect) in [
            ("Ada Lovelace", Ok("Ada Lovelace")),
            ("  Ada \t\n Lovelace ", Ok("Ada Lovelace")),
            ("Ada\u{a0}\u{2003}Lovelace", Ok("Ada Lovelace")),
            ("\u{202e}Ada\u{0} \u{200b} L", Ok("Ada L")),
            ("Зоя", Ok("Зоя")),
            ("می\u{200c}نا", Ok("می\u{200c}نا")),
            ("", Err(NameError::Empty)),
            (" \u{feff}\u{7f} ", Err(NameError::Empty)),
        ] {
            assert_eq!(tidy(typed).as_deref(), expect.as_ref().copied(), "{typed:?}");
        }
        assert_eq!(tidy(&"é".repeat(64)), Ok("é".repeat(64)));
        assert_eq!(tidy(&"a".repeat(65)), Err(NameError::Long));
    }

    #[test]
    fn a_tidy_name_stays_as_it_is() {
        for typed in ["  Ada   Lovelace", "\u{200f}a\u{2028}b", "x\u{200b} \u{200b}y"] {
            let once = tidy(typed).unwrap_or_default();
            assert_eq!(tidy(&once), Ok(once.clone()), "{typed:?}");
        }
    }

    #[test]
    fn each_trouble_is_a_sentence() {
        for trouble in [NameError::Empty, NameError::Long] {
            assert!(trouble.to_string().ends_with('.'));
        }
    }
}
