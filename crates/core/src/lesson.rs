//! A compiled lesson: scenarios and the words that go with them, as the browser loads it.
//!
//! All texts are HTML fragments, rendered when the site is built; ids refer to the scenario.
//! The wire format is postcard: [`Lesson::from_bytes`] reads it, the curriculum compiler writes it.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::assess::Question;
use crate::scenario::{Parts, Scenario, ScenarioError, Spec};
use crate::wire;

/// The version of the format; grows with every change of a type in it, and when a family's words
/// change their places.
const VERSION: u8 = 5;

/// Everything that a lesson page needs beside its HTML.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// The lesson's slug.
    pub slug: String,
    /// The lesson's title, plain text.
    pub title: String,
    /// Its labs in order.
    pub labs: Vec<Lab>,
    /// Its quiz.
    pub questions: Vec<Question>,
}

/// One lab: a scenario and its words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lab {
    /// The lab's id, unique in its lesson.
    pub id: String,
    /// A hash of scenario and revision, as 8 hex digits; links carry it.
    pub digest: String,
    /// The scenario.
    pub scenario: Rc<Scenario>,
    /// The card's heading, plain text.
    pub title: String,
    /// What to look at, plain text.
    pub question: String,
    /// Two or three sentences, inline HTML.
    pub lead: String,
    /// Words for knobs.
    pub knobs: Vec<KnobWords>,
    /// Words for faults.
    pub faults: Vec<Words>,
    /// Words for goals.
    pub goals: Vec<Words>,
    /// Words for predictions.
    pub predictions: Vec<PredictionWords>,
    /// Display names of nodes where they differ from the scenario's: (name, shown).
    pub nodes: Vec<(String, String)>,
    /// Display names of variants: (id, shown).
    pub variants: Vec<(String, String)>,
    /// Hints for a challenge, in steps, inline HTML.
    pub hints: Vec<String>,
    /// The model card.
    pub model: ModelCard,
}

/// A label and a sentence for something with an id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Words {
    /// The id.
    pub id: String,
    /// The label, plain text.
    pub label: String,
    /// A sentence of help, plain text; may be empty.
    pub help: String,
}

/// Words for a knob.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KnobWords {
    /// The knob's id.
    pub id: String,
    /// The label, plain text.
    pub label: String,
    /// A sentence of help, plain text; may be empty.
    pub help: String,
    /// Shown names of choices or ordered things: (id, shown).
    pub choices: Vec<(String, String)>,
    /// Column heads of a table.
    pub columns: Vec<String>,
}

/// Words for a prediction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PredictionWords {
    /// The prediction's id.
    pub id: String,
    /// The question, inline HTML.
    pub ask: String,
    /// The options in the scenario's order.
    pub options: Vec<OptionWords>,
}

/// Words for one option.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OptionWords {
    /// The option's id.
    pub id: String,
    /// The option, inline HTML.
    pub text: String,
    /// Which idea is behind it and what that idea would predict, inline HTML.
    pub why: String,
}

/// What a simulation is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// What behaves as the real thing does; inline HTML.
    pub real: Vec<String>,
    /// What is simplified; inline HTML.
    pub simplified: Vec<String>,
    /// The recordings, closed forms and documents that it was held against; inline HTML.
    pub held_against: Vec<String>,
}

/// Why lesson data cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LessonError {
    /// The bytes are cut short or of another version.
    Unreadable,
}

impl core::fmt::Display for LessonError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(
            "The lesson's data cannot be read: it is cut short or from another version of this site. Reload the page to fetch it again.",
        )
    }
}

impl Lab {
    /// What a world of this lab runs on, with the policies that somebody makes for it. The scenario
    /// was checked when the lesson was compiled.
    ///
    /// # Errors
    /// [`ScenarioError`] when names are missing, as in data of another version.
    pub fn spec(&self, parts: Parts) -> Result<Spec, ScenarioError> {
        Spec::resolve(&self.scenario, parts)
    }
}

impl Lesson {
    /// Reads what [`Lesson::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`LessonError::Unreadable`] when the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LessonError> {
        let (head, body) = bytes.split_first_chunk::<9>().ok_or(LessonError::Unreadable)?;
        if head[0] != VERSION || wire::check(body).to_le_bytes() != head[1..] {
            return Err(LessonError::Unreadable);
        }
        wire::read(body).ok_or(LessonError::Unreadable)
    }

    /// The lesson in its compact form.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Serialising owned plain data into a growing vector has no way to fail.
        let body = postcard::to_allocvec(self).unwrap_or_default();
        let mut bytes = vec![VERSION];
        bytes.extend(wire::check(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// The lab of that id.
    pub fn lab(&self, id: &str) -> Option<&Lab> {
        self.labs.iter().find(|lab| lab.id == id)
    }
}
