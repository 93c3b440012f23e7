//! Progress as a text, and how an old text becomes a current one.
//!
//! A text is `<version>.<base64url of postcard bytes and a check>`. The version stands in plain
//! digits before the point, so that every build can read at least that. A change to the records
//! raises [`VERSION`] and adds one step to [`STEPS`]; texts of every earlier version stay readable.

use hopscope_core::wire;

use super::record::Progress;

/// The version that this build writes.
pub(crate) const VERSION: u32 = 1;

/// Turns the bytes of one version into those of the next; `None` when they are damaged.
type Step = fn(&[u8]) -> Option<Vec<u8>>;

/// The step at index `i` leads from version `i + 1` to version `i + 2`.
const STEPS: &[Step] = &[];

/// Why a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is cut short or changed.
    Damaged,
    /// A later version of the site wrote it.
    Newer(u32),
}

/// The text of this progress.
pub(crate) fn encode(progress: &Progress) -> String {
    // Serialising owned plain data into a growing vector has no way to fail.
    wrap(VERSION, postcard::to_allocvec(progress).unwrap_or_default())
}

/// Reads a text of this version or an earlier one.
pub(crate) fn decode(text: &str) -> Result<Progress, Unreadable> {
    let bytes = bring_up(text, VERSION, STEPS)?;
    wire::read(&bytes).ok_or(Unreadable::Damaged)
}

fn wrap(version: u32, mut bytes: Vec<u8>) -> String {
    bytes.extend(check(version, &bytes).to_le_bytes());
    let mut text = version.to_string();
    text.push('.');
    text.push_str(&wire::to_letters(&bytes));
    text
}

/// The bytes of a text, brought up to version `current` step by step.
fn bring_up(text: &str, current: u32, steps: &[Step]) -> Result<Vec<u8>, Unreadable> {
    let (digits, body) = text.split_once('.').ok_or(Unreadable::Damaged)?;
    let version: u32 = digits.parse().map_err(|_| Unreadable::Damaged)?;
    if version > current {
        return Err(Unreadable::Newer(version));
    }
    let mut bytes = open(version, body).ok_or(Unreadable::Damaged)?;
    for from in version..current {
        let step = steps.get(from.wrapping_sub(1) as usize).ok_or(Unreadable::Damaged)?;
        bytes = step(&bytes).ok_or(Unreadable::Damaged)?;
    }
    Ok(bytes)
}

fn open(version: u32, body: &str) -> Option<Vec<u8>> {
    let mut bytes = wire::from_letters(body)?;
    let (inner, written) = bytes.split_last_chunk::<4>()?;
    if check(version, inner) != u32::from_le_bytes(*written) {
        return None;
    }
    bytes.truncate(bytes.len() - 4);
    Some(bytes)
}

/// FNV-1a (Fowler, Noll and Vo): tells a damaged text from a whole one. It is no protection
/// against somebody who wants to change it, and need not be.
fn check(version: u32, bytes: &[u8]) -> u32 {
    let all = version.to_le_bytes().into_iter().chain(bytes.iter().copied());
    all.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use hopscope_core::assess::Answer;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::progress::named::Named;
    use crate::progress::record::{AnswerRecord, LessonRecord, PredictionRecord, Sure};

    fn some() -> Progress {
        let mut progress = Progress::default();
        let lesson = progress.touch("l4-vs-l7");
        let answer = Answer::Chosen(vec!["pinned".into()]);
        lesson.answers.insert("scale-out".into(), AnswerRecord { stamp: 1, answer, correct: true, ever_right: true, tries: 2 });
        let lab = lesson.labs.or_default("even-out");
        lab.best = Some(2);
        lab.predictions.insert("p".into(), PredictionRecord { stamp: 1, option: "half".into(), sure: Sure::Think, right: true });
        progress
    }

    /// What version 1 wrote for [`some`]. It has to be read for ever: never change this line.
    const WRITTEN_BY_VERSION_1: &str = "1.AQEIbDQtdnMtbDcBAAAAAAEIZXZlbi1vdXQAAQIAAAEBcAEEaGFsZgEBAQlzY2FsZS1vdXQBAAEGcGlubmVkAQEC3ddevg";

    #[test]
    fn a_text_gives_back_what_was_written() {
        assert_eq!(decode(&encode(&some())), Ok(some()));
        assert_eq!(decode(&encode(&Progress::default())), Ok(Progress::default()));
    }

    #[test]
    fn what_version_1_wrote_is_read_for_ever() {
        assert_eq!(decode(WRITTEN_BY_VERSION_1), Ok(some()), "version 1 writes {}", encode(&some()));
    }

    #[test]
    fn every_change_to_a_text_shows() {
        let text = encode(&some());
        for place in 0..text.len() {
            for other in ["A", "B", ".", "é"] {
                let mangled = format!("{}{other}{}", &text[..place], &text[place + 1..]);
                if mangled != text {
                    assert!(decode(&mangled).is_err(), "{mangled}");
                }
            }
            assert_eq!(decode(&text[..place]), Err(Unreadable::Damaged));
        }
        for text in ["", "{}", "null", "1", "1.", "0.AAAA", "x.AAAA", "-1.AAAA"] {
            assert_eq!(decode(text), Err(Unreadable::Damaged), "{text}");
        }
    }

    #[test]
    fn a_newer_text_is_known_as_such() {
        assert_eq!(decode("2.whatever it may be"), Err(Unreadable::Newer(2)));
        assert_eq!(decode("4000000000."), Err(Unreadable::Newer(4_000_000_000)));
    }

    /// What version 2 might look like: the records of version 1 and a number of days in a row.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Next {
        clock: u64,
        streak: u32,
        lessons: Named<LessonRecord>,
    }

    fn to_next(bytes: &[u8]) -> Option<Vec<u8>> {
        let old: Progress = postcard::from_bytes(bytes).ok()?;
        postcard::to_allocvec(&Next { clock: old.clock, streak: 0, lessons: old.lessons }).ok()
    }

    #[test]
    fn a_text_of_version_n_is_brought_up_to_version_n_plus_1() {
        let bytes = bring_up(&encode(&some()), VERSION + 1, &[to_next]);
        let next: Option<Next> = bytes.ok().and_then(|bytes| postcard::from_bytes(&bytes).ok());
        let Progress { clock, lessons } = some();
        assert_eq!(next, Some(Next { clock, streak: 0, lessons }));
        // A text of the later version passes through as it is, and one without a step is refused.
        let written = wrap(2, vec![1, 2, 3]);
        assert_eq!(bring_up(&written, 2, &[to_next]), Ok(vec![1, 2, 3]));
        assert_eq!(bring_up(&encode(&some()), 2, &[]), Err(Unreadable::Damaged));
    }

    #[test]
    fn there_is_a_step_from_every_earlier_version() {
        assert_eq!(STEPS.len() as u32, VERSION - 1);
    }
}
