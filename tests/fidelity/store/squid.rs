//! Squid's memory cache: `cache_mem` and `memory_replacement_policy`.
//!
//! Squid makes room once in a second of its clock. When a second begins is not recorded, so the
//! model runs once for every way in which seconds can part the requests (and in which the unknown
//! header of the origin can fill a page), and what is recorded must be one of those runs, from the
//! first request to the last.

use std::cell::RefCell;
use std::rc::Rc;

use hopscope_core::policy::cache::store::{Order, Rules, Size, Unit};
use hopscope_core::time::Duration;
use serde_json::Value;

use super::lookups;
use crate::pool;
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// Objects in memory only.
pub(crate) const FAMILY: Family = Family { name: "Squid memory cache", fits, replay, leaves: &[] };

/// Some day on which Squid ran, in microseconds: it takes part in keys of GDSF, where one day is as
/// good as another.
const DAY: u64 = 1_700_000_000_000_000;

/// How long the header of an ordinary answer may be, in bytes.
const ORDINARY: core::ops::RangeInclusive<u64> = 60..=400;

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("squid") && lookups::told(trace)
}

/// What stands behind a directive's name, the last time that it does.
fn directive<'a>(config: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let words = config.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.filter(|words| words.first() == Some(&name)).map(|words| words[1..].to_vec()).next_back()
}

/// A size such as `2 MB`.
fn size(config: &str, name: &str, default: u64) -> Result<u64, String> {
    let Some(words) = directive(config, name) else { return Ok(default) };
    let bytes = |number: &str, unit: u64| number.parse::<f64>().map(|number| (number * unit as f64) as u64).map_err(|why| why.to_string());
    match words[..] {
        [number] | [number, "bytes"] => bytes(number, 1),
        [number, "KB"] => bytes(number, 1 << 10),
        [number, "MB"] => bytes(number, 1 << 20),
        [number, "GB"] => bytes(number, 1 << 30),
        _ => Err(format!("{name} is no size")),
    }
}

fn rules(config: &str) -> Result<Rules, String> {
    if directive(config, "cache_dir").is_some() {
        return Err("not modelled yet: a memory cache beside a disk".into());
    }
    if directive(config, "workers").is_some_and(|words| words != ["1"])
        || directive(config, "memory_cache_shared").is_some_and(|words| words == ["on"])
    {
        return Err("not modelled yet: a memory cache that several workers share".into());
    }
    let order = match directive(config, "memory_replacement_policy").as_deref() {
        None | Some(["lru"]) => Order::Lru { interval: Duration::ZERO },
        Some(["heap", "LFUDA"]) => Order::Lfuda,
        Some(["heap", "GDSF"]) => Order::GdsfUnsized,
        Some(["heap", ..]) => Order::HeapLru,
        Some(other) => return Err(format!("not modelled yet: memory_replacement_policy {}", other.join(" "))),
    };
    let memory = size(config, "cache_mem", 256 << 20)?;
    Ok(Rules::squid(memory, order, size(config, "maximum_object_size_in_memory", 512 << 10)?, DAY))
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let rules = rules(trace.config.as_str().unwrap_or_default())?;
    // A second begins just as a request comes, or nothing changes.
    let second = 1_000_000;
    let mut begins: Vec<u64> = trace.steps.iter().map(|step| (second - pool::moment(step).as_micros() % second) % second).collect();
    begins.sort_unstable();
    begins.dedup();
    let mut runs = Vec::new();
    for head in heads(trace) {
        runs.extend(begins.iter().map(|begin| lookups::hits(trace, Rules { wall: DAY + begin, ..rules }, |_| head)));
    }
    let open = Rc::new(RefCell::new(runs));
    let expect = |n: usize| {
        let open = Rc::clone(&open);
        Expect::Holds(Box::new(move |decided| narrow(&mut open.borrow_mut(), n, decided)))
    };
    Ok((0..trace.steps.len()).map(expect).collect())
}

/// The origin's header is not recorded. Of the lengths that an ordinary one may have, one for each way
/// in which it makes objects a page longer.
fn heads(trace: &Trace) -> Vec<u64> {
    let pages = |head: u64| {
        let sizes = trace.steps.iter().filter_map(|step| step.request["size"].as_u64());
        sizes.map(|body| Unit::Pages.cost(Size { head, body })).collect::<Vec<_>>()
    };
    let mut heads: Vec<u64> = ORDINARY.collect();
    heads.dedup_by_key(|head| pages(*head));
    heads
}

/// Leaves the runs that agree, at least one.
fn narrow(open: &mut Vec<Vec<bool>>, n: usize, decided: &Value) -> Result<(), String> {
    let agrees = |run: &Vec<bool>| lookups::decision(run[n]) == *decided;
    if !open.iter().any(agrees) {
        let told: Vec<_> = open.first().into_iter().map(|run| lookups::decision(run[n])).collect();
        return Err(format!("none of {} runs has {decided}; the first has {told:?}", open.len()));
    }
    open.retain(agrees);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read() {
        let rules = rules("cache_mem 2 MB\nmemory_replacement_policy heap LFUDA\n").expect("it can be read");
        assert_eq!((rules.order, rules.capacity, rules.largest), (Order::Lfuda, 2 << 20, 512 << 10));
        assert!(super::rules("cache_dir ufs /var/spool/squid 100 16 256").is_err());
        assert!(super::rules("cache_mem much").is_err());
    }

    #[test]
    fn a_recording_has_to_be_one_run_all_along() {
        let mut open = vec![vec![true, true], vec![false, true], vec![false, false]];
        assert!(narrow(&mut open, 0, &lookups::decision(false)).is_ok());
        assert_eq!(open.len(), 2);
        assert!(narrow(&mut open, 1, &lookups::decision(true)).is_ok());
        assert_eq!(open, [vec![false, true]]);
        assert!(narrow(&mut open, 0, &lookups::decision(true)).is_err());
    }
}
