//! What the first visit to a page loads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::html;
use crate::split::LATER;

/// Wasm and JavaScript that a page loads: its scripts, what they import, and so on.
///
/// A name in a script counts when a file of that name is in the site, so an import made only now
/// and then counts too. That errs on the careful side. The one exception is the wasm that the
/// loader of later pieces names: opening a page fetches none of it, and a browser test holds the
/// site to that.
pub(crate) fn loaded_by(dist: &Path, page: &Path) -> Result<BTreeSet<String>, Failure> {
    let text = read_text(page)?;
    let folder = page.parent().unwrap_or(dist);
    let mut open: Vec<PathBuf> = html::scripts(&text).iter().map(|src| folder.join(src)).collect();
    let root = fs::canonicalize(dist).map_err(Failure::file("read", dist))?;
    let mut loaded = BTreeSet::new();
    while let Some(path) = open.pop() {
        let Ok(path) = fs::canonicalize(&path) else {
            continue;
        };
        if !loaded.insert(inside(&root, &path)) || !is_script(&path) {
            continue;
        }
        let folder = path.parent().unwrap_or(dist).to_owned();
        let script = read_text(&path)?;
        let is_later = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(LATER));
        let at_once = quoted_names(&script).filter(|name| !is_later || is_script(Path::new(name)));
        open.extend(at_once.map(|name| folder.join(name)).filter(|at| at.is_file()));
    }
    Ok(loaded)
}

/// The wasm that a page fetches besides when the reader comes near its labs, all of them together.
pub(crate) fn loaded_with_labs(dist: &Path, page: &Path) -> Result<BTreeSet<String>, Failure> {
    let text = read_text(page)?;
    let folder = page.parent().unwrap_or(dist);
    let root = fs::canonicalize(dist).map_err(Failure::file("read", dist))?;
    let asked = html::code_of_labs(&text).into_iter().map(|address| folder.join(address));
    asked.map(|path| fs::canonicalize(&path).map(|path| inside(&root, &path)).map_err(Failure::file("read", &path))).collect()
}

/// Quoted words of a script that could be the name of a script or of wasm.
fn quoted_names(script: &str) -> impl Iterator<Item = &str> {
    script
        .split(['"', '\'', '`'])
        .filter(|word| word.len() < 200 && !word.contains(char::is_whitespace))
        .filter(|word| is_script(Path::new(word)) || word.ends_with(".wasm"))
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "js" || extension == "mjs")
}

/// A path as the site's addresses write it.
pub(crate) fn inside(dist: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(dist).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}

fn read_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::file("read", path))
}
