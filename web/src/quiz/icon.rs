//! The few line icons of the quiz.

use maud::{Markup, PreEscaped, html};

fn icon(path: &str) -> Markup {
    html! { svg.icon viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" { path d=(PreEscaped(path)) {} } }
}

pub(crate) fn check() -> Markup {
    icon("M3.5 8.5 6.5 11.5 12.5 4.8")
}

pub(crate) fn cross() -> Markup {
    icon("M4 4 12 12M12 4 4 12")
}

pub(crate) fn up() -> Markup {
    icon("M4 10 8 6 12 10")
}

pub(crate) fn down() -> Markup {
    icon("M4 6 8 10 12 6")
}

pub(crate) fn grip() -> Markup {
    icon("M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01")
}

pub(crate) fn arrow() -> Markup {
    icon("M3 8h9.5M9 4.2 12.8 8 9 11.8")
}

pub(crate) fn again() -> Markup {
    icon("M13 8A5 5 0 1 1 11.2 4.2M11.5 1.8 11.5 4.6 8.7 4.6")
}

pub(crate) fn replay() -> Markup {
    icon(
        "M2.2 8a1.6 1.6 0 1 0 3.2 0 1.6 1.6 0 1 0-3.2 0M10.4 3.6a1.6 1.6 0 1 0 3.2 0 1.6 1.6 0 1 0-3.2 0M10.4 12.4a1.6 1.6 0 1 0 3.2 0 1.6 1.6 0 1 0-3.2 0M5.2 7.2 10.5 4.3M5.2 8.8 10.5 11.7",
    )
}
