//! The cheatsheets of all lessons in one book, which prints one lesson to a page.

use maud::html;

use crate::load::Curriculum;
use crate::pages::cheatsheet::sheet;
use crate::pages::frame::Page;

/// The book of cheatsheets.
pub fn page(curriculum: &Curriculum) -> Page<'static> {
    Page {
        kind: "cheatsheets",
        panels: Vec::new(),
        root: "../",
        slug: None,
        title: format!("Cheatsheets · {}", curriculum.course.value.title),
        description: "Every lesson on one printed page: decisions, directives, formulas, failure signs.".into(),
        needs: Vec::new(),
        main: html! {
            article.sheet-page.sheet-book {
                h1 { "Cheatsheets" }
                p.sheet-note { "Print this page: each lesson takes one sheet." }
                @if curriculum.lessons.is_empty() { p { "No lesson is written yet." } }
                @else {
                    nav.book-contents aria-label="Sheets" {
                        ol { @for lesson in &curriculum.lessons { li { a href={ "#" (lesson.slug) } { (lesson.words.value.title) } } } }
                    }
                    @for lesson in &curriculum.lessons {
                        section.book-sheet id=(lesson.slug) aria-labelledby={ "sheet-" (lesson.slug) } {
                            div.book-sheet-head {
                                h2 id={ "sheet-" (lesson.slug) } { (lesson.words.value.title) }
                                p.source {
                                    a href={ "../lessons/" (lesson.slug) "/" } { "The lesson" }
                                    a href={ "../lessons/" (lesson.slug) "/cheatsheet/" } { "This sheet alone" }
                                }
                            }
                            (sheet(lesson, true))
                        }
                    }
                }
            }
        },
    }
}
