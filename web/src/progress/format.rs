//! Progress as a text, and how an old text becomes a current one.
//!
//! A text is `<version>.<base64url of postcard bytes and a check>`. The version stands in plain
//! digits before the point, so that every build can read at least that. A change to the records
//! raises [`VERSION`] and adds one step to [`STEPS`]; texts of every earlier version stay readable.

use hopscope_core::wire;

use super::record::Progress;

/// The version that this build writes.
pub(crate) const VERSION: u32 = 2;

/// Turns the bytes of one version into those of the next; `None` when they are damaged.
type Step = fn(&[u8]) -> Option<Vec<u8>>;

/// The step at index `i` leads from version `i + 1` to version `i + 2`.
const STEPS: &[Step] = &[to_version_2];

/// Version 2 added what was studied and how often everything was deleted. Both follow what was
/// there before, and there is none of either: an empty list and a zero.
fn to_version_2(bytes: &[u8]) -> Option<Vec<u8>> {
    Some([bytes, &[0, 0]].concat())
}

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
mod tests;
