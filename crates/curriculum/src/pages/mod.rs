//! The static pages: HTML that reads whole before any script runs.
//!
//! No page has an inline script or a `style` attribute, and every link is relative, so the same files serve any
//! sub-path and any strict content policy.

pub mod certificate;
pub mod cheatsheet;
pub mod cheatsheets;
pub mod embed;
pub mod frame;
pub mod glossary;
mod hero;
pub mod home;
mod icon;
mod lab;
pub mod lesson;
mod lesson_parts;
mod mark;
pub mod pictogram;
pub mod progress;
mod topbar;
pub mod verify;
