//! Areas and lines by plotters, with classes in place of colours.

use plotters::prelude::{BLACK, Color as _, DrawingBackend, IntoDrawingArea as _, PathElement, Polygon};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingErrorKind};

/// Room above the highest value, so that a line there is not cut.
pub(in crate::views) const BASE: i32 = 6;

/// The width of every plot; it is stretched to its place.
pub(in crate::views) const WIDTH: i32 = 1_000;

/// The x of the middle of a window, in thousandths of the run.
pub(in crate::views) fn x(window: usize) -> i32 {
    use hopscope_core::metrics::WINDOWS;
    ((2 * window as i32 + 1) * WIDTH) / (2 * WINDOWS as i32)
}

/// The y of a value on a plot whose axis ends at `top`.
pub(in crate::views) fn y(value: i64, top: i64, height: i32) -> i32 {
    let room = i64::from(height - BASE - 1);
    BASE + (room - value.clamp(0, top.max(1)) * room / top.max(1)) as i32
}

/// The area under a line.
pub(in crate::views) fn area(points: &[(i32, i32)], height: i32, class: &str) -> String {
    let mut outline = points.to_vec();
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        outline.extend([(last.0, height - 1), (first.0, height - 1)]);
    }
    let mut svg = String::new();
    let root = Shapes { svg: &mut svg, class, height }.into_drawing_area();
    // A string takes whatever is written to it.
    let _ = root.draw(&Polygon::new(outline, BLACK.filled()));
    drop(root);
    svg
}

/// A line.
pub(in crate::views) fn line(points: &[(i32, i32)], height: i32, class: &str) -> String {
    let mut svg = String::new();
    let root = Shapes { svg: &mut svg, class, height }.into_drawing_area();
    let _ = root.draw(&PathElement::new(points.to_vec(), BLACK));
    drop(root);
    svg
}

/// Takes shapes from plotters as SVG. The backend that comes with plotters writes colours, which a
/// theme could not change, and brings the code that writes floating point numbers with it.
struct Shapes<'a> {
    svg: &'a mut String,
    class: &'a str,
    height: i32,
}

type Done = Result<(), DrawingErrorKind<core::fmt::Error>>;

impl Shapes<'_> {
    fn shape(&mut self, name: &str, points: impl IntoIterator<Item = BackendCoord>) {
        for part in ["<", name, " class=\"", self.class, "\" points=\"", &pairs(points), "\"/>"] {
            self.svg.push_str(part);
        }
    }
}

/// The value of a shape's `points`.
pub(in crate::views) fn pairs(points: impl IntoIterator<Item = (i32, i32)>) -> String {
    let mut pairs = String::new();
    for (x, y) in points {
        pairs.push_str(&format!("{x},{y} "));
    }
    pairs
}

impl DrawingBackend for Shapes<'_> {
    type ErrorType = core::fmt::Error;

    fn get_size(&self) -> (u32, u32) {
        (WIDTH as u32, self.height as u32)
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    /// Charts hold no single points.
    fn draw_pixel(&mut self, point: BackendCoord, _: BackendColor) -> Done {
        self.shape("polyline", [point, point]);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, _: &S) -> Done {
        self.shape("polyline", path);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, _: &S) -> Done {
        self.shape("polygon", vert);
        Ok(())
    }
}
