//! By the client's address.

use std::net::IpAddr;

use super::{Note, Policy, Reason, RoundRobin, Score};

/// nginx `ip_hash` (`ngx_http_upstream_ip_hash_module`): the first three octets of an IPv4
/// address, or all of an IPv6 one, so that a whole /24 shares a server. A server that cannot
/// take it makes the hash go on from where it is; after 20 tries the turn decides.
#[derive(Clone, Debug, Default)]
pub struct IpHash {
    turns: RoundRobin,
}

const TRIES: u32 = 20;

impl Policy for IpHash {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let total = note.table.peers().iter().fold(0u32, |sum, p| sum.saturating_add(p.weight));
        let mut hash = 89;
        for _ in 0..=TRIES {
            if total == 0 {
                break;
            }
            hash = Self::go_on(hash, note.ask.client);
            let index = Self::owner(note, hash % total);
            if note.eligible(index) {
                let peers = note.table.peers();
                let start = |i: usize| peers[..i].iter().fold(0u32, |sum, p| sum.saturating_add(p.weight));
                return note.decide(Some(index), Reason::AddressHash(hash % total), &|i| {
                    Score::Slots(start(i), start(i).saturating_add(peers[i].weight))
                });
            }
        }
        let chosen = self.turns.turn(note);
        note.decide(chosen, Reason::HashGaveUp, &|_| Score::Slots(0, 0))
    }
}

impl IpHash {
    fn go_on(mut hash: u32, client: IpAddr) -> u32 {
        let mut step = |octet: u8| hash = (hash * 113 + u32::from(octet)) % 6271;
        match client {
            IpAddr::V4(ip) => ip.octets()[..3].iter().for_each(|&o| step(o)),
            IpAddr::V6(ip) => ip.octets().iter().for_each(|&o| step(o)),
        }
        hash
    }

    /// The member whose share of the range holds the slot.
    fn owner(note: &Note<'_>, slot: u32) -> usize {
        let mut left = slot;
        for (i, peer) in note.table.peers().iter().enumerate() {
            if left < peer.weight {
                return i;
            }
            left -= peer.weight;
        }
        0
    }
}
