//! A certificate as text, read as far as that goes without the lessons.
//!
//! `v1.` and base64url of: the rules' version, the name, for each lesson its number (or zero and
//! its slug), two bytes of its [`super::outline`], the length of its proof and the proof, and four
//! bytes of a check over it all. A certificate has exactly one text: one that reads but would be
//! written otherwise is refused.

use core::fmt;

use super::rules::rules;
use super::{name, slug};
use crate::wire;

/// What every text begins with: the version of the format.
const PREFIX: &str = "v1.";

/// The most characters of a text.
const MOST_TEXT: usize = 16_384;

/// A certificate as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub(super) rules: u8,
    pub(super) name: String,
    pub(super) parts: Vec<Part>,
}

/// The proof for one lesson, unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub(super) lesson: String,
    pub(super) outline: u16,
    /// Veiled.
    pub(super) proof: Vec<u8>,
}

/// Why a text is no certificate at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It does not begin as one.
    Other,
    /// It is of a format that this build does not know.
    Format,
    /// It was made by rules that this build does not know.
    Rules(u8),
    /// It is longer than any certificate.
    Long,
    /// Its check does not fit what it says.
    Mangled,
    /// It reads, but is not written as a certificate is.
    Spelling,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Other => "This is no certificate: its text does not begin with v1 and a dot. Open the whole link, or paste all of it.",
            Self::Format => "This certificate is of a format that this page does not know. Reload the page, or ask for a new link.",
            Self::Rules(version) => {
                return write!(f, "This certificate was made by version {version} of the rules, which this page does not know. Reload the page.");
            }
            Self::Long => "This text is longer than any certificate. Open the link as it was given to you.",
            Self::Mangled => {
                "This link is cut short or was changed: its check does not fit what it says. Ask for the link again, and mind that chat programs cut long ones."
            }
            Self::Spelling => "This link was not written by a certificate's maker: a certificate has exactly one spelling, and this is another.",
        })
    }
}

impl std::error::Error for Refusal {}

impl Part {
    /// The lesson's slug.
    pub fn lesson(&self) -> &str {
        &self.lesson
    }

    /// The [`super::outline`] of the lesson that it was made for. Where several versions of a lesson
    /// are kept, the one with this outline is the one to verify with.
    pub const fn outline(&self) -> u16 {
        self.outline
    }

    /// Lessons of the course in order of their number, then others by their slug.
    fn rank(&self) -> (u8, &str) {
        (slug::number(&self.lesson).wrapping_sub(1), &self.lesson)
    }
}

impl Sealed {
    /// The name as it is written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The proofs, so that a page knows which lessons to load.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Puts a proof in its place; `false` when there is one of that lesson.
    pub(super) fn insert(&mut self, part: Part) -> bool {
        // A dozen comparisons; the standard library's sort would be code for every visitor to load.
        let place = self.parts.iter().position(|other| other.rank() >= part.rank()).unwrap_or(self.parts.len());
        let is_new = self.parts.get(place).is_none_or(|other| other.lesson != part.lesson);
        if is_new {
            self.parts.insert(place, part);
        }
        is_new
    }

    /// As text for a link's fragment.
    pub fn to_text(&self) -> String {
        let mut bytes = vec![self.rules];
        push(&mut bytes, self.name.as_bytes());
        for part in &self.parts {
            let number = slug::number(&part.lesson);
            bytes.push(number);
            if number == 0 {
                push(&mut bytes, part.lesson.as_bytes());
            }
            bytes.extend(part.outline.to_le_bytes());
            push(&mut bytes, &part.proof);
        }
        let seal = seal(&bytes);
        bytes.extend(seal);
        let mut text = PREFIX.to_owned();
        text.push_str(&wire::to_letters(&bytes));
        text
    }

    /// Reads what [`Sealed::to_text`] wrote.
    ///
    /// # Errors
    /// [`Refusal`], in words.
    pub fn from_text(text: &str) -> Result<Self, Refusal> {
        let Some(letters) = text.strip_prefix(PREFIX) else {
            let is_version = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let other = text.strip_prefix('v').and_then(|rest| rest.split_once('.'));
            return Err(if other.is_some_and(|(digits, _)| is_version(digits)) { Refusal::Format } else { Refusal::Other });
        };
        if text.len() > MOST_TEXT {
            return Err(Refusal::Long);
        }
        let bytes = wire::from_letters(letters).ok_or(Refusal::Mangled)?;
        let (body, found) = bytes.split_last_chunk::<4>().ok_or(Refusal::Mangled)?;
        if seal(body) != *found {
            return Err(Refusal::Mangled);
        }
        let version = body.first().copied().ok_or(Refusal::Mangled)?;
        let rules = rules(version).ok_or(Refusal::Rules(version))?;
        let sealed = Bytes(body).sealed().ok_or(Refusal::Spelling)?;
        let is_ordered = sealed.parts.windows(2).all(|pair| pair[0].rank() < pair[1].rank());
        let is_tidy = name::tidy(&sealed.name).as_ref() == Ok(&sealed.name);
        if is_ordered && is_tidy && sealed.parts.len() <= rules.lessons && sealed.to_text() == text {
            Ok(sealed)
        } else {
            Err(Refusal::Spelling)
        }
    }
}

/// All bits of the check count, though four bytes of it are written. The rules' version comes
/// first, so the same proof under other rules has another check.
fn seal(bytes: &[u8]) -> [u8; 4] {
    let check = wire::check(bytes);
    ((check ^ check >> 32) as u32).to_le_bytes()
}

/// Writes bytes after their number, seven bits of it a byte, the lowest first.
fn push(bytes: &mut Vec<u8>, what: &[u8]) {
    let mut len = what.len();
    while len >= 0x80 {
        bytes.push(len as u8 | 0x80);
        len >>= 7;
    }
    bytes.push(len as u8);
    bytes.extend(what);
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn sealed(&mut self) -> Option<Sealed> {
        let mut sealed = Sealed { rules: self.byte()?, name: self.string()?, parts: Vec::new() };
        while !self.0.is_empty() {
            let lesson = match self.byte()? {
                0 => self.string().filter(|text| slug::is_slug(text))?,
                number => slug::numbered(number)?.to_owned(),
            };
            let outline = u16::from_le_bytes([self.byte()?, self.byte()?]);
            sealed.parts.push(Part { lesson, outline, proof: self.string_of_bytes()?.to_vec() });
        }
        Some(sealed)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn string_of_bytes(&mut self) -> Option<&[u8]> {
        // Two bytes count further than a text may be long.
        let mut len = 0;
        for shift in [0, 7] {
            let byte = self.byte()?;
            len |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn string(&mut self) -> Option<String> {
        core::str::from_utf8(self.string_of_bytes()?).ok().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(lesson: &str, proof: &[u8]) -> Part {
        Part { lesson: lesson.into(), outline: 0xbeef, proof: proof.to_vec() }
    }

    fn sealed(parts: Vec<Part>) -> Sealed {
        Sealed { rules: 0, name: "Ada Lovelace".into(), parts }
    }

    /// The text of bytes whose check was mended.
    fn mended(body: &[u8]) -> String {
        format!("{PREFIX}{}", wire::to_letters(&[body, &seal(body)].concat()))
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut one = sealed(Vec::new());
        for part in [part("of-my-own", &[7; 200]), part("l4-vs-l7", &[1, 2, 3]), part("config-review", &[])] {
            assert!(one.insert(part.clone()) && !one.insert(part));
        }
        let slugs: Vec<&str> = one.parts().iter().map(Part::lesson).collect();
        assert_eq!(slugs, ["l4-vs-l7", "config-review", "of-my-own"]);
        assert_eq!(Sealed::from_text(&one.to_text()), Ok(one));
        assert_eq!(Sealed::from_text(&sealed(Vec::new()).to_text()), Ok(sealed(Vec::new())));
    }

    #[test]
    fn other_texts_are_refused_by_what_is_wrong() {
        let good = sealed(vec![part("l4-vs-l7", &[1, 2, 3])]).to_text();
        let check = |text: &str, expect| assert_eq!(Sealed::from_text(text), Err(expect), "{text}");
        check("", Refusal::Other);
        check("https://example.org/", Refusal::Other);
        check("vanity.x", Refusal::Other);
        check("v2.AAAA", Refusal::Format);
        check("v1.", Refusal::Mangled);
        check("v1.é", Refusal::Mangled);
        check(&good[..good.len() - 1], Refusal::Mangled);
        check(&format!("{good} "), Refusal::Mangled);
        check(&format!("v1.{}", "A".repeat(16_384)), Refusal::Long);
        check(&mended(&[9, 1, b'A']), Refusal::Rules(9));
    }

    #[test]
    fn only_one_spelling_is_taken() {
        let spelled = |body: &[u8]| Sealed::from_text(&mended(body)).map(|sealed| sealed.name);
        let lesson = |number: u8| vec![number, 0xef, 0xbe, 0];
        let body = |parts: &[Vec<u8>]| [&[0, 1, b'A'][..], &parts.concat()].concat();
        assert_eq!(spelled(&body(&[lesson(2), lesson(3)])), Ok("A".into()));
        for wrong in [
            body(&[lesson(3), lesson(2)]),
            body(&[lesson(2), lesson(2)]),
            body(&[lesson(19)]),
            body(&[vec![0, 1, b'!', 0, 0, 0]]),
            // A lesson that has a number, spelled out.
            [&[0, 1, b'A', 0, 8][..], b"l4-vs-l7", &[0, 0, 0]].concat(),
            // A length in more bytes than it needs.
            vec![0, 0x81, 0, b'A'],
            vec![0, 2, b' ', b'A'],
            vec![0, 0],
            vec![0, 2, b'A'],
            vec![0, 1, 0xff],
            [&[0, 1, b'A'][..], &[2, 0, 0, 5, 1]].concat(),
        ] {
            assert_eq!(spelled(&wrong), Err(Refusal::Spelling), "{wrong:?}");
        }
    }

    #[test]
    fn each_refusal_is_a_sentence() {
        for why in [Refusal::Other, Refusal::Format, Refusal::Rules(3), Refusal::Long, Refusal::Mangled, Refusal::Spelling] {
            let text = why.to_string();
            assert!(text.len() > 40 && text.ends_with('.') && text.starts_with(char::is_uppercase), "{text}");
        }
    }
}
