//! One lab alone, for an iframe on someone else's page.

use maud::html;

use crate::load::{Curriculum, Lab, Lesson};
use crate::markdown;
use crate::needs;
use crate::pages::frame::{self, Page};
use crate::pages::{icon, lab};
use crate::site::Assets;

const ROOT: &str = "../../../";

/// The document of an embedded lab: no top bar, one link back to the lesson.
pub fn document(curriculum: &Curriculum, lesson: &Lesson, shown: &Lab, assets: &Assets) -> String {
    let title = lesson.words_of(&shown.id).map(|words| words.title.as_str()).unwrap_or_default();
    let lead = lesson.words_of(&shown.id).map(|words| markdown::plain(&words.lead)).unwrap_or_default();
    let data = format!("{ROOT}lessons/{}/lesson.bin", lesson.slug);
    let home = format!("{ROOT}lessons/{}/#lab-{}", lesson.slug, shown.id);
    let page = Page {
        kind: "embed",
        panels: shown.scenario.panels.clone(),
        root: ROOT,
        slug: Some(&lesson.slug),
        title: format!("{title} · {}", curriculum.course.value.title),
        description: lead,
        needs: needs::of_page([&shown.scenario]),
        main: html! {},
    };
    let body = html! {
        main.embed #main {
            h1.visually-hidden { (title) }
            (lab::lab(lesson, &shown.id, &data, None))
            p.embed-foot {
                a href=(home) target="_blank" rel="noopener" {
                    (icon::brand())
                    "From the lesson " (lesson.words.value.title) " on " (curriculum.course.value.title)
                }
            }
        }
    };
    frame::bare(&page, assets, &body).into_string()
}
