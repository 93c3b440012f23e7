//! By the client's address.

use std::net::IpAddr;

use super::hash::part;
use super::{Servers, TRIES};
use crate::policy::balance::shares::Shares;
use crate::policy::balance::{Change, Note, Policy, Reason, Table};
use crate::time::Instant;

/// nginx `ip_hash` (`ngx_http_upstream_ip_hash_module`): the first three octets of an IPv4
/// address, or all of an IPv6 one, so that a whole /24 shares a server. A server that cannot
/// take it makes the hash go on from where it is; after 20 tries the turn decides.
#[derive(Clone, Debug)]
pub struct IpHash {
    servers: Servers,
    shares: Shares,
}

impl IpHash {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { servers: Servers::new(table), shares: Shares::new() }
    }

    /// The place in the range and its owner, if one that can be picked was found.
    fn hash(&self, note: &Note<'_>) -> Option<(u32, usize)> {
        let mut hash = 89;
        for _ in 0..=TRIES {
            hash = go_on(hash, note.ask.client);
            let place = u64::from(hash).checked_rem(self.shares.total())?;
            if let Some(owner) = self.shares.owner(place).filter(|&i| self.servers.usable(note, i)) {
                return Some((place as u32, owner));
            }
        }
        None
    }
}

fn go_on(hash: u32, client: IpAddr) -> u32 {
    let step = |hash: u32, octet: &u8| (hash * 113 + u32::from(*octet)) % 6271;
    match client {
        IpAddr::V4(ip) => ip.octets()[..3].iter().fold(hash, step),
        IpAddr::V6(ip) => ip.octets().iter().fold(hash, step),
    }
}

impl Policy for IpHash {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.shares.refresh(note.table, &|i| part(note.table, i));
        let found = if note.table.len() < 2 { None } else { self.hash(note) };
        let Some((place, owner)) = found else { return self.servers.fall_back(note, Reason::HashGaveUp) };
        self.servers.picked(note, owner);
        let (servers, shares) = (&self.servers, &self.shares);
        let score = |i: usize| shares.slots(i);
        note.decide_by(Some(owner), Reason::AddressHash(place), &|note, i| servers.standing(note, i, false), &score)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.servers.told(table, index, change, at);
        self.shares.told(change);
    }
}
