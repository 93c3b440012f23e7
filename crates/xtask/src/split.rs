//! Splitting the compiled front end into the piece that every page loads and those fetched when
//! they are first needed.
//!
//! `wasm_split` in `web/src/later.rs` marks where; the linker's relocations say what belongs to
//! whom. Trunk joins the whole to JavaScript before it calls us, so here the main piece is joined
//! again, under the names that trunk gave.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use wasm_split_cli_support::{Options, transform};
use xxhash_rust::xxh3::xxh3_64;

use crate::bundle::{Bundle, PACKAGE};
use crate::failure::Failure;
use crate::packs;
use crate::toolbox::Toolbox;
use crate::workspace::Workspace;

/// What the splitter calls its loader, and what the loader calls the bindings.
const LOADER: &str = "__wasm_split.js";
const BINDINGS: &str = "main.js";

/// What the loader's name in the site begins with.
pub(crate) const LATER: &str = "later-";

/// The files of a split front end, in the site's folder.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    /// The script that fetches pieces. It has no final name until [`Pieces::publish`].
    loader: PathBuf,
    /// The pieces fetched when needed.
    pub(crate) later: Vec<PathBuf>,
    /// What the files that each piece consists of are called before they are published, by the piece's name.
    parts: BTreeMap<String, Vec<String>>,
}

/// Splits what cargo compiled and puts the main piece and its bindings where trunk put the whole.
pub(crate) fn split(workspace: &Workspace, tools: &Toolbox, compiled: &Path, site: &Path, bundle: &Bundle) -> Result<Pieces, Failure> {
    let whole = bytes(compiled)?;
    let work = workspace.target().join("hopscope").join("split");
    let main = work.join("main.wasm");
    let mut options = Options::new(&whole);
    options.output_dir = &work;
    options.main_out_path = &main;
    let made = transform(options)
        .map_err(|wrong| Failure::Content { path: compiled.to_owned(), wrong: format!("it cannot be split: {wrong}.") })?;
    let bound = work.join("bound");
    // The pieces share the table of functions, which the bindings alone would not need exported.
    let stem = bundle.js.trim_end_matches(".js");
    let out = [bound.as_os_str(), "--out-name".as_ref(), stem.as_ref(), main.as_os_str()];
    tools
        .program("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-dir"])
        .args(out)
        .run(tools.aside())?;
    copy(&bound.join(&bundle.wasm), &site.join(&bundle.wasm))?;
    copy(&bound.join(&bundle.js), &site.join(&bundle.js))?;
    let mut later = Vec::new();
    for piece in made.split_modules {
        let to = site.join(name_of(&piece));
        copy(&piece, &to)?;
        later.push(to);
    }
    let of_piece = |(piece, files): (String, Vec<String>)| (piece, files.into_iter().map(|file| format!("{file}.wasm")).collect());
    let parts = made.prefetch_map.into_iter().map(of_piece).collect();
    let loader = site.join(LOADER);
    write(&loader, &read(&work.join(LOADER))?.replace(BINDINGS, &bundle.js))?;
    Ok(Pieces { loader, later, parts })
}

impl Pieces {
    /// The script that fetches pieces.
    pub(crate) fn loader(&self) -> &Path {
        &self.loader
    }

    /// Joins the files that come together. Binaryen has to be there.
    pub(crate) fn join(&mut self, workspace: &Workspace, tools: &Toolbox, site: &Path) -> Result<(), Failure> {
        let packs = packs::plan(&self.parts, |file| fs::metadata(site.join(file)).map_or(0, |found| found.len()));
        let text = packs::with_packs(&read(&self.loader)?, &packs)
            .map_err(|wrong| Failure::Content { path: self.loader.clone(), wrong: format!("{wrong}. Has the splitter changed?") })?;
        write(&self.loader, &text)?;
        self.later.retain(|path| !packs.iter().any(|pack| pack.holds(&name_of(path))));
        self.later.extend(packs::join(workspace, tools, site, &packs)?);
        self.parts = packs::with_packed_parts(std::mem::take(&mut self.parts), &packs);
        Ok(())
    }

    /// Gives every file a name with a hash of what is in it, so that hosts and browsers can keep
    /// it for ever, and says how the bundle is called now and which files each piece has. The last step: what is in the files
    /// may not change after it.
    pub(crate) fn publish(mut self, site: &Path, bundle: Bundle) -> Result<(Bundle, BTreeMap<String, Vec<String>>), Failure> {
        let mut loader = read(&self.loader)?;
        for piece in &self.later {
            let old = name_of(piece);
            let stem = old.trim_start_matches("split_").trim_end_matches(".wasm");
            let new = format!("{stem}-{:016x}.wasm", hash(&[&bytes(piece)?]));
            loader = loader.replace(&format!("./{old}"), &format!("./{new}"));
            self.parts.values_mut().flatten().filter(|part| **part == old).for_each(|part| part.clone_from(&new));
            rename(piece, &site.join(new))?;
        }
        let (wasm, js) = (site.join(&bundle.wasm), site.join(&bundle.js));
        let mut bindings = read(&js)?;
        let whole = hash(&[&bytes(&wasm)?, bindings.as_bytes(), loader.as_bytes()]);
        let named =
            Bundle { wasm: format!("{PACKAGE}-{whole:016x}_bg.wasm"), js: format!("{PACKAGE}-{whole:016x}.js"), styles: bundle.styles };
        loader = loader.replace(&bundle.js, &named.js);
        let later = format!("{LATER}{:016x}.js", hash(&[loader.as_bytes()]));
        // Only where it is imported: the wasm knows the loader by its old name.
        for quote in ["from \"./", "from\"./"] {
            bindings = bindings.replace(&format!("{quote}{LOADER}"), &format!("{quote}{later}"));
        }
        write(&site.join(&later), &loader)?;
        write(&site.join(&named.js), &bindings.replace(&bundle.wasm, &named.wasm))?;
        rename(&wasm, &site.join(&named.wasm))?;
        remove(&self.loader)?;
        if named.js != bundle.js {
            remove(&js)?;
        }
        Ok((named, self.parts))
    }
}

fn hash(parts: &[&[u8]]) -> u64 {
    xxh3_64(&parts.concat())
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(Failure::file("read", path))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(Failure::file("write", path))
}

fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(Failure::file("remove", path))
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::file("read", path))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to).map(drop).map_err(Failure::file("copy", from))
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(Failure::file("rename", from))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{LOADER, Pieces};
    use crate::bundle::Bundle;
    use crate::scratch::Scratch;

    #[test]
    fn every_file_is_named_after_what_is_in_it_and_found_by_the_others() {
        let site = Scratch::new("split");
        let bundle = || Bundle { wasm: "hopscope-web-1_bg.wasm".into(), js: "hopscope-web-1.js".into(), styles: Vec::new() };
        site.write("hopscope-web-1_bg.wasm", "whole");
        site.write("hopscope-web-1.js", r#"import*as a from"./__wasm_split.js";x={"./__wasm_split.js":a};f("hopscope-web-1_bg.wasm")"#);
        site.write("split_quiz.wasm", "quiz");
        site.write(LOADER, r#"import{i}from"./hopscope-web-1.js";fetch("./split_quiz.wasm")"#);
        let parts = BTreeMap::from([("quiz".to_owned(), vec!["split_quiz.wasm".to_owned()])]);
        let pieces = Pieces { loader: site.path().join(LOADER), later: vec![site.path().join("split_quiz.wasm")], parts };
        let (named, parts) = pieces.publish(site.path(), bundle()).expect("named");
        let mut names: Vec<String> =
            std::fs::read_dir(site.path()).expect("read").map(|e| e.expect("e").file_name().into_string().expect("utf8")).collect();
        names.sort();
        let [js, wasm, later, quiz] = &names[..] else { panic!("{names:?}") };
        assert_eq!((js, wasm), (&named.js, &named.wasm));
        assert_eq!(parts["quiz"], std::slice::from_ref(quiz));
        assert!(later.starts_with("later-") && quiz.starts_with("quiz-"), "{names:?}");
        assert_eq!(site.read(later), format!(r#"import{{i}}from"./{js}";fetch("./{quiz}")"#));
        assert_eq!(site.read(js), format!(r#"import*as a from"./{later}";x={{"./__wasm_split.js":a}};f("{wasm}")"#));
    }
}
