//! The counters of smooth weighted round robin in one round: what each carried over, what it
//! gained, and what the winner paid.

use hopscope_core::policy::decision::{Candidate, Score, Standing};
use maud::{Markup, html};

use super::Moment;

/// The height of a row, and of the winner's, which shows its payment too.
const ROW: i32 = 42;
const PAID: i32 = 26;

/// One server's counter in the round.
struct Row<'a> {
    candidate: &'a Candidate,
    name: &'a str,
    /// What it carried over, when that is known.
    before: Option<i64>,
    /// What it was compared by.
    reached: i64,
    /// What it goes on with.
    after: i64,
    chosen: bool,
}

impl Row<'_> {
    fn gained(&self) -> i64 {
        self.before.map_or(0, |before| self.reached - before)
    }

    fn paid(&self) -> i64 {
        self.reached - self.after
    }

    fn sentence(&self) -> String {
        let (name, gained) = (self.name, self.gained());
        match self.before {
            _ if self.candidate.standing != Standing::Eligible => format!("{name} stays at {}.", number(self.reached)),
            Some(before) => format!("{name}: {} + {gained} = {}.", number(before), number(self.reached)),
            None => format!("{name}: {}.", number(self.reached)),
        }
    }
}

/// The figure, from the counters before the round and after it.
pub(super) fn draw(moment: &Moment<'_>, before: &[i64], after: &[i64]) -> Markup {
    let rows: Vec<Row<'_>> = rows(moment, before, after);
    let scale = Scale::of(&rows);
    let height = rows.iter().map(|row| ROW + if row.chosen { PAID } else { 0 }).sum::<i32>() + 4;
    let mut y = 0;
    let told: Vec<String> = rows.iter().map(Row::sentence).collect();
    html! {
        figure.policy-picture {
            figcaption { h4 { "The counters in this round" } p.picture-key { (key("pp-kept", "carried over")) (key("pp-gain", "gained")) (key("pp-pay", "paid")) } }
            svg.policy-svg width="100%" height=(height) role="img" aria-label={ "The servers’ counters. " (told.join(" ")) " " (paid(&rows)) } {
                line.pp-zero x1=(scale.x(0)) x2=(scale.x(0)) y1="0" y2=(height) {}
                @for row in &rows {
                    (bar(row, y, &scale))
                    @if row.chosen { (payment(row, y + ROW, &scale)) }
                    ({ y += ROW + if row.chosen { PAID } else { 0 }; "" })
                }
            }
            p.picture-words { (paid(&rows)) }
            @if moment.decision.more > 0 { p.picture-words { "The picture leaves " (moment.decision.more) " more servers out." } }
        }
    }
}

fn rows<'a>(moment: &'a Moment<'_>, before: &[i64], after: &[i64]) -> Vec<Row<'a>> {
    let members = moment.run.world().pools_view(moment.decision.node);
    let Some((_, members)) = members.get(usize::from(moment.decision.pool)) else { return Vec::new() };
    let alone = moment.is_alone();
    // A candidate is named by its node; of entries for the same node the next in order is meant.
    let mut next = 0;
    moment
        .candidates
        .iter()
        .filter_map(|candidate| {
            let Score::CurrentWeight(reached) = candidate.score else { return None };
            let index = (next..members.len()).find(|&i| members[i].node == candidate.node)?;
            next = index + 1;
            let before = before.get(index).filter(|_| alone).copied();
            let after = after.get(index).filter(|_| alone).copied().unwrap_or(reached);
            Some(Row { candidate, name: moment.name(candidate), before, reached, after, chosen: moment.is_chosen(candidate) })
        })
        .collect()
}

/// Where on the picture a value lies, in tenths of a percent of its width.
struct Scale {
    low: i64,
    span: i64,
}

impl Scale {
    fn of(rows: &[Row<'_>]) -> Self {
        let all = rows.iter().flat_map(|row| [row.before.unwrap_or(0), row.reached, row.after]);
        let (low, high) = all.fold((0, 0), |(low, high), value| (value.min(low), value.max(high)));
        Self { low, span: (high - low).max(1) }
    }

    fn tenths(&self, value: i64) -> i64 {
        30 + (value - self.low) * 940 / self.span
    }

    fn x(&self, value: i64) -> String {
        percent(self.tenths(value))
    }

    /// Start and width of the stretch between two values.
    fn between(&self, a: i64, b: i64) -> (String, String) {
        let (from, to) = (self.tenths(a.min(b)), self.tenths(a.max(b)));
        (percent(from), percent(to - from))
    }
}

fn percent(tenths: i64) -> String {
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn bar(row: &Row<'_>, y: i32, scale: &Scale) -> Markup {
    let carried = row.before.unwrap_or(row.reached);
    let (from, width) = scale.between(0, carried);
    let class = if row.candidate.standing == Standing::Eligible { "" } else { "pp-out" };
    html! {
        g class=(class) {
            text.pp-name x="0" y=(y + 15) { (row.name) }
            text.pp-value x="100%" y=(y + 15) text-anchor="end" {
                @if let Some(before) = row.before { tspan.pp-sum { (number(before)) " + " (row.gained()) " = " } }
                (number(row.reached))
            }
            rect.pp-kept x=(from) y=(y + 24) width=(width) height="10" {}
            @if row.gained() != 0 {
                @let (from, width) = scale.between(carried, row.reached);
                rect.pp-gain x=(from) y=(y + 22) width=(width) height="14" {}
            }
            circle class=(if row.chosen { "pp-dot chosen" } else { "pp-dot" }) cx=(scale.x(row.reached)) cy=(y + 29) r="5" {}
        }
    }
}

/// The winner's way back from what it reached.
fn payment(row: &Row<'_>, y: i32, scale: &Scale) -> Markup {
    html! {
        line.pp-pay x1=(scale.x(row.after)) x2=(scale.x(row.reached)) y1=(y + 4) y2=(y + 4) {}
        svg x=(scale.x(row.after)) y=(y + 4) overflow="visible" { path.pp-head d="M7 -5l-7 5 7 5" {} }
        text.pp-paid x=(scale.x(row.after)) y=(y + 20) text-anchor=(if scale.tenths(row.after) < 450 { "start" } else { "end" }) { "pays " (row.paid()) ", goes on with " (number(row.after)) }
    }
}

/// What the winner pays, as a sentence.
fn paid(rows: &[Row<'_>]) -> String {
    let Some(row) = rows.iter().find(|row| row.chosen) else { return String::new() };
    if row.before.is_none() {
        return format!(
            "{} had the highest. Several decisions fell at this moment, so what each gained and paid cannot be told apart.",
            row.name
        );
    }
    format!(
        "{} reached {}, the highest. It pays {}, what all gained together, and goes on with {}.",
        row.name,
        number(row.reached),
        row.paid(),
        number(row.after)
    )
}

/// A number with a real minus sign.
pub(super) fn number(value: i64) -> String {
    if value < 0 { format!("−{}", value.unsigned_abs()) } else { value.to_string() }
}

fn key(class: &str, words: &str) -> Markup {
    html! {
        span {
            svg width="18" height="12" aria-hidden="true" {
                @if class == "pp-pay" { line class=(class) x1="0" x2="18" y1="6" y2="6" {} } @else { rect class=(class) y="1" width="18" height="10" {} }
            }
            (words)
        }
    }
}
