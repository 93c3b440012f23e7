//! What the learner does with pointer, keyboard and fields, as it comes out of the page.

use hopscope_core::scenario::{ActionKind, Value};
use hopscope_core::time::Instant;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Event, HtmlInputElement, MouseEvent};

use super::run::{COPY, Handle, State};
use super::{compare, inspector, keys, link, player, predict, stage};

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Puts the clock at a moment, in microseconds.
pub fn go(handle: Handle, at: u64) {
    player::pause(handle);
    handle.change(|s| {
        s.touched = true;
        s.seek_time(Instant(at));
        predict::reveal_due(s);
    });
}

/// A click somewhere in the lab.
pub fn clicked(handle: Handle, event: &MouseEvent) {
    let Some(target) = target(event) else { return };
    let near = |selector: &str| target.closest(selector).ok().flatten();
    if let Some(button) = near("[data-do]") {
        let id = button.get_attribute("data-id").unwrap_or_default();
        return pushed(handle, &button.get_attribute("data-do").unwrap_or_default(), &id, &button);
    }
    if let Some(ordinal) = near("[data-ordinal]").and_then(|e| e.get_attribute("data-ordinal")?.parse().ok()) {
        player::pause(handle);
        return handle.change(|s| {
            s.touched = true;
            s.selected = inspector::root_of(s, ordinal).or(s.selected);
            s.seek_event(ordinal);
        });
    }
    if let Some(index) = near("[data-run]").and_then(|e| e.get_attribute("data-run")?.parse().ok())
        && let Some(root) = handle.with(|s| stage::request_at(s, index, &target, event))
    {
        handle.change(|s| (s.selected, s.shown) = (Some(root), index));
    }
}

/// A button was pushed.
fn pushed(handle: Handle, what: &str, id: &str, button: &Element) {
    match what {
        "play" => player::toggle(handle),
        "step" => keys::step(handle),
        "back" => keys::step_back(handle),
        "lock" => lock(handle),
        "copy" => copy(handle),
        "tab" => {
            let _ = handle.place().set_attribute("data-tab", id);
            press_only(button);
        }
        "solve" => solve(handle),
        "seed" => {
            let fresh = fresh_seed(handle);
            player::pause(handle);
            handle.change(|s| s.reseed(fresh));
        }
        _ if what.starts_with("row-") => rows(handle, what, id, button),
        _ => {
            player::pause(handle);
            handle.change(|s| act(s, what, id));
        }
    }
}

/// What a button does that only changes the state.
fn act(s: &mut State, what: &str, id: &str) {
    match what {
        "reset" => s.start_over(),
        "undo" => s.undo(),
        "compare" => compare::toggle(s, id),
        "part" => compare::part(s),
        "inspect" => compare::inspect(s, id.parse().unwrap_or(0)),
        "choice" => compare::choose(s, id),
        "listed" => s.listed = !s.listed,
        "finish" => predict::finish(s),
        "fault" => {
            let on = !s.timeline().world().fault_is_on(id);
            s.act(&ActionKind::Fault { id: id.to_owned(), on });
        }
        "hint" => s.hints += 1,
        "many" => s.many_events = !s.many_events,
        "earlier" | "later" => s.selected = inspector::neighbour(s, what == "later").or(s.selected),
        "follow" => s.selected = None,
        _ => {}
    }
}

/// Of the buttons in a row, the one that was pushed is the pressed one.
fn press_only(button: &Element) {
    let mut sibling = button.parent_element().and_then(|row| row.first_element_child());
    while let Some(one) = sibling {
        let _ = one.set_attribute("aria-pressed", if one == *button { "true" } else { "false" });
        sibling = one.next_element_sibling();
    }
}

/// The browser's randomness; without it the seed only counts on.
fn fresh_seed(handle: Handle) -> u64 {
    let mut bytes = [0u8; 2];
    if getrandom::fill(&mut bytes).is_ok() { u64::from(u16::from_le_bytes(bytes)) } else { handle.with(|s| s.own().seed() + 1) }
}

fn solve(handle: Handle) {
    player::pause(handle);
    handle.change(|s| {
        let Some(challenge) = s.spec.scenario.challenge.clone() else { return };
        s.start_over();
        s.seek_event(0);
        challenge.solution.iter().for_each(|kind| s.act(kind));
        s.showing = true;
        s.asking = None;
        s.speed = 1_000;
    });
    player::play(handle);
}

fn lock(handle: Handle) {
    let checked =
        |selector: &str| handle.place().query_selector(selector).ok().flatten().map(|e| e.unchecked_into::<HtmlInputElement>().value());
    let sure = checked("[data-sure]:checked").and_then(|v| v.parse().ok()).unwrap_or(1);
    if let Some(option) = checked("[data-predict]:checked") {
        predict::commit(handle, option, predict::sureness(sure));
    }
}

fn copy(handle: Handle) {
    let address = handle.with(link::address);
    let copied = window().navigator().clipboard().write_text(&address);
    spawn_local(async move {
        let done = JsFuture::from(copied).await.is_ok();
        handle.change(|s| {
            // Without a clipboard the address bar is the way that is left, so the state goes there.
            s.touched = true;
            s.copied = if done { "Link copied" } else { "Copy it from the address bar" };
        });
        set_timeout(move || handle.change(|s| s.copied = COPY), core::time::Duration::from_secs(3));
    });
}

/// A field was changed and left, or a choice was made.
pub fn changed(handle: Handle, event: &Event) {
    let Some(input) = target(event).and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else { return };
    if input.has_attribute("data-speed") {
        let speed = input.value().parse().unwrap_or(10);
        return handle.change(|s| s.speed = speed);
    }
    if input.has_attribute("data-predict") {
        if let Ok(Some(button)) = handle.place().query_selector("[data-do=lock]") {
            let _ = button.remove_attribute("disabled");
        }
        return;
    }
    let Some(kind) = input.get_attribute("data-set") else { return };
    let value = match kind.as_str() {
        "number" => Value::Number(input.value_as_number()),
        "toggle" => Value::Toggle(input.checked()),
        "text" => Value::Text(input.value()),
        _ => Value::Choice(input.value()),
    };
    set(handle, &input, value);
}

/// Turns the knob that an element stands in.
fn set(handle: Handle, within: &Element, to: Value) {
    let Some(knob) = knob_of(within) else { return };
    player::pause(handle);
    handle.change(|s| {
        if s.knob(&knob).is_some_and(|k| s.knob_value(k) != to) {
            s.act(&ActionKind::Set { knob, to });
        }
    });
}

fn knob_of(within: &Element) -> Option<String> {
    within.closest("[data-knob]").ok()??.get_attribute("data-knob")
}

/// A slider is being dragged: the timeline follows at once, a knob shows its value.
pub fn dragged(handle: Handle, event: &Event) {
    let Some(input) = target(event).and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else { return };
    if input.has_attribute("data-scrub") {
        return go(handle, (input.value_as_number() * 1_000.0) as u64);
    }
    if input.get_attribute("data-set").as_deref() == Some("number")
        && let Some(shown) = input.previous_element_sibling()
    {
        let text = format!("{} {}", input.value(), shown.get_attribute("data-unit").unwrap_or_default());
        shown.set_text_content(Some(&text));
        let _ = input.set_attribute("aria-valuetext", &text);
    }
}

/// Rows of a table or an order: moved, added, removed, taken over.
fn rows(handle: Handle, what: &str, id: &str, button: &Element) {
    let Some(knob) = knob_of(button) else { return };
    let order = handle.with(|s| s.knob(&knob).map(|k| s.knob_value(k)));
    let i: usize = id.parse().unwrap_or(0);
    if let Some(Value::Order(mut names)) = order {
        names.swap(i, if what == "row-up" { i - 1 } else { i + 1 });
        return set(handle, button, Value::Order(names));
    }
    let mut cells = written(button);
    match what {
        "row-up" => cells.swap(i, i - 1),
        "row-down" => cells.swap(i, i + 1),
        "row-remove" => {
            cells.remove(i);
        }
        "row-add" => cells.push(vec![String::new(); button.get_attribute("data-columns").and_then(|n| n.parse().ok()).unwrap_or(2)]),
        _ => return set(handle, button, Value::Table(cells)),
    }
    handle.change(|s| {
        s.drafts.retain(|(id, _)| *id != knob);
        s.drafts.push((knob, cells));
    });
}

/// What is written in the fields of a table.
fn written(within: &Element) -> Vec<Vec<String>> {
    let mut cells = Vec::new();
    let rows = within.closest("fieldset").ok().flatten().and_then(|f| f.query_selector_all("[data-row]").ok());
    let Some(rows) = rows else { return cells };
    for i in 0..rows.length() {
        let Some(row) = rows.item(i).and_then(|n| n.dyn_into::<Element>().ok()) else { continue };
        let Ok(inputs) = row.query_selector_all("input") else { continue };
        cells.push((0..inputs.length()).filter_map(|j| Some(inputs.item(j)?.dyn_into::<HtmlInputElement>().ok()?.value())).collect());
    }
    cells
}
