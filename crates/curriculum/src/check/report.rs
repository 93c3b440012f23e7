//! What the lessons hold, as a table and as data.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::check::feedback::unexplained;
use crate::check::generated::Instances;
use crate::check::load_bearing::Outcome;
use crate::check::predictions::Answers;
use crate::check::quiz::untested;
use crate::load::Lesson;

/// What a course holds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The written lessons in course order.
    pub lessons: Vec<LessonReport>,
}

/// What a lesson holds.
#[derive(Clone, Debug, Serialize)]
pub struct LessonReport {
    /// Its address.
    pub slug: String,
    /// Ids of its labs.
    pub labs: Vec<String>,
    /// Its challenges, tried.
    pub challenges: Vec<Outcome>,
    /// Its predictions, answered by runs.
    pub predictions: Vec<Answers>,
    /// Questions by kind.
    pub questions: BTreeMap<&'static str, usize>,
    /// Generated questions, made from many seeds.
    pub generated: Vec<Instances>,
    /// Objectives that no question tests; there must be none.
    pub untested_objectives: Vec<String>,
    /// What one may answer without hearing anything about it; there must be nothing.
    pub unexplained_options: Vec<String>,
}

impl LessonReport {
    pub(crate) fn of(lesson: &Lesson, challenges: Vec<Outcome>, predictions: Vec<Answers>, generated: Vec<Instances>) -> Self {
        let mut questions = BTreeMap::new();
        for question in &lesson.quiz.value.question {
            *questions.entry(question.kind.word()).or_default() += 1;
        }
        LessonReport {
            slug: lesson.slug.clone(),
            labs: lesson.labs.iter().map(|lab| lab.id.clone()).collect(),
            challenges,
            predictions,
            questions,
            generated,
            untested_objectives: untested(lesson),
            unexplained_options: unexplained(lesson),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lessons.is_empty() {
            return writeln!(f, "No lesson is written yet.");
        }
        for lesson in &self.lessons {
            write!(f, "{lesson}")?;
        }
        Ok(())
    }
}

impl fmt::Display for LessonReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: usize = self.questions.values().sum();
        let kinds: Vec<String> = self.questions.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(f, "{}", self.slug)?;
        writeln!(f, "  labs        {}  {}", self.labs.len(), self.labs.join(", "))?;
        writeln!(f, "  questions  {total:>2}  {}", kinds.join(", "))?;
        for instances in &self.generated {
            write!(f, "{instances}")?;
        }
        match self.untested_objectives.as_slice() {
            [] => writeln!(f, "  objectives  every one has a question")?,
            untested => writeln!(f, "  objectives  without a question: {}", untested.join(", "))?,
        }
        match self.unexplained_options.len() {
            0 => writeln!(f, "  feedback    every option has some")?,
            silent => writeln!(f, "  feedback    {silent} options have none")?,
        }
        for answers in &self.predictions {
            write!(f, "{answers}")?;
        }
        for outcome in &self.challenges {
            write!(f, "{outcome}")?;
        }
        Ok(())
    }
}
