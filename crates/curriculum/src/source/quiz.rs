//! `en/quiz.toml`: questions with a reason for every answer one may give.

use hopscope_core::assess::{Family, Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;

/// The quiz file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    /// At least eight written questions of at least four kinds, and two families of generated ones.
    pub question: Vec<Question>,
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One of the options is right.
    Single,
    /// Some of the options are right.
    Multiple,
    /// The items are put in order.
    Order,
    /// Blanks in a sentence are filled in.
    Fill,
    /// Left sides are matched with right sides.
    Match,
    /// A number is typed.
    Numeric,
    /// A lab runs and its result is the answer.
    Predict,
    /// The core makes the question from a seed, and grades it.
    Generated,
}

impl Kind {
    /// The word used in the file.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Single => "single",
            Kind::Multiple => "multiple",
            Kind::Order => "order",
            Kind::Fill => "fill",
            Kind::Match => "match",
            Kind::Numeric => "numeric",
            Kind::Predict => "predict",
            Kind::Generated => "generated",
        }
    }
}

/// One question. Which fields it needs depends on its kind.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Stable name.
    pub id: At<String>,
    /// The objective it tests.
    pub objective: At<String>,
    /// How it is answered.
    pub kind: At<Kind>,
    /// The question, inline Markdown. A predict question may leave it to its lab; a generated one brings its own.
    #[serde(default)]
    pub ask: Option<String>,
    /// What is worth keeping, in one sentence. A generated question brings one of its own.
    #[serde(default)]
    pub keep: Option<String>,
    /// Options (single, multiple).
    #[serde(default)]
    pub options: Option<Vec<Choice>>,
    /// Items in the right order (order).
    #[serde(default)]
    pub items: Option<Vec<Item>>,
    /// Sentence with `{id}` for each blank (fill).
    #[serde(default)]
    pub text: Option<String>,
    /// The blanks (fill).
    #[serde(default)]
    pub blank: Option<Vec<Blank>>,
    /// The pairs (match).
    #[serde(default)]
    pub pairs: Option<Vec<Pair>>,
    /// The right number (numeric).
    #[serde(default)]
    pub answer: Option<f64>,
    /// How far off still counts (numeric).
    #[serde(default)]
    pub tolerance: Option<f64>,
    /// Unit shown after the input (numeric).
    #[serde(default)]
    pub unit: Option<String>,
    /// Why the number is right (numeric).
    #[serde(default)]
    pub why: Option<String>,
    /// What to say about any other number (numeric).
    #[serde(default)]
    pub otherwise: Option<String>,
    /// Wrong numbers that a known misconception leads to (numeric).
    #[serde(default)]
    pub wrong: Option<Vec<WrongNumber>>,
    /// The lab that is run (predict).
    #[serde(default)]
    pub lab: Option<At<String>>,
    /// The prediction of that lab (predict).
    #[serde(default)]
    pub prediction: Option<At<String>>,
    /// What is asked about (generated).
    #[serde(default)]
    pub family: Option<At<Family>>,
    /// The form that the family is held to; without it the seed picks one (generated). `next_backend`: `round_robin`,
    /// `weighted_round_robin`, `least_conn`, `ip_hash`. `keys_moved`: `modulo`, `consistent`. `detection_time`: `worst`,
    /// `best`. `freshness`: `lifetime`, `directive`. `littles_law`: `in_use`, `kept_open`. `message_order`: `handshake`,
    /// `reuse`, `proxy`. `sessions_lost`: `cookie`, `ring`, `modulo`, `store`. `session_server`: `cookie`, `table`.
    #[serde(default)]
    pub form: Option<At<String>>,
    /// How much is asked for; `plain` when it is not said (generated).
    #[serde(default)]
    pub level: Option<Level>,
}

/// An option of a single or multiple choice question.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stable name.
    pub id: At<String>,
    /// Inline Markdown.
    pub text: String,
    /// The misconception behind it and what it would predict, or why it is right.
    #[serde(default)]
    #[schemars(required)]
    pub why: Option<String>,
    /// Whether it is right.
    #[serde(default)]
    pub correct: bool,
}

/// An item to put in order.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stable name.
    pub id: At<String>,
    /// Inline Markdown.
    pub text: String,
    /// Why it stands where it stands.
    #[serde(default)]
    #[schemars(required)]
    pub why: Option<String>,
}

/// A pair to match.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Stable name.
    pub id: At<String>,
    /// Left side, inline Markdown.
    pub left: String,
    /// Right side, inline Markdown.
    pub right: String,
    /// Why the two belong together.
    #[serde(default)]
    #[schemars(required)]
    pub why: Option<String>,
}

/// A blank of a fill question.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blank {
    /// Name used as `{id}` in the text.
    pub id: At<String>,
    /// Answers that count as right, compared without case and outer blanks.
    pub accept: Vec<String>,
    /// Why that is right.
    #[serde(default)]
    #[schemars(required)]
    pub why: Option<String>,
    /// What to say about any other answer.
    #[serde(default)]
    #[schemars(required)]
    pub otherwise: Option<String>,
    /// Wrong answers that a known misconception leads to.
    #[serde(default)]
    pub wrong: Vec<WrongText>,
}

/// A wrong answer to a blank, with its reason.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongText {
    /// Answers this is about.
    pub accept: Vec<String>,
    /// The misconception behind them.
    pub why: String,
}

/// A wrong number, with its reason.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongNumber {
    /// The number.
    pub value: f64,
    /// How far off still counts as this one.
    #[serde(default)]
    pub tolerance: f64,
    /// The misconception behind it.
    pub why: String,
}
