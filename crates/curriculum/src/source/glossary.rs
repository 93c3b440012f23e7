//! `en/glossary.toml`: one entry for each term that the theory explains.

use schemars::JsonSchema;
use serde::Deserialize;

use super::At;

/// The glossary file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Glossary {
    /// The entries in any order.
    #[serde(default)]
    pub term: Vec<GlossaryTerm>,
}

/// One entry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlossaryTerm {
    /// Stable name, used as the address within the glossary page.
    pub id: At<String>,
    /// The term as the theory writes it in bold.
    pub term: At<String>,
    /// Other forms of the term that the theory may set in bold.
    #[serde(default)]
    pub also: Vec<String>,
    /// The definition in one sentence, inline Markdown.
    pub short: String,
    /// More to say, Markdown.
    #[serde(default)]
    pub long: Option<String>,
}
