//! A decision as a table: every candidate, how it stood, and why the chosen one was chosen.

use crate::policy::balance::PolicyKind;
use crate::policy::decision::{Candidate, Decision, Reason, Score, Standing};
use crate::scenario::Spec;

/// What the score column of a decision holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Turns until it would be its own.
    Turns,
    /// nginx's current weight.
    CurrentWeight,
    /// Active divided by weight.
    ActivePerWeight,
    /// The slots of the hash range that are its own.
    Slots,
    /// Requests under way, with a status where there is one.
    Requests,
    /// Hashes.
    Hash,
    /// Milliseconds.
    Time,
    /// Kilobytes.
    Bytes,
    /// Slots owned.
    Owns,
    /// The order in which candidates were drawn.
    Draws,
    /// Points of the ring between the key and the candidate's next.
    Points,
    /// A drawn number says nothing about a candidate.
    None,
}

/// One candidate, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Requests or connections that it has.
    pub active: u32,
    /// Its weight.
    pub weight: u32,
    /// Its score as text.
    pub score: String,
    /// Whether it could be picked.
    pub standing: Standing,
    /// Whether it was.
    pub chosen: bool,
}

/// Everything that a decision's record says, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Who decided.
    pub at: String,
    /// Who was picked.
    pub chosen: Option<String>,
    /// By which policy.
    pub policy: PolicyKind,
    /// What the scores are.
    pub column: Column,
    /// The candidates.
    pub rows: Vec<Row>,
    /// Candidates that are not shown.
    pub more: u32,
    /// By which rule it fell.
    pub reason: Reason,
    /// One that would have scored better but could not be picked.
    pub passed_over: Option<(String, Standing)>,
}

/// Explains a decision from its own record.
pub fn explain(decision: &Decision, candidates: &[Candidate], spec: &Spec) -> Explanation {
    let name = |c: &Candidate| spec.node(c.node).name.clone();
    let row = |c: &Candidate| Row {
        name: name(c),
        active: c.active,
        weight: c.weight,
        score: score(c.score),
        standing: c.standing,
        chosen: decision.chosen == Some(c.node),
    };
    let chosen = candidates.iter().find(|c| decision.chosen == Some(c.node));
    let better = |c: &&Candidate| c.standing != Standing::Eligible && chosen.is_some_and(|chosen| beats(c.score, chosen.score));
    Explanation {
        at: spec.node(decision.node).name.clone(),
        chosen: decision.chosen.map(|id| spec.node(id).name.clone()),
        policy: decision.policy,
        column: candidates.iter().map(|c| column(c.score)).find(|c| *c != Column::None).unwrap_or(Column::None),
        rows: candidates.iter().map(row).collect(),
        more: decision.more,
        reason: decision.reason,
        passed_over: candidates.iter().find(better).map(|c| (name(c), c.standing)),
    }
}

fn beats(a: Score, b: Score) -> bool {
    match (a, b) {
        (Score::Turns(a), Score::Turns(b)) => a < b,
        (Score::CurrentWeight(a), Score::CurrentWeight(b)) => a > b,
        (Score::ActivePerWeight(a), Score::ActivePerWeight(b)) => a < b,
        (Score::Points(a), Score::Points(b)) | (Score::Requests(a), Score::Requests(b)) => a < b,
        (Score::Busy(a, status), Score::Busy(b, other)) => (a, other) < (b, status),
        (Score::Hash(a), Score::Hash(b)) => a > b,
        (Score::Time(a), Score::Time(b)) | (Score::Bytes(a), Score::Bytes(b)) => a < b,
        _ => false,
    }
}

const fn column(score: Score) -> Column {
    match score {
        Score::Turns(_) => Column::Turns,
        Score::CurrentWeight(_) => Column::CurrentWeight,
        Score::ActivePerWeight(_) => Column::ActivePerWeight,
        Score::Slots(..) => Column::Slots,
        Score::Drawn(_) | Score::NotDrawn | Score::NotAsked => Column::None,
        Score::DrawnAs(_) => Column::Draws,
        Score::Points(_) => Column::Points,
        Score::Requests(_) | Score::Busy(..) => Column::Requests,
        Score::Hash(_) => Column::Hash,
        Score::Owns(_) => Column::Owns,
        Score::Time(_) => Column::Time,
        Score::Bytes(_) => Column::Bytes,
    }
}

fn score(score: Score) -> String {
    match score {
        Score::Turns(0) => "now".to_owned(),
        Score::Turns(u32::MAX) => "later".to_owned(),
        Score::Turns(n) => format!("in {n}"),
        Score::CurrentWeight(w) => w.to_string(),
        Score::ActivePerWeight(n) => format!("{}.{:02}", n / 1_000, n % 1_000 / 10),
        Score::Slots(from, to) if to > from + 1 => format!("{from} to {}", to - 1),
        Score::Slots(from, _) => from.to_string(),
        Score::Drawn(_) | Score::DrawnAs(0) | Score::NotDrawn | Score::NotAsked => String::new(),
        Score::DrawnAs(n) => n.to_string(),
        Score::Points(n) | Score::Requests(n) | Score::Owns(n) => n.to_string(),
        Score::Hash(n) => n.to_string(),
        Score::Time(n) | Score::Bytes(n) => format!("{}.{}", n / 1_000, n % 1_000 / 100),
        Score::Busy(n, status) => format!("{n}, {status}"),
    }
}
