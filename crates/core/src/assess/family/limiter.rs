//! Which requests of a row a token bucket lets through.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;
use crate::policy::limit::TokenBucket;
use crate::time::{Duration, Instant};

/// A bucket and the moments at which requests come, in milliseconds.
struct Case {
    /// How long a token takes to drip in.
    period: u32,
    burst: u32,
    times: Vec<u32>,
}

impl Case {
    fn draw(dice: &mut Dice<'_>) -> Self {
        let tricky = dice.is_tricky();
        let period = dice.of(&[200, 250, 500, 1_000]);
        let burst = dice.within(2, if tricky { 4 } else { 3 });
        // A long pause fills the bucket to the brim; what would overflow shows only after one.
        let pause = if tricky { dice.within(2, 4) as usize } else { usize::MAX };
        let mut times = vec![0];
        for place in 1..if tricky { 8 } else { 6 } {
            let halves = if place == pause { 2 * burst + 4 } else { dice.of(&[0, 0, 0, 1, 1, 2, 3]) };
            times.push(times[times.len() - 1] + halves * period / 2);
        }
        Self { period, burst, times }
    }

    /// Asks about each request in turn; bit `i` says that request `i` passes.
    fn passes(&self, admit: &mut dyn FnMut(u32) -> bool) -> u32 {
        let mut passed = 0;
        for (i, &ms) in self.times.iter().enumerate() {
            passed |= u32::from(admit(ms)) << i;
        }
        passed
    }

    /// The engine's own bucket, with room for so many tokens; it begins with `burst`, or with all it can hold.
    fn bucket(&self, room: u32) -> u32 {
        let mut bucket = self.full(room);
        self.passes(&mut |ms| self.admit(&mut bucket, room, ms))
    }

    fn full(&self, room: u32) -> TokenBucket {
        TokenBucket::full(self.burst.min(room), Instant::START)
    }

    fn admit(&self, bucket: &mut TokenBucket, room: u32, ms: u32) -> bool {
        bucket.admit(u64::from(1_000_000 / self.period), room, Instant::START + Duration::from_millis(ms.into()))
    }

    /// Whole tokens after each request, as rows of one fact.
    fn tokens(&self) -> Vec<[u32; 4]> {
        let mut bucket = self.full(self.burst);
        let mut left = Vec::new();
        for &ms in &self.times {
            self.admit(&mut bucket, self.burst, ms);
            left.push([bucket.tokens() as u32, 0, 0, 0]);
        }
        left
    }

    /// A counter that begins anew with every second of the clock.
    fn window(&self) -> u32 {
        let (mut second, mut left) = (u32::MAX, 0);
        self.passes(&mut |ms| {
            if ms / 1_000 != second {
                (second, left) = (ms / 1_000, 1_000 / self.period);
            }
            let admitted = left > 0;
            left -= u32::from(admitted);
            admitted
        })
    }

    /// A bucket from which refused requests take a token as well, so that it goes into debt.
    fn in_debt(&self) -> u32 {
        let room = (self.burst * self.period) as i32;
        let (mut level, mut before) = (room, 0);
        self.passes(&mut |ms| {
            level = (level + (ms - before) as i32).min(room);
            before = ms;
            let admitted = level >= self.period as i32;
            level -= self.period as i32;
            admitted
        })
    }

    /// A bucket that is never filled again.
    fn never_filled(&self) -> u32 {
        (1 << self.burst) - 1
    }

    /// An idea, and where the truth first parts from it: at which request, when, and what the bucket has there.
    fn idea(&self, answer: u32, truth: u32, why: u8) -> Idea {
        let at = (answer ^ truth).trailing_zeros() & 31;
        let ms = self.times.get(at as usize).copied().unwrap_or_default();
        let has = words::HAS_NONE + (truth >> at & 1) as u8;
        Idea::with(answer, [at + 1, ms, has.into()], why)
    }
}

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let case = Case::draw(dice);
    let truth = case.bucket(case.burst);
    if truth.count_ones() as usize == case.times.len() {
        return None;
    }
    let wrong = [
        case.idea(case.bucket(u32::MAX), truth, words::OVERFULL),
        case.idea(case.window(), truth, words::WINDOW),
        case.idea(case.in_debt(), truth, words::IN_DEBT),
        case.idea(case.bucket(1), truth, words::NO_BURST),
        case.idea(case.never_filled(), truth, words::NEVER_FILLED),
    ];
    // What would overflow shows only after a pause.
    let wrong = &wrong[usize::from(!dice.is_tricky())..];
    let mut sheet = Sheet::new(dice.words, &[case.period, case.burst, 1_000 / case.period]);
    let tokens = sheet.listed(words::VALUE, words::COMMA, words::COMMA, &case.tokens());
    sheet.text(tokens);
    let body = single(dice, &mut sheet, Idea::new(truth, words::RIGHT), wrong, 3, named)?;
    let mut rows = Vec::new();
    for (i, &ms) in (1..).zip(&case.times) {
        rows.push([i, ms, 0, 0]);
    }
    let given = sheet.list(&[words::RATE, words::BURST]) + &sheet.table(&[words::REQUEST, words::AT], &rows);
    Some(Made { ask: sheet.say(words::ASK), given, keep: sheet.say(words::KEEP), body })
}

/// The numbers of the requests that pass, counted from 1.
fn named(sheet: &mut Sheet<'_>, passed: u32) -> String {
    let mut numbers = Vec::new();
    for i in (0..u32::BITS).filter(|i| passed >> i & 1 == 1) {
        numbers.push([i + 1, 0, 0, 0]);
    }
    sheet.listed(words::VALUE, words::COMMA, words::AND, &numbers)
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        ASK = "A token bucket stands before these requests. Which of them does it let through?";
        KEEP = "A request passes if a whole token is there; a refused one takes nothing, and a full bucket gets no fuller.";
        RATE = "Rate|one token every {n4} ms, {n6} a second";
        BURST = "Burst|{n5} tokens, all of them there at the start";
        REQUEST = "Request|{n0}";
        AT = "Comes at|{n1} ms";
        VALUE = "{n0}";
        COMMA = ", ";
        AND = " and ";
        // n1 the request at which the bucket parts from the idea, n2 its milliseconds, w3 what the bucket has there,
        // n4 milliseconds a token, n5 burst, n6 tokens a second, s0 the tokens after each request.
        // In this order.
        HAS_NONE = "The bucket parts from that at request {n1}, at {n2} ms: it has no whole token then.";
        HAS_ONE = "The bucket parts from that at request {n1}, at {n2} ms: it has a token then.";
        RIGHT = "Whole tokens after each request: {s0}. One drips in every {n4} ms; a refused request takes none.";
        WINDOW = "That counts {n6} in each second of the clock, which is a fixed window. {w3}";
        IN_DEBT = "That makes refused requests pay a token too, so the {n5} tokens turn into a debt. {w3}";
        NO_BURST = "That keeps one token at most, as if the burst were 1 and not {n5}. {w3}";
        NEVER_FILLED = "That spends the {n5} tokens of the burst and waits for none of those that come every {n4} ms. {w3}";
        OVERFULL = "That lets tokens pile up during the pause. The bucket holds {n5}, and what drips in beyond that is lost. {w3}";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(case: &Case, bucket: &str, window: &str, debt: &str, no_burst: &str, never: &str, overfull: &str) {
        let found = [case.bucket(case.burst), case.window(), case.in_debt(), case.bucket(1), case.never_filled(), case.bucket(u32::MAX)];
        let shown = |passed: u32| (0..u32::BITS).filter(|i| passed >> i & 1 == 1).map(|i| (i + 1).to_string()).collect::<String>();
        assert_eq!(found.map(shown), [bucket, window, debt, no_burst, never, overfull], "{:?}", case.times);
    }

    #[test]
    fn each_idea_lets_other_requests_through() {
        let volley = Case { period: 500, burst: 2, times: vec![0, 0, 0, 500, 500, 1_000] };
        check(&volley, "1246", "126", "12", "146", "12", "1246");
        let pause = Case { period: 500, burst: 2, times: vec![0, 2_000, 2_000, 2_000, 2_000] };
        check(&pause, "123", "123", "123", "12", "12", "12345");
    }
}
