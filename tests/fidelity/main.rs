//! What real servers decided, decided again by the model.
//!
//! `HOPSCOPE_TRACES` names another folder of recordings, `HOPSCOPE_TRACES_REPORT` a file for the
//! table as JSON.

mod apache;
mod append;
mod cache;
mod caddy;
mod config;
mod drawn;
mod envoy;
mod fields;
mod haproxy;
mod nginx;
mod policies;
mod pool;
mod probe;
mod replay;
mod report;
mod statistics;
mod store;
mod throttle;
mod trace;
mod varnish;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use replay::{Family, Status};

/// Who replays what: each server has a file and a table of its own.
const FAMILIES: &[&[Family]] = &[
    haproxy::FAMILIES,
    nginx::FAMILIES,
    append::FAMILIES,
    store::FAMILIES,
    throttle::FAMILIES,
    varnish::FAMILIES,
    probe::FAMILIES,
    apache::FAMILIES,
    caddy::FAMILIES,
    envoy::FAMILIES,
    cache::FAMILIES,
];

/// A path that is not absolute begins at the workspace, wherever the test runs.
fn here(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn the_model_decides_as_the_servers_did() {
    let folder = std::env::var_os("HOPSCOPE_TRACES").map_or_else(|| here("tests/fidelity/traces"), here);
    let recordings = trace::read_all(&folder).unwrap_or_else(|why| panic!("{why}"));
    assert!(!recordings.is_empty(), "{} holds no recording", folder.display());
    let families: Vec<&Family> = FAMILIES.iter().copied().flatten().collect();
    let outcomes: Vec<_> = recordings.iter().map(|recording| replay::judge(recording, &families)).collect();
    // Past the harness, which would keep the table of a test that passes to itself.
    let _ = std::io::stdout().write_all(report::lines(&outcomes).as_bytes());
    if let Some(path) = std::env::var_os("HOPSCOPE_TRACES_REPORT").map(here) {
        std::fs::write(&path, report::json(&outcomes)).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    }
    // Other recordings than ours have other names.
    if std::env::var_os("HOPSCOPE_TRACES").is_none() {
        assert_eq!(policies::wrong(&outcomes), Vec::<String>::new(), "POLICIES.md says otherwise");
    }
    let differ = outcomes.iter().filter(|o| o.status == Status::Differs).count();
    assert_eq!(differ, 0, "recordings from which the model differs; the table above says where");
}
