//! How many connections are needed.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, number};
use super::sheet::Sheet;

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    if dice.form(2) == 0 { in_use(dice) } else { kept_open(dice) }
}

/// `L = λW` in whole connections, when it comes out even: `rate` a second for `ms` each.
fn little(rate: u64, ms: u64) -> Option<u64> {
    (rate * ms).is_multiple_of(1_000).then_some(rate * ms / 1_000)
}

/// Connections from a proxy to its backends: one for each request under way.
fn in_use(dice: &mut Dice) -> Option<Made> {
    let (rate, ms) = (dice.of(&[80, 120, 200, 240, 300, 400, 500, 600, 800, 1_200]), dice.of(&[10, 20, 25, 40, 50, 100, 125, 200, 250]));
    let p99 = ms * dice.within(3, 6);
    let tricky = dice.is_tricky();
    let share = if tricky { dice.of(&[50, 60, 75, 80]) } else { 100 };
    let busy = little(rate, ms)?;
    let slow = little(rate, p99)?;
    let sized = |busy: u64| busy * 100 / share;
    if !(busy * 100).is_multiple_of(share) {
        return None;
    }
    let mut wrong = vec![
        Idea::new(busy, words::NO_ROOM),
        Idea::new(busy * share / 100, words::WRONG_WAY),
        Idea::new(rate, words::ONE_EACH),
        Idea::new(sized(slow), if tricky { words::P99_SIZED } else { words::P99 }),
        Idea::new(1_000 / ms, words::PER_CONNECTION),
        Idea::new(rate * ms, words::UNITS),
    ];
    if !(busy * share).is_multiple_of(100) {
        wrong.remove(1);
    }
    // Without a share to leave free the first two are no mistakes.
    let wrong = if tricky { &wrong } else { &wrong[2..] };
    let mut sheet = Sheet::new(&[rate, ms, p99, busy, share]);
    let right = Idea::new(sized(busy), if tricky { words::SIZED } else { words::BUSY });
    let body = number(&mut sheet, right, words::UNIT, wrong, if tricky { words::OTHERWISE_SIZED } else { words::OTHERWISE })?;
    let rows = [words::RATE, words::MEAN, words::TAIL, words::ROOM];
    let given = sheet.list(if tricky { &rows } else { &rows[..3] });
    let ask = if tricky { words::ASK_SIZED } else { words::ASK_BUSY };
    Some(Made { ask: ask.to_owned(), given, keep: words::KEEP, body })
}

/// Connections from clients, which stay open between requests and for a while after the last.
fn kept_open(dice: &mut Dice) -> Option<Made> {
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
    let wrong = if tricky { &wrong } else { &wrong[2..] };
    let mut sheet = Sheet::new(&[rate, ms, idle, life, requests, pause, requests - 1, idle / 1_000, pause / 1_000]);
    let right = Idea::new(truth, if tricky { words::OPEN_LONG } else { words::OPEN });
    let body = number(&mut sheet, right, words::UNIT, wrong, words::OTHERWISE_OPEN)?;
    let clients = [words::CLIENTS, if tricky { words::SEVERAL } else { words::ONE }];
    let given = sheet.list(&[clients, words::MEAN, words::IDLE]);
    Some(Made { ask: words::ASK_OPEN.to_owned(), given, keep: words::KEEP, body })
}

mod words {
    pub(super) const ASK_BUSY: &str = "How many connections to the backends are in use on average, with one request at a time on each?";
    pub(super) const ASK_SIZED: &str = "How many connections to the backends does the pool need, with one request at a time on each?";
    pub(super) const ASK_OPEN: &str = "How many client connections does the proxy hold open on average?";
    pub(super) const KEEP: &str = "Little’s law: how many are there at once = how many come a second × how long each stays.";
    pub(super) const UNIT: &str = "connections";
    pub(super) const RATE: [&str; 2] = ["Requests", "{n4} a second"];
    pub(super) const MEAN: [&str; 2] = ["A request takes, on average", "{n5} ms"];
    pub(super) const TAIL: [&str; 2] = ["The slowest 1 % take longer than", "{n6} ms"];
    pub(super) const ROOM: [&str; 2] = ["Of the pool should be in use", "{n8} % on average, the rest is for peaks"];
    pub(super) const CLIENTS: &str = "New clients";
    pub(super) const ONE: &str = "{n4} a second, with one connection and one request each";
    pub(super) const SEVERAL: &str =
        "{n4} a second, with one connection each, and {n8} requests on it, {nc} s between an answer and the next";
    pub(super) const IDLE: [&str; 2] = ["The proxy closes a connection", "that has been idle for {nb} s"];

    // n0 the value, n4 requests a second, n5 mean, n6 p99, n7 in use, n8 percent.
    pub(super) const BUSY: &str = "Each request holds a connection for {n5} ms: {n4} a second × 0.001 × {n5} = {n0} at once.";
    pub(super) const SIZED: &str =
        "In use are {n4} a second × 0.001 × {n5} = {n7}. If that is to be {n8} %, the pool has {n7} × 100 ÷ {n8} = {n0}.";
    pub(super) const ONE_EACH: &str = "That gives each of the {n0} requests of a second a connection of its own. One that takes {n5} ms hands it on long before the second is over.";
    pub(super) const P99: &str =
        "That counts every request as a slow one: {n4} × 0.001 × {n6} = {n0}. An average number comes from the average time.";
    pub(super) const P99_SIZED: &str =
        "That counts every request as a slow one, {n6} ms, and gives {n0}. The peaks have their room in the {n8} % already.";
    pub(super) const PER_CONNECTION: &str =
        "That is how many requests <em>one</em> connection can carry in a second: 1,000 ÷ {n5} = {n0}. Divide {n4} by it.";
    pub(super) const UNITS: &str = "That multiplies {n4} a second by {n5} milliseconds. In seconds it is a thousandth of {n0}.";
    pub(super) const NO_ROOM: &str =
        "That is what is in use on average, {n4} a second × 0.001 × {n5} = {n0}. A pool of that size has nothing left for a busier moment.";
    pub(super) const WRONG_WAY: &str = "That takes {n8} % of {n7}, which is {n0}: fewer than are in use. The {n7} are the {n8} %.";
    pub(super) const OTHERWISE: &str = "Multiply how many come a second, {n4}, by how long each stays, {n5} ms = 0.001 × {n5} s.";
    pub(super) const OTHERWISE_SIZED: &str =
        "First what is in use: {n4} a second × 0.001 × {n5} s. Then ask of which number that is {n8} %.";

    // n0 the value, n4 clients a second, n5 mean, n6 idle, n7 how long a connection lives, n8 requests, n9 pause, na pauses,
    // all in ms; nb idle and nc pause in seconds.
    pub(super) const OPEN: &str =
        "A connection lives {n5} ms for its request and {n6} ms idle, {n7} ms. Times {n4} a second: {n4} × 0.001 × {n7} = {n0}.";
    pub(super) const OPEN_LONG: &str = "A connection lives {n8} × {n5} ms for requests, {na} × {n9} ms between them and {n6} ms idle at the end, {n7} ms. Times {n4} a second: {n4} × 0.001 × {n7} = {n0}.";
    pub(super) const ONLY_BUSY: &str = "That counts connections with a request under way, {n0}. An idle one takes up memory and a descriptor all the same, here for {n6} ms.";
    pub(super) const ONLY_IDLE: &str =
        "That counts the idle time only: {n4} × 0.001 × {n6} = {n0}. Before that a connection is open for its work.";
    pub(super) const ONE_PER_CLIENT: &str =
        "That is how many are opened in one second, {n0}. They stay for {n7} ms, so those of other seconds are still there.";
    pub(super) const NO_PAUSE: &str =
        "That forgets the {na} × {n9} ms between the requests and gives {n0}. The connection waits open for the next one.";
    pub(super) const PER_REQUEST: &str = "That opens a connection for each of the {n8} requests: {n4} × {n8} × 0.001 × ({n5} + {n6}) = {n0}. With keep-alive they share one.";
    pub(super) const OTHERWISE_OPEN: &str = "Add up how long one connection is open: {n8} × {n5} ms of work, what lies between, and {n6} ms idle. Then multiply by {n4} a second.";
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
