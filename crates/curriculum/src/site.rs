//! Writes the pages and data of the site: what `lessons/` says, as files that any static host serves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::check;
use crate::compile;
use crate::load::{self, Curriculum, Lesson};
use crate::pages::{certificate, cheatsheet, cheatsheets, embed, frame, glossary, home, lesson, progress, verify};
use crate::problem::{Problem, Problems};

/// Names of the files that every page links, relative to the site's root.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// Stylesheets in their order.
    pub styles: Vec<String>,
    /// The module that starts labs and quizzes.
    pub boot: String,
    /// The script that sets the theme before the first paint.
    pub theme: String,
    /// The files of each piece of wasm that pages fetch when they need it, by the piece's name.
    pub pieces: BTreeMap<String, Vec<String>>,
}

/// What was written, relative to the site's root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// HTML pages.
    pub pages: Vec<PathBuf>,
    /// Data of lessons.
    pub data: Vec<PathBuf>,
}

/// The place in `web/index.html` that the head's texts and scripts take.
const HEAD_MARK: &str = "<!-- hopscope:head -->";
/// The place in `web/index.html` that the home page takes.
const HOME_MARK: &str = "<!-- hopscope:home -->";

/// Writes every page below `out`. A lesson with a mistake stops the build and says where it is.
pub fn write(source: &Path, out: &Path, assets: &Assets) -> Result<Written, Problems> {
    let curriculum = load::load(source)?;
    check::references(&curriculum).or(())?;
    let mut site = Site { out, assets, curriculum: &curriculum, written: Written::default() };
    site.home()?;
    for (folder, page) in [
        ("glossary", glossary::page(&curriculum)),
        ("cheatsheets", cheatsheets::page(&curriculum)),
        ("progress", progress::page(&curriculum)),
        ("certificate", certificate::page(&curriculum)),
        ("verify", verify::page(&curriculum)),
    ] {
        site.put(&format!("{folder}/index.html"), &frame::document(&page, &curriculum, assets))?;
    }
    for lesson in &curriculum.lessons {
        site.lesson(lesson)?;
    }
    Ok(site.written)
}

struct Site<'a> {
    out: &'a Path,
    assets: &'a Assets,
    curriculum: &'a Curriculum,
    written: Written,
}

impl Site<'_> {
    /// Fills the page that the bundler made; without one, writes the whole document.
    fn home(&mut self) -> Result<(), Problem> {
        let page = home::page(self.curriculum);
        let path = self.out.join("index.html");
        if !path.exists() {
            return self.put("index.html", &frame::document(&page, self.curriculum, self.assets));
        }
        let before = fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
        let head = frame::head(&page, self.assets).into_string();
        let body = frame::chrome(&page, self.curriculum).into_string();
        let own = frame::without_styles_of_others(&before, &page, self.assets);
        let after = fill(&fill(&own, HEAD_MARK, &head)?, HOME_MARK, &body)?;
        self.put("index.html", &after)
    }

    fn lesson(&mut self, lesson: &Lesson) -> Result<(), Problem> {
        let folder = format!("lessons/{}", lesson.slug);
        let document = |page: &frame::Page<'_>| frame::document(page, self.curriculum, self.assets);
        let main = document(&lesson::page(self.curriculum, lesson));
        let sheet = document(&cheatsheet::page(self.curriculum, lesson));
        self.put(&format!("{folder}/index.html"), &main)?;
        self.put(&format!("{folder}/cheatsheet/index.html"), &sheet)?;
        self.put_data(&format!("{folder}/lesson.bin"), &compile::lesson(lesson).to_bytes())?;
        for lab in &lesson.labs {
            let text = embed::document(self.curriculum, lesson, lab, self.assets);
            self.put(&format!("embed/{}/{}/index.html", lesson.slug, lab.id), &text)?;
        }
        Ok(())
    }

    fn put(&mut self, relative: &str, text: &str) -> Result<(), Problem> {
        write_file(&self.out.join(relative), text.as_bytes())?;
        self.written.pages.push(relative.into());
        Ok(())
    }

    fn put_data(&mut self, relative: &str, bytes: &[u8]) -> Result<(), Problem> {
        write_file(&self.out.join(relative), bytes)?;
        self.written.data.push(relative.into());
        Ok(())
    }
}

fn fill(page: &str, mark: &str, content: &str) -> Result<String, Problem> {
    if !page.contains(mark) {
        return Err(Problem {
            file: "web/index.html".into(),
            line: 1,
            what: format!("The page has no mark `{mark}`, so its content has no place."),
            fix: format!("Write `{mark}` where it belongs."),
        });
    }
    Ok(page.replacen(mark, content, 1))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| cannot("create", folder, &error))?;
    }
    fs::write(path, bytes).map_err(|error| cannot("write", path, &error))
}

fn cannot(verb: &str, path: &Path, error: &std::io::Error) -> Problem {
    Problem {
        file: path.display().to_string(),
        line: 1,
        what: format!("It is not possible to {verb} this ({error})."),
        fix: "Check that the folder exists, that it is yours, and that the disk has room.".into(),
    }
}
