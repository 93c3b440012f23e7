//! The members of a pool as its policy knows them, and what changes about them.

use std::rc::Rc;

use crate::policy::decision::Standing;
use crate::time::Duration;
use crate::world::NodeId;

/// A member of a pool in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Who.
    pub node: NodeId,
    /// Its number in the configuration, from 1 (HAProxy `id`).
    pub id: u32,
    /// Its weight.
    pub weight: u32,
    /// Requests or connections that it has from this balancer now.
    pub active: u32,
    /// Whether it may be picked, as far as the pool knows; see [`Table::standing`].
    pub standing: Standing,
    /// Whether it only helps out when no other member can be picked (nginx and HAProxy `backup`).
    pub backup: bool,
    /// How many requests or connections it may have at once, 0 for any number (nginx
    /// `max_conns`, HAProxy `maxconn`).
    pub most_active: u32,
    /// How many failures within [`Peer::fail_timeout`] take it out, 0 for never (nginx `max_fails`).
    pub max_fails: u32,
    /// Over how long failures count, and for how long they take it out (nginx `fail_timeout`).
    pub fail_timeout: Duration,
}

impl Peer {
    /// A member with nothing special about it.
    pub const fn new(node: NodeId, weight: u32) -> Self {
        Self {
            node,
            id: 0,
            weight,
            active: 0,
            standing: Standing::Eligible,
            backup: false,
            most_active: 0,
            max_fails: 0,
            fail_timeout: Duration::ZERO,
        }
    }
}

/// A member of a pool in words; some policies hash them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The name in the configuration.
    pub name: Box<str>,
    /// Host and port as written, such as `127.0.0.1:9001`.
    pub address: Box<str>,
}

/// The members of a pool, by index; an index once given stays.
#[derive(Clone, Debug, Default)]
pub struct Table {
    peers: Vec<Peer>,
    /// Shared between the snapshots of a world.
    labels: Rc<Vec<Label>>,
    backups: u32,
    limits: u32,
    fails: u32,
    active: u64,
}

/// What has become of a request or connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Whether it failed in a way that counts against the member (nginx `proxy_next_upstream`).
    pub failed: bool,
    /// From the choice to the end of the answer.
    pub took: Duration,
    /// How large the answer was.
    pub bytes: u64,
}

/// What has changed about one member; the table has it already when a policy is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new in the table.
    Listed,
    /// It has got a request or connection: one more is active.
    Began,
    /// It is done with one: one less is active.
    Ended(Done),
    /// Its weight was another.
    Weight(u32),
    /// Its standing was another.
    Standing(Standing),
}

impl Change {
    /// Whether it is about who shares in the pool, and how much, rather than about a request.
    pub const fn moves_shares(self) -> bool {
        matches!(self, Self::Listed | Self::Weight(_) | Self::Standing(_))
    }
}

impl Table {
    pub(super) fn list(&mut self, mut peer: Peer, label: Label) {
        if peer.id == 0 {
            peer.id = self.peers.len() as u32 + 1;
        }
        self.backups += u32::from(peer.backup);
        self.limits += u32::from(peer.most_active > 0);
        self.fails += u32::from(peer.max_fails > 0);
        self.active += u64::from(peer.active);
        self.peers.push(peer);
        Rc::make_mut(&mut self.labels).push(label);
    }

    pub(super) fn peer_mut(&mut self, index: usize) -> Option<&mut Peer> {
        self.peers.get_mut(index)
    }

    /// All members in the order in which they were listed.
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// A member's name and address.
    pub fn label(&self, index: usize) -> &Label {
        &self.labels[index]
    }

    /// How many members are listed, whatever their standing.
    pub fn len(&self) -> usize {
        self.peers.len()
    }

    /// Whether no member is listed.
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// Whether any member is a backup.
    pub fn has_backups(&self) -> bool {
        self.backups > 0
    }

    /// Whether any member can be taken out by failures.
    pub fn has_fails(&self) -> bool {
        self.fails > 0
    }

    /// One more or one less is active at a member.
    pub(super) fn count(&mut self, index: usize, more: bool) {
        let peer = &mut self.peers[index];
        let was = peer.active;
        peer.active = if more { was.saturating_add(1) } else { was.saturating_sub(1) };
        self.active = self.active + u64::from(peer.active) - u64::from(was);
    }

    /// Requests or connections that all members have from this balancer now.
    pub fn active(&self) -> u64 {
        self.active
    }

    /// Whether any member can be full.
    pub fn has_limits(&self) -> bool {
        self.limits > 0
    }

    /// Whether there are no backups, no limits and no failures that count.
    pub(super) fn is_plain(&self) -> bool {
        self.backups == 0 && self.limits == 0 && self.fails == 0
    }

    /// Whether a member may be picked, as far as its own entry in a plain table says.
    #[inline]
    pub(super) fn able(&self, index: usize) -> bool {
        let peer = &self.peers[index];
        peer.standing == Standing::Eligible && peer.weight > 0
    }

    /// Whether a member may be picked for a request that has tried others in vain. A weight of 0
    /// means, as in HAProxy, that it gets nothing new. Knows nothing of backups.
    #[inline]
    pub fn standing(&self, index: usize, tried: &[u16]) -> Standing {
        let peer = &self.peers[index];
        match peer.standing {
            Standing::Eligible if peer.weight == 0 => Standing::Draining,
            Standing::Eligible if !tried.is_empty() && tried.contains(&(index as u16)) => Standing::Tried,
            Standing::Eligible if peer.most_active > 0 && peer.active >= peer.most_active => Standing::Full,
            other => other,
        }
    }
}
