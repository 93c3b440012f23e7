//! A cookie that names the upstream.

use std::rc::Rc;

use super::rendezvous::draw;
use crate::policy::balance::ring::Ring;
use crate::policy::balance::{Change, Note, Options, Policy, Reason, Score, Table};
use crate::time::Instant;

/// `lb_policy cookie name secret`: the cookie's value is the HMAC-SHA256 of the upstream's
/// address, so that nobody can choose an upstream or learn its address. Without a cookie, or
/// with one that names nobody who can be picked, one is drawn and its cookie is to be set
/// ([`cookie_value`]).
#[derive(Clone, Debug)]
pub struct Cookie {
    secret: Rc<str>,
    /// The members by the first 64 bits of their digest.
    digests: Ring,
    stale: bool,
}

impl Cookie {
    /// For any members, with [`Options::secret`].
    pub fn new(options: &Options) -> Self {
        Self { secret: options.secret.as_str().into(), digests: Ring::default(), stale: true }
    }

    /// Whom a cookie names.
    fn named(&self, table: &Table, value: &[u8]) -> Option<usize> {
        let head = core::str::from_utf8(value.get(..16)?).ok()?;
        let point = self.digests.find(u64::from_str_radix(head, 16).ok()?);
        let index = self.digests.walk(point, 0, &|_| true)?;
        (cookie_value(&self.secret, &table.label(index).address).as_bytes() == value).then_some(index)
    }
}

fn digest(secret: &str, address: &str) -> [u8; 32] {
    hmac_sha256::HMAC::mac(address.as_bytes(), secret.as_bytes())
}

/// The value of the cookie that names the upstream with that address.
pub fn cookie_value(secret: &str, address: &str) -> String {
    let digit = |nibble: u8| char::from(nibble + if nibble < 10 { b'0' } else { b'a' - 10 });
    digest(secret, address).iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl Policy for Cookie {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        if core::mem::take(&mut self.stale) {
            let head =
                |i: usize| digest(&self.secret, &note.table.label(i).address).iter().take(8).fold(0, |sum, &b| sum << 8 | u64::from(b));
            self.digests = Ring::new((0..note.table.len()).map(|i| (head(i), i as u32)).collect(), false);
        }
        match self.named(note.table, note.key).filter(|&i| note.eligible(i)) {
            Some(index) => note.decide(Some(index), Reason::Cookie, &|i| Score::Hash(u64::from(i == index))),
            None => draw(note),
        }
    }

    fn told(&mut self, _table: &Table, _index: usize, change: Change, _at: Instant) {
        self.stale |= change == Change::Listed;
    }
}
