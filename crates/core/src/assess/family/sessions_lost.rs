//! How many users lose their session when one of several servers dies, by what keeps them.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;

/// Users spread evenly over servers, of which one dies.
struct Death {
    servers: u32,
    users: u32,
    /// Whether it comes back, empty, after everybody has asked again.
    returns: bool,
}

impl Death {
    fn draw(dice: &mut Dice<'_>) -> Self {
        let servers = dice.within(3, 8);
        Self { servers, users: servers * (servers - 1) * dice.of(&[10, 15, 20, 25, 30, 40, 50, 60]), returns: dice.is_tricky() }
    }

    /// Those whom the dead server knew.
    const fn theirs(&self) -> u32 {
        self.users / self.servers
    }

    /// Those whose remainder changes with the number of servers, counted over one period.
    fn by_modulo(&self) -> u32 {
        let (before, after) = (self.servers, self.servers - 1);
        let moved = (0..before * after).filter(|key| key % before != key % after).count() as u32;
        moved * (self.users / (before * after))
    }

    /// Those who move with the server, once it has died and, where it returns, once more.
    const fn both_ways(&self, moved: u32) -> u32 {
        if self.returns { 2 * moved } else { moved }
    }

    /// Sessions that are lost, by form: cookie, ring, modulo, store.
    fn lost(&self, form: u32) -> u32 {
        match form {
            // Who was given another cookie stays where it leads.
            0 => self.theirs(),
            1 => self.both_ways(self.theirs()),
            2 => self.both_ways(self.by_modulo()),
            _ => 0,
        }
    }
}

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let form = dice.form(4);
    let death = Death::draw(dice);
    let (servers, users, theirs, modulo) = (death.servers, death.users, death.theirs(), death.by_modulo());
    let mut sheet = Sheet::new(dice.words, &[users, servers, servers - 1, theirs, modulo, users - modulo]);
    let tricky = u8::from(death.returns);
    let right = Idea::new(death.lost(form), words::COOKIE + 2 * form as u8 + tricky);
    let share = Idea::new(theirs, if form == 3 { words::SHARE_STORE } else { words::SHARE });
    let (all, left) = (Idea::new(users, words::ALL), Idea::new(users / (servers - 1), words::LEFT));
    let (none, nearly) = (Idea::new(0, words::NONE_COOKIE + form.min(2) as u8), Idea::new(modulo, words::NEARLY));
    let twice = Idea::new(2 * theirs, words::TWICE);
    let wrong = match (form, death.returns) {
        (0, true) => [twice, none, nearly, left],
        (0, false) => [none, nearly, left, all],
        (1, true) => [share, nearly, none, all],
        (1, false) => [nearly, none, left, all],
        (2, true) => [Idea::new(modulo, words::ONE_WAY), share, none, all],
        (2, false) => [share, all, left, none],
        _ => [share, nearly, left, all],
    };
    let body = single(dice, &mut sheet, right, &wrong, 3, |sheet, _| sheet.say(words::VALUE))?;
    let given = sheet.list(&[words::SERVERS, words::USERS, words::BY_COOKIE + form as u8]);
    Some(Made { ask: sheet.say(words::ASK + tricky), given, keep: sheet.say(words::KEEP), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        // In this order.
        ASK = "One server dies, and everybody asks again. How many sessions are lost?";
        ASK_RETURNS = "One server dies and everybody asks again. An hour later it is back, empty, and everybody asks once more. How many sessions are lost in all?";
        KEEP = "What dies with a server is what it kept. A cookie moves those users once, a ring there and back, a division nearly everybody; a store nobody.";
        VALUE = "{n0}";
        SERVERS = "Servers|{n5}, with as many users each";
        USERS = "Users|{n4}";
        // In this order.
        BY_COOKIE = "Sessions|in the servers' memory; a cookie of the balancer names the server, and who cannot be served there is balanced anew";
        BY_RING = "Sessions|in the servers' memory; the balancer hashes the user onto a ring, and a dead server is left out of it";
        BY_MODULO = "Sessions|in the servers' memory; the balancer takes <code>hash(user) mod number of servers</code>, and a dead server is taken off the list";
        BY_STORE = "Sessions|in a store that all servers ask; the balancer takes turns";
        // n0 the value, n4 users, n5 servers, n6 those that are left, n7 those of one server, n8 those moved by modulo, n9 the others.
        // In this order: plain and with a return.
        COOKIE = "The cookies of {n7} users name the dead server: {n4} ÷ {n5} = {n0}. Everybody else's names one that lives.";
        COOKIE_RETURNS = "The {n0} users of the dead server lose their session once and get a cookie that names another. When it is back nobody's cookie names it, so nobody moves.";
        RING = "The arcs of the dead server hold {n4} ÷ {n5} = {n0} users, who go to its neighbours. Nothing else on the ring has changed.";
        RING_RETURNS = "The {n7} users of the dead server move to its neighbours, and when it is back the same arcs are its own again: 2 × {n7} = {n0}. The hash does not know that the new session is elsewhere.";
        MODULO = "Only {n9} of {n4} users have the same remainder by {n5} as by {n6}. The other {n0} go to another server, most of them away from one that lives.";
        MODULO_RETURNS = "{n8} of {n4} users get another remainder when {n5} becomes {n6}, and their old one back afterwards: 2 × {n8} = {n0}.";
        STORE = "Any of the {n6} servers left reads the session from the store, so {n0} are lost.";
        STORE_RETURNS = "Any server reads the session from the store, whether {n6} of them are there or {n5}: {n0} are lost.";
        // In this order, for cookie, ring, modulo.
        NONE_COOKIE = "That takes the cookie for the session, so that {n0} of {n4} would be lost. It says only which server has it, and that one is dead.";
        NONE_RING = "That lets the neighbour on the ring know the {n7} users it takes over, so that {n0} would be lost. It has never seen them.";
        NONE_MODULO = "That thinks a hash finds the session wherever it is, so that {n0} would be lost. It finds a server; the session stays where it was.";
        NEARLY = "That is what <code>hash mod n</code> would lose, {n0} of {n4}: a division that changes for everybody.";
        ONE_WAY = "That counts the way there, {n0}, and not the way back: when {n6} servers are {n5} again, the same users have another remainder once more.";
        SHARE = "That counts only the users of the dead server, {n4} ÷ {n5} = {n0}, and each of them once.";
        SHARE_STORE = "That is what sessions in memory would lose, {n4} ÷ {n5} = {n0}. Here the server that died had none.";
        TWICE = "That brings the {n7} users of the dead server back to it, as a ring would: 2 × {n7} = {n0}. Their cookies name another server by now.";
        ALL = "That lets one death end every session, all {n0}. {n6} of {n5} servers live.";
        LEFT = "That divides by the servers that are left, {n4} ÷ {n6} = {n0}. What is lost was spread over {n5}.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(servers: u32, returns: bool, expect: [u32; 4]) {
        let death = Death { servers, users: servers * (servers - 1) * 10, returns };
        assert_eq!([0, 1, 2, 3].map(|form| death.lost(form)), expect, "{servers} {returns}");
    }

    #[test]
    fn each_way_loses_its_own() {
        check(3, false, [20, 20, 40, 0]);
        check(3, true, [20, 40, 80, 0]);
        check(5, false, [40, 40, 160, 0]);
        check(8, true, [70, 140, 980, 0]);
    }
}
