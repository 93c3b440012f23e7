//! Marks: shape first, colour second. The same glyphs in the log, the legend and on the timeline.

use hopscope_core::describe::Mark;
use maud::{Markup, html};

/// A mark of 18 by 18 as an SVG of its own.
pub fn glyph(mark: Mark) -> Markup {
    html! { svg class="mark" width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true" { (shape(mark)) } }
}

/// A mark's shapes around the origin.
fn shape(mark: Mark) -> Markup {
    match mark {
        Mark::Ok => html! { circle r="4.5" class="f-ok" {} },
        Mark::Error => html! { path class="mk-line s-error" d="M-4.5 -4.5l9 9m0 -9l-9 9" {} },
        Mark::Retry => html! { path class="f-cache" d="M0 -5.5l6 10.5h-12z" {} },
        Mark::Waiting => html! { circle r="4.25" class="mk-hollow s-ink3" {} },
        Mark::Step => html! { circle r="2" class="f-ink3" {} },
        Mark::Connection => {
            html! { path class="mk-thin s-client" d="M-1 -3.5h-2.5a3.5 3.5 0 0 0 0 7h2.5M1 -3.5h2.5a3.5 3.5 0 0 1 0 7h-2.5M-3 0h6" {} }
        }
        Mark::Decision => {
            html! { path class="mk-thin s-proxy" d="M-6 0h11M1.5 -3.5l3.5 3.5 -3.5 3.5M-3 0c3 0 3 -5 7 -5M-3 0c3 0 3 5 7 5" {} }
        }
        Mark::Change => square("f-ink", "M-2.5 -4v8M-2.5 1c0 -2.5 5 -1 5 -4M1 -3.5h3v0.1", false),
        Mark::Fault => square("f-error", "M1 -5l-4 5.6h2.6l-0.8 4.4 4.2 -5.8h-2.6z", true),
    }
}

/// A square of 18 with a glyph on it, around the origin.
pub fn square(class: &str, glyph: &str, solid: bool) -> Markup {
    html! {
        rect x="-9" y="-9" width="18" height="18" rx="4" class=(class) {}
        path d=(glyph) class=(if solid { "mk-on solid" } else { "mk-on" }) {}
    }
}

/// A bolt: something breaks.
pub fn fault() -> Markup {
    shape(Mark::Fault)
}

/// A check: something works again, or joins.
pub fn mended() -> Markup {
    square("f-ok", "M-4 0.5l2.8 3L4.2 -3", false)
}

/// A slashed circle: something leaves the pool.
pub fn left() -> Markup {
    square("f-cache", "M0 -4.2a4.2 4.2 0 1 1 0 8.4a4.2 4.2 0 1 1 0 -8.4M-3 3l6 -6", false)
}

/// A branch: the learner changed something.
pub fn branch() -> Markup {
    square(
        "f-ink",
        "M-3 -2.6v5.4M-3 -5a1.4 1.4 0 1 0 0.1 0M-3 2.6a1.4 1.4 0 1 0 0.1 0M3.4 -5a1.4 1.4 0 1 0 0.1 0M3.4 -2.2c0 3 -6.4 1 -6.4 4",
        false,
    )
}

/// A slider: the script turns a knob.
pub fn setting() -> Markup {
    square("f-ink2", "M-5 -2.5h10M-5 2.5h10M-1.5 -4.5v4M2 0.5v4", false)
}

/// What the marks on the stage mean.
pub fn legend() -> String {
    let entry = |mark: Mark, words: &str| html! { li { (glyph(mark)) (words) } };
    html! {
        ul class="marks" {
            (entry(Mark::Ok, "request or answer"))
            (entry(Mark::Error, "error"))
            li {
                svg class="mark" width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true" { rect x="-3" y="-3" width="6" height="6" class="f-client" {} }
                "opens or closes a connection"
            }
            li {
                svg class="mark" width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true" { circle r="4" class="mk-hollow s-cache" {} }
                "waiting"
            }
        }
    }
    .into_string()
}
