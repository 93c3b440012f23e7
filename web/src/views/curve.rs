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

/// One or more cubic Bézier curves, end to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve(Vec<[Point; 4]>);

impl Curve {
    /// A curve by its four points.
    pub fn new(points: [Point; 4]) -> Self {
        Self(vec![points])
    }

    /// From one point to another, leaving and arriving along the flow.
    pub fn flow(from: Point, to: Point, down: bool) -> Self {
        let (c1, c2) = if down {
            let half = (to.1 - from.1) / 2;
            ((from.0, from.1 + half), (to.0, to.1 - half))
        } else {
            let half = (to.0 - from.0) / 2;
            ((from.0 + half, from.1), (to.0 - half, to.1))
        };
        Self::new([from, c1, c2, to])
    }

    /// A straight line.
    pub fn line(from: Point, to: Point) -> Self {
        Self::new([from, from, to, to])
    }

    /// Down to the height `turn`, along a rail at `rail`, then to the right into a point.
    pub fn by_rail(from: Point, turn: i32, rail: i32, to: Point) -> Self {
        let mid = (from.1 + turn) / 2;
        let bend = to.1 - 10;
        Self(vec![
            [from, (from.0, mid), (rail, mid), (rail, turn)],
            [(rail, turn), (rail, turn), (rail, bend), (rail, bend)],
            [(rail, bend), (rail, to.1 - 3), (rail + 4, to.1), to],
        ])
    }

    /// Where it begins.
    pub fn start(&self) -> Point {
        self.0[0][0]
    }

    /// Where it ends.
    pub fn end(&self) -> Point {
        self.0[self.0.len() - 1][3]
    }

    /// The value of a path's `d`.
    pub fn d(&self) -> String {
        let (x, y) = self.start();
        let mut d = format!("M{x} {y}");
        for [_, (bx, by), (cx, cy), (dx, dy)] in &self.0 {
            d.push_str(&format!("C{bx} {by} {cx} {cy} {dx} {dy}"));
        }
        d
    }

    /// The point at a share of the way, from 0 to 1.
    pub fn at(&self, share: f64) -> (f64, f64) {
        let reach = |p: &[Point; 4]| f64::from(((p[3].0 - p[0].0).abs() + (p[3].1 - p[0].1).abs()).max(1));
        let mut left = share.clamp(0.0, 1.0) * self.0.iter().map(reach).sum::<f64>();
        for piece in &self.0 {
            if left <= reach(piece) {
                return bezier(piece, left / reach(piece));
            }
            left -= reach(piece);
        }
        let (x, y) = self.end();
        (f64::from(x), f64::from(y))
    }
}

fn bezier(points: &[Point; 4], t: f64) -> (f64, f64) {
    let u = 1.0 - t;
    let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
    let sum = |pick: fn(&Point) -> i32| points.iter().zip(weights).map(|(p, w)| f64::from(pick(p)) * w).sum();
    (sum(|p| p.0), sum(|p| p.1))
}
