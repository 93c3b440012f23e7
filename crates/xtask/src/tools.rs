//! The programs that building and testing need, and how a missing one is had.
//!
//! A program of the right version that is already there is used as it is. An absent one is
//! installed where cargo installs programs. When another version is there, it is left alone and
//! ours goes into a folder of its own, in the user's cache.

use std::path::PathBuf;

/// A program that cargo builds from its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CargoTool {
    /// The package on crates.io.
    pub(crate) package: &'static str,
    /// The program it gives.
    pub(crate) program: &'static str,
    /// The version, exactly.
    pub(crate) version: &'static str,
    /// Whether it is built with the versions of its own `Cargo.lock`.
    pub(crate) locked: bool,
    /// What it is for, in a few words.
    pub(crate) why: &'static str,
}

/// Bundles the site. 0.22 needs a newer compiler than the pinned one.
pub(crate) const TRUNK: CargoTool =
    CargoTool { package: "trunk", program: "trunk", version: "0.21.14", locked: true, why: "it bundles the site" };

/// Equal to `wasm-bindgen` in `Cargo.lock`, or the bindings do not fit the wasm. Its own lock file
/// asks for packages that no longer build, so it is built without it.
pub(crate) const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: "0.2.130",
    locked: false,
    why: "it joins the wasm to JavaScript",
};

/// Runs the core's tests as wasm in Node, and builds the JavaScript package.
pub(crate) const WASM_PACK: CargoTool = CargoTool {
    package: "wasm-pack",
    program: "wasm-pack",
    version: "0.15.1",
    locked: true,
    why: "it runs tests as wasm and builds the JavaScript package",
};

/// The target that runs in browsers.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The oldest Node.js that runs the packages of `package.json`.
pub(crate) const NODE: u32 = 20;

/// Something a task needs before it can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The compiler's wasm target.
    WasmTarget,
    /// The source of the standard library.
    Source,
    /// The compiler's formatter and lints.
    Lints,
    /// A program built by cargo.
    Cargo(CargoTool),
    /// Node.js.
    Node,
    /// The packages of `package.json`.
    Packages,
    /// A Chromium to test in.
    Chromium,
}

/// What building the site needs.
pub(crate) const SITE: &[Need] = &[Need::WasmTarget, Need::Cargo(TRUNK), Need::Cargo(WASM_BINDGEN)];

/// What to do about one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The one on the search path is right.
    Use,
    /// Ours, from an earlier run, is right.
    UseOurs,
    /// There is none: install it for everyone.
    Install,
    /// There is another version: install ours in its own folder.
    InstallBeside,
}

/// Decides from the version found on the search path, whether ours is kept already, and the
/// version wanted.
pub(crate) fn plan(found: Option<&str>, kept: bool, wanted: &str) -> Plan {
    match found {
        Some(version) if version == wanted => Plan::Use,
        _ if kept => Plan::UseOurs,
        None => Plan::Install,
        Some(_) => Plan::InstallBeside,
    }
}

/// The folder for our own copy of a program; its name holds the version, so copies never clash.
pub(crate) fn beside(tool: &CargoTool) -> PathBuf {
    let folder = format!("{}-{}", tool.package, tool.version);
    user_cache().join("hopscope").join("tools").join(folder)
}

/// The folder where this system keeps what can be made again.
fn user_cache() -> PathBuf {
    if let Some(cache) = std::env::var_os("XDG_CACHE_HOME").filter(|cache| !cache.is_empty()) {
        return PathBuf::from(cache);
    }
    let home = std::env::home_dir().unwrap_or_else(std::env::temp_dir);
    match std::env::consts::OS {
        "macos" => home.join("Library").join("Caches"),
        "windows" => home.join("AppData").join("Local"),
        _ => home.join(".cache"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, WASM_BINDGEN, plan};
    use crate::workspace::Workspace;

    #[test]
    fn the_right_version_is_never_rebuilt() {
        assert_eq!(plan(Some("0.21.14"), false, "0.21.14"), Plan::Use);
        assert_eq!(plan(Some("0.21.14"), true, "0.21.14"), Plan::Use);
        assert_eq!(plan(Some("0.22.0"), true, "0.21.14"), Plan::UseOurs);
        assert_eq!(plan(None, true, "0.21.14"), Plan::UseOurs);
    }

    #[test]
    fn another_version_is_never_overwritten() {
        assert_eq!(plan(Some("0.22.0"), false, "0.21.14"), Plan::InstallBeside);
        assert_eq!(plan(Some(""), false, "0.21.14"), Plan::InstallBeside);
        assert_eq!(plan(None, false, "0.21.14"), Plan::Install);
    }

    #[test]
    fn wasm_bindgen_equals_the_lock_file() {
        let lock = Workspace::find().at("Cargo.lock");
        let text = std::fs::read_to_string(lock).expect("Cargo.lock is committed");
        let wanted = format!("name = \"wasm-bindgen\"\nversion = \"{}\"", WASM_BINDGEN.version);
        assert!(text.contains(&wanted), "tools.rs and Cargo.lock name different versions");
    }
}
