//! What holds for every scenario, whatever is done to it while it runs.

mod any;
mod cache_fields;
mod cache_semantics;
mod certificate;
mod certificate_limits;
mod connections;
mod conservation;
mod decisions;
mod detection;
mod families;
mod keys;
mod limits;
mod links;
mod pool;
mod sticky;
mod store;
mod time_travel;

use proptest::test_runner::{Config, RngSeed};

/// The same cases in every run, so that a red test is red for everybody. `PROPTEST_CASES` asks
/// for more of them, `PROPTEST_RNG_SEED` for others.
fn config(cases: u32) -> Config {
    let chosen = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    Config {
        cases: chosen("PROPTEST_CASES").map_or(cases, |n: u64| n as u32),
        rng_seed: RngSeed::Fixed(chosen("PROPTEST_RNG_SEED").unwrap_or(2)),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}
