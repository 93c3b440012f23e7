//! Lessons' data for a certificate, by slug.

use std::rc::Rc;

use hopscope_core::lesson::Lesson;

use crate::lesson::load;

/// Lessons that have come.
#[derive(Clone, Default)]
pub(super) struct Lessons(Vec<Rc<Lesson>>);

impl Lessons {
    /// The lesson of that slug.
    pub(super) fn get(&self, slug: &str) -> Option<Rc<Lesson>> {
        self.0.iter().find(|lesson| lesson.slug == slug).cloned()
    }

    /// All of them, in the order in which they were asked for.
    pub(super) fn all(&self) -> &[Rc<Lesson>] {
        &self.0
    }

    /// Fetches what is not here yet from the folder of lessons. What cannot be fetched is left
    /// out: whoever looks for it says that it is missing.
    pub(super) async fn fetch(&mut self, folder: &str, slugs: &[String]) {
        for slug in slugs {
            if self.get(slug).is_none()
                && let Ok(lesson) = load(&format!("{folder}{slug}/lesson.bin")).await
            {
                self.0.push(Rc::new(lesson));
            }
        }
    }
}
