//! An authored file: its text, the path to show, and lines from byte offsets.

use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::problem::{Problem, Problems};
use crate::suggest;

/// One authored file as it was read.
#[derive(Clone, Debug, Default)]
pub struct SourceFile {
    /// Path as an author would type it, for example `lessons/x/en/quiz.toml`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// Wraps a text that did not come from disk.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        SourceFile { path: path.into(), text: text.into() }
    }

    /// Reads `lessons/<relative>`; a file that cannot be read is a problem, not a panic.
    pub fn read(lessons: &Path, relative: &str) -> Result<Self, Problem> {
        let path = shown_path(lessons, relative);
        match std::fs::read_to_string(lessons.join(relative)) {
            Ok(text) => Ok(SourceFile { path, text }),
            Err(error) => Err(Problem {
                what: format!("This file cannot be read ({}).", plain_io(&error)),
                fix: "Create it, or correct the name that leads here.".into(),
                line: 1,
                file: path,
            }),
        }
    }

    /// The line, counted from 1, on which a byte offset stands.
    pub fn line_at(&self, offset: usize) -> usize {
        let end = offset.min(self.text.len());
        1 + self.text.as_bytes()[..end].iter().filter(|&&b| b == b'\n').count()
    }

    /// A problem at a byte offset of this file.
    pub fn problem(&self, offset: usize, what: impl Into<String>, fix: impl Into<String>) -> Problem {
        Problem { file: self.path.clone(), line: self.line_at(offset), what: what.into(), fix: fix.into() }
    }

    /// Reads the text as TOML of one schema.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error| self.toml_problem(error.message(), error.span()))
    }

    /// Turns the message of the TOML reader into a problem with a fix.
    pub(crate) fn toml_problem(&self, message: &str, span: Option<Range<usize>>) -> Problem {
        let at = span.map_or(0, |s| s.start);
        let (what, fix) = suggest::explain_toml(message);
        self.problem(at, what, fix)
    }
}

/// The path to show for a file below the lessons folder, with the folder's own name in front.
pub(crate) fn shown_path(lessons: &Path, relative: &str) -> String {
    let root = lessons.file_name().map_or_else(|| "lessons".into(), |name| name.to_string_lossy());
    format!("{root}/{relative}")
}

/// Reads a file whose absence is one more problem in the list.
pub(crate) fn read_or_note(lessons: &Path, relative: &str, problems: &mut Problems) -> Option<SourceFile> {
    problems.keep(SourceFile::read(lessons, relative))
}

fn plain_io(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist",
        std::io::ErrorKind::PermissionDenied => "permission denied",
        std::io::ErrorKind::InvalidData => "it is not UTF-8 text",
        _ => "the system refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Small {
        #[allow(dead_code)]
        minutes: u32,
    }

    fn check(text: &str, expect: &str) {
        let file = SourceFile::new("lessons/x/lesson.toml", text);
        let problem = file.parse::<Small>().expect_err("the text is broken on purpose");
        assert_eq!(problem.to_string(), expect);
    }

    #[test]
    fn toml_errors_name_file_line_and_fix() {
        check("\n\nminuets = 3\n", "lessons/x/lesson.toml:3: There is no field `minuets` here. Fix: Did you mean `minutes`?");
        check("# empty\n", "lessons/x/lesson.toml:1: The field `minutes` is missing. Fix: Add `minutes = …` here.");
        check(
            "minutes = \"3\"\n",
            "lessons/x/lesson.toml:1: A value has the wrong form: invalid type: string \"3\", expected u32. \
             Fix: Write the value in the form that is expected.",
        );
    }

    #[test]
    fn lines_count_from_one() {
        let file = SourceFile::new("f", "a\nb\nc");
        assert_eq!([0, 2, 4, 99].map(|at| file.line_at(at)), [1, 2, 3, 3]);
    }
}
