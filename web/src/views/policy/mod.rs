//! Pictures of balancing policies, beside the decision that they explain. They are drawn from what
//! the policy keeps ([`Picture`]) and from the decision's own record, and decide nothing.

mod bars;
mod counters;
mod ring;
mod server;
mod slot_table;
mod slots;

use hopscope_core::lesson::Lab;
use hopscope_core::policy::balance::{Picture, PolicyKind};
use hopscope_core::policy::decision::{Candidate, Decision, Score};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::Log;

pub use server::{Servers, shape};

use super::decision;

/// Whether decisions of a policy have a picture.
pub const fn is_pictured(kind: PolicyKind) -> bool {
    use PolicyKind::*;
    // HAProxy's machines keep trees and maps that are told apart in words only, so far.
    let haproxy = matches!(
        kind,
        HaproxyRoundRobin | HaproxyStaticRoundRobin | HaproxyLeastConn | HaproxyFirst | HaproxyRandom | HaproxyHashMap | HaproxyHashRing
    );
    !haproxy && !matches!(kind, RoundRobin | NaiveWeighted | First | Random | RandomTwo | Cookie)
}

/// A decision with everything that a picture of it shows.
struct Moment<'a> {
    lab: &'a Lab,
    run: &'a Timeline,
    decision: &'a Decision,
    candidates: &'a [Candidate],
    servers: Servers,
}

impl Moment<'_> {
    /// A candidate's name.
    fn name(&self, candidate: &Candidate) -> &str {
        super::names::node(self.lab, self.run.spec(), candidate.node)
    }

    /// Whether a candidate was picked.
    fn is_chosen(&self, candidate: &Candidate) -> bool {
        self.decision.chosen == Some(candidate.node)
    }

    /// The one that was picked.
    fn chosen(&self) -> Option<&Candidate> {
        self.candidates.iter().find(|c| self.is_chosen(c))
    }

    /// What the policy kept before it decided, and after. The run is repeated from its last
    /// snapshot, so whoever draws often keeps what was drawn.
    fn kept(&self) -> Option<(Picture, Picture)> {
        let Decision { ordinal, node, pool, .. } = *self.decision;
        let mut world = self.run.world_at(ordinal.checked_sub(1)?);
        let before = world.picture(node, pool)?;
        world.step(&mut Log::default());
        Some((before, world.picture(node, pool)?))
    }

    /// Whether this is the only decision of its pool at its event. Where there are several, the
    /// state before and after is not that of one of them alone.
    fn is_alone(&self) -> bool {
        let same = |d: &&Decision| (d.ordinal, d.node, d.pool) == (self.decision.ordinal, self.decision.node, self.decision.pool);
        let all = self.run.log().decisions.all();
        let first = all.partition_point(|d| d.ordinal < self.decision.ordinal);
        all[first..].iter().take_while(|d| d.ordinal == self.decision.ordinal).filter(same).count() == 1
    }
}

/// The event of the decision that would be pictured: a picture holds as long as that, the run
/// and its actions stay. `None` when there is nothing to draw.
pub fn pictured(run: &Timeline, root: Option<u32>) -> Option<u32> {
    decision::latest(run, root).filter(|d| is_pictured(d.policy)).map(|d| d.ordinal)
}

/// The picture of the decision that the decision panel explains; empty when it has none.
pub fn picture(run: &Timeline, lab: &Lab, root: Option<u32>) -> String {
    let Some(decision) = decision::latest(run, root).filter(|d| is_pictured(d.policy)) else { return String::new() };
    let candidates = run.log().decisions.candidates(decision);
    let moment = Moment { lab, run, decision, candidates, servers: Servers::of(run.spec(), lab) };
    let drawn = match candidates.first().map(|c| c.score) {
        Some(Score::Slots(..)) => Some(slots::draw(&moment)),
        Some(Score::CurrentWeight(_) | Score::Points(_) | Score::Owns(_)) => match moment.kept() {
            Some((Picture::Counters(before), Picture::Counters(after))) => Some(counters::draw(&moment, &before, &after)),
            Some((_, Picture::Ring(ring))) => Some(ring::draw(&moment, &ring)),
            Some((_, Picture::Table(slots))) => Some(slot_table::draw(&moment, &slots)),
            _ => None,
        },
        _ => bars::draw(&moment),
    };
    drawn.map_or_else(String::new, maud::PreEscaped::into_string)
}
