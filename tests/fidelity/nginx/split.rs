//! `split_clients`.

use hopscope_core::policy::balance::nginx::Split;
use serde_json::json;

use crate::config::nginx;
use crate::pool::text;
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// Which part each key falls into.
pub(crate) const FAMILY: Family = Family { name: "nginx split_clients", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("nginx") && trace.config.as_str().is_some_and(|text| nginx::read(text).has("split_clients"))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let config = nginx::read(trace.config.as_str().unwrap_or_default());
    let block = config.find("split_clients").ok_or("its configuration has no split_clients block")?;
    let split = Split::new(block.inside.iter().map(|part| hundredths(part.name())));
    let variant = |key: &str| split.part_of(key.as_bytes()).and_then(|part| block.inside[part].args().first());
    Ok(trace.steps.iter().map(|step| Expect::Is(json!({ "variant": variant(text(&step.request, "key")) }))).collect())
}

/// `0.5%` in hundredths of a percent; `None` for `*`.
fn hundredths(percent: &str) -> Option<u32> {
    let number = percent.strip_suffix('%')?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits: String = part.chars().chain("00".chars()).take(2).collect();
    format!("{whole}{digits}").parse().ok()
}
