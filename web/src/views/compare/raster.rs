//! The raster of choices: a row for each run, a column for each request in order of arrival, and
//! in each cell the server that was picked. Where all runs agree a cell is hollow.
//!
//! A run may have a hundred thousand requests; only the columns near those in view are drawn.

use hopscope_core::timeline::{Choice, NEVER, differs};
use hopscope_core::world::Outcome;
use maud::{Markup, html};

use super::{Found, LETTERS, Sides};
use crate::views::policy::Servers;
use crate::views::text;

/// The width of a column, in px.
pub const COLUMN: usize = 30;
/// Room for flags, for numbers, and for a row.
const FLAGS: i32 = 24;
const HEAD: i32 = FLAGS + 20;
const ROW: i32 = 34;
/// Columns are drawn in steps of so many, so that scrolling a little draws nothing anew.
pub const STEP: usize = 16;

/// The columns to draw where so many are in view from `first` on: more, on either side.
fn drawn(first: usize, columns: usize, known: usize) -> core::ops::Range<usize> {
    let from = (first / STEP * STEP).saturating_sub(STEP);
    from..(from + columns / STEP * STEP + 4 * STEP).min(known)
}

/// The raster's picture; `view` is the first column in view and how many there are.
pub fn raster(sides: &Sides<'_>, view: (usize, usize)) -> String {
    let known = sides.known();
    let columns = drawn(view.0, view.1, known);
    let servers = Servers::of(sides.all[0].run.spec(), sides.lab);
    let (arrived, bottom) = (sides.arrived(), HEAD + ROW * sides.all.len() as i32);
    html! {
        div.raster-letters aria-hidden="true" { @for run in 0..sides.all.len() { span.run-letter data-shown=[(run == sides.shown).then_some("")] { (LETTERS[run]) } } }
        svg.raster-svg width=(known * COLUMN + 4) height=(bottom + 6) role="img" aria-label=(sentence(sides)) {
            @for index in columns.clone() {
                (number(index, sides.followed))
                @for run in 0..sides.all.len() { (cell(sides, &servers, run, index, index >= arrived)) }
            }
            @if columns.contains(&sides.followed) {
                rect class="rs-followed" x=(left(sides.followed)) y=(HEAD - 2) width=(COLUMN) height=(bottom - HEAD + 4) rx="6" {}
            }
            @if arrived < known && columns.contains(&arrived) { path class="rs-now" d=(format_args!("M{} {FLAGS}V{bottom}", left(arrived))) {} }
            @if let Some(parted) = sides.found.parted.filter(|parted| columns.contains(parted)) { (flag(parted, known, bottom)) }
        }
    }
    .into_string()
}

const fn left(index: usize) -> i32 {
    (index * COLUMN) as i32
}

/// The number of a request above its column: every fifth, and that of the one that is followed.
fn number(index: usize, followed: usize) -> Markup {
    let (x, words) = (left(index) + COLUMN as i32 / 2, (index + 1).to_string());
    if index == followed {
        let w = text::width(&words, 12, true) + 10;
        return html! {
            rect class="rs-tag" x=(x - w / 2) y=(FLAGS - 1) width=(w) height="18" rx="4" {}
            text class="rs-tag-text" x=(x) y=(FLAGS + 12) text-anchor="middle" { (words) }
        };
    }
    let far = followed.abs_diff(index) > 1;
    html! { @if (index + 1).is_multiple_of(5) && far { text class="rs-number" x=(x) y=(FLAGS + 12) text-anchor="middle" { (words) } } }
}

fn cell(sides: &Sides<'_>, servers: &Servers, run: usize, index: usize, ahead: bool) -> Markup {
    let Some(choice) = sides.choice(run, index) else { return html! {} };
    let at = sides.all[run].run.position();
    let (x, y) = (left(index) + COLUMN as i32 / 2, HEAD + ROW * run as i32 + ROW / 2);
    let class = if differs(sides.choices, index) { "rs-differs" } else { "rs-same" };
    let class = if ahead { format!("{class} rs-ahead") } else { class.to_owned() };
    // What is known of a run from beyond where it stands is shown only beyond the line.
    let happened = |ordinal: u32| ordinal != NEVER && (ahead || ordinal <= at);
    let failed = happened(choice.ended) && choice.outcome != Some(Outcome::Served);
    html! {
        g class=(class) transform=(format_args!("translate({x} {y})")) data-do="choice" data-id=(target(sides, run, choice)) {
            @match choice.to.filter(|_| happened(choice.chosen)).and_then(|to| servers.index(to)) {
                Some(server) => {
                    (servers.mark(server))
                    @if failed { circle class="rs-failed disc" cx="9" cy="9" r="6" {} path class="rs-failed" d="M6.5 6.5l5 5m0 -5l-5 5" {} }
                }
                None if failed => path class="rs-failed" d="M-5 -5l10 10m0 -10l-10 10" {},
                None if happened(choice.ended) => path class="rs-none" d="M-5 0h10" {},
                None => circle class="rs-open" r="9" {},
            }
        }
    }
}

/// Where a click on a request leads: run, request, event.
pub(super) fn target(sides: &Sides<'_>, run: usize, choice: &Choice) -> String {
    let arrival = || sides.all[run].run.log().around(choice.root, NEVER).first().map_or(0, |record| record.ordinal);
    let ordinal = if choice.chosen == NEVER { arrival() } else { choice.chosen };
    format!("{run},{},{ordinal}", choice.root)
}

/// The flag at the first request that was sent to different servers.
fn flag(index: usize, known: usize, bottom: i32) -> Markup {
    const WORDS: &str = "first divergence";
    let (x, w) = (left(index), text::width(WORDS, 12, true) + 18);
    // Near the end it hangs to the left.
    let to = if x + w > left(known) { x + COLUMN as i32 - w } else { x };
    html! {
        path class="rs-pole" d=(format_args!("M{} 2V{bottom}", if to == x { x } else { x + COLUMN as i32 })) {}
        rect class="rs-flag" x=(to) y="1" width=(w) height="20" rx="4" {}
        text class="rs-flag-text" x=(to + w / 2) y="15" text-anchor="middle" { (WORDS) }
    }
}

/// The raster in a sentence or two.
pub(super) fn sentence(sides: &Sides<'_>) -> String {
    let arrived = sides.arrived();
    let Found { parted, apart, shared, .. } = sides.found;
    let mut words = text::count(arrived as u64, "request", "requests") + " so far";
    match parted.filter(|&parted| parted < arrived) {
        None => words.push_str(", and no difference in where they went."),
        Some(parted) => {
            let each = (0..sides.all.len()).filter_map(|run| Some(format!("{} chose {}", LETTERS[run], went(sides, run, parted)?)));
            let each: Vec<String> = each.collect();
            words.push_str(&format!(
                "; {apart} did not go to the same server in all runs. The first of these is request {}: {}.",
                parted + 1,
                each.join(", ")
            ));
        }
    }
    if shared < arrived {
        words.push_str(&format!(
            " From request {} on they do not arrive at the same moments in all runs, so the raster compares them by their order.",
            shared + 1
        ));
    }
    words
}

/// The name of the server to which a run sent a request.
pub(super) fn went(sides: &Sides<'_>, run: usize, index: usize) -> Option<String> {
    let to = sides.choice(run, index)?.to?;
    Some(crate::views::names::node(sides.lab, sides.all[run].run.spec(), to).to_owned())
}

/// The buttons that lead from request to request.
pub(super) fn tools(sides: &Sides<'_>) -> Markup {
    let here = sides.followed;
    let known = sides.choices[sides.shown].all().len();
    let apart = |index: &usize| differs(sides.choices, *index);
    let to = |index: Option<usize>| index.and_then(|index| Some(target(sides, sides.shown, sides.choice(sides.shown, index)?)));
    let button = |name: &str, words: &str, index: Option<usize>| {
        let target = to(index);
        html! {
            button.outline-button type="button" id={ (sides.lab.id) "-" (name) } data-do="choice" data-id=[target.as_ref()] aria-disabled=[target.is_none().then_some("true")] { (words) }
        }
    };
    html! {
        div.raster-tools role="group" aria-label={ "Requests · " (sides.lab.title) } {
            @match sides.found.parted {
                Some(parted) => (button("part", &format!("First divergence: request {}", parted + 1), Some(parted))),
                None => button.outline-button type="button" id={ (sides.lab.id) "-part" } data-do="part" { "Go to the first divergence" },
            }
            (button("unlike-before", "Previous difference", (0..here).rev().find(apart)))
            (button("unlike-after", "Next difference", (here + 1..known).find(apart)))
            (button("choice-before", "Earlier request", here.checked_sub(1)))
            (button("choice-after", "Later request", Some(here + 1).filter(|&next| next < known)))
        }
    }
}
