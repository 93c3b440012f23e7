//! What trunk bundled, and the two small scripts we add to it.

use std::fs;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::failure::Failure;
use crate::html;

/// The name trunk gives the bundle: that of the package.
pub(crate) const PACKAGE: &str = "hopscope-web";
const BOOT: &str = include_str!("scripts/boot.js");
const THEME: &str = include_str!("scripts/theme.js");

/// File names of the bundle, relative to the site's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    /// The compiled front end.
    pub(crate) wasm: String,
    /// Its JavaScript bindings.
    pub(crate) js: String,
    /// Stylesheets, in the order the home page links them.
    pub(crate) styles: Vec<String>,
}

impl Bundle {
    /// Finds the bundle in trunk's output folder.
    pub(crate) fn find(site: &Path) -> Result<Self, Failure> {
        let names = file_names(site)?;
        let wasm = one(site, &names, "_bg.wasm")?;
        let js = format!("{}.js", wasm.trim_end_matches("_bg.wasm"));
        let index = site.join("index.html");
        let home = fs::read_to_string(&index).map_err(Failure::file("read", &index))?;
        Ok(Self { js: one(site, &names, &js)?, wasm, styles: html::stylesheets(&home) })
    }

    /// Writes the script that starts the bundle and gives back its name.
    pub(crate) fn write_boot(&self, site: &Path) -> Result<String, Failure> {
        let text = BOOT.replace("@JS@", &self.js).replace("@WASM@", &self.wasm);
        write_hashed(site, "boot", &text)
    }
}

/// Writes the script that sets the theme before the first paint and gives back its name.
pub(crate) fn write_theme(site: &Path) -> Result<String, Failure> {
    write_hashed(site, "theme", THEME)
}

/// The hash in the name lets hosts and browsers keep the file for ever.
fn write_hashed(site: &Path, stem: &str, text: &str) -> Result<String, Failure> {
    let name = format!("{stem}-{:016x}.js", xxh3_64(text.as_bytes()));
    let path = site.join(&name);
    fs::write(&path, text).map_err(Failure::file("write", &path))?;
    Ok(name)
}

fn file_names(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::file("read", folder))?;
    let names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
    Ok(names.filter_map(|name| name.into_string().ok()).collect())
}

fn one(site: &Path, names: &[String], end: &str) -> Result<String, Failure> {
    let of_ours = |name: &&String| name.starts_with(PACKAGE) && name.ends_with(end);
    names.iter().find(of_ours).cloned().ok_or_else(|| Failure::Content {
        path: site.to_owned(),
        wrong: format!("no file {PACKAGE}…{end} is here. Is the rust link still in web/index.html?"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Bundle, write_theme};
    use crate::scratch::Scratch;

    fn bundled(name: &str) -> Scratch {
        let site = Scratch::new(name);
        site.write("hopscope-web-1a2b_bg.wasm", "");
        site.write("hopscope-web-1a2b.js", "");
        site.write("index.html", r#"<link rel="stylesheet" href="./base-9.css"/><link rel="stylesheet" href="./lab-8.css"/>"#);
        site
    }

    #[test]
    fn the_bundle_is_found_with_its_styles_in_order() {
        let site = bundled("bundle");
        let bundle = Bundle::find(site.path()).expect("a bundle");
        assert_eq!(bundle.wasm, "hopscope-web-1a2b_bg.wasm");
        assert_eq!(bundle.js, "hopscope-web-1a2b.js");
        assert_eq!(bundle.styles, ["base-9.css", "lab-8.css"]);
    }

    #[test]
    fn the_boot_script_names_the_bundle_relative_to_itself() {
        let site = bundled("boot");
        let bundle = Bundle::find(site.path()).expect("a bundle");
        let name = bundle.write_boot(site.path()).expect("written");
        let text = site.read(&name);
        assert!(text.contains(r#"import("./hopscope-web-1a2b.js")"#), "{text}");
        assert!(text.contains(r#"new URL("./hopscope-web-1a2b_bg.wasm", import.meta.url)"#));
        assert!(!text.contains('@'), "every placeholder is filled: {text}");
    }

    #[test]
    fn the_same_script_has_the_same_name() {
        let site = Scratch::new("theme");
        let first = write_theme(site.path()).expect("written");
        assert_eq!(first, write_theme(site.path()).expect("written"));
    }

    #[test]
    fn a_site_without_the_bundle_is_said() {
        let site = Scratch::new("empty");
        let text = Bundle::find(site.path()).expect_err("refused").to_string();
        assert!(text.contains("web/index.html"), "{text}");
    }
}
