//! Making the wasm smaller, and remembering the result.

use std::fs;
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use crate::failure::Failure;
use crate::neighbours;
use crate::npm;
use crate::toolbox::Toolbox;
use crate::workspace::Workspace;

/// What the pinned compiler emits by default. Binaryen refuses what it is not told to expect.
pub(crate) const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// For a piece that takes the table of functions from the main one: what it calls through the table,
/// by numbers that never change, it calls directly where it holds that itself. This has to come first.
/// The main piece may not: there the numbers of other pieces would seem to lead nowhere.
const DIRECT: &[&str] = &["--pass-arg=directize-initial-contents-immutable", "--directize"];

/// What makes it small.
const FLAGS: &[&str] = &[
    // Taken apart and put together again, the same control flow is 0.7 KB brotli smaller.
    "--flatten",
    "--rereloop",
    "-Oz",
    // What the first pass has folded together gives the second something to do: 0.8 KB brotli.
    "-Oz",
    "--strip-debug",
    "--strip-producers",
    "--dealign",
];

/// Results kept for input that comes again; beyond this many the folder is emptied.
const KEPT: usize = 400;

/// Shrinks one file in place. Node and the packages have to be there.
pub(crate) fn shrink(workspace: &Workspace, tools: &Toolbox, wasm: &Path) -> Result<(), Failure> {
    shrink_after(&[], workspace, tools, wasm)
}

/// Shrinks a piece in place that takes the table of functions from the main one.
pub(crate) fn shrink_piece(workspace: &Workspace, tools: &Toolbox, wasm: &Path) -> Result<(), Failure> {
    shrink_after(DIRECT, workspace, tools, wasm)
}

fn shrink_after(first: &[&str], workspace: &Workspace, tools: &Toolbox, wasm: &Path) -> Result<(), Failure> {
    let original = fs::read(wasm).map_err(Failure::file("read", wasm))?;
    let cache = workspace.target().join("hopscope").join("wasm-opt");
    let kept = cache.join(format!("{:016x}.wasm", key(workspace, &original, first)?));
    if !kept.is_file() {
        make_room(&cache)?;
        // Written beside and renamed, so that an interrupted run leaves no half file behind.
        let fresh = cache.join(format!("fresh-{}.wasm", std::process::id()));
        let optimiser = npm::wasm_opt(workspace.root());
        tools
            .program("node")
            .args([optimiser.as_os_str(), wasm.as_os_str(), "-o".as_ref(), fresh.as_os_str()])
            .args(first)
            .args(FLAGS)
            .args(FEATURES)
            .run(tools.aside())?;
        let optimised = fs::read(&fresh).map_err(Failure::file("read", &fresh))?;
        let ordered =
            neighbours::side_by_side(&optimised).map_err(|wrong| Failure::Content { path: fresh.clone(), wrong: format!("{wrong}.") })?;
        fs::write(&fresh, ordered).map_err(Failure::file("write", &fresh))?;
        fs::rename(&fresh, &kept).map_err(Failure::file("write", &kept))?;
    }
    fs::copy(&kept, wasm).map_err(Failure::file("write", wasm))?;
    Ok(())
}

/// The input, the flags, the order of functions and the optimiser's version decide the result.
fn key(workspace: &Workspace, wasm: &[u8], first: &[&str]) -> Result<u64, Failure> {
    let lock = workspace.at("package-lock.json");
    let mut hash = Xxh3::new();
    hash.update(wasm);
    hash.update([first, FLAGS, FEATURES].concat().concat().as_bytes());
    hash.update(neighbours::RULES.as_bytes());
    hash.update(&fs::read(&lock).map_err(Failure::file("read", &lock))?);
    Ok(hash.digest())
}

fn make_room(cache: &Path) -> Result<(), Failure> {
    let held = fs::read_dir(cache).map_or(0, Iterator::count);
    if held >= KEPT {
        fs::remove_dir_all(cache).map_err(Failure::file("clear", cache))?;
    }
    fs::create_dir_all(cache).map_err(Failure::file("write", cache))
}
