//! `lesson.toml` (no language in it) and `en/lesson.toml` (its words).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::At;

/// What a lesson consists of.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// Ids of the labs in their order.
    pub labs: Vec<At<String>>,
    /// Ids of the objectives in their order.
    pub objectives: Vec<At<String>>,
    /// Name of the picture on the course map.
    pub pictogram: At<String>,
}

/// A lesson's title and objectives in one language.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LessonWords {
    /// Heading of the page.
    pub title: String,
    /// What it is about in up to six words.
    pub tagline: String,
    /// Paragraph under the title, inline Markdown.
    pub lead: String,
    /// What a learner can do afterwards, by objective id, inline Markdown.
    pub objectives: BTreeMap<At<String>, String>,
}
