//! Compiling the front end as small as it gets: with the standard library compiled along, for size
//! and without the words of panics. A tenth less to download than what trunk compiled.
//!
//! A panic is a bug, and in a release it stops the page's code either way; its words would be
//! downloaded by everybody and read by nobody. Debug builds have them.

use std::path::PathBuf;

use crate::bundle::PACKAGE;
use crate::failure::Failure;
use crate::site::without_paths;
use crate::toolbox::Toolbox;
use crate::tools::{Need, WASM};
use crate::workspace::Workspace;

/// What the compiler leaves out: unwinding and printing of panics, where they were, and the
/// words of `Debug`.
const LEAN: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none";

/// The compiled front end, or none where the standard library's source cannot be had; a line says so.
pub(crate) fn compile(workspace: &Workspace, tools: &mut Toolbox) -> Result<Option<PathBuf>, Failure> {
    if let Err(failure) = tools.prepare(&[Need::Source]) {
        eprintln!("The wasm is left a tenth larger than it could be: {failure}");
        return Ok(None);
    }
    // A folder of its own: other flags in the same one would compile everything again each time.
    let target = workspace.target().join("compact");
    tools
        .program("cargo")
        // The pinned compiler is a stable one, and these flags are not. They change how the code is
        // compiled, not what it does: a browser test holds its runs against native ones.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", format!("{} {LEAN}", without_paths()))
        .args(["build", "--quiet", "--release", "--package", PACKAGE, "--target", WASM])
        .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
        .run(tools.aside())?;
    Ok(Some(target.join(WASM).join("release").join(format!("{PACKAGE}.wasm"))))
}
