//! Checks that a lesson has all its parts: labs, objectives, recall, glossary, picture.

use crate::check::names::{Pairing, note_doubles, note_unplain};
use crate::file::SourceFile;
use crate::load::{Lab, Lesson};
use crate::pages::pictogram;
use crate::problem::Problems;
use crate::source::At;
use crate::suggest;

/// Ids, objectives and the picture.
pub(crate) fn note(lesson: &Lesson, problems: &mut Problems) {
    let outline = &lesson.outline;
    note_doubles(&outline.file, "lab", &outline.value.labs, problems);
    note_unplain(&outline.file, "lab", &outline.value.labs, problems);
    note_objectives(lesson, problems);
    note_pictogram(lesson, problems);
    note_ids(&lesson.recall.file, "recall", lesson.recall.value.question.iter().map(|q| &q.id), problems);
    note_ids(&lesson.glossary.file, "term", lesson.glossary.value.term.iter().map(|t| &t.id), problems);
}

/// How many there are of everything.
pub(crate) fn note_completeness(lesson: &Lesson, problems: &mut Problems) {
    note_labs(lesson, problems);
    note_recall(lesson, problems);
}

fn note_ids<'a>(file: &SourceFile, kind: &str, ids: impl Iterator<Item = &'a At<String>> + Clone, problems: &mut Problems) {
    note_doubles(file, kind, ids.clone(), problems);
    note_unplain(file, kind, ids, problems);
}

fn note_labs(lesson: &Lesson, problems: &mut Problems) {
    let outline = &lesson.outline;
    let anchor = outline.value.labs.first().map_or(0, |id| id.offset());
    if lesson.labs.len() < 2 {
        problems.push(outline.file.problem(
            anchor,
            format!("A lesson has at least two labs; this one has {}.", lesson.labs.len()),
            "Add a lab to `labs` and its scenario to the folder `labs/`.",
        ));
    }
    if lesson.labs.iter().all(|lab| lab.scenario.challenge.is_none()) {
        problems.push(outline.file.problem(
            anchor,
            "None of the labs is a challenge.",
            "Give one lab's scenario a `[challenge]` with mechanism, solution and par.",
        ));
    }
    for lab in &lesson.labs {
        note_lab(lesson, lab, problems);
    }
}

fn note_lab(lesson: &Lesson, lab: &Lab, problems: &mut Problems) {
    if lab.scenario.predictions.is_empty() {
        problems.push(lab.file.problem(
            0,
            format!("The lab `{}` asks for no prediction.", lab.id),
            "Add a `[[predictions]]` before a decisive moment.",
        ));
    }
    note_model(lesson, lab, problems);
    let hints = lesson.words_of(&lab.id).map_or(0, |words| words.hints.len());
    if lab.scenario.challenge.is_some() && hints == 0 {
        let anchor = lesson.lab_words.value.get_key_value(lab.id.as_str()).map_or(0, |(id, _)| id.offset());
        problems.push(lesson.lab_words.file.problem(
            anchor,
            format!("The challenge `{}` has no hints.", lab.id),
            format!("Add `[[{}.hints]]`, the gentlest first.", lab.id),
        ));
    }
    if lab.scenario.challenge.is_some() && lab.scenario.goals.is_empty() {
        problems.push(lab.file.problem(
            0,
            format!("The challenge `{}` has no goal.", lab.id),
            "Add a `[[goals]]` with a measure and a limit.",
        ));
    }
}

/// A model card says what is real, what is simplified, and what the model was held against.
fn note_model(lesson: &Lesson, lab: &Lab, problems: &mut Problems) {
    let Some((id, words)) = lesson.lab_words.value.get_key_value(lab.id.as_str()) else { return };
    let parts = [("real", &words.model.real), ("simplified", &words.model.simplified), ("held_against", &words.model.held_against)];
    for (part, lines) in parts {
        if lines.iter().all(|line| line.trim().is_empty()) {
            problems.push(lesson.lab_words.file.problem(
                id.offset(),
                format!("The model card of the lab `{}` has nothing under `{part}`.", lab.id),
                format!("Write a line or more into `{part}` of `[{}.model]`.", lab.id),
            ));
        }
    }
}

fn note_objectives(lesson: &Lesson, problems: &mut Problems) {
    let outline = &lesson.outline;
    note_doubles(&outline.file, "objective", &outline.value.objectives, problems);
    let known: Vec<&str> = outline.value.objectives.iter().map(|id| id.as_str()).collect();
    let given: Vec<&str> = lesson.words.value.objectives.keys().map(|id| id.as_str()).collect();
    let anchor = lesson.words.file.text.find("[objectives]").unwrap_or(0);
    let home = outline.file.path.clone();
    let pairing = Pairing { file: &lesson.words.file, kind: "objective", home: &home, table: "objectives", anchor };
    pairing.note_unknown(lesson.words.value.objectives.keys(), &known, problems);
    pairing.note_missing(&given, &known, problems);
}

fn note_pictogram(lesson: &Lesson, problems: &mut Problems) {
    let name = &lesson.outline.value.pictogram;
    if pictogram::find(name).is_none() {
        problems.push(lesson.outline.file.problem(
            name.offset(),
            format!("There is no pictogram `{}`.", **name),
            suggest::fix_unknown(name, pictogram::names()),
        ));
    }
}

fn note_recall(lesson: &Lesson, problems: &mut Problems) {
    let recall = &lesson.recall;
    let count = recall.value.question.len();
    if !(3..=5).contains(&count) {
        problems.push(recall.file.problem(
            0,
            format!("Recall has three to five questions; this one has {count}."),
            if count < 3 { "Add an open question with a model answer." } else { "Keep the five that matter most." },
        ));
    }
}
