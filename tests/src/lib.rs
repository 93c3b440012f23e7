//! Tests that cross crates.
//!
//! [`Run`] loads a scenario file and tells what happened in short lines, one for each record
//! of the event log, so that a test reads like the story that it checks.

mod run;
mod story;

pub use run::Run;
pub use story::line;
