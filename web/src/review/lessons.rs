//! The lessons of the progress page: which objectives are met and by which question.

use web_sys::Element;

use crate::progress::{self, LabKey};
use crate::quiz::{all, first};

/// Writes the learner's own into every lesson's card.
pub(super) fn fill(page: &Element) {
    for card in all(page, "[data-lesson-card]") {
        let slug = card.get_attribute("data-lesson-card").unwrap_or_default();
        for objective in all(&card, "[data-examined]") {
            mark_objective(&slug, &objective);
        }
        for line in all(&card, "[data-challenge]") {
            mark_challenge(&slug, &line);
        }
    }
}

/// An objective is met once every question about it has been answered rightly.
fn mark_objective(slug: &str, objective: &Element) {
    let mut met = true;
    let questions = all(objective, "[data-question]");
    for question in &questions {
        let answer = progress::answer(slug, &question.get_attribute("data-question").unwrap_or_default());
        let (state, words) = match answer {
            Some(answer) if answer.ever_right => ("right", ", right"),
            Some(_) => ("wrong", ", to revisit"),
            None => ("open", ", open"),
        };
        met &= state == "right";
        let _ = question.set_attribute("data-state", state);
        if let Some(place) = first(question, "[data-answered]") {
            place.set_text_content(Some(words));
        }
    }
    let _ = objective.toggle_attribute_with_force("data-met", met && !questions.is_empty());
}

fn mark_challenge(slug: &str, line: &Element) {
    let lab = line.get_attribute("data-challenge").unwrap_or_default();
    let best = progress::challenge_best(LabKey { lesson: slug, lab: &lab });
    let _ = line.toggle_attribute_with_force("data-met", best.is_some());
    if let Some(place) = first(line, "[data-best]") {
        let words = match best {
            None => "not met yet".to_owned(),
            Some(1) => "met with 1 change".to_owned(),
            Some(best) => format!("met with {best} changes"),
        };
        place.set_text_content(Some(&words));
    }
}

/// The lessons that this page lists.
pub(super) struct Listed {
    /// The slug.
    pub(super) slug: String,
    /// The title.
    pub(super) title: String,
    questions: Vec<String>,
    recall: Vec<String>,
}

impl Listed {
    /// Reads them off the page.
    pub(super) fn all(page: &Element) -> Vec<Self> {
        let read = |card: &Element| {
            let text = |name: &str| card.get_attribute(name).unwrap_or_default();
            let ids = |name: &str| text(name).split_whitespace().map(str::to_owned).collect();
            Self { slug: text("data-lesson-card"), title: text("data-title"), questions: ids("data-questions"), recall: ids("data-recall") }
        };
        all(page, "[data-lesson-card]").iter().map(|card| read(card)).collect()
    }

    /// Whether the lesson has that card.
    pub(super) fn has(&self, card: &str) -> bool {
        match card.strip_prefix(super::queue::RECALL) {
            Some(recall) => self.recall.iter().any(|id| id == recall),
            None => self.questions.iter().any(|id| id == card),
        }
    }

    /// The ids of its recall questions.
    pub(super) fn recall(&self) -> &[String] {
        &self.recall
    }
}
