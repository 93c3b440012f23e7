//! Everything that can stop a task, said in a sentence a newcomer can act on.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a task stopped.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum Failure {
    /// The command line asks for something that does not exist.
    Usage(String),
    /// A program that the task needs is not there and cannot be installed by us.
    Missing {
        /// What is missing.
        what: &'static str,
        /// One line that says how to get it.
        how: String,
    },
    /// A program could not be started.
    Start {
        /// The command as typed.
        command: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program ran and reported a failure.
    Exit {
        /// The command as typed.
        command: String,
        /// Its exit status in words.
        status: String,
    },
    /// A file could not be read or written.
    File {
        /// What was tried: "read", "write".
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file was read and is not what it should be.
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        wrong: String,
    },
    /// A check did not hold; the text says which and by how much.
    Check(String),
    /// What is wrong has been printed already.
    Reported,
}

impl Failure {
    /// A closure for `map_err` that names the file and what was tried.
    pub(crate) fn file(verb: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { verb, path: path.to_owned(), source }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Check(text) => f.write_str(text),
            Self::Reported => Ok(()),
            Self::Missing { what, how } => write!(f, "{what} is missing. {how}"),
            Self::Start { command, source } => write!(f, "`{command}` did not start: {source}."),
            Self::Exit { command, status } => write!(f, "`{command}` ended with {status}."),
            Self::File { verb, path, source } => {
                write!(f, "Could not {verb} {}: {source}.", path.display())
            }
            Self::Content { path, wrong } => write!(f, "{}: {wrong}", path.display()),
        }
    }
}

impl std::error::Error for Failure {}
