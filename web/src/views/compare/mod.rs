//! Several runs of a lab on the same arrivals: what differs, and where each sent every request.

mod differences;
mod latency;
mod parting;
mod raster;
mod table;

use hopscope_core::lesson::Lab;
use hopscope_core::timeline::{Choice, Choices, Timeline, first_divergence};

pub use differences::differences;
pub use latency::latency;
pub use parting::parting;
pub use raster::{COLUMN, STEP, raster};
pub use table::table;

/// Letters of the runs.
pub const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

/// A run that stands beside others.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The run.
    pub run: &'a Timeline,
}

/// Runs side by side, at one moment.
pub struct Sides<'a> {
    /// For display names.
    pub lab: &'a Lab,
    /// The runs, at most four.
    pub all: Vec<Side<'a>>,
    /// What each of them chose, in the same order.
    pub choices: &'a [Choices],
    /// Which of them is inspected.
    pub shown: usize,
    /// The request that is followed, by its place in the order of arrival.
    pub followed: usize,
}

impl Sides<'_> {
    /// How many requests have arrived where the inspected run stands.
    fn arrived(&self) -> usize {
        let run = self.all[self.shown].run;
        run.log().arrived_until(run.position()).len()
    }

    /// How many arrivals any of the runs knows.
    fn known(&self) -> usize {
        self.choices.iter().map(|run| run.all().len()).max().unwrap_or(0)
    }

    /// What a run made of a request.
    fn choice(&self, run: usize, index: usize) -> Option<&Choice> {
        self.choices[run].all().get(index)
    }

    /// The first request that the runs sent to different servers, as far as they are known.
    fn parted(&self) -> Option<usize> {
        first_divergence(self.choices)
    }

    /// A run's name with its letter.
    fn named(&self, run: usize) -> String {
        format!("{} {}", LETTERS[run], self.all[run].name)
    }
}
