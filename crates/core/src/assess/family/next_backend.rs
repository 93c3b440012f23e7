//! Which member of a pool gets the next request.

use super::Made;
use super::dice::Dice;
use super::options::{Idea, single};
use super::picks::{Member, Pick, picks};
use super::say::Part::{A, B, N, S};
use super::say::{listed, say, table};
use crate::decimal::Decimal;
use crate::policy::balance::PolicyKind;
use crate::policy::decision::{Reason, Score, Standing};

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    match dice.form(4) {
        0 => round_robin(dice),
        1 => weighted(dice),
        2 => least_conn(dice),
        _ => ip_hash(dice),
    }
}

fn member(weight: u64, open: u64) -> Member {
    Member { weight, open, standing: Standing::Eligible }
}

fn name(index: u64) -> String {
    say("{0}", &[B(index as usize)])
}

/// The members with the fewest and with the most open requests.
fn fewest_and_most(members: &[Member]) -> (usize, usize) {
    let at = |best: Option<usize>| best.unwrap_or_default();
    let places = || 0..members.len();
    (at(places().min_by_key(|&i| members[i].open)), at(places().max_by_key(|&i| members[i].open)))
}

fn made(ask: String, given: String, keep: &'static str, body: super::Body) -> Made {
    Made { ask, given, keep, body }
}

fn round_robin(dice: &mut Dice) -> Option<Made> {
    let count = dice.within(4, 5) as usize;
    let members: Vec<Member> = dice.different(count, 0, 9).into_iter().map(|open| member(1, open)).collect();
    let before = dice.within(2, 2 * count as u64) as usize;
    let last = (before - 1) % count;
    let turn = (last + 1) % count;
    let down = dice.is_tricky().then_some(turn);
    let all = picks(PolicyKind::RoundRobin, &members, down, &vec![0; before + 1]);
    let chosen = all.get(before)?.chosen;
    let (fewest, _) = fewest_and_most(&members);

    let why = match down {
        Some(gone) => say(words::TURN_SKIPS, &[B(last), B(gone), B(chosen)]),
        None => say(words::TURN, &[B(last), B(chosen)]),
    };
    let mut wrong = vec![Idea::new(fewest as u64, say(words::TURN_FEWEST, &[B(fewest), N(members[fewest].open)]))];
    wrong.extend(down.map(|gone| Idea::new(gone as u64, say(words::TURN_GONE, &[B(last), B(gone)]))));
    wrong.push(Idea::new(last as u64, say(words::TURN_AGAIN, &[B(last)])));
    wrong.push(Idea::new(0, say(words::TURN_FIRST, &[N(before as u64), B(last)])));
    let body = single(dice, Idea::new(chosen as u64, why), wrong, 2, &name)?;
    let given = say(words::LAST, &[B(last)]) + &open_table(&members, down);
    Some(made(words::ASK_TURN.to_owned(), given, words::KEEP_TURN, body))
}

/// Members with their open requests, and their state when one of them is not up.
fn open_table(members: &[Member], down: Option<usize>) -> String {
    let mut cells = Vec::new();
    for (i, m) in members.iter().enumerate() {
        cells.extend([say("{0}", &[B(i)]), say("{0}", &[N(m.open)])]);
        if down.is_some() {
            cells.push((if down == Some(i) { words::GONE } else { words::UP }).to_owned());
        }
    }
    let heads = [words::MEMBER, words::OPEN, words::STATE];
    let columns = if down.is_some() { 3 } else { 2 };
    table(&heads[..columns], columns, &cells)
}

fn weighted(dice: &mut Dice) -> Option<Made> {
    let count = if dice.is_tricky() { 4 } else { 3 };
    let members: Vec<Member> = (0..count).map(|_| member(dice.within(1, 5), 0)).collect();
    let total: u64 = members.iter().map(|m| m.weight).sum();
    let nth = dice.within(2, total.min(9)) as usize;
    let all = picks(PolicyKind::WeightedRoundRobin, &members, None, &vec![0; nth]);
    let (pick, before) = all.split_last()?;

    let heaviest = (0..members.len()).rev().max_by_key(|&i| members[i].weight)?;
    let alone = members.iter().filter(|m| m.weight == members[heaviest].weight).count() == 1;
    let block = block(&members, nth as u64 - 1);
    let turn = (nth - 1) % members.len();
    let sequence: Vec<String> = before.iter().map(|pick| name(pick.chosen as u64)).collect();
    let current: Vec<String> = pick.scores.iter().enumerate().map(|(i, score)| current(i, *score)).collect();
    let why = say(words::SMOOTH, &[S(&listed(&sequence, words::AND)), S(&listed(&current, words::AND)), B(pick.chosen), N(total)]);
    let mut wrong = vec![
        Idea::new(block as u64, say(words::BLOCKS, &[B(block), N(members[block].weight), N(nth as u64)])),
        Idea::new(turn as u64, say(words::UNWEIGHTED, &[N(nth as u64), B(turn)])),
    ];
    if alone {
        wrong.push(Idea::new(heaviest as u64, say(words::HEAVIEST, &[B(heaviest), N(members[heaviest].weight), N(total)])));
    }
    let body = single(dice, Idea::new(pick.chosen as u64, why), wrong, 2, &name)?;
    let cells: Vec<String> = members.iter().enumerate().flat_map(|(i, m)| [name(i as u64), say("{0}", &[N(m.weight)])]).collect();
    let given = words::FRESH.to_owned() + &table(&[words::MEMBER, words::WEIGHT], 2, &cells);
    Some(made(say(words::ASK_WEIGHTED, &[N(nth as u64)]), given, words::KEEP_WEIGHTED, body))
}

/// Who is at that place when each gets its whole weight in one go.
fn block(members: &[Member], place: u64) -> usize {
    let mut left = place;
    for (i, m) in members.iter().enumerate() {
        if left < m.weight {
            return i;
        }
        left -= m.weight;
    }
    0
}

fn current(index: usize, score: Score) -> String {
    let Score::CurrentWeight(value) = score else { return String::new() };
    let sign = if value < 0 { "−" } else { "" };
    say(words::STANDS_AT, &[B(index), S(sign), N(value.unsigned_abs())])
}

fn least_conn(dice: &mut Dice) -> Option<Made> {
    let weighs = dice.is_tricky() && dice.coin();
    let mut members: Vec<Member> = dice.different(4, 0, 9).into_iter().map(|open| member(1, open)).collect();
    let (fewest, most) = fewest_and_most(&members);
    let leaving = dice.is_tricky() && !weighs;
    if leaving {
        members[fewest].standing = Standing::Draining;
    }
    if weighs {
        members.iter_mut().for_each(|m| m.weight = dice.within(1, 4));
    }
    let last = dice.below(4) as usize;
    let turn = (last + 1) % 4;
    let mut all = picks(PolicyKind::LeastConn, &members, None, &[0]);
    let pick = all.pop().filter(|pick| pick.reason == Reason::FewestActive)?;

    let mut wrong = Vec::new();
    if weighs {
        wrong.push(Idea::new(fewest as u64, per_weight(words::WEIGHT_FORGOTTEN, fewest, &members, &pick)));
        let heaviest = (0..4).rev().max_by_key(|&i| members[i].weight)?;
        wrong.push(Idea::new(heaviest as u64, per_weight(words::ONLY_WEIGHT, heaviest, &members, &pick)));
    }
    if leaving {
        wrong.push(Idea::new(fewest as u64, say(words::LEAVING_TAKEN, &[B(fewest), N(members[fewest].open)])));
    }
    wrong.push(Idea::new(most as u64, say(words::MOST, &[B(most), N(members[most].open)])));
    wrong.push(Idea::new(turn as u64, say(words::IN_TURN, &[B(last), B(turn), N(members[turn].open)])));
    let why = if weighs {
        let each: Vec<String> = (0..4).map(|i| per_weight(words::RATIO, i, &members, &pick)).collect();
        say(words::FEWEST_PER_WEIGHT, &[S(&each.join(", ")), B(pick.chosen)])
    } else {
        let but = if leaving { say(words::LEAVES, &[B(fewest)]) } else { String::new() };
        say(words::FEWEST, &[B(pick.chosen), N(members[pick.chosen].open), S(&but)])
    };
    let body = single(dice, Idea::new(pick.chosen as u64, why), wrong, 2, &name)?;
    let given = say(words::LAST, &[B(last)]) + &least_table(&members, weighs, leaving);
    let ask = if weighs { words::ASK_LEAST_WEIGHTED } else { words::ASK_LEAST };
    Some(made(ask.to_owned(), given, words::KEEP_LEAST, body))
}

/// A sentence about a member's open requests, its weight, and the one divided by the other.
fn per_weight(template: &str, i: usize, members: &[Member], pick: &Pick) -> String {
    let ratio = match pick.scores.get(i) {
        Some(Score::ActivePerWeight(thousandths)) => *thousandths,
        _ => 0,
    };
    let ratio = Decimal(ratio as f64 / 1_000.0).to_string();
    say(template, &[B(i), N(members[i].open), N(members[i].weight), S(&ratio)])
}

fn least_table(members: &[Member], weighs: bool, leaving: bool) -> String {
    let mut heads = vec![words::MEMBER, words::OPEN];
    heads.extend(weighs.then_some(words::WEIGHT));
    heads.extend(leaving.then_some(words::STATE));
    let mut cells = Vec::new();
    for (i, m) in members.iter().enumerate() {
        cells.extend([say("{0}", &[B(i)]), say("{0}", &[N(m.open)])]);
        if weighs {
            cells.push(say("{0}", &[N(m.weight)]));
        }
        if leaving {
            cells.push((if m.standing == Standing::Draining { words::DRAINING } else { words::UP }).to_owned());
        }
    }
    table(&heads, heads.len(), &cells)
}

fn ip_hash(dice: &mut Dice) -> Option<Made> {
    let tricky = dice.is_tricky();
    let count = if tricky { 4 } else { 3 };
    let members: Vec<Member> = dice.different(count, 0, 9).into_iter().map(|open| member(1, open)).collect();
    // Offices of one company under 10.x.y.0/24; only the hard form has several that share two octets.
    let second = dice.different(4, 16, 99);
    let third = dice.different(4, 1, 250);
    let network = |i: usize| 10 << 24 | (second[if tricky { i / 2 } else { i }] as u32) << 16 | (third[i] as u32) << 8;
    let mut clients: Vec<u32> = (0..4).map(|i| network(i) | dice.within(1, 254) as u32).collect();
    let known = dice.below(4) as usize;
    let octet = dice.within(1, 254);
    let newcomer = network(known) | octet as u32;
    if clients.contains(&newcomer) {
        return None;
    }
    clients.push(newcomer);
    let all = picks(PolicyKind::IpHash, &members, None, &clients);
    let (pick, before) = all.split_last().filter(|(pick, _)| matches!(pick.reason, Reason::AddressHash(_)))?;
    let last = before.last()?.chosen;
    let turn = (last + 1) % count;
    let rest = (octet % count as u64) as usize;
    let (fewest, _) = fewest_and_most(&members);
    let cousin = known ^ 1;

    let mut wrong = vec![Idea::new(rest as u64, say(words::WHOLE_ADDRESS, &[N(octet), N(count as u64), N(rest as u64), B(rest)]))];
    if tricky {
        let at = before.get(cousin)?.chosen;
        wrong.insert(0, Idea::new(at as u64, say(words::TWO_OCTETS, &[A(clients[cousin]), B(at)])));
    }
    wrong.push(Idea::new(turn as u64, say(words::HASH_TURN, &[B(last), B(turn)])));
    wrong.push(Idea::new(fewest as u64, say(words::HASH_FEWEST, &[B(fewest), N(members[fewest].open)])));
    let why = say(words::NETWORK, &[A(clients[known]), A(newcomer), B(pick.chosen)]);
    let body = single(dice, Idea::new(pick.chosen as u64, why), wrong, 2, &name)?;
    let rows = before.iter().zip(&clients);
    let cells: Vec<String> = rows.flat_map(|(pick, &client)| [say("{0}", &[A(client)]), name(pick.chosen as u64)]).collect();
    let given = words::SO_FAR.to_owned() + &table(&[words::CLIENT, words::WENT_TO], 2, &cells) + &open_table(&members, None);
    Some(made(say(words::ASK_HASH, &[A(newcomer)]), given, words::KEEP_HASH, body))
}

mod words {
    pub(super) const MEMBER: &str = "Member";
    pub(super) const OPEN: &str = "Open requests";
    pub(super) const WEIGHT: &str = "Weight";
    pub(super) const STATE: &str = "State";
    pub(super) const UP: &str = "up";
    pub(super) const GONE: &str = "taken out";
    pub(super) const DRAINING: &str = "draining";
    pub(super) const CLIENT: &str = "Client";
    pub(super) const WENT_TO: &str = "Went to";
    pub(super) const AND: &str = " and ";
    pub(super) const LAST: &str = "<p>The last request went to {0}.</p>";
    pub(super) const FRESH: &str = "<p>The balancer has just started.</p>";
    pub(super) const SO_FAR: &str = "<p>So far, in this order:</p>";

    pub(super) const ASK_TURN: &str = "Round robin: which member gets the next request?";
    pub(super) const KEEP_TURN: &str = "Round robin remembers one thing: whose turn it is.";
    pub(super) const TURN: &str = "The turn was at {0}, so it comes to {1}. Open requests play no part in it.";
    pub(super) const TURN_SKIPS: &str = "After {0} it would be the turn of {1}. That one is out of the pool, so the turn passes on to {2}.";
    pub(super) const TURN_FEWEST: &str =
        "That is least connections: {0} has the fewest open requests, {1}. Round robin does not count them.";
    pub(super) const TURN_GONE: &str =
        "That keeps to the order of the list, {0} and then {1}, as if a member that was taken out still had its turn.";
    pub(super) const TURN_AGAIN: &str =
        "That takes a balancer for one that sticks to its last choice. {0} had its turn with the request before.";
    pub(super) const TURN_FIRST: &str =
        "That begins again at the top of the list with every request. After {0} requests the turn has come to {1}, and goes on from there.";

    pub(super) const ASK_WEIGHTED: &str = "Smooth weighted round robin, as in nginx: which member gets request number {0}?";
    pub(super) const KEEP_WEIGHTED: &str =
        "Smooth weights deal out the same shares as blocks do, but never hand one member its whole share at once.";
    pub(super) const SMOOTH: &str =
        "Before it went {0}. Each round adds every member's weight; this time {1}. The highest is {2}, which then pays back {3}.";
    pub(super) const STANDS_AT: &str = "{0} stands at {1}{2}";
    pub(super) const BLOCKS: &str =
        "That deals out each weight as one block: {0} would take {1} in a row, and request {2} would be one of them. nginx spreads them.";
    pub(super) const UNWEIGHTED: &str = "That is round robin without weights: place {0} in the plain turn is {1}.";
    pub(super) const HEAVIEST: &str =
        "That takes the greatest weight for first choice every time. {0} gets {1} of every {2} requests, not all of them.";

    pub(super) const ASK_LEAST: &str = "Least connections: which member gets the next request?";
    pub(super) const ASK_LEAST_WEIGHTED: &str = "Least connections with weights: which member gets the next request?";
    pub(super) const KEEP_LEAST: &str = "Least connections asks who has the fewest open for its weight, at the moment of the choice.";
    pub(super) const FEWEST: &str = "{0} has the fewest open requests of all that may be picked, {1}.{2}";
    pub(super) const LEAVES: &str = " {0} has fewer, but it is leaving and gets nothing new.";
    pub(super) const FEWEST_PER_WEIGHT: &str = "Open requests divided by weight: {0}. The lowest is {1}.";
    pub(super) const RATIO: &str = "{0}: {1} ÷ {2} = {3}";
    pub(super) const WEIGHT_FORGOTTEN: &str =
        "That forgets the weights. {0} has the fewest open, {1}, but with weight {2} that counts as {1} ÷ {2} = {3}.";
    pub(super) const ONLY_WEIGHT: &str =
        "That looks at the weight alone. {0} has weight {2} and {1} open requests: {1} ÷ {2} = {3}, which is not the lowest.";
    pub(super) const LEAVING_TAKEN: &str =
        "That counts open requests only: {0} has {1}. Draining means that it finishes those and gets no new ones.";
    pub(super) const MOST: &str =
        "That reads the name backwards: {0} has the <em>most</em> open requests, {1}. One more would wait longest there.";
    pub(super) const IN_TURN: &str =
        "That is round robin: after {0} comes {1}. It has {2} open, and least connections looks at nothing else.";

    pub(super) const ASK_HASH: &str = "nginx <code>ip_hash</code>, all members up: where does a first request from <code>{0}</code> go?";
    pub(super) const KEEP_HASH: &str = "nginx <code>ip_hash</code> reads three octets, so everybody in one /24 shares a member.";
    pub(super) const NETWORK: &str =
        "The hash takes the first three octets. {1} shares them with {0}, so it goes where that one went, to {2}.";
    pub(super) const WHOLE_ADDRESS: &str =
        "That lets the last octet decide, {0} mod {1} = {2}, so {3}. nginx leaves the last octet of an IPv4 address out of the hash.";
    pub(super) const TWO_OCTETS: &str =
        "That goes by the first two octets, as {0} at {1} would have it. The hash takes three, and the third differs.";
    pub(super) const HASH_TURN: &str =
        "That is round robin: after {0} comes {1}. A hash keeps no turn; who came before does not matter to it.";
    pub(super) const HASH_FEWEST: &str =
        "That is least connections: {0} has only {1} open. A hash sends a client to its member however busy that is.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_deal_out_whole_weights() {
        let members = [5, 1, 1].map(|weight| member(weight, 0));
        let dealt: Vec<usize> = (0..7).map(|place| block(&members, place)).collect();
        assert_eq!(dealt, [0, 0, 0, 0, 0, 1, 2]);
        let smooth: Vec<usize> = picks(PolicyKind::WeightedRoundRobin, &members, None, &[0; 7]).iter().map(|pick| pick.chosen).collect();
        assert_eq!(smooth, [0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn who_is_taken_out_is_passed_over_from_then_on() {
        let members = [0; 4].map(|open| member(1, open));
        let turns: Vec<usize> = picks(PolicyKind::RoundRobin, &members, Some(2), &[0; 3]).iter().map(|pick| pick.chosen).collect();
        assert_eq!(turns, [0, 1, 3]);
    }
}
