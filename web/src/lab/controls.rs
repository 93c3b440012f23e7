//! The controls of a lab as HTML: head, transport, knobs, faults, challenge. What they do when
//! used is in `acts`; each says it with a `data-do` or names the knob that it turns.

mod knobs;

use hopscope_core::scenario::Challenge;
use maud::{Markup, PreEscaped, html};

use super::compare;
use super::run::State;
use crate::progress;
use crate::views;

pub use knobs::settings;

/// Simulated time for each second of real time, in hundredths, and its name.
const SPEEDS: [(u32, &str, &str); 4] =
    [(1, "¹⁄₁₀₀", "a hundredth"), (10, "¹⁄₁₀", "a tenth"), (100, "1×", "as it is"), (1_000, "10×", "ten times")];

const PLAY: &str = "M4 2.5v11l9-5.5z";
const PAUSE: &str = "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z";
const STEP: &str = "M3 2.5v11L10.5 8zM12 2.5h1.6v11H12z";
const BACK: &str = "M13 2.5v11L5.5 8zM2.4 2.5H4v11H2.4z";
const BOLT: &str = "M9 1 3 9h4l-1 6 6-8H8z";

/// A filled glyph.
pub(super) fn icon(path: &str) -> Markup {
    html! { svg.icon viewBox="0 0 16 16" aria-hidden="true" { path.solid d=(path) {} } }
}

/// Title, question, chips and the buttons of the head.
pub fn head(s: &State, level: u8) -> String {
    let id = format!("lab-{}-title", s.lab.id);
    html! {
        div.lab-name {
            p.kicker { (if s.spec.scenario.challenge.is_some() { "Challenge" } else { "Lab" }) " · " (s.lab.title) }
            @if level == 2 { h2.lab-title id=(id) { (s.lab.question) } } @else { h3.lab-title id=(id) { (s.lab.question) } }
            p.lab-chips data-part="chips" {}
        }
        div.lab-buttons data-part="buttons" {}
        p.lab-lead { (PreEscaped(&s.lab.lead)) }
    }
    .into_string()
}

/// The seed, and where the run was forked.
pub fn chips(s: &State) -> String {
    html! {
        span.chip { "seed " (s.timeline().seed()) }
        @if let Some(ghost) = s.timeline().ghost() { span.chip.chip-fork { "forked at " (ghost.forked_when) } }
    }
    .into_string()
}

/// What can be done with the lab as a whole.
pub fn buttons(s: &State) -> String {
    html! {
        @if !s.timeline().actions().is_empty() && s.parked.is_none() { button.quiet-button type="button" data-do="undo" id={ (s.lab.id) "-undo" } { "Undo change" } }
        button.quiet-button type="button" data-do="seed" id={ (s.lab.id) "-seed" } { "New seed" }
        (compare::buttons(s))
        button.outline-button type="button" data-do="copy" id={ (s.lab.id) "-copy" } {
            svg.icon viewBox="0 0 16 16" aria-hidden="true" { path d="M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5L7.5 13A3 3 0 0 1 3 8.5L4.5 7" {} }
            span aria-live="polite" { (s.copied) }
        }
    }
    .into_string()
}

/// Start over, step back, play, step, the clock, the speed.
pub fn transport(s: &State) -> String {
    html! {
        button.icon-button type="button" data-do="reset" aria-label="Start over" title="Start over" {
            svg.icon viewBox="0 0 16 16" aria-hidden="true" { path d="M3 8a5 5 0 1 0 1.6-3.700M3 2.5v3h3" {} }
        }
        div.transport-keys {
            button.outline-button.step-button type="button" data-do="back" aria-label="Step back" title="Step back (,)" { (icon(BACK)) }
            button.primary-button.play type="button" data-do="play" { span data-part="play" {} }
            button.outline-button.step-button type="button" data-do="step" aria-label="Step" title="Step (.)" { (icon(STEP)) }
        }
        p.clock data-part="clock" {}
        fieldset.segments.speeds {
            legend.visually-hidden { "Speed" }
            @for (speed, label, spoken) in SPEEDS {
                label.segment title={ "Simulated time runs " (spoken) } {
                    input type="radio" name={ (s.lab.id) "-speed" } value=(speed) data-speed aria-label={ "Speed: " (spoken) };
                    span aria-hidden="true" { (label) }
                }
            }
        }
    }
    .into_string()
}

/// What the play button says.
pub fn play(s: &State) -> String {
    let (path, word) = if s.playing { (PAUSE, "Pause") } else { (PLAY, "Play") };
    html! { (icon(path)) span { (word) } }.into_string()
}

/// The clock.
pub fn clock(s: &State) -> String {
    html! { span.clock-time { (s.clock) } span.clock-event { "event " (s.timeline().position()) } }.into_string()
}

/// How far a long seek is.
pub fn catching_up(s: &State) -> String {
    if s.seeking.is_none() {
        return String::new();
    }
    let percent = s.seek_percent();
    html! { progress aria-label="Running ahead" max="100" value=(percent) {} "Running ahead, " (percent) " %" }.into_string()
}

/// Faults as switches.
pub(super) fn faults(s: &State) -> Markup {
    let words = |id: &str| s.lab.faults.iter().find(|w| w.id == id);
    html! {
        @if !s.spec.scenario.faults.is_empty() {
            fieldset.setting {
                legend.setting-name { "Break something" }
                div.fault-buttons {
                    @for fault in &s.spec.scenario.faults {
                        @let on = s.timeline().world().fault_is_on(&fault.id);
                        @let words = words(&fault.id);
                        button.fault-button type="button" id={ (s.lab.id) "-fault-" (fault.id) } data-do="fault" data-id=(fault.id) aria-pressed=(on) title=[words.map(|w| &w.help)] {
                            (icon(BOLT)) span { (words.map_or(&fault.id, |w| &w.label)) } @if on { span.fault-state { "on" } }
                        }
                    }
                }
            }
        }
    }
}

/// Goals with their meters, and what makes a challenge of them.
pub fn goals(s: &State) -> String {
    let (world, over) = (s.timeline().world(), s.timeline().is_over());
    let holds = s.spec.scenario.goals.iter().all(|g| g.holds(world.measure(&g.measure)));
    let (outcome, word) = match (over, holds) {
        (true, true) => ("won", "Every goal is met. Done."),
        (true, false) => ("lost", "The run is over and a goal is not met. Change something and run again."),
        _ => ("open", "What counts is the end of the run."),
    };
    let challenge = s.spec.scenario.challenge.as_ref();
    html! {
        @if let Some(challenge) = challenge { (par(s, challenge)) } @else { h4.panel-title { "Goals" } }
        @for goal in &s.spec.scenario.goals {
            (PreEscaped(views::goals::meter(goal, world.measure(&goal.measure), s.lab.goals.iter().find(|w| w.id == goal.id), over)))
        }
        p.goal-word role="status" data-outcome=(outcome) { (word) }
        @if challenge.is_some() { (hints(s)) }
    }
    .into_string()
}

/// Whether the run has ended with every goal met.
pub fn is_won(s: &State) -> bool {
    let world = s.timeline().world();
    s.runs.len() == 1
        && s.timeline().is_over()
        && !s.spec.scenario.goals.is_empty()
        && s.spec.scenario.goals.iter().all(|g| g.holds(world.measure(&g.measure)))
}

fn par(s: &State, challenge: &Challenge) -> Markup {
    let best = progress::challenge_best(s.key());
    html! {
        div.panel-head {
            h4.panel-title { "Challenge" }
            p.panel-note { "Par " (challenge.par) " changes · you: " (s.timeline().actions().len()) @if let Some(best) = best { " · best: " (best) } }
        }
    }
}

fn hints(s: &State) -> Markup {
    let count = s.lab.hints.len();
    html! {
        @if s.hints > 0 { ol.hints { @for hint in s.lab.hints.iter().take(s.hints) { li { (PreEscaped(hint)) } } } }
        div.panel-buttons {
            @if s.hints < count { button.outline-button type="button" data-do="hint" id={ (s.lab.id) "-hint" } { "Hint, " (s.hints + 1) " of " (count) } }
            @else { button.quiet-button type="button" data-do="solve" id={ (s.lab.id) "-solve" } { "Watch a solution" } }
        }
    }
}
