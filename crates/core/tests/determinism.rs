//! Invariant 2: the same (scenario, seed, actions) gives the same fingerprint natively and in Node: both
//! compare with one table, and the browser tests compare Chromium with a native run.
//!
//! The table is made anew, on purpose, by
//! `HOPSCOPE_BLESS=1 cargo test -p hopscope-core --test determinism`.

mod files;
mod runs;

use std::fmt::Write as _;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fingerprints.txt");
const HEAD: &str = "\
# What comes of each scenario on each seed: the fingerprint of its log and how many events it has.
# Made by HOPSCOPE_BLESS=1 cargo test -p hopscope-core --test determinism; a change here wants a reason.
";

/// Every shipped lab, and the tiny scenarios of the tests: name and text, in order of name.
fn scenarios() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |name: &str, folder: &str| {
        for file in files::list(folder) {
            if let Some(id) = file.strip_suffix(".toml") {
                found.push((format!("{name}/{id}"), files::read(&format!("{folder}/{file}"))));
            }
        }
    };
    for slug in files::list(&format!("{ROOT}/lessons")) {
        let labs = format!("{ROOT}/lessons/{slug}/labs");
        if files::exists(&labs) {
            add(&slug, &labs);
        }
    }
    add("tests", &format!("{ROOT}/tests/scenarios"));
    found.sort();
    found
}

fn table() -> String {
    let mut table = HEAD.to_owned();
    for (name, text) in scenarios() {
        let (scenario, spec) = runs::read(&name, &text);
        for seed in 0..runs::SEEDS {
            let run = runs::run(&scenario, &spec, seed);
            let _ = writeln!(table, "{name} {seed} {:016x} {}", run.fingerprint(), run.position());
        }
    }
    table
}

#[test]
fn fingerprints_are_those_of_the_table() {
    let found = table();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("HOPSCOPE_BLESS").is_some() {
        std::fs::write(TABLE, &found).unwrap_or_else(|why| panic!("{TABLE}: {why}"));
    }
    let expected = files::read(TABLE);
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected, "a run has changed. If that is meant, make the table anew as fingerprints.txt says");
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "the table lacks a scenario or has one too many; make it anew");
}

#[test]
fn every_shipped_lab_is_among_them() {
    let names: Vec<String> = scenarios().into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| !name.starts_with("tests/")), "no lab was found under lessons/: {names:?}");
}

#[test]
fn another_seed_is_another_run() {
    let (name, text) = scenarios().swap_remove(0);
    let (scenario, spec) = runs::read(&name, &text);
    let print = |seed| runs::run(&scenario, &spec, seed).fingerprint();
    assert_eq!(print(3), print(3));
    assert_ne!(print(3), print(4));
}
