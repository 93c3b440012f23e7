//! One choice to make, with the means to write it down.

use std::borrow::Cow;
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
    kind: PolicyKind,
    occasion: &'a Occasion,
    decisions: &'a mut Decisions,
    /// Whether backups may be picked, and nobody else.
    help: bool,
}

impl<'a> Ask<'a> {
    /// What is hashed, as bytes: an address as it is written, and nothing for nothing.
    pub fn key_bytes(&self) -> Cow<'a, [u8]> {
        match self.key {
            Key::Nothing => Cow::Borrowed(&[]),
            Key::Client => Cow::Owned(self.client.to_string().into_bytes()),
            Key::Text(text) => Cow::Borrowed(text),
        }
    }
}

impl<'a> Note<'a> {
    pub(super) fn new(kind: PolicyKind, ask: &'a Ask<'a>, table: &'a Table, occasion: &'a Occasion, decisions: &'a mut Decisions) -> Self {
        let primary = |i: usize| !table.peers()[i].backup && table.standing(i, ask.tried) == Standing::Eligible;
        let help = table.has_backups() && !(0..table.len()).any(primary);
        Self { ask, table, kind, occasion, decisions, help }
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
    pub fn eligible(&self, index: usize) -> bool {
        self.standing(index) == Standing::Eligible
    }

    /// Writes the decision down and passes the choice on.
    pub fn decide(&mut self, chosen: Option<usize>, reason: Reason, score: &dyn Fn(usize) -> Score) -> Option<usize> {
        self.decide_by(chosen, reason, &|note, i| note.standing(i), score)
    }

    /// The same for a policy that has reasons of its own for passing a member over.
    pub fn decide_by(
        &mut self,
        chosen: Option<usize>,
        reason: Reason,
        standing: &dyn Fn(&Note<'_>, usize) -> Standing,
        score: &dyn Fn(usize) -> Score,
    ) -> Option<usize> {
        if self.decisions.is_on() {
            // A policy may have changed its mind about the one that it picked since it did.
            let standing = |i: usize| if Some(i) == chosen { Standing::Eligible } else { standing(self, i) };
            let standings: Vec<Standing> = self.kept(chosen).map(standing).collect();
            self.write(chosen, reason, &standings, score);
        }
        chosen
    }

    /// Which candidates the record keeps: the first ones, and the chosen one wherever it is.
    fn kept(&self, chosen: Option<usize>) -> impl Iterator<Item = usize> + use<> {
        let len = self.table.len().min(KEPT);
        let far = chosen.filter(|&i| i >= len);
        (0..len - usize::from(far.is_some())).chain(far)
    }

    fn write(&mut self, chosen: Option<usize>, reason: Reason, standings: &[Standing], score: &dyn Fn(usize) -> Score) {
        let peers = self.table.peers();
        let candidate = |(i, &standing): (usize, &Standing)| {
            let peer = &peers[i];
            Candidate { node: peer.node, standing, active: peer.active, weight: peer.weight, score: score(i) }
        };
        let reason = if chosen.is_some() { reason } else { Reason::NobodyEligible };
        let node = chosen.map(|i| peers[i].node);
        let candidates = self.kept(chosen).zip(standings).map(candidate);
        self.decisions.record(self.occasion, self.kind, node, reason, candidates, peers.len());
    }
}
