//! `en/recall.toml`: open questions to answer aloud before looking.

use schemars::JsonSchema;
use serde::Deserialize;

use super::At;

/// The recall file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// Three to five questions.
    pub question: Vec<RecallQuestion>,
}

/// One open question.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecallQuestion {
    /// Stable name.
    pub id: At<String>,
    /// The question, inline Markdown.
    pub ask: String,
    /// A model answer, Markdown.
    pub answer: String,
}
