//! The only place where real time becomes simulated time.

use hopscope_core::time::{Duration, Instant};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::predict;
use super::run::{Handle, bump};

/// Milliseconds between two redraws of what is slow to draw, while playing.
const SLOW_MS: f64 = 200.0;
/// Milliseconds of a frame that a seek may take.
const SLICES_MS: f64 = 8.0;
/// A frame that took longer than this, such as in a tab that was hidden, counts as this long.
const LONGEST_FRAME_MS: f64 = 100.0;

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

/// Starts or stops time.
pub fn toggle(handle: Handle) {
    if handle.with(|s| s.playing) { pause(handle) } else { play(handle) }
}

/// Stops time.
pub fn pause(handle: Handle) {
    if handle.with(|s| s.playing) {
        handle.change(|s| s.playing = false);
    }
}

/// Lets time run until the end, the next question, or a pause.
pub fn play(handle: Handle) {
    if handle.with(|s| s.playing) {
        return;
    }
    handle.change_quietly(|s| {
        s.touched = true;
        s.playing = true;
        if s.is_over() {
            s.seek_time(Instant::START);
        }
    });
    handle.tell();
    frame(handle, now_ms(), now_ms());
}

fn frame(handle: Handle, before: f64, drawn: f64) {
    request_animation_frame(move || {
        if !handle.with(|s| s.playing) {
            return;
        }
        let now = now_ms();
        let stop = advance(handle, (now - before).clamp(0.0, LONGEST_FRAME_MS));
        bump(handle.tick);
        let due = now - drawn >= SLOW_MS;
        if due {
            bump(handle.slow);
        }
        if stop {
            pause(handle);
        } else {
            frame(handle, now, if due { now } else { drawn });
        }
    });
}

/// Moves the clock by a frame; `true` when time should stop.
fn advance(handle: Handle, passed_ms: f64) -> bool {
    let mut stop = false;
    handle.change_quietly(|s| {
        if !s.work() {
            // A long stretch is being caught up with; the clock waits for it.
            return;
        }
        let span = Duration::from_micros_f64(passed_ms * 10.0 * f64::from(s.speed));
        let (goal, asked) = predict::stop_before(s, (s.clock + span).min(s.horizon()));
        s.seek_time(goal);
        if let Some(index) = asked {
            s.asking = Some(index);
        }
        stop = predict::reveal_due(s) || asked.is_some() || goal >= s.horizon();
    });
    stop
}

/// Finishes a seek in slices, as many a frame as leave time for the frame, so that the page
/// stays responsive.
pub fn work_on(handle: Handle) {
    request_animation_frame(move || {
        if handle.with(|s| s.playing) {
            return;
        }
        let until = now_ms() + SLICES_MS;
        handle.change_quietly(|s| while !s.work() && now_ms() < until {});
        if handle.with(|s| s.seeking.is_some()) {
            handle.settle();
        } else {
            // What moves is drawn in this frame, what is slow to draw in the next.
            bump(handle.tick);
            request_animation_frame(move || handle.settle());
        }
    });
}

/// Pauses a lab while it cannot be seen.
pub fn pause_off_screen(handle: Handle) {
    let look = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let last: web_sys::IntersectionObserverEntry = entries.at(-1).unchecked_into();
        if !last.is_intersecting() {
            pause(handle);
        } else if !handle.with(|s| s.seen) {
            handle.change_quietly(|s| s.seen = true);
            bump(handle.slow);
        }
    });
    if let Ok(observer) = web_sys::IntersectionObserver::new(look.as_ref().unchecked_ref()) {
        observer.observe(&handle.place());
    }
    // The lab lives as long as the page.
    look.forget();
}
