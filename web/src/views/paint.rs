//! Glyphs and small shapes that several pictures share.

use maud::{Markup, html};

use super::curve::Rect;
use super::text;

/// A line of text.
pub fn label(x: i32, y: i32, class: &str, words: &str) -> Markup {
    html! { text x=(x) y=(y) class=(class) { (words) } }
}

/// A line of text that ends at `x`.
pub fn label_end(x: i32, y: i32, class: &str, words: &str) -> Markup {
    html! { text x=(x) y=(y) class=(class) text-anchor="end" { (words) } }
}

/// A line of text around `x`.
pub fn label_mid(x: i32, y: i32, class: &str, words: &str) -> Markup {
    html! { text x=(x) y=(y) class=(class) text-anchor="middle" { (words) } }
}

/// A rectangle with round corners.
pub fn card(b: Rect, radius: i32, class: &str) -> Markup {
    html! { rect x=(b.x) y=(b.y) width=(b.w) height=(b.h) rx=(radius) class=(class) {} }
}

/// A path.
pub fn path(d: &str, class: &str) -> Markup {
    html! { path d=(d) class=(class) {} }
}

fn glyph(x: i32, y: i32, class: &str, d: &str) -> Markup {
    html! { path transform=(format_args!("translate({x} {y})")) class=(class) d=(d) {} }
}

/// A person, 16 by 18.
pub fn person(x: i32, y: i32) -> Markup {
    glyph(x, y, "st-glyph s-client", "M8 1.2a3.8 3.8 0 1 1 0 7.6a3.8 3.8 0 1 1 0-7.6M1.5 17.5v-1.2a6.5 4.8 0 0 1 13 0v1.2")
}

/// A small person, 12 by 14.
pub fn small_person(x: i32, y: i32) -> Markup {
    glyph(x, y, "st-glyph s-client", "M6 .8a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 1 1 0-5.6M1 13.2v-.8a5 4 0 0 1 10 0v.8")
}

/// A rack of two machines, 20 by 19; `class` gives its hue.
pub fn rack(x: i32, y: i32, class: &str) -> Markup {
    let class = format!("st-glyph {class}");
    glyph(
        x,
        y,
        &class,
        "M2 0h16a2 2 0 0 1 2 2v4.5a2 2 0 0 1-2 2h-16a2 2 0 0 1-2-2v-4.5a2 2 0 0 1 2-2zM2 11h16a2 2 0 0 1 2 2v4.5a2 2 0 0 1-2 2h-16a2 2 0 0 1-2-2v-4.5a2 2 0 0 1 2-2zM4 4.25h2M10 4.25h6M4 15.25h2M10 15.25h6",
    )
}

/// One arrow that becomes three, 24 by 20.
pub fn fan(x: i32, y: i32) -> Markup {
    glyph(x, y, "st-glyph s-proxy", "M0 10h23M19 6.5l4 3.5-4 3.5M6 10c7 0 6-7.5 14-8M16-1l4 3-3 4M6 10c7 0 6 7.5 14 8M16 21l4-3-3-4")
}

/// One arrow through, 24 by 20: everything goes the same way.
pub fn through(x: i32, y: i32) -> Markup {
    glyph(x, y, "st-glyph s-proxy", "M0 10h23M18.5 5.5l4.5 4.5-4.5 4.5M5 4v12")
}

/// Diagonal lines over a box, as a path's `d`. No pattern, so no id that could clash on a page.
pub fn hatch(b: Rect) -> String {
    let mut d = String::new();
    let mut c = -b.h + 8;
    while c < b.w {
        let (x0, y0) = (c.max(0), (-c).max(0));
        let run = (b.w - x0).min(b.h - y0);
        d.push_str(&format!("M{} {}l{run} -{run}", b.x + x0, b.bottom() - y0));
        c += 8;
    }
    d
}

/// A pill that hangs on a box's upper right corner.
pub fn pill(b: Rect, words: &str) -> Markup {
    let w = text::width(words, 12, true) + 16;
    let x = if w + 16 > b.w { b.cx() - w / 2 } else { b.right() - w - 10 };
    html! {
        rect x=(x) y=(b.y - 11) width=(w) height="20" rx="10" class="st-pill" {}
        (label_mid(x + w / 2, b.y + 3, "st-pill-text", words))
    }
}

/// A word in a frame whose right side is at `right`; gives its left side as well.
pub fn badge(right: i32, y: i32, class: &str, words: &str) -> (i32, Markup) {
    let w = text::width(words, 12, true) + 14;
    let x = right - w;
    let markup = html! {
        rect x=(x) y=(y) width=(w) height="20" rx="4" class=(format_args!("st-badge {class}")) {}
        (label_mid(x + w / 2, y + 14, &format!("st-badge-text {class}"), words))
    };
    (x, markup)
}
