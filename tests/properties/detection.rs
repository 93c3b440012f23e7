//! How long it takes to notice a server that is dead, hangs, or is well again: what follows from
//! interval, timeout, fall and rise.

use hopscope_core::time::Instant;
use hopscope_core::world::Event;
use hopscope_tests::Run;
use proptest::prelude::*;

use crate::config;

/// Interval, timeout and one way of a link in milliseconds, fall and rise.
#[derive(Clone, Copy, Debug)]
struct Rules {
    interval: u64,
    timeout: u64,
    way: u64,
    fall: u64,
    rise: u64,
}

fn rules() -> impl Strategy<Value = Rules> {
    (50u64..2_000, 20u64..1_000, 0u64..5, 1u64..6, 1u64..6).prop_map(|(interval, timeout, way, fall, rise)| Rules {
        interval,
        timeout,
        way,
        fall,
        rise,
    })
}

/// One balancer that checks one server, which breaks at a moment and is mended at another.
fn run(rules: Rules, fault: &str, broken: u64, mended: u64) -> Run {
    let Rules { interval, timeout, way, fall, rise } = rules;
    let text = format!(
        "horizon = \"{}ms\"\nlink = {{ latency = \"{way}ms\" }}\n\
         [[clients]]\nname = \"users\"\ntarget = \"lb\"\narrivals = {{ at = {{ times = [] }} }}\n\
         [[clients.requests]]\nname = \"page\"\n\
         [[proxies]]\nname = \"lb\"\n[[proxies.pools]]\nname = \"pool\"\nmembers = [{{ node = \"b1\" }}]\n\
         checks = {{ interval = \"{interval}ms\", timeout = \"{timeout}ms\", fall = {fall}, rise = {rise} }}\n\
         [[backends]]\nname = \"b1\"\nservice = {{ constant = {{ value = \"1ms\" }} }}\n\
         [[faults]]\nid = \"fault\"\neffect = {{ {fault} = {{ node = \"b1\" }} }}\n\
         [[script]]\nat = \"{broken}ms\"\ndo = {{ fault = {{ id = \"fault\", on = true }} }}\n\
         [[script]]\nat = \"{mended}ms\"\ndo = {{ fault = {{ id = \"fault\", on = false }} }}\n",
        mended + (rise + 2) * (interval + timeout + 100)
    );
    Run::of_text(&text).unwrap_or_else(|why| panic!("{why}\n{text}")).to_the_end()
}

/// Milliseconds from a moment to the first turn after it.
fn noticed(run: &Run, up: bool, after: u64) -> Option<f64> {
    let is_turn = |event: &Event| if up { matches!(event, Event::WentUp { .. }) } else { matches!(event, Event::WentDown { .. }) };
    let turn = run.timeline.log().records().iter().find(|record| is_turn(&record.event))?;
    Some(turn.at.since(Instant::START).as_millis_f64() - after as f64)
}

impl Rules {
    /// What a check takes whose server answers: to connect, to ask, and the work of 1 ms.
    const fn good(self) -> u64 {
        4 * self.way + 1
    }

    /// What one takes whose server refuses.
    const fn refused(self) -> u64 {
        2 * self.way
    }

    /// The shortest and the longest time to notice that checks fail which take so long each.
    ///
    /// At best it breaks just before a check, at worst just after one was answered: then an interval
    /// passes before the first check that fails. Between the first and the last lie fall - 1
    /// intervals and checks, and the last check itself.
    const fn to_notice(self, takes: u64) -> (u64, u64) {
        let between = (self.fall - 1) * (self.interval + takes) + takes;
        (between, between + self.interval + self.good())
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_dead_server_is_noticed_in_time(rules in rules(), phase in 0u64..5_000) {
        let (least, most) = rules.to_notice(rules.refused());
        let broken = 3 * (rules.interval + rules.good()) + phase;
        let run = run(rules, "kill", broken, broken + most + 1_000);
        let took = noticed(&run, false, broken);
        prop_assume!(rules.timeout > rules.good());
        // A check that is under way when it dies is cut off, a little sooner than it would end.
        let least = least.saturating_sub(rules.refused() + rules.good());
        prop_assert!(took.is_some_and(|ms| ms >= least as f64 && ms <= most as f64), "{took:?}, from {least} to {most} ms");
    }

    #[test]
    fn a_hung_server_is_noticed_in_time(rules in rules(), phase in 0u64..5_000) {
        prop_assume!(rules.timeout > rules.good());
        let (least, most) = rules.to_notice(rules.timeout);
        let broken = 3 * (rules.interval + rules.good()) + phase;
        let run = run(rules, "hang", broken, broken + most + 1_000);
        let took = noticed(&run, false, broken);
        // A check may have been under way for a little.
        prop_assert!(took.is_some_and(|ms| ms + rules.good() as f64 >= least as f64 && ms <= most as f64), "{took:?}, from {least} to {most} ms");
    }

    #[test]
    fn a_server_that_is_back_is_used_in_time(rules in rules(), phase in 0u64..5_000) {
        prop_assume!(rules.timeout > rules.good());
        let (_, down) = rules.to_notice(rules.refused());
        let broken = 2 * (rules.interval + rules.good());
        let mended = broken + down + phase;
        let run = run(rules, "kill", broken, mended);
        let took = noticed(&run, true, mended);
        let least = (rules.rise - 1) * (rules.interval + rules.good());
        let most = least + rules.interval + rules.refused() + rules.good();
        prop_assert!(took.is_some_and(|ms| ms >= least as f64 && ms <= most as f64), "{took:?}, from {least} to {most} ms");
    }
}

/// Where a fault falls between two checks is any moment with equal chance, so the mean lies half an
/// interval above the shortest time.
#[test]
fn on_average_half_an_interval_passes_before_the_first_failed_check() {
    let rules = Rules { interval: 1_000, timeout: 400, way: 0, fall: 3, rise: 2 };
    let period = rules.interval + rules.good();
    let times = (0..period).step_by(7).map(|phase| {
        let broken = 3 * period + phase;
        noticed(&run(rules, "hang", broken, broken + 9_000), false, broken).unwrap_or_default()
    });
    let times: Vec<f64> = times.collect();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    // (fall - 1) intervals, fall timeouts, and half an interval.
    let expect = 2.0 * 1_000.0 + 3.0 * 400.0 + 500.0;
    assert!((mean - expect).abs() < 5.0, "{mean} and not {expect}");
}
