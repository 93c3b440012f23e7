//! Which member of a pool gets the next request.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::picks::{Member, Pick, picks};
use super::sheet::{Sheet, listed};
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

/// A member, as an option shows it.
fn named(sheet: &mut Sheet, _: u64) -> String {
    sheet.say("{b0}")
}

/// Members with different numbers of open requests.
fn members(dice: &mut Dice, count: usize) -> Vec<Member> {
    dice.different(count, 0, 9).into_iter().map(|open| Member { weight: 1, open, standing: Standing::Eligible }).collect()
}

/// The members with the fewest and with the most open requests.
fn fewest_and_most(members: &[Member]) -> (usize, usize) {
    let (mut fewest, mut most) = (0, 0);
    for (i, m) in members.iter().enumerate() {
        if m.open < members[fewest].open {
            fewest = i;
        }
        if m.open > members[most].open {
            most = i;
        }
    }
    (fewest, most)
}

/// The members with what a table shows of them: index, open requests, weight, and the number of
/// the text that tells how they are.
fn rows(members: &[Member]) -> Vec<[u64; 4]> {
    let mut rows = Vec::new();
    for (i, m) in members.iter().enumerate() {
        rows.push([i as u64, m.open, m.weight, u64::from(m.standing != Standing::Eligible)]);
    }
    rows
}

/// An idea that picks a member, with its open requests, its weight, and the one by the other in thousandths.
fn pick(index: usize, members: &[Member], why: &'static str) -> Idea {
    let Member { open, weight, .. } = members[index];
    Idea::with(index as u64, [open, weight, open * 1_000 / weight.max(1)], why)
}

fn round_robin(dice: &mut Dice) -> Option<Made> {
    let count = dice.within(4, 5) as usize;
    let mut members = members(dice, count);
    let before = dice.within(2, 2 * count as u64) as usize;
    let last = (before - 1) % count;
    let turn = (last + 1) % count;
    let tricky = dice.is_tricky();
    let all = picks(PolicyKind::RoundRobin, &members, tricky.then_some(turn), &vec![0; before + 1]);
    let chosen = all.get(before)?.chosen;
    let mut wrong = vec![
        pick(fewest_and_most(&members).0, &members, words::TURN_FEWEST),
        pick(last, &members, words::TURN_AGAIN),
        pick(0, &members, words::TURN_FIRST),
    ];
    if tricky {
        wrong.insert(1, pick(turn, &members, words::TURN_GONE));
        members[turn].standing = Standing::Absent;
    }
    let mut sheet = Sheet::new(&[last as u64, turn as u64, before as u64]);
    for text in [words::UP, words::GONE] {
        sheet.text(text.to_owned());
    }
    let right = pick(chosen, &members, if tricky { words::TURN_SKIPS } else { words::TURN });
    let body = single(dice, &mut sheet, right, &wrong, 2, named)?;
    let columns = [words::MEMBER, words::OPEN, words::STATE];
    let given = sheet.say(words::LAST) + &sheet.table(if tricky { &columns } else { &columns[..2] }, &rows(&members));
    Some(Made { ask: words::ASK_TURN.to_owned(), given, keep: words::KEEP_TURN, body })
}

fn weighted(dice: &mut Dice) -> Option<Made> {
    let count = if dice.is_tricky() { 4 } else { 3 };
    let mut members = members(dice, count);
    let (mut total, mut heaviest, mut alone) = (0, 0, true);
    for i in 0..count {
        members[i].weight = dice.within(1, 5);
        total += members[i].weight;
        if i > 0 && members[i].weight >= members[heaviest].weight {
            alone = members[i].weight > members[heaviest].weight;
            heaviest = i;
        }
    }
    let nth = dice.within(2, total.min(9)) as usize;
    let all = picks(PolicyKind::WeightedRoundRobin, &members, None, &vec![0; nth]);
    let (last, before) = all.split_last()?;
    let mut wrong = vec![
        pick(block(&members, nth as u64 - 1), &members, words::BLOCKS),
        pick((nth - 1) % count, &members, words::UNWEIGHTED),
        pick(heaviest, &members, words::HEAVIEST),
    ];
    if !alone {
        wrong.pop();
    }
    let mut sheet = Sheet::new(&[nth as u64, total]);
    let mut sequence = Vec::new();
    for pick in before {
        sheet.turn_to(&[pick.chosen as u64, 0, 0, 0]);
        sequence.push(sheet.say("{b0}"));
    }
    let mut current = Vec::new();
    for (i, score) in last.scores.iter().enumerate() {
        let Score::CurrentWeight(at) = score else { return None };
        sheet.turn_to(&[i as u64, *at as u64, 0, 0]);
        current.push(sheet.say(words::STANDS_AT));
    }
    sheet.text(listed(&sequence, words::AND));
    sheet.text(listed(&current, words::AND));
    let body = single(dice, &mut sheet, pick(last.chosen, &members, words::SMOOTH), &wrong, 2, named)?;
    let given = words::FRESH.to_owned() + &sheet.table(&[words::MEMBER, words::WEIGHT], &rows(&members));
    Some(Made { ask: sheet.say(words::ASK_WEIGHTED), given, keep: words::KEEP_WEIGHTED, body })
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

fn least_conn(dice: &mut Dice) -> Option<Made> {
    let weighs = dice.is_tricky() && dice.coin();
    let leaving = dice.is_tricky() && !weighs;
    let mut members = members(dice, 4);
    let (fewest, most) = fewest_and_most(&members);
    let mut heaviest = 0;
    if leaving {
        members[fewest].standing = Standing::Draining;
    }
    if weighs {
        for i in 0..4 {
            members[i].weight = dice.within(1, 4);
            if members[i].weight > members[heaviest].weight {
                heaviest = i;
            }
        }
    }
    let last = dice.below(4) as usize;
    let turn = (last + 1) % 4;
    let Pick { chosen, reason: Reason::FewestActive, .. } = picks(PolicyKind::LeastConn, &members, None, &[0]).pop()? else { return None };

    let wrong = [
        pick(fewest, &members, if weighs { words::WEIGHT_FORGOTTEN } else { words::LEAVING_TAKEN }),
        pick(heaviest, &members, words::ONLY_WEIGHT),
        pick(most, &members, words::MOST),
        pick(turn, &members, words::IN_TURN),
    ];
    // Without weights and with nobody leaving the first two are no mistakes.
    let wrong: Vec<Idea> = match (weighs, leaving) {
        (true, _) => wrong.to_vec(),
        (_, true) => [&wrong[..1], &wrong[2..]].concat(),
        _ => wrong[2..].to_vec(),
    };
    let mut sheet = Sheet::new(&[last as u64, fewest as u64]);
    let mut ratios = Vec::new();
    for (i, m) in members.iter().enumerate() {
        sheet.turn_to(&[i as u64, m.open, m.weight, m.open * 1_000 / m.weight]);
        ratios.push(sheet.say(words::RATIO));
    }
    for text in [words::UP, words::DRAINING, &ratios.join(", ")] {
        sheet.text(text.to_owned());
    }
    let why = match (weighs, leaving) {
        (true, _) => words::FEWEST_PER_WEIGHT,
        (_, true) => words::FEWEST_STAYING,
        _ => words::FEWEST,
    };
    let body = single(dice, &mut sheet, pick(chosen, &members, why), &wrong, 2, named)?;
    let columns = match (weighs, leaving) {
        (true, _) => [words::MEMBER, words::OPEN, words::WEIGHT],
        _ => [words::MEMBER, words::OPEN, words::STATE],
    };
    let given = sheet.say(words::LAST) + &sheet.table(if dice.is_tricky() { &columns } else { &columns[..2] }, &rows(&members));
    let ask = if weighs { words::ASK_LEAST_WEIGHTED } else { words::ASK_LEAST };
    Some(Made { ask: ask.to_owned(), given, keep: words::KEEP_LEAST, body })
}

fn ip_hash(dice: &mut Dice) -> Option<Made> {
    let tricky = dice.is_tricky();
    let count = if tricky { 4 } else { 3 };
    let members = members(dice, count);
    // Offices of one company under 10.x.y.0/24; only the hard form has several that share two octets.
    let (second, third) = (dice.different(4, 16, 99), dice.different(4, 1, 250));
    let mut clients = Vec::new();
    for i in 0..4 {
        let network = 10 << 24 | second[if tricky { i / 2 } else { i }] << 16 | third[i] << 8;
        clients.push((network | dice.within(1, 254)) as u32);
    }
    let (known, octet) = (dice.below(4) as usize, dice.within(1, 254));
    let newcomer = clients[known] & !0xff | octet as u32;
    if clients.contains(&newcomer) {
        return None;
    }
    clients.push(newcomer);
    let all = picks(PolicyKind::IpHash, &members, None, &clients);
    let [before @ .., Pick { chosen, reason: Reason::AddressHash(_), .. }] = all.as_slice() else { return None };
    let last = before.last()?.chosen;
    let cousin = known ^ 1;
    let wrong = [
        pick(before.get(cousin)?.chosen, &members, words::TWO_OCTETS),
        pick((octet % count as u64) as usize, &members, words::WHOLE_ADDRESS),
        pick((last + 1) % count, &members, words::HASH_TURN),
        pick(fewest_and_most(&members).0, &members, words::HASH_FEWEST),
    ];
    let wrong = if tricky { &wrong } else { &wrong[1..] };
    let shown = |client: usize| u64::from(clients[client]);
    let mut sheet = Sheet::new(&[last as u64, shown(known), u64::from(newcomer), octet, count as u64, octet % count as u64, shown(cousin)]);
    let body = single(dice, &mut sheet, pick(*chosen, &members, words::NETWORK), wrong, 2, named)?;
    let mut placed = Vec::new();
    for (pick, &client) in before.iter().zip(&clients) {
        placed.push([u64::from(client), pick.chosen as u64, 0, 0]);
    }
    let placed = sheet.table(&[words::CLIENT, words::WENT_TO], &placed);
    let given = words::SO_FAR.to_owned() + &placed + &sheet.table(&[words::MEMBER, words::OPEN], &rows(&members));
    Some(Made { ask: sheet.say(words::ASK_HASH), given, keep: words::KEEP_HASH, body })
}

mod words {
    pub(super) const MEMBER: [&str; 2] = ["Member", "{b0}"];
    pub(super) const OPEN: [&str; 2] = ["Open requests", "{n1}"];
    pub(super) const WEIGHT: [&str; 2] = ["Weight", "{n2}"];
    pub(super) const STATE: [&str; 2] = ["State", "{t3}"];
    pub(super) const CLIENT: [&str; 2] = ["Client", "{a0}"];
    pub(super) const WENT_TO: [&str; 2] = ["Went to", "{b1}"];
    pub(super) const UP: &str = "up";
    pub(super) const GONE: &str = "taken out";
    pub(super) const DRAINING: &str = "draining";
    pub(super) const AND: &str = " and ";
    pub(super) const LAST: &str = "<p>The last request went to {b4}.</p>";
    pub(super) const FRESH: &str = "<p>The balancer has just started.</p>";
    pub(super) const SO_FAR: &str = "<p>So far, in this order:</p>";

    // Everywhere: b0 the member, n1 its open requests, n2 its weight, d3 the one by the other.

    // b4 who had the last request, b5 whose turn it is, n6 requests so far.
    pub(super) const ASK_TURN: &str = "Round robin: which member gets the next request?";
    pub(super) const KEEP_TURN: &str = "Round robin remembers one thing: whose turn it is.";
    pub(super) const TURN: &str = "The turn was at {b4}, so it comes to {b0}. Open requests play no part in it.";
    pub(super) const TURN_SKIPS: &str =
        "After {b4} it would be the turn of {b5}. That one is out of the pool, so the turn passes on to {b0}.";
    pub(super) const TURN_FEWEST: &str =
        "That is least connections: {b0} has the fewest open requests, {n1}. Round robin does not count them.";
    pub(super) const TURN_GONE: &str =
        "That keeps to the order of the list, {b4} and then {b0}, as if a member that was taken out still had its turn.";
    pub(super) const TURN_AGAIN: &str =
        "That takes a balancer for one that sticks to its last choice. {b0} had its turn with the request before.";
    pub(super) const TURN_FIRST: &str = "That begins again at the top of the list with every request. After {n6} requests the turn has come to {b4}, and goes on from there.";

    // n4 which request, n5 the sum of the weights, s0 who had those before, s1 the current weights.
    pub(super) const ASK_WEIGHTED: &str = "Smooth weighted round robin, as in nginx: which member gets request number {n4}?";
    pub(super) const KEEP_WEIGHTED: &str =
        "Smooth weights deal out the same shares as blocks do, but never hand one member its whole share at once.";
    pub(super) const SMOOTH: &str =
        "Before it went {s0}. Each round adds every member's weight; this time {s1}. The highest is {b0}, which then pays back {n5}.";
    pub(super) const STANDS_AT: &str = "{b0} stands at {i1}";
    pub(super) const BLOCKS: &str = "That deals out each weight as one block: {b0} would take {n2} in a row, and request {n4} would be one of them. nginx spreads them.";
    pub(super) const UNWEIGHTED: &str = "That is round robin without weights: place {n4} in the plain turn is {b0}.";
    pub(super) const HEAVIEST: &str =
        "That takes the greatest weight for first choice every time. {b0} gets {n2} of every {n5} requests, not all of them.";

    // b4 who had the last request, b5 who has the fewest open, s2 open requests by weight.
    pub(super) const ASK_LEAST: &str = "Least connections: which member gets the next request?";
    pub(super) const ASK_LEAST_WEIGHTED: &str = "Least connections with weights: which member gets the next request?";
    pub(super) const KEEP_LEAST: &str = "Least connections asks who has the fewest open for its weight, at the moment of the choice.";
    pub(super) const FEWEST: &str = "{b0} has the fewest open requests, {n1}.";
    pub(super) const FEWEST_STAYING: &str =
        "{b5} has fewer, but it is leaving and gets nothing new. Of the others {b0} has the fewest, {n1}.";
    pub(super) const FEWEST_PER_WEIGHT: &str = "Open requests divided by weight: {s2}. The lowest is {b0}.";
    pub(super) const RATIO: &str = "{b0}: {n1} ÷ {n2} = {d3}";
    pub(super) const WEIGHT_FORGOTTEN: &str =
        "That forgets the weights. {b0} has the fewest open, {n1}, but with weight {n2} that counts as {n1} ÷ {n2} = {d3}.";
    pub(super) const ONLY_WEIGHT: &str =
        "That looks at the weight alone. {b0} has weight {n2} and {n1} open requests: {n1} ÷ {n2} = {d3}, which is not the lowest.";
    pub(super) const LEAVING_TAKEN: &str =
        "That counts open requests only: {b0} has {n1}. Draining means that it finishes those and gets no new ones.";
    pub(super) const MOST: &str =
        "That reads the name backwards: {b0} has the <em>most</em> open requests, {n1}. One more would wait longest there.";
    pub(super) const IN_TURN: &str =
        "That is round robin: after {b4} comes {b0}. It has {n1} open, and least connections looks at nothing else.";

    // b4 where the last client went, a5 who shares the network, a6 the newcomer, n7 its last octet, n8 members, n9 the
    // octet modulo the members, aa who shares two octets.
    pub(super) const ASK_HASH: &str = "nginx <code>ip_hash</code>, all members up: where does a first request from <code>{a6}</code> go?";
    pub(super) const KEEP_HASH: &str = "nginx <code>ip_hash</code> reads three octets, so everybody in one /24 shares a member.";
    pub(super) const NETWORK: &str =
        "The hash takes the first three octets. {a6} shares them with {a5}, so it goes where that one went, to {b0}.";
    pub(super) const WHOLE_ADDRESS: &str =
        "That lets the last octet decide, {n7} mod {n8} = {n9}, so {b0}. nginx leaves the last octet of an IPv4 address out of the hash.";
    pub(super) const TWO_OCTETS: &str =
        "That goes by the first two octets, as {aa} at {b0} would have it. The hash takes three, and the third differs.";
    pub(super) const HASH_TURN: &str =
        "That is round robin: after {b4} comes {b0}. A hash keeps no turn; who came before does not matter to it.";
    pub(super) const HASH_FEWEST: &str =
        "That is least connections: {b0} has only {n1} open. A hash sends a client to its member however busy that is.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_deal_out_whole_weights() {
        let members = [5, 1, 1].map(|weight| Member { weight, open: 0, standing: Standing::Eligible });
        let dealt: Vec<usize> = (0..7).map(|place| block(&members, place)).collect();
        assert_eq!(dealt, [0, 0, 0, 0, 0, 1, 2]);
        let smooth: Vec<usize> = picks(PolicyKind::WeightedRoundRobin, &members, None, &[0; 7]).iter().map(|pick| pick.chosen).collect();
        assert_eq!(smooth, [0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn who_is_taken_out_is_passed_over_from_then_on() {
        let members = [1; 4].map(|weight| Member { weight, open: 0, standing: Standing::Eligible });
        let turns: Vec<usize> = picks(PolicyKind::RoundRobin, &members, Some(2), &[0; 3]).iter().map(|pick| pick.chosen).collect();
        assert_eq!(turns, [0, 1, 3]);
    }
}
