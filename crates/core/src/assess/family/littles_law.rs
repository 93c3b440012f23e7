//! How many connections are needed.

use super::Made;
use super::dice::Dice;
use super::options::{Idea, number};
use super::say::Part::N;
use super::say::{say, table};

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
    let busy = little(rate, ms)?;
    let share = if dice.is_tricky() { dice.of(&[50, 60, 75, 80]) } else { 100 };
    let sized = |busy: u64| busy * 100 / share;
    if sized(busy) * share != busy * 100 {
        return None;
    }
    let tricky = share < 100;
    let idea = |template: &str, value: u64| Idea::new(value, say(template, &[N(value), N(rate), N(ms), N(p99), N(busy), N(share)]));
    let slow = sized(little(rate, p99)?);
    let mut wrong = vec![
        idea(words::ONE_EACH, rate),
        idea(if tricky { words::P99_SIZED } else { words::P99 }, slow),
        idea(words::PER_CONNECTION, 1_000 / ms),
        idea(words::UNITS, rate * ms),
    ];
    if tricky {
        wrong.insert(0, idea(words::NO_ROOM, busy));
        if (busy * share).is_multiple_of(100) {
            wrong.insert(1, idea(words::WRONG_WAY, busy * share / 100));
        }
    }
    let right = idea(if tricky { words::SIZED } else { words::BUSY }, sized(busy));
    let otherwise = say(if tricky { words::OTHERWISE_SIZED } else { words::OTHERWISE }, &[N(rate), N(ms), N(share)]);
    let body = number(right, words::UNIT, wrong, 3, otherwise)?;
    let mut cells = vec![
        words::RATE.to_owned(),
        say(words::A_SECOND, &[N(rate)]),
        words::MEAN.to_owned(),
        say(words::MS, &[N(ms)]),
        words::TAIL.to_owned(),
        say(words::MS, &[N(p99)]),
    ];
    if tricky {
        cells.extend([words::ROOM.to_owned(), say(words::SHARE, &[N(share)])]);
    }
    let ask = if tricky { words::ASK_SIZED } else { words::ASK_BUSY };
    Some(Made { ask: ask.to_owned(), given: table(&[], 2, &cells), keep: words::KEEP, body })
}

/// Connections from clients, which stay open between requests and for a while after the last.
fn kept_open(dice: &mut Dice) -> Option<Made> {
    let (rate, ms, idle) =
        (dice.of(&[5, 10, 15, 20, 25, 30, 40, 50]), dice.of(&[100, 200, 400, 500, 600, 800, 1_000]), dice.of(&[2, 3, 4, 5, 8, 10]));
    let tricky = dice.is_tricky();
    let (requests, pause) = if tricky { (dice.within(2, 4), dice.of(&[1, 2, 3])) } else { (1, 0) };
    let (work, pauses) = (requests * ms, (requests - 1) * pause * 1_000);
    let life = work + pauses + idle * 1_000;
    let truth = little(rate, life)?;
    let values = |value: u64| [N(value), N(rate), N(ms), N(idle * 1_000), N(life), N(requests), N(pause * 1_000), N(requests - 1)];
    let idea = |template: &str, value: u64| Idea::new(value, say(template, &values(value)));
    let mut wrong =
        vec![idea(words::ONLY_BUSY, little(rate, work)?), idea(words::ONLY_IDLE, rate * idle), idea(words::ONE_PER_CLIENT, rate)];
    if tricky {
        wrong.insert(1, idea(words::NO_PAUSE, little(rate, work + idle * 1_000)?));
        wrong.push(idea(words::PER_REQUEST, truth * requests));
    }
    let right = idea(if tricky { words::OPEN_LONG } else { words::OPEN }, truth);
    let body = number(right, words::UNIT, wrong, 3, say(words::OTHERWISE_OPEN, &values(truth)))?;
    let mut cells = vec![words::CLIENTS.to_owned(), say(if tricky { words::NEW_ONES } else { words::NEW_ONES_ONE }, &[N(rate)])];
    if tricky {
        cells.extend([words::EACH.to_owned(), say(words::SENDS_MORE, &[N(requests), N(pause)])]);
    }
    cells.extend([words::MEAN.to_owned(), say(words::MS, &[N(ms)]), words::IDLE.to_owned(), say(words::AFTER, &[N(idle)])]);
    Some(Made { ask: words::ASK_OPEN.to_owned(), given: table(&[], 2, &cells), keep: words::KEEP, body })
}

mod words {
    pub(super) const ASK_BUSY: &str = "How many connections to the backends are in use on average, with one request at a time on each?";
    pub(super) const ASK_SIZED: &str = "How many connections to the backends does the pool need, with one request at a time on each?";
    pub(super) const ASK_OPEN: &str = "How many client connections does the proxy hold open on average?";
    pub(super) const KEEP: &str = "Little’s law: how many are there at once = how many come a second × how long each stays.";
    pub(super) const UNIT: &str = "connections";
    pub(super) const RATE: &str = "Requests";
    pub(super) const A_SECOND: &str = "{0} a second";
    pub(super) const MEAN: &str = "A request takes, on average";
    pub(super) const TAIL: &str = "The slowest 1 % take longer than";
    pub(super) const MS: &str = "{0} ms";
    pub(super) const ROOM: &str = "Of the pool should be in use";
    pub(super) const SHARE: &str = "{0} % on average, the rest is for peaks";
    pub(super) const CLIENTS: &str = "Clients";
    pub(super) const NEW_ONES: &str = "{0} new ones a second, one connection each";
    pub(super) const NEW_ONES_ONE: &str = "{0} new ones a second, one connection and one request each";
    pub(super) const EACH: &str = "Each client";
    pub(super) const SENDS_MORE: &str = "sends {0} requests, with {1} s between an answer and the next request";
    pub(super) const IDLE: &str = "The proxy closes a connection";
    pub(super) const AFTER: &str = "that has been idle for {0} s";

    // {0} the value, {1} requests a second, {2} mean, {3} p99, {4} in use, {5} percent.
    pub(super) const BUSY: &str = "Each request holds a connection for {2} ms: {1} a second × 0.001 × {2} = {0} at once.";
    pub(super) const SIZED: &str =
        "In use are {1} a second × 0.001 × {2} = {4}. If that is to be {5} %, the pool has {4} × 100 ÷ {5} = {0}.";
    pub(super) const ONE_EACH: &str = "That gives each of the {0} requests of a second a connection of its own. One that takes {2} ms hands it on long before the second is over.";
    pub(super) const P99: &str =
        "That counts every request as a slow one: {1} × {3} ms = {0}. An average number comes from the average time.";
    pub(super) const P99_SIZED: &str =
        "That counts every request as a slow one, {3} ms, and gives {0}. The peaks have their room in the {5} % already.";
    pub(super) const PER_CONNECTION: &str =
        "That is how many requests <em>one</em> connection can carry in a second: 1,000 ÷ {2} = {0}. Divide {1} by it.";
    pub(super) const UNITS: &str = "That multiplies {1} a second by {2} milliseconds. In seconds it is a thousandth of {0}.";
    pub(super) const NO_ROOM: &str =
        "That is what is in use on average, {1} a second × 0.001 × {2} = {0}. A pool of that size has nothing left for a busier moment.";
    pub(super) const WRONG_WAY: &str = "That takes {5} % of {4}, which is {0}: fewer than are in use. The {4} are the {5} %.";
    pub(super) const OTHERWISE: &str = "Multiply how many come a second, {0}, by how long each stays, {1} ms = 0.001 × {1} s.";
    pub(super) const OTHERWISE_SIZED: &str = "First what is in use: {0} a second × 0.001 × {1} s. Then ask of which number that is {2} %.";

    // {0} the value, {1} clients a second, {2} mean, {3} idle, {4} how long a connection lives, {5} requests, {6} pause, {7} pauses; times in ms.
    pub(super) const OPEN: &str =
        "A connection lives {2} ms for its request and {3} ms idle, {4} ms. Times {1} a second: {1} × 0.001 × {4} = {0}.";
    pub(super) const OPEN_LONG: &str = "A connection lives {5} × {2} ms for requests, {7} × {6} ms between them and {3} ms idle at the end, {4} ms. Times {1} a second: {1} × 0.001 × {4} = {0}.";
    pub(super) const ONLY_BUSY: &str = "That counts connections with a request under way, {0}. An idle one takes up memory and a descriptor all the same, here for {3} ms.";
    pub(super) const ONLY_IDLE: &str =
        "That counts the idle time only: {1} × 0.001 × {3} = {0}. Before that a connection is open for its work.";
    pub(super) const ONE_PER_CLIENT: &str =
        "That is how many are opened in one second, {0}. They stay for {4} ms, so those of other seconds are still there.";
    pub(super) const NO_PAUSE: &str =
        "That forgets the {7} × {6} ms between the requests and gives {0}. The connection waits open for the next one.";
    pub(super) const PER_REQUEST: &str =
        "That opens a connection for each of the {5} requests and gives {0}. With keep-alive they share one.";
    pub(super) const OTHERWISE_OPEN: &str =
        "Add up how long one connection is open: {5} × {2} ms of work, what lies between, and {3} ms idle. Then multiply by {1} a second.";
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
