//! Joining what the splitter cut apart: pieces share a lot of code in many combinations, and each
//! combination is a file of its own, most of them under a kilobyte. Joined, what comes together is
//! one file, in which functions call each other directly: an eighth less to download.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use wasmparser::{Parser, Payload, TypeRef, ValType};

use crate::failure::Failure;
use crate::npm;
use crate::toolbox::Toolbox;
use crate::wasm_opt;
use crate::workspace::Workspace;

/// Where the modules take memory and table from, and what the joined ones call that.
const SHARED: &str = "__wasm_split";
const HOST: &str = "host";

/// The piece that labs run on.
const LABS: &str = "labs";

/// The pieces that come where labs have come before: what one of them shares with labs comes with
/// the labs' code.
const AFTER_LABS: &[&str] =
    &["aside", "panels", "checks", "sessions", "policies", "servers", "health", "sticky", "quiz", "progress", "certificate"];

/// Files below this that several pieces share come all together: whoever needs one of them would
/// wait longer for a file of its own than for the others.
const TINY: u64 = 2_500;

/// The modules that come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pack {
    /// The pack's file, in the site's folder.
    pub(crate) name: String,
    /// The files in it.
    files: Vec<String>,
}

/// Which files to pack. `parts` says which files each piece consists of.
pub(crate) fn plan(parts: &BTreeMap<String, Vec<String>>, size: impl Fn(&str) -> u64) -> Vec<Pack> {
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (piece, files) in parts {
        for file in files {
            users.entry(file).or_default().insert(piece);
        }
    }
    let mut together: BTreeMap<BTreeSet<&str>, Vec<String>> = BTreeMap::new();
    for (file, mut users) in users {
        if users.contains(LABS) {
            users.retain(|piece| !AFTER_LABS.contains(piece));
        }
        if users.len() > 1 && size(file) < TINY {
            users.clear();
        }
        together.entry(users).or_default().push(file.to_owned());
    }
    let worth = together.into_values().filter(|files| files.len() > 1);
    worth.enumerate().map(|(index, files)| Pack { name: format!("pack_{index}.wasm"), files }).collect()
}

/// The loader, fetching packs instead of what is in them, or what stands in the way.
pub(crate) fn with_packs(loader: &str, packs: &[Pack]) -> Result<String, String> {
    let mut text = loader.to_owned();
    for (index, pack) in packs.iter().enumerate() {
        for file in &pack.files {
            let unknown = || format!("the loader does not load {file} as expected");
            let asked = text.find(&format!("\"./{file}\"")).ok_or_else(unknown)?;
            let start = text[..asked].rfind(LOAD).ok_or_else(unknown)? + LOAD.len();
            let end = asked + text[asked..].find(NEEDS).ok_or_else(unknown)?;
            let needs = if text[end + NEEDS.len()..].starts_with(']') { "" } else { ", " };
            text.replace_range(start..end + NEEDS.len(), &format!("() => async () => {{}}{NEEDS}pack_{index}{needs}"));
        }
    }
    if packs.is_empty() {
        return Ok(text);
    }
    let makers: String = packs.iter().enumerate().map(|(index, pack)| maker(index, pack)).collect();
    // Functions are known before the line that they stand in, constants are not.
    let after = text.find("/* ").ok_or("the loader has no pieces")?;
    text.insert_str(after, &makers);
    let given = "return sharedImports;";
    let at = text.find(given).ok_or("the loader shares nothing")?;
    text.insert_str(at, &format!("sharedImports.{HOST} = sharedImports.{SHARED};\n    "));
    Ok(text)
}

/// What begins and ends the loading of a file, in the splitter's words.
const LOAD: &str = "makeLoad(";
const NEEDS: &str = "\n, [";

fn maker(index: usize, pack: &Pack) -> String {
    format!(
        "const pack_{index} = makeLoad(() => {{
    const src = fetch(new URL(\"./{}\", import.meta.url));
    src.catch(() => {{}});
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}}
, []);
",
        pack.name
    )
}

/// Says of each piece which files it consists of once packs are made.
pub(crate) fn with_packed_parts(parts: BTreeMap<String, Vec<String>>, packs: &[Pack]) -> BTreeMap<String, Vec<String>> {
    let place = |file: String| packs.iter().find(|pack| pack.files.contains(&file)).map_or(file, |pack| pack.name.clone());
    let packed = |files: Vec<String>| files.into_iter().map(place).collect::<BTreeSet<_>>().into_iter().collect();
    parts.into_iter().map(|(piece, files)| (piece, packed(files))).collect()
}

/// Joins the files of each pack in the site's folder, and says where the packs are.
pub(crate) fn join(workspace: &Workspace, tools: &Toolbox, site: &Path, packs: &[Pack]) -> Result<Vec<PathBuf>, Failure> {
    let mut joined = Vec::new();
    for pack in packs {
        let files: Vec<PathBuf> = pack.files.iter().map(|name| site.join(name)).collect();
        let provider = site.join("provider.wat");
        fs::write(&provider, provider_of(&files)?).map_err(Failure::file("write", &provider))?;
        let path = site.join(&pack.name);
        let merge = npm::wasm_merge(workspace.root());
        let mut program = tools.program("node").args([merge.as_os_str(), provider.as_os_str(), SHARED.as_ref()]);
        for file in &files {
            program = program.args([file.as_os_str(), file.file_stem().unwrap_or_default()]);
        }
        // It counts the memories before it joins them, and wonders about the splitter's names.
        program.args(["--enable-multimemory", "-o"]).args([&path]).args(wasm_opt::FEATURES).run_silently()?;
        for gone in files.iter().chain([&provider]) {
            fs::remove_file(gone).map_err(Failure::file("remove", gone))?;
        }
        joined.push(path);
    }
    Ok(joined)
}

/// A module that hands on memory, table and globals, so that the joined module imports each once.
fn provider_of(files: &[PathBuf]) -> Result<String, Failure> {
    let mut given: BTreeMap<String, (String, &str)> = BTreeMap::new();
    for path in files {
        let wrong = |wrong: String| Failure::Content { path: path.clone(), wrong };
        let bytes = fs::read(path).map_err(Failure::file("read", path))?;
        for payload in Parser::new(0).parse_all(&bytes) {
            let Payload::ImportSection(imports) = payload.map_err(|error| wrong(format!("it is no wasm: {error}.")))? else { continue };
            for import in imports.into_imports() {
                let import = import.map_err(|error| wrong(format!("it is no wasm: {error}.")))?;
                let described =
                    described(import.ty).ok_or_else(|| wrong(format!("it imports {}, which packs do not expect.", import.name)))?;
                given.insert(import.name.to_owned(), described);
            }
        }
    }
    let imports: String = given.iter().map(|(name, (kind, _))| format!("(import \"{HOST}\" \"{name}\" {kind})\n")).collect();
    let exports: String = given.iter().map(|(name, (_, place))| format!("(export \"{name}\" {place})\n")).collect();
    Ok(format!("(module\n{imports}{exports})"))
}

/// An import as text, and what is exported for it.
fn described(kind: TypeRef) -> Option<(String, &'static str)> {
    let most = |most: Option<u64>| most.map_or(String::new(), |most| format!(" {most}"));
    match kind {
        TypeRef::Memory(memory) => Some((format!("(memory {}{})", memory.initial, most(memory.maximum)), "(memory 0)")),
        TypeRef::Table(table) => Some((format!("(table {}{} funcref)", table.initial, most(table.maximum)), "(table 0)")),
        TypeRef::Global(global) if global.mutable && global.content_type == ValType::I32 => {
            Some(("(global (mut i32))".to_owned(), "(global 0)"))
        }
        _ => None,
    }
}

impl Pack {
    /// Whether a file of that name is in it.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.files.iter().any(|file| file == name)
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{GlobalType, ImportSection, MemoryType, Module, ValType};

    use super::{BTreeMap, Pack, SHARED, TINY, fs, plan, provider_of, with_packed_parts, with_packs};
    use crate::scratch::Scratch;

    fn parts() -> BTreeMap<String, Vec<String>> {
        let of = |files: &[&str]| files.iter().map(|file| format!("{file}.wasm")).collect();
        BTreeMap::from([
            ("labs".to_owned(), of(&["a", "b", "labs"])),
            ("quiz".to_owned(), of(&["a", "quiz"])),
            ("study".to_owned(), of(&["c", "d", "tiny"])),
            ("shortcuts".to_owned(), of(&["b", "c", "d", "mite"])),
            ("progress".to_owned(), of(&["mite", "tiny"])),
        ])
    }

    fn packs() -> Vec<Pack> {
        plan(&parts(), |file| match file {
            "mite.wasm" | "tiny.wasm" => 10,
            _ => TINY,
        })
    }

    #[test]
    fn small_files_that_come_together_are_packed() {
        let files: Vec<Vec<String>> = packs().into_iter().map(|pack| pack.files).collect();
        assert_eq!(files, [["mite.wasm", "tiny.wasm"], ["a.wasm", "labs.wasm"], ["c.wasm", "d.wasm"]]);
        let packed = with_packed_parts(parts(), &packs());
        assert_eq!(packed["labs"], ["b.wasm", "pack_1.wasm"]);
        assert_eq!(packed["quiz"], ["pack_1.wasm", "quiz.wasm"]);
        assert_eq!(packed["study"], ["pack_0.wasm", "pack_2.wasm"]);
    }

    #[test]
    fn the_loader_fetches_packs() {
        let of = |file: &str| {
            format!(
                "/* x */\nconst k = makeLoad(() => {{\n    const src = fetch(new URL(\"./{file}.wasm\", import.meta.url));\n    return 1;\n}}\n, [{file}]);\n"
            )
        };
        let given = "function shared() {\n    return sharedImports;\n}\n".to_owned();
        let loader = given + &["b", "a", "labs", "c", "d", "mite", "tiny"].map(of).concat();
        let text = with_packs(&loader, &packs()).expect("packed");
        assert!(text.contains("sharedImports.host = sharedImports.__wasm_split;\n    return sharedImports;"), "{text}");
        assert!(text.contains("const k = makeLoad(() => async () => {}\n, [pack_1, a]);"), "{text}");
        assert!(text.contains("fetch(new URL(\"./b.wasm\""), "b is fetched by itself: {text}");
        assert!(text.contains("const pack_1 = makeLoad(() => {\n    const src = fetch(new URL(\"./pack_1.wasm\""), "{text}");
        assert!(with_packs("", &packs()).is_err());
    }

    #[test]
    fn what_they_share_is_handed_on() {
        let site = Scratch::new("packs");
        let mut module = Module::new();
        let mut imports = ImportSection::new();
        imports.import(SHARED, "memory", MemoryType { minimum: 17, maximum: None, memory64: false, shared: false, page_size_log2: None });
        imports.import(SHARED, "stack", GlobalType { val_type: ValType::I32, mutable: true, shared: false });
        module.section(&imports);
        let path = site.path().join("a.wasm");
        fs::write(&path, module.finish()).expect("written");
        let text = provider_of(&[path.clone(), path]).expect("a provider");
        assert_eq!(
            text,
            "(module\n(import \"host\" \"memory\" (memory 17))\n(import \"host\" \"stack\" (global (mut i32)))\n(export \"memory\" (memory 0))\n(export \"stack\" (global 0))\n)"
        );
    }
}
