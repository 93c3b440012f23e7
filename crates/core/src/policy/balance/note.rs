//! One choice to make, with the means to write it down.

use std::net::IpAddr;

use super::{PolicyKind, Table};
use crate::policy::decision::{Candidate, Decisions, KEPT, Occasion, Reason, Score, Standing};
use crate::rng::Draw;
use crate::time::Instant;

/// What of a request a policy may hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Key<'a> {
    /// The request has none, such as a missing header.
    #[default]
    Nothing,
    /// The client's address: [`Ask::client`].
    Client,
    /// A URI, a header's value, a parameter.
    Text(&'a [u8]),
}

/// What a policy may know of the request or connection that it places.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Whose it is: the address that the balancer believes in.
    pub client: IpAddr,
    /// What is hashed, by policies that hash.
    pub key: Key<'a>,
    /// Randomness for this one choice.
    pub draw: Draw,
    /// Members, by index, that this request has tried in vain.
    pub tried: &'a [u16],
}

/// One choice to make, with the means to write it down.
pub struct Note<'a> {
    /// For whom.
    pub ask: &'a Ask<'a>,
    /// Among whom.
    pub table: &'a Table,
    /// What is hashed, as text: an address as it is written, and empty when there is nothing. Only
    /// for policies that hash text ([`PolicyKind::hashes_text`]).
    pub key: &'a [u8],
    /// What says whose the request is, for a pool that keeps its users.
    pub stick: Option<&'a str>,
    kind: PolicyKind,
    occasion: &'a Occasion,
    decisions: &'a mut Decisions,
    /// Whether backups may be picked, and nobody else.
    help: bool,
    /// Whether a member's own entry says all about whether it may be picked: this request has
    /// tried nobody, and there are no backups, no limits and no failures that count.
    pub(super) plain: bool,
}

impl<'a> Note<'a> {
    #[allow(clippy::too_many_arguments, reason = "a choice is all of these, and there is one call")]
    pub(super) fn new(
        kind: PolicyKind,
        ask: &'a Ask<'a>,
        key: &'a [u8],
        stick: Option<&'a str>,
        table: &'a Table,
        occasion: &'a Occasion,
        decisions: &'a mut Decisions,
    ) -> Self {
        let plain = ask.tried.is_empty() && table.is_plain();
        let primary = |i: usize| !table.peers()[i].backup && table.standing(i, ask.tried) == Standing::Eligible;
        let help = table.has_backups() && !(0..table.len()).any(primary);
        Self { ask, table, key, stick, kind, occasion, decisions, help, plain }
    }

    /// When.
    pub const fn at(&self) -> Instant {
        self.occasion.at
    }

    /// Whether the decision will be written down, so that a policy need not explain it for nobody.
    pub const fn is_written(&self) -> bool {
        self.decisions.is_on()
    }

    /// Whether a member may be picked; backups only while no other member may.
    pub fn standing(&self, index: usize) -> Standing {
        match self.table.standing(index, self.ask.tried) {
            Standing::Eligible if self.table.peers()[index].backup && !self.help => Standing::Spare,
            other => other,
        }
    }

    /// Whether a member may be picked.
    #[inline]
    pub fn eligible(&self, index: usize) -> bool {
        if self.plain { self.table.able(index) } else { self.standing(index) == Standing::Eligible }
    }

    /// Writes the decision down and passes the choice on.
    #[inline]
    pub fn decide(&mut self, chosen: Option<usize>, reason: Reason, score: &dyn Fn(usize) -> Score) -> Option<usize> {
        self.decide_by(chosen, reason, &|note, i| note.standing(i), score)
    }

    /// The same for a policy that has reasons of its own for passing a member over.
    #[inline]
    pub fn decide_by(
        &mut self,
        chosen: Option<usize>,
        reason: Reason,
        standing: &dyn Fn(&Note<'_>, usize) -> Standing,
        score: &dyn Fn(usize) -> Score,
    ) -> Option<usize> {
        if self.decisions.is_on() {
            self.write(chosen, reason, standing, score);
        }
        chosen
    }

    #[inline(never)]
    fn write(
        &mut self,
        chosen: Option<usize>,
        reason: Reason,
        standing: &dyn Fn(&Note<'_>, usize) -> Standing,
        score: &dyn Fn(usize) -> Score,
    ) {
        let peers = self.table.peers();
        let len = peers.len().min(KEPT);
        for place in 0..len {
            // The first ones are kept, and the chosen one wherever it is.
            let far = chosen.filter(|&i| i >= len && place == len - 1);
            let index = far.unwrap_or(place);
            let (peer, score) = (&peers[index], score(index));
            // A policy may have changed its mind about the one that it picked since it did.
            let standing = if Some(index) == chosen { Standing::Eligible } else { standing(self, index) };
            self.decisions.keep(Candidate { node: peer.node, standing, active: peer.active, weight: peer.weight, score });
        }
        let reason = if chosen.is_some() { reason } else { Reason::NobodyEligible };
        let node = chosen.map(|i| peers[i].node);
        self.decisions.record(self.occasion, self.kind, node, reason, len, peers.len());
    }
}
