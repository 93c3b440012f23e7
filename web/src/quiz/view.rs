//! What a question looks like, as HTML. Everything here is a function of the lesson and the sheet.

mod judged;
mod open;

use hopscope_core::assess::{Body, Question};
use hopscope_core::lesson::Lesson;
use maud::{Markup, PreEscaped, html};

use super::icon;
use super::sheet::{Judged, Sheet, what_ran};
use super::text::plain;

/// A question with everything around it.
pub(crate) struct Card<'a> {
    /// The lesson that it belongs to.
    pub(crate) lesson: &'a Lesson,
    /// The question.
    pub(crate) question: &'a Question,
    /// Its index in the quiz.
    pub(crate) place: usize,
    /// Where it stands.
    pub(crate) sheet: &'a Sheet,
    /// Whether another question is still open.
    pub(crate) more: bool,
    /// Whether it stands outside its lesson's quiz, where it has no number and no lab beside it.
    pub(crate) alone: bool,
}

/// One part of a question as it is shown: an option, or a thing to put in order.
pub(crate) struct Shown<'a> {
    id: &'a str,
    text: &'a str,
    why: &'a str,
}

impl Card<'_> {
    /// The id under which the question is found in the page.
    pub(crate) fn id(&self) -> String {
        format!("question-{}", self.question.id)
    }

    /// The id of the element that has what is asked.
    fn ask_id(&self) -> String {
        format!("ask-{}", self.question.id)
    }

    /// The state that the stylesheet shows.
    pub(crate) fn state(&self) -> &'static str {
        match self.sheet.is_right() {
            None => "open",
            Some(true) => "right",
            Some(false) => "wrong",
        }
    }

    /// The content of the card.
    pub(crate) fn html(&self) -> String {
        html! {
            div.quiz-head {
                p.kicker.quiz-kicker {
                    span { (self.number()) span.quiz-task { " · " (task(&self.question.body)) } }
                    @if let Some(right) = self.sheet.is_right() { (self.verdict(right)) }
                }
                h3.quiz-ask id=(self.ask_id()) tabindex="-1" { (PreEscaped(&self.question.ask)) }
                @if !self.question.given.is_empty() { div.quiz-given { (PreEscaped(&self.question.given)) } }
            }
            @match &self.sheet.judged {
                None => { div.quiz-main { (open::answer(self)) } (self.open_foot()) }
                Some(judged) => { div.quiz-main { (judged::answer(self, judged)) } (self.keep(judged)) (self.judged_foot(judged)) }
            }
        }
        .into_string()
    }

    fn number(&self) -> String {
        if self.alone { "Review".to_owned() } else { format!("Question {}", self.place + 1) }
    }

    fn verdict(&self, right: bool) -> Markup {
        html! {
            strong.quiz-verdict {
                @if right {
                    (icon::check()) "Right"
                    @if self.sheet.tries > 1 && !self.alone { ", try " (self.sheet.tries) }
                } @else { (icon::cross()) "To revisit" }
            }
        }
    }

    fn open_foot(&self) -> Markup {
        html! {
            div.quiz-foot {
                p.quiz-how id={ "how-" (*self.question.id) } { (how(&self.question.body, open::shown_options(self).len().min(9))) }
                p.quiz-missing data-missing hidden {}
                div.quiz-actions { button.primary-button type="submit" { (self.check_label()) } }
            }
        }
    }

    const fn check_label(&self) -> &'static str {
        match self.question.body {
            Body::Order(_) => "Check order",
            Body::Predict { .. } => "Lock it in and run",
            _ => "Check",
        }
    }

    /// What to take along; on a wide page it stands below the question.
    fn keep(&self, judged: &Judged) -> Markup {
        let ran = judged.truth.as_ref().and_then(|truth| what_ran(self.lesson, self.question, truth));
        html! {
            @if ran.is_some() || !self.question.keep.is_empty() {
                div.quiz-keep {
                    @if let Some(ran) = ran { p { strong { (ran) } } }
                    @if !self.question.keep.is_empty() { p { strong { "Worth keeping:" } " " (PreEscaped(&self.question.keep)) } }
                }
            }
        }
    }

    fn judged_foot(&self, judged: &Judged) -> Markup {
        html! {
            @if !self.alone { div.quiz-foot {
                div.quiz-actions {
                    @if !judged.grade.correct { button.outline-button type="button" data-again { (icon::again()) "Try again" } }
                    @if let Body::Predict { lab, prediction } = &self.question.body {
                        button.outline-button type="button" data-replay=(prediction) data-replay-lab=(lab) { (icon::replay()) "Replay this in the lab" }
                    }
                    @if self.more { button.outline-button type="button" data-next { "Next question" (icon::arrow()) } }
                }
            } }
        }
    }

    /// What a listener hears once the answer is judged.
    pub(crate) fn spoken(&self) -> String {
        let Some(judged) = &self.sheet.judged else { return String::new() };
        let parts = &judged.grade.parts;
        let whole = match (&self.question.body, judged.grade.correct) {
            (_, true) => "Right.".to_owned(),
            (Body::Order(_) | Body::Fill { .. } | Body::Match(_) | Body::Multiple(_), false) => {
                let right = parts.iter().filter(|part| part.right).count();
                format!("To revisit: {right} of {} are right.", parts.len())
            }
            _ => "To revisit.".to_owned(),
        };
        let chosen = parts.iter().find(|part| part.chosen && !part.why.is_empty());
        let why = match &self.question.body {
            Body::Single(_) | Body::Numeric(_) => chosen.map(|part| plain(&part.why)),
            Body::Predict { .. } => judged.truth.as_ref().and_then(|truth| what_ran(self.lesson, self.question, truth)),
            _ => None,
        };
        format!("{}. {whole} {}", self.number(), why.unwrap_or_default())
    }
}

const fn task(body: &Body) -> &'static str {
    match body {
        Body::Single(_) | Body::Generated { .. } => "pick one",
        Body::Multiple(_) => "pick all that hold",
        Body::Order(_) => "put in order",
        Body::Fill { .. } => "fill in",
        Body::Match(_) => "join",
        Body::Numeric(_) => "work it out",
        Body::Predict { .. } => "predict, then run",
    }
}

/// How it is answered; `count` is the number of options.
fn how(body: &Body, count: usize) -> Markup {
    match body {
        Body::Order(_) => html! {
            span.by-key { "Drag, or " kbd { "Space" } " to lift and " kbd { "↑" } " " kbd { "↓" } " to move" }
            span.by-touch { "Drag by the dots, or use the buttons" }
        },
        Body::Single(_) | Body::Multiple(_) | Body::Predict { .. } => {
            html! { span.by-key { "Keys " kbd { "1" } " to " kbd { (count) } " pick" } }
        }
        Body::Numeric(_) => html! { "A rough number will do" },
        Body::Fill { .. } | Body::Match(_) | Body::Generated { .. } => html! {},
    }
}

/// The row of segments, one per question, and what it comes to.
pub(crate) fn strip(states: &[Option<bool>]) -> String {
    let right = states.iter().filter(|state| **state == Some(true)).count();
    let wrong = states.iter().filter(|state| **state == Some(false)).count();
    let open = states.len() - right - wrong;
    html! {
        ol.quiz-segments {
            @for (place, state) in states.iter().enumerate() {
                li {
                    button type="button" data-goto=(place) data-state=(match state { None => "open", Some(true) => "right", Some(false) => "wrong" }) {
                        span.visually-hidden {
                            "Question " (place + 1) ", " (match state { None => "open", Some(true) => "right", Some(false) => "to revisit" })
                        }
                    }
                }
            }
        }
        p.quiz-count { (tally(right, wrong, open)) }
        @if open == 0 {
            @if wrong > 0 { button.primary-button type="button" data-retry="wrong" { (icon::again()) (again_label(wrong)) } }
            @else { button.outline-button type="button" data-retry="all" { (icon::again()) "Answer all again" } }
        }
    }
    .into_string()
}

fn tally(right: usize, wrong: usize, open: usize) -> String {
    let parts = [(right, "right"), (wrong, "to revisit"), (open, "to go")];
    let said: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    match (wrong, open) {
        (0, 0) => format!("All {right} right"),
        _ => said.join(", "),
    }
}

fn again_label(wrong: usize) -> String {
    if wrong == 1 { "Try that one again".to_owned() } else { format!("Try those {wrong} again") }
}

/// The verdict on one part: a solid border, a check and a word, or a dashed one, a cross and a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Right,
    Wrong,
    Plain,
}

impl Mark {
    const fn of(right: bool) -> Self {
        if right { Self::Right } else { Self::Wrong }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Plain => "plain",
        }
    }
}

fn word(mark: Mark, word: &str) -> Markup {
    html! {
        @if !word.is_empty() {
            span.word {
                @match mark { Mark::Right => (icon::check()), Mark::Wrong => (icon::cross()), Mark::Plain => {} }
                (word)
            }
        }
    }
}

#[cfg(test)]
mod tests;
