//! Play, pause, step, step back, start over, the clock and the speed.

use leptos::prelude::*;

use super::run::{Handle, State};
use super::{keys, player};

/// Simulated time for each second of real time, in hundredths, and its name.
const SPEEDS: [(u32, &str, &str); 4] = [(1, "¹⁄₁₀₀", "a hundredth"), (10, "¹⁄₁₀", "a tenth"), (100, "1×", "as it is"), (1_000, "10×", "ten times")];

const PLAY: &str = "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path class=\"solid\" d=\"M4 2.5v11l9-5.5z\"/></svg>";
const PAUSE: &str = "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path class=\"solid\" d=\"M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z\"/></svg>";
const STEP: &str = "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path class=\"solid\" d=\"M3 2.5v11L11 8z\"/><path d=\"M13 3v10\"/></svg>";
const BACK: &str = "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path class=\"solid\" d=\"M13 2.5v11L5 8z\"/><path d=\"M3 3v10\"/></svg>";
const RESET: &str = "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3\"/></svg>";

/// The row of controls under the stage.
pub fn view(handle: Handle) -> impl IntoView {
    let playing = handle.playing;
    let label = move || if playing.get() { "Pause" } else { "Play" };
    let icon = move || if playing.get() { PAUSE } else { PLAY };
    let start_over = move |_| {
        player::pause(handle);
        handle.change(State::start_over);
    };
    view! {
        <div class="transport" role="group" aria-label="Playback">
            <button type="button" class="icon-button" aria-label="Start over" title="Start over" inner_html=RESET on:click=start_over></button>
            <div class="transport-keys">
                <button type="button" class="outline-button step-button" aria-label="Step back" title="Step back (,)" inner_html=BACK on:click=move |_| keys::step_back(handle)></button>
                <button type="button" class="primary-button play" on:click=move |_| player::toggle(handle)>
                    <span inner_html=icon></span><span>{label}</span>
                </button>
                <button type="button" class="outline-button step-button" aria-label="Step" title="Step (.)" inner_html=STEP on:click=move |_| keys::step(handle)></button>
            </div>
            <p class="clock"><span class="clock-time">{move || handle.watch(|s| s.clock.to_string())}</span><span class="clock-event">{move || handle.watch(|s| format!("event {}", s.timeline().position()))}</span></p>
            {speeds(handle)}
        </div>
    }
}

fn speeds(handle: Handle) -> impl IntoView {
    let name = format!("speed-{}", handle.with(|s| s.lab.id.clone()));
    let one = move |(speed, label, spoken): (u32, &'static str, &'static str)| {
        view! {
            <label class="segment" title=format!("Simulated time runs {spoken}")>
                <input type="radio" name=name.clone() aria-label=format!("Speed: {spoken}") prop:checked=move || handle.speed.get() == speed on:change=move |_| handle.speed.set(speed) />
                <span aria-hidden="true">{label}</span>
            </label>
        }
    };
    view! { <fieldset class="segments speeds"><legend class="visually-hidden">"Speed"</legend>{SPEEDS.into_iter().map(one).collect_view()}</fieldset> }
}
