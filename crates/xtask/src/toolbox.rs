//! Finding the programs, installing what is missing, and starting them.

use std::path::{Path, PathBuf};

use crate::browser;
use crate::failure::Failure;
use crate::npm;
use crate::process::{Program, SearchPath};
use crate::tools::{CargoTool, NODE, Need, Plan, WASM, beside, plan};
use crate::workspace::Workspace;

/// The programs found so far and the search path for those we start.
#[derive(Clone, Debug)]
pub(crate) struct Toolbox {
    path: SearchPath,
    root: PathBuf,
    aside: bool,
}

impl Toolbox {
    /// Looks where the shell looks. With `aside`, what other programs print goes to standard
    /// error, so that standard output holds a JSON report alone.
    pub(crate) fn new(workspace: &Workspace, aside: bool) -> Self {
        Self { path: SearchPath::from_environment(), root: workspace.root().to_owned(), aside }
    }

    /// Makes every need true, installing what is missing. Says nothing when all is there.
    pub(crate) fn prepare(&mut self, needs: &[Need]) -> Result<(), Failure> {
        for need in needs {
            match need {
                Need::WasmTarget => self.prepare_target()?,
                Need::Source => self.prepare_source()?,
                Need::Lints => self.prepare_lints()?,
                Need::Cargo(tool) => self.prepare_cargo(tool)?,
                Need::Node => self.prepare_node()?,
                Need::Packages => npm::prepare(self)?,
                Need::Chromium => browser::prepare(self)?,
            }
        }
        Ok(())
    }

    /// A program to run in the repository's root.
    pub(crate) fn program(&self, name: &str) -> Program {
        Program::new(name, &self.path).folder(&self.root)
    }

    /// The program that a file is, to run in the repository's root.
    pub(crate) fn program_at(&self, file: &Path) -> Program {
        Program::at(file, &self.path).folder(&self.root)
    }

    /// Runs a program with its output shown.
    pub(crate) fn run(&self, name: &str, arguments: &[&str]) -> Result<(), Failure> {
        self.program(name).args(arguments).run(self.aside)
    }

    /// Whether other programs' output has to stay off standard output.
    pub(crate) fn aside(&self) -> bool {
        self.aside
    }

    /// Where a program is, if it is anywhere.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        self.path.find(name)
    }

    /// The repository's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn prepare_target(&self) -> Result<(), Failure> {
        let folder = self.program("rustc").args(["--print", "target-libdir", "--target", WASM]).read()?;
        if Path::new(folder.trim()).is_dir() {
            return Ok(());
        }
        if self.find("rustup").is_none() {
            return Err(Failure::Missing {
                what: "The wasm target of the compiler",
                how: format!("Without rustup it is the system's package for {WASM}."),
            });
        }
        announce(&format!("the {WASM} target"), "the site's code runs in the browser as wasm");
        self.run("rustup", &["target", "add", WASM])
    }

    fn prepare_source(&self) -> Result<(), Failure> {
        let folder = self.program("rustc").args(["--print", "sysroot"]).read()?;
        if Path::new(folder.trim()).join("lib/rustlib/src/rust/library/Cargo.lock").is_file() {
            return Ok(());
        }
        if self.find("rustup").is_none() {
            return Err(Failure::Missing {
                what: "The source of the standard library",
                how: "Without rustup it is a package of the system, often called rust-src.".to_owned(),
            });
        }
        announce("rust-src", "the site's wasm is a tenth smaller when the standard library is compiled for it");
        self.run("rustup", &["component", "add", "rust-src"])
    }

    fn prepare_lints(&self) -> Result<(), Failure> {
        let folder = self.program("rustc").args(["--print", "sysroot"]).read()?;
        let bin = Path::new(folder.trim()).join("bin");
        let there = |name: &str| {
            let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            bin.join(file).is_file()
        };
        // Without rustup the system puts them elsewhere on PATH; cargo finds them or says so.
        if (there("rustfmt") && there("clippy-driver")) || self.find("rustup").is_none() {
            return Ok(());
        }
        announce("rustfmt and clippy", "the checks format and lint the code");
        self.run("rustup", &["component", "add", "rustfmt", "clippy"])
    }

    fn prepare_node(&self) -> Result<(), Failure> {
        let found = self.program("node").args(["--version"]).read().ok();
        if found.as_deref().and_then(major).is_some_and(|major| major >= NODE) {
            return Ok(());
        }
        let which = found.map_or_else(String::new, |text| format!("{} is too old. ", text.trim()));
        Err(Failure::Missing {
            what: "Node.js",
            how: format!(
                "{which}Install version {NODE} or later from https://nodejs.org or the system's \
                 packages."
            ),
        })
    }

    fn prepare_cargo(&mut self, tool: &CargoTool) -> Result<(), Failure> {
        let beside = beside(tool);
        let found = self.find(tool.program).map(|path| version_of(&path, &self.path));
        let program = beside.join("bin").join(tool.program);
        let kept = program.with_extension(std::env::consts::EXE_EXTENSION).is_file();
        match plan(found.as_deref(), kept, tool.version) {
            Plan::Use => {}
            Plan::UseOurs => self.path.prepend(beside.join("bin")),
            Plan::Install => self.install(tool, None)?,
            Plan::InstallBeside => {
                self.install(tool, Some(&beside))?;
                self.path.prepend(beside.join("bin"));
            }
        }
        Ok(())
    }

    fn install(&self, tool: &CargoTool, root: Option<&Path>) -> Result<(), Failure> {
        let what = format!("{} {}", tool.package, tool.version);
        if let Some(root) = root {
            let why = format!("{}; the other version on PATH stays as it is", tool.why);
            announce(&format!("{what} in {}", root.display()), &why);
        } else {
            announce(&what, tool.why);
        }
        let mut program = self.program("cargo").args(["install", tool.package, "--version", tool.version]);
        if tool.locked {
            program = program.args(["--locked"]);
        }
        if let Some(root) = root {
            program = program.args(["--root".as_ref(), root.as_os_str()]);
        }
        program.run(self.aside)
    }
}

/// One line for each thing installed: what, and why.
pub(crate) fn announce(what: &str, why: &str) {
    eprintln!("Installing {what}: {why}.");
}

/// The version a program reports, or nothing readable: then it is not the one wanted.
fn version_of(program: &Path, path: &SearchPath) -> String {
    let text = Program::at(program, path).args(["--version"]).read();
    text.ok().and_then(|text| second_word(&text)).unwrap_or_default()
}

/// `trunk 0.21.14 (…)` gives `0.21.14`.
fn second_word(text: &str) -> Option<String> {
    text.split_whitespace().nth(1).map(str::to_owned)
}

/// `v20.1.0` gives `20`.
fn major(text: &str) -> Option<u32> {
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{major, second_word};

    #[test]
    fn versions_are_read_from_what_programs_print() {
        assert_eq!(second_word("wasm-bindgen 0.2.130\n").as_deref(), Some("0.2.130"));
        assert_eq!(second_word("trunk 0.21.14 (abc)").as_deref(), Some("0.21.14"));
        assert_eq!(second_word("trunk"), None);
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20.1"), None);
    }
}
