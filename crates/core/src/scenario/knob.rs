//! What a learner may turn and break, and what happens by itself.

use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::time::Duration;

/// The value of a knob.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number, in the knob's unit.
    Number(f64),
    /// One of the knob's choices.
    Choice(String),
    /// On or off.
    Toggle(bool),
    /// A line of text.
    Text(String),
    /// Rows of cells.
    Table(Vec<Vec<String>>),
    /// Names in order.
    Order(Vec<String>),
}

/// What kind of control a knob is, its range, and where it stands at first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum KnobKind {
    /// A number on a scale.
    Number {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
        /// The distance between two settings.
        step: f64,
        /// What is counted, such as `req/s`, `ms`, `%`; empty for a bare number.
        unit: String,
        /// Where it stands at first.
        default: f64,
    },
    /// One of several.
    Choice {
        /// The settings.
        of: Vec<String>,
        /// Where it stands at first.
        default: String,
    },
    /// On or off.
    Toggle {
        /// Where it stands at first.
        default: bool,
    },
    /// A line of text.
    Text {
        /// The most characters.
        max: u32,
        /// What stands there at first.
        default: String,
    },
    /// Rows of cells, such as routing rules.
    Table {
        /// How many cells a row has.
        columns: u32,
        /// The most rows.
        max_rows: u32,
        /// What stands there at first.
        default: Vec<Vec<String>>,
    },
    /// The order of named things.
    Order {
        /// The order at first; a setting is a permutation of it.
        default: Vec<String>,
    },
}

impl KnobKind {
    /// Where the knob stands at first.
    pub fn default_value(&self) -> Value {
        match self {
            Self::Number { default, .. } => Value::Number(*default),
            Self::Choice { default, .. } => Value::Choice(default.clone()),
            Self::Toggle { default } => Value::Toggle(*default),
            Self::Text { default, .. } => Value::Text(default.clone()),
            Self::Table { default, .. } => Value::Table(default.clone()),
            Self::Order { default } => Value::Order(default.clone()),
        }
    }

    /// Why a value cannot be taken, in words, or `None` when it can.
    pub fn refuses(&self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Number { min, max, unit, .. }, Value::Number(n)) => (!(n >= min && n <= max))
                .then(|| format!("{} is outside {} to {} {unit}", Decimal(*n), Decimal(*min), Decimal(*max)).trim_end().to_owned()),
            (Self::Choice { of, .. }, Value::Choice(c)) => (!of.contains(c)).then(|| format!("\"{c}\" is none of {}", of.join(", "))),
            (Self::Toggle { .. }, Value::Toggle(_)) => None,
            (Self::Text { max, .. }, Value::Text(t)) => {
                (t.chars().count() > *max as usize).then(|| format!("the text is longer than {max} characters"))
            }
            (Self::Table { columns, max_rows, .. }, Value::Table(rows)) => {
                if rows.len() > *max_rows as usize {
                    Some(format!("{} rows are more than the {max_rows} allowed", rows.len()))
                } else {
                    rows.iter().any(|row| row.len() != *columns as usize).then(|| format!("every row has {columns} cells"))
                }
            }
            (Self::Order { default }, Value::Order(order)) => {
                let times = |names: &[String], name: &String| names.iter().filter(|n| *n == name).count();
                let same = default.len() == order.len() && default.iter().all(|name| times(default, name) == times(order, name));
                (!same).then(|| format!("the order must hold each of {} once", default.join(", ")))
            }
            _ => Some("the value is of another kind than the knob".to_owned()),
        }
    }
}

/// Something a learner may turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Knob {
    /// The knob's id; append-only, links refer to it.
    pub id: String,
    /// What it sets, as `node.field`, `node.pool.field` or `node.stage.field`; see [`super::Target`].
    pub sets: Vec<String>,
    /// What kind of control it is.
    pub kind: KnobKind,
    /// Whether it can only be set before the run begins: turning it starts the run over.
    #[serde(default)]
    pub at_start: bool,
}

/// What a fault does while it is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// The process is gone: open connections are reset, new ones refused.
    Kill {
        /// Which backend.
        node: String,
    },
    /// It takes everything and answers nothing.
    Hang {
        /// Which backend.
        node: String,
    },
    /// It works, but slower.
    Slow {
        /// Which backend.
        node: String,
        /// How many times slower.
        factor: f64,
    },
    /// A link loses messages.
    Lossy {
        /// One end.
        from: String,
        /// The other end.
        to: String,
        /// The share lost, in percent.
        percent: f64,
    },
    /// A server joins every pool that lists it.
    Join {
        /// Which backend.
        node: String,
    },
    /// A server leaves every pool; what it has begun is finished.
    Leave {
        /// Which backend.
        node: String,
    },
    /// A server that answers a share of its requests with 500, and its health checks as before.
    Fail {
        /// Which one.
        node: String,
        /// How many of its answers, in percent.
        percent: f64,
    },
}

/// Something a learner may break, or mend again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The fault's id; append-only.
    pub id: String,
    /// What it does while it is on.
    pub effect: Effect,
}

/// Something done to a running world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionKind {
    /// A knob is turned.
    Set {
        /// Which knob.
        knob: String,
        /// To where.
        to: Value,
    },
    /// A fault is switched.
    Fault {
        /// Which fault.
        id: String,
        /// On or off.
        on: bool,
    },
}

/// An action and the event ordinal at which it was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Taken when this many events had happened.
    pub at: u32,
    /// What was done.
    pub kind: ActionKind,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scripted {
    /// When.
    pub at: Duration,
    /// What.
    #[serde(rename = "do")]
    pub kind: ActionKind,
}

/// Settings of some knobs, run beside others on the same arrivals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The variant's id.
    pub id: String,
    /// What differs from the defaults; applied before the run begins.
    pub set: Vec<ActionKind>,
}
