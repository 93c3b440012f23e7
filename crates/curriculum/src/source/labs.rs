//! `en/labs.toml`: the words of a lesson's labs, by the ids of their scenarios.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::At;

/// The words of every lab of a lesson, by lab id.
pub type LabsWords = BTreeMap<At<String>, LabWords>;

/// The words of one lab.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabWords {
    /// Heading of the card.
    pub title: String,
    /// The question the lab answers; it says what to look at.
    pub question: String,
    /// Two or three sentences, inline Markdown.
    pub lead: String,
    /// Display names of nodes, by node name.
    #[serde(default)]
    pub nodes: BTreeMap<At<String>, String>,
    /// Words of the knobs.
    #[serde(default)]
    pub knobs: BTreeMap<At<String>, KnobWords>,
    /// Words of the faults.
    #[serde(default)]
    pub faults: BTreeMap<At<String>, ActionWords>,
    /// Words of the goals.
    #[serde(default)]
    pub goals: BTreeMap<At<String>, ActionWords>,
    /// Words of the predictions.
    #[serde(default)]
    pub predictions: BTreeMap<At<String>, PredictionWords>,
    /// Hints, shown one at a time.
    #[serde(default)]
    pub hints: Vec<Hint>,
    /// What the simulation keeps of the real thing.
    #[serde(default)]
    pub model: ModelCard,
    /// Names of the compared variants.
    #[serde(default)]
    pub variants: BTreeMap<At<String>, String>,
}

/// Words of one knob.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnobWords {
    /// Short name.
    pub label: String,
    /// One sentence.
    #[serde(default)]
    pub help: Option<String>,
    /// Display names of a choice knob's choices.
    #[serde(default)]
    pub choices: BTreeMap<At<String>, String>,
    /// Column headings of a table knob.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// Words of a fault or a goal.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionWords {
    /// Short name.
    pub label: String,
    /// One sentence.
    #[serde(default)]
    pub help: Option<String>,
}

/// Words of a prediction.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictionWords {
    /// The question, inline Markdown.
    pub ask: String,
    /// The options, by id.
    pub options: BTreeMap<At<String>, OptionWords>,
}

/// Words of one option of a prediction.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionWords {
    /// The answer offered, inline Markdown.
    pub text: String,
    /// What who picks it believes, and what really happens.
    #[serde(default)]
    #[schemars(required)]
    pub why: Option<String>,
}

/// One hint.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// Inline Markdown.
    pub text: String,
}

/// What is real in a simulation, what is simplified, and what it was held against.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// What behaves as in production.
    #[serde(default)]
    pub real: Vec<String>,
    /// What is left out or made simpler.
    #[serde(default)]
    pub simplified: Vec<String>,
    /// Formulas and traces that the model was compared with.
    #[serde(default)]
    pub held_against: Vec<String>,
}
