//! What became of the steps of a test run, and how that is told.

use std::time::Duration;

use serde::Serialize;

use crate::failure::Failure;
use crate::report::{self, Form};

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// What it checks holds.
    Passed,
    /// What it checks does not hold.
    Failed,
    /// Left out on request.
    Skipped,
    /// Not reached, because a step before it failed.
    NotRun,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
            Self::NotRun => "not run",
        }
    }
}

/// One step and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    step: &'static str,
    outcome: Outcome,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Entry {
    /// A step that ran.
    pub(crate) fn ran(step: &'static str, result: Result<(), Failure>, time: Duration) -> Self {
        let why = result.err().map(|failure| failure.to_string());
        Self {
            step,
            outcome: if why.is_none() { Outcome::Passed } else { Outcome::Failed },
            // To the tenth: the summary is for people.
            seconds: (time.as_secs_f64() * 10.0).round() / 10.0,
            why,
        }
    }

    /// A step that did not run.
    pub(crate) fn left(step: &'static str, outcome: Outcome) -> Self {
        Self { step, outcome, seconds: 0.0, why: None }
    }

    /// What became of it.
    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Why it failed, if it did.
    pub(crate) fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }
}

/// All steps and how many passed and failed.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    passed: usize,
    failed: usize,
    steps: Vec<Entry>,
}

impl Summary {
    /// Counts.
    pub(crate) fn new(steps: Vec<Entry>) -> Self {
        let count = |outcome| steps.iter().filter(|step| step.outcome == outcome).count();
        Self { passed: count(Outcome::Passed), failed: count(Outcome::Failed), steps }
    }

    /// Prints the summary; the run has failed when a step has.
    pub(crate) fn show(&self, form: Form) -> Result<(), Failure> {
        form.show(self, &in_words(self));
        match self.failed {
            0 => Ok(()),
            _ => Err(Failure::Reported),
        }
    }
}

fn in_words(summary: &Summary) -> String {
    let row = |entry: &Entry| {
        let time = match entry.outcome {
            Outcome::Passed | Outcome::Failed => format!("{:.1} s", entry.seconds),
            Outcome::Skipped | Outcome::NotRun => String::new(),
        };
        vec![entry.step.to_owned(), entry.outcome.word().to_owned(), time]
    };
    let rows: Vec<Vec<String>> = summary.steps.iter().map(row).collect();
    let table = report::table(&["step", "outcome", "time"], &rows);
    let failures = summary.steps.iter().filter_map(|entry| {
        let why = entry.why.as_ref()?;
        Some(format!("\n{}: {why}\n", entry.step))
    });
    let why: String = failures.collect();
    format!("\n{table}{why}\n{} passed, {} failed\n", summary.passed, summary.failed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Entry, Outcome, Summary, in_words};
    use crate::failure::Failure;

    #[test]
    fn the_last_line_counts() {
        let time = Duration::from_millis(1_240);
        let too_large = Failure::Check("Too large.".to_owned());
        let summary = Summary::new(vec![
            Entry::ran("fmt", Ok(()), time),
            Entry::ran("size", Err(too_large), time),
            Entry::left("browser", Outcome::Skipped),
        ]);
        let text = in_words(&summary);
        assert_eq!(text.lines().last(), Some("1 passed, 1 failed"));
        assert!(text.contains("1.2 s"), "{text}");
        assert!(text.contains("size: Too large."), "{text}");
        assert!(text.contains("browser  skipped\n"), "{text}");
    }
}
