//! A weight that grows.

use super::{Change, Note, Options, Picture, Policy, Reason, Score, Standing, Table};
use crate::time::{Duration, Instant};

/// How long a member takes to its whole weight, unless said otherwise.
const WINDOW: Duration = Duration::from_secs(30);
/// What a member has of its weight at least, in percent (Envoy `min_weight_percent`).
const LEAST: u64 = 10;

/// Smooth weighted round robin in which a member that joins or recovers does not get its whole
/// share at once: its weight times the part of the window that has passed, a tenth at least
/// (Envoy's slow start with aggression 1). Its caches are cold and its connections closed.
#[derive(Clone, Debug)]
pub struct SlowStart {
    window: Duration,
    members: Vec<Member>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Member {
    current: i64,
    /// Since when it can be picked; `None` for those that were there from the start.
    since: Option<Instant>,
}

impl SlowStart {
    /// For these members; [`Options::window`] to the whole weight.
    pub fn new(options: &Options, table: &Table) -> Self {
        let window = if options.window == Duration::ZERO { WINDOW } else { options.window };
        Self { window, members: vec![Member::default(); table.len()] }
    }

    /// The counters as the last round left them, for a picture. Both are in hundredths of a weight.
    pub(super) fn counters(&self) -> Vec<i64> {
        self.members.iter().map(|member| member.current).collect()
    }

    /// A member's weight at a moment, in percent of one.
    fn weight(&self, table: &Table, index: usize, now: Instant) -> i64 {
        let passed = self.members[index].since.map_or(self.window, |since| now.since(since));
        let percent = (100 * passed.as_micros() / self.window.as_micros().max(1)).clamp(LEAST, 100);
        i64::from(table.peers()[index].weight) * percent as i64
    }
}

impl Policy for SlowStart {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let (mut best, mut total) = (None, 0);
        for i in (0..self.members.len()).filter(|&i| note.eligible(i)) {
            let gain = self.weight(note.table, i, note.at());
            self.members[i].current += gain;
            total += gain;
            if best.is_none_or(|b: usize| self.members[i].current > self.members[b].current) {
                best = Some(i);
            }
        }
        let members = &self.members;
        note.decide(best, Reason::HighestCurrentWeight, &|i| Score::CurrentWeight(members[i].current));
        self.members[best?].current -= total;
        best
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        match change {
            Change::Listed => self.members.push(Member { since: Some(at), ..Member::default() }),
            Change::Standing(was) if was != Standing::Eligible && table.peers()[index].standing == Standing::Eligible => {
                self.members[index].since = Some(at);
            }
            _ => {}
        }
    }

    fn picture(&self, _table: &Table) -> Option<Picture> {
        Some(Picture::Counters(self.counters()))
    }
}
