//! A lesson's cheatsheet: a section of its page, and a page of its own that prints on one sheet.

use maud::{Markup, PreEscaped, html};

use crate::load::{Curriculum, Lesson};
use crate::markdown;
use crate::pages::frame::Page;

/// The cheatsheet as a page.
pub fn page<'a>(curriculum: &Curriculum, lesson: &'a Lesson) -> Page<'a> {
    let title = &lesson.words.value.title;
    Page {
        kind: "cheatsheet",
        panels: Vec::new(),
        root: "../../../",
        slug: Some(&lesson.slug),
        title: format!("{title}, cheatsheet · {}", curriculum.course.value.title),
        description: format!("{title} on one printed page: decisions, directives, formulas, failure signs."),
        needs: Vec::new(),
        main: html! {
            article.sheet-page {
                nav.breadcrumb aria-label="Breadcrumb" {
                    ol {
                        li { a href="../../../#core" { "Course" } }
                        li { a href="../" { (title) } }
                        li { span aria-current="page" { "Cheatsheet" } }
                    }
                }
                h1 { (title) }
                p.sheet-note { "Print this page: it fits on one sheet." }
                (sheet(lesson, false))
            }
        },
    }
}

/// The cheatsheet's blocks, one per `##` heading, side by side where there is room.
pub(crate) fn sheet(lesson: &Lesson, below_heading: bool) -> Markup {
    html! {
        div.sheet {
            @for (heading, body) in blocks(&lesson.cheatsheet.text) {
                section.sheet-block {
                    @if let Some(heading) = heading {
                        @if below_heading { h3 { (PreEscaped(&heading)) } } @else { h2 { (PreEscaped(&heading)) } }
                    }
                    (PreEscaped(body))
                }
            }
        }
    }
}

/// Cuts a text at its `##` headings: heading and body, both rendered.
fn blocks(text: &str) -> Vec<(Option<String>, String)> {
    let mut found: Vec<(Option<String>, String)> = vec![(None, String::new())];
    for line in text.lines() {
        match line.strip_prefix("## ") {
            Some(heading) => found.push((Some(markdown::inline(heading)), String::new())),
            // A title of its own would repeat the page's.
            None if line.starts_with("# ") => {}
            None => {
                if let Some((_, body)) = found.last_mut() {
                    body.push_str(line);
                    body.push('\n');
                }
            }
        }
    }
    found.retain(|(heading, body)| heading.is_some() || !body.trim().is_empty());
    found
        .into_iter()
        .map(|(heading, body)| {
            let label = heading.clone().unwrap_or_default();
            let rendered = markdown::block_named(&body, &label);
            (heading, rendered)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_cut_at_its_headings() {
        let found = blocks("# Title\n\n## One\n\na\n\n## Two `x`\n\nb\n");
        let shape: Vec<(&str, &str)> = found.iter().map(|(h, b)| (h.as_deref().unwrap_or_default(), b.as_str())).collect();
        assert_eq!(shape, [("One", "<p>a</p>\n"), ("Two <code>x</code>", "<p>b</p>\n")]);
    }
}
