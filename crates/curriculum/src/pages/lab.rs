//! Where a lab or the quiz mounts: what reads without scripts, and the notice for when they cannot run.

use maud::{Markup, PreEscaped, html};

use crate::compile;
use crate::load::Lesson;
use crate::markdown;
use crate::needs;
use crate::pages::icon;

/// A lab's place in a page. `own_page` is the way to the page that has this lab alone, unless this is it.
pub(crate) fn lab(lesson: &Lesson, id: &str, data: &str, own_page: Option<&str>) -> Markup {
    let Some(words) = lesson.words_of(id) else { return html! {} };
    let challenge = lesson.lab(id).is_some_and(|lab| lab.scenario.challenge.is_some());
    let needs = lesson.lab(id).map(|lab| needs::of_lab(&lab.scenario).join(" ")).filter(|needs| !needs.is_empty());
    let title_id = format!("lab-{id}-title");
    html! {
        section.lab id={ "lab-" (id) } data-lab=(id) data-lesson=(data) data-needs=[needs] aria-labelledby=(title_id) {
            div.lab-fallback {
                p.kicker { @if challenge { "Challenge" } @else { "Lab" } " · " (words.title) }
                @match own_page {
                    Some(_) => h3 id=(title_id) { (words.question) },
                    None => h2 id=(title_id) { (words.question) },
                }
                p { (PreEscaped(markdown::inline(&words.lead))) }
                (notice("lab", own_page))
            }
        }
    }
}

/// The quiz's place in a page. Its questions can be read even when they cannot be answered.
pub(crate) fn quiz(lesson: &Lesson, data: &str) -> Markup {
    let questions = &lesson.quiz.value.question;
    html! {
        section.quiz #quiz data-quiz data-lesson=(data) aria-labelledby="quiz-title" {
            h2 #quiz-title { "Check yourself" }
            div.lab-fallback {
                p { (questions.len()) " questions. Every answer you can give comes with its reason, the wrong ones too." }
                (notice("quiz", None))
                details.quiz-questions {
                    summary { "Read the questions" }
                    ol { @for question in questions { li { (PreEscaped(compile::ask(question, lesson))) } } }
                }
            }
        }
    }
}

/// What to say when scripts or WebAssembly do not run; the stylesheet shows it only then.
pub(crate) fn notice(what: &str, own_page: Option<&str>) -> Markup {
    html! {
        p.lab-loading { (icon::flask()) "Loading the " (what) "…" }
        div.lab-notice {
            p {
                strong { "This " (what) " needs JavaScript and WebAssembly, and one of them did not start." }
                " Switch both on for this site and reload the page. If a content blocker or a strict security mode is on, allow this site in it."
            }
            @if let Some(href) = own_page {
                p { "Or open " a href=(href) { "this " (what) " on a page of its own" } "." }
            }
            @if own_page.is_some() || what == "quiz" { p { "The rest of the lesson reads without it." } }
        }
        noscript { p.lab-noscript { "JavaScript is off, so this " (what) " cannot run. Switch it on for this site and reload the page." } }
    }
}
