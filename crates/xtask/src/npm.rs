//! The packages of `package.json`: `wasm-opt`, the browser driver and axe.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::toolbox::{Toolbox, announce};

/// Makes `node_modules` hold what `package-lock.json` says.
pub(crate) fn prepare(tools: &Toolbox) -> Result<(), Failure> {
    let root = tools.root();
    let Some(package) = first_stale(root)? else {
        return Ok(());
    };
    if tools.find("npm").is_none() {
        return Err(Failure::Missing { what: "npm", how: format!("It comes with Node.js and is needed to install {package}.") });
    }
    announce(
        "the packages of package.json with npm",
        "wasm-opt makes the download smaller; playwright-core and axe drive the browser tests",
    );
    // No scripts: none of these packages needs one, and a package's script runs as you.
    tools.run("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
}

/// `wasm-opt` of the `binaryen` package, which Node runs.
pub(crate) fn wasm_opt(root: &Path) -> PathBuf {
    root.join("node_modules/binaryen/bin/wasm-opt")
}

/// `wasm-merge` of the `binaryen` package, which Node runs.
pub(crate) fn wasm_merge(root: &Path) -> PathBuf {
    root.join("node_modules/binaryen/bin/wasm-merge")
}

/// The minifier of the `terser` package, which Node runs.
pub(crate) fn terser(root: &Path) -> PathBuf {
    root.join("node_modules/terser/bin/terser")
}

/// The first package that is absent or of another version than the lock file says.
fn first_stale(root: &Path) -> Result<Option<String>, Failure> {
    let lock = json(&root.join("package-lock.json"))?;
    let packages = lock.get("packages").and_then(Value::as_object);
    let stale = packages.into_iter().flatten().filter(|(folder, _)| !folder.is_empty()).find(|(folder, wanted)| {
        let installed = json(&root.join(folder).join("package.json")).ok();
        installed.as_ref().and_then(version) != version(wanted)
    });
    Ok(stale.map(|(folder, _)| folder.trim_start_matches("node_modules/").to_owned()))
}

fn version(package: &Value) -> Option<&str> {
    package.get("version").and_then(Value::as_str)
}

fn json(path: &Path) -> Result<Value, Failure> {
    let text = std::fs::read(path).map_err(Failure::file("read", path))?;
    serde_json::from_slice(&text).map_err(|wrong| Failure::Content { path: path.to_owned(), wrong: format!("this is not JSON: {wrong}.") })
}

#[cfg(test)]
mod tests {
    use super::first_stale;
    use crate::scratch::Scratch;

    const LOCK: &str = r#"{ "packages": {
        "": { "version": "0.0.0" },
        "node_modules/@axe-core/playwright": { "version": "4.13.0" }
    } }"#;

    #[test]
    fn a_package_of_another_version_is_stale() {
        let root = Scratch::new("npm");
        root.write("package-lock.json", LOCK);
        let stale = || first_stale(root.path()).expect("the lock file reads");
        assert_eq!(stale().as_deref(), Some("@axe-core/playwright"));

        let package = "node_modules/@axe-core/playwright/package.json";
        root.write(package, r#"{ "version": "4.12.0" }"#);
        assert_eq!(stale().as_deref(), Some("@axe-core/playwright"));

        root.write(package, r#"{ "version": "4.13.0" }"#);
        assert_eq!(stale(), None);
    }

    #[test]
    fn a_broken_lock_file_is_named() {
        let root = Scratch::new("npm-broken");
        root.write("package-lock.json", "{");
        let text = first_stale(root.path()).expect_err("refused").to_string();
        assert!(text.contains("package-lock.json") && text.contains("not JSON"), "{text}");
    }
}
