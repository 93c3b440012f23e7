//! One message as an arrow between lifelines, slanted by the time that it takes.

use hopscope_core::timeline::Timeline;
use hopscope_core::world::Sent;
use maud::{Markup, html};

use super::super::axis::Share;
use super::{Rows, Tone};

/// The height of a row.
const HEIGHT: i32 = 38;
/// Where an arrow begins, and how far down the fastest and the slowest message end.
const TOP: i32 = 16;
const FALL: (u64, u64) = (3, 15);

/// Where an arrow runs.
pub(super) struct Arrow {
    /// How many lifelines there are, and in how many columns.
    nodes: usize,
    columns: usize,
    from: Share,
    to: Share,
    fall: i32,
    /// How much of its way it has behind it, in thousandths; `None` once it has arrived.
    under_way: Option<u32>,
    tone: Tone,
}

impl Arrow {
    pub(super) fn new(run: &Timeline, rows: &Rows, columns: usize, sent: &Sent, tone: Tone) -> Self {
        let x = |node| middle(rows.nodes.iter().position(|&n| n == node).unwrap_or(0), columns);
        let takes = sent.arrives.since(sent.at).as_micros();
        let passed = run.now().since(sent.at).as_micros();
        Self {
            nodes: rows.nodes.len(),
            columns,
            from: x(sent.from),
            to: x(sent.to),
            fall: (FALL.0 + (FALL.1 - FALL.0) * takes / rows.longest()) as i32,
            under_way: (sent.arrives > run.now()).then(|| (passed * 1_000 / takes.max(1)) as u32),
            tone,
        }
    }

    /// A point on its way, so many thousandths after its begin.
    fn at(&self, thousandths: u32) -> (Share, i32) {
        let (from, to) = (i64::from(self.from.0), i64::from(self.to.0));
        let x = from + (to - from) * i64::from(thousandths) / 1_000;
        (Share(x as u32), TOP + self.fall * thousandths as i32 / 1_000)
    }
}

/// The middle of a node's column.
fn middle(column: usize, columns: usize) -> Share {
    Share(((2 * column + 1) * 100_000 / (2 * columns.max(1))) as u32)
}

/// The lifelines of a row or of what is left of the picture.
pub(super) fn lifelines(nodes: usize, columns: usize) -> Markup {
    html! { @for column in 0..nodes { @let x = middle(column, columns); line.sq-life x1=(x) x2=(x) y1="0" y2="100%" {} } }
}

/// A row's picture: lifelines, arrow, what it carries.
pub(super) fn strip(arrow: &Arrow, label: &str) -> Markup {
    let class = match arrow.tone {
        Tone::Control => "control",
        Tone::Secures => "secures",
        Tone::Carries => "carries",
        Tone::Wrong => "wrong",
        Tone::Cuts => "cuts",
    };
    let ((x, y), (label_x, label_y)) = (arrow.at(1_000), arrow.at(500));
    html! {
        svg class=(format_args!("sq-strip {class}")) height=(HEIGHT) aria-hidden="true" {
            (lifelines(arrow.nodes, arrow.columns))
            @match arrow.under_way {
                None => line.sq-way x1=(arrow.from) y1=(TOP) x2=(x) y2=(y) {},
                Some(passed) => {
                    @let (dot_x, dot_y) = arrow.at(passed);
                    line.sq-way.ahead x1=(dot_x) y1=(dot_y) x2=(x) y2=(y) {}
                    line.sq-way x1=(arrow.from) y1=(TOP) x2=(dot_x) y2=(dot_y) {}
                    circle.sq-dot cx=(dot_x) cy=(dot_y) r="5" {}
                }
            }
            svg x=(x) y=(y) overflow="visible" { (head(arrow.tone, arrow.to > arrow.from)) }
            text.sq-label x=(label_x) y=(label_y - 5) text-anchor="middle" { (label) }
        }
    }
}

/// The tip: open for what only steers, filled for what carries something, a cross for what cuts.
fn head(tone: Tone, rightwards: bool) -> Markup {
    let d = match (tone, rightwards) {
        (Tone::Cuts, _) => "M-5 -5l10 10m0 -10l-10 10",
        (Tone::Carries | Tone::Wrong, true) => "M0 0l-10 -5v10z",
        (Tone::Carries | Tone::Wrong, false) => "M0 0l10 -5v10z",
        (_, true) => "M-8 -5l8 5l-8 5",
        (_, false) => "M8 -5l-8 5l8 5",
    };
    html! { path.sq-tip d=(d) {} }
}
