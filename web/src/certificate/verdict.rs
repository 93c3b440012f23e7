//! What came of a certificate, as HTML.

use hopscope_core::certificate::{LabReport, LessonReport, Report};
use hopscope_core::describe::en;
use hopscope_core::scenario::Value;
use maud::{Markup, html};

/// The whole verdict.
pub(super) fn whole(report: &Report, lessons: &str) -> String {
    let holds = report.holds();
    html! {
        div.verdict.card data-holds=(holds) {
            p.kicker { (if holds { "It holds" } else { "It does not hold" }) }
            h2 { (report.name) }
            p.verdict-code { "Check code " strong { (report.code) } }
            p {
                @if holds { "Every lesson below was replayed just now, in this browser, and passes." }
                @else { "It was replayed just now, in this browser. What does not hold stands with its lesson." }
            }
            ol.verdict-lessons { @for lesson in &report.lessons { li { (one(lesson, lessons)) } } }
            @if report.rules.provisional {
                p.verdict-statement {
                    "Its rules, version " (report.rules.version) ", are provisional: they may still change until the course is whole."
                }
            }
        }
    }
    .into_string()
}

fn one(lesson: &LessonReport, lessons: &str) -> Markup {
    let passed = lesson.is_passed();
    let (right, of) = lesson.right();
    html! {
        div.verdict-lesson data-passed=(passed) {
            h3 {
                a href={ (lessons) (lesson.lesson) "/" } { (lesson.title) }
                span.verdict-mark { (if passed { "Passed" } else { "Not passed" }) }
            }
            @if of > 0 { p { (right) " of " (of) " questions right." } }
            @for lab in lesson.labs.iter().filter(|lab| lab.is_challenge) { (challenge(lab)) }
            @if lesson.has_changed && passed {
                p { "The lesson has changed since the certificate was made. The proof holds for it as it is now." }
            }
            @if !lesson.lacks.is_empty() { ul.verdict-lacks { @for lack in &lesson.lacks { li { (sentence(&lack.to_string())) } } } }
        }
    }
}

/// A challenge and what was measured in its replay.
fn challenge(lab: &LabReport) -> Markup {
    html! {
        p {
            "Challenge " strong { (lab.title) } ": " (if lab.won { "won" } else { "not won" })
            @if let Some(seed) = lab.seed { ", on the name’s seed " (seed) }
            "."
        }
        ul.verdict-goals {
            @for goal in lab.goals.iter().filter(|goal| goal.value.is_some()) {
                li { (goal.label) ": measured " (en::value(&Value::Number(rounded(goal.value.unwrap_or(0.0))))) }
            }
        }
    }
}

/// Two decimals are enough for a verdict.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The words of a lack begin in the middle of a sentence and have no full stop.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

/// A text that is no certificate, and why.
pub(super) fn refused(why: &str) -> String {
    html! {
        div.verdict.card data-holds="false" {
            p.kicker { "It does not hold" }
            h2 { "Not a certificate as it was issued" }
            p { (why) }
        }
    }
    .into_string()
}

#[cfg(test)]
mod tests {
    use super::{refused, sentence};

    #[test]
    fn a_lack_becomes_a_sentence() {
        assert_eq!(sentence("the goal was missed"), "The goal was missed.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn a_refusal_is_escaped() {
        assert!(refused("<b>").contains("&lt;b&gt;"));
    }
}
