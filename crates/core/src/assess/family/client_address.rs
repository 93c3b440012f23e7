//! Which address counts as the client's after a chain of proxies.

use std::net::{IpAddr, Ipv4Addr};

use super::Made;
use super::dice::Dice;
use super::options::{Idea, single};
use super::say::Part::{A, N};
use super::say::{say, table};
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

    /// What the core itself reads from the request.
    fn truth(&self) -> u32 {
        let texts: Vec<String> = self.chain.iter().map(|&address| say("{0}", &[A(address)])).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        match client_address(IpAddr::V4(Ipv4Addr::from(self.peer)), &texts, self.trusted) {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(_) => 0,
        }
    }
}

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    let case = Case::draw(dice);
    let (truth, trusted) = (case.truth(), case.trusted as u64);
    let idea = |template: &str, address: u32| {
        let believed = [A(address), N(trusted), A(case.peer), N(case.chain.len() as u64), N(case.proxies as u64)];
        Idea::new(u64::from(address), say(template, &believed))
    };
    let (&leftmost, &rightmost) = (case.chain.first()?, case.chain.last()?);
    let mut wrong = vec![idea(words::LEFTMOST, leftmost)];
    if trusted > 0 {
        wrong.push(idea(words::PEER, case.peer));
    }
    if case.trusted != case.proxies {
        wrong.push(idea(words::CLIENT, case.client));
    }
    wrong.push(idea(words::RIGHTMOST, rightmost));
    if let Some(place) = case.chain.len().checked_sub(case.trusted + 1) {
        wrong.push(idea(words::ONE_TOO_FAR, case.chain[place]));
    }
    let right = match case.trusted {
        0 => words::NOBODY,
        n if n > case.proxies => words::TOO_MANY,
        n if n < case.proxies => words::TOO_FEW,
        _ => words::RIGHT,
    };
    let body = single(dice, idea(right, truth), wrong, 3, &|address| say("<code>{0}</code>", &[A(address as u32)]))?;
    let chain: Vec<String> = case.chain.iter().map(|&address| say("{0}", &[A(address)])).collect();
    let cells = [
        words::FROM.to_owned(),
        say("<code>{0}</code>", &[A(case.peer)]),
        words::FIELD.to_owned(),
        "<code>".to_owned() + &chain.join(", ") + "</code>",
        words::OWN.to_owned(),
        say(words::APPEND, &[N(case.proxies as u64)]),
        words::TRUSTED.to_owned(),
        say("{0}", &[N(trusted)]),
    ];
    Some(Made { ask: words::ASK.to_owned(), given: table(&[], 2, &cells), keep: words::KEEP, body })
}

mod words {
    pub(super) const ASK: &str = "Which address does the app take for the client's?";
    pub(super) const KEEP: &str =
        "Read from the right, one entry for each proxy you trust. Whatever is further left was written by somebody nobody vouches for.";
    pub(super) const FROM: &str = "Connection from";
    pub(super) const FIELD: &str = "<code>X-Forwarded-For</code>";
    pub(super) const OWN: &str = "Your own proxies in front of the app";
    pub(super) const APPEND: &str = "{0}, each appends its peer";
    pub(super) const TRUSTED: &str = "Trusted hops, counted from the app";

    // {0} the address, {1} trusted hops, {2} the peer, {3} entries, {4} own proxies.
    pub(super) const RIGHT: &str =
        "{1} trusted, so entry {1} from the right counts: {0}. The outermost of your proxies wrote it, and it was its peer.";
    pub(super) const TOO_MANY: &str = "{1} trusted, so entry {1} from the right is believed: {0}. Your proxies, {4} in number, wrote less than that: the entry came with the request, and anybody can choose it.";
    pub(super) const TOO_FEW: &str =
        "{1} trusted, so entry {1} from the right counts: {0}. With {4} proxies that is one of your own, and all users look like one.";
    pub(super) const NOBODY: &str =
        "Nobody is trusted, so the field is not read: {0} is who connected. Behind {4} proxy that is the proxy, for every user.";
    pub(super) const LEFTMOST: &str =
        "That takes entry 1 of {3} for the origin of it all. The left end is what came with the request, and anybody can write {0} there.";
    pub(super) const PEER: &str =
        "That is who opened this connection, as if the field were not read. With {1} trusted, entry {1} from the right counts.";
    pub(super) const CLIENT: &str = "That is who really opened the first connection. The app cannot know: it counts {1} from the right, and with {4} proxies that is another entry.";
    pub(super) const RIGHTMOST: &str = "That takes the entry of the nearest proxy alone, 1 from the right. The setting says {1}.";
    pub(super) const ONE_TOO_FAR: &str =
        "That skips {1} and takes the next to the left. The nearest proxy needs no entry of its own to be trusted: it is the peer, {2}.";
}
