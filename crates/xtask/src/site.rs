//! Building the site: trunk bundles the front end, then calls `hook`, which adds the lessons.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::bundle::{self, Bundle, PACKAGE};
use crate::compact;
use crate::failure::Failure;
use crate::html;
use crate::lessons::{self, Assets};
use crate::npm;
use crate::report::Form;
use crate::split::{self, Pieces};
use crate::toolbox::Toolbox;
use crate::tools::{Need, WASM};
use crate::trim;
use crate::wasm_opt;
use crate::workspace::Workspace;

/// How a site is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Small and fast to run: what visitors get.
    Release,
    /// Fast to build, large and slow to run.
    Debug,
}

impl Profile {
    /// The switch trunk takes for it.
    pub(crate) fn switch(self) -> &'static [&'static str] {
        match self {
            Self::Release => &["--release"],
            Self::Debug => &[],
        }
    }

    /// The folder of cargo's output for it.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Debug => "debug",
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    folder: &'a Path,
    pages: usize,
    files: usize,
}

/// `cargo xtask build`: the whole site in `dist`.
pub(crate) fn build(workspace: &Workspace, tools: &Toolbox, profile: Profile, form: Form) -> Result<(), Failure> {
    trunk(tools, "build").args(profile.switch()).run(tools.aside())?;
    let dist = workspace.dist();
    let all = files(&dist)?;
    let pages = all.iter().filter(|file| is_page(file)).count();
    let words = format!("The site is in {}: {pages} pages, {} files.", dist.display(), all.len());
    form.show(&Report { folder: &dist, pages, files: all.len() }, &words);
    Ok(())
}

/// A trunk command; its version check would only ask the network what we pinned on purpose.
pub(crate) fn trunk(tools: &Toolbox, task: &str) -> crate::process::Program {
    tools
        .program("trunk")
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        // Where trunk noticed a failure would only bury what the failure says.
        .env("RUST_LIB_BACKTRACE", "0")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", without_paths())
        .args([task])
}

/// What the splitter goes by. Plain `trunk` has it from `.cargo/config.toml`, which flags of the
/// environment replace.
const RELOCATIONS: &str = "-Clink-args=--emit-relocs";

/// Compiler flags that keep this machine's folders out of the wasm, where panics would name them.
pub(crate) fn without_paths() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
    let sources = home.and_then(|home| std::fs::read_dir(home.join("registry").join("src")).ok());
    let folders = sources.into_iter().flatten().flatten().map(|entry| entry.path());
    folders.map(|folder| format!("--remap-path-prefix={}/= ", folder.display())).collect::<String>() + RELOCATIONS
}

/// Trunk's `post_build` hook: makes the lessons' pages, the scripts and the policy, in the folder
/// that trunk is about to publish.
pub(crate) fn hook(workspace: &Workspace, tools: &mut Toolbox) -> Result<(), Failure> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| Failure::Usage("`hook` is called by trunk. To build the site: cargo xtask build.".to_owned()))?;
    let release = std::env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");
    let profile = if release { Profile::Release } else { Profile::Debug };
    let bundle = Bundle::find(&staging)?;
    let lean = if release { compact::compile(workspace, tools)? } else { None };
    let compiled = lean.unwrap_or_else(|| workspace.target().join(WASM).join(profile.folder()).join(format!("{PACKAGE}.wasm")));
    let mut pieces = split::split(workspace, tools, &compiled, &staging, &bundle)?;
    if release {
        shrink(workspace, tools, &staging, &bundle, &mut pieces)?;
    }
    let (bundle, pieces) = pieces.publish(&staging, bundle)?;
    let assets = Assets { boot: bundle.write_boot(&staging)?, theme: bundle::write_theme(&staging)?, styles: bundle.styles, pieces };
    edit(&staging.join("index.html"), html::without_trunk_links)?;
    lessons::write_pages(workspace, &staging, &assets)?;
    // Trunk's live reload is an inline script, which the policy forbids: debug pages go without.
    if release {
        for page in files(&staging)?.iter().filter(|file| is_page(file)) {
            edit(page, html::with_policy)?;
        }
    }
    Ok(())
}

/// Takes comments and long names out of the bindings: half of what they weigh.
fn minify(workspace: &Workspace, tools: &Toolbox, js: &Path) -> Result<(), Failure> {
    let terser = npm::terser(workspace.root());
    let arguments = [terser.as_os_str(), js.as_os_str(), "--module".as_ref(), "-c".as_ref(), "-m".as_ref(), "-o".as_ref(), js.as_os_str()];
    tools.program("node").args(arguments).run(tools.aside())
}

/// Installs what the shrinking needs if it can; otherwise the files stay as they are and a line says so.
fn shrink(workspace: &Workspace, tools: &mut Toolbox, site: &Path, bundle: &Bundle, pieces: &mut Pieces) -> Result<(), Failure> {
    if let Err(failure) = tools.prepare(&[Need::Node, Need::Packages]) {
        eprintln!("The wasm is left a third larger than it could be: {failure}");
        return Ok(());
    }
    pieces.join(workspace, tools, site)?;
    let (wasm, js) = (site.join(&bundle.wasm), site.join(&bundle.js));
    let before = fs::read(&wasm).map_err(Failure::file("read", &wasm))?;
    let wrong = |wrong: String| Failure::Content { path: wasm.clone(), wrong: format!("{wrong}.") };
    edit(&js, trim::without_unused_classes)?;
    let names = trim::short_names(&before, &read(&js)?).map_err(wrong)?;
    edit(&js, |text| trim::with_short_names(text, &names))?;
    minify(workspace, tools, &js)?;
    minify(workspace, tools, pieces.loader())?;
    let trimmed = trim::trimmed(&before, &names, &[&read(&js)?, &read(pieces.loader())?]).map_err(wrong)?;
    fs::write(&wasm, trimmed).map_err(Failure::file("write", &wasm))?;
    for piece in &pieces.later {
        wasm_opt::shrink_piece(workspace, tools, piece)?;
    }
    wasm_opt::shrink(workspace, tools, &wasm)
}

/// Every file below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(Failure::file("read", &folder))? {
            let path = entry.map_err(Failure::file("read", &folder))?.path();
            // Trunk keeps work in progress in `dist/.stage`.
            let hidden = path.file_name().is_some_and(|name| name == ".stage");
            match path.is_dir() {
                true if !hidden => open.push(path),
                true => {}
                false => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::file("read", path))
}

fn is_page(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "html")
}

fn edit(page: &Path, change: impl Fn(&str) -> String) -> Result<(), Failure> {
    let before = read(page)?;
    fs::write(page, change(&before)).map_err(Failure::file("write", page))
}

#[cfg(test)]
mod tests {
    use super::files;
    use crate::scratch::Scratch;

    #[test]
    fn work_in_progress_is_not_part_of_the_site() {
        let site = Scratch::new("files");
        site.write("lessons/a/index.html", "");
        site.write("index.html", "");
        site.write(".stage/index.html", "");
        let found = files(site.path()).expect("read");
        let names: Vec<_> = found.iter().filter_map(|file| file.strip_prefix(site.path()).ok()?.to_str()).collect();
        assert_eq!(names, ["index.html", "lessons/a/index.html"]);
    }
}
