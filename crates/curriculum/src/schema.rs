//! JSON schemas of the lesson files, so that an editor completes and checks them while they are written.
//!
//! A file names its schema in its first line: `#:schema ../../schema/quiz.json`.

use std::fs;
use std::io;
use std::path::Path;

use hopscope_core::scenario::Scenario;
use schemars::{Schema, schema_for};

use crate::source::{course, glossary, labs, lesson, quiz, recall};

/// File names and schemas.
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("course.json", schema_for!(course::Course)),
        ("lesson.json", schema_for!(lesson::Outline)),
        ("lesson-words.json", schema_for!(lesson::LessonWords)),
        ("lab.json", schema_for!(Scenario)),
        ("lab-words.json", schema_for!(labs::LabsWords)),
        ("quiz.json", schema_for!(quiz::Quiz)),
        ("recall.json", schema_for!(recall::Recall)),
        ("glossary.json", schema_for!(glossary::Glossary)),
    ]
}

/// A schema as the file holds it.
pub fn text(schema: &Schema) -> String {
    // A schema is plain JSON already; printing it cannot fail.
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Writes every schema into a folder, which is made when it is missing.
pub fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, schema) in all() {
        fs::write(folder.join(name), text(&schema))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `UPDATE_SCHEMA=1 cargo test -p hopscope-curriculum schema` writes what this compares.
    #[test]
    fn schema_files_are_current() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons/schema");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            write(&folder).expect("the folder can be written");
        }
        for (name, schema) in all() {
            let stored = fs::read_to_string(folder.join(name)).unwrap_or_default();
            assert!(
                stored == text(&schema),
                "lessons/schema/{name} is not current: UPDATE_SCHEMA=1 cargo test -p hopscope-curriculum schema"
            );
        }
    }
}
