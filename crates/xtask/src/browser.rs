//! Chromium, which the browser tests drive.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::process::Program;
use crate::toolbox::{Toolbox, announce};

/// Names that Chromium and Chrome go by on `PATH`.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where installers put them outside `PATH`.
const PLACES: &[&str] = &[
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

/// The browser with its driver, and fonts so that measured text has its real width.
const PACKAGES: &[&str] = &["chromium", "chromium-driver", "fonts-liberation"];

/// Finds a browser; on Debian, as root, installs one when there is none.
pub(crate) fn prepare(tools: &Toolbox) -> Result<(), Failure> {
    if find(tools)?.is_some() {
        return Ok(());
    }
    if is_debian() && is_root(tools) {
        announce(&PACKAGES.join(", "), "the browser tests run in a real Chromium");
        apt(tools, &["update"])?;
        apt(tools, &[&["install", "-y", "--no-install-recommends"], PACKAGES].concat())?;
        if find(tools)?.is_some() {
            return Ok(());
        }
    }
    Err(missing())
}

/// That there is no browser, and how to get one.
pub(crate) fn missing() -> Failure {
    Failure::Missing { what: "Chromium", how: how_to_install(std::env::consts::OS, is_debian()) }
}

/// The browser that `CHROMIUM` or `CHROME` names, or the first one found.
pub(crate) fn find(tools: &Toolbox) -> Result<Option<PathBuf>, Failure> {
    for variable in ["CHROMIUM", "CHROME"] {
        if let Some(named) = std::env::var_os(variable).filter(|named| !named.is_empty()) {
            return named_browser(variable, PathBuf::from(named)).map(Some);
        }
    }
    let on_path = NAMES.iter().find_map(|name| tools.find(name));
    Ok(on_path.or_else(|| PLACES.iter().map(PathBuf::from).find(|place| place.is_file())))
}

/// A variable that names no file is a mistake to point out, not to pass over.
fn named_browser(variable: &str, path: PathBuf) -> Result<PathBuf, Failure> {
    if path.is_file() {
        return Ok(path);
    }
    Err(Failure::Usage(format!("The variable {variable} names {}, which is not a file. Correct it or unset it.", path.display())))
}

fn apt(tools: &Toolbox, arguments: &[&str]) -> Result<(), Failure> {
    tools.program("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments).run(tools.aside())
}

/// Debian itself: elsewhere the package called chromium may only fetch a snap.
fn is_debian() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian")
}

fn is_root(tools: &Toolbox) -> bool {
    let id: Program = tools.program("id").args(["-u"]);
    Path::new("/etc").is_dir() && id.read().is_ok_and(|text| text.trim() == "0")
}

fn how_to_install(system: &str, debian: bool) -> String {
    let install = match system {
        "linux" if debian => format!("Run `sudo apt-get install {}`", PACKAGES.join(" ")),
        "linux" => "Install chromium with the system's package manager".to_owned(),
        "macos" => "Run `brew install --cask chromium`".to_owned(),
        _ => "Install Chrome or Chromium".to_owned(),
    };
    format!(
        "{install}, or set CHROMIUM to the path of one you have. \
         `cargo xtask test --skip browser` does the rest without it."
    )
}

#[cfg(test)]
mod tests {
    use super::{how_to_install, named_browser};

    #[test]
    fn a_variable_that_names_nothing_is_said() {
        let text = named_browser("CHROMIUM", "/no/such/browser".into()).expect_err("refused").to_string();
        assert!(text.contains("CHROMIUM") && text.contains("/no/such/browser"), "{text}");
    }

    #[test]
    fn every_system_gets_one_line() {
        for (system, debian) in [("linux", true), ("linux", false), ("macos", false)] {
            let text = how_to_install(system, debian);
            assert_eq!(text.lines().count(), 1);
            assert!(text.contains("CHROMIUM"), "{text}");
        }
    }
}
