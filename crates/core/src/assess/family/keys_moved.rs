//! How many keys change their server when servers are added or taken out.

use super::Made;
use super::dice::Dice;
use super::options::{Idea, single};
use super::say::Part::N;
use super::say::{say, table};

/// A change of the number of servers, and keys that it divides evenly.
struct Change {
    before: u64,
    after: u64,
    keys: u64,
}

impl Change {
    fn draw(dice: &mut Dice) -> Self {
        let by = if dice.is_tricky() { 2 } else { 1 };
        let (small, unit) = (dice.within(3, 12), dice.of(&[50, 100, 200]));
        let (before, after) = if dice.coin() { (small, small + by) } else { (small + by, small) };
        Self { before, after, keys: before * after * unit }
    }

    const fn fewer(&self) -> u64 {
        if self.before < self.after { self.before } else { self.after }
    }

    const fn more(&self) -> u64 {
        if self.before < self.after { self.after } else { self.before }
    }

    const fn servers(&self) -> u64 {
        self.more() - self.fewer()
    }

    /// Keys whose remainder changes, counted over one period.
    fn by_modulo(&self) -> u64 {
        let period = self.before * self.after;
        let moved = (0..period).filter(|key| key % self.before != key % self.after).count() as u64;
        moved * (self.keys / period)
    }

    /// The share of so many servers out of `of`, spread evenly.
    const fn share(&self, servers: u64, of: u64) -> u64 {
        self.keys * servers / of
    }
}

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    let consistent = dice.form(2) == 1;
    let change = Change::draw(dice);
    let Change { before, after, keys } = change;
    let (by, fewer, more) = (change.servers(), change.fewer(), change.more());
    let (modulo, ring) = (change.by_modulo(), change.share(by, more));
    let value = |template: &str, value: u64| {
        Idea::new(value, say(template, &[N(value), N(keys), N(by), N(more), N(fewer), N(keys - value.min(keys))]))
    };
    let grows = after > before;
    let off = value(if grows { words::OLD_SHARE } else { words::NEW_SHARE }, change.share(by, fewer));
    let one = value(words::ONE_ONLY, change.share(1, more));
    let none = value(if grows { words::NONE_COMES } else { words::NONE_GOES }, 0);
    let (right, wrong) = if consistent {
        (value(if grows { words::RING_GROWS } else { words::RING_SHRINKS }, ring), vec![value(words::MODULO_HERE, modulo), off, none, one])
    } else {
        let all = value(words::ALL, keys);
        (value(words::MODULO, modulo), vec![value(words::RING_HERE, ring), all, value(words::HALF, keys / 2), none])
    };
    let body = single(dice, right, wrong, 3, &|value| say("{0}", &[N(value)]))?;
    let cells = [
        words::SERVERS.to_owned(),
        say(words::FROM_TO, &[N(before), N(after)]),
        words::KEYS.to_owned(),
        say(words::EVENLY, &[N(keys)]),
        words::PLACED.to_owned(),
        (if consistent { words::BY_RING } else { words::BY_MODULO }).to_owned(),
    ];
    Some(Made { ask: words::ASK.to_owned(), given: table(&[], 2, &cells), keep: words::KEEP, body })
}

mod words {
    pub(super) const ASK: &str = "How many of the keys change their server?";
    pub(super) const KEEP: &str =
        "Modulo moves nearly every key when the number of servers changes; a ring moves only the share of the servers that came or went.";
    pub(super) const SERVERS: &str = "Servers";
    pub(super) const FROM_TO: &str = "{0}, then {1}";
    pub(super) const KEYS: &str = "Keys";
    pub(super) const EVENLY: &str = "{0}, with hashes spread evenly";
    pub(super) const PLACED: &str = "A key's server";
    pub(super) const BY_RING: &str = "consistent hashing, every server with an equal share of the ring";
    pub(super) const BY_MODULO: &str = "<code>hash(key) mod number of servers</code>, numbered from 0";

    // {0} the value, {1} the keys, {2} servers that came or went, {3} the greater number of servers, {4} the smaller one, {5} the other keys.
    pub(super) const RING_GROWS: &str =
        "What came gets {2} of {3} equal shares: {1} × {2} ÷ {3} = {0}. The other {5} keys stay, because nothing changed around them.";
    pub(super) const RING_SHRINKS: &str = "What left had {2} of {3} equal shares, and these have to go elsewhere: {1} × {2} ÷ {3} = {0}. The other {5} keys stay, because nothing changed around them.";
    pub(super) const MODULO: &str =
        "A key stays only if its hash leaves the same remainder by {3} as by {4}. That holds for {5} of {1} keys; the other {0} move.";
    pub(super) const MODULO_HERE: &str = "That is what <code>hash mod n</code> would move, {0} of {1}: every key whose remainder changes. A ring does not divide by the number of servers.";
    pub(super) const RING_HERE: &str = "That is what consistent hashing would move: {1} × {2} ÷ {3} = {0}. With modulo, keys move between servers that were there all along, too.";
    pub(super) const OLD_SHARE: &str =
        "That takes the shares as they were before, {1} × {2} ÷ {4} = {0}. Afterwards {3} servers divide the keys.";
    pub(super) const NEW_SHARE: &str = "That takes the shares as they are afterwards, {1} × {2} ÷ {4} = {0}. What moves is what was there before, when {3} servers divided the keys.";
    pub(super) const ONE_ONLY: &str = "That is the share of one server, {1} ÷ {3} = {0}. Here the number changes by {2}.";
    pub(super) const ALL: &str =
        "That thinks a new divisor gives every key a new remainder. Small remainders can agree: some of the {0} keys stay.";
    pub(super) const HALF: &str =
        "That takes it for a matter of chance, {1} ÷ 2 = {0}. Two remainders agree far more seldom than every other time.";
    pub(super) const NONE_COMES: &str =
        "That thinks only new keys go to new servers, so {0} of {1} would move. A lookup knows nothing of old and new keys.";
    pub(super) const NONE_GOES: &str =
        "That thinks the other servers keep all they have, so {0} of {1} would move. What lay there needs a server too.";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: u64, after: u64, modulo: u64, ring: u64) {
        let change = Change { before, after, keys: before * after * 10 };
        let counted = (0..change.keys).filter(|key| key % before != key % after).count() as u64;
        assert_eq!((change.by_modulo(), counted), (modulo, modulo), "{before} to {after}");
        assert_eq!(change.share(change.servers(), change.more()), ring, "{before} to {after}");
    }

    #[test]
    fn modulo_moves_nearly_all_and_a_ring_its_share() {
        check(10, 11, 1_000, 100);
        check(11, 10, 1_000, 100);
        check(4, 6, 160, 80);
        check(5, 3, 120, 60);
    }
}
