//! The track and the charts, which share one x-axis, so that one playhead crosses them all.

use leptos::prelude::*;
use web_sys::MouseEvent;

use super::run::Handle;
use super::{log, player, scrubber};
use crate::views;
use crate::views::axis::share;

/// Everything along the time axis.
pub fn view(handle: Handle) -> impl IntoView {
    let track = move || handle.watch_slowly(|s| views::track::track(s.timeline(), &s.lab));
    let requests = move || handle.watch_slowly(|s| views::charts::requests(s.timeline(), &s.lab));
    let latency = move || handle.watch_slowly(|s| views::charts::latency(s.timeline(), &s.lab));
    let playhead = move || handle.watch(|s| share(s.clock, s.horizon()).to_string());
    let go = move |event: MouseEvent| {
        if let Some(ordinal) = log::ordinal_of(&event) {
            player::pause(handle);
            handle.change(|s| s.seek_event(ordinal));
        }
    };
    view! {
        <div class="along-time">
            <div class="time-axis">
            <div class="playhead" aria-hidden="true" style:left=playhead></div>
            <div class="track" inner_html=track on:click=go></div>
            {scrubber::view(handle)}
            <div class="panel-charts">
                <div class="chart" inner_html=requests></div>
                <div class="chart" inner_html=latency></div>
            </div>
            </div>
        </div>
    }
}
