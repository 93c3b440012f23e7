//! `lessons/course.toml`: tracks, and every lesson of the course in its order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::At;

/// The whole course, lessons not yet written included.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// Name of the course.
    pub title: String,
    /// Tracks in the order in which they are shown.
    pub track: Vec<Track>,
    /// Lessons in the order in which they are numbered.
    pub lesson: Vec<CourseLesson>,
}

/// A group of lessons.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Name used in this file.
    pub id: At<String>,
    /// Name shown.
    pub title: String,
}

/// A lesson's place in the course.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CourseLesson {
    /// Folder and address; it never changes.
    pub slug: At<String>,
    /// Id of its track.
    pub track: At<String>,
    /// Title on the course map.
    pub title: String,
    /// What it is about in up to six words.
    pub tagline: String,
    /// How much it asks for.
    pub level: Level,
    /// Time it takes, in minutes.
    pub minutes: u32,
    /// Whether it belongs to the core track.
    #[serde(default)]
    pub core: bool,
    /// Slugs of the lessons it builds on.
    #[serde(default)]
    pub needs: Vec<At<String>>,
}

/// Whom a lesson is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Knows HTTP from using it.
    Junior,
    /// Has run a service behind a proxy.
    Middle,
    /// Owns production traffic.
    Senior,
}

impl Level {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Level::Junior => "junior",
            Level::Middle => "middle",
            Level::Senior => "senior",
        }
    }
}
