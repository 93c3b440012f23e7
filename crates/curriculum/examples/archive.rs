//! Writes a lesson as the browser loads it, in TOML and without the words that grading does not
//! need: golden certificates are verified with it, whatever becomes of the lesson.
//! `cargo run -p hopscope-curriculum --example archive -- lessons l4-vs-l7 > tests/certificates/l4-vs-l7.toml`.

use std::path::Path;
use std::process::ExitCode;

use hopscope_core::assess::{Body, Choice};
use hopscope_core::lesson::{Lab, Lesson};
use hopscope_curriculum::{compile, load};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [lessons, slug] = arguments.as_slice() else {
        eprintln!("Say where the lessons are and which one is meant: archive lessons l4-vs-l7");
        return ExitCode::FAILURE;
    };
    match archive(Path::new(lessons), slug) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn archive(lessons: &Path, slug: &str) -> Result<String, String> {
    let curriculum = load::load(lessons).map_err(|problems| problems.to_string())?;
    let source = curriculum.lesson(slug).ok_or_else(|| format!("No lesson is called {slug}."))?;
    let mut lesson = compile::lesson(source);
    strip(&mut lesson);
    toml::to_string(&lesson).map_err(|why| why.to_string())
}

fn strip(lesson: &mut Lesson) {
    let asked: Vec<String> =
        lesson.questions.iter().filter_map(|q| if let Body::Predict { lab, .. } = &q.body { Some(lab.clone()) } else { None }).collect();
    lesson.labs.retain(|lab| lab.scenario.challenge.is_some() || asked.contains(&lab.id));
    for lab in &mut lesson.labs {
        let Lab { id, digest, scenario, title, goals, .. } = lab.clone();
        *lab = Lab { id, digest, scenario, title, goals, ..Lab::default() };
    }
    for question in &mut lesson.questions {
        (question.ask, question.given, question.keep) = Default::default();
        strip_body(&mut question.body);
    }
}

fn strip_body(body: &mut Body) {
    match body {
        Body::Single(choices) | Body::Multiple(choices) => {
            choices.iter_mut().for_each(|Choice { text, why, .. }| (*text, *why) = Default::default());
        }
        Body::Order(items) => items.iter_mut().for_each(|item| (item.text, item.why) = Default::default()),
        Body::Match(pairs) => pairs.iter_mut().for_each(|pair| (pair.left, pair.right, pair.why) = Default::default()),
        Body::Fill { blanks, .. } => {
            for blank in blanks {
                (blank.why, blank.otherwise) = Default::default();
                blank.wrong.iter_mut().for_each(|(_, why)| why.clear());
            }
        }
        Body::Numeric(numeric) => {
            (numeric.why, numeric.otherwise) = Default::default();
            numeric.wrong.clear();
        }
        Body::Predict { .. } | Body::Generated { .. } => {}
    }
}
