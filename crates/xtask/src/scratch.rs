//! A folder that a test fills and that is gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder of one test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder; `name` tells the tests of one run apart.
    pub(crate) fn new(name: &str) -> Self {
        let folder = format!("hopscope-xtask-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(folder);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.0.join(relative);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    /// Reads a file back.
    pub(crate) fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.0.join(relative)).expect("a file")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
