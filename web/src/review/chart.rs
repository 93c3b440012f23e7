//! How sure against how right, as a table with a bar in each row.

use maud::{Markup, html};

use super::calibration::{Calibration, Count, DEGREES};

/// The table, and what it comes to.
pub(crate) fn html(counted: &Calibration) -> String {
    html! {
        @if counted.total() == 0 {
            p {
                "Nothing to compare yet. Before a lab runs, it asks what will happen and how sure you are; reviews ask the same. \
                 Here you will see whether \u{201c}certain\u{201d} means what you think it does."
            }
        } @else {
            p.calibration-verdict { (counted.verdict()) }
            table.calibration-table {
                caption.visually-hidden { "How often you were right, by how sure you were" }
                thead {
                    tr {
                        th scope="col" { "You said" }
                        td.calibration-bar aria-hidden="true" {}
                        th scope="col" { "Right" }
                        th scope="col" { "Last 30 days" }
                    }
                }
                tbody {
                    @for (degree, (_, name, promise)) in DEGREES.iter().enumerate() {
                        (row(name, *promise, counted.ever[degree], counted.lately[degree]))
                    }
                }
            }
            p.calibration-legend aria-hidden="true" {
                span.legend-band {} "where it should be"
                span.legend-lately {} "last 30 days"
            }
        }
    }
    .into_string()
}

fn row(name: &str, promise: u32, ever: Count, lately: Count) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td.calibration-bar { (bar(promise, ever, lately)) }
            td { (share(ever)) }
            td { (share(lately)) }
        }
    }
}

fn share(count: Count) -> Markup {
    html! {
        @match count.percent() {
            Some(percent) => { strong { (percent) " %" } " " span.of { (count.right) " of " (count.all) } }
            None => { span.of { "none yet" } }
        }
    }
}

/// The bar says what the cells beside it say.
fn bar(promise: u32, ever: Count, lately: Count) -> Markup {
    // A guess may be right more often than it promises, and that is worth seeing, so only its upper end is open.
    let end = if promise < 50 { 60 } else { 100 };
    html! {
        svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.bar-track x="0" y="0" width="100" height="14" {}
            rect.bar-band x=(promise) y="0" width=(end - promise) height="14" {}
            @if let Some(percent) = ever.percent() { rect.bar-ever x="0" y="4" width=(percent.max(1)) height="6" {} }
            @if let Some(percent) = lately.percent() { path.bar-lately d={ "M" (percent) " 0v14" } vector-effect="non-scaling-stroke" {} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_picture_stands_in_the_table() {
        let counted = Calibration {
            ever: [Count { all: 4, right: 1 }, Count { all: 12, right: 9 }, Count::default()],
            lately: [Count { all: 1, right: 1 }, Count::default(), Count::default()],
        };
        let html = html(&counted);
        for part in [
            "<strong>25 %</strong> <span class=\"of\">1 of 4",
            "<strong>75 %</strong> <span class=\"of\">9 of 12",
            "<strong>100 %</strong>",
            "none yet",
        ] {
            assert!(html.contains(part), "{html}");
        }
        assert_eq!(html.matches("class=\"bar-ever\"").count(), 2);
        assert_eq!(html.matches("class=\"bar-lately\"").count(), 1);
        assert!(super::html(&Calibration::default()).contains("Nothing to compare yet"));
    }
}
