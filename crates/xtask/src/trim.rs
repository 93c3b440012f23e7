//! Making the border between the wasm and its bindings small: short names for what the wasm
//! imports, and no exports that no script uses.
//!
//! `wasm-bindgen` names each import in full with a hash behind, in both files, and exports the
//! methods of every class of every crate, used or not; what is exported, no optimiser can drop.

use std::collections::BTreeMap;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{Export, Imports, Parser, Payload};

/// What the classes of a dependency for streams begin with; no page uses one.
const UNUSED: &str = "IntoUnderlying";

/// Bindings in which the minifier can see that nothing uses those classes.
pub(crate) fn without_unused_classes(bindings: &str) -> String {
    let at_once = format!("if (Symbol.dispose) {UNUSED}");
    let text: String = bindings.split_inclusive('\n').filter(|line| !line.starts_with(&at_once)).collect();
    text.replace(&format!("export class {UNUSED}"), &format!("class {UNUSED}"))
        .replace(": new FinalizationRegistry(", ": /* @__PURE__ */ new FinalizationRegistry(")
}

/// Short names for the functions that the wasm imports from its bindings, by their long ones.
pub(crate) fn short_names(wasm: &[u8], bindings: &str) -> Result<BTreeMap<String, String>, String> {
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(section) = payload.map_err(|wrong| wrong.to_string())? {
            for import in section.into_imports() {
                let name = import.map_err(|wrong| wrong.to_string())?.name;
                // The loader's functions keep their names: the loader exports them.
                if name.starts_with("__wbg_") || name.starts_with("__wbindgen_") {
                    let short = short_name(names.len());
                    names.insert(name.to_owned(), short);
                }
            }
        }
    }
    let clash = names.keys().find(|long| !bindings.contains(long.as_str()));
    clash.map_or(Ok(names.clone()), |long| Err(format!("the bindings do not give {long}")))
}

/// `a` to `z`, then `a1`, `b1` and so on.
fn short_name(index: usize) -> String {
    let letter = char::from(b'a' + (index % 26) as u8);
    if index < 26 { letter.to_string() } else { format!("{letter}{}", index / 26) }
}

/// Bindings in which whole words that are long names are short ones.
pub(crate) fn with_short_names(bindings: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(bindings.len());
    for word in bindings.split_inclusive(|c: char| !is_of_a_name(c)) {
        let name = word.trim_end_matches(|c: char| !is_of_a_name(c));
        match names.get(name) {
            Some(short) => out.extend([short, &word[name.len()..]]),
            None => out.push_str(word),
        }
    }
    out
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// The wasm with short import names and only those exports that a script names.
pub(crate) fn trimmed(wasm: &[u8], names: &BTreeMap<String, String>, scripts: &[&str]) -> Result<Vec<u8>, String> {
    let mut module = Module::new();
    let mut trim = Trim { names, scripts };
    trim.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|wrong| wrong.to_string())?;
    Ok(module.finish())
}

struct Trim<'a> {
    names: &'a BTreeMap<String, String>,
    scripts: &'a [&'a str],
}

impl Reencode for Trim<'_> {
    type Error = std::convert::Infallible;

    fn parse_imports(&mut self, section: &mut ImportSection, imports: Imports<'_>) -> Result<(), Error<Self::Error>> {
        let Imports::Single(at, mut import) = imports else {
            return utils::parse_imports(self, section, imports);
        };
        if let Some(short) = self.names.get(import.name) {
            import.name = short;
        }
        utils::parse_imports(self, section, Imports::Single(at, import))
    }

    fn parse_export(&mut self, section: &mut ExportSection, export: Export<'_>) -> Result<(), Error<Self::Error>> {
        let is_named = |script: &&str| script.split(|c: char| !is_of_a_name(c)).any(|word| word == export.name);
        if self.scripts.iter().any(is_named) { utils::parse_export(self, section, export) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wasm_encoder::{CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection, Module, TypeSection};
    use wasmparser::{Parser, Payload};

    use super::{short_name, short_names, trimmed, with_short_names};

    /// Two imports and two exports.
    fn wasm() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("./x_bg.js", "__wbg_focus_12", EntityType::Function(0));
        imports.import("./later.js", "__wasm_split_load_quiz", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut exports = ExportSection::new();
        exports.export("used", ExportKind::Func, 2);
        exports.export("used_not", ExportKind::Func, 2);
        let mut code = CodeSection::new();
        let mut body = Function::new([]);
        body.instructions().end();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        module.finish()
    }

    fn names_in(wasm: &[u8]) -> (Vec<String>, Vec<String>) {
        let (mut imported, mut exported) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.expect("wasm") {
                Payload::ImportSection(s) => imported.extend(s.into_imports().map(|i| i.expect("an import").name.to_owned())),
                Payload::ExportSection(s) => exported.extend(s.into_iter().map(|e| e.expect("an export").name.to_owned())),
                _ => {}
            }
        }
        (imported, exported)
    }

    #[test]
    fn imports_become_short_in_both_files_and_unused_exports_go() {
        let bindings = "x = { __wbg_focus_12: function() {}, __wbg_focus_123: 1 }; wasm.used()";
        let names = short_names(&wasm(), bindings).expect("named");
        let bindings = with_short_names(bindings, &names);
        assert_eq!(bindings, "x = { a: function() {}, __wbg_focus_123: 1 }; wasm.used()");
        let (imported, exported) = names_in(&trimmed(&wasm(), &names, &[&bindings]).expect("trimmed"));
        assert_eq!(imported, ["a", "__wasm_split_load_quiz"]);
        assert_eq!(exported, ["used"]);
    }

    #[test]
    fn bindings_that_do_not_fit_the_wasm_are_said() {
        assert!(short_names(&wasm(), "{}").expect_err("refused").contains("__wbg_focus_12"));
    }

    #[test]
    fn short_names_are_all_different() {
        let all: BTreeMap<String, usize> = (0..1_000).map(|i| (short_name(i), i)).collect();
        assert_eq!(all.len(), 1_000);
    }
}
