//! Areas and lines by plotters, with classes in place of colours.

use plotters::prelude::*;

/// Room above the highest value, so that a line there is not cut.
pub(super) const BASE: i32 = 6;

/// The width of every plot; it is stretched to its place.
pub(super) const WIDTH: i32 = 1_000;

/// The x of the middle of a window, in thousandths of the run.
pub(super) fn x(window: usize) -> i32 {
    use hopscope_core::metrics::WINDOWS;
    ((2 * window as i32 + 1) * WIDTH) / (2 * WINDOWS as i32)
}

/// The y of a value on a plot whose axis ends at `top`.
pub(super) fn y(value: i64, top: i64, height: i32) -> i32 {
    let room = i64::from(height - BASE - 1);
    BASE + (room - value.clamp(0, top.max(1)) * room / top.max(1)) as i32
}

/// The area under a line.
pub(super) fn area(points: &[(i32, i32)], height: i32, class: &str) -> String {
    draw(height, class, |root| {
        let mut outline = points.to_vec();
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            outline.extend([(last.0, height - 1), (first.0, height - 1)]);
        }
        let _ = root.draw(&Polygon::new(outline, BLACK.filled()));
    })
}

/// A line.
pub(super) fn line(points: &[(i32, i32)], height: i32, class: &str) -> String {
    draw(height, class, |root| {
        let _ = root.draw(&PathElement::new(points.to_vec(), BLACK.stroke_width(1)));
    })
}

type Root<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// Lets plotters draw, and puts a class where it wrote its colour.
fn draw(height: i32, class: &str, with: impl FnOnce(&Root<'_>)) -> String {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
        with(&root);
        // A string takes whatever is written to it.
        let _ = root.present();
    }
    let inner = svg.find('>').and_then(|open| Some(&svg[open + 1..svg.rfind("</svg>")?])).unwrap_or("");
    let class = format!("class=\"{class}\"");
    inner
        .trim()
        .replace("fill=\"#000000\"", &class)
        .replace("fill=\"none\"", "")
        .replace("stroke=\"#000000\"", &class)
        .replace("stroke-width=\"1\"", "")
        .replace("opacity=\"1\"", "")
}
