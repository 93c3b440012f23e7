//! Which requests of a row a token bucket lets through.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::{Sheet, listed};
use crate::policy::limit::TokenBucket;
use crate::time::{Duration, Instant};

/// A bucket and the moments at which requests come, in milliseconds.
struct Case {
    /// How long a token takes to drip in.
    period: u64,
    burst: u32,
    times: Vec<u64>,
}

impl Case {
    fn draw(dice: &mut Dice) -> Self {
        let tricky = dice.is_tricky();
        let period = dice.of(&[200, 250, 500, 1_000]);
        let burst = dice.within(2, if tricky { 4 } else { 3 });
        // A long pause fills the bucket to the brim; what would overflow shows only after one.
        let pause = if tricky { dice.within(2, 4) } else { u64::MAX };
        let mut times = vec![0];
        for place in 1..if tricky { 8 } else { 6 } {
            let halves = if place == pause { 2 * burst + 4 } else { dice.of(&[0, 0, 0, 1, 1, 2, 3]) };
            times.push(times[times.len() - 1] + halves * period / 2);
        }
        Self { period, burst: burst as u32, times }
    }

    /// Asks about each request in turn; bit `i` says that request `i` passes.
    fn passes(&self, mut admit: impl FnMut(u64) -> bool) -> u64 {
        let mut passed = 0;
        for (i, &ms) in self.times.iter().enumerate() {
            passed |= u64::from(admit(ms)) << i;
        }
        passed
    }

    /// The engine's own bucket, with room for so many tokens; it begins with `burst`, or with all it can hold.
    fn bucket(&self, room: u32) -> u64 {
        let mut bucket = self.full(room);
        self.passes(|ms| self.admit(&mut bucket, room, ms))
    }

    fn full(&self, room: u32) -> TokenBucket {
        TokenBucket::full(self.burst.min(room), Instant::START)
    }

    fn admit(&self, bucket: &mut TokenBucket, room: u32, ms: u64) -> bool {
        bucket.admit(1_000_000 / self.period, room, Instant::START + Duration::from_millis(ms))
    }

    /// Whole tokens after each request.
    fn tokens(&self) -> String {
        let mut bucket = self.full(self.burst);
        let mut left = String::new();
        for &ms in &self.times {
            self.admit(&mut bucket, self.burst, ms);
            left.push_str(if left.is_empty() { "" } else { ", " });
            left.push_str(&bucket.tokens().to_string());
        }
        left
    }

    /// A counter that begins anew with every second of the clock.
    fn window(&self) -> u64 {
        let (mut second, mut left) = (u64::MAX, 0);
        self.passes(|ms| {
            if ms / 1_000 != second {
                (second, left) = (ms / 1_000, 1_000 / self.period);
            }
            let admitted = left > 0;
            left -= u64::from(admitted);
            admitted
        })
    }

    /// A bucket from which refused requests take a token as well, so that it goes into debt.
    fn in_debt(&self) -> u64 {
        let room = i64::from(self.burst) * self.period as i64;
        let (mut level, mut before) = (room, 0);
        self.passes(|ms| {
            level = (level + (ms - before) as i64).min(room);
            before = ms;
            let admitted = level >= self.period as i64;
            level -= self.period as i64;
            admitted
        })
    }

    /// A bucket that is never filled again.
    fn never_filled(&self) -> u64 {
        (1 << self.burst) - 1
    }

    /// An idea, and where the truth first parts from it: at which request, and when.
    fn idea(&self, answer: u64, truth: u64, why: &'static str) -> Idea {
        let at = (answer ^ truth).trailing_zeros() & 63;
        let ms = self.times.get(at as usize).copied().unwrap_or_default();
        Idea::with(answer, [u64::from(at) + 1, ms, truth >> at & 1], why)
    }
}

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    let case = Case::draw(dice);
    let truth = case.bucket(case.burst);
    if truth.count_ones() as usize == case.times.len() {
        return None;
    }
    let mut sheet = Sheet::new(&[case.period, u64::from(case.burst), 1_000 / case.period]);
    for text in [words::HAS_NONE, words::HAS_ONE, &case.tokens()] {
        sheet.text(text.to_owned());
    }
    let wrong = [
        (case.bucket(u32::MAX), words::OVERFULL),
        (case.window(), words::WINDOW),
        (case.in_debt(), words::IN_DEBT),
        (case.bucket(1), words::NO_BURST),
        (case.never_filled(), words::NEVER_FILLED),
    ];
    let wrong = wrong.map(|(answer, why)| case.idea(answer, truth, why));
    // What would overflow shows only after a pause.
    let wrong = if dice.is_tricky() { &wrong } else { &wrong[1..] };
    let body = single(dice, &mut sheet, Idea::new(truth, words::RIGHT), wrong, 3, |_, passed| named(passed))?;
    let mut rows = Vec::new();
    for (i, &ms) in (1..).zip(&case.times) {
        rows.push([i, ms, 0, 0]);
    }
    let given = sheet.list(&[words::RATE, words::BURST]) + &sheet.table(&[words::REQUEST, words::AT], &rows);
    Some(Made { ask: words::ASK.to_owned(), given, keep: words::KEEP, body })
}

/// The numbers of the requests that pass, counted from 1.
fn named(passed: u64) -> String {
    let numbers: Vec<String> = (0..64).filter(|i| passed >> i & 1 == 1).map(|i| (i + 1).to_string()).collect();
    listed(&numbers, words::AND)
}

mod words {
    pub(super) const ASK: &str = "A token bucket stands before these requests. Which of them does it let through?";
    pub(super) const KEEP: &str =
        "A request passes if a whole token is there; a refused one takes nothing, and a full bucket gets no fuller.";
    pub(super) const RATE: [&str; 2] = ["Rate", "one token every {n4} ms, {n6} a second"];
    pub(super) const BURST: [&str; 2] = ["Burst", "{n5} tokens, all of them there at the start"];
    pub(super) const REQUEST: [&str; 2] = ["Request", "{n0}"];
    pub(super) const AT: [&str; 2] = ["Comes at", "{n1} ms"];
    pub(super) const AND: &str = " and ";

    // n1 the request at which the bucket parts from the idea, n2 its milliseconds, t3 what the bucket has there,
    // n4 milliseconds a token, n5 burst, n6 tokens a second, s2 the tokens after each request.
    pub(super) const HAS_NONE: &str = "The bucket parts from that at request {n1}, at {n2} ms: it has no whole token then.";
    pub(super) const HAS_ONE: &str = "The bucket parts from that at request {n1}, at {n2} ms: it has a token then.";
    pub(super) const RIGHT: &str = "Whole tokens after each request: {s2}. One drips in every {n4} ms; a refused request takes none.";
    pub(super) const WINDOW: &str = "That counts {n6} in each second of the clock, which is a fixed window. {t3}";
    pub(super) const IN_DEBT: &str = "That makes refused requests pay a token too, so the {n5} tokens turn into a debt. {t3}";
    pub(super) const NO_BURST: &str = "That keeps one token at most, as if the burst were 1 and not {n5}. {t3}";
    pub(super) const NEVER_FILLED: &str =
        "That spends the {n5} tokens of the burst and waits for none of those that come every {n4} ms. {t3}";
    pub(super) const OVERFULL: &str =
        "That lets tokens pile up during the pause. The bucket holds {n5}, and what drips in beyond that is lost. {t3}";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(case: &Case, bucket: &str, window: &str, debt: &str, no_burst: &str, never: &str, overfull: &str) {
        let found = [case.bucket(case.burst), case.window(), case.in_debt(), case.bucket(1), case.never_filled(), case.bucket(u32::MAX)];
        assert_eq!(found.map(named), [bucket, window, debt, no_burst, never, overfull], "{:?}", case.times);
    }

    #[test]
    fn each_idea_lets_other_requests_through() {
        let volley = Case { period: 500, burst: 2, times: vec![0, 0, 0, 500, 500, 1_000] };
        check(&volley, "1, 2, 4 and 6", "1, 2 and 6", "1 and 2", "1, 4 and 6", "1 and 2", "1, 2, 4 and 6");
        let pause = Case { period: 500, burst: 2, times: vec![0, 2_000, 2_000, 2_000, 2_000] };
        check(&pause, "1, 2 and 3", "1, 2 and 3", "1, 2 and 3", "1 and 2", "1 and 2", "1, 2, 3, 4 and 5");
    }
}
