//! Which user's connection leads where, as far as one connection's bytes go unread.
//!
//! At layer 4 a strand runs from a user through the balancer to one backend and stays there;
//! at layer 7 it ends at the proxy, which chooses anew for every request.

use hopscope_core::order::sorted;
use hopscope_core::scenario::{Layer, NodeKind};
use hopscope_core::world::{ConnState, NodeId, NodeView, World};

/// The most users of a group that are drawn one by one.
pub const MOST_USERS: u32 = 12;
/// The most strands through one box.
pub const MOST_STRANDS: usize = 16;

/// The open connections of one user that take the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strand {
    /// The user's group.
    pub clients: NodeId,
    /// The user, from 0.
    pub user: u16,
    /// Every node on the way.
    pub path: Vec<NodeId>,
    /// How many connections.
    pub conns: u32,
    /// Requests that they have carried.
    pub carried: u32,
}

/// The users of a group that are drawn one by one; 0 when the group is drawn as one.
pub fn listed(world: &World, clients: NodeId) -> u32 {
    let NodeView::Clients { users, .. } = world.node_view(clients) else { return 0 };
    if users <= MOST_USERS && may_pin(world, clients) { users } else { 0 }
}

/// Whether the group talks to something that may choose once per connection, now or by a knob.
fn may_pin(world: &World, clients: NodeId) -> bool {
    let spec = world.spec();
    let NodeKind::Clients(index) = spec.node(clients).kind else { return false };
    let Some(target) = spec.id(&spec.scenario.clients[index].target) else { return false };
    match (spec.node(target).kind, world.node_view(target)) {
        (NodeKind::Forwarder(_), _) => true,
        (NodeKind::Proxy(i), NodeView::Proxy { layer, .. }) => layer == Layer::L4 || spec.scenario.proxies[i].layer == Layer::L4,
        _ => false,
    }
}

/// The strands of all listed users in order of group and user; none when there are too many to tell apart.
pub fn strands(world: &World) -> Vec<Strand> {
    let mut found: Vec<Strand> = Vec::new();
    for conn in world.connections() {
        let clients = conn.opener();
        let closing = conn.state == ConnState::Closing;
        if closing || u32::from(conn.user) >= listed(world, clients) {
            continue;
        }
        let (mut path, mut last) = (conn.path().to_vec(), conn);
        while let Some(next) = world.onward(last) {
            path.extend_from_slice(&next.path()[1..]);
            last = next;
        }
        let same = found.iter_mut().find(|s| s.clients == clients && s.user == conn.user && s.path == path);
        match same {
            Some(strand) => {
                strand.conns += 1;
                strand.carried += conn.carried;
            }
            None => found.push(Strand { clients, user: conn.user, path, conns: 1, carried: conn.carried }),
        }
    }
    let first = |s: &Strand| s.path.get(1).copied();
    let few: Vec<&Strand> = found.iter().filter(|s| found.iter().filter(|o| first(o) == first(s)).count() <= MOST_STRANDS).collect();
    sorted(&few, |s| [s.clients.index() as u64, s.user.into(), 0, 0]).into_iter().cloned().collect()
}

/// User numbers as people read them: `1, 5` or `1 to 4, 6`.
pub fn ranges(users: &[u16]) -> String {
    let mut out = String::new();
    let mut rest = users;
    while let Some(&first) = rest.first() {
        let run = rest.iter().zip(first..).take_while(|&(&a, b)| a == b).count();
        let last = first + run as u16 - 1;
        if !out.is_empty() {
            out.push_str(", ");
        }
        match run {
            1 => out.push_str(&(first + 1).to_string()),
            2 => out.push_str(&format!("{}, {}", first + 1, last + 1)),
            _ => out.push_str(&format!("{} to {}", first + 1, last + 1)),
        }
        rest = &rest[run..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_numbered_from_one() {
        assert_eq!(ranges(&[0, 4]), "1, 5");
        assert_eq!(ranges(&[0, 1, 2, 3, 5]), "1 to 4, 6");
        assert_eq!(ranges(&[]), "");
    }
}
