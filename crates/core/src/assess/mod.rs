//! Questions and their grading.
//!
//! The words come from the lesson, the verdict from here, so that the browser and a checker
//! on a server agree. The answer to a prediction is never in a file: it is read from a run. A
//! generated question is not in a file either: [`Question::posed`] makes it from a seed.

mod family;
mod grade;
mod predict;
mod sound;

pub use family::{Family, Level, Recipe, generate};
pub use grade::{Feedback, Grade, grade};
pub use predict::{Truth, truth};
pub use sound::{flaws, key};

use serde::{Deserialize, Serialize};

/// A quiz question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The question's id, unique in its lesson, append-only.
    pub id: String,
    /// The objective that it examines.
    pub objective: String,
    /// What is asked, inline HTML.
    pub ask: String,
    /// What is given to answer it with, block HTML such as a table; may be empty.
    pub given: String,
    /// One sentence to keep, inline HTML; may be empty.
    pub keep: String,
    /// What is answered and how it is judged.
    pub body: Body,
}

/// The kinds of question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// One of several.
    Single(Vec<Choice>),
    /// Any of several.
    Multiple(Vec<Choice>),
    /// Put in order; listed in the right one.
    Order(Vec<Item>),
    /// Fill the blanks of a text.
    Fill {
        /// The text in pieces, inline HTML; blank `i` stands after piece `i`.
        pieces: Vec<String>,
        /// The blanks in order.
        blanks: Vec<Blank>,
    },
    /// Join left to right; listed as they belong.
    Match(Vec<Pair>),
    /// A number.
    Numeric(Numeric),
    /// What a lab will do: the id of the lab and of its prediction.
    Predict {
        /// The lab.
        lab: String,
        /// The prediction; options and their reasons are the lab's.
        prediction: String,
    },
    /// Made from a seed when it is asked, see [`Question::posed`]; nobody sees it as it stands.
    Generated {
        /// What to make.
        recipe: Recipe,
        /// The family's words by place, see [`Family::words`].
        words: Vec<String>,
    },
}

/// An option of a choice question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The option's id.
    pub id: String,
    /// The option, inline HTML.
    pub text: String,
    /// The idea behind it and what that idea would predict, inline HTML.
    pub why: String,
    /// Whether it is right.
    pub correct: bool,
}

/// A thing to put in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The item's id.
    pub id: String,
    /// The item, inline HTML.
    pub text: String,
    /// Why it stands where it stands, inline HTML.
    pub why: String,
}

/// A blank in a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blank {
    /// The blank's id.
    pub id: String,
    /// What is right; compared without case and outer spaces.
    pub accept: Vec<String>,
    /// Why it is right, inline HTML.
    pub why: String,
    /// Known wrong answers and what is behind them.
    pub wrong: Vec<(Vec<String>, String)>,
    /// What is said to any other answer, inline HTML.
    pub otherwise: String,
}

/// A pair to join.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The pair's id.
    pub id: String,
    /// The left side, inline HTML.
    pub left: String,
    /// The right side, inline HTML.
    pub right: String,
    /// Why they belong together, inline HTML.
    pub why: String,
}

/// A question whose answer is a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numeric {
    /// The right value, in `unit`.
    pub answer: f64,
    /// How far off is still right, in `unit`.
    pub tolerance: f64,
    /// The unit shown beside the field; may be empty.
    pub unit: String,
    /// Why it is right, inline HTML.
    pub why: String,
    /// Known wrong values: (value, tolerance, what is behind it).
    pub wrong: Vec<(f64, f64, String)>,
    /// What is said to any other value, inline HTML.
    pub otherwise: String,
}

/// What a learner answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// The ids of the chosen options (one for a single choice or a prediction).
    Chosen(Vec<String>),
    /// The ids of the items in the learner's order.
    Ordered(Vec<String>),
    /// What was written into the blanks, in order.
    Filled(Vec<String>),
    /// For each pair in order, the id of the pair whose right side was joined to it.
    Matched(Vec<String>),
    /// What was written as a number.
    Number(String),
}
