//! Which address counts as the client's after a chain of proxies.

use std::net::{IpAddr, Ipv4Addr};

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;
use crate::forwarded::client_address;
use crate::http::Headers;

/// A request as the app receives it.
struct Case {
    /// Who connected to the app.
    peer: u32,
    /// The entries of the field, from left to right.
    chain: Vec<u32>,
    /// Proxies that the app trusts.
    trusted: u32,
    /// Proxies that there are.
    proxies: u32,
    /// The address that opened the first connection.
    client: u32,
}

/// Addresses for documentation (RFC 5737).
const NETWORKS: [u32; 3] = [0xc000_0200, 0xc633_6400, 0xcb00_7100];

impl Case {
    fn draw(dice: &mut Dice<'_>) -> Self {
        let proxies = dice.within(1, 3);
        let forged = dice.within(if proxies == 1 { 2 } else { 1 }, 2) as usize;
        let mut chain = dice.different(forged + 1, 2, 250);
        let first = chain[0] as usize;
        for (i, host) in chain.iter_mut().enumerate() {
            *host |= NETWORKS[(first + i) % 3];
        }
        let client = chain[forged];
        let own = |hop: u32| 0x0a00_0001 | hop << 8;
        chain.extend((1..proxies).map(own));
        let trusted = match (dice.is_tricky(), dice.coin()) {
            (false, _) => proxies,
            (true, true) => proxies + 1,
            (true, false) => proxies - 1,
        };
        Self { peer: own(proxies), chain, trusted, proxies, client }
    }

    /// What the core itself reads from a request with that field.
    fn truth(&self, field: &str) -> u32 {
        let headers = Headers(vec![(FIELD.to_owned(), field.to_owned())]);
        match client_address(IpAddr::V4(Ipv4Addr::from(self.peer)), &headers.list(FIELD), self.trusted as usize) {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(_) => 0,
        }
    }
}

const FIELD: &str = "X-Forwarded-For";

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let case = Case::draw(dice);
    let Case { peer, ref chain, trusted, proxies, client } = case;
    let mut sheet = Sheet::new(dice.words, &[trusted, peer, chain.len() as u32, proxies]);
    let mut entries = Vec::new();
    for &entry in chain {
        entries.push([entry, 0, 0, 0]);
    }
    let field = sheet.listed(words::ENTRY, words::COMMA, words::COMMA, &entries);
    let why = match trusted {
        0 => words::NOBODY,
        n if n > proxies => words::TOO_MANY,
        n if n < proxies => words::TOO_FEW,
        _ => words::RIGHT,
    };
    let right = Idea::new(case.truth(&field), why);
    sheet.text(field);
    let wrong = [
        Idea::new(*chain.first()?, words::LEFTMOST),
        // Where it is the truth, or where there is none, it is left out as what coincides.
        Idea::new(peer, words::PEER),
        Idea::new(client, words::CLIENT),
        Idea::new(*chain.last()?, words::RIGHTMOST),
        Idea::new(chain.iter().rev().nth(trusted as usize).copied().unwrap_or(peer), words::ONE_TOO_FAR),
    ];
    let body = single(dice, &mut sheet, right, &wrong, 3, |sheet, _| sheet.say(words::ADDRESS))?;
    let given = sheet.list(&[words::FROM, words::FIELD, words::OWN, words::TRUSTED]);
    Some(Made { ask: sheet.say(words::ASK), given, keep: sheet.say(words::KEEP), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        ASK = "Which address does the app take for the client's?";
        KEEP = "Read from the right, one entry for each proxy you trust. Whatever is further left was written by somebody nobody vouches for.";
        ADDRESS = "<code>{a0}</code>";
        ENTRY = "{a0}";
        COMMA = ", ";
        FROM = "Connection from|<code>{a5}</code>";
        FIELD = "<code>X-Forwarded-For</code>|<code>{s0}</code>";
        OWN = "Your own proxies in front of the app|{n7}, each appends its peer";
        TRUSTED = "Trusted hops, counted from the app|{n4}";
        // a0 the address, n4 trusted hops, a5 the peer, n6 entries, n7 own proxies.
        RIGHT = "{n4} trusted, so entry {n4} from the right counts: {a0}. The outermost of your proxies wrote it, and it was its peer.";
        TOO_MANY = "{n4} trusted, so entry {n4} from the right is believed: {a0}. Of these your own proxies wrote {n7}: the one that counts came with the request, and anybody can choose it.";
        TOO_FEW = "{n4} trusted, so entry {n4} from the right counts: {a0}. With {n7} proxies that is one of your own, and all users look like one.";
        NOBODY = "Nobody is trusted, so the field is not read: {a0} is who connected. Behind {n7} proxy that is the proxy, for every user.";
        LEFTMOST = "That takes entry 1 of {n6} for the origin of it all. The left end is what came with the request, and anybody can write {a0} there.";
        PEER = "That is who opened this connection, as if the field were not read. With {n4} trusted, entry {n4} from the right counts.";
        CLIENT = "That is who really opened the first connection. The app cannot know: it counts {n4} from the right, and that is another entry.";
        RIGHTMOST = "That takes the entry of the nearest proxy alone, 1 from the right. The setting says {n4}.";
        ONE_TOO_FAR = "That skips {n4} and takes the next to the left. The nearest proxy needs no entry of its own to be trusted: it is the peer, {a5}.";
    }
}
