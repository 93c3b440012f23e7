//! Where a run sent each request, so that runs on the same arrivals can be held side by side.

use super::Timeline;
use crate::scenario::{Action, NodeKind, Spec};
use crate::time::Instant;
use crate::world::{Event, NodeId, Outcome, Record};

/// The ordinal of what has not happened.
pub const NEVER: u32 = u32::MAX;

/// What became of one user's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// When it arrived.
    pub at: Instant,
    /// The serial of its root flight, which is its name in this run.
    pub root: u32,
    /// Whose it is: the group, the user in it, and what is asked.
    pub sender: (NodeId, u16, u16),
    /// Where it was sent first: the member picked where there was a choice, or else the member of
    /// a pool that received it.
    pub to: Option<NodeId>,
    /// At which event that was; [`NEVER`] while it is open.
    pub chosen: u32,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// At which event it ended; [`NEVER`] while it is open.
    pub ended: u32,
}

/// The choices of one run in order of arrival, as far as the run is known. Reading on costs what
/// is new; a run that was changed is read anew.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    list: Vec<Choice>,
    /// Records read so far.
    read: usize,
    /// What the run was when it was read: a change of either makes all of it another run.
    seed: u64,
    actions: Vec<Action>,
    /// By node: whether it is a server that a pool lists.
    listed: Vec<bool>,
    /// How often it began to read.
    begun: u32,
}

impl Choices {
    /// All of them in order of arrival.
    pub fn all(&self) -> &[Choice] {
        &self.list
    }

    /// How often it began to read: another number means that what was read before holds no more.
    pub const fn begun(&self) -> u32 {
        self.begun
    }

    /// Reads what a run has written since.
    pub fn follow(&mut self, run: &Timeline) {
        let records = run.log().records();
        if self.seed != run.seed() || self.actions != run.actions() || self.read > records.len() || self.listed.is_empty() {
            let (seed, actions, listed) = (run.seed(), run.actions().to_vec(), listed(run.spec()));
            *self = Self { seed, actions, listed, begun: self.begun + 1, ..Self::default() };
        }
        for record in &records[self.read..] {
            self.note(record, run);
        }
        self.read = records.len();
    }

    fn note(&mut self, record: &Record, run: &Timeline) {
        if let Event::Arrived { flight: root, node, user, class } = record.event {
            let arrived = Choice { at: record.at, root, sender: (node, user, class), to: None, chosen: NEVER, outcome: None, ended: NEVER };
            return self.list.push(arrived);
        }
        let to = match record.event {
            Event::Decided { decision, .. } => {
                let decisions = &run.log().decisions;
                decisions.get(decision).filter(|d| decisions.candidates(d).len() > 1).and_then(|d| d.chosen)
            }
            Event::Received { node, .. } => Some(node).filter(|node| self.listed[node.index()]),
            Event::Ended { .. } => None,
            _ => return,
        };
        // Serials only grow, so the list is in order of them.
        let Ok(index) = self.list.binary_search_by_key(&record.root, |choice| choice.root) else { return };
        let choice = &mut self.list[index];
        if choice.to.is_none() && to.is_some() {
            (choice.to, choice.chosen) = (to, record.ordinal);
        }
        if let Event::Ended { flight, outcome, .. } = record.event
            && flight == choice.root
        {
            (choice.outcome, choice.ended) = (Some(outcome), record.ordinal);
        }
    }
}

/// By node: whether it is a server that a pool lists.
fn listed(spec: &Spec) -> Vec<bool> {
    let mut listed = vec![false; spec.nodes.len()];
    for member in spec.nodes.iter().flat_map(|node| node.pools()).flat_map(|pool| &pool.members) {
        if let Some(id) = spec.id(&member.node) {
            listed[id.index()] = matches!(spec.node(id).kind, NodeKind::Backend(_));
        }
    }
    listed
}

/// How many of the first arrivals are the same in all runs: at the same moment, by the same user,
/// for the same thing. Fewer than are known when users wait for answers before they ask again, or
/// when a change altered how they come.
pub fn shared_arrivals(runs: &[Choices]) -> usize {
    let Some((first, others)) = runs.split_first() else { return 0 };
    let same = |index: &usize| {
        let choice = &first.list[*index];
        others.iter().all(|run| run.list.get(*index).is_some_and(|c| c.at == choice.at && c.sender == choice.sender))
    };
    (0..first.list.len()).take_while(same).count()
}

/// The first request, in order of arrival, that the runs sent to different servers, as far as all
/// of them are known.
pub fn first_divergence(runs: &[Choices]) -> Option<usize> {
    let known = runs.iter().map(|run| run.list.len()).min()?;
    (0..known).find(|&index| differs(runs, index))
}

/// Whether the runs sent a request to different servers. One that a run has not sent anywhere yet
/// differs from nothing.
pub fn differs(runs: &[Choices], index: usize) -> bool {
    let mut sent = runs.iter().filter_map(|run| run.list.get(index)?.to);
    let Some(first) = sent.next() else { return false };
    sent.any(|to| to != first)
}
