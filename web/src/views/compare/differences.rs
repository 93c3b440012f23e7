//! What differs between runs so far: a headline, a row for each measure, and how many requests
//! each server got.

use hopscope_core::scenario::Measure;
use hopscope_core::time::Duration;
use hopscope_core::world::{Outcome, World};
use maud::{Markup, html};

use super::{LETTERS, Sides, raster};
use crate::views::policy::Servers;

/// One measure over all runs. Less is better in every one of them.
struct Row {
    name: &'static str,
    help: &'static str,
    cells: Vec<Cell>,
}

/// A value as it is shown and as it is compared.
struct Cell {
    words: String,
    value: i64,
    /// Against the first run.
    against: String,
}

/// What kind of number a measure is.
#[derive(Clone, Copy)]
enum Unit {
    /// Microseconds.
    Span,
    /// Hundredths.
    Ratio,
    /// Things.
    Count,
}

/// The headline, the table of differences, the servers' shares, and the buttons that lead from
/// request to request.
pub fn differences(sides: &Sides<'_>) -> String {
    let rows = rows(sides);
    html! {
        div.compared-numbers {
            (headline(sides, &rows))
            div.scroll-x.compared-diff tabindex="0" role="region" aria-label={ "Differences · " (sides.lab.title) } { (table(sides, &rows)) }
            div.scroll-x.compared-shares tabindex="0" role="region" aria-label={ "Requests per server · " (sides.lab.title) } { (shares(sides)) }
        }
        (raster::tools(sides))
    }
    .into_string()
}

fn rows(sides: &Sides<'_>) -> Vec<Row> {
    let latency = |percentile: f64| move |world: &World| (world.measure(&Measure::Latency { percentile }) * 1_000.0) as i64;
    let outcome = |outcome: Outcome| {
        move |world: &World| {
            let users = world.metrics().users();
            (if outcome == Outcome::Failed { users.failed } else { users.rejected }) as i64
        }
    };
    let row = |name, help, unit: Unit, read: &dyn Fn(&World) -> i64| {
        let values: Vec<i64> = sides.all.iter().map(|side| read(side.run.world())).collect();
        let cells = values.iter().map(|&value| Cell { words: unit.words(value), value, against: unit.against(value, values[0]) }).collect();
        Row { name, help, cells }
    };
    let mut rows = vec![
        row("p50", "half of all answers took no longer", Unit::Span, &latency(50.0)),
        row("p95", "95 of 100 answers took no longer", Unit::Span, &latency(95.0)),
        row("p99", "99 of 100 answers took no longer", Unit::Span, &latency(99.0)),
        row("Variation", "of requests per server: standard deviation ÷ mean", Unit::Ratio, &|w| hundredths(w.variation())),
        row("Busiest ÷ mean", "requests of the busiest server against the mean", Unit::Ratio, &|w| {
            hundredths(w.measure(&Measure::Spread { nodes: Vec::new() }))
        }),
        row("Failed", "requests that ended in an error", Unit::Count, &outcome(Outcome::Failed)),
        row("Refused", "requests that were refused on purpose", Unit::Count, &outcome(Outcome::Rejected)),
    ];
    // Most labs refuse nothing; a row of zeros would say nothing.
    rows.retain(|row| row.name != "Refused" || row.cells.iter().any(|cell| cell.value > 0));
    rows
}

fn hundredths(value: f64) -> i64 {
    (value * 100.0 + 0.5) as i64
}

impl Unit {
    fn words(self, value: i64) -> String {
        match self {
            Self::Span if value == 0 => "–".to_owned(),
            Self::Span => Duration(value as u64).to_string(),
            Self::Ratio => format!("{}.{:02}", value / 100, value % 100),
            Self::Count => value.to_string(),
        }
    }

    /// By how much a value is higher or lower than that of the first run.
    fn against(self, value: i64, first: i64) -> String {
        let sign = if value < first { "−" } else { "+" };
        let apart = value.abs_diff(first);
        match self {
            Self::Span if first <= 0 || value <= 0 => String::new(),
            _ if apart == 0 => "±0".to_owned(),
            Self::Count => format!("{sign}{apart}"),
            Self::Ratio if first <= 0 => String::new(),
            _ => format!("{sign}{} %", (apart * 100 + first as u64 / 2) / first as u64),
        }
    }
}

impl Row {
    /// The least value, when not all are the same.
    fn best(&self) -> Option<i64> {
        let least = self.cells.iter().map(|cell| cell.value).min()?;
        self.cells.iter().any(|cell| cell.value != least).then_some(least)
    }
}

fn table(sides: &Sides<'_>, rows: &[Row]) -> Markup {
    html! {
        table.diff {
            caption { "So far, on the same arrivals. " span.diff-key { (tick()) "best of its row" } }
            thead { tr { th scope="col" { "Measure" } @for run in 0..sides.all.len() { (head(sides, run)) } } }
            tbody {
                @for row in rows {
                    @let best = row.best();
                    tr {
                        th scope="row" { (row.name) span.diff-help { (row.help) } }
                        @for (run, cell) in row.cells.iter().enumerate() {
                            @let is_best = Some(cell.value) == best;
                            td class=[is_best.then_some("best")] {
                                span.diff-value { @if is_best { (tick()) span.visually-hidden { "best: " } } (cell.words) }
                                @if run > 0 && !cell.against.is_empty() { span.diff-against { (cell.against) span.visually-hidden { " against A" } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn head(sides: &Sides<'_>, run: usize) -> Markup {
    html! { th scope="col" { (LETTERS[run]) span.visually-hidden { " " (sides.all[run].name) } } }
}

fn tick() -> Markup {
    html! { svg.why-icon width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" { path d="M1.5 6.5l3 3 6-7" {} } }
}

/// The p99 of the best of the other runs against the first: what the eye should meet first.
fn headline(sides: &Sides<'_>, rows: &[Row]) -> Markup {
    let p99 = &rows[2].cells;
    let Some((run, cell)) = p99.iter().enumerate().skip(1).filter(|(_, cell)| cell.value > 0).min_by_key(|(_, cell)| cell.value) else {
        return html! {};
    };
    let amount = cell.against.trim_start_matches(['−', '+', '±']);
    let (path, word, class) = match cell.value.cmp(&p99[0].value) {
        _ if amount.is_empty() => return html! {},
        core::cmp::Ordering::Less => ("M11 3v16M4 12l7 7 7 -7", "lower", "better"),
        core::cmp::Ordering::Equal => ("M4 8h14M4 14h14", "the same", "even"),
        core::cmp::Ordering::Greater => ("M11 19v-16M4 10l7 -7 7 7", "higher", "worse"),
    };
    html! {
        div.compared-headline {
            p.headline-value class=(class) {
                svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" { path d=(path) {} }
                @if class != "even" { strong { (amount) } }
                span { (word) }
            }
            p.headline-names {
                (if sides.all.len() > 2 { "The best p99 latency of the others: " } else { "p99 latency: " })
                strong { (sides.named(run)) } " against " (sides.named(0))
            }
        }
    }
}

/// How many requests each server got in each run.
fn shares(sides: &Sides<'_>) -> Markup {
    let servers = Servers::of(sides.all[0].run.spec(), sides.lab);
    let got = |run: usize, server: usize| sides.all[run].run.world().metrics().received(servers.all()[server].node);
    let most = (0..sides.all.len()).flat_map(|run| (0..servers.all().len()).map(move |server| (run, server)));
    let most = most.map(|(run, server)| got(run, server)).max().unwrap_or(0).max(1);
    html! {
        table.diff.shares {
            caption { "Requests per server" }
            thead { tr { th scope="col" { "Server" } @for run in 0..sides.all.len() { (head(sides, run)) } } }
            tbody {
                @for (index, server) in servers.all().iter().enumerate() {
                    tr {
                        th scope="row" { (server.name) }
                        @for run in 0..sides.all.len() {
                            @let count = got(run, index);
                            td { (count) svg.server-bar width="100%" height="4" aria-hidden="true" { rect width=(format_args!("{}%", count * 100 / most)) height="4" rx="2" {} } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    fn check(unit: Unit, value: i64, first: i64, expect: (&str, &str)) {
        assert_eq!((unit.words(value).as_str(), unit.against(value, first).as_str()), expect, "{value} against {first}");
    }

    #[test]
    fn values_are_held_against_the_first_run() {
        check(Unit::Span, 1_430_000, 2_950_000, ("1.43 s", "−52 %"));
        check(Unit::Span, 172_000, 172_000, ("172 ms", "±0"));
        check(Unit::Span, 0, 5_000, ("–", ""));
        check(Unit::Span, 5_000, 0, ("5 ms", ""));
        check(Unit::Ratio, 108, 100, ("1.08", "+8 %"));
        check(Unit::Count, 0, 6, ("0", "−6"));
        check(Unit::Count, 7, 0, ("7", "+7"));
    }
}
