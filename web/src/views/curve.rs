//! Rectangles and curves in whole pixels.

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "left, top, width and height")]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

impl Rect {
    /// The x of its right side.
    pub const fn right(&self) -> i32 {
        self.x + self.w
    }
    /// The y of its lower side.
    pub const fn bottom(&self) -> i32 {
        self.y + self.h
    }
    /// The x of its middle.
    pub const fn cx(&self) -> i32 {
        self.x + self.w / 2
    }
    /// The y of its middle.
    pub const fn cy(&self) -> i32 {
        self.y + self.h / 2
    }
}

/// A point.
pub type Point = (i32, i32);

/// A cubic Bézier curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Curve(pub [Point; 4]);

impl Curve {
    /// From one point to another, leaving and arriving along the flow.
    pub const fn flow(from: Point, to: Point, down: bool) -> Self {
        let (c1, c2) = if down {
            let half = (to.1 - from.1) / 2;
            ((from.0, from.1 + half), (to.0, to.1 - half))
        } else {
            let half = (to.0 - from.0) / 2;
            ((from.0 + half, from.1), (to.0 - half, to.1))
        };
        Self([from, c1, c2, to])
    }

    /// A straight line.
    pub const fn line(from: Point, to: Point) -> Self {
        Self([from, from, to, to])
    }

    /// The value of a path's `d`.
    pub fn d(&self) -> String {
        let [(ax, ay), (bx, by), (cx, cy), (dx, dy)] = self.0;
        format!("M{ax} {ay}C{bx} {by} {cx} {cy} {dx} {dy}")
    }

    /// The point at a share of the way, from 0 to 1.
    pub fn at(&self, share: f64) -> (f64, f64) {
        let t = share.clamp(0.0, 1.0);
        let u = 1.0 - t;
        let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
        let sum = |pick: fn(&Point) -> i32| self.0.iter().zip(weights).map(|(p, w)| f64::from(pick(p)) * w).sum();
        (sum(|p| p.0), sum(|p| p.1))
    }
}
