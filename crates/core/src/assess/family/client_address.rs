//! Which address counts as the client's after a chain of proxies.

use std::net::{IpAddr, Ipv4Addr};

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;
use crate::http::client_address;

/// A request as the app receives it.
struct Case {
    /// Who connected to the app.
    peer: u32,
    /// The entries of the field, from left to right.
    chain: Vec<u32>,
    /// Proxies that the app trusts.
    trusted: usize,
    /// Proxies that there are.
    proxies: usize,
    /// The address that opened the first connection.
    client: u32,
}

/// Addresses for documentation (RFC 5737).
const NETWORKS: [u32; 3] = [0xc000_0200, 0xc633_6400, 0xcb00_7100];

impl Case {
    fn draw(dice: &mut Dice) -> Self {
        let proxies = dice.within(1, 3) as usize;
        let forged = dice.within(if proxies == 1 { 2 } else { 1 }, 2) as usize;
        let hosts = dice.different(forged + 1, 2, 250);
        let outside = |(i, &host): (usize, &u64)| NETWORKS[(i + hosts[0] as usize) % 3] | host as u32;
        let mut chain: Vec<u32> = hosts.iter().enumerate().map(outside).collect();
        let client = chain[forged];
        let own = |hop: usize| 0x0a00_0001 | (hop as u32) << 8;
        chain.extend((1..proxies).map(own));
        let trusted = match (dice.is_tricky(), dice.coin()) {
            (false, _) => proxies,
            (true, true) => proxies + 1,
            (true, false) => proxies - 1,
        };
        Self { peer: own(proxies), chain, trusted, proxies, client }
    }

    /// What the core itself reads from the entries as they stand in the field.
    fn truth(&self, entries: &[String]) -> u32 {
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        match client_address(IpAddr::V4(Ipv4Addr::from(self.peer)), &entries, self.trusted) {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(_) => 0,
        }
    }
}

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    let case = Case::draw(dice);
    let entries: Vec<String> = case.chain.iter().map(|&address| Ipv4Addr::from(address).to_string()).collect();
    let (trusted, proxies) = (case.trusted, case.proxies);
    let mut sheet = Sheet::new(&[trusted as u64, u64::from(case.peer), case.chain.len() as u64, proxies as u64]);
    sheet.text(entries.join(", "));
    let idea = |address: u32, why: &'static str| Idea::new(u64::from(address), why);
    let (&leftmost, &rightmost) = (case.chain.first()?, case.chain.last()?);
    let mut wrong = vec![idea(leftmost, words::LEFTMOST)];
    if trusted > 0 {
        wrong.push(idea(case.peer, words::PEER));
    }
    if trusted != proxies {
        wrong.push(idea(case.client, words::CLIENT));
    }
    wrong.push(idea(rightmost, words::RIGHTMOST));
    if let Some(&next) = case.chain.iter().rev().nth(trusted) {
        wrong.push(idea(next, words::ONE_TOO_FAR));
    }
    let why = match trusted {
        0 => words::NOBODY,
        n if n > proxies => words::TOO_MANY,
        n if n < proxies => words::TOO_FEW,
        _ => words::RIGHT,
    };
    let right = idea(case.truth(&entries), why);
    let body = single(dice, &mut sheet, right, &wrong, 3, |sheet, _| sheet.say("<code>{a0}</code>"))?;
    let given = sheet.list(&[words::FROM, words::FIELD, words::OWN, words::TRUSTED]);
    Some(Made { ask: words::ASK.to_owned(), given, keep: words::KEEP, body })
}

mod words {
    pub(super) const ASK: &str = "Which address does the app take for the client's?";
    pub(super) const KEEP: &str =
        "Read from the right, one entry for each proxy you trust. Whatever is further left was written by somebody nobody vouches for.";
    pub(super) const FROM: [&str; 2] = ["Connection from", "<code>{a5}</code>"];
    pub(super) const FIELD: [&str; 2] = ["<code>X-Forwarded-For</code>", "<code>{s0}</code>"];
    pub(super) const OWN: [&str; 2] = ["Your own proxies in front of the app", "{n7}, each appends its peer"];
    pub(super) const TRUSTED: [&str; 2] = ["Trusted hops, counted from the app", "{n4}"];

    // a0 the address, n4 trusted hops, a5 the peer, n6 entries, n7 own proxies.
    pub(super) const RIGHT: &str =
        "{n4} trusted, so entry {n4} from the right counts: {a0}. The outermost of your proxies wrote it, and it was its peer.";
    pub(super) const TOO_MANY: &str = "{n4} trusted, so entry {n4} from the right is believed: {a0}. Your proxies, {n7} in number, wrote less than that: the entry came with the request, and anybody can choose it.";
    pub(super) const TOO_FEW: &str =
        "{n4} trusted, so entry {n4} from the right counts: {a0}. With {n7} proxies that is one of your own, and all users look like one.";
    pub(super) const NOBODY: &str =
        "Nobody is trusted, so the field is not read: {a0} is who connected. Behind {n7} proxy that is the proxy, for every user.";
    pub(super) const LEFTMOST: &str = "That takes entry 1 of {n6} for the origin of it all. The left end is what came with the request, and anybody can write {a0} there.";
    pub(super) const PEER: &str =
        "That is who opened this connection, as if the field were not read. With {n4} trusted, entry {n4} from the right counts.";
    pub(super) const CLIENT: &str = "That is who really opened the first connection. The app cannot know: it counts {n4} from the right, and with {n7} proxies that is another entry.";
    pub(super) const RIGHTMOST: &str = "That takes the entry of the nearest proxy alone, 1 from the right. The setting says {n4}.";
    pub(super) const ONE_TOO_FAR: &str =
        "That skips {n4} and takes the next to the left. The nearest proxy needs no entry of its own to be trusted: it is the peer, {a5}.";
}
