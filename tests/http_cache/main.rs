//! The cache against the conformance suite http-tests/cache-tests, and against what nginx, Varnish
//! and Squid did with it.
//!
//! `HOPSCOPE_CACHE_TESTS` names the suite's `tests.json`; what the servers did lies beside it.
//! `HOPSCOPE_CACHE_TESTS_REPORT` names a file for the verdicts as JSON. Nothing of the suite is
//! copied here, so without the variable there is nothing to do.

mod differences;
mod judge;
mod run;
mod suite;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use hopscope_core::policy::cache::Profile;
use judge::{Failed, Verdict};
use suite::Test;

/// The verdicts of one profile by test.
type Verdicts = BTreeMap<String, Verdict>;

/// A path that is not absolute begins at the workspace, wherever the test runs.
fn here(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Past the harness, which would keep the words of a test that passes to itself.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[test]
fn the_cache_conforms_and_errs_as_servers_do() {
    let Some(path) = std::env::var_os("HOPSCOPE_CACHE_TESTS").map(here) else {
        return say("SKIPPED: HOPSCOPE_CACHE_TESTS does not name the tests.json of the conformance suite");
    };
    let tests = suite::read(&path).unwrap_or_else(|why| panic!("{why}"));
    assert!(!tests.is_empty(), "{} holds no test", path.display());
    let profiles = [("rfc", Profile::rfc()), ("nginx", Profile::nginx()), ("varnish", Profile::varnish()), ("squid", Profile::squid())];
    let mut report: BTreeMap<&str, Verdicts> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, profile) in &profiles {
        let failed: BTreeMap<&str, Option<Failed>> =
            of_proxies(&tests).map(|(i, test)| (test.id.as_str(), judged(profile, test, i))).collect();
        let verdicts = judge::verdicts(&tests, &failed);
        say(&summary(name, &verdicts));
        if *name == "rfc" {
            wrong.extend(differences::of_rfc(&tests, &verdicts, &failed));
        } else {
            wrong.extend(differences::of_server(name, &path, &verdicts, &failed, &mut say));
        }
        report.insert(name, verdicts);
    }
    if let Some(path) = std::env::var_os("HOPSCOPE_CACHE_TESTS_REPORT").map(here) {
        std::fs::write(&path, json(&report)).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn of_proxies(tests: &[Test]) -> impl Iterator<Item = (usize, &Test)> {
    tests.iter().enumerate().filter(|(_, test)| !test.browser_only)
}

fn judged(profile: &Profile, test: &Test, number: usize) -> Option<Failed> {
    judge::check(test, &run::run(profile, test, number))
}

fn summary(name: &str, verdicts: &Verdicts) -> String {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for verdict in verdicts.values() {
        *counts.entry(*verdict).or_default() += 1;
    }
    let list: Vec<String> = counts.iter().map(|(verdict, n)| format!("{n} {}", verdict.name())).collect();
    format!("{name}: {}", list.join(", "))
}

fn json(report: &BTreeMap<&str, Verdicts>) -> String {
    let names = |verdicts: &Verdicts| verdicts.iter().map(|(id, v)| (id.clone(), v.name())).collect::<BTreeMap<_, _>>();
    let report: BTreeMap<&str, BTreeMap<String, &str>> = report.iter().map(|(name, verdicts)| (*name, names(verdicts))).collect();
    serde_json::to_string_pretty(&report).unwrap_or_default()
}
