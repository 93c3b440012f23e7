//! Checks the theory: its length, its mounts, and that each bold term is explained once and defined.

use std::collections::BTreeMap;

use crate::check::names;
use crate::load::Lesson;
use crate::problem::Problems;
use crate::source::At;
use crate::suggest;
use crate::theory::{self, Part, TermIds, Theory, normalise_term};

/// Words a theory may have.
const WORDS: std::ops::RangeInclusive<usize> = 900..=1800;

pub(crate) fn note(lesson: &Lesson, problems: &mut Problems) {
    let mut found = Vec::new();
    let theory = theory::parse(&lesson.theory, &lesson.glossary.value, &mut found);
    problems.extend(found);
    note_mounts(lesson, &theory, problems);
    note_terms(lesson, &theory, problems);
    let terms: Vec<&At<String>> = lesson.glossary.value.term.iter().map(|t| &t.term).collect();
    names::note_doubles(&lesson.glossary.file, "glossary term", terms, problems);
}

pub(crate) fn note_completeness(lesson: &Lesson, problems: &mut Problems) {
    let theory = theory::parse(&lesson.theory, &lesson.glossary.value, &mut Vec::new());
    note_hidden_labs(lesson, &theory, problems);
    if !WORDS.contains(&theory.words) {
        let fix = if theory.words < *WORDS.start() { "Explain what each choice costs." } else { "Cut what no lab shows." };
        problems.push(lesson.theory.problem(
            0,
            format!("A theory has {} to {} words; this one has {}.", WORDS.start(), WORDS.end(), theory.words),
            fix,
        ));
    }
}

/// Labs that the text mounts nowhere would never be seen.
fn note_hidden_labs(lesson: &Lesson, theory: &Theory, problems: &mut Problems) {
    let parts = || theory.topics.iter().flat_map(|topic| &topic.parts);
    for lab in &lesson.labs {
        if !parts().any(|part| matches!(part, Part::Lab { id, .. } if *id == lab.id)) {
            problems.push(lesson.theory.problem(
                lesson.theory.text.len(),
                format!("The theory never shows the lab `{}`.", lab.id),
                format!("Write `::lab {}` on a line of its own, where the text needs it.", lab.id),
            ));
        }
    }
}

fn note_mounts(lesson: &Lesson, theory: &Theory, problems: &mut Problems) {
    let known: Vec<&str> = lesson.labs.iter().map(|lab| lab.id.as_str()).collect();
    let mut mounted: Vec<&str> = Vec::new();
    let mut quizzes = 0;
    for part in theory.topics.iter().flat_map(|topic| &topic.parts) {
        match part {
            Part::Lab { id, offset } if !known.contains(&id.as_str()) => problems.push(lesson.theory.problem(
                *offset,
                format!("There is no lab `{id}` in this lesson."),
                suggest::fix_unknown(id, known.iter().copied()),
            )),
            Part::Lab { id, offset } if mounted.contains(&id.as_str()) => {
                problems.push(lesson.theory.problem(*offset, format!("The lab `{id}` is already mounted above."), "Mount each lab once."));
            }
            Part::Lab { id, .. } => mounted.push(id),
            Part::Quiz { offset } => {
                quizzes += 1;
                if quizzes > 1 {
                    problems.push(lesson.theory.problem(*offset, "The quiz is already mounted above.", "Keep one `::quiz`."));
                }
            }
            Part::Prose(_) => {}
        }
    }
}

fn note_terms(lesson: &Lesson, theory: &Theory, problems: &mut Problems) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let known = || lesson.glossary.value.term.iter().map(|entry| entry.term.as_str());
    for term in theory.topics.iter().flat_map(|topic| &topic.terms) {
        let Some(id) = lesson.glossary.value.id_of(&term.text) else {
            let fix = match suggest::nearest(&term.text, known()) {
                Some(near) => format!("Did you mean `{near}`? Otherwise add a `[[term]]` to {}.", lesson.glossary.file.path),
                None => format!("Add a `[[term]]` to {}, or take the asterisks away.", lesson.glossary.file.path),
            };
            problems.push(lesson.theory.problem(term.offset, format!("The bold term \"{}\" is not in the glossary.", term.text), fix));
            continue;
        };
        match first.get(id) {
            Some(earlier) => problems.push(lesson.theory.problem(
                term.offset,
                format!("The term \"{}\" is bold a second time.", normalise_term(&term.text)),
                format!("Set it in bold only where it is explained, on line {}.", lesson.theory.line_at(*earlier)),
            )),
            None => {
                first.insert(id.to_owned(), term.offset);
            }
        }
    }
}
