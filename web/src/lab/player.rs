//! The only place where real time becomes simulated time.

use std::cell::Cell;
use std::rc::Rc;

use hopscope_core::time::{Duration, Instant};
use leptos::prelude::*;

use super::run::{Handle, State};
use super::{link, predict, stage};

/// Milliseconds between two redraws of what is slow to draw, while playing.
const SLOW_MS: f64 = 200.0;
/// A frame that took longer than this, such as in a tab that was hidden, counts as this long.
const LONGEST_FRAME_MS: f64 = 100.0;

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

/// Starts or stops time.
pub fn toggle(handle: Handle) {
    if handle.playing.get_untracked() { pause(handle) } else { play(handle) }
}

/// Stops time.
pub fn pause(handle: Handle) {
    if handle.playing.get_untracked() {
        handle.playing.set(false);
        handle.tell();
        handle.with(State::remember);
        link::keep(handle);
    }
}

/// Lets time run until the end, the next question, or a pause.
pub fn play(handle: Handle) {
    if handle.playing.get_untracked() {
        return;
    }
    handle.change_quietly(|s| {
        s.touched = true;
        if s.is_over() {
            s.seek_time(Instant::START);
        }
    });
    handle.playing.set(true);
    frame(handle, now_ms(), Rc::new(Cell::new(0.0)));
}

fn frame(handle: Handle, before: f64, drawn: Rc<Cell<f64>>) {
    request_animation_frame(move || {
        if !handle.playing.get_untracked() {
            return;
        }
        let now = now_ms();
        let passed = (now - before).clamp(0.0, LONGEST_FRAME_MS);
        let stop = advance(handle, passed);
        handle.tick.update(|n| *n = n.wrapping_add(1));
        if now - drawn.get() >= SLOW_MS {
            drawn.set(now);
            handle.slow.update(|n| *n = n.wrapping_add(1));
        }
        if stop {
            pause(handle);
        } else {
            frame(handle, now, drawn);
        }
    });
}

/// Moves the clock by a frame; `true` when time should stop.
fn advance(handle: Handle, passed_ms: f64) -> bool {
    let speed = f64::from(handle.speed.get_untracked()) / 100.0;
    let mut stop = false;
    handle.change_quietly(|s| {
        if !s.work() {
            // A long stretch is being caught up with; the clock waits for it.
            return;
        }
        let goal = (s.clock + Duration::from_micros_f64(passed_ms * 1_000.0 * speed)).min(s.horizon());
        let (goal, asked) = predict::stop_before(s, goal);
        s.seek_time(goal);
        if let Some(index) = asked {
            s.asking = Some(index);
            stop = true;
        }
        stop = stop || predict::reveal_due(s) || goal >= s.horizon();
    });
    stop
}

/// Finishes a seek in slices, one a frame, so that the page stays responsive.
pub fn work_on(handle: Handle) {
    if handle.playing.get_untracked() {
        return;
    }
    request_animation_frame(move || {
        let mut done = true;
        handle.change_quietly(|s| done = s.work());
        handle.tell();
        if done {
            handle.with(State::remember);
            link::keep(handle);
        } else {
            work_on(handle);
        }
    });
}

/// Pauses a lab while it cannot be seen.
pub fn pause_off_screen(handle: Handle, place: &web_sys::HtmlElement) {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    let look = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let seen = entries.iter().any(|entry| entry.unchecked_into::<web_sys::IntersectionObserverEntry>().is_intersecting());
        if seen {
            stage::paint(handle);
        } else {
            pause(handle);
        }
    });
    if let Ok(observer) = web_sys::IntersectionObserver::new(look.as_ref().unchecked_ref()) {
        observer.observe(place);
    }
    // The lab lives as long as the page.
    look.forget();
}
