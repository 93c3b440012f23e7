//! Where the measured verdicts differ from what they should be: from passing in the `rfc` profile,
//! from the server's own in the others, less what `DIFFERENCES.md` lists with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::Verdicts;
use crate::judge::{Failed, Verdict};
use crate::suite::{Kind, Test};

/// Hundredths of the tests on which a profile gives the verdict of its server.
const ENOUGH: usize = 97;

/// The list as it is read by people.
const LIST: &str = include_str!("DIFFERENCES.md");

fn why(id: &str, failed: &BTreeMap<&str, Option<Failed>>) -> String {
    failed.get(id).and_then(Option::as_ref).map_or_else(|| "passes".into(), |failed| failed.why.clone())
}

/// Required and optimal tests that do not pass.
pub fn of_rfc(tests: &[Test], verdicts: &Verdicts, failed: &BTreeMap<&str, Option<Failed>>) -> Vec<String> {
    let listed = listed("rfc");
    let must = tests.iter().filter(|test| test.kind != Kind::Check && verdicts.get(&test.id).is_some_and(|v| *v != Verdict::Pass));
    must.filter(|test| !listed.contains(test.id.as_str()))
        .map(|test| format!("rfc: {} is {}: {}", test.id, verdicts[&test.id].name(), why(&test.id, failed)))
        .collect()
}

/// Tests on which a server had another verdict, and rows of the list that are no longer true.
pub fn of_server(
    name: &str,
    suite: &Path,
    verdicts: &Verdicts,
    failed: &BTreeMap<&str, Option<Failed>>,
    say: &mut dyn FnMut(&str),
) -> Vec<String> {
    let path = suite.with_file_name(format!("{name}.json"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(why) => return vec![format!("{}: {why}", path.display())],
    };
    let real: Value = match serde_json::from_str(&text) {
        Ok(real) => real,
        Err(why) => return vec![format!("{}: {why}", path.display())],
    };
    let of = |id: &str| real["classification"][id].as_str();
    let compared: Vec<&String> = verdicts.keys().filter(|id| of(id).is_some()).collect();
    let differing: Vec<&String> = compared.iter().copied().filter(|id| of(id) != Some(verdicts[*id].name())).collect();
    let same = compared.len() - differing.len();
    say(&format!("{name}: the verdict of the server on {same} of {}", compared.len()));
    let listed = listed(name);
    let mut wrong: Vec<String> = differing
        .iter()
        .filter(|id| !listed.contains(id.as_str()))
        .map(|id| format!("{name}: {id} is {}, and {} there: {}", verdicts[*id].name(), of(id).unwrap_or("-"), why(id, failed)))
        .collect();
    let gone = listed.iter().filter(|id| verdicts.contains_key(**id) && !differing.iter().any(|d| d == *id));
    wrong.extend(gone.map(|id| format!("{name}: DIFFERENCES.md lists {id}, which is the same")));
    if same * 100 < compared.len() * ENOUGH {
        wrong.push(format!("{name}: {same} of {} are less than {ENOUGH} %", compared.len()));
    }
    wrong
}

/// The tests that the list names for a profile: rows of the table under its heading.
fn listed(name: &str) -> BTreeSet<&'static str> {
    let section = LIST.split("\n## ").find(|section| section.lines().next() == Some(name)).unwrap_or("");
    let row = |line: &'static str| line.strip_prefix("| `")?.split('`').next();
    section.lines().filter_map(row).collect()
}
