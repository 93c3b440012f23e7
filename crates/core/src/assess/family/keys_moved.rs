//! How many keys change their server when servers are added or taken out.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;

/// A change of the number of servers, and keys that it divides evenly.
struct Change {
    before: u32,
    after: u32,
    keys: u32,
}

impl Change {
    fn draw(dice: &mut Dice<'_>) -> Self {
        let by = if dice.is_tricky() { 2 } else { 1 };
        let (small, unit) = (dice.within(3, 12), dice.of(&[50, 100, 200]));
        let (before, after) = if dice.coin() { (small, small + by) } else { (small + by, small) };
        Self { before, after, keys: before * after * unit }
    }

    const fn fewer(&self) -> u32 {
        if self.before < self.after { self.before } else { self.after }
    }

    const fn more(&self) -> u32 {
        if self.before < self.after { self.after } else { self.before }
    }

    const fn servers(&self) -> u32 {
        self.more() - self.fewer()
    }

    /// Keys whose remainder changes, counted over one period.
    fn by_modulo(&self) -> u32 {
        let period = self.before * self.after;
        let moved = (0..period).filter(|key| key % self.before != key % self.after).count() as u32;
        moved * (self.keys / period)
    }

    /// The share of so many servers out of `of`, spread evenly.
    const fn share(&self, servers: u32, of: u32) -> u32 {
        self.keys * servers / of
    }
}

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let consistent = dice.form(2) == 1;
    let change = Change::draw(dice);
    let Change { before, after, keys } = change;
    let (by, fewer, more) = (change.servers(), change.fewer(), change.more());
    let (modulo, ring) = (change.by_modulo(), change.share(by, more));
    let truth = if consistent { ring } else { modulo };
    let mut sheet = Sheet::new(dice.words, &[keys, by, more, fewer, keys - truth, before, after]);
    let grows = after > before;
    let none = Idea::new(0, if grows { words::NONE_COMES } else { words::NONE_GOES });
    let (right, wrong) = if consistent {
        let off = Idea::new(change.share(by, fewer), if grows { words::OLD_SHARE } else { words::NEW_SHARE });
        let one = Idea::new(change.share(1, more), words::ONE_ONLY);
        (if grows { words::RING_GROWS } else { words::RING_SHRINKS }, [Idea::new(modulo, words::MODULO_HERE), off, none, one])
    } else {
        (words::MODULO, [Idea::new(ring, words::RING_HERE), Idea::new(keys, words::ALL), Idea::new(keys / 2, words::HALF), none])
    };
    let body = single(dice, &mut sheet, Idea::new(truth, right), &wrong, 3, |sheet, _| sheet.say(words::VALUE))?;
    let placed = if consistent { words::BY_RING } else { words::BY_MODULO };
    let given = sheet.list(&[words::SERVERS, words::KEYS, placed]);
    Some(Made { ask: sheet.say(words::ASK), given, keep: sheet.say(words::KEEP), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        ASK = "How many of the keys change their server?";
        KEEP = "Modulo moves nearly every key when the number of servers changes; a ring moves only the share of the servers that came or went.";
        VALUE = "{n0}";
        SERVERS = "Servers|{n9}, then {na}";
        KEYS = "Keys|{n4}, with hashes spread evenly";
        BY_RING = "A key's server|consistent hashing, every server with an equal share of the ring";
        BY_MODULO = "A key's server|<code>hash(key) mod number of servers</code>, numbered from 0";
        // n0 the value, n4 the keys, n5 servers that came or went, n6 the greater number of servers, n7 the smaller, n8 the keys that stay.
        RING_GROWS = "What came gets {n5} of {n6} equal shares: {n4} × {n5} ÷ {n6} = {n0}. The other {n8} keys stay, because nothing changed around them.";
        RING_SHRINKS = "What left had {n5} of {n6} equal shares, and these have to go elsewhere: {n4} × {n5} ÷ {n6} = {n0}. The other {n8} keys stay, because nothing changed around them.";
        MODULO = "A key stays only if its hash leaves the same remainder by {n6} as by {n7}. That holds for {n8} of {n4} keys; the other {n0} move.";
        MODULO_HERE = "That is what <code>hash mod n</code> would move, {n0} of {n4}: every key whose remainder changes. A ring does not divide by the number of servers.";
        RING_HERE = "That is what consistent hashing would move: {n4} × {n5} ÷ {n6} = {n0}. With modulo, keys move between servers that were there all along, too.";
        OLD_SHARE = "That takes the shares as they were before, {n4} × {n5} ÷ {n7} = {n0}. Afterwards {n6} servers divide the keys.";
        NEW_SHARE = "That takes the shares as they are afterwards, {n4} × {n5} ÷ {n7} = {n0}. What moves is what was there before, when {n6} servers divided the keys.";
        ONE_ONLY = "That is the share of one server, {n4} ÷ {n6} = {n0}. Here the number changes by {n5}.";
        ALL = "That thinks a new divisor gives every key a new remainder. Small remainders can agree: some of the {n0} keys stay.";
        HALF = "That takes it for a matter of chance, {n4} ÷ 2 = {n0}. Two remainders agree far more seldom than every other time.";
        NONE_COMES = "That thinks only new keys go to new servers, so {n0} of {n4} would move. A lookup knows nothing of old and new keys.";
        NONE_GOES = "That thinks the other servers keep all they have, so {n0} of {n4} would move. What lay there needs a server too.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: u32, after: u32, modulo: u32, ring: u32) {
        let change = Change { before, after, keys: before * after * 10 };
        let counted = (0..change.keys).filter(|key| key % before != key % after).count() as u32;
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
