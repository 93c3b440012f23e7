//! A question with its verdict: something is said about every part, chosen or not.

use hopscope_core::assess::{Answer, Blank, Body, Feedback, Item, Numeric, Pair};
use hopscope_core::decimal::{self, Decimal};
use maud::{Markup, PreEscaped, html};

use super::open::{letter, shown_options, shown_sides};
use super::{Card, Mark, Shown, word};
use crate::quiz::sheet::Judged;

pub(super) fn answer(card: &Card<'_>, judged: &Judged) -> Markup {
    match (&card.question.body, &judged.answer) {
        (Body::Single(_), _) => options(card, &|option| single(judged, option)),
        (Body::Multiple(_), _) => options(card, &|option| multiple(judged, option)),
        (Body::Predict { .. }, _) => options(card, &|option| predicted(judged, option)),
        (Body::Order(items), Answer::Ordered(ids)) => order(items, ids),
        (Body::Fill { pieces, blanks }, Answer::Filled(texts)) => fill(judged, pieces, blanks, texts),
        (Body::Match(pairs), Answer::Matched(ids)) => joined(card, judged, pairs, ids),
        (Body::Numeric(numeric), Answer::Number(text)) => number(judged, numeric, text),
        // An answer of another kind is from before the question was changed.
        _ => html! { p.quiz-how { "This question has changed since you answered it. Try it again." } },
    }
}

fn part<'a>(judged: &'a Judged, id: &str) -> Option<&'a Feedback> {
    judged.grade.parts.iter().find(|part| part.part == id)
}

fn row(mark: Mark, badge: &Markup, text: &str, why: &str, said: &str) -> Markup {
    html! {
        li class={ "option " (mark.class()) } {
            span.badge aria-hidden="true" { (badge) }
            span.option-text { strong { (PreEscaped(text)) } @if !why.is_empty() { span.why { (PreEscaped(why)) } } }
            (word(mark, said))
        }
    }
}

fn options(card: &Card<'_>, verdict: &dyn Fn(&Shown<'_>) -> (Mark, &'static str)) -> Markup {
    html! {
        ul.options.judged role="list" {
            @for (place, option) in shown_options(card).iter().enumerate() {
                @let (mark, said) = verdict(option);
                (row(mark, &html! { (place + 1) }, option.text, option.why, said))
            }
        }
    }
}

/// For one choice a part that was wrongly left out is the right one.
fn single(judged: &Judged, option: &Shown<'_>) -> (Mark, &'static str) {
    match part(judged, option.id) {
        Some(part) if part.chosen && part.right => (Mark::Right, "Correct"),
        Some(part) if part.chosen => (Mark::Wrong, "Your answer"),
        Some(part) if !part.right => (Mark::Right, "Correct"),
        _ => (Mark::Plain, ""),
    }
}

fn multiple(judged: &Judged, option: &Shown<'_>) -> (Mark, &'static str) {
    match part(judged, option.id) {
        Some(part) => match (part.chosen, part.right) {
            (true, true) => (Mark::Right, "Correct"),
            (true, false) => (Mark::Wrong, "Does not hold"),
            (false, false) => (Mark::Wrong, "Missed, it holds"),
            (false, true) => (Mark::Plain, "Rightly left"),
        },
        None => (Mark::Plain, ""),
    }
}

fn predicted(judged: &Judged, option: &Shown<'_>) -> (Mark, &'static str) {
    let truth = judged.truth.as_ref().and_then(|truth| truth.option.as_deref());
    let chosen = matches!(&judged.answer, Answer::Chosen(ids) if ids.iter().any(|id| id == option.id));
    match (truth == Some(option.id), chosen) {
        (true, _) => (Mark::Right, "Correct"),
        (false, true) => (Mark::Wrong, "Your answer"),
        (false, false) => (Mark::Plain, ""),
    }
}

/// The items in their right order, each with the place that it was given.
fn order(items: &[Item], ids: &[String]) -> Markup {
    html! {
        ol.options.judged role="list" {
            @for (place, item) in items.iter().enumerate() {
                @let given = ids.iter().position(|id| *id == item.id);
                @let said = match given {
                    Some(given) if given == place => "Right place".to_owned(),
                    Some(given) => format!("You had it at {}", given + 1),
                    None => "Missing".to_owned(),
                };
                (row(Mark::of(given == Some(place)), &html! { (place + 1) }, &item.text, &item.why, &said))
            }
        }
    }
}

fn fill(judged: &Judged, pieces: &[String], blanks: &[Blank], texts: &[String]) -> Markup {
    let right = |place: usize| judged.grade.parts.get(place).is_some_and(|part| part.right);
    let text = |place: usize| texts.get(place).map_or("", String::as_str);
    let mut others = Vec::new();
    for (place, blank) in blanks.iter().enumerate() {
        for (accept, why) in &blank.wrong {
            if !accept.iter().any(|a| a.trim().eq_ignore_ascii_case(text(place).trim())) {
                others.push((format!("Blank {}: {}", place + 1, accept.join(", ")), why));
            }
        }
    }
    html! {
        p.fill {
            @for (place, piece) in pieces.iter().enumerate() {
                (PreEscaped(piece))
                @if place < blanks.len() {
                    @let mark = Mark::of(right(place));
                    span class={ "blank " (mark.class()) } { (word(mark, text(place))) }
                }
            }
        }
        ul.options.judged role="list" {
            @for (place, (blank, part)) in blanks.iter().zip(&judged.grade.parts).enumerate() {
                (blank_row(place, blank, part, text(place)))
            }
        }
        (other_answers(&others))
    }
}

fn blank_row(place: usize, blank: &Blank, part: &Feedback, written: &str) -> Markup {
    let mark = Mark::of(part.right);
    html! {
        li class={ "option " (mark.class()) } {
            span.badge aria-hidden="true" { (place + 1) }
            span.option-text {
                strong { (written.trim()) }
                span.why { (PreEscaped(&part.why)) }
                @if let Some(accepted) = blank.accept.first().filter(|_| !part.right) { span.belongs { "Right here: " strong { (accepted) } } }
            }
            (word(mark, if part.right { "Correct" } else { "Your answer" }))
        }
    }
}

fn joined(card: &Card<'_>, judged: &Judged, pairs: &[Pair], ids: &[String]) -> Markup {
    let sides = shown_sides(card, pairs.len());
    let letter_of = |pair: &Pair| sides.iter().position(|side| pairs[*side].id == pair.id).map(letter);
    html! {
        ul.options.judged role="list" {
            @for (place, pair) in pairs.iter().enumerate() {
                @let right = judged.grade.parts.get(place).is_some_and(|part| part.right);
                @let given = ids.get(place).and_then(|id| pairs.iter().find(|pair| pair.id == *id));
                @let mark = Mark::of(right);
                li class={ "option " (mark.class()) } {
                    span.badge aria-hidden="true" { @if let Some(letter) = given.and_then(letter_of) { (letter) } }
                    span.option-text {
                        strong { (PreEscaped(&pair.left)) }
                        @if let Some(given) = given.filter(|_| !right) { span.why { "You joined it to: " (PreEscaped(&given.right)) } }
                        span.belongs { @if !right { "Belongs to " @if let Some(letter) = letter_of(pair) { (letter) } ": " } (PreEscaped(&pair.right)) }
                        span.why { (PreEscaped(&pair.why)) }
                    }
                    (word(mark, if right { "Correct" } else { "Not this one" }))
                }
            }
        }
    }
}

fn number(judged: &Judged, numeric: &Numeric, text: &str) -> Markup {
    let right = judged.grade.correct;
    let why = judged.grade.parts.first().map_or("", |part| part.why.as_str());
    let given = with_unit(text, &numeric.unit);
    let wanted = with_unit(&Decimal(numeric.answer).to_string(), &numeric.unit);
    html! {
        ul.options.judged.bare role="list" {
            @if right {
                (row(Mark::Right, &html! {}, &given, why, "Correct"))
            } @else {
                (row(Mark::Wrong, &html! {}, &given, why, "Your answer"))
                (row(Mark::Right, &html! {}, &wanted, &numeric.why, "Correct"))
            }
        }
        @let near = |value: f64, tolerance: f64| decimal::parse(&text.trim().replace(',', ".")).is_some_and(|given| (given - value).abs() <= tolerance + 1e-9);
        @let others = numeric.wrong.iter().filter(|(value, tolerance, _)| !near(*value, *tolerance)).map(|(value, _, why)| (with_unit_plain(*value, &numeric.unit), why));
        (other_answers(&others.collect::<Vec<_>>()))
    }
}

/// A learner's text or a number, escaped, and its unit.
fn with_unit(text: &str, unit: &str) -> String {
    html! { (text.trim()) @if !unit.is_empty() { " " (unit) } }.into_string()
}

fn with_unit_plain(value: f64, unit: &str) -> String {
    let value = Decimal(value);
    if unit.is_empty() { value.to_string() } else { format!("{value} {unit}") }
}

/// The wrong answers that were foreseen: what is behind them is worth reading for those who were right, too.
fn other_answers(others: &[(String, &String)]) -> Markup {
    html! {
        @if !others.is_empty() {
            details.other-answers {
                summary { "Other answers, and what is behind them" }
                dl { @for (value, why) in others { dt { (value) } dd { (PreEscaped(why)) } } }
            }
        }
    }
}
