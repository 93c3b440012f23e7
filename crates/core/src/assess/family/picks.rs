//! What a balancer picks: the only place of the families that runs a policy.

use std::net::{IpAddr, Ipv4Addr};

use crate::policy::balance::{Ask, Balancer, Key, Label, Options, Peer, PolicyKind, common};
use crate::policy::decision::{Decisions, Occasion, Reason, Score, Standing};
use crate::rng::{Draw, Purpose};
use crate::time::Instant;
use crate::world::NodeId;

/// A member of a pool as a question shows it.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) weight: u32,
    pub(super) open: u32,
    pub(super) standing: Standing,
}

/// A pick and what it rests on.
pub(super) struct Pick {
    /// The member, by index.
    pub(super) chosen: u32,
    /// Why it was picked.
    pub(super) reason: Reason,
    /// How each member scored.
    pub(super) scores: Vec<Score>,
}

/// Asks a fresh balancer of a common kind once for each client. `down` has left when the last of them comes, and
/// not before. Fewer picks than clients when nobody could be picked.
pub(super) fn picks(kind: PolicyKind, members: &[Member], down: Option<u32>, clients: &[u32]) -> Vec<Pick> {
    let listed = members.iter().enumerate().map(|(i, m)| {
        let peer = Peer { active: m.open, standing: m.standing, ..Peer::new(NodeId::new(i), m.weight) };
        (peer, Label::default())
    });
    let (mut balancer, mut decisions) = (Balancer::made_by(common, kind, Options::default(), listed), Decisions::new(true));
    let mut made = Vec::new();
    for (n, &client) in clients.iter().enumerate() {
        if let Some(gone) = down.filter(|_| n + 1 == clients.len()) {
            balancer.set_standing(gone as usize, Standing::Absent, Instant::START);
        }
        // None of the policies asked about draws; the members do not change between two picks.
        let draw = Draw::new(0, Purpose::Balance, n as u64, 0);
        let ask = Ask { client: IpAddr::V4(Ipv4Addr::from(client)), key: Key::default(), draw, tried: &[] };
        let Some(chosen) = balancer.pick(&ask, &Occasion::default(), &mut decisions) else { break };
        let Some(decision) = decisions.get(n as u32) else { break };
        let scores = decisions.candidates(decision).iter().map(|c| c.score).collect();
        made.push(Pick { chosen: chosen as u32, reason: decision.reason, scores });
    }
    made
}
