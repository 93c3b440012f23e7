//! What a picture of health needs: each member as its balancer sees it.

use crate::policy::decision::Standing;
use crate::policy::health::{Checks, Finding};
use crate::time::{Duration, Instant};
use crate::world::World;
use crate::world::id::NodeId;

impl World {
    /// How a balancer sees the members of its pools; none for a pool that is not watched.
    pub fn health(&self, node: NodeId) -> Vec<HealthView> {
        let mut views = Vec::new();
        for (pool, (_, peers)) in self.pools_view(node).into_iter().enumerate() {
            let Some(watch) = self.watch(node, pool as u16) else { continue };
            for (member, (peer, lane)) in peers.iter().zip(&watch.lanes).enumerate() {
                let (monitor, tally) = (&watch.monitor, watch.monitor.tally(member));
                let of = watch.checks().map_or(0, |checks| match tally.up {
                    _ if checks.window > 0 => checks.window,
                    true => checks.fall,
                    false => checks.rise,
                });
                views.push(HealthView {
                    node: peer.node,
                    pool: pool as u16,
                    member: member as u16,
                    up: monitor.is_up(member),
                    standing: peer.standing,
                    streak: tally.streak,
                    of,
                    errors: monitor.errors(member),
                    ejected: monitor.ejected(member),
                    since: monitor.since(member),
                    last: monitor.last(member),
                    next: lane.next,
                    under_way: lane.under_way.then_some(lane.asked),
                    interval: watch.checks().map_or(Duration::ZERO, |checks| checks.interval),
                    patience: watch.checks().map_or(Duration::ZERO, Checks::patience),
                    enough: monitor
                        .rules()
                        .outlier
                        .as_ref()
                        .map(|o| o.errors)
                        .or_else(|| monitor.rules().observe.as_ref().map(|o| o.errors))
                        .unwrap_or(0),
                    windowed: watch.checks().is_some_and(|checks| checks.window > 0),
                    checks: lane.begun,
                });
            }
        }
        views
    }
}

/// A member of a pool as its balancer sees its health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthView {
    /// The member's node.
    pub node: NodeId,
    /// The pool's index.
    pub pool: u16,
    /// The member's index in it.
    pub member: u16,
    /// Whether it can be used, as far as checks and answers say.
    pub up: bool,
    /// How the policy treats it: in panic one that is down is used all the same.
    pub standing: Standing,
    /// Checks in a row against what it is now; of a window, the good ones.
    pub streak: u32,
    /// How many of those make it turn; of a window, how many checks it has. 0 without checks.
    pub of: u32,
    /// Requests in a row that went wrong.
    pub errors: u32,
    /// Until when it is left out for its errors.
    pub ejected: Option<Instant>,
    /// Since when it is up or down.
    pub since: Instant,
    /// When the last check was over, and what it found.
    pub last: Option<(Instant, Finding)>,
    /// When the next check begins.
    pub next: Option<Instant>,
    /// Since when a check is under way, if one is.
    pub under_way: Option<Instant>,
    /// How long after one check the next begins, as it is set now; zero without checks.
    pub interval: Duration,
    /// How long a check may take.
    pub patience: Duration,
    /// How many requests in a row must go wrong to mean something; 0 for any number.
    pub enough: u32,
    /// Whether the good ones among the last checks count, instead of those in a row.
    pub windowed: bool,
    /// Checks that were begun.
    pub checks: u32,
}
