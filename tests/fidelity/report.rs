//! One line per recording, and the same as JSON.

use serde_json::json;

use crate::replay::{Outcome, Status};

/// The table as it is printed.
pub(crate) fn lines(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let Outcome { id, status, matched, total, reason } = outcome;
        let told = match status {
            Status::Ok => "ok".to_owned(),
            Status::Differs => format!("differs  {reason}"),
            Status::Skipped => format!("skipped({reason})"),
        };
        text.push_str(&format!("{id:<46} {matched:>4}/{total:<4}  {told}\n"));
    }
    let count = |status: Status| outcomes.iter().filter(|o| o.status == status).count();
    let held = || outcomes.iter().filter(|o| o.status != Status::Skipped);
    let (matched, total) = (held().map(|o| o.matched).sum::<usize>(), held().map(|o| o.total).sum::<usize>());
    let (ok, differ, skipped) = (count(Status::Ok), count(Status::Differs), count(Status::Skipped));
    text.push_str(&format!("traces: {ok} ok, {differ} differ, {skipped} skipped; decisions: {matched}/{total}\n"));
    text
}

/// The same as JSON.
pub(crate) fn json(outcomes: &[Outcome]) -> String {
    let row = |o: &Outcome| json!({ "id": o.id, "status": o.status.name(), "matched": o.matched, "total": o.total, "reason": o.reason });
    serde_json::to_string_pretty(&outcomes.iter().map(row).collect::<Vec<_>>()).unwrap_or_default()
}
