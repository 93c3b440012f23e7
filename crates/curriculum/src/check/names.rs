//! Two lists of names that must agree: what is named, and what exists.

use crate::file::SourceFile;
use crate::problem::Problems;
use crate::source::At;
use crate::suggest;

/// Notes each name that stands twice.
pub(crate) fn note_doubles<'a>(file: &SourceFile, kind: &str, ids: impl IntoIterator<Item = &'a At<String>>, problems: &mut Problems) {
    let mut seen: Vec<&At<String>> = Vec::new();
    for id in ids {
        match seen.iter().find(|earlier| ***earlier == *id) {
            Some(first) => problems.push(file.problem(
                id.offset(),
                format!("The {kind} id `{}` stands here a second time.", **id),
                format!("Give it another id; the first is on line {}.", file.line_at(first.offset())),
            )),
            None => seen.push(id),
        }
    }
}

/// Words in one file for things that a scenario declares.
pub(crate) struct Pairing<'a> {
    /// The file with the words.
    pub file: &'a SourceFile,
    /// What kind of thing it is, for the sentence.
    pub kind: &'a str,
    /// Where the things come from, for the sentence.
    pub home: &'a str,
    /// Table under which the words stand, for the fix.
    pub table: &'a str,
    /// Where to point when words are missing.
    pub anchor: usize,
}

impl Pairing<'_> {
    /// Notes words for what does not exist.
    pub(crate) fn note_unknown<'a>(&self, given: impl IntoIterator<Item = &'a At<String>>, known: &[&str], problems: &mut Problems) {
        for id in given {
            if !known.contains(&id.as_str()) {
                problems.push(self.file.problem(
                    id.offset(),
                    format!("There is no {} `{}` in {}.", self.kind, **id, self.home),
                    suggest::fix_unknown(id, known.iter().copied()),
                ));
            }
        }
    }

    /// Notes what exists and has no words.
    pub(crate) fn note_missing(&self, given: &[&str], known: &[&str], problems: &mut Problems) {
        for id in known {
            if !given.contains(id) {
                problems.push(self.file.problem(
                    self.anchor,
                    format!("The {} `{id}` of {} has no words.", self.kind, self.home),
                    format!("Add `[{}.{id}]`.", self.table),
                ));
            }
        }
    }
}

/// Notes ids that are not plain: they stand in addresses and in HTML.
pub(crate) fn note_unplain<'a>(file: &SourceFile, kind: &str, ids: impl IntoIterator<Item = &'a At<String>>, problems: &mut Problems) {
    for id in ids {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if id.is_empty() || !id.chars().all(plain) {
            problems.push(file.problem(
                id.offset(),
                format!("The {kind} id `{}` cannot stand in an address.", **id),
                "Use lower-case letters, digits, `-` and `_` only.",
            ));
        }
    }
}
