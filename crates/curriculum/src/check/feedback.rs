//! Whether something is said to every answer that one may give.

use crate::load::Lesson;
use crate::source::At;
use crate::source::quiz::{Kind, Question};

/// A part of a question to which nothing is said.
pub(crate) struct Silence {
    /// Where the part stands in the quiz's file.
    pub(crate) offset: usize,
    /// Which part it is, in a sentence.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) fix: String,
}

const NAME_IT: &str = "Name the misconception behind it and what that would predict, or why it is right.";

/// The parts of a question without a reason. Those of a prediction are the lab's words, those of a
/// generated question are the core's; both are checked there.
pub(crate) fn silences(question: &Question) -> Vec<Silence> {
    let mut found = Vec::new();
    let q = question;
    for option in q.options.iter().flatten() {
        note_part(q, "option", &option.id, option.why.as_ref(), &mut found);
    }
    for item in q.items.iter().flatten() {
        note_part(q, "item", &item.id, item.why.as_ref(), &mut found);
    }
    for pair in q.pairs.iter().flatten() {
        note_part(q, "pair", &pair.id, pair.why.as_ref(), &mut found);
    }
    for blank in q.blank.iter().flatten() {
        note_part(q, "blank", &blank.id, blank.why.as_ref(), &mut found);
        if is_silent(blank.otherwise.as_ref()) {
            let what = format!("The blank `{}` has nothing to say about other answers.", *blank.id);
            found.push(Silence { offset: blank.id.offset(), what, fix: "Add `otherwise = \"…\"`.".into() });
        }
        for wrong in blank.wrong.iter().filter(|wrong| is_silent(Some(&wrong.why))) {
            let what = format!("The blank `{}` says nothing to `{}`.", *blank.id, wrong.accept.join("`, `"));
            found.push(Silence { offset: blank.id.offset(), what, fix: NAME_IT.into() });
        }
    }
    note_numbers(q, &mut found);
    found
}

fn note_part(question: &Question, noun: &str, id: &At<String>, why: Option<&String>, found: &mut Vec<Silence>) {
    if is_silent(why) {
        let what = format!("The {noun} `{}` of the question `{}` has no `why`.", **id, *question.id);
        found.push(Silence { offset: id.offset(), what, fix: NAME_IT.into() });
    }
}

/// What is missing altogether is a missing field; here it is about words that say nothing.
fn note_numbers(question: &Question, found: &mut Vec<Silence>) {
    let mut note = |what: String| found.push(Silence { offset: question.id.offset(), what, fix: NAME_IT.into() });
    for (field, words) in [("why", &question.why), ("otherwise", &question.otherwise)] {
        if words.is_some() && is_silent(words.as_ref()) {
            note(format!("The question `{}` has an empty `{field}`.", *question.id));
        }
    }
    for wrong in question.wrong.iter().flatten().filter(|wrong| is_silent(Some(&wrong.why))) {
        note(format!("The question `{}` says nothing to {}.", *question.id, wrong.value));
    }
}

fn is_silent(words: Option<&String>) -> bool {
    words.is_none_or(|words| words.trim().is_empty())
}

/// Everything in a lesson's quiz that is answered in silence, the options of predictions included.
pub(crate) fn unexplained(lesson: &Lesson) -> Vec<String> {
    let questions = &lesson.quiz.value.question;
    let mut found: Vec<String> = questions.iter().flat_map(silences).map(|silence| silence.what).collect();
    for question in questions.iter().filter(|q| *q.kind == Kind::Predict) {
        let (Some(lab), Some(id)) = (&question.lab, &question.prediction) else { continue };
        let Some(words) = lesson.words_of(lab).and_then(|words| words.predictions.get(id.as_str())) else { continue };
        let silent = words.options.iter().filter(|(_, option)| is_silent(option.why.as_ref()));
        found.extend(silent.map(|(option, _)| format!("The option `{}` of the prediction `{}` has no `why`.", **option, **id)));
    }
    found
}
