//! The engine as a small JavaScript package.
//!
//! A [`Lab`] takes a scenario as a JavaScript object in the shape of a lab's TOML file, steps,
//! seeks and acts, and gives snapshots and events as plain objects. Whatever cannot be done is
//! thrown as an `Error` whose message says what is wrong and where. Numbers that may pass 2^53
//! (seeds, fingerprints) cross the border as strings.

mod input;
mod lab;
mod output;

pub use lab::Lab;
