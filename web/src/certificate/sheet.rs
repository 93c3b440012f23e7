//! The sheet of paper: a certificate as one SVG that needs nothing beside it, neither font nor
//! stylesheet nor script, so that it looks the same saved, printed and in a picture viewer.

use hopscope_core::certificate::{Issued, STATEMENT};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::wire;
use maud::{Markup, PreEscaped, html};

/// A size of paper, on its side; the lengths are those of the SVG's view box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paper {
    /// 297 by 210 mm.
    A4,
    /// 11 by 8.5 inches.
    Letter,
}

const INK: &str = "#1B2130";
const SOFT: &str = "#454C5C";
const FAINT: &str = "#5F6675";
const LINE: &str = "#B5AFA1";
const OK: &str = "#17714A";
/// Client, edge, proxy, backend, cache: the colours of the hops.
const HOPS: [&str; 5] = ["#4A5872", "#0A6C7E", "#6741B0", "#2257B5", "#855A00"];
const SANS: &str = "ui-sans-serif, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/// Between the edge of the paper and the frame, and between the frame and what stands in it.
const FRAME: i32 = 36;
const INNER: i32 = 96;
/// The height of an arc of the border.
const ARC: i32 = 14;

impl Paper {
    /// The name that people know it by.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::A4 => "A4",
            Self::Letter => "Letter",
        }
    }

    /// Width and height.
    pub(super) const fn size(self) -> (i32, i32) {
        match self {
            Self::A4 => (1188, 840),
            Self::Letter => (1100, 850),
        }
    }
}

/// The whole sheet. `day` is when it was made, as people write it; `link` leads to its check, and
/// `qr` is the path of its QR code with the side of its square in modules, where it is short enough.
pub(super) fn svg(issued: &Issued, paper: Paper, day: &str, link: &str, qr: Option<(&str, usize)>) -> String {
    let (w, h) = paper.size();
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (w) " " (h) } width=(w) height=(h) role="img" aria-label={ "Certificate of " (issued.name) ": " (issued.title) } font-family=(SANS) {
            rect width=(w) height=(h) fill="#FFFFFF" {}
            (border(w, h))
            (brand(INNER, 86))
            (text(w - INNER, 92, 14, 400, FAINT, "end", &format!("Code {}", issued.code)))
            (words(issued, w))
            (seal(issued, w - INNER - 115, 252))
            (chain(issued, w, 460))
            (facts(issued, day, w, h, qr.is_some()))
            @if let Some((path, side)) = qr { (code(path, side, w - INNER - 132, h - 248)) }
            (text(INNER, h - 82, 12, 400, FAINT, "start", STATEMENT))
            (text(INNER, h - 64, 12, 400, FAINT, "start", &shortened(link)))
        }
    }
    .into_string()
}

fn text(x: i32, y: i32, size: i32, weight: i32, fill: &str, anchor: &str, words: &str) -> Markup {
    html! { text x=(x) y=(y) font-size=(size) font-weight=(weight) fill=(fill) text-anchor=(anchor) { (words) } }
}

/// A frame with hops along its upper and lower side.
fn border(w: i32, h: i32) -> Markup {
    let step = 40;
    let count = (w - 2 * FRAME - 40) / step;
    let start = (w - count * step) / 2;
    let arcs = |y: i32, bend: i32| {
        let mut path = format!("M{start} {y}");
        for _ in 0..count {
            path.push_str(&format!("q{} {} {step} 0", step / 2, 2 * bend));
        }
        path
    };
    let (top, bottom) = (FRAME, h - FRAME);
    html! {
        rect x=(FRAME) y=(FRAME) width=(w - 2 * FRAME) height=(h - 2 * FRAME) rx="8" fill="none" stroke=(INK) stroke-width="1.5" {}
        path d=(arcs(top, ARC)) fill="none" stroke=(LINE) stroke-width="1.2" {}
        path d=(arcs(bottom, -ARC)) fill="none" stroke=(LINE) stroke-width="1.2" {}
        @for i in 0..=count { @for y in [top, bottom] { circle cx=(start + i * step) cy=(y) r="2.6" fill=(INK) {} } }
    }
}

fn brand(x: i32, y: i32) -> Markup {
    html! {
        g transform={ "translate(" (x) " " (y) ")" } {
            (hops(1))
            (text(46, 6, 21, 700, INK, "start", "Hopscope"))
        }
    }
}

/// Two hops over three dots, the mark of the course, so many times its size.
fn hops(scale: i32) -> Markup {
    html! {
        g transform={ "scale(" (scale) ")" } {
            path d="M2 4C5 -12 15 -12 18 4C21 -6 31 -6 34 4" fill="none" stroke=(INK) stroke-width="2" stroke-linecap="round" {}
            @for (x, fill) in [(2, HOPS[0]), (18, HOPS[2]), (34, HOPS[3])] { circle cx=(x) cy="4" r="3.6" fill=(fill) {} }
        }
    }
}

fn words(issued: &Issued, w: i32) -> Markup {
    // A long name is set smaller, until it ends before the seal.
    let room = w - 2 * INNER - 260;
    let letters = issued.name.chars().count().max(1) as i32;
    let size = (room * 17 / 10 / letters).clamp(22, 62);
    html! {
        (text(INNER, 178, 20, 400, SOFT, "start", "Certificate of completion, awarded to"))
        text x=(INNER) y="240" font-size=(size) font-weight="700" fill=(INK) letter-spacing="-1" { (issued.name) }
        @for (i, line) in issued.lines.iter().enumerate() { (text(INNER, 286 + 30 * i as i32, 20, 400, SOFT, "start", line)) }
    }
}

/// A ring of bars that are drawn from the certificate's code: two certificates look different.
fn seal(issued: &Issued, x: i32, y: i32) -> Markup {
    let draw = Draw::new(wire::check(issued.code.as_bytes()), Purpose::Generate, 0, 0);
    let bars = (0..105).filter(|i| i % 15 < 14).map(|i| {
        let height = 6 + (draw.nth(i).bits() % 24) as i32 + if i % 15 == 7 { 8 } else { 0 };
        (i * 360 / 105, height, HOPS[(i / 15) as usize % HOPS.len()])
    });
    html! {
        g transform={ "translate(" (x) " " (y) ")" } {
            circle r="112" fill="none" stroke=(INK) stroke-width="1.5" {}
            circle r="54" fill="none" stroke=(INK) stroke-width="1.5" {}
            @for (turn, height, fill) in bars {
                line x1="0" y1="-62" x2="0" y2=(-62 - height) stroke=(fill) stroke-width="2.4" stroke-linecap="round" transform={ "rotate(" (turn) ")" } {}
            }
            g transform="translate(-36 -4)" { (hops(2)) }
        }
    }
}

/// The lessons, joined by hops.
fn chain(issued: &Issued, w: i32, y: i32) -> Markup {
    const MOST: usize = 7;
    let shown = issued.lessons.len().min(MOST);
    let step = if shown > 1 { (w - 2 * INNER - 130) / (shown as i32 - 1) } else { 0 };
    let at = |i: usize| INNER + 65 + step * i as i32;
    html! {
        @for i in 1..shown {
            path d={ "M" (at(i - 1) + 14) " " (y - 6) "q" ((step - 28) / 2) " -22 " (step - 28) " 0" } fill="none" stroke=(INK) stroke-width="1.6" {}
        }
        @for (i, title) in issued.lessons.iter().take(shown).enumerate() {
            circle cx=(at(i)) cy=(y) r="12" fill=(OK) {}
            path d={ "M" (at(i) - 5) " " (y) "l3.5 4 6.5 -7.5" } fill="none" stroke="#FFFFFF" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {}
            @for (line, words) in in_lines(title, 20).iter().enumerate() { (text(at(i), y + 36 + 18 * line as i32, 14, 400, INK, "middle", words)) }
        }
        @if issued.lessons.len() > shown {
            (text(w - INNER, y + 74, 13, 400, FAINT, "end", &format!("and {} more", issued.lessons.len() - shown)))
        }
    }
}

/// Breaks a title between words, into lines of about so many letters.
fn in_lines(title: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn facts(issued: &Issued, day: &str, w: i32, h: i32, beside_code: bool) -> Markup {
    let width = w - 2 * INNER - if beside_code { 170 } else { 0 };
    let first = [("Made on", day.to_owned())];
    let all: Vec<&(&str, String)> = first.iter().chain(issued.facts.iter()).take(4).collect();
    let column = width / all.len().max(1) as i32;
    html! {
        @for (i, (label, value)) in all.iter().enumerate() {
            @let x = INNER + column * i as i32;
            path d={ "M" (x) " " (h - 196) "h" (column - 24) } stroke=(INK) stroke-width="1.2" {}
            (text(x, h - 172, 14, 400, FAINT, "start", label))
            (text(x, h - 148, 17, 700, INK, "start", value))
        }
    }
}

fn code(path: &str, side: usize, x: i32, y: i32) -> Markup {
    html! {
        svg x=(x) y=(y) width="132" height="132" viewBox={ "-2 -2 " (side + 4) " " (side + 4) } {
            rect x="-2" y="-2" width=(side + 4) height=(side + 4) fill="#FFFFFF" {}
            path d=(PreEscaped(path)) fill=(INK) {}
        }
    }
}

/// A link as far as it can be read on paper.
fn shortened(link: &str) -> String {
    let place = link.split('#').next().unwrap_or(link);
    format!("Check it at {place} with its link; compare the code above.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(name: &str, lessons: usize) -> Issued {
        Issued {
            title: "Hopscope".into(),
            name: name.into(),
            lines: vec!["for finishing a lesson".into()],
            lessons: (0..lessons).map(|i| format!("Lesson number {i} & its long title")).collect(),
            facts: vec![("Challenges won", "1".into())],
            code: "AAAA-BBBB".into(),
        }
    }

    #[test]
    fn a_name_is_text_whatever_is_in_it() {
        let text = svg(&issued("<script>&\"", 1), Paper::A4, "20 November 2026", "https://x/verify/#v1.A", None);
        assert!(text.contains("&lt;script&gt;&amp;&quot;") && !text.contains("<script"), "{text}");
        assert!(!text.contains("foreignObject") && !text.contains("href"));
    }

    #[test]
    fn seven_lessons_stand_on_it_and_the_rest_is_counted() {
        let text = svg(&issued("Ada", 18), Paper::Letter, "1 May 2027", "https://x/", Some(("M0 0h1v1h-1z", 21)));
        assert_eq!(text.matches("M0 0h1v1h-1z").count(), 1);
        assert!(text.contains("and 11 more"), "{text}");
        assert!(text.contains("viewBox=\"0 0 1100 850\""));
    }

    #[test]
    fn titles_break_between_words() {
        assert_eq!(in_lines("Reverse proxies and connection pooling", 20), ["Reverse proxies and", "connection pooling"]);
        assert_eq!(in_lines("", 20), Vec::<String>::new());
    }
}
