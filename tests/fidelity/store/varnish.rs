//! Varnish's `malloc` storage: objects that are nuked, the least recently used first.

use hopscope_core::policy::cache::store::{Rules, varnish_head};
use hopscope_core::time::Duration;

use super::lookups;
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// One bounded storage, and nothing but sizes.
pub(crate) const FAMILY: Family = Family { name: "Varnish LRU", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("varnish") && trace.config["argv"].is_array() && lookups::told(trace)
}

/// What stands behind each `-s`, or each `-p`.
fn options<'a>(argv: &[&'a str], name: &str) -> Vec<&'a str> {
    argv.windows(2).filter(|pair| pair[0] == name).map(|pair| pair[1]).collect()
}

/// A size such as `2M` (`VNUM_2bytes`).
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim_end_matches(['b', 'B']);
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[number.len()..].to_ascii_lowercase().as_str() {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return None,
    };
    Some((number.parse::<f64>().ok()? * (1u64 << unit) as f64) as u64)
}

fn rules(argv: &[&str]) -> Result<Rules, String> {
    let storages = options(argv, "-s");
    let storage = storages.iter().map(|text| text.split_once('=').map_or(*text, |(_, storage)| storage)).collect::<Vec<_>>();
    let [storage] = storage[..] else { return Err("not modelled yet: several storages, or the default one".into()) };
    let (kind, size) = storage.split_once(',').unwrap_or((storage, ""));
    if kind != "malloc" {
        return Err(format!("not modelled yet: storage {kind}"));
    }
    let capacity = if size.is_empty() { u64::MAX / 2 } else { bytes(size).ok_or("the storage has no size")? };
    let parameters = options(argv, "-p");
    let parameter = |name: &str, default: f64| {
        let value = parameters.iter().filter_map(|text| text.split_once('=')).rfind(|(key, _)| *key == name);
        value.map_or(Ok(default), |(_, value)| value.trim_end_matches('s').parse().map_err(|_| format!("{name} is no number")))
    };
    let interval = Duration::from_micros_f64(parameter("lru_interval", 2.0)? * 1e6);
    Ok(Rules::varnish(capacity, interval, parameter("nuke_limit", 50.0)? as u32))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let argv: Vec<&str> = trace.config["argv"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
    let head = |size| varnish_head(lookups::fields(size).iter().map(|line| line.len() as u64));
    let hits = lookups::hits(trace, rules(&argv)?, head);
    Ok(hits.into_iter().map(|hit| Expect::Is(lookups::decision(hit))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read() {
        let rules = rules(&["-s", "s0=malloc,1.5M", "-p", "lru_interval=3", "-p", "nuke_limit=7"]);
        assert_eq!(rules, Ok(Rules::varnish(1_572_864, Duration::from_secs(3), 7)));
        assert_eq!(super::rules(&["-s", "malloc,10k"]), Ok(Rules::varnish(10_240, Duration::from_secs(2), 50)));
        assert!(super::rules(&["-s", "file,/tmp/x,1G"]).is_err());
        assert!(super::rules(&[]).is_err());
    }
}
