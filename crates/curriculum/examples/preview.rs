//! Writes the pages with the stylesheets as they are, to look at them without building the front end:
//! `cargo run -p hopscope-curriculum --example preview -- lessons web /tmp/preview`.

use std::path::Path;
use std::process::ExitCode;

use hopscope_curriculum::{Assets, site};

const STYLES: [&str; 10] = ["tokens", "base", "page", "home", "lab", "quiz", "review", "progress", "cheatsheets", "print"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [lessons, web, out] = arguments.as_slice() else {
        eprintln!("Say where the lessons are, where the styles are, and where to write: preview lessons web out");
        return ExitCode::FAILURE;
    };
    match preview(Path::new(lessons), Path::new(web), Path::new(out)) {
        Ok(pages) => {
            println!("{pages} pages are in {out}.");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn preview(lessons: &Path, web: &Path, out: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let mut assets = Assets { boot: "boot.js".into(), theme: "theme.js".into(), styles: Vec::new(), ..Assets::default() };
    std::fs::create_dir_all(out)?;
    for name in STYLES.map(|name| format!("{name}.css")) {
        // Styles of parts that do not exist yet are left out.
        if std::fs::copy(web.join("styles").join(&name), out.join(&name)).is_ok() {
            assets.styles.push(name);
        }
    }
    std::fs::copy(web.join("assets/favicon.svg"), out.join("favicon.svg"))?;
    // Without a bundled home page, the whole document is written.
    if out.join("index.html").exists() {
        std::fs::remove_file(out.join("index.html"))?;
    }
    let written = site::write(lessons, out, &assets)?;
    Ok(written.pages.len())
}
