//! How many connections are needed.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, number};
use super::sheet::Sheet;

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    if dice.form(2) == 0 { in_use(dice) } else { kept_open(dice) }
}

/// `L = λW` in whole connections, when it comes out even: `rate` a second for `ms` each.
fn little(rate: u32, ms: u32) -> Option<u32> {
    (rate * ms).is_multiple_of(1_000).then_some(rate * ms / 1_000)
}

/// Connections from a proxy to its backends: one for each request under way.
fn in_use(dice: &mut Dice<'_>) -> Option<Made> {
    let (rate, ms) = (dice.of(&[80, 120, 200, 240, 300, 400, 500, 600, 800, 1_200]), dice.of(&[10, 20, 25, 40, 50, 100, 125, 200, 250]));
    let p99 = ms * dice.within(3, 6);
    let tricky = dice.is_tricky();
    let share = if tricky { dice.of(&[50, 60, 75, 80]) } else { 100 };
    let busy = little(rate, ms)?;
    let slow = little(rate, p99)?;
    let sized = |busy: u32| busy * 100 / share;
    if !(busy * 100).is_multiple_of(share) {
        return None;
    }
    let wrong = [
        Idea::new(busy, words::NO_ROOM),
        // Not in whole connections it cannot be: then it is the first over again, and left out.
        Idea::new(if (busy * share).is_multiple_of(100) { busy * share / 100 } else { busy }, words::WRONG_WAY),
        Idea::new(rate, words::ONE_EACH),
        Idea::new(sized(slow), if tricky { words::P99_SIZED } else { words::P99 }),
        Idea::new(1_000 / ms, words::PER_CONNECTION),
        Idea::new(rate * ms, words::UNITS),
    ];
    // Without a share to leave free the first two are no mistakes.
    let wrong = &wrong[if tricky { 0 } else { 2 }..];
    let mut sheet = Sheet::new(dice.words, &[rate, ms, p99, busy, share]);
    let right = Idea::new(sized(busy), if tricky { words::SIZED } else { words::BUSY });
    let body = number(&mut sheet, right, words::UNIT, wrong, if tricky { words::OTHERWISE_SIZED } else { words::OTHERWISE })?;
    let rows = [words::RATE, words::MEAN, words::TAIL, words::ROOM];
    let given = sheet.list(&rows[..if tricky { 4 } else { 3 }]);
    let ask = if tricky { words::ASK_SIZED } else { words::ASK_BUSY };
    Some(Made { ask: sheet.say(ask), given, keep: sheet.say(words::KEEP), body })
}

/// Connections from clients, which stay open between requests and for a while after the last.
fn kept_open(dice: &mut Dice<'_>) -> Option<Made> {
    let (rate, ms) = (dice.of(&[5, 10, 15, 20, 25, 30, 40, 50]), dice.of(&[100, 200, 400, 500, 600, 800, 1_000]));
    let idle = dice.of(&[2_000, 3_000, 4_000, 5_000, 8_000, 10_000]);
    let tricky = dice.is_tricky();
    let (requests, pause) = if tricky { (dice.within(2, 4), dice.of(&[1_000, 2_000, 3_000])) } else { (1, 0) };
    let work = requests * ms;
    let life = work + (requests - 1) * pause + idle;
    let truth = little(rate, life)?;
    let wrong = [
        Idea::new(little(rate, work + idle)?, words::NO_PAUSE),
        Idea::new(little(rate * requests, ms + idle)?, words::PER_REQUEST),
        Idea::new(little(rate, work)?, words::ONLY_BUSY),
        Idea::new(little(rate, idle)?, words::ONLY_IDLE),
        Idea::new(rate, words::ONE_PER_CLIENT),
    ];
    // With one request there is no pause, and nothing to share.
    let wrong = &wrong[if tricky { 0 } else { 2 }..];
    let mut sheet = Sheet::new(dice.words, &[rate, ms, idle, life, requests, pause, requests - 1, idle / 1_000, pause / 1_000]);
    let right = Idea::new(truth, if tricky { words::OPEN_LONG } else { words::OPEN });
    let body = number(&mut sheet, right, words::UNIT, wrong, words::OTHERWISE_OPEN)?;
    let given = sheet.list(&[words::ONE + u8::from(tricky), words::MEAN, words::IDLE]);
    Some(Made { ask: sheet.say(words::ASK_OPEN), given, keep: sheet.say(words::KEEP), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        ASK_BUSY = "How many connections to the backends are in use on average, with one request at a time on each?";
        ASK_SIZED = "How many connections to the backends does the pool need, with one request at a time on each?";
        ASK_OPEN = "How many client connections does the proxy hold open on average?";
        KEEP = "Little’s law: how many are there at once = how many come a second × how long each stays.";
        UNIT = "connections";
        RATE = "Requests|{n4} a second";
        MEAN = "A request takes, on average|{n5} ms";
        TAIL = "The slowest 1 % take longer than|{n6} ms";
        ROOM = "Of the pool should be in use|{n8} % on average, the rest is for peaks";
        // In this order.
        ONE = "New clients|{n4} a second, with one connection and one request each";
        SEVERAL = "New clients|{n4} a second, with one connection each, and {n8} requests on it, {nc} s between an answer and the next";
        IDLE = "The proxy closes a connection|that has been idle for {nb} s";
        // n0 the value, n4 requests a second, n5 mean, n6 p99, n7 in use, n8 percent.
        BUSY = "Each request holds a connection for {n5} ms: {n4} a second × 0.001 × {n5} = {n0} at once.";
        SIZED = "In use are {n4} a second × 0.001 × {n5} = {n7}. If that is to be {n8} %, the pool has {n7} × 100 ÷ {n8} = {n0}.";
        ONE_EACH = "That gives each of the {n0} requests of a second a connection of its own. One that takes {n5} ms hands it on long before the second is over.";
        P99 = "That counts every request as a slow one: {n4} × 0.001 × {n6} = {n0}. An average number comes from the average time.";
        P99_SIZED = "That counts every request as a slow one, {n6} ms, and gives {n0}. The peaks have their room in the {n8} % already.";
        PER_CONNECTION = "That is how many requests <em>one</em> connection can carry in a second: 1,000 ÷ {n5} = {n0}. Divide {n4} by it.";
        UNITS = "That multiplies {n4} a second by {n5} milliseconds. In seconds it is a thousandth of {n0}.";
        NO_ROOM = "That is what is in use on average, {n4} a second × 0.001 × {n5} = {n0}. A pool of that size has nothing left for a busier moment.";
        WRONG_WAY = "That takes {n8} % of {n7}, which is {n0}: fewer than are in use. The {n7} are the {n8} %.";
        OTHERWISE = "Multiply how many come a second, {n4}, by how long each stays, {n5} ms = 0.001 × {n5} s.";
        OTHERWISE_SIZED = "First what is in use: {n4} a second × 0.001 × {n5} s. Then ask of which number that is {n8} %.";
        // n0 the value, n4 clients a second, n5 mean, n6 idle, n7 how long a connection lives, n8 requests, n9 pause, na pauses,
        // all in ms; nb idle and nc pause in seconds.
        OPEN = "A connection lives {n5} ms for its request and {n6} ms idle, {n7} ms. Times {n4} a second: {n4} × 0.001 × {n7} = {n0}.";
        OPEN_LONG = "A connection lives {n8} × {n5} ms for requests, {na} × {n9} ms between them and {n6} ms idle at the end, {n7} ms. Times {n4} a second: {n4} × 0.001 × {n7} = {n0}.";
        ONLY_BUSY = "That counts connections with a request under way, {n0}. An idle one takes up memory and a descriptor all the same, here for {n6} ms.";
        ONLY_IDLE = "That counts the idle time only: {n4} × 0.001 × {n6} = {n0}. Before that a connection is open for its work.";
        ONE_PER_CLIENT = "That is how many are opened in one second, {n0}. They stay for {n7} ms, so those of other seconds are still there.";
        NO_PAUSE = "That forgets the {na} × {n9} ms between the requests and gives {n0}. The connection waits open for the next one.";
        PER_REQUEST = "That opens a connection for each of the {n8} requests: {n4} × {n8} × 0.001 × ({n5} + {n6}) = {n0}. With keep-alive they share one.";
        OTHERWISE_OPEN = "Add up how long one connection is open: {n8} × {n5} ms of work, what lies between, and {n6} ms idle. Then multiply by {n4} a second.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_in_whole_connections() {
        assert_eq!(little(400, 25), Some(10));
        assert_eq!(little(20, 15_050), Some(301));
        assert_eq!(little(3, 250), None);
    }
}
