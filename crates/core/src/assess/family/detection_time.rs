//! How long a health check takes to see that a server is gone.

use super::Made;
use super::dice::Dice;
use super::options::{Idea, number};
use super::say::Part::{N, S};
use super::say::{say, table};

/// A prober: one probe every `interval`, each given `timeout`, `fall` failures in a row. Seconds.
struct Prober {
    interval: u64,
    timeout: u64,
    fall: u64,
    /// Whether a dead server lets the probe wait, or refuses it at once.
    hangs: bool,
}

impl Prober {
    fn draw(dice: &mut Dice) -> Self {
        let interval = dice.of(&[4, 5, 6, 8, 10, 15, 20, 30]);
        Self { interval, timeout: dice.of(&[1, 2, 3]), fall: dice.within(3, 5), hangs: dice.coin() }
    }

    /// How long a failing probe takes to fail.
    const fn failing(&self) -> u64 {
        if self.hangs { self.timeout } else { 0 }
    }

    /// Seconds from the crash to the verdict, when the first probe comes `first` seconds after the
    /// crash: walks from probe to probe until enough have failed.
    const fn verdict(&self, first: u64) -> u64 {
        let (mut at, mut failed) = (first, 1);
        while failed < self.fall {
            at += self.interval;
            failed += 1;
        }
        at + self.failing()
    }
}

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    let best = dice.form(2) == 1;
    let prober = Prober::draw(dice);
    let Prober { interval, timeout, fall, hangs } = prober;
    // What each second costs: one in the plain form, requests in the other.
    let servers = dice.of(&[2, 4, 5]);
    let each = dice.of(&[5, 10, 20]);
    let tricky = dice.is_tricky();
    let cost = if tricky { each } else { 1 };

    let (worst, least) = (prober.verdict(interval), prober.verdict(0));
    let (truth, other) = if best { (least, worst) } else { (worst, least) };
    let first = if best { 0 } else { interval };
    let sum = |template: &str, seconds: u64| {
        let end = if tricky { say(words::TIMES, &[N(seconds), N(each), N(seconds * each)]) } else { String::new() };
        Idea::new(seconds * cost, say(template, &[N(seconds), N(interval), N(timeout), N(fall), N(fall - 1), S(&end)]))
    };
    let piled = if best { (fall - 1) * (interval + timeout) + prober.failing() } else { fall * (interval + timeout) };
    let mut wrong = vec![
        if best { sum(words::WORST_HERE, other) } else { sum(words::BEST_HERE, other) },
        if hangs { sum(words::NO_TIMEOUT, truth - timeout) } else { sum(words::TIMEOUT, truth + timeout) },
        sum(words::ONE_IS_ENOUGH, first + prober.failing()),
        sum(if best { words::PILED_BEST } else { words::PILED }, piled),
    ];
    if tricky {
        wrong.push(Idea::new(
            truth * each * servers,
            say(words::WHOLE_TRAFFIC, &[N(truth), N(each * servers), N(servers), N(truth * each * servers)]),
        ));
        // Four are kept; that one names the step that only this form has.
        wrong.swap(3, 4);
    }
    let right = match (best, hangs) {
        (false, true) => sum(words::WORST_HANGS, truth),
        (false, false) => sum(words::WORST_REFUSES, truth),
        (true, true) => sum(words::BEST_HANGS, truth),
        (true, false) => sum(words::BEST_REFUSES, truth),
    };
    let otherwise = say(if best { words::OTHERWISE_BEST } else { words::OTHERWISE }, &[N(interval), N(fall)]);
    let body = number(right, if tricky { words::REQUESTS } else { words::SECONDS }, wrong, 3, otherwise)?;
    let mut cells = vec![
        words::PROBE.to_owned(),
        say(words::EVERY, &[N(interval)]),
        words::FAILS.to_owned(),
        say(words::AFTER, &[N(timeout)]),
        words::OUT.to_owned(),
        say(words::IN_A_ROW, &[N(fall)]),
        words::CRASH.to_owned(),
        (if hangs { words::HANGS } else { words::REFUSES }).to_owned(),
    ];
    if tricky {
        cells.extend([words::TRAFFIC.to_owned(), say(words::SPREAD, &[N(each * servers), N(servers)])]);
    }
    let ask = match (tricky, best) {
        (false, false) => words::ASK_WORST,
        (false, true) => words::ASK_BEST,
        (true, false) => words::ASK_LOST_WORST,
        (true, true) => words::ASK_LOST_BEST,
    };
    Some(Made { ask: ask.to_owned(), given: table(&[], 2, &cells), keep: words::KEEP, body })
}

mod words {
    pub(super) const ASK_WORST: &str = "A server crashes. How long is it, at worst, until the balancer takes it out?";
    pub(super) const ASK_BEST: &str = "A server crashes. How long is it, at best, until the balancer takes it out?";
    pub(super) const ASK_LOST_WORST: &str =
        "A server crashes. How many requests, at worst, does the balancer send there before it takes it out?";
    pub(super) const ASK_LOST_BEST: &str =
        "A server crashes. How many requests, at best, does the balancer send there before it takes it out?";
    pub(super) const KEEP: &str = "Detection takes between (fall − 1) and fall intervals, and what the last failing probe itself takes.";
    pub(super) const SECONDS: &str = "s";
    pub(super) const REQUESTS: &str = "requests";
    pub(super) const PROBE: &str = "A probe starts";
    pub(super) const EVERY: &str = "every {0} s";
    pub(super) const FAILS: &str = "It has failed";
    pub(super) const AFTER: &str = "without an answer for {0} s, or when it is refused";
    pub(super) const OUT: &str = "A server is out";
    pub(super) const IN_A_ROW: &str = "after {0} failures in a row";
    pub(super) const CRASH: &str = "The crashed server";
    pub(super) const HANGS: &str = "hangs: it takes connections and never answers";
    pub(super) const REFUSES: &str = "is gone: connections to it are refused at once";
    pub(super) const TRAFFIC: &str = "Traffic";
    pub(super) const SPREAD: &str = "{0} requests a second, in equal parts to {1} servers, without retries";

    // {0} seconds, {1} interval, {2} timeout, {3} fall, {4} fall − 1, {5} what it costs.
    pub(super) const TIMES: &str = " In requests: {0} s × {1} a second = {2}.";
    pub(super) const WORST_HANGS: &str = "At worst it crashes right after it passed a probe. Then {3} intervals of {1} s go by until the last probe starts, and {2} s until that one gives up: {3} × {1} + {2} = {0} s.{5}";
    pub(super) const WORST_REFUSES: &str = "At worst it crashes right after it passed a probe. The last of {3} failing probes starts {3} intervals later and is refused at once: {3} × {1} = {0} s.{5}";
    pub(super) const BEST_HANGS: &str = "At best it crashes right before a probe, so only {4} intervals lie between the first failing probe and the last, which gives up after {2} s: {4} × {1} + {2} = {0} s.{5}";
    pub(super) const BEST_REFUSES: &str = "At best it crashes right before a probe, so only {4} intervals lie between the first failing probe and the last, which is refused at once: {4} × {1} = {0} s.{5}";
    pub(super) const BEST_HERE: &str =
        "That is the best case, {0} s: {4} intervals, as if it crashed just before a probe. At worst a whole interval goes by first.{5}";
    pub(super) const WORST_HERE: &str =
        "That is the worst case, {0} s: {3} intervals, as if it crashed just after a probe. At best the first probe comes at once.{5}";
    pub(super) const NO_TIMEOUT: &str =
        "That takes a probe for failed the moment it starts: {0} s. This server hangs, so the last probe takes its {2} s as well.{5}";
    pub(super) const TIMEOUT: &str = "That waits out the timeout of {2} s and gives {0} s. A refused connection has failed at once; only a server that hangs uses the timeout up.{5}";
    pub(super) const ONE_IS_ENOUGH: &str = "That lets one failed probe decide: {0} s. It takes {3} in a row.{5}";
    pub(super) const PILED: &str =
        "That adds the timeout to every interval: {3} × ({1} + {2}) = {0} s. A probe starts every {1} s, however the one before ended.{5}";
    pub(super) const PILED_BEST: &str =
        "That adds the timeout to every interval and gives {0} s. A probe starts every {1} s, however the one before ended.{5}";
    pub(super) const WHOLE_TRAFFIC: &str =
        "That sends everything to the crashed server: {0} s × {1} a second = {3}. It gets one part in {2}.";
    pub(super) const OTHERWISE: &str = "Put the crash right after a probe that passed. Count {1} intervals of {0} s to the last failing probe, then ask how long that one takes to fail.";
    pub(super) const OTHERWISE_BEST: &str = "Put the crash right before a probe. Count the intervals of {0} s between the first of {1} failing probes and the last, then ask how long that one takes to fail.";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hangs: bool, worst: u64, best: u64) {
        let prober = Prober { interval: 5, timeout: 2, fall: 3, hangs };
        assert_eq!((prober.verdict(5), prober.verdict(0)), (worst, best), "hangs: {hangs}");
    }

    #[test]
    fn the_last_probe_counts_with_what_it_takes() {
        check(true, 17, 12);
        check(false, 15, 10);
    }
}
