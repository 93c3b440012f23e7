//! The bar at the top of every page: brand, places, progress along the core track, shortcuts, theme.

use maud::{Markup, html};

use crate::load::Curriculum;
use crate::pages::frame::Page;
use crate::pages::icon;
use crate::source::course::CourseLesson;

pub(crate) fn topbar(page: &Page<'_>, curriculum: &Curriculum) -> Markup {
    let root = page.root;
    html! {
        header.topbar {
            div.topbar-inner {
                a.brand href=(root) aria-label="Hopscope, to the course map" {
                    (icon::brand())
                    span { "Hopscope" }
                }
                button.icon-button.menu-button type="button" popovertarget="site-menu" aria-label="Menu" { (icon::menu()) }
                nav.site-menu #site-menu popover aria-label="Site" {
                    (place("Course", root, page.kind == "home"))
                    (place("Glossary", &format!("{root}glossary/"), page.kind == "glossary"))
                    (place("Cheatsheets", &format!("{root}cheatsheets/"), page.kind == "cheatsheets"))
                    a href={ (root) "progress/" } aria-current=[(page.kind == "progress").then_some("page")] {
                        "Progress" span.due-badge data-due-badge hidden {}
                    }
                }
                (progress(page, curriculum))
                div.topbar-actions {
                    button.quiet-button #shortcuts-open type="button" {
                        (icon::keyboard())
                        span.label { "Shortcuts" }
                    }
                    (theme_button())
                }
            }
        }
    }
}

fn place(name: &str, href: &str, here: bool) -> Markup {
    html! { a href=(href) aria-current=[here.then_some("page")] { (name) } }
}

/// Both faces stand in the page; the stylesheet shows the one that can be switched to.
fn theme_button() -> Markup {
    html! {
        button.outline-button #theme-toggle type="button" {
            span.visually-hidden { "Switch to " }
            span.face.to-dark { (icon::moon()) span.label { "Dark" } }
            span.face.to-light { (icon::sun()) span.label { "Light" } }
        }
    }
}

/// One square per core lesson; the script fills in what is done.
fn progress(page: &Page<'_>, curriculum: &Curriculum) -> Markup {
    let core = core_lessons(curriculum);
    html! {
        div.course-progress data-course-progress {
            p.course-progress-text data-course-progress-text { "Core track, 0 of " (core.len()) " done" }
            ol.squares aria-hidden="true" {
                @for (index, lesson) in core.iter().enumerate() {
                    li.square.current[page.slug == Some(lesson.slug.as_str())] data-progress-of=(*lesson.slug) {
                        span.number { (index + 1) }
                        (icon::check())
                    }
                }
            }
        }
    }
}

/// The lessons of the core track in course order.
pub(crate) fn core_lessons(curriculum: &Curriculum) -> Vec<&CourseLesson> {
    curriculum.course.value.lesson.iter().filter(|lesson| lesson.core).collect()
}
