//! A question that waits for its answer.

use hopscope_core::assess::{Answer, Blank, Body, Item, Numeric, Pair};
use maud::{Markup, PreEscaped, html};

use super::{Card, Shown};
use crate::quiz::icon;
use crate::quiz::sheet::prediction_options;
use crate::quiz::shuffle::{disordered, mixed};
use crate::quiz::text::plain;

pub(super) fn answer(card: &Card<'_>) -> Markup {
    match &card.question.body {
        Body::Single(_) | Body::Predict { .. } => options(card, "radio"),
        Body::Multiple(_) => options(card, "checkbox"),
        Body::Order(items) => order(card, items),
        Body::Fill { pieces, blanks } => fill(card, pieces, blanks),
        Body::Match(pairs) => join(card, pairs),
        Body::Numeric(numeric) => number(card, numeric),
        // It is made from a seed before it comes here.
        Body::Generated { .. } => html! {},
    }
}

/// The options in the order in which they are shown. Those of a prediction keep theirs: they are steps of a scale.
pub(super) fn shown_options<'a>(card: &Card<'a>) -> Vec<Shown<'a>> {
    match &card.question.body {
        Body::Single(choices) | Body::Multiple(choices) => {
            let order = mixed(&card.question.id, card.sheet.tries_before(), choices.len());
            order.into_iter().map(|place| &choices[place]).map(|c| Shown { id: &c.id, text: &c.text, why: &c.why }).collect()
        }
        Body::Predict { .. } => {
            let words = prediction_options(card.lesson, card.question);
            words.iter().map(|w| Shown { id: &w.id, text: &w.text, why: &w.why }).collect()
        }
        _ => Vec::new(),
    }
}

fn options(card: &Card<'_>, kind: &str) -> Markup {
    let role = if kind == "radio" { "radiogroup" } else { "group" };
    html! {
        div.options role=(role) aria-labelledby=(card.ask_id()) {
            @for (place, option) in shown_options(card).iter().enumerate() {
                label.option {
                    input type=(kind) name={ "answer-" (*card.question.id) } value=(option.id);
                    span.badge aria-hidden="true" { (place + 1) }
                    span.option-text { (PreEscaped(option.text)) }
                }
            }
        }
    }
}

fn order(card: &Card<'_>, items: &[Item]) -> Markup {
    let how = format!("how-{}", card.question.id);
    html! {
        ol.order data-order aria-labelledby=(card.ask_id()) {
            @for item in arranged(card, items) {
                li data-item=(item.id) {
                    button.lift type="button" data-lift aria-pressed="false" aria-describedby=(how) {
                        span.grip data-grip { (icon::grip()) }
                        span.place aria-hidden="true" {}
                        span.item-text { (PreEscaped(&item.text)) }
                        span.lifted-word { "lifted" }
                    }
                    (mover("up", "Move up", item))
                    (mover("down", "Move down", item))
                }
            }
        }
    }
}

fn mover(way: &str, label: &str, item: &Item) -> Markup {
    html! {
        button.mover type="button" data-move=(way) aria-label={ (label) ": " (plain(&item.text)) } {
            @if way == "up" { (icon::up()) } @else { (icon::down()) }
        }
    }
}

/// The items as the learner left them, or mixed.
fn arranged<'a>(card: &Card<'_>, items: &'a [Item]) -> Vec<&'a Item> {
    if let Some(Answer::Ordered(ids)) = card.sheet.before.as_ref().map(|judged| &judged.answer) {
        let left: Vec<&Item> = ids.iter().filter_map(|id| items.iter().find(|item| item.id == *id)).collect();
        if left.len() == items.len() {
            return left;
        }
    }
    disordered(&card.question.id, card.sheet.tries_before(), items.len()).into_iter().map(|place| &items[place]).collect()
}

/// What a part held before, if it was right: it need not be answered again.
fn kept<'a>(card: &Card<'a>, part: usize) -> Option<&'a str> {
    let before = card.sheet.before.as_ref().filter(|judged| judged.grade.parts.get(part).is_some_and(|part| part.right))?;
    match &before.answer {
        Answer::Filled(texts) | Answer::Matched(texts) => texts.get(part).map(String::as_str),
        _ => None,
    }
}

fn fill(card: &Card<'_>, pieces: &[String], blanks: &[Blank]) -> Markup {
    // One width for all, so that it says nothing about the answer.
    let longest = blanks.iter().flat_map(|blank| &blank.accept).map(|text| text.chars().count()).max().unwrap_or(0);
    let size = longest.clamp(4, 24) + 1;
    html! {
        p.fill role="group" aria-labelledby=(card.ask_id()) {
            @for (place, piece) in pieces.iter().enumerate() {
                (PreEscaped(piece))
                @if place < blanks.len() {
                    input.blank.kept[kept(card, place).is_some()] type="text" data-blank size=(size)
                        aria-label={ "Blank " (place + 1) " of " (blanks.len()) }
                        autocomplete="off" autocapitalize="off" spellcheck="false"
                        value=[kept(card, place)] readonly[kept(card, place).is_some()];
                }
            }
        }
    }
}

pub(super) fn letter(place: usize) -> char {
    char::from(b'A' + u8::try_from(place % 26).unwrap_or(0))
}

/// The right sides in the order in which they are shown, as places in the question's list.
pub(super) fn shown_sides(card: &Card<'_>, count: usize) -> Vec<usize> {
    // The same for every try: the letters stay what they were while the rest is mended.
    disordered(&card.question.id, 0, count)
}

fn join(card: &Card<'_>, pairs: &[Pair]) -> Markup {
    let sides = shown_sides(card, pairs.len());
    html! {
        ol.sides aria-label="To choose from" {
            @for (place, side) in sides.iter().enumerate() {
                li { span.badge { (letter(place)) } span { (PreEscaped(&pairs[*side].right)) } }
            }
        }
        div.pairs role="group" aria-labelledby=(card.ask_id()) {
            @for (place, pair) in pairs.iter().enumerate() {
                @let id = format!("pair-{}-{}", card.question.id, pair.id);
                div.pair {
                    label for=(id) { (PreEscaped(&pair.left)) }
                    (chooser(&id, pairs, &sides, kept(card, place)))
                }
            }
        }
    }
}

fn chooser(id: &str, pairs: &[Pair], sides: &[usize], kept: Option<&str>) -> Markup {
    html! {
        select.kept[kept.is_some()] id=(id) data-pair disabled[kept.is_some()] {
            option value="" { "Choose…" }
            @for (place, side) in sides.iter().enumerate() {
                @let right = &pairs[*side];
                option value=(right.id) selected[kept == Some(right.id.as_str())] { (letter(place)) ": " (plain(&right.right)) }
            }
        }
    }
}

fn number(card: &Card<'_>, numeric: &Numeric) -> Markup {
    let id = format!("number-{}", card.question.id);
    html! {
        div.number {
            label for=(id) { "Your answer" }
            span.number-field {
                input id=(id) type="text" inputmode="decimal" data-number size="8" autocomplete="off" aria-describedby=(card.ask_id());
                @if !numeric.unit.is_empty() { span.unit { (numeric.unit) } }
            }
        }
    }
}
