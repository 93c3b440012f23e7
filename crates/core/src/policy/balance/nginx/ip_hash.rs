//! By the client's address.

use std::net::IpAddr;

use super::hash::Range;
use crate::policy::balance::{Change, Note, Policy, Reason, Table};
use crate::time::Instant;

/// nginx `ip_hash` (`ngx_http_upstream_ip_hash_module`): the first three octets of an IPv4
/// address, or all of an IPv6 one, so that a whole /24 shares a server. A server that cannot
/// take it makes the hash go on from where it is; after 20 tries the turn decides.
#[derive(Clone, Debug)]
pub struct IpHash {
    range: Range,
}

impl IpHash {
    /// For these members.
    pub fn new(table: &Table) -> Self {
        Self { range: Range::new(table) }
    }
}

impl Policy for IpHash {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        self.range.refresh(note.table);
        let (octets, length) = match note.ask.client {
            IpAddr::V4(ip) => (ip.to_ipv6_compatible().octets(), 12..15),
            IpAddr::V6(ip) => (ip.octets(), 0..16),
        };
        let mut hash = 89;
        self.range.pick(note, Reason::AddressHash, &mut |_| {
            hash = octets[length.clone()].iter().fold(hash, |hash, octet| (hash * 113 + u32::from(*octet)) % 6271);
            hash
        })
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.range.told(table, index, change, at);
    }
}
