//! The tables of `POLICIES.md`: what each policy, and each rule about connections, headers, health,
//! stores, limits and caches, was held against.

use std::collections::BTreeSet;

use hopscope_core::policy::balance::PolicyKind;

use crate::replay::{Outcome, Status};

const TABLE: &str = include_str!("POLICIES.md");

/// The policy or rule, and the recordings, of each row of one table.
fn rows_of(table: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")).skip(1);
    let row = |line: &'static str| {
        let mut cells = line.split(" | ");
        let policy = cells.next()?.trim_matches('`');
        Some((policy, cells.nth(1)?.split('`').skip(1).step_by(2).collect()))
    };
    cells.filter_map(row).collect()
}

/// The tables: policies first.
fn tables() -> impl Iterator<Item = &'static str> {
    TABLE.split("\n## ")
}

/// Whether a name is one of a pattern's, in which `*` stands for any letters.
fn fits(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// What in the table is not so, one line each.
pub(crate) fn wrong(outcomes: &[Outcome]) -> Vec<String> {
    let rows: Vec<_> = tables().flat_map(rows_of).collect();
    let named = |name: &str| rows.iter().any(|(_, patterns)| patterns.iter().any(|pattern| fits(pattern, name)));
    let nameless = outcomes.iter().filter(|o| o.status == Status::Ok && !named(&o.id));
    let mut wrong: Vec<String> = nameless.map(|o| format!("{} agrees and stands in no row", o.id)).collect();
    for pattern in rows.iter().flat_map(|(_, patterns)| patterns) {
        let mut found = outcomes.iter().filter(|o| fits(pattern, &o.id)).peekable();
        if found.peek().is_none() {
            wrong.push(format!("no recording is called {pattern}"));
        }
        wrong.extend(found.filter(|o| o.status != Status::Ok).map(|o| format!("{} stands in the table and was not matched", o.id)));
    }
    wrong
}

#[test]
fn every_policy_has_one_row() {
    let name = |kind: &PolicyKind| serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    let all: BTreeSet<String> = PolicyKind::ALL.iter().map(name).collect();
    let rows: Vec<String> =
        tables().next().into_iter().flat_map(rows_of).map(|(policy, _)| policy.to_owned()).filter(|policy| policy != "–").collect();
    assert_eq!(rows.len(), all.len(), "as many rows as policies");
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), all);
}

#[test]
fn every_table_has_rows() {
    let filled = tables().filter(|table| !rows_of(table).is_empty()).count();
    assert_eq!(filled, 6, "policies; connections and headers; health; stores; limits; caches");
}
