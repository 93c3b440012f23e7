//! The better of two by latency.

use super::{Change, Note, Options, Policy, Reason, Score, Table};
use crate::time::{Duration, Instant};

/// How long latencies are remembered, unless said otherwise (Finagle `decayTime`).
const DECAY: Duration = Duration::from_secs(10);
/// The cost of one that has requests under way and no answer yet.
const PENALTY: f64 = (i64::MAX >> 16) as f64;
/// How often one that cannot be picked is drawn again.
const TRIES: u32 = 20;

/// Finagle's Peak EWMA with the power of two choices (`PeakEwma.scala`, `p2cPeakEwma`): the cost
/// of a member is its latency times one more than it has under way. The latency is a moving
/// average that a slower answer raises at once and that falls by a factor of e in the decay time.
/// Of two drawn the cheaper one is picked. O(1) but for bad luck.
#[derive(Clone, Debug)]
pub struct PeakEwma {
    /// In microseconds.
    decay: f64,
    latencies: Vec<Latency>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Latency {
    /// In microseconds, as it stood then.
    cost: f64,
    at: Instant,
}

impl PeakEwma {
    /// For these members; [`Options::window`] as the decay time.
    pub fn new(options: &Options, table: &Table) -> Self {
        let decay = if options.window == Duration::ZERO { DECAY } else { options.window };
        Self { decay: decay.as_micros() as f64, latencies: vec![Latency::default(); table.len()] }
    }

    /// A latency as it stands now.
    fn now(&self, index: usize, now: Instant) -> f64 {
        let Latency { cost, at } = self.latencies[index];
        cost * libm::exp(-(now.since(at).as_micros() as f64) / self.decay)
    }

    fn cost(&self, table: &Table, index: usize, now: Instant) -> f64 {
        let (latency, pending) = (self.now(index, now), f64::from(table.peers()[index].active));
        if latency == 0.0 && pending > 0.0 { PENALTY + pending } else { latency * (pending + 1.0) }
    }

    /// Two different ones that can be picked, or the same one twice when there is no other.
    fn draw(note: &Note<'_>) -> Option<(usize, usize)> {
        let n = note.table.len() as u64;
        let mut drawn = (0..TRIES).map(|k| note.ask.draw.nth(k).below(n) as usize).filter(|&i| n > 0 && note.eligible(i));
        let first = drawn.next().or_else(|| (0..note.table.len()).find(|&i| note.eligible(i)))?;
        let second = drawn.find(|&i| i != first).or_else(|| (0..note.table.len()).find(|&i| i != first && note.eligible(i)));
        Some((first, second.unwrap_or(first)))
    }
}

impl Policy for PeakEwma {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let (table, now) = (note.table, note.at());
        let cost = |i: usize| self.cost(table, i, now);
        let drawn = Self::draw(note);
        let chosen = drawn.map(|(first, second)| if cost(first) <= cost(second) { first } else { second });
        let score = |i: usize| match drawn {
            Some((first, second)) if i == first || i == second => Score::Time(cost(i) as u64),
            _ => Score::NotDrawn,
        };
        note.decide(chosen, Reason::CheaperOfTwo, &score)
    }

    fn told(&mut self, table: &Table, index: usize, change: Change, at: Instant) {
        self.latencies.resize(table.len(), Latency::default());
        if let Change::Ended(done) = change {
            let (cost, took) = (self.now(index, at), done.took.as_micros() as f64);
            let kept = libm::exp(-(at.since(self.latencies[index].at).as_micros() as f64) / self.decay);
            let before = self.latencies[index].cost;
            let cost = if took > before { took } else { cost + took * (1.0 - kept) };
            self.latencies[index] = Latency { cost, at };
        }
    }
}
