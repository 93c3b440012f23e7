//! Lesson files: their schema, checks whose errors name file, line and fix, and their compilation to pages and data.
//!
//! [`check::check`] says whether `lessons/` is sound and what it holds; [`site::write`] makes the pages of a site
//! from it. Both return every problem at once.

pub mod check;
pub mod compile;
pub mod file;
pub mod load;
pub mod markdown;
mod needs;
pub mod pages;
pub mod problem;
pub mod schema;
pub mod site;
pub mod source;
pub mod suggest;
pub mod theory;

pub use problem::{Problem, Problems};
pub use site::{Assets, Written};
