//! The authoring schema: what each file of a lesson may say, field by field.

mod at;
pub mod course;
pub mod glossary;
pub mod labs;
pub mod lesson;
pub mod quiz;
pub mod recall;

pub use at::At;
