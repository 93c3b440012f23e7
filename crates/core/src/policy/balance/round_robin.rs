//! One after the other.

use super::{Note, Options, Policy, Reason, Score};

/// Plain round robin: the next eligible member in turn, whatever the weights.
#[derive(Clone, Debug, Default)]
pub struct RoundRobin {
    next: usize,
}

impl Policy for RoundRobin {
    fn pick(&mut self, note: &mut Note<'_>) -> Option<usize> {
        let (n, next) = (note.table.len(), self.next);
        let first = if next < n { next } else { 0 };
        let chosen = self.turn(note);
        note.decide(chosen, Reason::Turn, &|i| Score::Turns(((i + n - first) % n) as u32))
    }
}

impl RoundRobin {
    /// One that begins with [`Options::start`].
    pub const fn new(options: &Options) -> Self {
        Self { next: options.start as usize }
    }

    /// Whose turn it is.
    pub(super) fn turn(&mut self, note: &Note<'_>) -> Option<usize> {
        let n = note.table.len();
        let first = if self.next < n { self.next } else { 0 };
        let chosen = (first..n).chain(0..first).find(|&i| note.eligible(i))?;
        self.next = chosen + 1;
        Some(chosen)
    }
}
