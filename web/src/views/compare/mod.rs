//! Several runs of a lab on the same arrivals: what differs, and where each sent every request.

mod differences;
mod latency;
mod parting;
mod raster;
mod table;

use hopscope_core::lesson::Lab;
use hopscope_core::timeline::{Choice, Choices, Timeline, differs, first_divergence, shared_arrivals};

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
    /// What was found by going through all choices.
    pub found: Found,
}

/// What going through all choices finds. In a long run that takes a while, so whoever draws often
/// keeps it as long as its key stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many requests had arrived, how many choices of all runs together were known, and how
    /// often they had been read anew.
    key: (usize, usize, u32),
    /// The first request that was sent to different servers, as far as the runs are known.
    parted: Option<usize>,
    /// How many of those that had arrived were.
    apart: usize,
    /// How many of the first arrivals are the same in all runs.
    shared: usize,
}

impl Found {
    /// Goes through the choices of all runs, unless this was found among the same.
    pub fn again(self, choices: &[Choices], arrived: usize) -> Self {
        let key = (arrived, choices.iter().map(|run| run.all().len()).sum(), choices.iter().map(Choices::begun).sum());
        if self.key == key {
            return self;
        }
        let apart = (0..arrived).filter(|&index| differs(choices, index)).count();
        Self { key, parted: first_divergence(choices), apart, shared: shared_arrivals(choices) }
    }
}

/// How many requests have arrived where a run stands.
pub fn arrived(run: &Timeline) -> usize {
    run.log().arrived_until(run.position()).len()
}

impl Sides<'_> {
    /// How many requests have arrived where the inspected run stands.
    fn arrived(&self) -> usize {
        arrived(self.all[self.shown].run)
    }

    /// How many arrivals any of the runs knows.
    fn known(&self) -> usize {
        self.choices.iter().map(|run| run.all().len()).max().unwrap_or(0)
    }

    /// What a run made of a request.
    fn choice(&self, run: usize, index: usize) -> Option<&Choice> {
        self.choices[run].all().get(index)
    }

    /// A run's name with its letter.
    fn named(&self, run: usize) -> String {
        format!("{} {}", LETTERS[run], self.all[run].name)
    }
}
