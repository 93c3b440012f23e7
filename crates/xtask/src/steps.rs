//! The steps of `cargo xtask test`. The order is from quick to slow, and what a later step uses
//! an earlier one has built.

use std::path::PathBuf;

use crate::browser;
use crate::failure::Failure;
use crate::lessons;
use crate::report::Form;
use crate::site::{self, Profile};
use crate::size;
use crate::toolbox::Toolbox;
use crate::tools::{Need, TRUNK, WASM_BINDGEN, WASM_PACK};
use crate::wasm_opt;
use crate::workspace::Workspace;

/// What a step works with.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The repository.
    pub(crate) workspace: &'a Workspace,
    /// Everything the steps need is in here by now.
    pub(crate) tools: &'a Toolbox,
    /// How a step that reports does so.
    pub(crate) form: Form,
}

/// One check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// The name that `--only` and `--skip` take.
    pub(crate) name: &'static str,
    /// What it checks.
    pub(crate) what: &'static str,
    /// What has to be installed for it.
    pub(crate) needs: &'static [Need],
    /// The check.
    pub(crate) run: fn(&Context<'_>) -> Result<(), Failure>,
}

/// All of them, in order.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        what: "the code is formatted",
        needs: &[Need::Lints],
        run: |on| on.tools.run("cargo", &["fmt", "--all", "--check"]),
    },
    Step {
        name: "clippy",
        what: "no lint warns, for this machine",
        needs: &[Need::Lints],
        run: |on| {
            let what = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
            on.tools.run("cargo", &what)
        },
    },
    Step {
        name: "clippy-wasm",
        what: "no lint warns, for the browser",
        needs: &[Need::Lints, Need::WasmTarget],
        run: |on| {
            let packages = ["-p", "hopscope-core", "-p", "hopscope-web", "-p", "hopscope-embed"];
            let target = ["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"];
            on.tools.run("cargo", &[&["clippy"], &packages[..], &target].concat())
        },
    },
    Step { name: "native", what: "the tests that run on this machine", needs: &[], run: native },
    Step {
        name: "node",
        what: "the core's tests as wasm, in Node",
        needs: &[Need::WasmTarget, Need::Cargo(WASM_BINDGEN), Need::Cargo(WASM_PACK), Need::Node],
        run: in_node,
    },
    Step {
        name: "lessons",
        what: "every lesson is whole, and its challenge needs what it teaches",
        needs: &[],
        run: |on| lessons::check(on.workspace, on.form),
    },
    Step {
        name: "site",
        what: "the site builds as visitors get it",
        needs: &[Need::WasmTarget, Need::Cargo(TRUNK), Need::Cargo(WASM_BINDGEN), Need::Node, Need::Packages],
        run: |on| site::build(on.workspace, on.tools, Profile::Release, on.form),
    },
    Step { name: "size", what: "a first visit stays within budget.toml", needs: &[], run: |on| size::size(on.workspace, on.form) },
    Step {
        name: "embed",
        what: "the JavaScript package builds",
        needs: &[Need::WasmTarget, Need::Cargo(WASM_BINDGEN), Need::Cargo(WASM_PACK), Need::Node, Need::Packages],
        run: embed,
    },
    Step {
        name: "browser",
        what: "the site and the package in a real Chromium",
        needs: &[Need::Node, Need::Packages, Need::Chromium],
        run: in_browser,
    },
];

/// Where the conformance suite for caches lies, when it is there. It is not ours to copy.
const CACHE_TESTS: &str = "../shared/cache-tests/tests.json";

/// Runs the tests of this machine, and names the conformance suite for caches to them.
fn native(on: &Context<'_>) -> Result<(), Failure> {
    let mut cargo = on.tools.program("cargo").args(["test", "--workspace"]);
    let suite = on.workspace.at(CACHE_TESTS);
    if suite.is_file() && std::env::var_os("HOPSCOPE_CACHE_TESTS").is_none() {
        cargo = cargo.env("HOPSCOPE_CACHE_TESTS", suite);
    }
    cargo.run(on.tools.aside())
}

/// Runs the core's tests as wasm. Finding none to run would count as success, so they are counted.
fn in_node(on: &Context<'_>) -> Result<(), Failure> {
    let program = on.tools.program("wasm-pack").args(["test", "--node", "crates/core"]);
    match passed(&program.watch(on.tools.aside())?) {
        0 => Err(Failure::Check("No test ran in Node. Is `wasm_bindgen_test` still on those in crates/core?".to_owned())),
        _ => Ok(()),
    }
}

/// Adds up the `N passed` of the test runners' last lines.
fn passed(printed: &str) -> u64 {
    let counts = printed.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix("test result: ok. ")?;
        rest.split(' ').next()?.parse::<u64>().ok()
    });
    counts.sum()
}

/// Where the JavaScript package is built, from the workspace's root.
const PACKAGE: &str = "target/embed-pkg";

/// Builds the JavaScript package as it is published.
fn embed(on: &Context<'_>) -> Result<(), Failure> {
    // wasm-pack takes the folder relative to the crate. `--no-opt`: it would fetch an optimiser of
    // its own; ours is pinned.
    let out = format!("../../{PACKAGE}");
    // What the front end is split by, the package only would carry about.
    let program = on.tools.program("wasm-pack").env("RUSTFLAGS", "-Cstrip=symbols");
    program.args(["build", "crates/embed", "--target", "web", "--release", "--no-opt", "--out-dir", &out]).run(on.tools.aside())?;
    let folder = on.workspace.at(PACKAGE);
    wasm_opt::shrink(on.workspace, on.tools, &folder.join("hopscope_embed_bg.wasm"))
}

/// Runs `tests/browser/*.test.mjs` with Node's own test runner.
fn in_browser(on: &Context<'_>) -> Result<(), Failure> {
    let files = browser_tests(on.workspace)?;
    let chromium = browser::find(on.tools)?.ok_or_else(browser::missing)?;
    on.tools
        .program("node")
        .env("HOPSCOPE_SITE", on.workspace.dist())
        .env("HOPSCOPE_EMBED_PKG", on.workspace.at(PACKAGE))
        .env("CHROMIUM", chromium)
        .args(["--test", "--test-reporter=spec"])
        .args(files)
        .run(on.tools.aside())
}

fn browser_tests(workspace: &Workspace) -> Result<Vec<PathBuf>, Failure> {
    let folder = workspace.at("tests/browser");
    let mut files = site::files(&folder)?;
    files.retain(|file| {
        let direct = file.parent() == Some(&folder);
        direct && file.to_string_lossy().ends_with(".test.mjs")
    });
    if files.is_empty() {
        return Err(Failure::Check(format!("{} holds no *.test.mjs file, so nothing would be tested.", folder.display())));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{STEPS, passed};

    #[test]
    fn passed_tests_are_counted_over_all_runners() {
        let printed = "no tests to run!\ntest result: ok. 0 passed; 0 failed;\n";
        assert_eq!(passed(printed), 0);
        assert_eq!(passed(&format!("{printed}test result: ok. 12 passed; 0 failed;")), 12);
    }

    #[test]
    fn names_are_unique_and_short() {
        let names: BTreeSet<&str> = STEPS.iter().map(|step| step.name).collect();
        assert_eq!(names.len(), STEPS.len());
        assert!(names.iter().all(|name| name.len() <= 11), "the listing has room for 11");
    }
}
