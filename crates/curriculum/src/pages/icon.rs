//! Small line icons, 16 units wide, drawn with the colour of the text beside them.

use maud::{Markup, PreEscaped, html};

fn icon(shapes: &str) -> Markup {
    html! {
        svg.icon viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" { (PreEscaped(shapes)) }
    }
}

/// The brand: one hop from a client over a proxy to a backend.
pub(crate) fn brand() -> Markup {
    html! {
        svg.brand-mark viewBox="0 0 34 20" width="34" height="20" aria-hidden="true" focusable="false" {
            path.hop-line d="M4 15.5 C4 1.5 15 1.5 16.5 15.5 C18 6 28.5 6 30 15.5" {}
            circle.f-client cx="4" cy="15.5" r="3.2" {}
            circle.f-proxy cx="16.5" cy="15.5" r="3.2" {}
            circle.f-backend cx="30" cy="15.5" r="3.2" {}
        }
    }
}

pub(crate) fn check() -> Markup {
    icon(r#"<path d="M3.5 8.5 6.5 11.5 12.5 4.8"/>"#)
}

pub(crate) fn keyboard() -> Markup {
    icon(r#"<rect x="1.5" y="3.5" width="13" height="9" rx="2"/><path d="M4.3 6.6h.1M8 6.6h.1M11.7 6.6h.1M5 9.8h6"/>"#)
}

pub(crate) fn moon() -> Markup {
    icon(r#"<path d="M12.8 9.9A5.4 5.4 0 0 1 6.1 3.2 5.4 5.4 0 1 0 12.8 9.9Z"/>"#)
}

pub(crate) fn sun() -> Markup {
    icon(
        r#"<circle cx="8" cy="8" r="2.7"/><path d="M8 1.6v1.6M8 12.8v1.6M1.6 8h1.6M12.8 8h1.6M3.5 3.5l1.1 1.1M11.4 11.4l1.1 1.1M12.5 3.5l-1.1 1.1M4.6 11.4l-1.1 1.1"/>"#,
    )
}

pub(crate) fn menu() -> Markup {
    icon(r#"<path d="M2 4h12M2 8h12M2 12h12"/>"#)
}

pub(crate) fn arrow_right() -> Markup {
    icon(r#"<path d="M3 8h9.5M9 4.2 12.8 8 9 11.8"/>"#)
}

pub(crate) fn arrow_left() -> Markup {
    icon(r#"<path d="M13 8H3.5M7 4.2 3.2 8 7 11.8"/>"#)
}

pub(crate) fn play() -> Markup {
    icon(r#"<path class="solid" d="M5 3.2v9.6L12.6 8Z"/>"#)
}

pub(crate) fn pause() -> Markup {
    icon(r#"<path d="M5.5 3.5v9M10.5 3.5v9"/>"#)
}

pub(crate) fn printer() -> Markup {
    icon(r#"<path d="M4.5 6V2.5h7V6M4.5 11.5h-2v-4a1.5 1.5 0 0 1 1.5-1.5h8a1.5 1.5 0 0 1 1.5 1.5v4h-2M4.5 9.5h7v4h-7Z"/>"#)
}

pub(crate) fn download() -> Markup {
    icon(r#"<path d="M8 2v8M4.8 7 8 10.2 11.2 7M2.5 11v2.5h11V11"/>"#)
}

pub(crate) fn upload() -> Markup {
    icon(r#"<path d="M8 10.2v-8M4.8 5.2 8 2l3.2 3.2M2.5 11v2.5h11V11"/>"#)
}

pub(crate) fn bin() -> Markup {
    icon(r#"<path d="M2.5 4.2h11M6 4V2.5h4V4M4 4.4l.7 9.1h6.6l.7-9.1M6.6 7v4M9.4 7v4"/>"#)
}

pub(crate) fn flask() -> Markup {
    icon(r#"<path d="M6 2h4M6.8 2v4.4L3 12.6a1 1 0 0 0 .9 1.4h8.2a1 1 0 0 0 .9-1.4L9.2 6.4V2M5 10h6"/>"#)
}
