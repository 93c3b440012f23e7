//! Checks the quiz: enough questions of enough kinds, each objective tested, a reason for every answer.

use std::collections::BTreeSet;

use hopscope_core::assess::Family;

use crate::check::feedback;
use crate::check::names::{note_doubles, note_unplain};
use crate::compile::next_mark;
use crate::file::SourceFile;
use crate::load::Lesson;
use crate::problem::Problems;
use crate::source::quiz::{Blank, Choice, Kind, Question};
use crate::suggest;

/// Fewest written questions of a lesson.
const QUESTIONS: usize = 8;
/// Fewest kinds among them.
const KINDS: usize = 4;
/// Fewest families of generated questions.
const FAMILIES: usize = 2;

pub(crate) fn note(lesson: &Lesson, problems: &mut Problems) {
    let questions = &lesson.quiz.value.question;
    let file = &lesson.quiz.file;
    note_doubles(file, "question", questions.iter().map(|q| &q.id), problems);
    note_unplain(file, "question", questions.iter().map(|q| &q.id), problems);
    note_objectives(lesson, problems);
    for question in questions {
        QuestionCheck { lesson, file, question, problems }.note();
    }
}

/// Objectives that no question tests.
pub(crate) fn untested(lesson: &Lesson) -> Vec<String> {
    let tested: BTreeSet<&str> = lesson.quiz.value.question.iter().map(|q| q.objective.as_str()).collect();
    let all = lesson.outline.value.objectives.iter();
    all.filter(|id| !tested.contains(id.as_str())).map(|id| id.to_string()).collect()
}

pub(crate) fn note_completeness(lesson: &Lesson, problems: &mut Problems) {
    let (file, questions) = (&lesson.quiz.file, &lesson.quiz.value.question);
    let written = || questions.iter().filter(|q| *q.kind != Kind::Generated);
    let kinds: BTreeSet<Kind> = written().map(|q| *q.kind).collect();
    let families: BTreeSet<Family> = questions.iter().filter_map(|q| Some(**q.family.as_ref()?)).collect();
    if written().count() < QUESTIONS {
        problems.push(file.problem(
            0,
            format!("A quiz has at least {QUESTIONS} written questions; this one has {}.", written().count()),
            "Add questions that ask why.",
        ));
    }
    if kinds.len() < KINDS {
        problems.push(file.problem(
            0,
            format!("A quiz has at least {KINDS} kinds of written question; this one has {}.", kinds.len()),
            "Ask some of them as `order`, `fill`, `match`, `numeric` or `predict`.",
        ));
    }
    if families.len() < FAMILIES {
        problems.push(file.problem(
            file.text.len(),
            format!("A quiz has generated questions of at least {FAMILIES} families; this one has {}.", families.len()),
            "Add `[[question]]` with `kind = \"generated\"` and a `family` that suits an objective.",
        ));
    }
    for id in untested(lesson) {
        problems.push(file.problem(
            file.text.len(),
            format!("No question tests the objective `{id}`."),
            format!("Add a question with `objective = \"{id}\"`."),
        ));
    }
}

fn note_objectives(lesson: &Lesson, problems: &mut Problems) {
    let known: Vec<&str> = lesson.outline.value.objectives.iter().map(|id| id.as_str()).collect();
    for question in &lesson.quiz.value.question {
        if !known.contains(&question.objective.as_str()) {
            problems.push(lesson.quiz.file.problem(
                question.objective.offset(),
                format!("The question `{}` tests an objective `{}` that the lesson does not have.", *question.id, *question.objective),
                suggest::fix_unknown(&question.objective, known.iter().copied()),
            ));
        }
    }
}

struct QuestionCheck<'a> {
    lesson: &'a Lesson,
    file: &'a SourceFile,
    question: &'a Question,
    problems: &'a mut Problems,
}

impl QuestionCheck<'_> {
    fn note(mut self) {
        self.note_fields();
        if self.question.ask.is_none() && ![Kind::Predict, Kind::Generated].contains(&*self.question.kind) {
            self.at_id("asks nothing", "Add `ask = \"…\"`.");
        }
        match *self.question.kind {
            Kind::Single | Kind::Multiple => self.note_choices(),
            Kind::Order => self.note_items(),
            Kind::Match => self.note_pairs(),
            Kind::Fill => self.note_fill(),
            Kind::Numeric => self.note_numeric(),
            Kind::Predict => self.note_predict(),
            Kind::Generated => self.note_form(),
        }
        for silence in feedback::silences(self.question) {
            self.problem(silence.offset, silence.what, silence.fix);
        }
    }

    fn problem(&mut self, offset: usize, what: String, fix: impl Into<String>) {
        self.problems.push(self.file.problem(offset, what, fix));
    }

    fn at_id(&mut self, what: &str, fix: &str) {
        self.problem(self.question.id.offset(), format!("The question `{}` {what}.", *self.question.id), fix);
    }

    /// Fields that belong to other kinds would be silently lost, so they are mistakes.
    fn note_fields(&mut self) {
        let q = self.question;
        let kind = *q.kind;
        let numeric = [Kind::Numeric].as_slice();
        let written = [Kind::Single, Kind::Multiple, Kind::Order, Kind::Fill, Kind::Match, Kind::Numeric, Kind::Predict].as_slice();
        let generated = [Kind::Generated].as_slice();
        let fields: [(&str, bool, &[Kind]); 17] = [
            ("ask", q.ask.is_some(), written),
            ("options", q.options.is_some(), &[Kind::Single, Kind::Multiple]),
            ("items", q.items.is_some(), &[Kind::Order]),
            ("text", q.text.is_some(), &[Kind::Fill]),
            ("blank", q.blank.is_some(), &[Kind::Fill]),
            ("pairs", q.pairs.is_some(), &[Kind::Match]),
            ("answer", q.answer.is_some(), numeric),
            ("tolerance", q.tolerance.is_some(), numeric),
            ("unit", q.unit.is_some(), numeric),
            ("why", q.why.is_some(), numeric),
            ("otherwise", q.otherwise.is_some(), numeric),
            ("wrong", q.wrong.is_some(), numeric),
            ("lab", q.lab.is_some(), &[Kind::Predict]),
            ("prediction", q.prediction.is_some(), &[Kind::Predict]),
            ("family", q.family.is_some(), generated),
            ("form", q.form.is_some(), generated),
            ("level", q.level.is_some(), generated),
        ];
        // `ask` has a sentence of its own when it is missing.
        let optional = ["ask", "tolerance", "unit", "wrong", "form", "level"];
        for (field, given, kinds) in fields {
            if given && !kinds.contains(&kind) {
                let what = format!("has `{field}`, which a `{}` question does not use", kind.word());
                self.at_id(&what, &format!("Remove `{field}`, or change `kind`."));
            }
            if !given && kinds.contains(&kind) && !optional.contains(&field) {
                let what = format!("is of kind `{}` and has no `{field}`", kind.word());
                self.at_id(&what, &format!("Add `{field}`."));
            }
        }
    }

    fn note_choices(&mut self) {
        let Some(options) = &self.question.options else { return };
        note_doubles(self.file, "option", options.iter().map(|o| &o.id), self.problems);
        let right = options.iter().filter(|o: &&Choice| o.correct).count();
        let wrong = options.len() - right;
        if *self.question.kind == Kind::Single && right != 1 {
            self.at_id(&format!("has {right} right options"), "Mark exactly one option with `correct = true`.");
        }
        if *self.question.kind == Kind::Multiple && (right == 0 || wrong == 0) {
            self.at_id("needs a right and a wrong option", "Mark some, not all, options with `correct = true`.");
        }
        if options.len() < 2 {
            self.at_id("offers no choice", "Write at least two options.");
        }
    }

    fn note_items(&mut self) {
        let Some(items) = &self.question.items else { return };
        note_doubles(self.file, "item", items.iter().map(|i| &i.id), self.problems);
        if items.len() < 3 {
            self.at_id("has too few items to put in order", "Write at least three items.");
        }
    }

    fn note_pairs(&mut self) {
        let Some(pairs) = &self.question.pairs else { return };
        note_doubles(self.file, "pair", pairs.iter().map(|p| &p.id), self.problems);
        let rights: BTreeSet<&str> = pairs.iter().map(|p| p.right.as_str()).collect();
        if rights.len() != pairs.len() {
            self.at_id("has two pairs with the same right side", "Make every right side different, or the match has two answers.");
        }
    }

    fn note_fill(&mut self) {
        let (Some(text), Some(blanks)) = (&self.question.text, &self.question.blank) else { return };
        note_doubles(self.file, "blank", blanks.iter().map(|b| &b.id), self.problems);
        let marks = marks_of(text);
        for mark in &marks {
            if !blanks.iter().any(|b| *b.id == *mark) {
                self.at_id(
                    &format!("has a mark `{{{mark}}}` without a blank"),
                    &format!("Add `[[question.blank]]` with `id = \"{mark}\"`."),
                );
            }
        }
        for blank in blanks {
            self.note_blank(blank, &marks);
        }
    }

    fn note_blank(&mut self, blank: &Blank, marks: &[&str]) {
        if !marks.contains(&blank.id.as_str()) {
            self.problem(
                blank.id.offset(),
                format!("The blank `{}` does not stand in the text.", *blank.id),
                format!("Write `{{{}}}` where it belongs.", *blank.id),
            );
        }
        if blank.accept.is_empty() {
            self.problem(blank.id.offset(), format!("The blank `{}` accepts nothing.", *blank.id), "List the right answers in `accept`.");
        }
    }

    fn note_numeric(&mut self) {
        let q = self.question;
        let (Some(answer), tolerance) = (q.answer, q.tolerance.unwrap_or_default()) else { return };
        if !answer.is_finite() || !tolerance.is_finite() || tolerance < 0.0 {
            self.at_id("has an answer or tolerance that is not a plain number", "Write finite numbers; a tolerance is not negative.");
        }
        for wrong in q.wrong.iter().flatten() {
            if (wrong.value - answer).abs() <= tolerance {
                self.at_id(
                    &format!("lists {} as wrong although it is within tolerance", wrong.value),
                    "Move the value away or narrow `tolerance`.",
                );
            }
        }
    }

    fn note_form(&mut self) {
        let (Some(family), Some(form)) = (&self.question.family, &self.question.form) else { return };
        let known = family.forms();
        if !known.contains(&form.as_str()) {
            self.problem(
                form.offset(),
                format!("The family `{}` has no form `{}`.", family.name(), **form),
                suggest::fix_unknown(form, known.iter().copied()),
            );
        }
    }

    fn note_predict(&mut self) {
        let (Some(lab_id), Some(id)) = (&self.question.lab, &self.question.prediction) else { return };
        let labs: Vec<&str> = self.lesson.labs.iter().map(|lab| lab.id.as_str()).collect();
        let Some(lab) = self.lesson.lab(lab_id) else {
            return self.problem(
                lab_id.offset(),
                format!("There is no lab `{}` in this lesson.", **lab_id),
                suggest::fix_unknown(lab_id, labs),
            );
        };
        let known: Vec<&str> = lab.scenario.predictions.iter().map(|p| p.id.as_str()).collect();
        if !known.contains(&id.as_str()) {
            self.problem(id.offset(), format!("The lab `{}` has no prediction `{}`.", lab.id, **id), suggest::fix_unknown(id, known));
        }
    }
}

fn marks_of(text: &str) -> Vec<&str> {
    let mut marks = Vec::new();
    let mut rest = text;
    while let Some((_, mark, after)) = next_mark(rest) {
        marks.push(mark);
        rest = after;
    }
    marks
}
