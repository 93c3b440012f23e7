//! Which server a request gets whose user a cookie or a table leads back.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;

/// Stands for nobody: the request is answered 503.
const NOBODY: u32 = 99;

/// A request that something leads to a server.
struct Led {
    servers: u32,
    /// To whom it is led, by index.
    to: u32,
    /// Whose turn it is, by index; another one.
    turn: u32,
    /// What that server is: ready, down, draining, in maintenance.
    state: u32,
    /// Of a table: how long ago the row was used, and how long a row lasts, in minutes.
    row: Option<(u32, u32)>,
}

impl Led {
    fn draw(dice: &mut Dice<'_>) -> Self {
        let table = dice.form(2) == 1;
        let servers = dice.within(3, 5);
        let different = dice.different(2, 0, servers - 1);
        let state = if dice.is_tricky() { 2 } else { 0 } + dice.below(2);
        let lasts = dice.of(&[5, 10, 15, 30, 60]);
        let used = dice.of(&[2, 4, 8, 12, 20, 25, 45, 90]);
        Self { servers, to: different[0], turn: different[1], state, row: table.then_some((used, lasts)) }
    }

    const fn has_run_out(&self) -> bool {
        matches!(self.row, Some((used, lasts)) if used >= lasts)
    }

    /// Who gets it. Draining keeps those who are led there; maintenance and death keep nobody
    /// (HAProxy `set server … state`).
    const fn served_by(&self) -> u32 {
        if self.has_run_out() || self.state % 2 == 1 { self.turn } else { self.to }
    }
}

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let led = Led::draw(dice);
    let Led { servers, to, turn, state, row } = led;
    let (used, lasts) = row.unwrap_or_default();
    let (table, after) = (u8::from(row.is_some()), (to + 1) % servers);
    let mut sheet = Sheet::new(dice.words, &[to, turn, servers - 1, used, lasts]);
    let by_name = u8::from(led.served_by() == to);
    let reason = if led.has_run_out() { words::RUN_OUT } else { words::READY + state as u8 };
    let nobody = if led.has_run_out() { words::NOBODY_NEW } else { words::NOBODY_BY_NAME - by_name };
    let wrong = [
        if by_name == 1 {
            Idea::new(turn, words::TURN + table)
        } else {
            Idea::new(to, if led.has_run_out() { words::ROW_STAYS } else { words::LED })
        },
        Idea::new(NOBODY, nobody),
        Idea::new(after, words::NEIGHBOUR),
    ];
    let name = |sheet: &mut Sheet<'_>, value| {
        sheet.turn_to(&[value, 0, 0, 0]);
        sheet.say(if value == NOBODY { words::NOBODY_AT_ALL } else { words::SERVER })
    };
    let body = single(dice, &mut sheet, Idea::new(led.served_by(), reason), &wrong, 3, name)?;
    let given = sheet.list(&[words::SERVERS, words::BROUGHT + table, words::IS_READY + state as u8, words::WHOSE_TURN]);
    Some(Made { ask: sheet.say(words::ASK), given, keep: sheet.say(words::KEEP), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        ASK = "Which server gets this request? The balancer works like HAProxy, with round robin and <code>option redispatch</code>.";
        KEEP = "What is remembered goes before whose turn it is, as long as it is still remembered and its server is up. Draining keeps its users, maintenance none.";
        SERVER = "{b0}";
        NOBODY_AT_ALL = "none: 503";
        // b4 to whom it is led, b5 whose turn it is, b6 the last server, n7 since when the row was not used, n8 how long rows last.
        SERVERS = "Servers|b1 to {b6}";
        // In this order.
        BROUGHT = "The request brings|<code>Cookie: SRV={b4}</code>, which the balancer once set";
        BROUGHT_ROW = "The table has|the user's key with {b4}, last used {n7} minutes ago; <code>expire {n8}m</code>";
        // In this order.
        IS_READY = "{b4}|is up";
        IS_DOWN = "{b4}|has failed its health checks and is down";
        IS_DRAINING = "{b4}|is up and was set to <code>drain</code>";
        IS_OUT = "{b4}|is up and was set to <code>maint</code>";
        WHOSE_TURN = "By round robin|it is the turn of {b5}";
        // In this order.
        READY = "{b4} is remembered and up. Turns are for those whom nothing leads anywhere.";
        DOWN = "{b4} is down, so the user is balanced like a new one: it is the turn of {b5}, and that is remembered from now on.";
        DRAINING = "Draining means that {b4} gets nobody new. Those who are led there stay, until their sessions are over.";
        OUT = "In maintenance {b4} gets nobody, remembered or not. The user is balanced like a new one, and it is the turn of {b5}.";
        RUN_OUT = "The row was not used for {n7} minutes and lasts {n8}, so it is gone. The user is as good as new, and it is the turn of {b5}.";
        // In this order.
        TURN = "That deals out turns and leaves the cookie unread. It is the turn of {b0}, but only for those who bring none.";
        TURN_TABLE = "That deals out turns and does not look into the table. It is the turn of {b0}, but only for those who have no row.";
        LED = "That follows what is remembered, whatever has become of the server. {b0} gets no requests now, and then another takes them.";
        ROW_STAYS = "That finds a row that is gone: {n7} minutes without use are more than the {n8} that rows last. Nothing leads to {b0} any more.";
        // In this order: led and not led.
        NOBODY_LED = "That gives nobody the request, though {b4} can be asked: it answers those who are led to it.";
        NOBODY_BY_NAME = "That sends nobody elsewhere. With <code>option redispatch</code> a request whose server cannot be had goes to another, here {b5}.";
        NOBODY_NEW = "That leaves a user without a row unserved. Whoever is not remembered is balanced, and it is the turn of {b5}.";
        NEIGHBOUR = "That goes to the next server, {b0}, as on a hash ring. A cookie or a table names one server, and after that it is whose turn it is.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::affinity::{Limits, Rows};
    use crate::time::{Duration, Instant};

    fn check(state: u32, row: Option<(u32, u32)>, expect: u32) {
        let led = Led { servers: 3, to: 1, turn: 2, state, row };
        assert_eq!(led.served_by(), expect, "{state} {row:?}");
        if let Some((used, lasts)) = row {
            let minutes = |n: u32| Duration::from_secs(u64::from(n) * 60);
            let mut rows = Rows::new(Limits { size: 9, expire: minutes(lasts), nopurge: false });
            rows.store("user", 1, Instant::START, Instant::START);
            assert_eq!(rows.find("user", Instant::START + minutes(used)).is_none(), led.has_run_out(), "as the table says: {row:?}");
        }
    }

    #[test]
    fn who_is_remembered_goes_there_while_it_takes_them() {
        check(0, None, 1);
        check(1, None, 2);
        check(2, None, 1);
        check(3, None, 2);
        check(0, Some((4, 5)), 1);
        check(0, Some((5, 5)), 2);
        check(2, Some((8, 5)), 2);
        check(3, Some((4, 5)), 2);
    }
}
