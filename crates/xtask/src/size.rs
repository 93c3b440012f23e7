//! `cargo xtask size`: what a visitor downloads, held against the budget.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::first_visit::{inside, loaded_by, loaded_with_labs};
use crate::report::{self, Form};
use crate::site;
use crate::workspace::Workspace;

/// `budget.toml`: how much a visit may cost, in bytes compressed with brotli.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// Opening a lesson and reading down to its first lab.
    first_visit_brotli: u64,
    /// That, and all its labs at work.
    with_labs_brotli: u64,
    ceiling_with_all_lessons: u64,
}

/// One file as it is and as servers send it.
#[derive(Clone, Debug, Serialize)]
struct Sized {
    path: String,
    raw: u64,
    gzip: u64,
    brotli: u64,
    /// Wasm or JavaScript that is loaded when a lesson is opened.
    first_visit: bool,
    /// Wasm that the labs of some lesson run on.
    with_labs: bool,
}

/// What a visit to a lesson loads.
#[derive(Clone, Debug, Serialize)]
struct Visit {
    page: String,
    /// When it is opened.
    brotli: u64,
    files: BTreeSet<String>,
    /// When it is opened and its labs come to life.
    with_labs_brotli: u64,
    /// The files that come with the labs.
    labs: BTreeSet<String>,
}

/// The whole site's sizes.
#[derive(Clone, Debug, Serialize)]
struct Report {
    first_visit_brotli: u64,
    with_labs_brotli: u64,
    /// The lesson page that costs most with its labs.
    page: String,
    budget: Budget,
    /// Every lesson page, the costliest first.
    visits: Vec<Visit>,
    files: Vec<Sized>,
}

/// Prints the sizes and fails when a visit is over the budget.
pub(crate) fn size(workspace: &Workspace, form: Form) -> Result<(), Failure> {
    let budget = read_budget(&workspace.at("budget.toml"))?;
    let report = measure(&workspace.dist(), budget)?;
    form.show(&report, &in_words(&report));
    verdict(&report)
}

fn verdict(report: &Report) -> Result<(), Failure> {
    let over = |what: &str, is: u64, may: u64| match is <= may {
        true => Ok(()),
        false => Err(Failure::Check(format!(
            "{what} {} loads {is} bytes of wasm and JavaScript (brotli); budget.toml allows {may}. \
             Make it {} bytes smaller, or raise the budget in a commit that says why.",
            report.page,
            is - may
        ))),
    };
    over("Opening", report.first_visit_brotli, report.budget.first_visit_brotli)?;
    over("With its labs,", report.with_labs_brotli, report.budget.with_labs_brotli)
}

fn read_budget(path: &Path) -> Result<Budget, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::file("read", path))?;
    let wrong = |wrong: String| Failure::Content { path: path.to_owned(), wrong };
    let budget: Budget = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if budget.first_visit_brotli > budget.ceiling_with_all_lessons {
        return Err(wrong("first_visit_brotli is above ceiling_with_all_lessons, which no change may pass.".to_owned()));
    }
    Ok(budget)
}

fn measure(dist: &Path, budget: Budget) -> Result<Report, Failure> {
    let all = site::files(dist)?;
    let pages = lesson_pages(dist, &all);
    let mut files = Vec::with_capacity(all.len());
    for path in &all {
        files.push(sized(dist, path)?);
    }
    let visit = |path: &PathBuf| -> Result<Visit, Failure> {
        let loaded = loaded_by(dist, path)?;
        let labs: BTreeSet<String> = loaded_with_labs(dist, path)?.difference(&loaded).cloned().collect();
        let sum = |these: &BTreeSet<String>| files.iter().filter(|file| these.contains(&file.path)).map(|file| file.brotli).sum::<u64>();
        let (brotli, more) = (sum(&loaded), sum(&labs));
        Ok(Visit { page: inside(dist, path), brotli, files: loaded, with_labs_brotli: brotli + more, labs })
    };
    let mut visits = pages.into_iter().map(visit).collect::<Result<Vec<_>, _>>()?;
    visits.sort_by_key(|visit| std::cmp::Reverse(visit.with_labs_brotli));
    let Some(page) = visits.first().map(|visit| visit.page.clone()) else {
        let wrong = "there is no lesson page here. Build the site first: cargo xtask build.".to_owned();
        return Err(Failure::Content { path: dist.to_owned(), wrong });
    };
    for file in &mut files {
        file.first_visit = visits.iter().any(|visit| visit.files.contains(&file.path));
        file.with_labs = visits.iter().any(|visit| visit.labs.contains(&file.path));
    }
    let most = |of: fn(&Visit) -> u64| visits.iter().map(of).max().unwrap_or(0);
    Ok(Report {
        first_visit_brotli: most(|visit| visit.brotli),
        with_labs_brotli: most(|visit| visit.with_labs_brotli),
        page,
        budget,
        visits,
        files,
    })
}

fn lesson_pages<'a>(dist: &Path, all: &'a [PathBuf]) -> Vec<&'a PathBuf> {
    let lessons = dist.join("lessons");
    all.iter().filter(|file| file.starts_with(&lessons) && file.ends_with("index.html")).collect()
}

fn sized(dist: &Path, path: &Path) -> Result<Sized, Failure> {
    let bytes = fs::read(path).map_err(Failure::file("read", path))?;
    let compressed = |done: std::io::Result<usize>| done.map(|length| length as u64).map_err(Failure::file("compress", path));
    Ok(Sized {
        path: inside(dist, path),
        raw: bytes.len() as u64,
        gzip: compressed(gzip(&bytes))?,
        brotli: compressed(brotli(&bytes))?,
        first_visit: false,
        with_labs: false,
    })
}

fn gzip(bytes: &[u8]) -> std::io::Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// Quality 11 and a window of 4 MB: what a host does once, ahead of time.
fn brotli(bytes: &[u8]) -> std::io::Result<usize> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &parameters)?;
    Ok(out.len())
}

fn in_words(report: &Report) -> String {
    let row = |file: &Sized| {
        let mark = match (file.first_visit, file.with_labs) {
            (true, _) => "opening",
            (false, true) => "labs",
            (false, false) => "",
        };
        let numbers = [file.raw, file.gzip, file.brotli].map(|bytes| bytes.to_string());
        let mut row = vec![file.path.clone()];
        row.extend(numbers);
        row.push(mark.to_owned());
        row
    };
    let rows: Vec<Vec<String>> = report.files.iter().map(row).collect();
    let table = report::table(&["file", "raw", "gzip", "brotli", "loaded with"], &rows);
    // The lesson pages alone: their cheatsheets load the same script, and no lab.
    let pages = report.visits.iter().filter(|visit| visit.page.matches('/').count() == 2);
    let visits: Vec<Vec<String>> =
        pages.map(|visit| vec![visit.page.clone(), visit.brotli.to_string(), visit.with_labs_brotli.to_string()]).collect();
    let visits = report::table(&["lesson", "opened", "with its labs"], &visits);
    format!(
        "{table}\n{visits}\nOpening a lesson loads {} bytes of wasm and JavaScript (brotli), of {} allowed; with all \
         lessons that may never pass {}. {} loads {} with all its labs, of {}.\n",
        report.first_visit_brotli,
        report.budget.first_visit_brotli,
        report.budget.ceiling_with_all_lessons,
        report.page,
        report.with_labs_brotli,
        report.budget.with_labs_brotli
    )
}

#[cfg(test)]
mod tests {
    use super::{Budget, measure, read_budget, verdict};
    use crate::scratch::Scratch;

    fn site(name: &str) -> Scratch {
        let site = Scratch::new(name);
        site.write("index.html", "");
        site.write("lessons/a/index.html", r#"<meta name="hopscope-labs" content="../../labs.wasm"><script src="../../theme.js"></script><script type="module" src="../../boot.js"></script>"#);
        site.write("theme.js", "1;");
        site.write("boot.js", r#"import("./web.js"); fetch(new URL("./web_bg.wasm", import.meta.url))"#);
        site.write("web.js", "import {x} from './snippets/x.js'; new URL('gone_bg.wasm')");
        site.write("snippets/x.js", "import './../boot.js'; import '../later-1.js'");
        site.write("later-1.js", "fetch(new URL('./quiz.wasm')); import './web.js'");
        site.write("quiz.wasm", "wasm");
        site.write("labs.wasm", "labs");
        site.write("web_bg.wasm", &"wasm".repeat(500));
        site.write("other.js", "2;");
        site
    }

    const BUDGET: Budget = Budget { first_visit_brotli: 1_000, with_labs_brotli: 1_500, ceiling_with_all_lessons: 2_000 };

    #[test]
    fn a_first_visit_is_everything_the_page_imports() {
        let site = site("size");
        let report = measure(site.path(), BUDGET).expect("measured");
        let loaded: Vec<&str> = report.files.iter().filter(|file| file.first_visit).map(|file| file.path.as_str()).collect();
        assert_eq!(loaded, ["boot.js", "later-1.js", "snippets/x.js", "theme.js", "web.js", "web_bg.wasm"]);
        let wasm = report.files.iter().find(|file| file.path == "web_bg.wasm").expect("there");
        assert_eq!(wasm.raw, 2_000);
        assert!(wasm.brotli < 60 && wasm.gzip < 100, "{wasm:?}");
        assert!(verdict(&report).is_ok());
        let with_labs: Vec<&str> = report.files.iter().filter(|file| file.with_labs).map(|file| file.path.as_str()).collect();
        assert_eq!(with_labs, ["labs.wasm"]);
        let labs = report.files.iter().find(|file| file.path == "labs.wasm").expect("there");
        assert_eq!(report.with_labs_brotli, report.first_visit_brotli + labs.brotli);
    }

    #[test]
    fn over_the_budget_fails_and_says_by_how_much() {
        let site = site("over");
        let small = Budget { first_visit_brotli: 10, ..BUDGET };
        let report = measure(site.path(), small).expect("measured");
        let text = verdict(&report).expect_err("over").to_string();
        let over = report.first_visit_brotli - 10;
        assert!(text.contains(&format!("{over} bytes smaller")), "{text}");
        let report = measure(site.path(), Budget { with_labs_brotli: report.first_visit_brotli, ..BUDGET }).expect("measured");
        assert!(verdict(&report).expect_err("over").to_string().starts_with("With its labs, lessons/a/index.html"));
    }

    #[test]
    fn a_site_without_lessons_is_said() {
        let site = Scratch::new("bare");
        site.write("index.html", "");
        let text = measure(site.path(), BUDGET).expect_err("refused").to_string();
        assert!(text.contains("cargo xtask build"), "{text}");
    }

    #[test]
    fn the_budget_stays_under_the_ceiling() {
        let folder = Scratch::new("budget");
        let path = folder.path().join("budget.toml");
        folder.write("budget.toml", "first_visit_brotli = 3\nwith_labs_brotli = 3\nceiling_with_all_lessons = 2\n");
        assert!(read_budget(&path).is_err());
        folder.write("budget.toml", "first_visit_brotli = 110_000\nwith_labs_brotli = 200_000\nceiling_with_all_lessons = 200_000\n");
        assert_eq!(read_budget(&path).expect("read").first_visit_brotli, 110_000);
    }
}
