//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The repository and the folders in it that tasks read and write.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The repository this program was started from.
    ///
    /// Cargo sets `CARGO_MANIFEST_DIR` when it runs us; the path of the build is the fallback for
    /// a binary started by hand.
    pub(crate) fn find() -> Self {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.ancestors().nth(2).unwrap_or(&package).to_owned();
        Self { root }
    }

    /// The folder that holds the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path given from the root.
    pub(crate) fn at(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The built site.
    pub(crate) fn dist(&self) -> PathBuf {
        self.at("dist")
    }

    /// The lesson files.
    pub(crate) fn lessons(&self) -> PathBuf {
        self.at("lessons")
    }

    /// Cargo's output folder, which also keeps what we cache between builds.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.at("target"), PathBuf::from)
    }
}
