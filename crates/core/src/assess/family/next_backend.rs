//! Which member of a pool gets the next request.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::picks::{Member, Pick, picks};
use super::sheet::Sheet;
use crate::policy::balance::PolicyKind;
use crate::policy::decision::{Reason, Score, Standing};

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    match dice.form(4) {
        0 => round_robin(dice),
        1 => weighted(dice),
        2 => least_conn(dice),
        _ => ip_hash(dice),
    }
}

/// A member, as an option shows it.
fn named(sheet: &mut Sheet<'_>, _: u32) -> String {
    sheet.say(words::NAME)
}

/// Members with different numbers of open requests.
fn members(dice: &mut Dice<'_>, count: u32) -> Vec<Member> {
    let mut members = Vec::new();
    for open in dice.different(count as usize, 0, 9) {
        members.push(Member { weight: 1, open, standing: Standing::Eligible });
    }
    members
}

/// The first member that has the most of something.
fn first_with_most(members: &[Member], of: fn(&Member) -> u32) -> u32 {
    let (mut best, mut most) = (0, 0);
    for (i, m) in members.iter().enumerate() {
        if of(m) > most {
            (best, most) = (i, of(m));
        }
    }
    best as u32
}

/// The member with the fewest open requests; nobody has more than 9.
fn fewest(members: &[Member]) -> u32 {
    first_with_most(members, |m| 10 - m.open)
}

/// What a table shows of a member: index, open requests, weight, and the word that tells how it is.
fn row(i: usize, m: &Member) -> [u32; 4] {
    let how = match m.standing {
        Standing::Eligible => words::UP,
        Standing::Draining => words::DRAINING,
        _ => words::GONE,
    };
    [i as u32, m.open, m.weight, how.into()]
}

fn rows(members: &[Member]) -> Vec<[u32; 4]> {
    members.iter().enumerate().map(|(i, m)| row(i, m)).collect()
}

/// An idea that picks a member, with its open requests, its weight, and the one by the other in thousandths.
fn pick(index: u32, members: &[Member], why: u8) -> Idea {
    let (open, weight) = members.get(index as usize).map_or((0, 1), |m| (m.open, m.weight));
    Idea::with(index, [open, weight, open * 1_000 / weight.max(1)], why)
}

fn round_robin(dice: &mut Dice<'_>) -> Option<Made> {
    let tricky = dice.is_tricky();
    let count = dice.within(4, 5);
    let mut members = members(dice, count);
    let before = dice.within(2, 2 * count);
    let last = (before - 1) % count;
    let turn = (last + 1) % count;
    let all = picks(PolicyKind::RoundRobin, &members, tricky.then_some(turn), &vec![0; before as usize + 1]);
    let chosen = all.get(before as usize)?.chosen;
    let wrong = [
        pick(fewest(&members), &members, words::TURN_FEWEST),
        // Where nobody is gone this is the truth, and left out as what coincides.
        pick(turn, &members, words::TURN_GONE),
        pick(last, &members, words::TURN_AGAIN),
        pick(0, &members, words::TURN_FIRST),
    ];
    if let Some(gone) = members.get_mut(turn as usize).filter(|_| tricky) {
        gone.standing = Standing::Absent;
    }
    let mut sheet = Sheet::new(dice.words, &[last, turn, before]);
    let right = pick(chosen, &members, words::TURN + u8::from(tricky));
    let body = single(dice, &mut sheet, right, &wrong, 2, named)?;
    let columns = [words::MEMBER, words::OPEN, words::STATE];
    let given = sheet.say(words::LAST) + &sheet.table(&columns[..if tricky { 3 } else { 2 }], &rows(&members));
    Some(Made { ask: sheet.say(words::ASK_TURN), given, keep: sheet.say(words::KEEP_TURN), body })
}

fn weighted(dice: &mut Dice<'_>) -> Option<Made> {
    let count = if dice.is_tricky() { 4 } else { 3 };
    let mut members = members(dice, count);
    let mut total = 0;
    for m in &mut members {
        m.weight = dice.within(1, 5);
        total += m.weight;
    }
    let nth = dice.within(2, total.min(9));
    let all = picks(PolicyKind::WeightedRoundRobin, &members, None, &vec![0; nth as usize]);
    let (last, before) = all.split_last()?;
    let wrong = [
        pick(block(&members, nth - 1), &members, words::BLOCKS),
        pick((nth - 1) % count, &members, words::UNWEIGHTED),
        pick(first_with_most(&members, |m| m.weight), &members, words::HEAVIEST),
    ];
    let mut sheet = Sheet::new(dice.words, &[nth, total]);
    let (mut sequence, mut current) = (Vec::new(), Vec::new());
    for pick in before {
        sequence.push([pick.chosen, 0, 0, 0]);
    }
    for (i, score) in (0..).zip(&last.scores) {
        let Score::CurrentWeight(at) = score else { return None };
        current.push([i, *at as u32, 0, 0]);
    }
    for (word, rows) in [(words::NAME, &sequence), (words::STANDS_AT, &current)] {
        let list = sheet.listed(word, words::COMMA, words::AND, rows);
        sheet.text(list);
    }
    let body = single(dice, &mut sheet, pick(last.chosen, &members, words::SMOOTH), &wrong, 2, named)?;
    let given = sheet.say(words::FRESH) + &sheet.table(&[words::MEMBER, words::WEIGHT], &rows(&members));
    Some(Made { ask: sheet.say(words::ASK_WEIGHTED), given, keep: sheet.say(words::KEEP_WEIGHTED), body })
}

/// Who is at that place when each gets its whole weight in one go.
fn block(members: &[Member], place: u32) -> u32 {
    let mut left = place;
    for (i, m) in (0..).zip(members) {
        if left < m.weight {
            return i;
        }
        left -= m.weight;
    }
    0
}

fn least_conn(dice: &mut Dice<'_>) -> Option<Made> {
    let tricky = dice.is_tricky();
    let weighs = tricky && dice.coin();
    let leaving = tricky && !weighs;
    let mut members = members(dice, 4);
    let fewest = fewest(&members);
    if let Some(m) = members.get_mut(fewest as usize).filter(|_| leaving) {
        m.standing = Standing::Draining;
    }
    for m in members.iter_mut().filter(|_| weighs) {
        m.weight = dice.within(1, 4);
    }
    let last = dice.below(4);
    let Pick { chosen, reason: Reason::FewestActive, .. } = picks(PolicyKind::LeastConn, &members, None, &[0]).pop()? else { return None };

    let wrong = [
        pick(fewest, &members, if weighs { words::WEIGHT_FORGOTTEN } else { words::LEAVING_TAKEN }),
        // Without weights this is made the truth, and left out as what coincides.
        pick(if weighs { first_with_most(&members, |m| m.weight) } else { chosen }, &members, words::ONLY_WEIGHT),
        pick(first_with_most(&members, |m| m.open), &members, words::MOST),
        pick((last + 1) % 4, &members, words::IN_TURN),
    ];
    // Without weights and with nobody leaving it is no mistake to look for the fewest.
    let wrong = &wrong[if tricky { 0 } else { 2 }..];
    let mut sheet = Sheet::new(dice.words, &[last, fewest]);
    let mut ratios = rows(&members);
    for ratio in &mut ratios {
        ratio[3] = ratio[1] * 1_000 / ratio[2];
    }
    let ratios = sheet.listed(words::RATIO, words::COMMA, words::COMMA, &ratios);
    sheet.text(ratios);
    let kind = if weighs { 2 } else { u8::from(leaving) };
    let body = single(dice, &mut sheet, pick(chosen, &members, words::FEWEST + kind), wrong, 2, named)?;
    let columns = [words::MEMBER, words::OPEN, if weighs { words::WEIGHT } else { words::STATE }];
    let given = sheet.say(words::LAST) + &sheet.table(&columns[..if tricky { 3 } else { 2 }], &rows(&members));
    Some(Made { ask: sheet.say(words::ASK_LEAST + u8::from(weighs)), given, keep: sheet.say(words::KEEP_LEAST), body })
}

fn ip_hash(dice: &mut Dice<'_>) -> Option<Made> {
    let tricky = dice.is_tricky();
    let count = if tricky { 4 } else { 3 };
    let members = members(dice, count);
    // Offices of one company under 10.x.y.0/24; only the hard form has several that share two octets.
    let (second, third) = (dice.different(4, 16, 99), dice.different(4, 1, 250));
    let mut clients = Vec::new();
    for i in 0..4 {
        let network = 10 << 24 | second[if tricky { i / 2 } else { i }] << 16 | third[i] << 8;
        clients.push(network | dice.within(1, 254));
    }
    let (known, octet) = (dice.below(4) as usize, dice.within(1, 254));
    let (relative, cousin) = (clients[known], clients[known ^ 1]);
    let newcomer = relative & !0xff | octet;
    if newcomer == relative {
        return None;
    }
    clients.push(newcomer);
    let all = picks(PolicyKind::IpHash, &members, None, &clients);
    let [before @ .., Pick { chosen, reason: Reason::AddressHash(_), .. }] = all.as_slice() else { return None };
    let last = before.last()?.chosen;
    let wrong = [
        pick(before.get(known ^ 1)?.chosen, &members, words::TWO_OCTETS),
        pick(octet % count, &members, words::WHOLE_ADDRESS),
        pick((last + 1) % count, &members, words::HASH_TURN),
        pick(fewest(&members), &members, words::HASH_FEWEST),
    ];
    let wrong = &wrong[usize::from(!tricky)..];
    let mut sheet = Sheet::new(dice.words, &[last, relative, newcomer, octet, count, octet % count, cousin]);
    let body = single(dice, &mut sheet, pick(*chosen, &members, words::NETWORK), wrong, 2, named)?;
    let mut placed = Vec::new();
    for (pick, &client) in before.iter().zip(&clients) {
        placed.push([client, pick.chosen, 0, 0]);
    }
    let mut given = sheet.say(words::SO_FAR);
    given += &sheet.table(&[words::CLIENT, words::WENT_TO], &placed);
    given += &sheet.table(&[words::MEMBER, words::OPEN], &rows(&members));
    Some(Made { ask: sheet.say(words::ASK_HASH), given, keep: sheet.say(words::KEEP_HASH), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        NAME = "{b0}";
        MEMBER = "Member|{b0}";
        OPEN = "Open requests|{n1}";
        WEIGHT = "Weight|{n2}";
        STATE = "State|{w3}";
        CLIENT = "Client|{a0}";
        WENT_TO = "Went to|{b1}";
        UP = "up";
        GONE = "taken out";
        DRAINING = "draining";
        COMMA = ", ";
        AND = " and ";
        LAST = "<p>The last request went to {b4}.</p>";
        FRESH = "<p>The balancer has just started.</p>";
        SO_FAR = "<p>So far, in this order:</p>";
        // Everywhere: b0 the member, n1 its open requests, n2 its weight, d3 the one by the other.
        // b4 who had the last request, b5 whose turn it is, n6 requests so far.
        ASK_TURN = "Round robin: which member gets the next request?";
        KEEP_TURN = "Round robin remembers one thing: whose turn it is.";
        // In this order.
        TURN = "The turn was at {b4}, so it comes to {b0}. Open requests play no part in it.";
        TURN_SKIPS = "After {b4} it would be the turn of {b5}. That one is out of the pool, so the turn passes on to {b0}.";
        TURN_FEWEST = "That is least connections: {b0} has the fewest open requests, {n1}. Round robin does not count them.";
        TURN_GONE = "That keeps to the order of the list, {b4} and then {b0}, as if a member that was taken out still had its turn.";
        TURN_AGAIN = "That takes a balancer for one that sticks to its last choice. {b0} had its turn with the request before.";
        TURN_FIRST = "That begins again at the top of the list with every request. After {n6} requests the turn has come to {b4}, and goes on from there.";
        // n4 which request, n5 the sum of the weights, s0 who had those before, s1 the current weights.
        ASK_WEIGHTED = "Smooth weighted round robin, as in nginx: which member gets request number {n4}?";
        KEEP_WEIGHTED = "Smooth weights deal out the same shares as blocks do, but never hand one member its whole share at once.";
        SMOOTH = "Before it went {s0}. Each round adds every member's weight; this time {s1}. The highest is {b0}, which then pays back {n5}.";
        STANDS_AT = "{b0} stands at {i1}";
        BLOCKS = "That deals out each weight as one block: {b0} would take {n2} in a row, and request {n4} would be one of them. nginx spreads them.";
        UNWEIGHTED = "That is round robin without weights: place {n4} in the plain turn is {b0}.";
        HEAVIEST = "That takes the greatest weight for first choice every time. {b0} gets {n2} of every {n5} requests, not all of them.";
        // b4 who had the last request, b5 who has the fewest open, s0 open requests by weight.
        // In this order.
        ASK_LEAST = "Least connections: which member gets the next request?";
        ASK_LEAST_WEIGHTED = "Least connections with weights: which member gets the next request?";
        KEEP_LEAST = "Least connections asks who has the fewest open for its weight, at the moment of the choice.";
        // In this order: plain, with one leaving, with weights.
        FEWEST = "{b0} has the fewest open requests, {n1}.";
        FEWEST_STAYING = "{b5} has fewer, but it is leaving and gets nothing new. Of the others {b0} has the fewest, {n1}.";
        FEWEST_PER_WEIGHT = "Open requests divided by weight: {s0}. The lowest is {b0}.";
        RATIO = "{b0}: {n1} ÷ {n2} = {d3}";
        WEIGHT_FORGOTTEN = "That forgets the weights. {b0} has the fewest open, {n1}, but with weight {n2} that counts as {n1} ÷ {n2} = {d3}.";
        ONLY_WEIGHT = "That looks at the weight alone. {b0} has weight {n2} and {n1} open requests: {n1} ÷ {n2} = {d3}, which is not the lowest.";
        LEAVING_TAKEN = "That counts open requests only: {b0} has {n1}. Draining means that it finishes those and gets no new ones.";
        MOST = "That reads the name backwards: {b0} has the <em>most</em> open requests, {n1}. One more would wait longest there.";
        IN_TURN = "That is round robin: after {b4} comes {b0}. It has {n1} open, and least connections looks at nothing else.";
        // b4 where the last client went, a5 who shares the network, a6 the newcomer, n7 its last octet, n8 members, n9 the
        // octet modulo the members, aa who shares two octets.
        ASK_HASH = "nginx <code>ip_hash</code>, all members up: where does a first request from <code>{a6}</code> go?";
        KEEP_HASH = "nginx <code>ip_hash</code> reads three octets, so everybody in one /24 shares a member.";
        NETWORK = "The hash takes the first three octets. {a6} shares them with {a5}, so it goes where that one went, to {b0}.";
        WHOLE_ADDRESS = "That lets the last octet decide, {n7} mod {n8} = {n9}, so {b0}. nginx leaves the last octet of an IPv4 address out of the hash.";
        TWO_OCTETS = "That goes by the first two octets, as {aa} at {b0} would have it. The hash takes three, and the third differs.";
        HASH_TURN = "That is round robin: after {b4} comes {b0}. A hash keeps no turn; who came before does not matter to it.";
        HASH_FEWEST = "That is least connections: {b0} has only {n1} open. A hash sends a client to its member however busy that is.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_deal_out_whole_weights() {
        let members = [5, 1, 1].map(|weight| Member { weight, open: 0, standing: Standing::Eligible });
        let dealt: Vec<u32> = (0..7).map(|place| block(&members, place)).collect();
        assert_eq!(dealt, [0, 0, 0, 0, 0, 1, 2]);
        let smooth: Vec<u32> = picks(PolicyKind::WeightedRoundRobin, &members, None, &[0; 7]).iter().map(|pick| pick.chosen).collect();
        assert_eq!(smooth, [0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn who_is_taken_out_is_passed_over_from_then_on() {
        let members = [1; 4].map(|weight| Member { weight, open: 0, standing: Standing::Eligible });
        let turns: Vec<u32> = picks(PolicyKind::RoundRobin, &members, Some(2), &[0; 3]).iter().map(|pick| pick.chosen).collect();
        assert_eq!(turns, [0, 1, 3]);
    }
}
