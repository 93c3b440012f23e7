//! Reads an answer off the page.

use hopscope_core::assess::{Answer, Body};
use hopscope_core::decimal;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// Why there is no answer yet, and where to go on.
pub(crate) struct Missing {
    /// A sentence that says what is missing.
    pub(crate) what: &'static str,
    /// The control that waits.
    pub(crate) control: Option<HtmlElement>,
}

/// The answer that stands in a card.
pub(crate) fn answer(card: &Element, body: &Body) -> Result<Answer, Missing> {
    match body {
        Body::Single(_) | Body::Predict { .. } => chosen(card, "Pick one first."),
        Body::Multiple(_) => chosen(card, "Pick at least one first."),
        Body::Order(_) => Ok(Answer::Ordered(all(card, "[data-item]").iter().filter_map(|item| item.get_attribute("data-item")).collect())),
        Body::Fill { .. } => texts(card, "[data-blank]", "Fill every blank first.").map(Answer::Filled),
        Body::Match(_) => texts(card, "[data-pair]", "Join every one first.").map(Answer::Matched),
        Body::Numeric(_) => number(card),
        Body::Generated { .. } => Err(Missing { what: "This question was not made. Reload the page.", control: None }),
    }
}

fn chosen(card: &Element, what: &'static str) -> Result<Answer, Missing> {
    let inputs = all(card, ".option input");
    let ids: Vec<String> = inputs
        .iter()
        .filter_map(|input| input.dyn_ref::<HtmlInputElement>())
        .filter(|input| input.checked())
        .map(HtmlInputElement::value)
        .collect();
    if ids.is_empty() { Err(Missing { what, control: inputs.into_iter().next() }) } else { Ok(Answer::Chosen(ids)) }
}

fn texts(card: &Element, selector: &str, what: &'static str) -> Result<Vec<String>, Missing> {
    let mut texts = Vec::new();
    for control in all(card, selector) {
        let text = value(&control);
        if text.trim().is_empty() {
            return Err(Missing { what, control: Some(control) });
        }
        texts.push(text);
    }
    Ok(texts)
}

fn number(card: &Element) -> Result<Answer, Missing> {
    let text = texts(card, "[data-number]", "Write a number first.")?.concat();
    if decimal::parse(&text.trim().replace(',', ".")).is_some_and(f64::is_finite) {
        return Ok(Answer::Number(text));
    }
    Err(Missing {
        what: "That is not a number. Write digits only, such as 12.5; the unit stands beside the field.",
        control: all(card, "[data-number]").into_iter().next(),
    })
}

fn value(control: &HtmlElement) -> String {
    match control.dyn_ref::<HtmlSelectElement>() {
        Some(select) => select.value(),
        None => control.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value).unwrap_or_default(),
    }
}

/// Every element below that fits, in document order.
pub(crate) fn all(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|i| found.get(i)?.dyn_into().ok()).collect()
}

/// The first element below that fits.
pub(crate) fn first(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok().flatten()?.dyn_into().ok()
}
