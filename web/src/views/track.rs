//! The event timeline: how much happens when, what was broken and turned, where the learner
//! changed the run, and how far the run before that change was known.
//!
//! Marks are nested SVGs placed at a share of the width, so nothing is stretched.

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{ActionKind, Effect};
use hopscope_core::time::Instant;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::Event;
use maud::{Markup, html};

use super::axis::{Share, horizon, share, ticks};
use super::paint::label_mid;
use super::{marks, names, text};

/// Its height.
pub const HEIGHT: i32 = 112;
/// Where the bar's middle is.
pub const BAR: i32 = 50;
/// The height of the bars that show how much happens.
const DENSITY: i32 = 16;
/// The narrowest and the usual width, for which labels must not run into each other.
const NARROW: i32 = 300;
const USUAL: i32 = 640;

/// One or several things done at about the same moment.
struct Deed {
    at: Instant,
    ordinal: u32,
    place: Share,
    words: String,
    more: usize,
    glyph: Glyph,
    own: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Glyph {
    Fault,
    Mended,
    Left,
    Setting,
    Branch,
}

/// The track.
pub fn track(timeline: &Timeline, lab: &Lab) -> String {
    let end = horizon(timeline);
    let (now, known) = (share(timeline.now(), end), share(timeline.known().1, end));
    let deeds = deeds(timeline, lab);
    let flag = deeds.iter().rposition(|d| d.own);
    html! {
        svg class="track-svg" width="100%" height=(HEIGHT) role="img" aria-label=(sentence(timeline, &deeds)) {
            rect x="0" y=(BAR - 5) width="100%" height="10" rx="5" class="tk-bar" {}
            rect x="0" y=(BAR - 5) width=(known) height="10" rx="5" class="tk-known" {}
            rect x="0" y=(BAR - 5) width=(now) height="10" rx="5" class="tk-played" {}
            (density(timeline))
            (ghost(timeline))
            @for (at, words) in ticks(end) {
                @let x = share(at, end);
                line x1=(x) x2=(x) y1=(HEIGHT - 20) y2=(HEIGHT - 15) class="tk-tick" {}
                svg x=(x) y=(HEIGHT - 3) overflow="visible" { (label_mid(0, 0, "tk-label", &words)) }
            }
            (labels(&deeds, flag))
            @for deed in &deeds { (mark(deed)) }
            @if let Some(own) = flag { (flag_of(&deeds[own])) }
        }
    }
    .into_string()
}

/// What was done in the known run, marks that would touch put together.
fn deeds(timeline: &Timeline, lab: &Lab) -> Vec<Deed> {
    let (end, log) = (horizon(timeline), timeline.log());
    let mut deeds: Vec<Deed> = Vec::new();
    for record in log.deeds() {
        let Event::Acted { action, scripted } = record.event else { continue };
        let Some(kind) = log.actions.get(usize::from(action)).filter(|_| record.at > Instant::START) else { continue };
        let place = share(record.at, end);
        if let Some(last) = deeds.last_mut().filter(|d| place.0 < d.place.0 + 900) {
            last.more += 1;
            last.own |= !scripted;
            continue;
        }
        let words = names::action(kind, lab, timeline.spec());
        deeds.push(Deed {
            at: record.at,
            ordinal: record.ordinal,
            place,
            words,
            more: 0,
            glyph: glyph(kind, timeline, scripted),
            own: !scripted,
        });
    }
    deeds
}

fn glyph(kind: &ActionKind, timeline: &Timeline, scripted: bool) -> Glyph {
    let ActionKind::Fault { id, on } = kind else { return if scripted { Glyph::Setting } else { Glyph::Branch } };
    let effect = timeline.spec().scenario.faults.iter().find(|f| f.id == *id).map(|f| &f.effect);
    match (effect, on) {
        (Some(Effect::Join { .. }), true) | (Some(Effect::Leave { .. }), false) => Glyph::Mended,
        (Some(Effect::Join { .. }), false) | (Some(Effect::Leave { .. }), true) => Glyph::Left,
        (_, true) => Glyph::Fault,
        (_, false) => Glyph::Mended,
    }
}

fn mark(deed: &Deed) -> Markup {
    html! {
        svg x=(deed.place) y=(BAR) overflow="visible" {
            g class="track-mark" data-ordinal=(deed.ordinal) {
                title { (events_at(deed)) }
                rect x="-12" y="-12" width="24" height="24" class="hit" {}
                @match deed.glyph {
                    Glyph::Fault => (marks::fault()),
                    Glyph::Mended => (marks::mended()),
                    Glyph::Left => (marks::left()),
                    Glyph::Setting => (marks::setting()),
                    Glyph::Branch => (marks::branch()),
                }
            }
        }
    }
}

fn events_at(deed: &Deed) -> String {
    format!("{}{} at {}", deed.words, more(deed), super::events::seconds(deed.at))
}

fn more(deed: &Deed) -> String {
    if deed.more > 0 { format!(" +{}", deed.more) } else { String::new() }
}

/// Labels above the bar, those that fit. One that only fits on a wide page has a class for it.
fn labels(deeds: &[Deed], flag: Option<usize>) -> Markup {
    let mut free = [i32::MIN; 2];
    html! {
        @for (index, deed) in deeds.iter().enumerate() {
            @if Some(index) != flag {
                @let words = format!("{}{}", text::fit(&deed.words, 12, false, 130), more(deed));
                @let fits = fits(deed.place, text::width(&words, 12, false), &mut free);
                @if let Some(class) = fits {
                    @let hue = if deed.glyph == Glyph::Fault { "s-error" } else { "" };
                    svg x=(deed.place) y=(BAR - 16) overflow="visible" class=(class) {
                        text class=(format_args!("tk-label {hue}")) text-anchor=(anchor(deed.place)) { (words) }
                    }
                }
            }
        }
    }
}

/// Near an end a label leans inwards.
const fn anchor(place: Share) -> &'static str {
    match place.0 {
        0..12_000 => "start",
        12_000..88_000 => "middle",
        _ => "end",
    }
}

/// Whether a label has room on a usual and on a narrow page; `free` is where each has room again.
fn fits(place: Share, width: i32, free: &mut [i32; 2]) -> Option<&'static str> {
    let span = |page: i32| {
        let x = place.0 as i32 / 100 * page / 1_000;
        match anchor(place) {
            "start" => (x, x + width),
            "middle" => (x - width / 2, x + width / 2),
            _ => (x - width, x),
        }
    };
    let mut room = [false; 2];
    for (index, page) in [USUAL, NARROW].into_iter().enumerate() {
        let (from, to) = span(page);
        if from >= free[index] {
            room[index] = true;
            free[index] = to + 10;
        }
    }
    match room {
        [true, true] => Some(""),
        [true, false] => Some("roomy"),
        _ => None,
    }
}

/// The flag of the learner's last change.
fn flag_of(deed: &Deed) -> Markup {
    let words = text::fit(&format!("You: {}{}", deed.words, more(deed)), 12, true, 220);
    let w = text::width(&words, 12, true) + 18;
    let x = match anchor(deed.place) {
        "start" => -10,
        "middle" => -w / 2,
        _ => 10 - w,
    };
    html! {
        svg x=(deed.place) y="0" overflow="visible" {
            path d=(format_args!("M0 20V{}", BAR - 9)) class="tk-pole" {}
            rect x=(x) y="0" width=(w) height="22" rx="4" class="tk-flag" {}
            (label_mid(x + w / 2, 15, "tk-flag-text", &words))
        }
    }
}

/// How many requests came in each window, and how many went wrong.
fn density(timeline: &Timeline) -> Markup {
    let metrics = timeline.front().metrics();
    let end = horizon(timeline).as_micros().max(1);
    let length = metrics.window_length().as_micros();
    let windows = metrics.windows();
    let most = windows.iter().map(|w| w.fates.started).max().unwrap_or(0).max(1);
    let bars = |pick: fn(&hopscope_core::metrics::Fates) -> u64| {
        let mut d = String::new();
        for (index, window) in windows.iter().enumerate() {
            let height = (pick(&window.fates).min(most) * DENSITY as u64).div_ceil(most);
            if height > 0 {
                let x = index as u64 * length * 1_000 / end;
                let w = (length * 1_000 / end).max(2) - 1;
                d.push_str(&format!("M{x} {DENSITY}v-{height}h{w}v{height}z"));
            }
        }
        d
    };
    html! {
        svg x="0" y=(BAR + 11) width="100%" height=(DENSITY) viewBox=(format_args!("0 0 1000 {DENSITY}")) preserveAspectRatio="none" {
            path class="tk-density" d=(bars(|f| f.started)) {}
            path class="tk-density bad" d=(bars(|f| f.failed + f.rejected)) {}
        }
    }
}

/// The run before the last change, as far as it was known.
fn ghost(timeline: &Timeline) -> Markup {
    let Some(ghost) = timeline.ghost() else { return html! {} };
    let end = horizon(timeline);
    let (from, to) = (share(ghost.forked_when, end), share(ghost.known, end));
    if to.0 < from.0 + 2_000 {
        return html! {};
    }
    let y = BAR + 34;
    html! {
        line x1=(from) x2=(from) y1=(BAR + 9) y2=(y) class="tk-ghost" {}
        line x1=(from) x2=(to) y1=(y) y2=(y) class="tk-ghost" {}
        @if to.0 > from.0 + 22_000 {
            svg x=(from) y=(y + 4) overflow="visible" class=[(to.0 < from.0 + 45_000).then_some("roomy")] { text x="14" class="tk-label halo" { "before your change" } }
        }
    }
}

fn sentence(timeline: &Timeline, deeds: &[Deed]) -> String {
    let done: Vec<String> = deeds.iter().map(events_at).collect();
    let what = if done.is_empty() { "nothing was broken or changed".to_owned() } else { done.join(", ") };
    format!("Timeline to {}, at {}: {what}.", horizon(timeline), timeline.now())
}
