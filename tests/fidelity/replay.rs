//! How a family of recordings is replayed, and how what comes of it is held against the recording.

use serde_json::Value;

use crate::trace::{Recording, Trace};

/// What the model says about one step.
pub(crate) enum Expect {
    /// Nothing: right where the recording has no decision either.
    Nothing,
    /// The decision has these fields with these values. Every field that the recording has must
    /// be here or in [`Family::leaves`].
    Is(Value),
    /// The same, for servers whose recordings do not tell every field each time: what the
    /// recording does not have is not compared.
    Covers(Value),
    /// The decision holds up to a check of its own: a count within its interval, a time within
    /// its tolerance. The error says what does not hold.
    Holds(Check),
}

/// A check of a recorded decision.
pub(crate) type Check = Box<dyn Fn(&Value) -> Result<(), String>>;

/// A kind of recording that can be replayed.
pub(crate) struct Family {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether a recording is one of them, by its system, configuration and setup and never by
    /// the numbers in its name: other recordings of the same family have others.
    pub(crate) fits: fn(&Trace) -> bool,
    /// What the model says, for each step in order. `Err` is the reason why it cannot be replayed.
    pub(crate) replay: fn(&Trace) -> Result<Vec<Expect>, String>,
    /// Fields of a decision that the model does not speak of, such as a body.
    pub(crate) leaves: &'static [&'static str],
}

/// What came of one recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    Differs,
    Skipped,
}

impl Status {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Differs => "differs",
            Self::Skipped => "skipped",
        }
    }
}

/// What came of one recording, with its numbers.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) matched: usize,
    pub(crate) total: usize,
    /// Why it was skipped, or the first step that differs.
    pub(crate) reason: String,
}

/// Replays a recording by the first family that it fits.
pub(crate) fn judge(recording: &Recording, families: &[&Family]) -> Outcome {
    let trace = &recording.trace;
    let total = recording.decided.iter().filter(|d| !d.is_null()).count();
    // A line is a line, whatever stands in a recording.
    let outcome = |status, matched, reason: String| {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        Outcome { id: trace.id.clone(), status, matched, total, reason }
    };
    let Some(family) = families.iter().find(|family| (family.fits)(trace)) else {
        return outcome(Status::Skipped, 0, format!("not modelled yet: {}, {}", trace.system, trace.feature));
    };
    let expected = match (family.replay)(trace) {
        Ok(expected) => expected,
        Err(why) => return outcome(Status::Skipped, 0, why),
    };
    if expected.len() != trace.steps.len() {
        let why = format!("{} answered {} of {} steps", family.name, expected.len(), trace.steps.len());
        return outcome(Status::Differs, 0, why);
    }
    let mut matched = 0;
    let mut first = None;
    for ((step, expect), decided) in trace.steps.iter().zip(&expected).zip(&recording.decided) {
        match compare(expect, decided, family.leaves) {
            Ok(()) if decided.is_null() => {}
            Ok(()) => matched += 1,
            Err(why) => {
                first.get_or_insert_with(|| format!("seq {} ({}): {why}", step.seq, step.kind));
            }
        }
    }
    match first {
        None => outcome(Status::Ok, matched, String::new()),
        Some(why) => outcome(Status::Differs, matched, why),
    }
}

fn compare(expect: &Expect, decided: &Value, leaves: &[&str]) -> Result<(), String> {
    match expect {
        Expect::Nothing if decided.is_null() => Ok(()),
        Expect::Nothing => Err(format!("the model says nothing, the recording {decided}")),
        Expect::Holds(check) => check(decided),
        Expect::Is(fields) => {
            let told = fields.as_object().into_iter().flatten().map(|(name, _)| name);
            let recorded = decided.as_object().into_iter().flatten().map(|(name, _)| name);
            same(fields, decided, leaves, told.chain(recorded))
        }
        Expect::Covers(fields) => same(fields, decided, leaves, decided.as_object().into_iter().flatten().map(|(name, _)| name)),
    }
}

fn same<'a>(fields: &Value, decided: &Value, leaves: &[&str], names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    for name in names.filter(|name| !leaves.contains(&name.as_str())) {
        let (here, there) = (&fields[name], &decided[name]);
        if here != there && listed(here) != listed(there) {
            return Err(format!("{name} is {here} here and {there} in the recording"));
        }
    }
    Ok(())
}

/// Some recordings have a list as nginx writes it, with commas.
fn listed(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(listed).collect::<Vec<_>>().join(", "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Expect, compare};

    #[test]
    fn a_field_that_nobody_spoke_of_is_a_difference() {
        let decided = json!({ "backend": "b1", "status": 200 });
        let is = |fields| compare(&Expect::Is(fields), &decided, &["body"]).is_ok();
        assert!(is(json!({ "backend": "b1", "status": 200 })));
        assert!(!is(json!({ "backend": "b1" })));
        assert!(!is(json!({ "backend": "b2", "status": 200 })));
        assert!(!is(json!({ "backend": "b1", "status": 200, "age": 3 })));
        assert!(compare(&Expect::Covers(json!({ "backend": "b1", "status": 200, "age": 3 })), &decided, &[]).is_ok());
        assert!(compare(&Expect::Covers(json!({ "backend": "b1" })), &decided, &[]).is_err());
        assert!(compare(&Expect::Nothing, &decided, &[]).is_err());
        assert!(compare(&Expect::Holds(Box::new(|_| Err("no".into()))), &decided, &[]).is_err());
    }
}
