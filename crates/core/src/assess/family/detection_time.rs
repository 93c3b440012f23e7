//! How long a health check takes to see that a server is gone.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, number};
use super::sheet::Sheet;

/// A prober: one probe every `interval`, each given `timeout`, `fall` failures in a row. Seconds.
struct Prober {
    interval: u32,
    timeout: u32,
    fall: u32,
    /// Whether a dead server lets the probe wait, or refuses it at once.
    hangs: bool,
}

impl Prober {
    fn draw(dice: &mut Dice<'_>) -> Self {
        let interval = dice.of(&[4, 5, 6, 8, 10, 15, 20, 30]);
        Self { interval, timeout: dice.of(&[1, 2, 3]), fall: dice.within(3, 5), hangs: dice.coin() }
    }

    /// How long a failing probe takes to fail.
    const fn failing(&self) -> u32 {
        if self.hangs { self.timeout } else { 0 }
    }

    /// Seconds from the crash to the verdict, when the first probe comes `first` seconds after the
    /// crash: walks from probe to probe until enough have failed.
    const fn verdict(&self, first: u32) -> u32 {
        let (mut at, mut failed) = (first, 1);
        while failed < self.fall {
            at += self.interval;
            failed += 1;
        }
        at + self.failing()
    }
}

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let best = dice.form(2) == 1;
    let tricky = dice.is_tricky();
    let prober = Prober::draw(dice);
    let Prober { interval, timeout, fall, hangs } = prober;
    let (servers, each) = (dice.of(&[2, 4, 5]), dice.of(&[5, 10, 20]));

    let (worst, least) = (prober.verdict(interval), prober.verdict(0));
    let (truth, other) = if best { (least, worst) } else { (worst, least) };
    let alone = if best { 0 } else { interval } + prober.failing();
    let piled = if best { (fall - 1) * (interval + timeout) + prober.failing() } else { fall * (interval + timeout) };
    // What is asked for is seconds, or what they cost.
    let end = if tricky { words::IN_REQUESTS } else { words::NOTHING };
    let facts = [interval, timeout, fall, fall - 1, each, each * servers, servers, truth, u32::from(end)];
    let mut sheet = Sheet::new(dice.words, &facts);
    let sum = |seconds: u32, why: u8| Idea::with(if tricky { seconds * each } else { seconds }, [seconds, 0, 0], why);
    let wrong = [
        sum(other, if best { words::WORST_HERE } else { words::BEST_HERE }),
        // Not all are kept, and this one names the step that only the hard form has.
        if tricky { Idea::new(truth * each * servers, words::WHOLE_TRAFFIC) } else { sum(other, words::NOTHING) },
        if hangs { sum(truth - timeout, words::NO_TIMEOUT) } else { sum(truth + timeout, words::TIMEOUT) },
        sum(alone, words::ONE_IS_ENOUGH),
        sum(piled, if best { words::PILED_BEST } else { words::PILED }),
    ];
    // Both go by case in the same order: worst or best, and then how it fails.
    let case = 2 * u8::from(best) + u8::from(!hangs);
    let (unit, otherwise) = (words::SECONDS + u8::from(tricky), words::OTHERWISE + u8::from(best));
    let body = number(&mut sheet, sum(truth, words::WORST_HANGS + case), unit, &wrong, otherwise)?;
    let rows = [words::PROBE, words::FAILS, words::OUT, words::HANGS + u8::from(!hangs), words::TRAFFIC];
    let given = sheet.list(&rows[..if tricky { 5 } else { 4 }]);
    Some(Made { ask: sheet.say(words::ASK_WORST + u8::from(best) + 2 * u8::from(tricky)), given, keep: sheet.say(words::KEEP), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        // In this order.
        ASK_WORST = "A server crashes. How long is it, at worst, until the balancer takes it out?";
        ASK_BEST = "A server crashes. How long is it, at best, until the balancer takes it out?";
        ASK_LOST_WORST = "A server crashes. How many requests, at worst, does the balancer send there before it takes it out?";
        ASK_LOST_BEST = "A server crashes. How many requests, at best, does the balancer send there before it takes it out?";
        KEEP = "Detection takes between (fall − 1) and fall intervals, and what the last failing probe itself takes.";
        // In this order.
        SECONDS = "s";
        REQUESTS = "requests";
        PROBE = "A probe starts|every {n4} s";
        FAILS = "It has failed|without an answer for {n5} s, or when it is refused";
        OUT = "A server is out|after {n6} failures in a row";
        // In this order.
        HANGS = "The crashed server|hangs: it takes connections and never answers";
        REFUSES = "The crashed server|is gone: connections to it are refused at once";
        TRAFFIC = "Traffic|{n9} requests a second, in equal parts to {na} servers, without retries";
        // n0 the value, n1 its seconds, n4 interval, n5 timeout, n6 fall, n7 fall − 1, n8 requests a second to one server,
        // n9 to all, na servers, nb the right seconds, wc what that costs.
        NOTHING = "";
        IN_REQUESTS = " In requests: {n1} s × {n8} a second = {n0}.";
        // In this order.
        WORST_HANGS = "At worst it crashes right after it passed a probe. Then {n6} intervals of {n4} s go by until the last probe starts, and {n5} s until that one gives up: {n6} × {n4} + {n5} = {n1} s.{wc}";
        WORST_REFUSES = "At worst it crashes right after it passed a probe. The last of {n6} failing probes starts {n6} intervals later and is refused at once: {n6} × {n4} = {n1} s.{wc}";
        BEST_HANGS = "At best it crashes right before a probe, so only {n7} intervals lie between the first failing probe and the last, which gives up after {n5} s: {n7} × {n4} + {n5} = {n1} s.{wc}";
        BEST_REFUSES = "At best it crashes right before a probe, so only {n7} intervals lie between the first failing probe and the last, which is refused at once: {n7} × {n4} = {n1} s.{wc}";
        BEST_HERE = "That is the best case, {n1} s: {n7} intervals, as if it crashed just before a probe. At worst a whole interval goes by first.{wc}";
        WORST_HERE = "That is the worst case, {n1} s: {n6} intervals, as if it crashed just after a probe. At best the first probe comes at once.{wc}";
        NO_TIMEOUT = "That takes a probe for failed the moment it starts: {n1} s. This server hangs, so the last probe takes its {n5} s as well.{wc}";
        TIMEOUT = "That waits out the timeout of {n5} s and gives {n1} s. A refused connection has failed at once; only a server that hangs uses the timeout up.{wc}";
        ONE_IS_ENOUGH = "That lets one failed probe decide: {n1} s. It takes {n6} in a row.{wc}";
        PILED = "That adds the timeout to every interval: {n6} × ({n4} + {n5}) = {n1} s. A probe starts every {n4} s, however the one before ended.{wc}";
        PILED_BEST = "That adds the timeout to every interval and gives {n1} s. A probe starts every {n4} s, however the one before ended.{wc}";
        WHOLE_TRAFFIC = "That sends everything to the crashed server: {nb} s × {n9} a second = {n0}. It gets one part in {na}.";
        // In this order.
        OTHERWISE = "Put the crash right after a probe that passed. Count {n6} intervals of {n4} s to the last failing probe, then ask how long that one takes to fail.";
        OTHERWISE_BEST = "Put the crash right before a probe. Count the intervals of {n4} s between the first of {n6} failing probes and the last, then ask how long that one takes to fail.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hangs: bool, worst: u32, best: u32) {
        let prober = Prober { interval: 5, timeout: 2, fall: 3, hangs };
        assert_eq!((prober.verdict(5), prober.verdict(0)), (worst, best), "hangs: {hangs}");
    }

    #[test]
    fn the_last_probe_counts_with_what_it_takes() {
        check(true, 17, 12);
        check(false, 15, 10);
    }
}
