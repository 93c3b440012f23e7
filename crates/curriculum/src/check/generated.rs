//! Whether what is made from seeds can be asked: each generated question, on many seeds.

use std::collections::BTreeSet;
use std::fmt;

use hopscope_core::assess::{Level, flaws, generate};
use serde::Serialize;

use crate::compile::recipe;
use crate::load::Lesson;
use crate::problem::Problems;

/// Seeds from which each generated question is made.
pub const SEEDS: u32 = 200;
/// Fewest different questions among them: a learner who comes back is to work it out again.
const DIFFERENT: usize = 40;

/// What a generated question came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instances {
    /// The question.
    pub question: String,
    /// Its family.
    pub family: &'static str,
    /// The form that it is held to; none when the seed picks.
    pub form: Option<&'static str>,
    /// How much it asks for.
    pub level: Level,
    /// Seeds that were tried.
    pub seeds: u32,
    /// Different questions among what they made.
    pub different: usize,
    /// Seeds that made a question with a flaw.
    pub flawed: u32,
}

impl fmt::Display for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Instances { question, family, form, level, seeds, different, flawed } = self;
        let form = form.map(|form| format!(", {form}")).unwrap_or_default();
        let level = if *level == Level::Tricky { ", tricky" } else { "" };
        writeln!(f, "  generated   {question}: {family}{form}{level}, {different} different on {seeds} seeds, {flawed} flawed")
    }
}

/// Makes each generated question of a lesson from every seed; what is wrong with one is a problem.
pub(crate) fn run(lesson: &Lesson, problems: &mut Problems) -> Vec<Instances> {
    let mut all = Vec::new();
    for question in &lesson.quiz.value.question {
        let Some(recipe) = recipe(question) else { continue };
        let file = &lesson.quiz.file;
        let (mut seen, mut flawed) = (BTreeSet::new(), 0);
        for seed in 0..u64::from(SEEDS) {
            let made = generate(recipe, seed);
            if let Some(flaw) = flaws(&made).into_iter().next() {
                flawed += 1;
                problems.push(file.problem(
                    question.id.offset(),
                    format!("The question `{}` is flawed on seed {seed}: {flaw}", *question.id),
                    "Mend the family in crates/core/src/assess/family; the lesson is not at fault.",
                ));
            }
            seen.insert(format!("{}{}{:?}", made.ask, made.given, made.body));
        }
        if seen.len() < DIFFERENT {
            problems.push(file.problem(
                question.id.offset(),
                format!("The question `{}` comes in {} ways only on {SEEDS} seeds.", *question.id, seen.len()),
                "Leave the form to the seed, or widen the parameters of the family.",
            ));
        }
        all.push(Instances {
            question: question.id.to_string(),
            family: recipe.family.name(),
            form: recipe.form.and_then(|form| recipe.family.forms().get(usize::from(form)).copied()),
            level: recipe.level,
            seeds: SEEDS,
            different: seen.len(),
            flawed,
        });
    }
    all
}
