//! Labels of a stage: where they are and how wide, so that none lies on another.

use crate::views::text;

/// A label's box and words.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) top: i32,
    pub(super) bottom: i32,
    pub(super) words: String,
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[from..].split('"').next()
}

/// Size and weight of a class, as `web/styles/stage.css` has them.
fn font(class: &str) -> (i32, bool) {
    let has = |name: &str| class.split(' ').any(|c| c == name);
    match () {
        () if has("large") => (17, true),
        () if has("st-name") => (15, true),
        () if has("st-rate") => (14, true),
        () if ["st-pill-text", "st-badge-text", "st-tag-text", "st-user", "st-waiting"].iter().any(|c| has(c)) => (12, true),
        () if has("st-micro") => (12, false),
        () => (13, has("st-head") || (has("st-count") && has("cache"))),
    }
}

/// Every label of a stage.
pub(super) fn of(svg: &str) -> Vec<Label> {
    let label = |part: &str| {
        let (tag, rest) = part.split_once('>')?;
        let words = rest.split('<').next()?.replace("&amp;", "&");
        let at = |name: &str| attribute(tag, name).and_then(|v| v.parse::<i32>().ok());
        let (x, y) = (at("x")?, at("y")?);
        let (size, bold) = font(attribute(tag, "class").unwrap_or(""));
        let w = text::width(&words, size, bold);
        let left = match attribute(tag, "text-anchor") {
            Some("middle") => x - w / 2,
            Some("end") => x - w,
            _ => x,
        };
        (!words.is_empty()).then_some(Label { left, right: left + w, top: y - size * 3 / 4, bottom: y + size / 5, words })
    };
    svg.split("<text").skip(1).filter_map(label).collect()
}

/// No two labels touch, and none leaves the picture.
pub(super) fn check(svg: &str, width: i32, height: i32, what: &str) {
    let labels = of(svg);
    for (i, a) in labels.iter().enumerate() {
        assert!(
            a.left >= 0 && a.right <= width && a.top >= 0 && a.bottom <= height,
            "{what}: \"{}\" leaves {width} by {height}: {a:?}",
            a.words
        );
        for b in &labels[i + 1..] {
            let apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
            assert!(apart, "{what}: \"{}\" lies on \"{}\": {a:?}, {b:?}", a.words, b.words);
        }
    }
}
