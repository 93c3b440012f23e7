//! The methods of an nginx `upstream` block. They share the state of its servers: current and
//! effective weights, and what is known of failures (`ngx_http_upstream_round_robin.c`).

mod hash;
mod ip_hash;
mod ketama;
mod least_conn;
#[cfg(not(target_arch = "wasm32"))]
mod levels;
mod random_two;
mod rounds;
mod smooth;
mod split;

pub use hash::Modulo;
pub use ip_hash::IpHash;
pub use ketama::Ketama;
pub(super) use ketama::ketama_ring;
pub use least_conn::LeastConn;
pub use random_two::RandomTwo;
pub use smooth::Smooth;
pub use split::Split;

use super::{Change, Note, Reason, Score, Standing, Table};
use crate::time::Instant;

/// After so many members that could not be picked, a hash or draw leaves it to the turn.
const TRIES: u32 = 20;

/// What nginx knows of one server beside its configuration.
#[derive(Clone, Copy, Debug, Default)]
struct Server {
    current: i64,
    /// Its weight, less what failures took; it comes back by one in each round.
    effective: i64,
    fails: u32,
    /// The second of the last failure.
    accessed: u64,
    /// The second of the last failure, or of the first try after the penalty.
    checked: u64,
}

/// All servers of an `upstream` block. nginx's clock counts whole seconds.
#[derive(Clone, Debug, Default)]
struct Servers(Vec<Server>);

const fn second(at: Instant) -> u64 {
    at.as_micros() / 1_000_000
}

impl Servers {
    fn new(table: &Table) -> Self {
        Self(table.peers().iter().map(|peer| Server { effective: i64::from(peer.weight), ..Server::default() }).collect())
    }

    /// `ngx_http_upstream_free_round_robin_peer`: a failure costs part of the effective weight;
    /// a success forgives the failures only when it came after the penalty.
    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        let peer = &table.peers()[index];
        match change {
            Change::Listed => self.0.push(Server { effective: i64::from(peer.weight), ..Server::default() }),
            Change::Weight(_) => self.0[index].effective = i64::from(peer.weight),
            // The only server of a block is never held to its failures.
            Change::Ended(_) if table.len() == 1 => {}
            Change::Ended(done) => {
                let server = &mut self.0[index];
                if done.failed {
                    (server.accessed, server.checked) = (second(at), second(at));
                    server.fails = server.fails.saturating_add(1);
                    let cost = peer.weight.checked_div(peer.max_fails).unwrap_or(0);
                    server.effective = (server.effective - i64::from(cost)).max(0);
                } else if server.accessed < server.checked {
                    server.fails = 0;
                }
            }
            Change::Began | Change::Standing(_) => {}
        }
    }

    /// Whether a server may be picked, backups only with `help`.
    fn standing(&self, note: &Note<'_>, index: usize, help: bool) -> Standing {
        let peer = &note.table.peers()[index];
        match note.table.standing(index, note.ask.tried) {
            Standing::Eligible if peer.backup && !help => Standing::Spare,
            Standing::Eligible if peer.max_fails > 0 && self.failing(note, index) => Standing::Failing,
            other => other,
        }
    }

    fn failing(&self, note: &Note<'_>, index: usize) -> bool {
        let (peer, server) = (&note.table.peers()[index], &self.0[index]);
        server.fails >= peer.max_fails
            && note.table.len() > 1
            && second(note.at()) - server.checked <= peer.fail_timeout.as_micros() / 1_000_000
    }

    /// Whether a server is among the primary or the backup servers, and may be picked.
    #[inline]
    pub(super) fn plays(&self, note: &Note<'_>, index: usize, help: bool) -> bool {
        if note.plain {
            return !help && note.table.able(index);
        }
        note.table.peers()[index].backup == help && self.standing(note, index, help) == Standing::Eligible
    }

    /// The first try after a penalty begins another: one more failure within it is enough.
    fn picked(&mut self, note: &Note<'_>, index: usize) {
        if note.table.peers()[index].max_fails == 0 {
            return;
        }
        let now = second(note.at());
        let server = &mut self.0[index];
        if now - server.checked > note.table.peers()[index].fail_timeout.as_micros() / 1_000_000 {
            server.checked = now;
        }
    }

    /// `ngx_http_upstream_get_peer`: a round of smooth weighted round robin among the primary or
    /// the backup servers that `among` lets in. The one picked, and the sum that it paid.
    fn round(&mut self, note: &Note<'_>, help: bool, among: &dyn Fn(usize) -> bool) -> Option<(usize, i64)> {
        let (mut best, mut total) = (None, 0);
        let mut most = i64::MIN;
        for (i, peer) in note.table.peers().iter().enumerate() {
            if !self.plays(note, i, help) || !among(i) {
                continue;
            }
            let server = &mut self.0[i];
            server.current += server.effective;
            total += server.effective;
            server.effective += i64::from(server.effective < i64::from(peer.weight));
            if server.current > most {
                (best, most) = (Some(i), server.current);
            }
        }
        let best = best?;
        self.0[best].current -= total;
        self.picked(note, best);
        Some((best, total))
    }

    /// Leaves it to the turn, for this reason.
    fn fall_back(&mut self, note: &mut Note<'_>, reason: Reason) -> Option<usize> {
        let (chosen, total, help) = match self.turn(note) {
            Some((chosen, total, help)) => (Some(chosen), total, help),
            None => (None, 0, true),
        };
        let reached = |i: usize| self.0[i].current + if Some(i) == chosen { total } else { 0 };
        note.decide_by(chosen, reason, &|note, i| self.standing(note, i, help), &|i| Score::CurrentWeight(reached(i)))
    }

    /// The turn, with the backups' help if need be: the one picked, the sum that it paid, and
    /// whether it is a backup.
    fn turn(&mut self, note: &Note<'_>) -> Option<(usize, i64, bool)> {
        let all = &|_: usize| true;
        if let Some((best, total)) = self.round(note, false, all) {
            return Some((best, total, false));
        }
        if !note.table.has_backups() {
            return None;
        }
        self.round(note, true, all).map(|(best, total)| (best, total, true))
    }
}
