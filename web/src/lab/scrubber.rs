//! The timeline: one slider over the picture of everything that is known to happen.

use hopscope_core::time::Instant;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::run::{Handle, State};
use super::{keys, player, predict};

/// The slider counts milliseconds.
const STEP_US: u64 = 1_000;
fn go(handle: Handle, at: Instant) {
    player::pause(handle);
    handle.change(|s| {
        s.touched = true;
        s.seek_time(at);
        predict::reveal_due(s);
    });
}

/// The slider, and what a long seek has left.
pub fn view(handle: Handle) -> impl IntoView {
    let most = handle.with(|s| s.horizon().as_micros() / STEP_US);
    let value = move || handle.watch(|s| (s.clock.as_micros() / STEP_US).to_string());
    let spoken = move || handle.watch(|s| format!("{} of {}, event {}", s.clock, s.horizon(), s.timeline().position()));
    let scrub = move |event| {
        let at: u64 = event_target_value(&event).parse().unwrap_or(0);
        go(handle, Instant(at * STEP_US));
    };
    let catching_up = move || handle.watch(|s| s.seeking.is_some().then(|| State::seek_percent(s)));
    view! {
        <input class="scrub" type="range" aria-label="Timeline" min="0" max=most.to_string() step="1"
            prop:value=value aria-valuetext=spoken on:input=scrub on:keydown=move |event| arrow(handle, &event) />
        {move || catching_up().map(|percent| view! {
            <p class="catching-up" role="status"><progress aria-label="Running ahead" max="100" value=percent.to_string()></progress>{format!("Running ahead, {percent} %")}</p>
        })}
    }
}

/// Arrows go event by event, which is finer than the slider; Page keys go by a second.
fn arrow(handle: Handle, event: &KeyboardEvent) {
    let by = |seconds: i64| {
        let at = handle.with(|s| s.clock.as_micros() as i64) + seconds * 1_000_000;
        go(handle, Instant(at.max(0) as u64));
    };
    match event.key().as_str() {
        "ArrowRight" | "ArrowUp" => keys::step(handle),
        "ArrowLeft" | "ArrowDown" => keys::step_back(handle),
        "PageUp" => by(1),
        "PageDown" => by(-1),
        _ => return,
    }
    event.prevent_default();
}
