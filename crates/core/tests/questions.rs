//! A seed makes the same question natively and in Node, and the same answer is right: both compare
//! with one table. Certificates name their questions by seed. Where only the digest of a line
//! changes, something is worded anew; where the answer changes, older certificates would be judged
//! by other questions, which takes a new version of the rules.
//!
//! The table is made anew, on purpose, by
//! `HOPSCOPE_BLESS=1 cargo test -p hopscope-core --test questions`.

use std::fmt::Write as _;

use hopscope_core::assess::{Answer, Body, Family, Level, Question, Recipe, flaws, generate, grade, key};
use hopscope_core::wire::check;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

// In the binary, because wasm has no files.
const TABLE: &str = include_str!("questions.txt");
const HEAD: &str = "\
# What each family makes of a seed: the digest of all its words, and the right answer.
# Made by HOPSCOPE_BLESS=1 cargo test -p hopscope-core --test questions; a change here wants a reason.
";

/// Seeds of each family, form and level, from 0.
const SEEDS: u64 = 8;

fn recipes() -> Vec<(String, Recipe)> {
    let mut all = Vec::new();
    for family in Family::ALL {
        for (level, level_name) in [(Level::Plain, "plain"), (Level::Tricky, "tricky")] {
            all.push((format!("{} {level_name}", family.name()), Recipe { family, form: None, level }));
            for (place, form) in family.forms().iter().enumerate() {
                all.push((format!("{}/{form} {level_name}", family.name()), Recipe { family, form: Some(place as u8), level }));
            }
        }
    }
    all
}

/// The right answer in words.
fn right(question: &Question) -> String {
    match (&question.body, key(question)) {
        (Body::Single(choices), Some(Answer::Chosen(ids))) => {
            let shown = choices.iter().filter(|choice| ids.contains(&choice.id)).map(|choice| format!("{}: {}", choice.id, choice.text));
            shown.collect::<Vec<_>>().join("; ")
        }
        (Body::Numeric(numeric), Some(Answer::Number(number))) => format!("{number} {}", numeric.unit),
        (_, Some(Answer::Ordered(ids))) => ids.join(" "),
        (_, other) => format!("{other:?}"),
    }
}

fn table() -> String {
    let mut table = HEAD.to_owned();
    for (name, recipe) in recipes() {
        for seed in 0..SEEDS {
            let question = generate(recipe, seed);
            let bytes = postcard::to_allocvec(&question).unwrap_or_else(|why| panic!("{name} {seed}: {why}"));
            let _ = writeln!(table, "{name} {seed} {:016x} {}", check(&bytes), right(&question));
        }
    }
    table
}

#[test]
fn questions_are_those_of_the_table() {
    let found = table();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("HOPSCOPE_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/questions.txt");
        return std::fs::write(path, &found).unwrap_or_else(|why| panic!("{path}: {why}"));
    }
    for (found, expected) in found.lines().zip(TABLE.lines()) {
        assert_eq!(found, expected, "a question has changed. If that is meant, make the table anew as questions.txt says");
    }
    assert_eq!(found.lines().count(), TABLE.lines().count(), "the table lacks a family or has one too many; make it anew");
}

#[test]
fn the_verdicts_are_the_same_everywhere() {
    for (name, recipe) in recipes() {
        for seed in 0..SEEDS {
            let question = generate(recipe, seed);
            assert_eq!(flaws(&question), Vec::<String>::new(), "{name} {seed}");
            let Some(answer) = key(&question) else { panic!("{name} {seed} has no key") };
            let grade = grade(&question, &answer, None);
            assert!(grade.correct && grade.parts.iter().all(|part| part.right && !part.why.is_empty()), "{name} {seed}: {grade:?}");
        }
    }
}
