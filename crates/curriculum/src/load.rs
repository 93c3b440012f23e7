//! Reads `lessons/` into memory; whatever cannot be read becomes a problem.

use std::collections::BTreeSet;
use std::path::Path;

use hopscope_core::scenario::Scenario;
use serde::de::DeserializeOwned;

use crate::file::{SourceFile, read_or_note, shown_path};
use crate::problem::{Problem, Problems};
use crate::source::course::{Course, CourseLesson};
use crate::source::glossary::Glossary;
use crate::source::labs::{LabWords, LabsWords};
use crate::source::lesson::{LessonWords, Outline};
use crate::source::quiz::Quiz;
use crate::source::recall::Recall;
use crate::suggest;
use crate::theory::{TermIds, normalise_term};

/// The language whose words are compiled.
pub const LANGUAGE: &str = "en";

/// A file and what it says.
#[derive(Clone, Debug)]
pub struct Authored<T> {
    /// The file, for lines of problems.
    pub file: SourceFile,
    /// Its contents.
    pub value: T,
}

/// Everything that was authored.
#[derive(Clone, Debug)]
pub struct Curriculum {
    /// Tracks and all lessons, the unwritten ones too.
    pub course: Authored<Course>,
    /// The lessons that are written, in course order.
    pub lessons: Vec<Lesson>,
}

/// A written lesson.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Folder and address.
    pub slug: String,
    /// What it consists of.
    pub outline: Authored<Outline>,
    /// Title and objectives.
    pub words: Authored<LessonWords>,
    /// The theory, not yet taken apart.
    pub theory: SourceFile,
    /// Scenarios in the order of the outline.
    pub labs: Vec<Lab>,
    /// Words of the labs.
    pub lab_words: Authored<LabsWords>,
    /// Questions.
    pub quiz: Authored<Quiz>,
    /// The cheatsheet.
    pub cheatsheet: SourceFile,
    /// Open questions.
    pub recall: Authored<Recall>,
    /// Terms.
    pub glossary: Authored<Glossary>,
}

/// A lab's scenario and its file.
#[derive(Clone, Debug)]
pub struct Lab {
    /// The lab's id, which is the file's name.
    pub id: String,
    /// The file.
    pub file: SourceFile,
    /// What the engine runs.
    pub scenario: Scenario,
}

impl Curriculum {
    /// The lesson of an address, if it is written.
    pub fn lesson(&self, slug: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.slug == slug)
    }

    /// The place of a lesson in the course, counted from 1, and its entry there.
    pub fn entry(&self, slug: &str) -> Option<(usize, &CourseLesson)> {
        let found = self.course.value.lesson.iter().enumerate().find(|(_, entry)| *entry.slug == slug);
        found.map(|(index, entry)| (index + 1, entry))
    }
}

impl Lesson {
    /// The words of a lab.
    pub fn words_of(&self, lab: &str) -> Option<&LabWords> {
        self.lab_words.value.get(lab)
    }

    /// The scenario of a lab.
    pub fn lab(&self, id: &str) -> Option<&Lab> {
        self.labs.iter().find(|lab| lab.id == id)
    }
}

impl TermIds for Glossary {
    fn id_of(&self, phrase: &str) -> Option<&str> {
        let wanted = normalise_term(phrase);
        let hit = self
            .term
            .iter()
            .find(|entry| normalise_term(&entry.term) == wanted || entry.also.iter().any(|form| normalise_term(form) == wanted));
        hit.map(|entry| entry.id.as_str())
    }
}

/// Reads the course and every written lesson.
pub fn load(lessons: &Path) -> Result<Curriculum, Problems> {
    let (curriculum, problems) = load_what_can_be_read(lessons)?;
    problems.or(curriculum)
}

/// Reads the course; lessons with unreadable files are left out and their problems returned beside.
pub(crate) fn load_what_can_be_read(lessons: &Path) -> Result<(Curriculum, Problems), Problems> {
    let file = SourceFile::read(lessons, "course.toml")?;
    let value: Course = file.parse()?;
    let mut problems = Problems::new();
    note_strangers(lessons, &file, &value, &mut problems);
    let written: Vec<Lesson> = value
        .lesson
        .iter()
        .filter(|entry| lessons.join(entry.slug.as_str()).join("lesson.toml").is_file())
        .filter_map(|entry| load_lesson(lessons, &entry.slug, &mut problems))
        .collect();
    Ok((Curriculum { course: Authored { file, value }, lessons: written }, problems))
}

/// A folder with a lesson that the course does not list would never be seen.
fn note_strangers(lessons: &Path, file: &SourceFile, course: &Course, problems: &mut Problems) {
    let known: Vec<&str> = course.lesson.iter().map(|entry| entry.slug.as_str()).collect();
    for name in names_in(lessons, |path| path.join("lesson.toml").is_file()) {
        if !known.contains(&name.as_str()) {
            let fix = match suggest::nearest(&name, known.iter().copied()) {
                Some(near) => format!("Rename the folder to `{near}`, or add a `[[lesson]]` with `slug = \"{name}\"`."),
                None => format!("Add a `[[lesson]]` with `slug = \"{name}\"`."),
            };
            problems.push(file.problem(0, format!("The lesson in the folder `{name}` is not in the course."), fix));
        }
    }
}

/// Sorted names of the entries of a folder that a test accepts.
fn names_in(folder: &Path, accept: impl Fn(&Path) -> bool) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| accept(&entry.path())).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn load_lesson(lessons: &Path, slug: &str, problems: &mut Problems) -> Option<Lesson> {
    let words_at = |name: &str| format!("{slug}/{LANGUAGE}/{name}");
    let outline: Option<Authored<Outline>> = read_toml(lessons, &format!("{slug}/lesson.toml"), problems);
    let labs = outline.as_ref().and_then(|outline| load_labs(lessons, slug, outline, problems));
    let words = read_toml(lessons, &words_at("lesson.toml"), problems);
    let theory = read_or_note(lessons, &words_at("theory.md"), problems);
    let lab_words = read_toml(lessons, &words_at("labs.toml"), problems);
    let quiz = read_toml(lessons, &words_at("quiz.toml"), problems);
    let cheatsheet = read_or_note(lessons, &words_at("cheatsheet.md"), problems);
    let recall = read_toml(lessons, &words_at("recall.toml"), problems);
    let glossary = read_toml(lessons, &words_at("glossary.toml"), problems);
    Some(Lesson {
        slug: slug.to_owned(),
        outline: outline?,
        words: words?,
        theory: theory?,
        labs: labs?,
        lab_words: lab_words?,
        quiz: quiz?,
        cheatsheet: cheatsheet?,
        recall: recall?,
        glossary: glossary?,
    })
}

fn load_labs(lessons: &Path, slug: &str, outline: &Authored<Outline>, problems: &mut Problems) -> Option<Vec<Lab>> {
    note_unlisted_labs(lessons, slug, outline, problems);
    let listed = &outline.value.labs;
    let labs: Vec<Lab> = listed.iter().filter_map(|id| load_lab(lessons, slug, id, problems)).collect();
    (labs.len() == listed.len()).then_some(labs)
}

fn load_lab(lessons: &Path, slug: &str, id: &str, problems: &mut Problems) -> Option<Lab> {
    let Authored { file, value } = read_toml(lessons, &format!("{slug}/labs/{id}.toml"), problems)?;
    Some(Lab { id: id.to_owned(), file, scenario: value })
}

fn note_unlisted_labs(lessons: &Path, slug: &str, outline: &Authored<Outline>, problems: &mut Problems) {
    let folder = lessons.join(slug).join("labs");
    for name in names_in(&folder, |path| path.extension().is_some_and(|ext| ext == "toml")) {
        let id = name.trim_end_matches(".toml");
        if !outline.value.labs.iter().any(|listed| listed.as_str() == id) {
            problems.push(Problem {
                file: shown_path(lessons, &format!("{slug}/labs/{name}")),
                line: 1,
                what: "No lesson shows this lab.".into(),
                fix: format!("Add `{id}` to `labs` in {}, or remove the file.", outline.file.path),
            });
        }
    }
}

fn read_toml<T: DeserializeOwned>(lessons: &Path, relative: &str, problems: &mut Problems) -> Option<Authored<T>> {
    let file = read_or_note(lessons, relative, problems)?;
    let value = problems.keep(file.parse())?;
    Some(Authored { file, value })
}
