//! The whole sheet.

use hopscope_core::certificate::{Issued, STATEMENT};
use hopscope_core::decimal::Decimal;
use maud::{Markup, html};

use crate::chain::{self, chain};
use crate::fit::{ems, size, two_lines};
use crate::qr::Qr;
use crate::ring::{mark, ring};

pub(crate) const INK: &str = "#1B2130";
pub(crate) const INK2: &str = "#454C5C";
const INK3: &str = "#5F6675";
const LINE: &str = "#B5AFA1";

const FONTS: &str = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Noto Sans', sans-serif";

/// From the paper's edge to the frame, and from there to what is written; a unit is a quarter of a millimetre.
const FRAME: f64 = 40.0;
const EDGE: f64 = 104.0;

/// How wide the code is drawn: 38 mm.
const CODE: f64 = 152.0;

/// A paper's size, landscape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// 297 by 210 mm (ISO 216).
    A4,
    /// 11 by 8.5 inches.
    Letter,
}

impl Paper {
    /// Its width and height in tenths of a millimetre.
    const fn tenths(self) -> (u32, u32) {
        match self {
            Self::A4 => (2_970, 2_100),
            Self::Letter => (2_794, 2_159),
        }
    }
}

/// The size of what was counted.
const FACT: f64 = 16.0;

/// What is on the sheet.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// The certificate in words.
    pub issued: &'a Issued,
    /// When it was made, as a person writes it. It is not part of what is proven.
    pub finished: &'a str,
    /// Where it can be verified, as a person would type it.
    pub address: &'a str,
    /// Its link as a code; without one the check code alone is printed.
    pub code: Option<&'a Qr>,
}

/// A length with one decimal. The standard library's way of writing floats is ten times the code.
pub(crate) fn round(length: f64) -> Decimal {
    Decimal((length * 10.0).round() / 10.0)
}

/// The certificate as a picture that stands by itself.
pub fn svg(sheet: &Sheet<'_>, paper: Paper) -> String {
    let (wide, high) = paper.tenths();
    let (width, height) = (f64::from(wide) * 0.4, f64::from(high) * 0.4);
    let mm = |tenths: u32| format!("{}.{}mm", tenths / 10, tenths % 10);
    html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(mm(wide)) height=(mm(high)) viewBox=(format_args!("0 0 {} {}", round(width), round(height)))
            role="img" aria-labelledby="certificate-title" font-family=(FONTS) {
            title id="certificate-title" { (sheet.issued.title) ", " (sheet.issued.name) }
            rect width="100%" height="100%" fill="#FFFFFF" {}
            (frame(width, height))
            (head(sheet, width))
            (award(sheet, width))
            g transform=(at(EDGE, lessons_at(sheet, height))) { (chain(&sheet.issued.lessons, width - 2.0 * EDGE)) }
            (foot(sheet, width, height))
        }
    }
    .into_string()
}

fn at(x: f64, y: f64) -> String {
    format!("translate({},{})", round(x), round(y))
}

/// Two rows of lessons begin higher than one.
fn lessons_at(sheet: &Sheet<'_>, height: f64) -> f64 {
    if sheet.issued.lessons.len() > 9 { height - 410.0 } else { height - 410.0 + chain::HEIGHT / 2.0 }
}

/// A frame with hops along its upper and lower edge.
fn frame(width: f64, height: f64) -> Markup {
    let inner = width - 2.0 * FRAME - 40.0;
    let count = (inner / 38.0).round();
    let step = inner / count;
    let mut hops = format!("M{} 0", round(FRAME + 20.0));
    for _ in 0..count as u32 {
        hops.push_str(&format!("q{} 24 {} 0", round(step / 2.0), round(step)));
    }
    html! {
        rect x=(round(FRAME)) y=(round(FRAME)) width=(round(width - 2.0 * FRAME)) height=(round(height - 2.0 * FRAME)) rx="8" fill="none" stroke=(INK) stroke-width="2" {}
        @for (y, flip) in [(FRAME, 1), (height - FRAME, -1)] {
            g transform=(format_args!("translate(0,{}) scale(1,{flip})", round(y))) {
                path d=(hops) fill="none" stroke=(LINE) stroke-width="1.6" {}
                @for i in 0..=count as u32 { circle cx=(round(FRAME + 20.0 + step * f64::from(i))) cy="0" r="3" fill=(INK) {} }
            }
        }
    }
}

fn head(sheet: &Sheet<'_>, width: f64) -> Markup {
    let number: String = sheet.issued.code.chars().take(9).collect();
    html! {
        g transform=(format_args!("{} scale(1.15)", at(EDGE - 4.0, 78.0))) { (mark()) }
        text x=(round(EDGE + 42.0)) y="103" font-size="23" font-weight="700" fill=(INK) { "Hopscope" }
        text x=(round(width - EDGE)) y="102" font-size="15" text-anchor="end" fill=(INK3) { "No. " (number) }
    }
}

/// Whom it is awarded to and what for, with the ring beside.
fn award(sheet: &Sheet<'_>, width: f64) -> Markup {
    let room = width - 2.0 * EDGE - 290.0;
    let lines = two_lines(&sheet.issued.name, room / 38.0);
    let name_size = lines.iter().map(|line| size(line, room, if lines.len() > 1 { 44.0 } else { 62.0 })).fold(62.0, f64::min);
    let name_at = 176.0 + name_size.max(34.0);
    let below = name_at + (lines.len() - 1) as f64 * name_size * 1.1 + 44.0;
    html! {
        text x=(round(EDGE)) y="172" font-size="20" fill=(INK2) { "Certificate of completion, awarded to" }
        @for (i, line) in lines.iter().enumerate() {
            text x=(round(EDGE)) y=(round(name_at + i as f64 * name_size * 1.1)) font-size=(round(name_size)) font-weight="700" letter-spacing="-0.5" fill=(INK) { (line) }
        }
        @for (i, line) in sheet.issued.lines.iter().enumerate() {
            text x=(round(EDGE)) y=(round(below + i as f64 * 28.0)) font-size="20" fill=(INK2) { (line) }
        }
        g transform=(at(width - EDGE - 118.0, 262.0)) { (ring(&sheet.issued.code, sheet.issued.lessons.len())) }
    }
}

/// What was counted, the code, and what all of it proves.
fn foot(sheet: &Sheet<'_>, width: f64, height: f64) -> Markup {
    let top = height - 206.0;
    let room = width - 2.0 * EDGE - if sheet.code.is_some() { CODE + 24.0 } else { 0.0 };
    let facts: Vec<(&str, &str)> = [("Finished", sheet.finished)]
        .into_iter()
        .chain(sheet.issued.facts.iter().map(|(label, value)| (*label, value.as_str())))
        .collect();
    let widths: Vec<f64> = facts.iter().map(|(label, value)| (ems(value) * FACT).max(ems(label) * 13.0)).collect();
    let gap = (room - widths.iter().sum::<f64>()) / facts.len().max(1) as f64;
    let statement = two_lines(STATEMENT, room / 12.0);
    html! {
        @for (i, ((label, value), width)) in facts.iter().zip(&widths).enumerate() {
            @let x = EDGE + widths[..i].iter().sum::<f64>() + gap * i as f64;
            path d=(format_args!("M{} {}h{}", round(x), round(top), round(width + gap - 16.0))) stroke=(INK) stroke-width="1.4" {}
            text x=(round(x)) y=(round(top + 25.0)) font-size="13" fill=(INK3) { (label) }
            text x=(round(x)) y=(round(top + 48.0)) font-size=(round(FACT)) font-weight="700" fill=(INK) { (value) }
        }
        @for (i, line) in statement.iter().enumerate() {
            text x=(round(EDGE)) y=(round(top + 84.0 + 17.0 * i as f64)) font-size="12.5" fill=(INK3) { (line) }
        }
        text x=(round(EDGE)) y=(round(top + 92.0 + 17.0 * statement.len() as f64)) font-size=(round(size(sheet.address, room, 14.0))) font-weight="700" fill=(INK2) { (sheet.address) }
        @if let Some(code) = sheet.code {
            g transform=(format_args!("{} scale({})", at(width - EDGE - CODE + 8.0, top - 14.0), Decimal(CODE / code.side as f64))) {
                path d=(code.path) fill=(INK) shape-rendering="crispEdges" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qr::qr;

    fn issued(name: &str, lessons: usize) -> Issued {
        Issued {
            title: "Hopscope: L4 & L7".into(),
            name: name.into(),
            lines: vec!["for finishing the lesson \"A < B\"".into()],
            lessons: vec!["DNS & global balancing".into(); lessons],
            facts: vec![("Questions right", "12 of 12".into()), ("Check code", "7F3A-41C0-C9E2-13B5".into())],
            code: "7F3A-41C0-C9E2-13B5".into(),
        }
    }

    fn drawn(issued: &Issued, paper: Paper, code: Option<&Qr>) -> String {
        svg(&Sheet { issued, finished: "20 November 2026", address: "hopscope.example/verify", code }, paper)
    }

    #[test]
    fn any_name_gives_a_picture_that_stands_by_itself() {
        for name in ["Ada Lovelace", "<script>alert(1)</script>", "\"O'Brien\" & ]]> Söhne", "山田太郎", &"W".repeat(64)] {
            for paper in [Paper::A4, Paper::Letter] {
                let text = drawn(&issued(name, 3), paper, None);
                let document = roxmltree::Document::parse(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
                let words: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
                assert!(words.concat().contains(name), "{words:?}");
                let elements: Vec<_> = document.descendants().filter(|node| node.is_element()).collect();
                let known = ["svg", "title", "rect", "g", "path", "circle", "text"];
                assert!(elements.iter().all(|node| known.contains(&node.tag_name().name())), "{text}");
                let refers =
                    |node: &roxmltree::Node<'_, '_>| node.attributes().any(|a| a.name().contains("href") || a.value().contains("url("));
                assert!(!elements.iter().any(refers), "nothing is fetched from elsewhere");
            }
        }
    }

    /// Where every word begins, in units of the sheet.
    fn is_inside(paper: Paper, lessons: usize) {
        let (wide, high) = paper.tenths();
        let text = drawn(&issued("Ada", lessons), paper, qr("https://hopscope.example").as_ref());
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|why| panic!("{why}"));
        let shift = |node: roxmltree::Node<'_, '_>| {
            let groups = node.ancestors().filter_map(|group| group.attribute("transform"));
            groups.fold((0.0, 0.0), |(x, y), transform| {
                let inner = transform.strip_prefix("translate(").and_then(|rest| rest.split(')').next()).unwrap_or_default();
                let mut parts = inner.split(',').filter_map(|part| part.parse::<f64>().ok());
                (x + parts.next().unwrap_or(0.0), y + parts.next().unwrap_or(0.0))
            })
        };
        for node in document.descendants().filter(|node| node.tag_name().name() == "text") {
            let number = |name| node.attribute(name).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
            let (x, y) = shift(node);
            let (x, y) = (x + number("x"), y + number("y"));
            let is_in = x >= EDGE && x <= f64::from(wide) * 0.4 - EDGE && y > FRAME && y < f64::from(high) * 0.4 - FRAME;
            assert!(is_in, "{:?} stands at {x}, {y}", node.text());
        }
    }

    #[test]
    fn every_word_stands_inside_the_frame() {
        for paper in [Paper::A4, Paper::Letter] {
            (1..=18).for_each(|lessons| is_inside(paper, lessons));
        }
    }

    #[test]
    fn the_code_is_on_it_when_there_is_one() {
        let code = qr("https://hopscope.example/verify/#v1.AAxB").expect("it is short");
        assert!(drawn(&issued("Ada", 1), Paper::A4, Some(&code)).contains(&code.path));
        assert!(!drawn(&issued("Ada", 1), Paper::A4, None).contains("crispEdges"));
    }

    #[test]
    fn another_certificate_has_another_ring() {
        let mut other = issued("Ada", 3);
        other.code = "0000-0000-0000-0000".into();
        other.facts.clear();
        let mut one = issued("Ada", 3);
        one.facts.clear();
        let rings = [one, other].map(|issued| ring(&issued.code, 3).into_string());
        assert_ne!(rings[0], rings[1]);
    }
}
